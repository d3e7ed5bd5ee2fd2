"""A second labelled corpus: whole requests of people of nine countries, and 29 sinks as libraries fill them.

people → a request's fields → one change → one sink, beside values of somebody else → a Case

It was written from the specification, without knowledge of the matcher. Names, addresses and numbers are made up,
cards are published test numbers, and accounts are at banks that there are not.
"""

from tests.matching.people.cases import cases

__all__ = ["cases"]
