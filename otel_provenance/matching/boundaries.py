"""Whether a value stands by itself where it was found, rather than inside a longer word, number or address."""

from __future__ import annotations

_ADDRESS = frozenset("._%+-")
_JOINTS = frozenset("@._+-")


def bounded(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` ends where a word does: ``jen`` in ``jen 123``, not in ``jennifer``.

    A number does not go on behind a point or comma, an e-mail address not before or behind a dot or dash;
    writing systems without spaces between words have no such ends.
    """
    first, last = text[start], text[end - 1]
    before = text[start - 1] if start else "\0"
    after = text[end] if end < len(text) else "\0"
    if _joined(before, first) or _joined(last, after):
        return False
    if first.isdigit() and before in ".," and start > 1 and text[start - 2].isdigit():
        number_goes_on = before == "." or not _is_cell(text[start:end], 5)
        if number_goes_on:
            return False
    if last.isdigit() and after in ".," and end + 1 < len(text) and text[end + 1].isdigit():
        number_goes_on = after == "." or not _is_cell(text[start:end], 10)
        if number_goes_on:
            return False
    if "@" in text[start:end]:
        if after == "-" or (before in _ADDRESS and _goes_on_before(text, start)):
            return False
        if after == "." and end + 1 < len(text) and text[end + 1].isalnum():
            return False
    elif before == "@" and start > 1 and text[start - 2].isalnum():
        return False  # the domain of somebody's address
    return True


def alone(text: str, start: int, end: int) -> bool:
    """Whether it is, besides, no part of a longer address, host, account or file: ``ada`` in ``dear ada.``, not in
    ``ada.l@navy.example``, ``@ada`` or ``team-ada``."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and before in _JOINTS and before != ".":
        return False
    if before == "." and text[start - 2 : start - 1].isalnum():
        return False
    if after == "@" or (after and after in _JOINTS and text[end + 1 : end + 2].isalnum()):
        return False
    return not (before.isalnum() or after.isalnum()) and bounded(text, start, end)


def _goes_on_before(text: str, start: int) -> bool:
    """Whether an address begins earlier: not in ``__grace@navy.example__`` or ``LIKE '%grace@navy.example%'``."""
    begin = start
    while begin and text[begin - 1] in _ADDRESS:
        begin -= 1
    return begin > 0 and text[begin - 1].isalnum()


def _is_cell(value: str, digits: int) -> bool:
    """Whether a value beside a comma is one of a list (``2,221B Baker Street``) rather than a part of a number."""
    return len(value) >= digits or not value.replace(".", "").replace(",", "").isdigit()


def _joined(left: str, right: str) -> bool:
    if left.isdigit():
        return right.isdigit()
    return left.isalpha() and right.isalpha() and not ("\u2e80" <= left <= "\ud7ff" or "\u2e80" <= right <= "\ud7ff")
