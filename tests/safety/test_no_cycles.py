"""What a request needed is given back when it ends: none of it waits for the garbage collector and its pauses."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from processes import clean_environment

_SERVED = """
    import collections, gc, http.client, json, logging, sys, threading, urllib.request
    from http.server import BaseHTTPRequestHandler, HTTPServer

    import flask, httpx, requests, sqlalchemy, urllib3

    class Peer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
        def log_message(self, *args):
            pass

    peer = HTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=peer.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{peer.server_port}/"
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)
    people = sqlalchemy.Table("people", sqlalchemy.MetaData(), sqlalchemy.Column("email", sqlalchemy.String))
    people.create(engine)
    session, pool, client = requests.Session(), urllib3.PoolManager(), httpx.Client()
    app = flask.Flask("shop")
    logging.getLogger("shop").addHandler(logging.NullHandler())

    def store(body):
        with engine.begin() as connection:
            connection.execute(people.insert(), {"email": f"{body['email']} of {body['message']}"})
            connection.execute(people.update().values(email=body["email"]))

    def by_http_client(body):
        connection = http.client.HTTPConnection("127.0.0.1", peer.server_port)
        connection.request("POST", "/", json.dumps(body))
        connection.getresponse().read()
        connection.close()

    WORK = {
        "nothing": lambda body: None,
        "store": store,
        "requests": lambda body: session.post(url, json=body).raise_for_status(),
        "urllib3": lambda body: pool.request("POST", url, json=body),
        "httpx": lambda body: client.post(url, json=body).raise_for_status(),
        "http.client": by_http_client,
        "urllib": lambda body: urllib.request.urlopen(url, json.dumps(body).encode()).read(),
        "log": lambda body: logging.getLogger("shop").warning("signed up: %s", body["email"]),
    }

    @app.post("/<work>")
    def view(work):
        WORK[work]({**flask.request.get_json(), "message": "welcome to the shop, at the corner of the street"})
        return {"ok": True}

    def serve(number):
        person = {
            "email": f"ada.{number}@example.org", "full_name": "Ada Lovelace", "phone": f"+44 20 7946 0{number:03}",
            "note": f"Please deliver order {number} to the back door of the neighbour, before six in the evening",
            "born": "1985-12-10", "address": "12 Lovelace Street, 75004 Paris", "newsletter": True,
        }
        answer = app.test_client().post("/" + sys.argv[1], json=person)
        assert answer.status_code == 200

    for number in range(5):
        serve(number)
    from otel_provenance import status
    assert status.active
    gc.collect()
    gc.disable()
    serve(100)
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    kinds = [f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.garbage]
    print(json.dumps(collections.Counter(kind for kind in kinds if kind.startswith("otel_provenance"))))
"""


@pytest.mark.parametrize("work", ["nothing", "store", "requests", "urllib3", "httpx", "http.client", "urllib", "log"])
def test_no_object_of_ours_is_left_in_a_cycle(work: str, tmp_path: Path):
    program = tmp_path / "served.py"
    program.write_text(textwrap.dedent(_SERVED))
    done = subprocess.run(
        [sys.executable, program, work],
        env=clean_environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout.strip(), done.returncode) == ("{}", 0), done.stderr
