"""Where values go: each sink takes the customer's values and somebody else's, and makes a payload of both."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape, quoteattr

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
Values = list[tuple[str, Any]]
"""Names and values."""


class Sent(NamedTuple):
    """What arrives at the sink, its declared type, and the name that it stands under."""

    payload: Any
    media_type: str | None = None
    field: str = ""


Sink = Callable[[Random, Values, Values], Sent]


def _json(chance: Random, data: Any, indent: int | None = None) -> str:
    return json.dumps(data, ensure_ascii=chance.random() < 0.5, indent=indent)


def json_flat(chance: Random, own: Values, other: Values) -> Sent:
    metadata = {f"ref_{key}": value for key, value in other[:3]}
    body = {"object": "customer", "livemode": False, "created": 1700000000, **dict(own), "metadata": metadata}
    return Sent(_json(chance, body), JSON)


def hubspot(chance: Random, own: Values, other: Values) -> Sent:
    associations = [{"to": {"id": "48213"}, "properties": dict(other)}]
    return Sent(_json(chance, {"properties": dict(own), "associations": associations}), JSON)


def segment(chance: Random, own: Values, other: Values) -> Sent:
    body = {
        "type": "identify",
        "userId": "97980cfea0067",
        "traits": dict(own),
        "context": {"ip": "203.0.113.9", "locale": "xx", "page": {"path": "/signup"}},
        "integrations": {"All": True},
        "batch": [{"type": "identify", "traits": dict(other)}],
    }
    return Sent(_json(chance, body), JSON)


def mailchimp(chance: Random, own: Values, other: Values) -> Sent:
    members = [{"status_if_new": "subscribed", "merge_fields": dict(values)} for values in (other, own)]
    return Sent(_json(chance, {"members": members, "update_existing": True}, indent=2), JSON)


def stripe(chance: Random, own: Values, other: Values) -> Sent:
    fields = [(f"metadata[{key}]", value) for key, value in other[:4]]
    fields += [(f"customer[{key}]", value) for key, value in own]
    return Sent(urlencode([*fields, ("expand[]", "latest_charge"), ("confirm", "true")]), FORM)


def form(chance: Random, own: Values, other: Values) -> Sent:
    agent = [(f"agent_{key}", value) for key, value in other[:3]]
    body = urlencode([*own, ("source", "web"), ("utm", "spring"), *agent])
    return Sent(body.encode(), f"{FORM}; charset=utf-8")


def multipart(chance: Random, own: Values, other: Values) -> Sent:
    boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in [*other[:3], *own]
    ]
    return Sent(f"{''.join(parts)}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}")


def row(chance: Random, own: Values, other: Values) -> Sent:
    return Sent({"id": 7341, **dict(own), "created_by": other[0][1]})


def rows(chance: Random, own: Values, other: Values) -> Sent:
    return Sent([{"id": 1, **dict(other)}, {"id": 2, **dict(own)}])


def url_query(chance: Random, own: Values, other: Values) -> Sent:
    fields = [("page", "2"), *own, *[("not_" + key, value) for key, value in other[:2]]]
    how = quote if chance.random() < 0.5 else quote_plus
    return Sent("https://api.partner.example/v2/search?" + urlencode(fields, quote_via=how), field="url")


def ndjson(chance: Random, own: Values, other: Values) -> Sent:
    lines = [{"index": {"_id": "9"}}, dict(other), {"index": {"_id": "10"}}, dict(own)]
    return Sent("\n".join(_json(chance, line) for line in lines) + "\n", "application/x-ndjson")


def graphql(chance: Random, own: Values, other: Values) -> Sent:
    body = {
        "operationName": "Upsert",
        "query": "mutation Upsert($in: In!) { upsert(input: $in) { id errors { message } } }",
        "variables": {"in": dict(own), "excluded": [dict(other)]},
    }
    return Sent(_json(chance, body), JSON)


def xml_soap(chance: Random, own: Values, other: Values) -> Sent:
    mine, theirs = (
        "".join(f"<ns:{key}>{escape(value)}</ns:{key}>" for key, value in values) for values in (own, other)
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<ns:Customer>{theirs}</ns:Customer><ns:Customer id="42">{mine}</ns:Customer></soap:Body></soap:Envelope>'
    )
    return Sent(body, "text/xml; charset=utf-8")


def xml_attributes(chance: Random, own: Values, other: Values) -> Sent:
    mine, theirs = (" ".join(f"{key}={quoteattr(value)}" for key, value in values) for values in (own, other))
    return Sent(f"<customers><c {theirs}/><c {mine}/></customers>", "application/xml")


def csv_file(chance: Random, own: Values, other: Values) -> Sent:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=chance.choice(",;\t"))
    writer.writerow(["row", *[key for key, _ in own]])
    writer.writerow(["1", *[other[at % len(other)][1] for at in range(len(own))]])
    writer.writerow(["2", *[value for _, value in own]])
    return Sent(file.getvalue(), "text/csv")


def sql(chance: Random, own: Values, other: Values) -> Sent:
    columns = ", ".join(key for key, _ in own)
    mine, theirs = (", ".join("'" + value.replace("'", "''") + "'" for _, value in values) for values in (own, other))
    statement = f"INSERT INTO audit_log (id, {columns}) VALUES (77, {mine}), (78, {theirs}) ON CONFLICT DO NOTHING"
    return Sent(statement, field="statement")


def log_pairs(chance: Random, own: Values, other: Values) -> Sent:
    pairs = " ".join(f'{key}="{value}"' for key, value in own)
    start = "2026-11-02T09:14:03.221Z INFO worker-3 app.signup request_id=4f1c done"
    return Sent(f"{start} {pairs} operator={other[0][1]}", field="message")


def log_repr(chance: Random, own: Values, other: Values) -> Sent:
    return Sent(f"DEBUG:billing:charging customer {dict(own)!r} for {other[1][1]!r}", field="msg")


def html_mail(chance: Random, own: Values, other: Values) -> Sent:
    table = "".join(f"<tr><th>{html.escape(key)}</th><td>{html.escape(value)}</td></tr>" for key, value in own)
    body = (
        f"<html><body><p>Thank you for your order!</p><table>{table}</table>"
        f"<p>Your contact: <b>{html.escape(other[0][1])}</b>, <a href='mailto:sales@shop.example'>mail</a></p>"
        "</body></html>"
    )
    return Sent(body, "text/html", "html")


def text_mail(chance: Random, own: Values, other: Values) -> Sent:
    lines = "\n".join(f"  {key}: {value}" for key, value in own)
    body = (
        f"Hello,\n\nwe have received the following details:\n\n{lines}\n\nKind regards\n{other[0][1]}\n-- \nShop GmbH"
    )
    return Sent(body, "text/plain", "body")


def slack(chance: Random, own: Values, other: Values) -> Sent:
    text = {"type": "mrkdwn", "text": "\n".join(f"*{key}:* {value}" for key, value in own)}
    context = [{"type": "mrkdwn", "text": f"assigned to _{other[0][1]}_"}]
    blocks = [{"type": "section", "text": text}, {"type": "context", "elements": context}]
    return Sent(_json(chance, {"channel": "C024BE91L", "text": "New lead", "blocks": blocks}), JSON)


def chat_model(chance: Random, own: Values, other: Values) -> Sent:
    facts = "; ".join(f"{key} is {value}" for key, value in own)
    question = f"Summarise this ticket. {facts}. Compare it with the one of {other[0][1]} ({other[1][1]})."
    messages = [
        {"role": "system", "content": "You answer customers of a shop. Be brief."},
        {"role": "user", "content": question},
    ]
    body = {"model": "gpt-4o", "temperature": 0.2, "max_tokens": 512, "messages": messages}
    return Sent(_json(chance, body), JSON)


def text_message(chance: Random, own: Values, other: Values) -> Sent:
    text = "Hi! " + ". ".join(value for _, value in own) + ". Reply STOP to opt out."
    return Sent(urlencode({"To": "+15005550006", "From": "+15005550001", "Body": text}), FORM)


def markdown(chance: Random, own: Values, other: Values) -> Sent:
    table = "\n".join(f"| {key} | **{value}** |" for key, value in own)
    body = f"# Ticket 4711\n\n| field | value |\n|---|---|\n{table}\n\n> cc {other[0][1]}\n"
    return Sent(body, "text/markdown")


def cookie(chance: Random, own: Values, other: Values) -> Sent:
    pairs = [f"{key}={quote(value)}" for key, value in own]
    return Sent("; ".join(["_ga=GA1.2.1033501218.1368477899", *pairs, "theme=dark"]), field="Cookie")


def graphql_inline(chance: Random, own: Values, other: Values) -> Sent:
    pairs = ", ".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in own)
    owner = json.dumps(other[0][1], ensure_ascii=False)
    query = f"mutation {{ createContact(input: {{{pairs}}}) {{ id }} owner(name: {owner}) {{ id }} }}"
    return Sent(_json(chance, {"query": query}), JSON)


def yaml(chance: Random, own: Values, other: Values) -> Sent:
    mine = [f"{key}: {json.dumps(value, ensure_ascii=False) if chance.random() < 0.5 else value}" for key, value in own]
    theirs = [f"{key}: {value}" for key, value in other]
    lists = "\n- ".join("\n  ".join(pairs) for pairs in (mine, theirs))
    return Sent(f"customers:\n- {lists}\n", "application/yaml")


def path(chance: Random, own: Values, other: Values) -> Sent:
    steps = "/".join(quote(value, safe="") for _, value in own)
    return Sent(f"https://crm.example/api/contacts/{steps}/orders?limit=10", field="url")


def prose(chance: Random, own: Values, other: Values) -> Sent:
    values = " as well as ".join(value for _, value in own)
    text = f"While reviewing the account we noticed {values} next to entries by {other[0][1]}, which looked odd."
    return Sent(text, field="text")


KEYED: list[Sink] = [
    json_flat, hubspot, segment, mailchimp, stripe, form, multipart, row, rows, url_query, ndjson, graphql,
]  # fmt: skip
"""Sinks that keep each value under a name of its own."""
TEXT: list[Sink] = [
    xml_soap, xml_attributes, csv_file, sql, log_pairs, log_repr, html_mail, text_mail, slack, chat_model,
    text_message, markdown, cookie, graphql_inline, yaml, path, prose,
]  # fmt: skip
"""Sinks that put values into a text."""
SINKS = KEYED + TEXT
FOR_OBJECTS: list[Sink] = [row, rows]
FOR_SCALARS: list[Sink] = [json_flat, hubspot, segment, mailchimp, ndjson, graphql, row]
"""Sinks that carry numbers and booleans as such."""
