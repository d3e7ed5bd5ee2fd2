"""The ways in which an application calls by requests, each with a part of FORM in it."""

from __future__ import annotations

import io

import requests
from egress.sharing import FORM
from requests.adapters import HTTPAdapter


def form(url):
    return requests.post(url + "/contacts", data={"mail": FORM["email"], "who": FORM["name"]})


def json_body(url):
    return requests.post(url + "/v1/contacts", json={"user": {"mail": FORM["email"], "tel": FORM["phone"]}})


def query(url):
    return requests.get(url + "/search", params={"q": FORM["email"], "city": FORM["city"]})


def path(url):
    return requests.delete(url + "/users/ada.lovelace%40example.com/phone")


def headers(url):
    return requests.get(url, headers={"X-Customer": FORM["email"], "Accept-Language": "en"})


def cookies(url):
    return requests.get(url, cookies={"who": "ada.lovelace@example.com"})


def basic_auth(url):
    return requests.get(url, auth=("ada.lovelace@example.com", "open sesame"))


def files(url):
    upload = ("cv.txt", b"Curriculum of Ada Lovelace, mathematician", "text/plain")
    return requests.post(url, data={"mail": FORM["email"]}, files={"cv": upload})


def raw(url):
    return requests.put(url, data=b"<person><mail>ada.lovelace@example.com</mail></person>")


def text(url):
    return requests.post(url, data="note: please ring the bell twice, \u00e9", headers={"Content-Type": "text/plain"})


def generator(url):
    return requests.post(url, data=(chunk for chunk in (b"mail=ada.love", b"lace@example", b".com")))


def file(url):
    stream = io.BytesIO(b"skipped\nmail ada.lovelace@example.com to confirm")
    stream.seek(8)
    return requests.post(url, data=stream)


class Chunks:
    def __iter__(self):
        return iter([b"ada.lovelace", b"@example.com"])


def iterable(url):
    return requests.post(url, data=Chunks())


def prepared(url):
    with requests.Session() as session:
        request = requests.Request("PATCH", url, json={"mail": FORM["email"]})
        return session.send(session.prepare_request(request))


def adapter(url):
    request = requests.Request("POST", url, data={"mail": FORM["email"]}).prepare()
    return HTTPAdapter().send(request)


def session_defaults(url):
    with requests.Session() as session:
        session.headers["X-Customer"] = FORM["email"]
        return session.request("GET", url)


CALLS = {
    form: {("email", "body"), ("name", "body")},
    json_body: {("email", "body"), ("phone", "body")},
    query: {("email", "query"), ("city", "query")},
    path: {("email", "path")},
    headers: {("email", "header")},
    cookies: {("email", "cookie")},
    basic_auth: {("email", "auth")},
    files: {("email", "body"), ("name", "body")},
    raw: {("email", "body")},
    text: {("note", "body")},
    generator: {("email", "body")},
    file: {("email", "body")},
    iterable: {("email", "body")},
    prepared: {("email", "body")},
    adapter: {("email", "body")},
    session_defaults: {("email", "header")},
}
