"""Calls by boto3: S3 and DynamoDB of moto's server, as a process of its own."""

from __future__ import annotations

import io
import re
import sys

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError
from egress.sharing import FORM
from egress.wire import refused_port, response
from processes import clean_environment, free_port, serving

from otel_provenance.boundaries.base import unwrap_all


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = clean_environment(PROVENANCE_DISABLE="1")
    with serving(command, tmp_path_factory.mktemp("moto"), environment, port) as server:
        yield server


def client(service, url, **config):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=Config(
            **{"retries": {"max_attempts": 2, "mode": "standard"}, "s3": {"addressing_style": "path"}, **config}
        ),
    )


@pytest.fixture(scope="module")
def s3(aws):
    made = client("s3", aws.url)
    made.create_bucket(Bucket="customers", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return made


def test_objects_keys_and_metadata_are_matched(sharing, s3, aws):
    def view():
        s3.put_object(
            Bucket="customers",
            Key=f"{FORM['email']}/cv.txt",
            Body=io.BytesIO(f"{FORM['name']}: {FORM['note']}".encode()),
            Metadata={"phone": FORM["phone"]},
        )

    sharing.serve(view)
    share = sharing.share.share
    assert sharing.matched() == {("email", "path"), ("name", "body"), ("note", "body"), ("phone", "header")}
    assert (share.library, share.host, share.port, share.method) == ("botocore", "127.0.0.1", aws.port, "PUT")
    assert (share.status_code, share.outcome, share.inspected) == (200, "sent", "full")
    assert sharing.span_of(sharing.share).attributes["rpc.method"] == "S3/PutObject"
    stored = s3.get_object(Bucket="customers", Key=f"{FORM['email']}/cv.txt")
    assert stored["Body"].read().decode() == f"{FORM['name']}: {FORM['note']}"


def test_managed_uploads_in_threads_belong_to_the_request(sharing, s3):
    from opentelemetry.instrumentation.threading import ThreadingInstrumentor

    ThreadingInstrumentor().instrument(skip_dep_check=True)
    try:
        sharing.serve(lambda: s3.upload_fileobj(io.BytesIO(b"mail: ada.lovelace@example.com"), "customers", "x"))
    finally:
        ThreadingInstrumentor().uninstrument()
    assert sharing.matched() == {("email", "body")}
    assert sharing.share.request_id == sharing.request.request_id


def test_json_protocols(sharing, aws):
    def view():
        client("dynamodb", aws.url).put_item(TableName="none", Item={"mail": {"S": FORM["email"]}})

    with pytest.raises(ClientError):
        sharing.serve(view)
    assert sharing.edges() == {("email", "body", "Item.mail.S")}
    assert sharing.share.share.status_code == 400
    assert sharing.share.share.outcome == "sent"


def test_a_call_that_is_retried_is_one_call(sharing, wire):
    answers = iter([response(503, b""), response(503, b""), response(200, b"")])
    wire.answer = lambda request: next(answers)

    s3 = client("s3", wire.url, retries={"max_attempts": 3, "mode": "standard"})
    sharing.serve(lambda: s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(b"ada.lovelace@example.com")))

    assert len(wire.received) == 3
    assert {request.body for request in wire.received} == {wire.received[0].body}
    assert sharing.share.share.status_code == 200
    assert sharing.matched() == {("email", "body")}


def test_the_wire_carries_the_same_bytes_as_without_us(sharing, wire):
    wire.answer = lambda request: response(200, b"")
    s3 = client("s3", wire.url, signature_version=UNSIGNED)

    def view():
        s3.put_object(Bucket="bucket", Key="k", Body=io.BytesIO(b"ada.lovelace@example.com"), Metadata={"a": "b"})

    sharing.serve(view)
    unwrap_all()
    view()
    with_us, without_us = (
        re.sub(rb"(?i)amz-sdk-(invocation-id|request): [^\r]*", b"", request.unlike) for request in wire.received
    )
    assert with_us == without_us


def test_a_call_that_fails_is_recorded(sharing):
    s3 = client("s3", f"http://127.0.0.1:{refused_port()}", retries={"total_max_attempts": 1})
    with pytest.raises(EndpointConnectionError):
        sharing.serve(lambda: s3.put_object(Bucket="bucket", Key="k", Body=b"ada.lovelace@example.com"))
    share = sharing.share.share
    assert (share.outcome, share.inspected, share.inspected_reason) == ("failed", "none", "unsent")


def test_moto_in_the_process_keeps_mocking(sharing):
    from moto import mock_aws

    def view():
        with mock_aws():
            s3 = boto3.client("s3", region_name="us-east-1")
            s3.create_bucket(Bucket="bucket")
            s3.put_object(Bucket="bucket", Key="k", Body=FORM["email"].encode())
            return s3.get_object(Bucket="bucket", Key="k")["Body"].read()

    assert sharing.serve(view) == FORM["email"].encode()
    assert [facts.share.method for facts in sharing.shares] == ["PUT", "PUT", "GET"]
    assert sharing.matched(sharing.shares[1]) == {("email", "body")}
