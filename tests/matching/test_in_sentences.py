"""Numbers, dates and times where sentences and tables have them."""

from __future__ import annotations

import base64

import pytest

from otel_provenance.matching import TagIndex, match_tags
from otel_provenance.tags import make_tag

CARD = "4242 1427 6657 9209"


def found(payload, value, field="card_number", media_type=None) -> bool:
    made = [make_tag("form", field, value, b"salt", "t", 0)]
    return any(match.confidence >= 0.5 for match in match_tags(payload, made, media_type=media_type))


LAST_FOUR = pytest.mark.parametrize(
    "text",
    [
        "Paid with card ending in 9209",
        "Visa •••• 9209",
        "Your card **** **** **** 9209 was charged.",
        "VISA xxxx-xxxx-xxxx-9209, 12/27",
        "4242********9209 was charged",
        "the last four digits: 9209.",
        "your Visa (…9209) was charged",
        "Karte mit den letzten 4 Ziffern 9209 belastet",
        "carte se terminant par 9209, merci",
        "tarjeta terminada en 9209.",
        "a card that ends with 9209",
        "the account ended 9209",
        "Konto endend auf 9209",
        "Karte mit Endung: 9209",
        "Karte, Endziffern 9209",
        "die letzten 4 Stellen 9209",
        "carte finissant par 9209",
        "les 4 derniers chiffres 9209",
        "conto che termina con 9209",
        "cartão terminado em 9209",
        "tarjeta que acaba en 9209",
        "tarjeta finalizada en 9209",
        "cartão final 9209",
        "los últimos 4 dígitos 9209",
        "le ultime quattro cifre 9209",
        "rekening eindigend op 9209",
        "de laatste 4 cijfers 9209",
        "karta kończąca się na 9209",
        "尾号9209的卡",
    ],
)


@LAST_FOUR
def test_the_last_four_in_a_long_text(text):
    """Where values are not looked for one by one, but by the words that a text has: told apart by spaces."""
    text = text.replace("尾号9209的", "尾号 9209 的")
    others = [make_tag("form", f"f{n}", f"some other value {n} of {n * 7}", b"salt", f"f{n}", 0) for n in range(40)]
    filler = "there is nothing to see in here, or so it seems to us. " * 600
    tags = [make_tag("form", "card_number", CARD, b"salt", "t", 0), *others]
    assert any(m.tag_id == "t" and m.confidence >= 0.5 for m in match_tags({"t": f"{filler}{text} {filler}"}, tags))


@LAST_FOUR
def test_the_last_four_of_a_card(text):
    assert found({"t": text}, CARD)
    assert not found({"t": text.replace("9209", "9208")}, CARD)
    made = [make_tag("form", "card", CARD, b"salt", "t", 0)]
    assert TagIndex(made).match_value("t", text).matches


@pytest.mark.parametrize(
    "text", ["in the year 9209", "card 9209", "room 9209 ... or so", "5555****9209 is paid", "a...92091"]
)
def test_four_digits_that_nothing_tells(text):
    assert not found({"t": text}, CARD)


@pytest.mark.parametrize(
    "text",
    [
        "your appointment is at 12.10.2026 09:30. Reply",
        "your appointment is at 2026-10-12T09:30. Reply",
        "at 20261012T093000. Reply",
        "DTSTART:20261012T093000",
        "on 12/10/2026 at 09:30, please",
        "on October 12, 2026 at 9:30 AM.",
        "am 12. Oktober 2026 um 09:30 Uhr",
        "le 12 octobre 2026 à 09h30, merci",
        "el 12 de octubre de 2026 a las 09:30.",
    ],
)
def test_moments(text):
    assert found({"Body": text}, "2026-10-12T09:30", "start")
    assert found({"data": base64.b64encode(text.encode()).decode()}, "2026-10-12T09:30", "start")
    for other in ("2026-10-12T09:45", "2026-10-11T09:30", "2026-09-12T09:30"):
        assert not found({"Body": text}, other, "start")


def test_dates_of_east_asia():
    assert found({"t": "born 1981年8月4日"}, "1981-08-04", "dob")
    assert found({"t": "生年月日：1981年08月04日（東京）"}, "1981-08-04", "dob")
    assert not found({"t": "born 1981年8月5日"}, "1981-08-04", "dob")


def test_cells_of_a_table_are_separate():
    table = "phone\tdob\nX\t0541 313 85 51\t1988-02-03\n"
    for media_type in ("text/csv", "text/tab-separated-values", None):
        assert found(table, "+90 541 313 85 51", "phone", media_type)
        assert found(table, "03.02.1988", "dob", media_type)
    assert not found("a\t0541 313 85\t51 1988-02-03\n", "+90 541 313 85 51", "phone")


@pytest.mark.parametrize("comma", [",", ";"])
def test_cells_of_lines_that_commas_separate(comma):
    table = "name,phone,dob\nX,601838870,24.12.1960\nY,01606740174,1988-01-01\n".replace(",", comma)
    assert found(table, "+48 601 838 870", "phone", "text/csv")
    assert found(table, "1960-12-24", "dob", "text/csv")
    assert not found("total,note\n1,234,567.50,x\n", "567.50", "amount", "text/csv")


def test_a_number_behind_a_colon():
    assert found("MOA+77:227634.20'DTM+3:20261012'", "227,634.20", "amount")
    assert not found("MOA+77:227634.21'", "227,634.20", "amount")
