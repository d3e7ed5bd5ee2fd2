"""Checkout."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from demo.shop import partners
from demo.shop.account import signed_in
from demo.shop.models import Order, Product, session

blueprint = Blueprint("orders", __name__)


@blueprint.post("/checkout")
def checkout() -> Any:
    customer, wanted = signed_in(), request.get_json()
    cents = 0
    for item in wanted["items"]:
        product = session.get(Product, item["product"])
        cents += product.cents * item["quantity"] if product else 0
    order = Order(customer_id=customer.id, cents=cents, gift_note=wanted.get("gift_note"))
    session.add(order)
    session.flush()
    order.payment_id = partners.charge(cents, wanted["card"], customer.email, customer.name)
    if order.payment_id is None:
        session.rollback()
        return {"error": "the card was declined"}, 402
    session.commit()
    return {"order": order.id}, 201
