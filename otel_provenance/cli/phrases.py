"""How facts of the record read: times, requests, matches, places. Shared by the commands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from otel_provenance.cli.table import Cell
from otel_provenance.cli.text import Line, Piece
from otel_provenance.reports.edges import Carried, Destination, column_of

_GOOD = ("committed", "sent")
_UNCERTAIN = 0.9


def cell(*pieces: Piece) -> Cell:
    """A cell of one line."""
    return [[piece for piece in pieces if piece and (isinstance(piece, str) or piece[0])]]


def when(moment: str, *, today: str | None = None) -> str:
    """``06:10:58`` today (UTC), ``11-23 06:10:58`` this year, else with the year."""
    today = datetime.now(timezone.utc).date().isoformat() if today is None else today
    text = moment[:19].replace("T", " ")
    if text[:10] == today:
        return text[11:]
    return text[5:] if text[:4] == today[:4] else text


def status_style(status: int | None, outcome: str | None = None) -> str:
    """The colour of an HTTP status, or of an outcome."""
    if outcome in ("failed", "blocked", "rolled_back") or (status or 0) >= 500:
        return "red"
    return "yellow" if (status or 0) >= 400 or outcome == "unknown" else "green"


def service_name(service: str | None) -> str:
    """The service's name; nothing for OpenTelemetry's stand-in where none was given."""
    return "" if service is None or service.startswith("unknown_service") else service


def request_line(method: str | None, path: str | None) -> Line:
    """``POST /signup``."""
    return [(method or "?", "bold"), " ", path or "?"]


def tag_name(source: str | None, field: str | None) -> Line:
    """``form email``; a whole body has no field."""
    if source is None:
        return [("another service's value", "dim")]
    return [(source, "dim"), " ", (field or "(whole)", "bold")]


def how(kind: str, transform: str, confidence: float, *, always: bool = False) -> str:
    """How a value is in there: nothing if it is whole and unchanged; its confidence where that is in doubt."""
    said = [] if kind == "exact" or (kind == "digest" and transform) else [kind]
    if transform:
        said.append(transform.replace(">", " › "))
    if always or confidence < _UNCERTAIN:
        said.append(f"{confidence:.2f}")
    return " ".join(said)


def carried_lines(carried: Iterable[Carried], own_request: str | None) -> Cell:
    """The values that an event carries, one a line."""
    lines: dict[str, Line] = {}  # several requests may have brought in what is now one value
    for edge in carried:
        line: list[Piece] = list(tag_name(edge.source, edge.tag_field))
        changed = how(edge.kind, edge.transform, edge.confidence)
        if changed:
            line.append((f" {changed}", "cyan"))
        if edge.via_event_id or (edge.tag_request_id != own_request):
            line.append((" earlier", "magenta"))
        lines[str(line)] = line
    return list(lines.values()) or [[("nothing known", "dim")]]


def destination_line(destination: Destination, own_request: str) -> Line:
    """Where a value went, in one line."""
    line: list[Piece] = list(place_of(destination))
    changed = how(destination.kind, destination.transform, destination.confidence)
    if changed:
        line.append((f" {changed}", "cyan"))
    if destination.outcome not in _GOOD:
        line.append((f" {spoken(destination.outcome)}", status_style(None, destination.outcome)))
    if destination.request_id != own_request:
        line.append((" later", "magenta"))
    return line


def place_of(destination: Destination) -> Line:
    """The column, or the recipient, with a sign for which it is."""
    if destination.action == "share":
        return [("→ ", "yellow"), (destination.place, "yellow")]
    return [("▪ ", "blue"), (destination.place, "blue")]


def column_line(table: str | None, column: str | None) -> Line:
    """``users.email`` as a place of storage."""
    return [(column_of(table, column), "blue")]


def row_name(primary_key: str | None) -> str:
    """``id=7`` of a row's key; as it is recorded where that is no JSON object."""
    import json

    try:
        key = json.loads(primary_key or "")
    except ValueError:
        return primary_key or ""
    return ", ".join(f"{name}={value}" for name, value in key.items()) if isinstance(key, dict) else str(primary_key)


def spoken(word: str) -> str:
    """A word of the record as people say it: ``rolled back``."""
    return word.replace("_", " ")


def not_inspected(inspected: str, reason: str | None = None) -> Line:
    """What was not searched, and why; nothing if all was."""
    if inspected == "full":
        return []
    how_much = "not searched" if inspected == "none" else "searched in part"
    return [(f"{how_much}: {spoken(reason)}" if reason else how_much, "yellow")]


def spaced(line: Line) -> list[Piece]:
    """A line to come after another."""
    return ["  ", *line] if line else []


def count_of(count: int, one: str, several: str | None = None) -> str:
    """``1 value``, ``1,200 values``."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def rows_of(count: int) -> str:
    """``1 row``, ``1,200 rows``; ``rows`` where the database did not tell how many."""
    return "rows" if count < 0 else count_of(count, "row")
