"""Questions, answered by a language model."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from demo.shop import partners
from demo.shop.account import signed_in
from demo.shop.models import Ticket, session

blueprint = Blueprint("support", __name__)


@blueprint.post("/support")
def ask() -> Any:
    customer = signed_in()
    ticket = Ticket(customer_id=customer.id, question=request.get_json()["question"])
    session.add(ticket)
    session.flush()
    ticket.answer = partners.answer_question(ticket.question, customer.name, customer.email)
    session.commit()
    return {"answer": ticket.answer}
