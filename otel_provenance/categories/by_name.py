"""What a field's name says, where the value can be what the name says."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from otel_provenance.categories import keys
from otel_provenance.categories.rules import RULES, Rule, is_anything, is_name
from otel_provenance.fieldnames import last_names, words_of_name

_NOT_PERSONS = re.compile(
    r"(?:^|_)(?:files?|product|item|company|brand|event|domain|host|server|class|tag|table|column|field|app|application"
    r"|project|repo|repository|package|module|plan|category|group|role|team|store|shop|model|template|type|org|organisation"
    r"|organization|bank|school|list|device|browser|form|page|route|service|channel|label|theme|font|color|image)s?(?:_|$)"
)
_IDENTIFIER = re.compile(
    r"(?:^|_)(?:id|ids|uuid|guid|order|invoice|tracking|imei|reference|ref|serial|sku|ean|gtin|isbn|barcode|timestamp|time|ts"
    r"|transaction|trace|version|phone|mobile|tel)(?:_|$)"
)


_PERSONS = re.compile(r"(?:user|customer|member|patient|employee|account|person|contact|client)s?")


class Named(NamedTuple):
    """What is known of a field by its name alone."""

    rules: tuple[Rule, ...]
    identifier: bool
    """Named like a number of something: a value is no card for its check digit alone."""


@lru_cache(maxsize=8192)
def rules_of(source: str, field: str) -> Named:
    """The rules that a field's name meets, the most telling first."""
    return _rules_of(source, last_names(field))


@lru_cache(maxsize=8192)
def _rules_of(source: str, names: tuple[str, ...]) -> Named:
    if not names:
        return Named((), False)
    own = "_".join(words_of_name(names[-1]))
    around = "_".join(words_of_name(names[-2])) if len(names) > 1 else ""
    rules = [rule for rule in RULES if rule.name.search(own)]
    if _NOT_PERSONS.search(own):
        rules = [rule for rule in rules if rule.category not in _OF_PERSONS]
    if own in ("name", "title_name") and not _NOT_PERSONS.search(around):
        rules.append(_NAME)
    if own in ("first", "last") and re.search(r"(?:^|_)(?:name|person|user|customer|contact)s?(?:_|$)", around):
        rules.append(Rule(_NAME.name, keys.FIRST_NAME if own == "first" else keys.LAST_NAME, is_name))
    if own == "id" and re.fullmatch(
        r"(?:user|customer|member|patient|employee|account|person|contact|client)s?", around
    ):
        rules.append(Rule(_NAME.name, keys.UNIQUE_ID, is_anything))
    if source == "header" and own in ("cookie", "proxy_authorization"):
        rules.append(Rule(_NAME.name, keys.CREDENTIALS, is_anything))
    return Named(tuple(rules), _IDENTIFIER.search(own) is not None)


_NAME = Rule(re.compile("name"), keys.NAME, is_name)
_OF_PERSONS = frozenset((keys.NAME, keys.FIRST_NAME, keys.LAST_NAME, keys.USERNAME))
