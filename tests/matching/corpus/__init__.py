"""A labelled corpus for matching: transform × source × sink, with decoys in every case.

people → values of a kind → one transform → one sink, beside the same of somebody else → a Case
"""

from tests.matching.corpus.cases import Case, cases

__all__ = ["Case", "cases"]
