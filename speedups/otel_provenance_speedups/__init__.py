"""What otel-provenance asks of every byte of a payload, in C: it does without, and uses this where it is installed."""

from otel_provenance_speedups._speedups import (
    edge_table,
    gram_table,
    is_plain,
    json_span,
    last_keys,
    leaf_edges,
    leaf_table,
    may_hold_any,
    normal_ascii,
    plausible_runs,
    settle,
    shares_gram,
    sieve_table,
    sift,
    trigram_table,
    walk,
    word_table,
    words_in,
)

INTERFACE = 3
"""Goes up when a function's meaning changes; otel-provenance uses only the interface that it knows."""

__all__ = [
    "INTERFACE",
    "edge_table",
    "gram_table",
    "is_plain",
    "json_span",
    "last_keys",
    "leaf_edges",
    "leaf_table",
    "may_hold_any",
    "normal_ascii",
    "plausible_runs",
    "settle",
    "shares_gram",
    "sieve_table",
    "sift",
    "trigram_table",
    "walk",
    "word_table",
    "words_in",
]
