"""Whether two fields are named alike: ``email`` and ``contact.email_address``, ``qty`` and ``quantity``."""

from __future__ import annotations

from functools import lru_cache

from otel_provenance.fieldnames import last_names, words_of_name

_SAME = (
    "email mail emailaddress emailaddr",
    "phone tel telephone mobile cell phonenumber msisdn handy",
    "zip postal postcode plz zipcode postalcode",
    "quantity qty",
    "total amount sum",
    "password passwd pwd pass",
    "address addr street",
    "company organization organisation org employer",
    "birth birthdate birthday dob born dateofbirth",
    "description desc",
    "message msg",
    "country nation",
    "city town locality",
    "state province region",
    "gender sex",
    "user username login nick nickname handle",
    "card cardnumber pan creditcard cc",
    "comment note notes remark remarks",
    "subscribe subscribed newsletter optin",
    "title subject headline",
)
_NAMES = {
    name: frozenset((part, "name"))
    for part, names in (
        ("first", "first given forename firstname givenname fname prenom vorname"),
        ("last", "last family surname lastname familyname lname nachname"),
    )
    for name in names.split()
}
_BRIEF = {
    "fn": _NAMES["first"],
    "ln": _NAMES["last"],
    "em": frozenset(("email",)),
    "ph": frozenset(("phone",)),
    "ct": frozenset(("city",)),
    "zp": frozenset(("zip",)),
    "db": frozenset(("birth",)),
    "ge": frozenset(("gender",)),
}
"""What advertising platforms have for names, by themselves only."""
_CANONICAL = {word: group.split()[0] for group in _SAME for word in group.split()}
_FILLERS = frozenset("is has the a of my your new old input field form txt str val data".split())  # noqa: SIM905
_OWNERS = frozenset("address shipping billing delivery contact customer client user member order account".split())  # noqa: SIM905
_PERSONS = frozenset(
    """
    applicant attendee author beneficiary bearer buyer cardholder caller candidate child contact creditor debtor
    delegate doctor driver employee guardian guest heir holder insured lead leader learner member mother father owner
    parent participant passenger patient payee payer person physician player pupil purchaser recipient referee renter
    reporter representative resident seller sender signatory signer speaker spouse student subject subscriber teacher
    tenant traveler traveller visitor witness worker
    """.split()  # noqa: SIM905
)
"""What a field is called that names a person, by itself or before ``name``."""
_THINGS = frozenset(
    """
    agency app application artist bank batch brand bucket building business campaign category channel chart city class
    client_app club column company country county course database department device directory display domain event
    field file folder function game group host hotel institution item job key label list medicine merchant method
    metric model module network node object package page partner pet place plan product project property province
    publisher queue region repo repository restaurant role room route scheme school screen script server service shop
    site skill space state station store street supplier table tag task team template theme title topic town type
    university user vehicle vendor venue version warehouse website widget
    """.split()  # noqa: SIM905
)
"""What has a name besides people."""
_PARTS_OF_NAME = frozenset(("first", "last", "full"))
_GENERIC = frozenset("id name value key type code number no text date time at status item first last".split())  # noqa: SIM905


@lru_cache(maxsize=8192)
def words(name: str) -> frozenset[str]:
    """The words of a name, each synonym by its group's first word; ``firstName`` → first, name."""
    found = words_of_name(name)
    joined = "".join(found)
    if joined in _NAMES:
        return _NAMES[joined]
    if joined in _BRIEF:
        return _BRIEF[joined]
    if joined in _CANONICAL:
        return frozenset((_CANONICAL[joined],))
    kept = [_CANONICAL.get(w, w) for w in found if not w.isdigit()]
    return frozenset([w for w in kept if w not in _FILLERS] or kept)


Names = tuple[frozenset[str], ...]
"""The words of a field's own name, and those of it and the name around it."""


@lru_cache(maxsize=8192)
def names_of_path(path: str) -> Names:
    """Of a dotted path; list indexes do not count."""
    return names_of_keys(last_names(path))


@lru_cache(maxsize=8192)
def names_of_keys(keys: tuple[str, ...]) -> Names:
    """Of the last keys of a path, at most two."""
    if not keys:
        return ()
    if "[" in keys[-1]:  # ``customer[address][city]``, as PHP and Rails have their forms
        keys = last_names(".".join(keys)) or keys
    last = words(keys[-1])
    return (last,) if len(keys) == 1 else (last, words(keys[-2]) | last)


@lru_cache(maxsize=8192)
def likeness(one: Names, other: Names) -> float:
    """0 (nothing in common) to 1 (the same words)."""
    return max((_alike(a, b) for a in one for b in other), default=0.0)


@lru_cache(maxsize=8192)
def is_persons(names: Names) -> bool:
    """Whether a field so named holds the name of a person: ``full_name``, ``passenger``; not ``company.name``."""
    if not names or not names[-1].isdisjoint(_THINGS):
        return False
    own = names[0]
    return "name" in own or not own.isdisjoint(_PERSONS)


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    if a == b:
        return 1.0
    shared = a & b
    if not shared:
        return 0.0
    if a ^ b == {"id"}:
        return 0.9  # a foreign key: ``payer`` and ``payer_id``
    if "name" in shared and (a ^ b) <= _PARTS_OF_NAME and len(a ^ b) == 1:
        return 0.8  # ``name`` and ``first_name``
    if "name" in shared and len((a ^ b) & _PARTS_OF_NAME) == 1 and (a ^ b) - _PARTS_OF_NAME <= _PERSONS | _OWNERS:
        return 0.7  # ``patient_name`` and ``first_name``
    telling = shared - _GENERIC
    if telling and (a ^ b) <= _GENERIC:
        return 0.95  # ``country`` and ``country_code``
    if telling and (a ^ b) <= _OWNERS and (a <= b or b <= a):
        return 0.9  # ``city`` and ``shipping_city``: as ``city`` in an object that is named ``shipping``
    if a <= b or b <= a:
        return 0.7 if telling else 0.5
    return 0.4 * len(telling) / len(a | b)
