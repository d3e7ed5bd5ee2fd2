"""Celery tasks: what is handed to the queue, and the task that continues the request, by a real broker."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from celery import Celery
from egress.servers import redis_server
from egress.sharing import FORM
from processes import clean_environment, wait_until

from otel_provenance.boundaries.base import unwrap_all

ROOT = Path(__file__).parents[2]


@pytest.fixture
def celery():
    app = Celery("shop", broker="memory://", backend="cache+memory://")
    app.conf.task_default_queue = f"test-{uuid.uuid4()}"  # the memory of this broker is the process's

    @app.task(name="shop.welcome")
    def welcome(*args, **kwargs):
        return "welcome"

    yield app
    app.close()


def messages_in(celery):
    channel = celery.connection_for_read().default_channel
    return [
        json.loads(message) if isinstance(message, str) else message
        for message in list(channel._queue_for(celery.conf.task_default_queue).queue)
    ]


def test_a_task_that_is_sent_is_a_share(sharing, celery):
    sharing.serve(
        lambda: celery.tasks["shop.welcome"].delay(
            FORM["email"], 7, profile={"name": FORM["name"], "born": date(1815, 12, 10)}
        )
    )

    share = sharing.share.share
    assert sharing.edges() == {("email", "body", "args.0"), ("name", "body", "kwargs.profile.name")}
    assert (share.channel, share.library, share.method, share.outcome) == ("queue", "celery", "shop.welcome", "sent")
    assert share.url.startswith("memory://")
    assert share.url.endswith(f"/{celery.conf.task_default_queue}")
    assert share.payload_type == "application/json"
    assert share.payload_bytes > 100
    span = sharing.span_of(sharing.share)
    assert span.kind.name == "PRODUCER"
    assert span.attributes["messaging.destination.name"] == celery.conf.task_default_queue


def test_the_message_is_the_same_as_without_us(sharing, celery):
    def view():
        celery.send_task("shop.welcome", (FORM["email"],), task_id="1", headers={"x": "y"})

    sharing.serve(view)
    unwrap_all()
    view()
    with_us, without_us = messages_in(celery)
    for message in (with_us, without_us):
        message["properties"].pop("delivery_tag")
        message["headers"].pop("root_id")
    assert with_us == without_us


def test_chains_and_headers_are_looked_into(sharing, celery):
    from celery import chain

    def view():
        welcome = celery.tasks["shop.welcome"]
        chain(welcome.si("x"), welcome.si(FORM["email"])).apply_async(headers={"customer": FORM["name"]})

    sharing.serve(view)
    assert sharing.matched() == {("email", "body"), ("name", "header")}


def test_objects_of_the_applications_own_are_not_touched(sharing, celery):
    class Customer:
        def __str__(self):
            raise AssertionError("looked into")

        __repr__ = lambda self: "Customer"  # noqa: E731

        def __getattr__(self, name):
            raise AttributeError(name)

        def __reduce__(self):
            return (str, ("customer",))

    sharing.serve(
        lambda: celery.tasks["shop.welcome"].apply_async(
            (Customer(), Decimal("7.5"), FORM["email"]), serializer="pickle"
        )
    )
    assert sharing.matched() == {("email", "body")}


def test_a_task_that_cannot_be_sent_has_failed(sharing):
    from kombu.exceptions import EncodeError, OperationalError

    app = Celery("shop", broker="redis://127.0.0.1:1/0", broker_connection_timeout=1)
    app.conf.task_publish_retry = False
    with pytest.raises(OperationalError):
        sharing.serve(lambda: app.send_task("shop.welcome", (FORM["email"],)))
    with pytest.raises(EncodeError):
        sharing.serve(lambda: Celery("s", broker="memory://").send_task("shop.welcome", (FORM["email"], object())))
    assert [facts.share.outcome for facts in sharing.shares] == ["failed", "failed"]


def test_an_eager_task_runs_in_the_request(sharing, celery, wire):
    import requests

    celery.conf.task_always_eager = True

    @celery.task(name="shop.call")
    def call():
        return requests.post(wire.url, json={"m": FORM["email"]}).status_code

    assert sharing.serve(lambda: celery.tasks["shop.call"].delay().get()) == 200
    assert ("email", "body") in sharing.matched(sharing.shares[0])
    assert sharing.shares[0].request_id == sharing.request.request_id


APP = """
import os, flask, requests
from celery import Celery

app = flask.Flask("shop")
celery = Celery("shop", broker=os.environ["BROKER"])
celery.conf.task_default_queue = os.environ["QUEUE"]

@celery.task
def welcome(email):
    requests.post(os.environ["MAILER"], json={"to": email.upper(), "text": "welcome"})

@app.post("/")
def sign_up():
    welcome.delay(flask.request.form["email"])
    return "ok"
"""
REQUEST = """
import app
assert app.app.test_client().post("/", data={"email": "ada.lovelace@example.com"}).status_code == 200
"""


@pytest.mark.server
@pytest.mark.parametrize("allowed", ["127.0.0.1", ""])
def test_a_task_continues_the_request_by_a_real_broker(tmp_path, wire, allowed):
    import sqlite3

    with redis_server(tmp_path) as broker:
        (tmp_path / "app.py").write_text(APP)
        environment = clean_environment(
            BROKER=f"{broker}/11",
            QUEUE=f"test-{uuid.uuid4()}",
            MAILER=wire.url,
            PYTHONPATH=str(ROOT),
            PROVENANCE_HASH_SALT="a salt for tests",
            PROVENANCE_PROPAGATE_HOSTS=allowed,
        )
        worker = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "app.celery",
                "worker",
                "--pool",
                "solo",
                "-l",
                "warning",
                "--without-mingle",
            ],
            cwd=tmp_path,
            env=environment,
        )
        try:
            subprocess.run([sys.executable, "-c", REQUEST], cwd=tmp_path, env=environment, check=True, timeout=60)
            wait_until(lambda: wire.received, "the task has called the mailer")

            def rows(query):
                with sqlite3.connect(f"file:{tmp_path / 'runtime_provenance.db'}?mode=ro", uri=True) as connection:
                    return connection.execute(query).fetchall()

            wait_until(lambda: len(rows("SELECT 1 FROM share_events")) == 2, "both shares are recorded")
        finally:
            worker.terminate()
            worker.wait(20)

    ((request_id,),) = rows("SELECT request_id FROM requests")
    owners = dict(rows("SELECT channel, request_id FROM share_events"))
    edges = rows(
        "SELECT channel, d.request_id, m.location, kind FROM tag_matches m JOIN share_events USING (event_id)"
        " JOIN data_events d USING (tag_id) WHERE via_event_id IS NULL ORDER BY channel"
    )
    assert wire.received[0].header("baggage") is None or allowed
    if allowed:
        assert owners == {"queue": request_id, "http": request_id}
        assert edges == [("http", request_id, "body", "exact"), ("queue", request_id, "body", "exact")]
    else:
        assert owners == {"queue": request_id, "http": None}
        assert ("queue", request_id, "body", "exact") in edges  # the value itself may link the call all the same
