"""The path in the record: which page it was, without the secrets and the persons that its segments name."""

from __future__ import annotations

import random
import uuid
from base64 import urlsafe_b64encode

import flask
import pytest
from itsdangerous import URLSafeTimedSerializer

from otel_provenance.values import looks_like_token, redact

TOKEN = URLSafeTimedSerializer("key").dumps(["249897d2f72641b7af6601", "ada@example.org"])


def recorded(recording, rule, path, **options):
    app = flask.Flask("shop")
    app.add_url_rule(rule, "view", lambda **_: "ok", **options)
    app.test_client().get(path)
    (span,) = recording.exporter.spans
    assert recording.request.path == span.attributes["url.path"]
    recording.exporter.spans.clear()
    return span.attributes["url.path"]


@pytest.mark.parametrize(
    ("rule", "path", "shown"),
    [
        ("/reset/<token>", f"/reset/{TOKEN}", "/reset/***"),
        ("/reset/<token>", "/reset/x7", "/reset/***"),
        ("/hooks/<secret>/in/<int:n>", "/hooks/T024BE7LD-whsec-Xxk29/in/7", "/hooks/***/in/7"),
        ("/d/<auth_token>.json", "/d/abc.json", "/d/***.json"),
        ("/d/<path:token>", "/d/abc/def", "/d/***"),
        ("/pin/<int:pin>", "/pin/1234", "/pin/***"),
        ("/pin/<int:pin>", "/pin/0123", "/pin/<int:pin>"),
        ("/k/<uuid:token>", f"/k/{uuid.UUID(int=7)}", "/k/<uuid:token>"),
        ("/charge/<key>", "/charge/sk_live_4eC39HqLyjWDarjtT1zdp7dc", "/charge/***"),
        ("/users/<name>", "/users/ada", "/users/ada"),
        ("/users/<name>/<token>", "/users/ada@example.org/abc", "/users/xxx@xxxxxxx.xxx/***"),
        ("/authors/<author>", "/authors/lovelace", "/authors/lovelace"),
        ("/<path:rest>", f"/reset/{TOKEN}", f"/reset/{redact(TOKEN)}"),
        ("/<path:rest>", "/docs/how-to-reset.html", "/docs/how-to-reset.html"),
        ("/other", f"/reset/{TOKEN}", f"/reset/{redact(TOKEN)}"),
        ("/other", "/docs/how-to-reset.html", "/docs/how-to-reset.html"),
    ],
)
def test_a_secret_in_the_path_is_not_readable(recording, rule, path, shown):
    assert recorded(recording, rule, path) == shown


def test_a_link_with_the_wrong_method_shows_no_token_either(recording):
    assert recorded(recording, "/reset/<token>", f"/reset/{TOKEN}", methods=["POST"]) == f"/reset/{redact(TOKEN)}"


def test_no_span_attribute_has_the_token(recording):
    @recording.app.get("/reset/<token>")
    def reset(token):
        raise ValueError(f"no such token: {token}")

    recording.app.test_client().get(f"/reset/{TOKEN}")
    assert recording.request.status_code == 500
    assert not any(TOKEN in str(span.attributes) or TOKEN in span.name for span in recording.exporter.spans)


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "iphone-15-pro-max-256gb-natural-titanium",
        "Quarterly_Report_2026_Final_v2.pdf",
        "ThisIsAnOrdinaryClassName",
        "20261124T132210Z-report-of-the-day",
        "12345678-1234-4123-8123-123456789012",
        "apple-touch-icon-152x152-precomposed.png",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_a_name_is_no_token(name):
    assert not looks_like_token(name)


@pytest.mark.parametrize("size", [18, 24, 32, 48])
def test_a_random_token_is_one(size):
    chosen = random.Random(size)
    tokens = [urlsafe_b64encode(chosen.randbytes(size)).decode().rstrip("=") for _ in range(2_000)]
    hexadecimal = [chosen.randbytes(size).hex() for _ in range(2_000)]
    missed = sum(not looks_like_token(token) for token in tokens + hexadecimal)
    assert missed < 40  # by chance a few have long words in them
