"""What the shop stores."""

from __future__ import annotations

from datetime import date

from flask import Flask
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker

session = scoped_session(sessionmaker())


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    cents: Mapped[int]


class Search(Base):
    __tablename__ = "searches"
    id: Mapped[int] = mapped_column(primary_key=True)
    term: Mapped[str]


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    born_on: Mapped[date | None]
    language: Mapped[str]
    came_by: Mapped[str | None]
    addresses: Mapped[list[Address]] = relationship(cascade="all, delete-orphan")


class Address(Base):
    __tablename__ = "addresses"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    street: Mapped[str]
    postcode: Mapped[str]
    city: Mapped[str]
    country: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    cents: Mapped[int]
    gift_note: Mapped[str | None]
    payment_id: Mapped[str | None]


class Subscription(Base):
    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)


class Ticket(Base):
    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    question: Mapped[str]
    answer: Mapped[str | None]


PRODUCTS = (("Garden chair", 8900), ("Reading lamp", 4500), ("Tea kettle", 3200))


def connect(app: Flask, url: str) -> None:
    """Tables and a catalogue in the database at ``url``; a session of its own for each request."""
    engine = create_engine(url)
    session.configure(bind=engine)
    Base.metadata.create_all(engine)
    if session.query(Product).first() is None:
        session.add_all(Product(name=name, cents=cents) for name, cents in PRODUCTS)
        session.commit()
    session.remove()
    app.teardown_appcontext(lambda error: session.remove())
