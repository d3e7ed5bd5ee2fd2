"""Who the shop sends data to."""

from __future__ import annotations

import hashlib
from typing import Any

import requests

CRM = "http://crm.example"
PAYMENTS = "http://pay.example"
ADVERTISING = "http://ads.example"
LLM = "http://llm.example"
TIMEOUT_S = 10


def add_contact(name: str, email: str, phone: str | None, city: str) -> None:
    """Tell the CRM of a new customer; it wants telephone numbers in E.164."""
    plain_phone = "".join(c for c in phone or "" if c.isdigit() or c == "+")
    contact = {"displayName": name, "email": email, "phone": plain_phone, "location": {"city": city}}
    answer = requests.post(f"{CRM}/v2/contacts", json=contact, auth=("shop", "crm-key"), timeout=TIMEOUT_S)
    answer.raise_for_status()


def charge(cents: int, card: dict[str, Any], email: str, name: str) -> str | None:
    """Take money from a card: the payment's id, or None if it was declined."""
    fields = {
        "amount": str(cents),
        "currency": "eur",
        "source[number]": card["number"].replace(" ", ""),
        "source[exp]": card["expiry"],
        "source[cvc]": card["cvc"],
        "source[name]": name,
        "receipt_email": email,
    }
    answer = requests.post(f"{PAYMENTS}/v1/charges", data=fields, timeout=TIMEOUT_S)
    if answer.status_code == 402:
        return None
    answer.raise_for_status()
    payment: str = answer.json()["id"]
    return payment


def add_to_audience(email: str) -> None:
    """Show someone our advertisements elsewhere; the network takes addresses as SHA-256."""
    digest = hashlib.sha256(email.encode()).hexdigest()
    audience = {"schema": "EMAIL_SHA256", "data": [digest]}
    requests.post(f"{ADVERTISING}/v19/audiences/42/users", json=audience, timeout=TIMEOUT_S).raise_for_status()


def answer_question(question: str, name: str, email: str) -> str:
    """What the language model says."""
    messages = [
        {"role": "system", "content": "You are the friendly support of a web shop."},
        {"role": "user", "content": f"{name} <{email}> asks:\n\n{question}"},
    ]
    request = {"model": "small-1", "messages": messages, "temperature": 0}
    answer = requests.post(
        f"{LLM}/v1/chat/completions", json=request, headers={"Authorization": "Bearer llm-key"}, timeout=TIMEOUT_S
    )
    answer.raise_for_status()
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text
