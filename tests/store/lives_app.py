"""The shop of the cross-request corpus: what it stores in one process, it sends from others.

``ADA`` and ``GRACE``, as JSON, are the two people: what they type into its forms.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys

import requests
from flask import Flask, request
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PARTNER = os.environ["PARTNER"]
ADA, GRACE = (json.loads(os.environ[name]) for name in ("ADA", "GRACE"))
engine = create_engine("sqlite:///shop.sqlite")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    town: Mapped[str | None]
    country: Mapped[str | None]
    employer: Mapped[str | None]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_email: Mapped[str] = mapped_column(String)
    note: Mapped[str]


class Newsletter(Base):
    __tablename__ = "newsletter"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]


Base.metadata.create_all(engine)
app = Flask("shop")


@app.post("/signup/<label>")
def sign_up(label):
    form = request.form
    with Session(engine) as session:
        session.add(
            User(
                email=stored_address(form),
                name=form.get("name"),
                phone="+" + "".join(filter(str.isdigit, form["phone"])) if "phone" in form else None,
                address=form.get("address"),
                town=form.get("town"),
                country=form.get("country"),
                employer=form.get("employer"),
            )
        )
        session.flush()
        if "fail" in request.args:
            session.rollback()
        else:
            session.commit()
    return {}


@app.post("/move/<label>")
def move(label):
    with Session(engine) as session:
        user = session.scalars(select(User).where(User.email == request.json["email"])).one()
        user.address = request.json["address"]
        session.commit()
    return {}


@app.post("/order/<label>")
def order(label):
    with Session(engine) as session:
        session.add(Order(user_email=request.form["email"], note=request.form["note"]))
        session.commit()
    return {}


@app.get("/search/<label>")
def search(label):
    return {"found": 0}


def stored_address(form):
    return form["email"].strip().lower()


def form_of(person):
    return {name: value for name, value in person.items() if name not in ("moved_to", "note")}


def serve():
    """Process 1: two people, decoys, a sign-up that is rolled back, a search."""
    client = app.test_client()
    ada, grace = stored_address(ADA), stored_address(GRACE)
    client.post("/signup/ada", data=form_of(ADA))
    client.post("/signup/grace", data=form_of(GRACE))
    client.post("/signup/bob?fail=1", data={"email": "bob@example.net", "name": "Robert Tables-Smith"})
    client.get("/search/ada-searched", query_string={"q": ada})
    client.post("/move/ada-moved", json={"email": ada, "address": ADA["moved_to"]})
    client.post("/order/ada-ordered", data={"email": ada, "note": ADA["note"]})
    client.post("/order/grace-ordered", data={"email": grace, "note": GRACE["note"]})


def send(path, **how):
    requests.post(f"{PARTNER}/{path}", timeout=10, **how)


def nightly():
    """Process 2: a job without requests. Each path is what the corpus is labelled by."""
    with Session(engine) as session:
        ada = session.scalars(select(User).where(User.email == stored_address(ADA))).one()
        grace = session.scalars(select(User).where(User.email == stored_address(GRACE))).one()
        notes = session.scalars(select(Order.note).order_by(Order.id)).all()
        for user in (ada, grace):
            session.add(Newsletter(recipient=user.email))
        session.commit()
        send("email", json={"to": ada.email})
        send("other-email", json={"to": grace.email})
        send("sha256", json={"em": hashlib.sha256(ada.email.encode()).hexdigest()})
        send("md5", data={"avatar": hashlib.md5(grace.email.encode()).hexdigest()})
        send("address", json={"ship_to": ada.address})
        send("note", json={"lines": [{"remark": notes[0]}, {"remark": notes[1]}]})
        send("both", json=[{"to": ada.email}, {"to": grace.email}])
        send("employer", json={"employer": ada.employer})
        send("employer-and-email", json={"employer": grace.employer, "email": grace.email})
        send("stranger", json={"to": "zoe@example.com", "name": "Zoe Washburne-Smith", "note": "nothing of theirs"})
        send("rolled-back", json={"to": "bob@example.net"})
        send("phone", json={"tel": ada.phone})
        send("base64", json={"blob": base64.b64encode(ada.email.encode()).decode()})
        send("text", json={"text": f"Dear customer, we wrote to {grace.email} today. Regards"})
        send("name", json={"who": ada.name})
        send("upper", json={"to": grace.email.upper()})
        send("form", data={"to": ada.email, "subject": "Your weekly offers are here"})
        send("header", headers={"X-Customer": grace.email})
        send("query", params={"email": ada.email})
        send("town", json={"town": ada.town})
        send("country", json={"country": ada.country})
        send("profile", json={"name": grace.name, "address": grace.address, "employer": grace.employer})


def newsletter():
    """Process 3: sends what process 2 wrote."""
    with Session(engine) as session:
        for number, letter in enumerate(session.scalars(select(Newsletter).order_by(Newsletter.id))):
            send(f"newsletter-{number}", json={"to": letter.recipient})


if __name__ == "__main__":
    {"serve": serve, "nightly": nightly, "newsletter": newsletter}[sys.argv[1]]()
