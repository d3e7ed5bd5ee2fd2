"""Runs of a long value inside a longer text; and what everybody writes to everybody, which is no quotation."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.matching.stock import telling_bits
from otel_provenance.tags import make_tag

NOTE = "The landlord refuses to return the deposit of 379 although the flat was spotless."
PARCEL = "包裹放在360楼的邻居家，箱子已经破了。"
COURTESY = "Please call me back as soon as possible, thank you very much in advance. Best regards"


def found(payload, value, field="reason") -> float:
    made = [make_tag("form", field, value, b"salt", "t", 0)]
    return max([match.confidence for match in match_tags(payload, made)], default=0.0)


@pytest.mark.parametrize(
    "text",
    [
        f"Summarise: {NOTE[:50]} Thanks.",
        f"2026-10-01 INFO prompt='{NOTE[14:60]}' tokens=77",
        NOTE.replace("of", "sum"),
        NOTE.replace("spotless", "dirty").replace("landlord", "owner"),
        f"Re: {NOTE[30:].upper()}",
    ],
)
def test_a_run_inside_a_text(text):
    assert found({"prompt": text}, NOTE) >= 0.5
    assert found(text.encode(), NOTE) >= 0.5
    made = [make_tag("form", "reason", NOTE, b"salt", "t", 0)]
    assert [m.tag_id for m in TagIndex(made).match_value("prompt", text)] == ["t"]
    assert [at for at, _ in TagIndex(made).match_column("prompt", ["x", text, "some other text"])] == [1]


@pytest.mark.parametrize("text", ["Msg: 包裹放在360楼的邻居家，箱子已 end", "箱子已经破了", "360楼的邻居家，箱子已经"])
def test_a_run_without_spaces_between_words(text):
    assert (found({"t": text}, PARCEL) >= 0.5) == (len(text) > 6)
    assert not found({"t": "包裹放在楼下，明天再来取，谢谢您的帮助"}, PARCEL)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (COURTESY, f"My washing machine leaks. {COURTESY}"),
        (f"The boiler is broken. {COURTESY}, Tom", f"My washing machine leaks. {COURTESY}"),
        ("Ich freue mich auf Ihre Antwort, mit freundlichen Grüßen", "Mein Keller ist nass. Ich freue mich auf Ihre"
         " Antwort, mit freundlichen Grüßen, Ute"),
        ("Merci d'avance pour votre réponse, cordialement", "Le toit fuit encore. Merci d'avance pour votre réponse"),
        ("Quedo a la espera de su respuesta, un cordial saludo", "No hay luz. Quedo a la espera de su respuesta"),
        ("会議は明日です。よろしくお願いいたします。", "冷蔵庫が壊れました。よろしくお願いいたします。"),
    ],
)  # fmt: skip
def test_what_everybody_writes(text, value):
    assert found({"note": text}, value) < 0.5
    assert found({"note": f"To whom it may concern: {text} (sent from a phone)"}, value) < 0.5


def test_another_house_of_the_street():
    assert (
        found({"to": "東京都渋谷区神宮前三丁目西通り17号 (2F)"}, "東京都渋谷区神宮前三丁目西通り15号", "street") < 0.5
    )
    street = "Apartment House North, Old Military Road 15"
    assert found({"to": "at Apartment House North, Old Military Road 17"}, street, "street") < 0.5


def test_the_words_of_a_run():
    assert telling_bits(COURTESY.casefold()) < 5.0
    assert telling_bits("my washing machine leaks") > 13.0
    assert telling_bits("よろしくお願いいたします。") == 0.0


WORDS = "harbour cedar lantern violin thunder copper meadow orchard velvet anchor".split()  # noqa: SIM905


@given(st.lists(st.sampled_from(WORDS), min_size=10, max_size=30), st.integers(0, 4), st.integers(6, 9))
def test_any_six_words_in_a_row(words, start, count):
    value, run = " ".join(words), " ".join(words[start : start + count])
    assert found({"text": f"note: {run}; end"}, value) >= 0.5
    assert found(json.dumps({"text": f"<{run}>"}), value) >= 0.5
