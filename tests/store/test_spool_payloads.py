"""What a frame of the spool can carry: primitives, whatever class of theirs a library hands over."""

from __future__ import annotations

import enum

import pytest

from otel_provenance.tables.spool import decode, encode


class Quoted(str):
    def __str__(self) -> str:
        return "something else"


class Colour(enum.IntEnum):
    RED = 3


class Ratio(float):
    def __repr__(self) -> str:
        return "something else"


@pytest.mark.parametrize(
    ("payload", "plain"),
    [
        ((Quoted("project"), "name"), ("project", "name")),
        ((Colour.RED, True, None), (3, True, None)),
        ([(Ratio(0.5),)], ((0.5,),)),
        ({Quoted("table"): Quoted("project")}, {"table": "project"}),
    ],
)
def test_subclasses_of_primitives_arrive_as_their_plain_values(payload: object, plain: object) -> None:
    found = decode(encode(payload))
    assert repr(found) == repr(plain)


def test_other_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="no primitive"):
        encode((object(),))
