"""Calls to language models: provider, model, and which message carried which field."""

from __future__ import annotations

import asyncio
import json

import anthropic
import openai
import pytest
import requests
from egress.sharing import FORM
from egress.wire import response

from otel_provenance.boundaries.base import unwrap_all
from otel_provenance.egress.llm import llm_attributes

QUESTION = f"My name is {FORM['name']}. Where is my parcel? Mail me at {FORM['email']}."


def answer_like_openai(request):
    body = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-x",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Soon."}}],
    }
    return response(200, json.dumps(body).encode(), Content_Type="application/json")


def answer_like_anthropic(request):
    body = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": [{"type": "text", "text": "Soon."}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
    return response(200, json.dumps(body).encode(), Content_Type="application/json")


MESSAGES = [{"role": "user", "content": QUESTION}]


def ask_openai(url):
    client = openai.OpenAI(api_key="k", base_url=url + "/v1", max_retries=0)
    messages = [{"role": "system", "content": "You help."}, *MESSAGES]
    return client.chat.completions.create(model="gpt-x", messages=messages).choices[0].message.content


def ask_openai_asynchronously(url):
    async def ask():
        async with openai.AsyncOpenAI(api_key="k", base_url=url + "/v1", max_retries=0) as client:
            messages = [{"role": "system", "content": "You help."}, *MESSAGES]
            answer = await client.chat.completions.create(model="gpt-x", messages=messages)
            return answer.choices[0].message.content

    return asyncio.run(ask())


def ask_anthropic(url):
    client = anthropic.Anthropic(api_key="k", base_url=url, max_retries=0)
    return client.messages.create(model="claude-x", max_tokens=9, messages=MESSAGES).content[0].text


SDKS = [
    (ask_openai, answer_like_openai, "openai", "gpt-x", "messages.1.content"),
    (ask_openai_asynchronously, answer_like_openai, "openai", "gpt-x", "messages.1.content"),
    (ask_anthropic, answer_like_anthropic, "anthropic", "claude-x", "messages.0.content"),
]


@pytest.mark.parametrize(("ask", "answer", "provider", "model", "place"), SDKS)
def test_provider_model_and_message_are_known(sharing, wire, ask, answer, provider, model, place):
    wire.answer = answer

    assert sharing.serve(lambda: ask(wire.url)) == "Soon."

    assert {("name", "body", place), ("email", "body", place)} <= sharing.edges()
    attributes = sharing.span_of(sharing.share).attributes
    assert (sharing.share.share.gen_ai_provider, sharing.share.share.gen_ai_model) == (provider, model)
    assert attributes["gen_ai.operation.name"] == "chat"
    assert sharing.share.share.status_code == 200


@pytest.mark.parametrize(("ask", "answer", "provider", "model", "place"), SDKS)
def test_the_wire_carries_the_same_bytes_as_without_us(sharing, wire, ask, answer, provider, model, place):
    wire.answer = answer
    sharing.serve(lambda: ask(wire.url))
    unwrap_all()
    ask(wire.url)
    with_us, without_us = wire.received
    assert with_us.unlike == without_us.unlike


def test_a_streamed_answer_arrives_as_it_did(sharing, wire):
    events = [{"choices": [{"index": 0, "delta": {"content": part}}], "model": "m"} for part in ("So", "on.")]
    body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"
    wire.answer = lambda request: response(200, body, Content_Type="text/event-stream")

    def view():
        client = openai.OpenAI(api_key="k", base_url=wire.url + "/v1", max_retries=0)
        stream = client.chat.completions.create(model="gpt-x", messages=MESSAGES, stream=True)
        return "".join(event.choices[0].delta.content for event in stream)

    assert sharing.serve(view) == "Soon."
    assert ("email", "body", "messages.0.content") in sharing.edges()


def test_any_client_will_do(sharing, wire):
    sharing.serve(lambda: requests.post(wire.url + "/v1/chat/completions", json={"model": "m", "messages": MESSAGES}))
    assert sharing.span_of(sharing.share).attributes["gen_ai.request.model"] == "m"


@pytest.mark.parametrize(
    ("host", "path", "headers", "body", "expected"),
    [
        ("api.openai.com", "/v1/embeddings", {}, b'{"model": "e", "input": "x"}', ("openai", "embeddings", "e")),
        (
            "shop.openai.azure.com",
            "/openai/deployments/gpt/chat/completions",
            {},
            b"{}",
            ("azure.ai.openai", "chat", "gpt"),
        ),
        ("api.anthropic.com", "/v1/messages", {}, '{"model":"c"}', ("anthropic", "chat", "c")),
        (
            "generativelanguage.googleapis.com",
            "/v1beta/models/gemini-x:generateContent",
            {},
            b"{}",
            ("gcp.gemini", "generate_content", "gemini-x"),
        ),
        (
            "bedrock-runtime.eu-west-1.amazonaws.com",
            "/model/anthropic.claude-v9%3A0/converse",
            {},
            b"{}",
            ("aws.bedrock", "chat", "anthropic.claude-v9:0"),
        ),
        (
            "localhost",
            "/v1/messages",
            {"anthropic-version": "2023-06-01"},
            b'{"model":"c"}',
            ("anthropic", "chat", "c"),
        ),
        ("localhost", "/v1/messages", {}, b'{"model":"c"}', None),
        ("api.example.org", "/v1/customers", {}, b'{"model":"c"}', None),
        ("openai.com.evil.example", "/", {}, b"{}", None),
        ("notapi.openai.com.example", "/", {}, b"{}", None),
        ("api.mistral.ai", "/v1/chat/completions", {}, b'{"model":"\xff"}', ("mistral_ai", "chat", None)),
        ("api.groq.com", "/openai/v1/models", {}, b"", ("groq", None, None)),
    ],
)
def test_which_calls_go_to_a_language_model(host, path, headers, body, expected):
    found = llm_attributes(host, path, headers, body)
    names = ("gen_ai.provider.name", "gen_ai.operation.name", "gen_ai.request.model")
    assert tuple(found.get(name) for name in names) == (expected or (None, None, None))
