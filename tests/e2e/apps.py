"""The application that activation is tried on: it imports SQLAlchemy and requests before Flask, by name."""

from __future__ import annotations

APP = """\
from sqlalchemy import create_engine, Column, Integer, String
from sqlalchemy.orm import declarative_base, sessionmaker
from requests import post
import os, sys

engine = create_engine("sqlite:///shop.sqlite")
Session = sessionmaker(bind=engine)
Base = declarative_base()


class Customer(Base):
    __tablename__ = "customers"
    id = Column(Integer, primary_key=True)
    email = Column("email_address", String)


Base.metadata.create_all(engine)

from flask import Flask, request

app = Flask(__name__)


@app.get("/ping")
def ping():
    return "pong"


@app.post("/customers")
def sign_up():
    with Session() as session:
        customer = Customer(email=request.form["email"].strip())
        session.add(customer)
        session.commit()
        key = customer.id
    if os.environ.get("PARTNER"):
        post(os.environ["PARTNER"] + "/welcome", json={"to": request.form["email"]}, timeout=10)
    return {"id": key}


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]))
"""
