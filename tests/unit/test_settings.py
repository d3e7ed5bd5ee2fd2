"""The environment, read once; what cannot be read is told, and stops nothing."""

from __future__ import annotations

import os
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.settings import VARIABLES, Retention, Settings, parse_age, read_settings


def test_an_empty_environment_gives_the_defaults():
    settings = read_settings({})
    assert settings == Settings(db_path=os.path.abspath("runtime_provenance.db"))


@pytest.mark.parametrize(
    ("variable", "text", "field", "value"),
    [
        ("PROVENANCE_DISABLE", "1", "disabled", True),
        ("PROVENANCE_DB_PATH", "/data/record.db", "db_path", os.path.abspath("/data/record.db")),
        ("PROVENANCE_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("PROVENANCE_CAPTURE_LIMIT", "0", "capture_limit", 0),
        ("PROVENANCE_HASH_SALT", "pepper", "hash_salt", "pepper"),
        ("PROVENANCE_HEADERS", "X-Customer, Referer,x-customer", "headers", ("x-customer", "referer")),
        ("PROVENANCE_BODY_LIMIT", "64KB", "body_limit", 65_536),
        ("PROVENANCE_PROPAGATE_HOSTS", "a.example,*.b.example", "propagate_hosts", ("a.example", "*.b.example")),
        ("PROVENANCE_DURABILITY", "SYNC", "durability", "sync"),
        ("PROVENANCE_QUEUE_BYTES", "1.5MiB", "queue_bytes", 1_572_864),
        ("PROVENANCE_RETENTION", "90d, 2GB", "retention", Retention(7_776_000.0, 2 * 1024**3)),
        ("PROVENANCE_RETENTION", "Free = 1.5GB", "retention", Retention(min_free_bytes=1_610_612_736)),
        ("PROVENANCE_OTLP_PREVIEWS", "yes", "otlp_previews", True),
        ("PROVENANCE_CAPTURE_RESPONSES", "on", "capture_responses", True),
        ("PROVENANCE_CAPTURE_LOGS", "0", "capture_logs", False),
        ("PROVENANCE_SPEEDUPS", "off", "speedups", False),
    ],
)
def test_each_variable_sets_its_field(variable, text, field, value):
    settings = read_settings({variable: text})
    assert getattr(settings, field) == value
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PROVENANCE_DISABLE", "perhaps"),
        ("PROVENANCE_CAPTURE_LIMIT", "-1"),
        ("PROVENANCE_LOG_LEVEL", "LOUD"),
        ("PROVENANCE_BODY_LIMIT", "many"),
        ("PROVENANCE_RETENTION", "90d,soon"),
        ("PROVENANCE_RETENTION", "free=90d"),
        ("PROVENANCE_RETENTION", "size=2GB"),
        ("PROVENANCE_RETENTION", "free"),
        ("PROVENANCE_DURABILITY", "always"),
        ("PROVENANCE_DB_PATH", "a\0b"),
    ],
)
def test_an_unreadable_value_is_told_in_one_line_and_the_default_taken(variable, text):
    settings = read_settings({variable: text})
    (warning,) = settings.warnings
    assert "\n" not in warning
    assert variable in warning
    assert repr(text) in warning
    assert read_settings({}) == Settings(**{**_values(settings), "warnings": ()})


def _values(settings: Settings) -> dict[str, object]:
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=20)))
def test_no_environment_stops_anything(environ):
    settings = read_settings(environ)
    assert len(settings.warnings) <= len(environ)
    assert environ.get("PROVENANCE_HASH_SALT") not in settings.warnings


@given(st.integers(0, 10_000), st.sampled_from("smhdw"))
def test_an_age_is_a_number_and_a_unit(number, unit):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}[unit]
    assert parse_age(f" {number}{unit.upper()} ") == number * seconds


@given(
    st.permutations(["age", "size", "free"]),
    st.integers(0, 9_999),
    st.sampled_from("smhdw"),
    st.sampled_from(["", "B", "KB", "MiB", "G"]),
    st.text(" ", max_size=2),
)
def test_retention_is_its_terms_in_any_order_each_with_its_own_bound(terms, number, age, size, space):
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}[age]
    unit = {"": 1, "B": 1, "KB": 1024, "MiB": 1024**2, "G": 1024**3}[size]
    written = {"age": f"{number}{age}", "size": f"{number + 1}{size}", "free": f"free{space}={space}{number + 2}{size}"}
    bounds = {"age": number * seconds, "size": (number + 1) * unit, "free": (number + 2) * unit}
    for some in range(4):
        kept = terms[:some]
        read = read_settings({"PROVENANCE_RETENTION": f",{space}".join(written[term] for term in kept)})
        assert read.warnings == ()
        bound = {term: bounds[term] for term in kept}
        assert read.retention == Retention(bound.get("age"), bound.get("size"), bound.get("free"))
