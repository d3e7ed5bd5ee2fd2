"""The request is known wherever its code runs: threads, greenlets, async views, background work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
import requests
from egress.sharing import FORM
from opentelemetry.instrumentation.threading import ThreadingInstrumentor

from otel_provenance.boundaries.threading import carry_context_into_threads


@pytest.fixture(autouse=True)
def threads_carry_the_context():
    carry_context_into_threads()
    yield
    ThreadingInstrumentor().uninstrument()


def call(wire):
    return requests.post(wire.url, json={"mail": FORM["email"]})


def belongs(sharing, count=1):
    assert [facts.request_id for facts in sharing.shares] == [sharing.request.request_id] * count
    assert [sharing.matched(facts) for facts in sharing.shares] == [{("email", "body")}] * count


def test_thread_pools(sharing, wire):
    def view():
        with ThreadPoolExecutor(4) as pool:
            return [future.result().status_code for future in [pool.submit(call, wire) for _ in range(8)]]

    assert sharing.serve(view) == [200] * 8
    belongs(sharing, 8)


def test_a_pool_that_serves_many_requests_keeps_them_apart(sharing, wire):
    with ThreadPoolExecutor(1) as pool:
        for mail in ("ada@example.com", "grace@example.com"):
            sharing.serve(
                lambda mail=mail: pool.submit(requests.post, wire.url, json={"m": mail}).result(), form={"m": mail}
            )
    requests_of = {facts.request.request_id for facts in sharing.facts if facts.request}
    assert {facts.request_id for facts in sharing.shares} == requests_of
    assert [len(facts.matches) for facts in sharing.shares] == [1, 1]


def test_a_background_thread_outlives_the_request(sharing, wire):
    go, done = threading.Event(), threading.Event()

    def work():
        go.wait(10)
        call(wire)
        done.set()

    sharing.serve(lambda: threading.Thread(target=work, daemon=True).start())
    assert sharing.shares == []
    assert sharing.request.status_code == 200
    go.set()
    assert done.wait(10)
    belongs(sharing)


def test_timers(sharing, wire):
    done = threading.Event()
    sharing.serve(lambda: threading.Timer(0.01, lambda: (call(wire), done.set())).start())
    assert done.wait(10)
    belongs(sharing)


def test_a_thread_with_a_way_to_run_of_its_own(sharing, wire):
    class Work(threading.Thread):
        def run(self):
            call(wire)

    def view():
        thread = Work()
        thread.start()
        thread.join()

    sharing.serve(view)
    belongs(sharing)


@pytest.fixture
def run_is_replaced(monkeypatch):
    """As Sentry does at the start of each thread."""
    start = threading.Thread.start

    def replace(thread):
        run = getattr(thread.run, "__func__", thread.run)
        thread.run = lambda: run(thread)
        return start(thread)

    monkeypatch.setattr(threading.Thread, "start", replace)


@pytest.mark.parametrize("module", ["shop.mail", "sentry_sdk.worker"])
def test_beside_sentry_threads_are_known_and_its_own_are_no_request_s(sharing, wire, run_is_replaced, module):
    def work():
        call(wire)

    def view():
        work.__module__ = module
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    sharing.serve(view)
    (share,) = sharing.shares
    assert share.request_id == (sharing.request.request_id if module == "shop.mail" else None)


def test_copy_current_request_context(sharing, wire):
    def view():
        @flask.copy_current_request_context
        def work():
            assert flask.request.form["email"] == FORM["email"]
            call(wire)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    sharing.serve(view)
    belongs(sharing)


def test_async_views_and_tasks(sharing, wire):
    app = flask.Flask("shop")

    @app.post("/")
    async def view():
        dict(flask.request.form)
        loop = asyncio.get_running_loop()
        await asyncio.gather(asyncio.to_thread(call, wire), loop.run_in_executor(None, call, wire))
        return "ok"

    assert app.test_client().post("/", data=FORM).status_code == 200
    belongs(sharing, 2)


def test_a_thread_that_a_call_left_behind_is_not_within_it(sharing, wire):
    """A worker thread that a library starts during its first call inherits that call's context."""
    go, done = threading.Event(), threading.Event()

    def later():
        go.wait(10)
        import urllib3

        urllib3.request("POST", wire.url, json={"mail": FORM["email"]})
        done.set()

    def view():
        hook = {"response": lambda *_, **__: None}
        start = threading.Thread(target=later, daemon=True)

        class Starter(requests.adapters.HTTPAdapter):
            def send(self, *args, **kwargs):
                start.start()
                return super().send(*args, **kwargs)

        with requests.Session() as session:
            session.mount("http://", Starter())
            session.get(wire.url, hooks=hook)
        go.set()
        assert done.wait(10)

    sharing.serve(view)
    assert [facts.share.library for facts in sharing.shares] == ["requests", "urllib3"]


GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, gevent.pool, gevent.threadpool, flask, requests
sys.path[:0] = sys.argv[1:]
from egress.sharing import FORM, Kept, Sharing
from egress.wire import WireServer
from otel_provenance import bootstrap
from otel_provenance.settings import Settings
from otel_provenance.spans import runtime as runtimes
bootstrap.activate()
kept = Kept()
runtimes.replace(runtimes.Runtime(Settings(hash_salt="x"), lambda *_: kept))
wire = WireServer()
app = flask.Flask("shop")

@app.post("/")
def view():
    mail = dict(flask.request.form)["mail"]
    post = lambda: (requests.post(wire.url, json={"m": mail}), flask.has_request_context())[1]
    spawned = [gevent.spawn(post), gevent.pool.Pool(2).spawn(post), gevent.threadpool.ThreadPool(1).spawn(post)]
    gevent.joinall(spawned)
    assert [greenlet.get() for greenlet in spawned] == [False] * 3  # Flask's context stays where it was
    return "ok"

sharing = Sharing(kept, None)
mails = [f"ada{n}@example.com" for n in range(5)]
gevent.joinall([gevent.spawn(app.test_client().post, "/", data={"mail": mail}) for mail in mails])
owner = {tag.tag_id: facts.request_id for facts in sharing.facts for tag in facts.tags}
assert len(sharing.shares) == 15 and len(owner) == 5, (len(sharing.shares), owner)
for facts in sharing.shares:
    (match,) = facts.matches
    assert owner[match.tag_id] == facts.request_id
print("fifteen of five")
"""


def test_greenlets():
    from pathlib import Path

    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", GEVENT, str(root / "tests"), str(root)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout == "fifteen of five\n", run.stderr
