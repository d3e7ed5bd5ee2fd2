"""The public names: there, lazy, and no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

import otel_provenance


def test_every_public_name_is_there():
    for name in otel_provenance.__all__:
        assert getattr(otel_provenance, name) is not None
        assert name in dir(otel_provenance)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = otel_provenance.nothing


def test_importing_the_package_imports_next_to_nothing():
    code = "import sys; before = set(sys.modules); import otel_provenance; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PROVENANCE_DISABLE": "1", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["__future__", "otel_provenance"]


def test_what_one_builds_a_matcher_with():
    tag = otel_provenance.make_tag("form", "email", "Ada@example.org", b"salt", "t1")
    (match,) = otel_provenance.match_tags({"to": "ada@example.org"}, [tag])
    assert (match.tag_id, match.field) == ("t1", "to")
    assert tag.value_hash == otel_provenance.hash_value("ada@example.org ", b"salt")
    assert "Ada" not in repr(tag)
