"""Whether a request goes to a language model: OpenTelemetry's ``gen_ai.*`` attributes of it.

By the provider's host, or, for a gateway or a server of one's own, by the API's path and headers. Which message
carried which field is in the path of each match (``messages.1.content``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

_HOSTS = (
    ("api.openai.com", "openai"),
    (".openai.azure.com", "azure.ai.openai"),
    (".services.ai.azure.com", "azure.ai.inference"),
    ("api.anthropic.com", "anthropic"),
    ("generativelanguage.googleapis.com", "gcp.gemini"),
    ("aiplatform.googleapis.com", "gcp.vertex_ai"),
    ("api.mistral.ai", "mistral_ai"),
    ("api.cohere.com", "cohere"),
    ("api.cohere.ai", "cohere"),
    ("api.groq.com", "groq"),
    ("api.deepseek.com", "deepseek"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "x_ai"),
    ("openrouter.ai", "openrouter"),
    ("api.together.xyz", "together_ai"),
)
"""End of the host name → ``gen_ai.provider.name`` (semantic conventions for generative AI)."""
_ENDINGS = tuple(ending for ending, _ in _HOSTS)
_BEDROCK = re.compile(r"bedrock-runtime\.[\w-]+\.amazonaws\.com$")
_OPERATIONS = (
    ("/chat/completions", "chat"),
    ("/v1/messages", "chat"),
    ("/responses", "chat"),
    ("/v1/chat", "chat"),
    ("/v2/chat", "chat"),
    ("/converse", "chat"),
    ("/converse-stream", "chat"),
    ("/embeddings", "embeddings"),
    ("/embed", "embeddings"),
    ("/completions", "text_completion"),
    ("/v1/complete", "text_completion"),
    (":generateContent", "generate_content"),
    (":streamGenerateContent", "generate_content"),
    (":embedContent", "embeddings"),
)
"""End of the path → ``gen_ai.operation.name``."""
_MODEL_IN_PATH = re.compile(r"/(?:models?|deployments)/([^/:]+)")
_MODEL_IN_BODY = re.compile(rb'"model"\s*:\s*("(?:[^"\\]|\\.){1,200}")')


def llm_attributes(host: str | None, path: str, headers: Mapping[str, str], body: Any) -> dict[str, Any]:
    """``gen_ai.*`` of a request; empty where it goes to no language model that is known.

    ``headers`` has lower-case names; ``body`` is what is known of the body.
    """
    provider = _provider(host or "", path, headers)
    if provider is None:
        return {}
    attributes: dict[str, Any] = {"gen_ai.provider.name": provider}
    for ending, operation in _OPERATIONS:
        if path.endswith(ending):
            attributes["gen_ai.operation.name"] = operation
            break
    model = _model(path, body)
    if model:
        attributes["gen_ai.request.model"] = model
    return attributes


def _provider(host: str, path: str, headers: Mapping[str, str]) -> str | None:
    of_host = _provider_of_host(host)
    if of_host is not None:
        return of_host
    if path.endswith("/v1/messages") and "anthropic-version" in headers:
        return "anthropic"
    if path.endswith(("/chat/completions", "/v1/responses", "/v1/embeddings", "/v1/completions")):
        return "openai"  # the API that gateways and local servers speak
    return None


@lru_cache(maxsize=256)
def _provider_of_host(host: str) -> str | None:
    if host.endswith(_ENDINGS):
        return next(provider for ending, provider in _HOSTS if host.endswith(ending))
    return "aws.bedrock" if _BEDROCK.search(host) else None


def _model(path: str, body: Any) -> str | None:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    named = _MODEL_IN_BODY.search(raw) if isinstance(raw, bytes) else None
    if named:
        try:
            model: str = json.loads(named[1])
        except ValueError:
            return None
        return model
    in_path = _MODEL_IN_PATH.search(path)
    return unquote(in_path[1]) if in_path else None
