"""Mail by smtplib, to a real SMTP server on the loopback interface."""

from __future__ import annotations

import smtplib
import zipfile
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO

import pytest
from aiosmtpd.controller import Controller
from egress.sharing import FORM
from processes import free_port

from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.values import hash_bytes


class Inbox:
    """Takes all mail but for one recipient."""

    def __init__(self):
        self.envelopes = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if b"viagra" in envelope.content:
            return "554 5.7.1 rejected"
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def server():
    controller = Controller(Inbox(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def welcome():
    message = EmailMessage()
    message["From"] = "shop@example.org"
    message["To"] = FORM["email"]
    message["Subject"] = "Willkommen in " + FORM["city"]
    message.set_content(f"Dear {FORM['name']},\n\nwe call you on {FORM['phone']}.\n")
    message.add_alternative(f"<p>Dear <b>{FORM['name']}</b></p>", subtype="html")
    message.add_attachment(b"note;" + FORM["note"].encode(), maintype="text", subtype="csv", filename="order.csv")
    return message


def send(server, message, **options):
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        return client.send_message(message, **options)


def test_recipients_headers_texts_and_attachments_are_matched(sharing, server):
    sharing.serve(lambda: send(server, welcome()))

    share = sharing.share.share
    assert sharing.matched() >= {
        ("email", "recipient"),
        ("email", "header"),
        ("city", "header"),
        ("name", "body"),
        ("phone", "body"),
        ("note", "attachment"),
    }
    assert (share.channel, share.library, share.outcome, share.inspected) == ("smtp", "smtplib", "sent", "full")
    assert (share.host, share.port, share.status_code) == ("127.0.0.1", server.port, 250)
    assert share.payload_type == "message/rfc822"
    sent = welcome().as_bytes().replace(b"\n", b"\r\n")
    assert abs(share.payload_bytes - len(sent)) < 64
    assert "Lovelace" not in share.payload_preview


def test_a_message_arrives_as_without_us(sharing, server):
    raw = "From: a@example.org\r\nTo: ada.lovelace@example.com\r\nSubject: x\r\n\r\n.dot\r\nplease ring the bell twice"

    def view():
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            return client.sendmail("a@example.org", FORM["email"], raw)

    assert sharing.serve(view) == {}
    unwrap_all()
    view()

    with_us, without_us = server.handler.envelopes
    assert with_us.original_content == without_us.original_content
    assert with_us.rcpt_tos == without_us.rcpt_tos == [FORM["email"]]
    assert with_us.mail_from == without_us.mail_from
    assert sharing.share.share.payload_hash == hash_bytes(raw.encode(), b"a salt for tests")


def test_blind_copies_and_refused_recipients_are_recipients_too(sharing, server):
    message = EmailMessage()
    message["Bcc"] = FORM["email"]
    message.set_content("hello")

    refused = sharing.serve(lambda: send(server, message, from_addr="a@example.org", to_addrs=None))
    assert refused == {}
    assert ("email", "recipient") in sharing.matched()
    both = ["nobody@example.org", FORM["email"]]
    refused = sharing.serve(lambda: send(server, message, from_addr="a@example.org", to_addrs=both))
    assert set(refused) == {"nobody@example.org"}
    assert sharing.shares[1].share.outcome == "sent"


@pytest.mark.parametrize(
    ("recipient", "text", "error", "code"),
    [
        ("nobody@example.org", "hello", smtplib.SMTPRecipientsRefused, None),
        ("ada.lovelace@example.com", "viagra", smtplib.SMTPDataError, 554),
    ],
)
def test_mail_that_is_refused_has_failed(sharing, server, recipient, text, error, code):
    message = MIMEMultipart()
    message["To"] = recipient
    message.attach(MIMEText(text + " " + FORM["name"], _charset="us-ascii"))

    with pytest.raises(error):
        sharing.serve(lambda: send(server, message, from_addr="a@example.org"))
    share = sharing.share.share
    assert (share.outcome, share.status_code) == ("failed", code)
    assert ("name", "body") in sharing.matched()


def test_a_client_that_is_not_connected_raises_its_own_error(sharing):
    with pytest.raises(smtplib.SMTPServerDisconnected):
        sharing.serve(lambda: smtplib.SMTP().sendmail("a@example.org", "b@example.org", "x"))
    assert sharing.share.share.outcome == "failed"


def test_broken_mime_is_no_fault(sharing, server):
    raw = b"Content-Type: multipart/mixed; boundary=x\r\nSubject: =?no-charset?b?!!?=\r\n\r\n"
    raw += b"--x\r\nContent-Type: text/plain; charset=nope\r\n\r\nAda Lovelace"

    def view():
        with smtplib.SMTP("127.0.0.1", server.port) as client:
            client.sendmail("a@example.org", ["b@example.org"], raw)

    sharing.serve(view)
    assert ("name", "body") in sharing.matched()


def test_a_message_past_the_limit_is_inspected_in_part(sharing, server):
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("x", bytes(range(256)) * 2000)
    message = welcome()
    message.add_attachment(archive.getvalue(), maintype="application", subtype="zip", filename="x.zip")

    sharing.serve(lambda: send(server, message))
    assert (sharing.share.share.inspected, sharing.share.share.inspected_reason) == ("partial", "too_large")
    assert ("name", "body") in sharing.matched()
