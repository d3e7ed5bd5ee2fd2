"""One frozen Settings, read once from the environment.

Every variable is documented in the README's table. A value that cannot be read never stops the
application: it gets one warning that names the variable, the value and the default taken.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

Durability = Literal["batch", "sync"]

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_BYTES = {"": 1, "b": 1, "k": 1024, "kb": 1024, "kib": 1024, "m": 1024**2, "mb": 1024**2, "mib": 1024**2}
_BYTES |= {"g": 1024**3, "gb": 1024**3, "gib": 1024**3}


@dataclass(frozen=True, slots=True)
class Retention:
    """How long, up to which size, and with how much room beside it, the record is kept; None means without bound."""

    max_age_s: float | None = None
    max_bytes: int | None = None
    min_free_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the agent was told; immutable for its life."""

    disabled: bool = False
    """PROVENANCE_DISABLE: nothing is installed, no file is made."""
    db_path: str = "runtime_provenance.db"
    """PROVENANCE_DB_PATH: absolute once read from the environment."""
    log_level: str = "WARNING"
    """PROVENANCE_LOG_LEVEL: of the logger ``otel_provenance``."""
    capture_limit: int = 2048
    """PROVENANCE_CAPTURE_LIMIT: preview length in characters; 0 stores no preview at all."""
    hash_salt: str | None = None
    """PROVENANCE_HASH_SALT: the key of every hash; None means the key file beside the database."""
    headers: tuple[str, ...] = ()
    """PROVENANCE_HEADERS: request headers that become tags, lower case."""
    body_limit: int = 1_048_576
    """PROVENANCE_BODY_LIMIT: bytes of a request body or payload that are looked into."""
    propagate_hosts: tuple[str, ...] = ()
    """PROVENANCE_PROPAGATE_HOSTS: hosts that may receive our baggage; ``*.example.org`` for subdomains."""
    durability: Durability = "batch"
    """PROVENANCE_DURABILITY: ``batch``, or ``sync`` (on disk before the response is sent)."""
    queue_bytes: int = 33_554_432
    """PROVENANCE_QUEUE_BYTES: the bound of what waits in memory for the store."""
    retention: Retention = Retention()
    """PROVENANCE_RETENTION: ``90d``, ``2GB``, ``free=1GB``, comma-separated; empty keeps everything."""
    otlp_previews: bool = False
    """PROVENANCE_OTLP_PREVIEWS: previews may leave the machine through other exporters."""
    capture_responses: bool = False
    """PROVENANCE_CAPTURE_RESPONSES: the HTTP response is a sink too (``channel=response``)."""
    capture_logs: bool = True
    """PROVENANCE_CAPTURE_LOGS: log records that carry a tagged value are shares (``channel=log``)."""
    speedups: bool = True
    """PROVENANCE_SPEEDUPS: ``otel-provenance-speedups`` is used where it is installed."""
    warnings: tuple[str, ...] = ()
    """What could not be read, a line for each."""


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError("1 or 0")


def parse_count(text: str) -> int:
    """A whole number from 0; ValueError says so."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise ValueError("a whole number from 0")
    return number


def parse_size(text: str) -> int:
    """Bytes of ``65536``, ``64KB``, ``2GB``; ValueError says what is accepted."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", text.lower())
    if not found or found[2] not in _BYTES:
        raise ValueError("a size such as 65536, 64KB or 2GB")
    return int(float(found[1]) * _BYTES[found[2]])


def parse_age(text: str) -> float:
    """Seconds of ``90s``, ``15m``, ``1h``, ``7d``, ``2w``; ValueError says what is accepted."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*", text.lower())
    if not found:
        raise ValueError("an age such as 90s, 15m, 1h, 7d or 2w")
    return float(found[1]) * _SECONDS[found[2]]


def _free(text: str) -> int:
    name, _, size = text.partition("=")
    if name.strip().lower() != "free":
        raise ValueError("free= and a size")
    return parse_size(size)


def _retention(text: str) -> Retention:
    read: dict[str, Any] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        for name, parse in _TERMS.items():
            try:
                read[name] = parse(part)
            except ValueError:
                continue
            break
        else:
            raise ValueError("an age (90d), a size (2GB), what is to stay free (free=1GB), or several, comma-separated")
    return Retention(**read)


_TERMS: dict[str, Callable[[str], float]] = {
    "max_age_s": parse_age,  # before sizes: "90m" is 90 minutes; a size in mebibytes is written "90MB"
    "max_bytes": parse_size,
    "min_free_bytes": _free,
}


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n.strip().lower() for n in text.split(",") if n.strip()))


def _durability(text: str) -> str:
    if text.strip().lower() not in ("batch", "sync"):
        raise ValueError("batch or sync")
    return text.strip().lower()


def _level(text: str) -> str:
    if text.strip().upper() not in ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"):
        raise ValueError("CRITICAL, ERROR, WARNING, INFO or DEBUG")
    return text.strip().upper()


def _path(text: str) -> str:
    if "\0" in text:
        raise ValueError("a file name")
    return text


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "PROVENANCE_DISABLE": ("disabled", _boolean),
    "PROVENANCE_DB_PATH": ("db_path", _path),
    "PROVENANCE_LOG_LEVEL": ("log_level", _level),
    "PROVENANCE_CAPTURE_LIMIT": ("capture_limit", parse_count),
    "PROVENANCE_HASH_SALT": ("hash_salt", str),
    "PROVENANCE_HEADERS": ("headers", _names),
    "PROVENANCE_BODY_LIMIT": ("body_limit", parse_size),
    "PROVENANCE_PROPAGATE_HOSTS": ("propagate_hosts", _names),
    "PROVENANCE_DURABILITY": ("durability", _durability),
    "PROVENANCE_QUEUE_BYTES": ("queue_bytes", parse_size),
    "PROVENANCE_RETENTION": ("retention", _retention),
    "PROVENANCE_OTLP_PREVIEWS": ("otlp_previews", _boolean),
    "PROVENANCE_CAPTURE_RESPONSES": ("capture_responses", _boolean),
    "PROVENANCE_CAPTURE_LOGS": ("capture_logs", _boolean),
    "PROVENANCE_SPEEDUPS": ("speedups", _boolean),
}
"""Environment variable → the field of Settings that it sets, and how it is read."""

_SECRET = frozenset({"PROVENANCE_HASH_SALT"})


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (``os.environ`` unless given); never raises for a bad value."""
    environ = os.environ if environ is None else environ
    defaults = {f.name: f.default for f in fields(Settings)}
    read: dict[str, Any] = {}
    warnings: list[str] = []
    for variable, (name, parse) in VARIABLES.items():
        text = environ.get(variable)
        if text is None or (text == "" and variable != "PROVENANCE_RETENTION"):
            continue
        try:
            read[name] = parse(text)
        except ValueError as error:
            shown = "***" if variable in _SECRET else repr(text[:80])
            warnings.append(f"{variable}={shown} cannot be read: it must be {error}; using {defaults[name]!r}")
    read["db_path"] = os.path.abspath(os.path.expanduser(read.get("db_path", defaults["db_path"])))
    return Settings(**read, warnings=tuple(warnings))
