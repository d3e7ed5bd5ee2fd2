"""Log records that carry a tagged value."""

from __future__ import annotations

import io
import logging
import logging.handlers

import pytest
from egress.sharing import FORM

from otel_provenance.boundaries import logging as boundary
from otel_provenance.settings import Settings


@pytest.fixture
def logger():
    logger = logging.Logger("shop.signup", logging.INFO)  # without a parent: pytest listens at the root
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


@pytest.fixture
def text(logger):
    stream = io.StringIO()
    logger.addHandler(logging.StreamHandler(stream))
    return stream


def test_a_record_that_carries_a_tagged_value_is_a_share(sharing, logger, text):
    sharing.serve(lambda: logger.warning("no such customer: %s", FORM["email"]))

    share = sharing.share.share
    assert text.getvalue() == "no such customer: ada.lovelace@example.com\n"
    assert sharing.matched() == {("email", "message")}
    assert (share.channel, share.library, share.method, share.host) == ("log", "logging", "WARNING", "shop.signup")
    assert share.url == "logging://shop.signup/StreamHandler"
    assert "ada" not in share.payload_preview
    assert sharing.share.request_id == sharing.request.request_id


def test_each_handler_is_a_place_of_its_own(sharing, logger, text, tmp_path):
    path = tmp_path / "shop.log"
    logger.addHandler(logging.FileHandler(path))
    logger.addHandler(logging.handlers.SysLogHandler(("127.0.0.1", 9)))

    sharing.serve(lambda: logger.error("mail to %s", FORM["email"]))

    assert [facts.share.url for facts in sharing.shares] == [
        "logging://shop.signup/StreamHandler",
        f"logging://shop.signup/FileHandler{path}",
        "logging://shop.signup/SysLogHandler",
    ]
    assert (sharing.shares[2].share.host, sharing.shares[2].share.port) == ("127.0.0.1", 9)


def test_errors_and_extra_fields_are_looked_into(sharing, logger, text):
    def view():
        try:
            raise KeyError(FORM["name"])
        except KeyError:
            logger.exception("lookup failed", extra={"customer": {"mail": FORM["email"]}})

    sharing.serve(view)
    assert sharing.matched() == {("name", "error"), ("email", "extra")}


@pytest.mark.parametrize("name", ["otel_provenance", "otel_provenance.store"])
def test_our_own_logger_is_not_a_share(sharing, name):
    handler = logging.StreamHandler(io.StringIO())
    own = logging.getLogger(name)
    own.addHandler(handler)
    try:
        sharing.serve(lambda: own.warning("about %s", FORM["email"]))
    finally:
        own.removeHandler(handler)
    assert sharing.shares == []


def test_what_is_not_emitted_or_carries_nothing_leaves_nothing(sharing, logger, text):
    logger.handlers[0].addFilter(lambda record: "secret" not in record.getMessage())

    def view():
        logger.debug("mail to %s", FORM["email"])
        logger.info("secret mail to %s", FORM["email"])
        logger.info("a request came in, number %d", 7)

    sharing.serve(view)
    logger.info("outside of a request: %s", FORM["email"])
    assert sharing.shares == []


def test_a_broken_record_is_loggings_own_affair(sharing, logger, text, capsys):
    sharing.serve(lambda: logger.info("%s %s", FORM["email"]))
    assert "Logging error" in capsys.readouterr().err


def test_without_a_request_nothing_is_looked_at(sharing, logger, text, monkeypatch):
    monkeypatch.setattr(boundary, "_see", lambda *args: pytest.fail("looked"))
    logger.warning("mail to %s", FORM["email"])


class TestSwitchedOff:
    @pytest.fixture
    def settings(self):
        return Settings(hash_salt="a salt for tests", capture_logs=False)

    def test_capture_can_be_switched_off(self, sharing, logger, text):
        sharing.serve(lambda: logger.warning("mail to %s", FORM["email"]))
        assert sharing.shares == []
