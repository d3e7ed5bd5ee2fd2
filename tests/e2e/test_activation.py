"""Every way in which a user makes an application record: none needs a line of code or an OTEL_* variable."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.parse
import urllib.request

import pytest
from environments import ROOT
from processes import clean_environment, free_port, serving, wait_until

EMAIL = " Ada.Lovelace@example.org "
FLOW = """
    SELECT d.field, s.table_name, s.column_name, s.primary_key, s.outcome, s.model
    FROM tag_matches m JOIN data_events d USING (tag_id) JOIN storage_events s USING (event_id)
"""
SHARED = """
    SELECT d.field, m.field AS body_field, h.library, h.host, h.outcome
    FROM tag_matches m JOIN data_events d USING (tag_id) JOIN share_events h USING (event_id)
"""


def commands(port: int) -> dict[str, list[str]]:
    return {
        "flask": ["flask", "run", "--port", str(port)],
        "reloader": ["flask", "run", "--debug", "--port", str(port)],
        "gunicorn": ["gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{port}", "app:app"],
        "preload": ["gunicorn", "--preload", "--workers", "2", "--bind", f"127.0.0.1:{port}", "app:app"],
        "python": ["python", "app.py", str(port)],
    }


def sign_up(url: str) -> None:
    body = urllib.parse.urlencode({"email": EMAIL}).encode()
    with urllib.request.urlopen(f"{url}/customers", body, timeout=20) as response:
        assert response.status == 200
        assert b'"id":' in response.read().replace(b" ", b"")


def assert_recorded(record, partner, module: str, unsent: set[str]) -> None:
    (flow,) = record.wait_for(FLOW)
    assert tuple(flow) == ("email", "customers", "email_address", '{"id": 1}', "committed", f"{module}.Customer")
    (shared,) = record.wait_for(SHARED)
    assert tuple(shared) == ("email", "to", "requests", "127.0.0.1", "sent")
    (request,) = record.wait_for("SELECT * FROM requests")
    assert (request["method"], request["path"], request["route"], request["status_code"]) == (
        "POST",
        "/customers",
        "/customers",
        200,
    )
    assert record.path.stat().st_mode & 0o777 == 0o600
    assert EMAIL.strip().encode() not in record.path.read_bytes()
    (received,) = partner.received
    assert not unsent & {name.lower() for name in received[1]}
    assert "provenance" not in str(received)


def run_and_check(command, folder, binaries, record, partner, **variables) -> str:
    port = free_port()
    line = commands(port)[command]
    executable = shutil.which(line[0], path=str(binaries))
    prefix = variables.pop("prefix", [])
    unsent = variables.pop("unsent", {"traceparent", "baggage", "tracestate"})
    environ = clean_environment(binaries, PARTNER=partner.url, **variables)
    with serving([*prefix, executable, *line[1:]], folder, environ, port) as server:
        assert not record.path.exists()  # nothing before the first request
        sign_up(server.url)
        assert_recorded(record, partner, "__main__" if command == "python" else "app", unsent)
        return server.output


@pytest.mark.parametrize("command", ["flask", "reloader", "gunicorn", "preload", "python"])
def test_installed_means_active(installed, folder, record, partner, command):
    output = run_and_check(command, folder, installed, record, partner)
    assert "otel-provenance" not in output
    assert [row["ways"] for row in record.rows("SELECT ways FROM processes")] == ["pth"]


@pytest.mark.parametrize("command", ["flask", "gunicorn", "python"])
def test_under_opentelemetry_instrument(installed, folder, record, partner, command):
    prefix = [installed / "opentelemetry-instrument"]
    output = run_and_check(command, folder, installed, record, partner, prefix=prefix)
    assert "Traceback" not in output
    assert "opentelemetry" not in output.lower()
    (process,) = record.rows("SELECT ways FROM processes")
    assert process["ways"] == "pth,opentelemetry-instrument"


@pytest.mark.parametrize("distro", ["distro", "otel_provenance", None])
def test_beside_another_distro(beside_distro, folder, record, partner, distro):
    prefix = [beside_distro / "opentelemetry-instrument"]
    chosen = {"OTEL_PYTHON_DISTRO": distro} if distro else {}
    # the stock distro loads stock instrumentors, which send trace context as they would without us
    unsent = {"baggage"} if distro != "otel_provenance" else {"traceparent", "baggage", "tracestate"}
    output = run_and_check("flask", folder, beside_distro, record, partner, prefix=prefix, unsent=unsent, **chosen)
    assert "Traceback" not in output
    assert "opentelemetry" not in output.lower()
    assert "already instrumented" not in output


def test_with_declarative_configuration(beside_distro, folder, record, partner):
    (folder / "otel.yaml").write_text(
        'file_format: "1.0"\ntracer_provider:\n  processors:\n    - simple:\n        exporter:\n          console:\n'
    )
    prefix = [beside_distro / "opentelemetry-instrument"]
    output = run_and_check(
        "flask",
        folder,
        beside_distro,
        record,
        partner,
        prefix=prefix,
        unsent={"baggage"},
        OTEL_CONFIG_FILE=str(folder / "otel.yaml"),
    )
    assert "Traceback" not in output
    assert "provenance.share.event_id" in output  # forwarded as the file says
    assert ".preview" not in output


@pytest.mark.parametrize("command", ["flask", "reloader", "gunicorn", "python"])
def test_a_checkout_on_the_path(libraries_only, folder, record, partner, command):
    hidden = folder / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import builtins; builtins.hidden_was_run = True\n")
    source = (folder / "app.py").read_text()
    (folder / "app.py").write_text(f"assert hidden_was_run\n{source}")

    path = os.pathsep.join([str(ROOT), str(hidden)])
    run_and_check(command, folder, libraries_only, record, partner, PYTHONPATH=path)

    assert [row["ways"] for row in record.rows("SELECT ways FROM processes")] == ["sitecustomize"]


def test_a_folder_that_holds_only_sitecustomize(installed, folder, record, partner):
    holder = folder / "holder"
    holder.mkdir()
    shutil.copy(ROOT / "sitecustomize.py", holder)

    run_and_check("python", folder, installed, record, partner, PYTHONPATH=str(holder))

    assert [row["ways"] for row in record.rows("SELECT ways FROM processes")] == ["pth,sitecustomize"]


def test_the_reloader_records_again_after_a_change(installed, folder, record, partner):
    port = free_port()
    environ = clean_environment(installed, PARTNER=partner.url)
    with serving([installed / "flask", "run", "--debug", "--port", str(port)], folder, environ, port) as server:
        sign_up(server.url)
        record.wait_for("SELECT * FROM requests")
        app = folder / "app.py"
        app.write_text(app.read_text().replace('return "pong"', 'return "new"'))

        def answers_anew() -> bool:
            try:
                return urllib.request.urlopen(f"{server.url}/ping", timeout=5).read() == b"new"
            except OSError:
                return False

        wait_until(answers_anew, "the reloaded application answers")
        record.wait_for("SELECT DISTINCT pid FROM processes", 2)


def test_disabled_leaves_no_trace(installed, folder, record):
    port = free_port()
    environ = clean_environment(installed, PROVENANCE_DISABLE="1")
    loaded = "import sys, app; print(sorted(m for m in sys.modules if 'provenance' in m or 'opentelemetry' in m))"
    printed = subprocess.run(
        [installed / "python", "-c", loaded], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"
    with serving([installed / "flask", "run", "--port", str(port)], folder, environ, port) as server:
        sign_up(server.url)
    assert sorted(path.name for path in folder.iterdir() if "provenance" in path.name) == []


def test_a_process_without_flask_loads_next_to_nothing(installed, tmp_path):
    loaded = "import sys; print(sorted(m for m in sys.modules if 'provenance' in m or 'opentelemetry' in m))"
    printed = subprocess.run(
        [installed / "python", "-c", loaded],
        cwd=tmp_path,
        env=clean_environment(installed),
        capture_output=True,
        text=True,
        check=True,
    )
    modules = ["", ".bootstrap", ".guard", ".imports", ".status"]
    assert printed.stdout.strip() == str([f"otel_provenance{name}" for name in modules])
    assert list(tmp_path.iterdir()) == []


def test_a_broken_installation_harms_no_program(installed, tmp_path):
    # the record's own package cannot be imported: the application runs on, unrecorded
    (tmp_path / "otel_provenance_exporters.py").write_text("raise RuntimeError('broken')\n")
    program = "import flask; app = flask.Flask('x'); print(app.test_client().get('/').status_code)"
    printed = subprocess.run(
        [installed / "python", "-c", program],
        cwd=tmp_path,
        env=clean_environment(installed, PYTHONPATH=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout.strip() == "404"
    assert printed.stderr.count("\n") <= 1
