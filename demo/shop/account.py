"""Sign-up, log-in, and what customers may do with their data."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, request
from flask import session as login
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from demo.shop import partners
from demo.shop.models import Address, Customer, Subscription, session

blueprint = Blueprint("account", __name__)


def signed_in() -> Customer:
    """The customer who is logged in; else the answer is 401."""
    customer = session.get(Customer, login.get("user_id", 0))
    return customer or abort(401)


@blueprint.post("/signup")
def signup() -> Any:
    form = request.form
    customer = Customer(
        email=form["email"].strip().lower(),
        password_hash=generate_password_hash(form["password"]),
        name=form["name"].strip(),
        phone=form.get("phone"),
        born_on=date.fromisoformat(form["born_on"]) if form.get("born_on") else None,
        language=form.get("language", "en"),
        came_by=form.get("came_by"),
        addresses=[Address(**{part: form[part] for part in ("street", "postcode", "city", "country")})],
    )
    session.add(customer)
    try:
        session.commit()
    except IntegrityError:
        session.rollback()
        return {"error": "there is an account with this address"}, 409
    partners.add_contact(customer.name, customer.email, customer.phone, customer.addresses[0].city)
    login["user_id"] = customer.id
    return {"id": customer.id}, 201


@blueprint.post("/login")
def log_in() -> Any:
    customer = session.query(Customer).filter_by(email=request.form["email"].strip().lower()).one_or_none()
    if customer is None or not check_password_hash(customer.password_hash, request.form["password"]):
        return {"error": "wrong address or password"}, 403
    login["user_id"] = customer.id
    return {"id": customer.id}


@blueprint.get("/profile")
def profile() -> Any:
    customer = signed_in()
    return {"name": customer.name, "email": customer.email, "phone": customer.phone}


@blueprint.patch("/profile")
def change_profile() -> Any:
    customer = signed_in()
    for name, value in request.get_json().items():
        if name in ("name", "phone", "language"):
            setattr(customer, name, value)
    session.commit()
    return {"changed": True}


@blueprint.delete("/profile")
def leave() -> Any:
    # a mistake that is easily made: the third parties are not told
    customer = signed_in()
    session.query(Subscription).filter_by(email=customer.email).delete()
    session.delete(customer)
    session.commit()
    login.clear()
    return "", 204


@blueprint.post("/newsletter")
def newsletter() -> Any:
    email = request.form["email"].strip().lower()
    session.add(Subscription(email=email))
    session.commit()
    partners.add_to_audience(email)
    return {"subscribed": True}, 201
