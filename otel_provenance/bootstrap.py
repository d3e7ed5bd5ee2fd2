"""start(): the one door for every way of activation; once per process, and lazy.

    .pth of the wheel ┐
    sitecustomize.py  ├─ start(way) ─ waits for Flask ─ activate(): hooks, and how the record will be made
    OpenTelemetry     ┘

Until Flask is imported there is an import hook and nothing else. Nothing is written, and no thread runs,
before the first request.
"""

from __future__ import annotations

import os

from otel_provenance import status
from otel_provenance.guard import run_guarded
from otel_provenance.imports import when_imported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from otel_provenance.settings import Settings

_OFF = ("1", "true", "yes", "on")


def start(way: str = "start", *, now: bool = False) -> None:
    """Make this process record, when Flask is imported or ``now``; never raises.

    ``way`` is how the process came here, for ``doctor``. PROVENANCE_DISABLE=1 makes it do nothing at all.
    """
    run_guarded("bootstrap.start", _start, way, now)


def setup_sqlalchemy_instrumentation(*targets: Any, engine: Any = None, session: Any = None) -> None:
    """Record what SQLAlchemy writes in this process, from now on; calling it again changes nothing.

    Only needed where nothing else activates otel-provenance. All engines and sessions of the process are
    recorded, those made before too; ``engine`` and ``session`` (an ``Engine``, ``AsyncEngine``, ``Session``,
    ``sessionmaker``, ``scoped_session`` or a Flask-SQLAlchemy object, also as plain arguments) are accepted
    to say which are meant, and are left as they are. PROVENANCE_DISABLE=1 makes it do nothing. Never raises.
    """
    run_guarded("bootstrap.sqlalchemy", _setup_sqlalchemy, (*targets, engine, session))


def _setup_sqlalchemy(targets: tuple[Any, ...]) -> None:
    if is_disabled():
        return
    for target in targets:
        # an engine connects, a session executes, a factory is called, a Flask-SQLAlchemy object has a session
        has = {"connect", "execute", "session"}.intersection(dir(type(target)))
        if target is not None and not callable(target) and not has:
            import logging

            logging.getLogger("otel_provenance").warning(
                "otel-provenance: setup_sqlalchemy_instrumentation() was given a %s, which is neither an engine nor a "
                "session; all engines of this process are recorded all the same",
                type(target).__name__,
            )
    start("setup_sqlalchemy_instrumentation", now=True)
    __import__("sqlalchemy")  # its import is what the boundary waits for


def is_disabled() -> bool:
    """Whether PROVENANCE_DISABLE says that nothing is to be installed."""
    return os.environ.get("PROVENANCE_DISABLE", "").strip().lower() in _OFF


def _start(way: str, now: bool) -> None:
    if is_disabled():
        return
    first = not status.ways
    if way not in status.ways:
        status.ways.append(way)
    if first:
        when_imported("opentelemetry.distro", _mend_stock_distro)
    if now:
        activate(is_asked_for=True)
    elif first:
        when_imported("flask", activate)


def activate(*, is_asked_for: bool = False) -> None:
    """Hook in: what is imported already now, the rest when it is imported.

    ``is_asked_for``: this process was started to be recorded, whether or not it serves requests.
    """
    if status.active:
        return
    status.active = True
    from otel_provenance.settings import read_settings

    settings = read_settings()
    _tell(settings)
    from otel_provenance.boundaries.base import when_library_is_imported
    from otel_provenance.boundaries.registry import BOUNDARIES
    from otel_provenance.spans.runtime import configure

    configure(settings, _begin_recording, is_asked_for=is_asked_for)
    run_guarded("bootstrap.forwarding", _forward)
    for module, target in (*BOUNDARIES, *_third_party_boundaries()):
        when_library_is_imported(module, target)


def _mend_stock_distro() -> None:
    from otel_provenance.spans.forwarding import mend_stock_distro

    mend_stock_distro()


def _tell(settings: Settings) -> None:
    import logging

    logger = logging.getLogger("otel_provenance")
    if logger.level == logging.NOTSET:
        logger.setLevel(settings.log_level)
    for warning in settings.warnings:
        logger.warning("otel-provenance: %s", warning)


def _begin_recording(settings: Settings, salt: bytes):  # type: ignore[no-untyped-def]
    # not before: a distro that loads all instrumentors would warn of one that is loaded already
    run_guarded("bootstrap.threading", _carry_context_into_threads)
    from otel_provenance_exporters import SqliteSpanExporter

    return SqliteSpanExporter(settings, salt)


def _forward() -> None:
    from otel_provenance.spans.forwarding import ensure_forwarding

    ensure_forwarding()


def _carry_context_into_threads() -> None:
    from otel_provenance.boundaries.threading import carry_context_into_threads

    carry_context_into_threads()


def _third_party_boundaries() -> list[tuple[str, str]]:
    # an entry point's name is the module to wait for; its value is where the Boundary is
    from importlib.metadata import entry_points

    return [(point.name, point.value) for point in entry_points(group="otel_provenance_boundary")]
