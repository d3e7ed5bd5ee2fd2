"""The tutorial does what it says: its own code, run as it tells."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from environments import ROOT
from processes import clean_environment, free_port, serving, wait_until

BINARIES = Path(sys.executable).parent


def test_first_steps(tmp_path):
    text = (ROOT / "docs" / "tutorial" / "first-steps.md").read_text()
    application, mailer = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    mailer_port, port = free_port(), free_port()
    (tmp_path / "app.py").write_text(application.replace(":9000", f":{mailer_port}"))
    (tmp_path / "mailer.py").write_text(mailer.replace("9000", str(mailer_port)))
    environ = clean_environment(BINARIES)

    def ask(*command: str) -> str:
        return subprocess.run(
            [BINARIES / "otel-provenance", *command],
            cwd=tmp_path,
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    with ExitStack() as stack:
        stack.enter_context(serving([sys.executable, "mailer.py"], tmp_path, environ, mailer_port, "mailer.log"))
        command = [BINARIES / "flask", "run", "--port", str(port)]
        stack.enter_context(serving(command, tmp_path, environ, port))
        for body in (b"email=Ada%40Example.org&name=Ada+Lovelace", b"email=ben%40example.org&name=Ben"):
            assert urllib.request.urlopen(f"http://127.0.0.1:{port}/customers", body, timeout=20).status == 201
        record = tmp_path / "runtime_provenance.db"
        wait_until(lambda: record.exists() and ask("requests").count("POST /customers") == 2, "both are recorded")

        flows = re.sub(r" +", " ", ask("flows").replace(str(mailer_port), "9000"))
        for line in re.findall(r"^form .*", text, re.MULTILINE):
            assert re.sub(r" +", " ", line[: line.rindex("1.00") + 4]) in flows
        life = ask("trace", "ada@example.org")
        assert "came in 1 time" in life
        assert "stored customer.email id=1  lower 1.00" in life
