"""Flask: where a request comes in and its response goes out.

hooks.py     where Flask and Werkzeug are hooked, each step guarded
serving.py   one request while it is served: its scope, its parts, its span
reading.py   the request body: parsed by Flask, read raw, or left untouched
body.py      its tee: what the application reads is kept, nothing is read before
answer.py    the response as the record tells of it
errors.py    what a view raised, without anyone's text
paths.py     the path, without the secrets that links carry
stream.py    a streamed response, with the request's context around each chunk
response.py  the response as a place where data goes
user.py      who was signed in
"""

from otel_provenance.boundaries.flask.hooks import BOUNDARY

__all__ = ["BOUNDARY"]
