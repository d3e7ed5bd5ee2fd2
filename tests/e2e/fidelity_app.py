"""An application that reads bodies in every way; its answers tell what it saw."""

from __future__ import annotations

import flask
from werkzeug.exceptions import ClientDisconnected

app = flask.Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 300_000


@app.errorhandler(ClientDisconnected)
def gone(error):
    return f"gone: {error}", 400


@app.route("/form", methods=["GET", "POST"])
def form():
    seen = sorted(flask.request.form.items(multi=True))
    files = [(f.filename, f.content_type, f.stream.tell(), f.read().hex()) for f in flask.request.files.values()]
    return flask.jsonify(seen, files, flask.request.get_data().hex())


@app.route("/json", methods=["GET", "POST", "DELETE"])
def json():
    return flask.jsonify(flask.request.get_json(), flask.request.get_data().hex())


@app.post("/forgiving")
def forgiving():
    return flask.jsonify(flask.request.get_json(silent=True, force=True))


@app.route("/raw", methods=["GET", "POST", "PUT"])
def raw():
    return flask.jsonify(flask.request.get_data(cache=False).hex(), flask.request.get_data().hex())


@app.post("/stream")
def stream():
    sizes = []
    while chunk := flask.request.stream.read(1000):
        sizes.append(len(chunk))
    return flask.jsonify(sum(sizes))


@app.post("/lines")
def lines():
    return flask.jsonify([line.hex() for line in flask.request.environ["wsgi.input"].readlines()])


@app.post("/untouched")
def untouched():
    return "ok"


@app.post("/ignored/<int:n>")
def ignored(n):
    return flask.Response((f"{i}," for i in range(n)), mimetype="text/csv")


@app.post("/small")
def small():
    flask.request.max_content_length = 10
    return flask.jsonify(sorted(flask.request.form))


@app.get("/fails")
def fails():
    raise RuntimeError("no")


@app.get("/stream-fails")
def stream_fails():
    def chunks():
        yield "one"
        raise RuntimeError("no")

    return flask.Response(chunks())


@app.get("/file")
def file():
    return flask.send_file(__file__)


@app.get("/environ")
def environ():
    return flask.jsonify(sorted(key for key in flask.request.environ if not key.startswith("provenance")))


@app.route("/redirect/")
def redirecting():
    return flask.redirect("/environ")


@app.get("/async")
async def asynchronous():
    return flask.jsonify(dict(flask.request.args))


@app.get("/stream-context")
def stream_context():
    @flask.stream_with_context
    def chunks():
        yield flask.request.args.get("q", "")
        yield flask.request.path

    return flask.Response(chunks())
