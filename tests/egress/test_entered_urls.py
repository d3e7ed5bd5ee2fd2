"""An address that someone enters, and that the application calls: a webhook, a bookmark, a page to watch."""

from __future__ import annotations

import pytest
import requests
import urllib3


def by_urllib3(url):
    urllib3.PoolManager().request("GET", url)


PATHS = ["/hook", "/hook/T024-secret", "/pages/ada?list=mine&sort=date", "/", "/caf%C3%A9/menu", "/a/b/c/d/e/f/g/h"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("call", [requests.get, by_urllib3])
def test_an_address_that_is_called_is_a_share_of_it(sharing, wire, call, path):
    address = wire.url.rstrip("/") + path
    sharing.serve(lambda: call(address), form={"target": address, "note": "please"})
    assert ("target", "url", "") in sharing.edges()
    assert "note" not in {field for field, *_ in sharing.edges()}


def test_its_path_is_no_longer_shown(sharing, wire):
    address = wire.url.rstrip("/") + "/hook/T024abc/zoe"
    sharing.serve(lambda: requests.get(address), form={"target": address})
    shown = sharing.share.share.url
    assert "zoe" not in shown
    assert "T024" not in shown
    assert f":{wire.port}/" in shown


@pytest.mark.parametrize(("entered", "shown"), [("", "/v1/charges"), ("/of/zoe/", "/xx/xxx/v1/charges")])
def test_what_the_application_itself_adds_to_a_base_address_is_shown(sharing, wire, entered, shown):
    base = wire.url.rstrip("/") + entered
    sharing.serve(lambda: requests.get(base.rstrip("/") + "/v1/charges"), form={"base": base})
    assert ("base", "url", "") in sharing.edges()
    assert sharing.share.share.url.endswith(f":{wire.port}{shown}")


def test_the_application_s_own_address_is_no_one_s_value(sharing, wire):
    sharing.serve(
        lambda: requests.post(wire.url.rstrip("/") + "/v1/charges", json={"a": 1}),
        form={"site": "https://pay.example/"},
    )
    assert not {edge for edge in sharing.edges() if edge[1] == "url"}
    assert sharing.share.share.url.endswith("/v1/charges")


def test_a_value_in_it_is_told_by_the_part_that_it_is_in(sharing, wire):
    sharing.serve(lambda: requests.get(wire.url, params={"mail": "zoe@example.com"}), form={"email": "zoe@example.com"})
    assert sharing.edges() == {("email", "query", "mail")}


def test_the_beginning_of_an_address_may_be_what_was_entered(sharing, wire):
    base = wire.url.rstrip("/") + "/instance-of-zoe"
    sharing.serve(lambda: requests.get(base + "/api/posts"), form={"base": base})
    assert ("base", "url", "") in sharing.edges()


def test_an_address_that_is_passed_on_is_told_by_its_place(sharing, wire):
    sharing.serve(
        lambda: requests.get(wire.url, params={"back": "https://a.example/x"}), form={"u": "https://a.example/x"}
    )
    assert sharing.edges() == {("u", "query", "back")}
