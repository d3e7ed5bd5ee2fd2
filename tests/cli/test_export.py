"""The record in the words of others."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from .conftest import SALT, Builder, RequestBuilder, Run


@pytest.fixture
def record(signup: RequestBuilder) -> Builder:
    """The sign-up, a request that failed, and a job that sends on what was stored."""
    build = signup.builder
    build.request("GET", "/broken", status_code=500, error="ValueError: no", user_id="b:b/ö")
    build.outside().sent(
        "newsletter.example", (f"{signup.ids.prefix}.t0",), "to", via_event_id=f"{signup.ids.prefix}.w3", channel="smtp"
    )
    return build


def test_jsonl_has_every_row_of_every_table(cli: Run, record: Builder) -> None:
    rows = [json.loads(line) for line in cli("export", "--format", "jsonl").out.splitlines()]
    for table in ("requests", "data_events", "storage_events", "share_events", "tag_matches"):
        names = [row[1] for row in record.connection.execute(f"PRAGMA table_info({table})")]
        stored = [dict(zip(names, row, strict=True)) for row in record.connection.execute(f"SELECT * FROM {table}")]
        assert [{k: v for k, v in row.items() if k != "table"} for row in rows if row["table"] == table] == stored


def test_csv_has_every_edge(cli: Run, record: Builder) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("export", "--format", "csv").out)))
    said = [(row["source"], row["field"], row["goes"], row["table_name"] or row["recipient"]) for row in rows]
    assert sorted(said) == [
        ("form", "email", "share", "crm.example.org"),
        ("form", "email", "share", "newsletter.example"),
        ("form", "email", "store", "users"),
        ("form", "name", "share", "mail.example.org:8025"),
        ("form", "name", "store", "users"),
    ]
    via = [row for row in rows if row["via_event_id"]]
    assert [(row["path"], row["event_request_id"]) for row in via] == [("/signup", "")]


def test_prov_is_read_by_the_prov_package(cli: Run, record: Builder) -> None:
    model = pytest.importorskip("prov.model")
    text = cli("export", "--format", "prov-json").out
    document = model.ProvDocument.deserialize(content=text)
    counts = {kind: len(list(document.get_records(kind))) for kind in (model.ProvEntity, model.ProvActivity)}
    assert counts == {model.ProvEntity: 3 + 3 + 3, model.ProvActivity: 2 + 1}
    derived = list(document.get_records(model.ProvDerivation))
    assert len(derived) == 5
    entities = {str(entity.identifier) for entity in document.get_records(model.ProvEntity)}
    for derivation in derived:
        ends = [str(value) for _, value in derivation.formal_attributes if value is not None]
        assert set(ends) <= entities
    labels = {str(agent.label) for agent in document.get_records(model.ProvAgent)}
    assert {"ann", "b:b/ö", "shop", "crm.example.org"} <= labels
    # what the package writes again is the same document
    assert document == model.ProvDocument.deserialize(content=document.serialize())


def as_openlineage(event: dict[str, Any]) -> Any:
    """The event as objects of the client that is generated from the specification; unknown names raise."""
    generated = pytest.importorskip("openlineage.client.generated.base")
    from openlineage.client.generated.column_lineage_dataset import (
        ColumnLineageDatasetFacet,
        Fields,
        InputField,
        Transformation,
    )
    from openlineage.client.generated.error_message_run import ErrorMessageRunFacet

    def facet(kind: Any, content: dict[str, Any], **fields: Any) -> Any:
        content = {k: v for k, v in content.items() if k not in ("_producer", "_schemaURL")}
        return kind(**{**content, **fields}, producer=event["producer"])

    def lineage(content: dict[str, Any]) -> Any:
        fields = {
            name: Fields(
                [
                    InputField(**{**one, "transformations": [Transformation(**t) for t in one["transformations"]]})
                    for one in field["inputFields"]
                ]
            )
            for name, field in content["fields"].items()
        }
        return facet(ColumnLineageDatasetFacet, content, fields=fields)

    run = event["run"]
    UUID(run["runId"])
    errors = {name: facet(ErrorMessageRunFacet, content) for name, content in run["facets"].items()}
    return generated.RunEvent(
        eventTime=event["eventTime"],
        producer=event["producer"],
        eventType=generated.EventType(event["eventType"]),
        run=generated.Run(run["runId"], errors),
        job=generated.Job(**event["job"]),
        inputs=[generated.InputDataset(**dataset) for dataset in event["inputs"]],
        outputs=[
            generated.OutputDataset(
                dataset["namespace"],
                dataset["name"],
                facets={name: lineage(content) for name, content in dataset["facets"].items()},
            )
            for dataset in event["outputs"]
        ],
    )


def without_defaults(value: Any) -> Any:
    """What the client adds of its own: optional members that are empty."""
    if isinstance(value, dict):
        kept = {name: without_defaults(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, [], {})}
    return [without_defaults(item) for item in value] if isinstance(value, list) else value


def test_openlineage_is_what_its_client_writes(cli: Run, record: Builder) -> None:
    pytest.importorskip("openlineage.client")
    from openlineage.client.serde import Serde

    events = [json.loads(line) for line in cli("export", "--format", "openlineage").out.splitlines()]
    assert [(event["job"]["name"], event["eventType"]) for event in events] == [
        ("POST /signup", "COMPLETE"),
        ("GET /broken", "FAIL"),
        ("share", "COMPLETE"),
    ]
    for event in events:
        written = json.loads(Serde.to_json(as_openlineage(event)))
        assert without_defaults(written) == without_defaults(event)


def test_openlineage_tells_columns_and_what_they_are_made_of(cli: Run, record: Builder) -> None:
    signup, _, job = [json.loads(line) for line in cli("export", "--format", "openlineage").out.splitlines()]
    outputs = {output["name"]: output["facets"]["columnLineage"]["fields"] for output in signup["outputs"]}
    (made_of,) = outputs["users"]["email"]["inputFields"]
    assert (made_of["name"], made_of["field"]) == ("POST /signup", "form.email")
    hashed = [field for output in signup["outputs"] for field in output["facets"]["columnLineage"]["fields"]]
    assert "body.email_sha256" in hashed
    (made_of,) = job["outputs"][0]["facets"]["columnLineage"]["fields"]["body.to"]["inputFields"]
    assert (made_of["namespace"], made_of["name"], made_of["field"]) == ("sqlite://shop.db", "users", "email")


@pytest.mark.parametrize("name", ["jsonl", "csv", "prov-json", "openlineage"])
def test_a_period_is_a_part(cli: Run, record: Builder, name: str) -> None:
    whole = cli("export", "--format", name).out
    assert "/broken" in whole or name in ("csv",)
    part = cli("export", "--format", name, "--until", "2026-11-24T06:02Z").out
    assert "/broken" not in part
    assert "newsletter" not in part
    assert "crm.example.org" in part
    assert "crm.example.org" not in cli("export", "--format", name, "--since", "2026-11-24T06:02Z").out


@pytest.mark.parametrize("name", ["jsonl", "csv", "prov-json", "openlineage"])
def test_an_empty_record_is_an_empty_document(cli: Run, build: Builder, name: str) -> None:
    ran = cli("export", "--format", name)
    assert ran.status == 0
    if name == "prov-json":
        assert list(json.loads(ran.out)) == ["prefix"]
    else:
        assert len(ran.out.splitlines()) == (1 if name == "csv" else 0)


def test_to_a_file_that_only_its_owner_may_read(cli: Run, tmp_path: Path, record: Builder) -> None:
    target = tmp_path / "out.jsonl"
    assert cli("export", "--output", str(target)).out == ""
    assert target.read_text() == cli("export").out
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.part"))
    assert cli("export", "-o", str(tmp_path / "none" / "out")).status == 1


def test_long_work_tells_its_progress_to_a_terminal(db: Path, build: Builder) -> None:
    tags = [build.request().tag("form", "n", n) for n in range(10)]
    build.connection.execute("BEGIN")
    for n in range(60_000):
        build.connection.execute(
            "INSERT INTO tag_matches VALUES (?, ?, 'body', '', 'exact', '', 0.9, NULL)", (f"e{n:06}", tags[n % 10])
        )
    build.connection.execute("COMMIT")
    ours, theirs = pty.openpty()
    process = subprocess.run(
        [sys.executable, "-m", "otel_provenance.cli", "export", "--format", "csv", "--db", str(db)],
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "PROVENANCE_HASH_SALT": SALT},
        timeout=120,
        check=False,
    )
    os.close(theirs)
    told = os.read(ours, 65536).decode()
    os.close(ours)
    assert process.returncode == 0
    assert "60,000 rows read" in told
