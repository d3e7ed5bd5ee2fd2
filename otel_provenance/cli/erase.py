"""Takes one person's values out of the record, and leaves a proof that it was done.

What goes is what 'subject VALUE' shows: the values' hashes and previews, the previews and hashes of what
carried them, and who made the requests. The rows stay, so that the record still counts and tells what was
done; so do the user ids of requests that brought in nothing of the person. It cannot be undone. The
application's own database, and those who received data, are not touched.
"""

from __future__ import annotations

import argparse
import sys
from typing import Final

from otel_provenance.cli.options import FORMATS, UsageError, add_common, add_confidence
from otel_provenance.cli.phrases import count_of
from otel_provenance.cli.prune import Changed, write_changed
from otel_provenance.cli.record import opened, path_of, writable
from otel_provenance.cli.secrets import read_value
from otel_provenance.cli.text import note
from otel_provenance.reports.identity import Identity, identity_of
from otel_provenance.reports.salt import hash_in
from otel_provenance.settings import read_settings
from otel_provenance.tables import erase

ROW: Final = Changed
"""What a row is made of in the formats for machines."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Whose."""
    parser.add_argument(
        "--subject",
        required=True,
        metavar="VALUE",
        help="an identifier of the person, as for 'subject'; '-' reads it from standard input",
    )
    parser.add_argument(
        "--only-value", action="store_true", help="take out this one value, and not what else is tied to the person"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_confidence(parser)
    add_common(parser, FORMATS)


def run(options: argparse.Namespace) -> int:
    """Ask, do it, and print what was changed."""
    value = read_value(options.subject)
    with opened(options) as record:
        value_hash = hash_in(record, value, read_settings(), path_of(options))
        identity = identity_of(record, value_hash, options.min_confidence)
        known = record.execute("SELECT 1 FROM leaves WHERE value_hash = ? LIMIT 1", (value_hash,)).fetchone()
    if not identity.tags and known is None:
        note("the record ties nothing to this value: nothing was changed")
        return 1
    hashes = {value_hash} if options.only_value else set(identity.identifiers)
    tag_ids = set() if options.only_value else set(identity.tags)
    if not options.yes and not _confirmed(identity, hashes, tag_ids):
        note("nothing was changed")
        return 1
    with writable(path_of(options)) as record:
        changed = erase(record, hashes, tag_ids)
    write_changed(changed, options)
    note("erased; the record holds a proof, which 'otel-provenance subject' shows to who gives the value")
    for told in identity.notes:
        note(f"not erased: {told}")
    return 0


def _confirmed(identity: Identity, hashes: set[str], tag_ids: set[str]) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone: give --yes to do it without being asked")
    requests = len({known.request_id for known, _ in identity.tags.values()})
    print(
        f"This takes {count_of(len(hashes), 'identifier')} and {count_of(len(tag_ids), 'value')} of"
        f" {count_of(requests, 'request')} out of the record, for good. Type 'erase' to do it: ",
        end="",
        file=sys.stderr,
        flush=True,
    )
    return sys.stdin.readline().strip() == "erase"
