"""The application that is measured: the demo's shop without what would hide the cost (password hashing).

It knows nothing of what watches it, but for ``/state``, which says whether plain OpenTelemetry does its work.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import requests
from flask import Flask, request
from sqlalchemy import JSON, ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker

PEER = os.environ.get("BENCH_PEER", "http://127.0.0.1:9")

app = Flask(__name__)
engine = create_engine(os.environ.get("BENCH_DATABASE", "sqlite://"))
session = scoped_session(sessionmaker(engine))
app.teardown_appcontext(lambda error: session.remove())


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str]
    born_on: Mapped[str]
    language: Mapped[str]
    came_by: Mapped[str]
    company: Mapped[str]
    addresses: Mapped[list[Address]] = relationship()


class Address(Base):
    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    street: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]


class Survey(Base):
    __tablename__ = "surveys"
    id: Mapped[int] = mapped_column(primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


_PERSON = ("email", "name", "phone", "born_on", "language", "came_by", "company")
_PLACE = ("street", "postcode", "city", "country")

Base.metadata.create_all(engine)
if session.get(Customer, 1) is None:
    session.add(Customer(id=1, **dict.fromkeys(_PERSON, "someone who was here before")))
    session.commit()
session.remove()


@app.get("/ping")
def ping() -> str:
    return "pong"


@app.post("/signup")
def signup() -> Any:
    form = request.form
    customer = Customer(**{name: form[name] for name in _PERSON})
    customer.addresses = [Address(**{name: form[name] for name in _PLACE})]
    session.add(customer)
    session.commit()
    contact = {"displayName": form["name"], "email": form["email"], "city": form["city"]}
    requests.post(f"{PEER}/contacts", json=contact, timeout=10).raise_for_status()
    return {"id": customer.id}, 201


@app.get("/customers/<int:customer_id>")
def customer(customer_id: int) -> Any:
    found = session.get(Customer, customer_id)
    return {name: getattr(found, name) for name in _PERSON}


@app.post("/survey")
def survey() -> Any:
    answers = request.get_json()
    session.add(Survey(answers=answers))
    session.commit()
    requests.post(f"{PEER}/surveys", json=answers, timeout=10).raise_for_status()
    return "", 204


@app.get("/state")
def state() -> Any:
    trace = sys.modules.get("opentelemetry.trace")
    return {
        "opentelemetry": [name for name in ("Flask", "SQLAlchemy", "Requests") if _is_instrumented(name)],
        "recording": trace is not None and trace.get_current_span().is_recording(),
    }


def _is_instrumented(name: str) -> bool:
    module = sys.modules.get(f"opentelemetry.instrumentation.{name.lower()}")
    return module is not None and getattr(module, f"{name}Instrumentor")().is_instrumented_by_opentelemetry
