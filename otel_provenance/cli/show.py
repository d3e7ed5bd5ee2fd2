"""One request as a tree: each value that came in, where it was stored, to whom it was sent, and how sure that is."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from otel_provenance.cli.options import add_common, add_confidence
from otel_provenance.cli.output import as_json
from otel_provenance.cli.phrases import (
    carried_lines,
    column_line,
    count_of,
    how,
    not_inspected,
    place_of,
    request_line,
    row_name,
    rows_of,
    service_name,
    spaced,
    spoken,
    status_style,
    tag_name,
)
from otel_provenance.cli.record import opened
from otel_provenance.cli.share import call_line
from otel_provenance.cli.text import Line, Piece, terminal_of
from otel_provenance.cli.tree import Node, tree
from otel_provenance.reports.data import DataRow
from otel_provenance.reports.edges import Destination
from otel_provenance.reports.ids import newest_request_id, whole_request_id
from otel_provenance.reports.requests import RequestRow
from otel_provenance.reports.share import ShareRow
from otel_provenance.reports.show import Story, show
from otel_provenance.reports.storage import StorageRow


def add_options(parser: argparse.ArgumentParser) -> None:
    """The request."""
    parser.add_argument(
        "request_id",
        nargs="?",
        metavar="ID",
        help="the request; the beginning of its id is enough (default: the newest)",
    )
    add_confidence(parser)
    add_common(parser, ("table", "json"))


def run(options: argparse.Namespace) -> int:
    """Print it."""
    with opened(options) as record:
        wanted = options.request_id
        request_id = whole_request_id(record, wanted) if wanted is not None else newest_request_id(record)
        story = show(record, request_id, options.min_confidence)
    if options.format == "json":
        print(as_json(story, indent=2))
        return 0
    terminal = terminal_of(sys.stdout, options.color)
    for line in tree(story_tree(story), terminal):
        print(line)
    return 0


def story_tree(story: Story) -> Node:
    """The request, what came in, and what else it wrote and sent."""
    request = story.request
    own = {edge.tag_id for edge in story.data}
    below = [Node([(about, "dim")]) for about in _about(request)]
    below += [Node(line) for line in _trouble(request)]
    below += [_value(row) for row in story.data]
    others = list(_other_writes(story, own)) + list(_other_calls(story, own))
    if others:
        below.append(Node([("beside that", "bold")], others))
    return Node(_title(story), below)


def _title(story: Story) -> Line:
    request = story.request
    line: list[Piece] = list(request_line(request.method, request.path))
    if request.status_code is not None:
        line += ["  ", (str(request.status_code), status_style(request.status_code))]
    if request.duration_ms is not None:
        line.append((f"  {request.duration_ms:,.0f} ms", "dim"))
    line.append(f"  {count_of(len(story.data), 'value')} came in")
    if request.stored_in:
        line += [", stored in ", (", ".join(request.stored_in), "blue")]
    if request.deleted_from:
        line += [", deleted from ", (", ".join(request.deleted_from), "blue")]
    if request.sent_to:
        line += [", sent to ", (", ".join(request.sent_to), "yellow")]
    return line


def _about(request: RequestRow) -> Iterator[str]:
    yield f"{request.started_at[:19].replace('T', ' ')} UTC  {request.request_id}"
    facts = {
        "user": request.user_id,
        "from": request.client_address,
        "route": request.route if request.route != request.path else None,
        "service": service_name(request.service),
        "called by request": request.parent_request_id,
    }
    said = [f"{name} {value}" for name, value in facts.items() if value]
    if said:
        yield "  ".join(said)


def _trouble(request: RequestRow) -> Iterator[Line]:
    if request.error:
        yield [("raised ", "red"), (request.error, "red")]
    line = not_inspected(request.inspected, request.inspected_reason)
    if line:
        yield ["what came in was ", *line]


def _value(row: DataRow) -> Node:
    line: list[Piece] = list(tag_name(row.source, row.field))
    if row.preview:
        line.append((f"  {row.preview}", "dim"))
    if row.category:
        line.append((f"  {row.category}", "magenta"))
    below = [Node(line_of(destination, row.request_id)) for destination in row.went_to]
    if not below:
        line.append(("  went nowhere", "dim"))
    return Node(line, below)


def line_of(destination: Destination, own_request: str | None) -> Line:
    """A place that a value went to, with all that is known of it."""
    line: list[Piece] = list(place_of(destination))
    if destination.action == "share":
        if destination.channel == "http" or destination.method:
            line.append(f" {destination.method or ''} {destination.location} {destination.field}".rstrip())
    else:
        line.append(f" {destination.action}")
        if destination.primary_key:
            line.append(f" {row_name(destination.primary_key)}")
    line.append((f"  {how(destination.kind, destination.transform, destination.confidence, always=True)}", "cyan"))
    said = spoken(destination.outcome)
    if destination.action == "share" and destination.status_code is not None:
        said += f" {destination.status_code}"
    line.append((f"  {said}", status_style(destination.status_code, destination.outcome)))
    line += spaced(not_inspected(destination.inspected))
    if destination.request_id != own_request:
        by = f"in request {destination.request_id}" if destination.request_id else "outside requests"
        line.append((f"  later, {by}", "magenta"))
    return line


def _other_writes(story: Story, own: set[str]) -> Iterator[Node]:
    for row in story.storage:
        carried = [edge for edge in row.carries if edge.tag_id not in own]
        if row.carries and not carried:
            continue  # told above
        line: list[Piece] = [*column_line(row.table_name, row.column_name), f" {row.operation}"]
        line.append(f" {row_name(row.primary_key)}" if row.primary_key else f" {rows_of(row.row_count)}")
        line.append((f"  {spoken(row.outcome)}", status_style(None, row.outcome)))
        line += spaced(not_inspected(row.inspected))
        yield Node(["▪ ", *line], [Node(edge) for edge in _earlier(row, story)])


def _other_calls(story: Story, own: set[str]) -> Iterator[Node]:
    for row in story.share:
        carried = [edge for edge in row.carries if edge.tag_id not in own]
        if row.carries and not carried:
            continue  # told above
        line: list[Piece] = ["→ ", (row.recipient, "yellow"), " ", *call_line(row)]
        said = row.outcome if row.status_code is None else f"{row.outcome} {row.status_code}"
        line.append((f"  {said}", status_style(row.status_code, row.outcome)))
        line += spaced(not_inspected(row.inspected, row.inspected_reason))
        yield Node(line, [Node(edge) for edge in _earlier(row, story)])


def _earlier(row: StorageRow | ShareRow, story: Story) -> list[Line]:
    """The values of earlier requests that an event of this one carries."""
    request_id = story.request.request_id
    carried = [edge for edge in row.carries if edge.tag_request_id != request_id]
    if not carried:
        return []
    return [
        [*line, (f" from request {edge.tag_request_id}", "dim")] if edge.tag_request_id else line
        for edge in carried
        for line in carried_lines([edge], request_id)
    ]
