"""A schema with what applications use: inheritance, associations, renamed columns, types of many kinds."""

from __future__ import annotations

import base64
import enum
import uuid

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import declarative_base, relationship, synonym
from sqlalchemy.types import TypeDecorator

Base = declarative_base()


class Encrypted(TypeDecorator):
    """Stands for encryption: what is stored shows nothing of what was assigned."""

    impl = sa.String(400)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else base64.b85encode(value.encode()[::-1]).decode()

    def process_result_value(self, value, dialect):
        return None if value is None else base64.b85decode(value)[::-1].decode()


class Plan(enum.Enum):
    FREE = "free of charge"
    PREMIUM = "premium plan"


class Identifier(TypeDecorator):
    impl = sa.String(36)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else str(value)

    def process_result_value(self, value, dialect):
        return None if value is None else uuid.UUID(value)


class Address:
    """A class of the application's own."""

    def __init__(self, text):
        self.text = text


class AddressType(TypeDecorator):
    impl = sa.String(200)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else value.text


tagging = sa.Table(
    "tagging",
    Base.metadata,
    sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("label", sa.ForeignKey("labels.label"), primary_key=True),
)


class Person(Base):
    __tablename__ = "people"
    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.String(20))
    mail = sa.Column("email_address", sa.String(200))
    _name = sa.Column("full_name", sa.String(200))
    note = sa.Column(sa.Text)
    orders = relationship("Order", back_populates="person", cascade="all, delete-orphan")
    contact = synonym("mail")
    __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": "person"}  # noqa: RUF012

    @hybrid_property
    def name(self):
        return self._name

    @name.setter
    def name(self, value):
        self._name = value


class Guest(Person):
    """Single-table inheritance."""

    voucher = sa.Column(sa.String(50))
    __mapper_args__ = {"polymorphic_identity": "guest"}  # noqa: RUF012


class Member(Person):
    """Joined-table inheritance."""

    __tablename__ = "members"
    id = sa.Column(sa.ForeignKey("people.id"), primary_key=True)
    since = sa.Column(sa.String(50))
    __mapper_args__ = {"polymorphic_identity": "member"}  # noqa: RUF012


class Order(Base):
    __tablename__ = "orders"
    id = sa.Column(sa.Integer, primary_key=True)
    person_id = sa.Column(sa.ForeignKey("people.id"))
    address = sa.Column(sa.String(200))
    person = relationship(Person, back_populates="orders")
    labels = relationship("Label", secondary=tagging)


class Label(Base):
    __tablename__ = "labels"
    label = sa.Column(sa.String(60), primary_key=True)


class Kinds(Base):
    """A column of each kind."""

    __tablename__ = "kinds"
    id = sa.Column(sa.Integer, primary_key=True)
    secret = sa.Column(Encrypted)
    prefs = sa.Column(sa.JSON)
    plan = sa.Column(sa.Enum(Plan))
    born = sa.Column(sa.Date)
    price = sa.Column(sa.Numeric(12, 2))
    token = sa.Column(Identifier)
    address = sa.Column(AddressType)
    blob = sa.Column(sa.LargeBinary(1000))
    object = sa.Column(sa.PickleType)
    made = sa.Column(sa.String(30), server_default="made by the server")


class Seat(Base):
    """A key of two columns, and a version counter."""

    __tablename__ = "seats"
    hall = sa.Column(sa.String(20), primary_key=True)
    number = sa.Column(sa.Integer, primary_key=True, autoincrement=False)
    holder = sa.Column(sa.String(100))
    version = sa.Column(sa.Integer, nullable=False)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
