"""The customers, and what they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

PASSWORD = "correct horse battery staple"
EMAIL = "zoe.nunez@example.com"
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/29", "cvc": "921"}
DECLINED_CARD = {"number": "4000 0000 0000 0002", "expiry": "11/28", "cvc": "417"}
GIFT_NOTE = "Happy birthday, dear grandmother!"
QUESTION = "I moved house. Can you bring my order to my sister Anna at 5 Harbour Lane instead?"

ZOE = {
    "email": " Zoe.Nunez@Example.com ",
    "password": PASSWORD,
    "name": "Zoë Núñez",
    "phone": "+34 612 34 56 78",
    "born_on": "1991-04-23",
    "language": "es",
    "came_by": "friend-referral",
    "street": "12 Olive Street",
    "postcode": "28013",
    "city": "Madrid",
    "country": "Spain",
    "terms": "accepted",
}
BEN = {
    **ZOE,
    "email": "ben.okafor@example.org",
    "name": "Ben Okafor",
    "phone": "+44 7700 900123",
    "born_on": "1984-11-02",
    "language": "en",
    "street": "7 Station Road",
    "postcode": "LS1 4DY",
    "city": "Leeds",
    "country": "United Kingdom",
}


def play(shop: str, tell: Callable[[str], None]) -> None:
    """All of it, in order; AssertionError where the shop does not answer as it should."""

    def call(who: requests.Session, method: str, path: str, expected: int, **parts: Any) -> None:
        answer = who.request(method, shop + path, timeout=20, **parts)
        assert answer.status_code == expected, f"{method} {path} answered {answer.status_code}, not {expected}"

    with requests.Session() as zoe, requests.Session() as ben:
        zoe.trust_env = ben.trust_env = False  # the shop is here, whatever proxy there may be
        tell("Zoë looks for a garden chair and signs up")
        call(zoe, "GET", "/?q=garden+chair", 200)
        call(zoe, "POST", "/signup", 201, data=ZOE)
        tell("Zoë subscribes to the newsletter")
        call(zoe, "POST", "/newsletter", 201, data={"email": ZOE["email"]})
        tell("Zoë buys two chairs; her first card is declined, her second is not")
        cart = {"items": [{"product": 1, "quantity": 2}], "gift_note": GIFT_NOTE}
        call(zoe, "POST", "/checkout", 402, json={**cart, "card": DECLINED_CARD})
        call(zoe, "POST", "/checkout", 201, json={**cart, "card": CARD})
        tell("Zoë asks the support, which is a language model")
        call(zoe, "POST", "/support", 200, json={"question": QUESTION})
        tell("Ben signs up with Zoë's address, is refused, and takes his own")
        call(ben, "POST", "/signup", 409, data={**BEN, "email": EMAIL})
        call(ben, "POST", "/signup", 201, data=BEN)
        tell("Ben changes his telephone number")
        call(ben, "PATCH", "/profile", 200, json={"phone": "+44 7700 900456"})
        tell("Zoë closes her account")
        call(zoe, "DELETE", "/profile", 204)
