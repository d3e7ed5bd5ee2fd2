"""Edges across requests, processes and services: a value that an event carries was known before.

    leaf of an event ─ keyed hash ─ tag, or stored value ─ who carried it? ─ edge, with the write that carried it

An event's span says the hashes of its specific values that no tag of its own request explains (``leaves``). Each
is looked up among the tags of all requests and the values of all writes. A tag becomes an edge if a write
carried its data, and was not rolled back: ``via_event_id``. Without such a write the tag still counts, for
less, if nothing in the record had the value before it came in. It works in both directions in time: a tag
or a write that arrives late finds the events that carried its value already.

Confidence. One subject (a user, else a row, else a request) that a value can come from: 0.9 with a write that
carried it, 0.6 without, half of that if a write of it was rolled back. Several: divided by their number, so
that a name that two people share ties neither; but if another value of the same event points to one of them
alone, it is that one. An identifier of a person (an e-mail address, a number) is the same person's wherever it
comes from; a home's address too where users are not known, but it does not tell whose the values beside it are.
Of several tags of one subject, the one whose request brought in most of the event's values, else the
earliest, is the likely one; the others count half. A value that very many requests brought in makes edges only
to those that another value of the event points to.

finding    a batch of rows → values to be explained → candidates → edges
sources    what the record knows of a value: tags, and the writes that carried them
weighing   candidates → how likely each is
"""

from otel_provenance.tables.links.finding import find_links

__all__ = ["find_links"]
