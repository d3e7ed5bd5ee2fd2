"""Spellings of one value share a key; other values do not."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from otel_provenance.matching import dates, forms
from otel_provenance.matching.names import likeness, names_of_path
from otel_provenance.values import normal_form


def alike(one, other):
    return likeness(names_of_path(one), names_of_path(other))


numbers = st.decimals(min_value=0, max_value=10**9, places=2) | st.integers(0, 10**12).map(Decimal)


@given(numbers)
def test_numbers(number):
    key = normal_form(number)
    spellings = [str(number), f"{number:f}", f"{number:,}", f"{number:,.2f}", f"$ {number:,.2f}", f"{number:.2f} eur"]
    spellings += [f"{number:,.2f}".replace(",", " ").replace(".", ","), f"{float(number):.2f}"]
    for spelling in spellings:
        assert forms.number_key(normal_form(spelling)) == key, spelling


@pytest.mark.parametrize("text", ["", "1.2.3", "12a", "1,23,4", "--1", "1e", "12:30", "0x12", "1 2"])
def test_what_is_no_number(text):
    assert forms.number_key(text) is None


@given(st.dates(datetime.date(1000, 1, 1), datetime.date(2999, 12, 31)))
def test_dates(day):
    spellings = ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y"]
    for form in spellings:
        text = day.strftime(form)
        if form.endswith("%Y") and day.year < 1000:
            continue
        keys = dates.date_keys(normal_form(text))
        assert day.isoformat() in keys, text
        digits = forms.digits(text)
        assert digits in dates.date_digits(day.isoformat()), text


@given(st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2100, 1, 1)), st.integers(-14, 14))
def test_moments(moment, hours):
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    aware = moment.replace(tzinfo=zone)
    assert set(dates.date_keys(normal_form(aware))) <= set(dates.date_keys(normal_form(aware.isoformat())))
    assert dates.date_keys(normal_form(moment.isoformat())) == dates.date_keys(normal_form(moment))


@given(st.text("0123456789-/. :tzjan", max_size=30))
def test_anything_may_be_asked_for_its_keys(text):
    normal = normal_form(text)
    forms.number_key(normal)
    dates.date_keys(normal)
    forms.phone_digits(normal)


national = st.from_regex(r"[1-9][0-9]{8,9}", fullmatch=True)
codes = st.sampled_from(["1", "7", "44", "49", "351", "420", "886"])


@given(national, codes)
def test_phones(number, code):
    assume(len(code) > 1 or len(number) == 10)  # North America and Russia have ten digits
    full = forms.phone_digits(f"+{code} {number[:3]}-{number[3:]}")
    assert full == f"+{code}{number}"
    for other in (f"+{code}{number}", f"00{code}{number}", f"0{number}", number, f"+{code} (0){number}"):
        assert forms.same_phone(full, forms.phone_digits(other)), other


@given(national, national, codes, codes)
def test_other_phones(one, two, code, other):
    if one != two:
        assert not forms.same_phone(f"+{code}{one}", f"+{code}{two}")
    if code != other and code + one != other + two:
        assert not forms.same_phone(f"+{code}{one}", f"+{other}{two}")


def test_mailboxes():
    assert forms.same_mailbox("a.b+x@c.example", "a.b@c.example") == "plus-tag"
    assert forms.same_mailbox("a.b@c.example", "ab@c.example") == "dots"
    assert forms.same_mailbox("a.b+y@c.example", "ab@c.example") == "plus-tag>dots"
    assert forms.same_mailbox("a@c.example", "b@c.example") == ""
    assert forms.same_mailbox("a@c.example", "a@d.example") == ""


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("email", "email", 1, 1), ("email", "contact.emailAddress", 1, 1), ("user.e-mail", "EMAIL", 1, 1),
        ("quantity", "qty", 1, 1), ("firstName", "first_name", 1, 1), ("name", "first_name", 0.7, 0.9),
        ("address.city", "address_city", 1, 1), ("items.0.quantity", "rows.17.quantity", 1, 1),
        ("payer", "payer_id", 0.9, 1),
        ("email", "billing_email", 0.5, 0.9), ("quantity", "id", 0, 0), ("user_id", "order_id", 0, 0.1),
        ("first_name", "last_name", 0, 0.2), ("", "email", 0, 0), ("page", "language", 0, 0),
    ],
)  # fmt: skip
def test_likeness_of_names(one, other, least, most):
    assert least <= alike(one, other) <= most
    assert alike(one, other) == alike(other, one)
