"""Where Flask and Werkzeug are hooked: the WSGI call, Flask's signals, and what Werkzeug parses.

Only classes and signals are hooked, never an application object: it is freed as before. ``request.url`` and
``request.host`` are never touched, for an untrusted host makes them raise.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, DidNotHook, wrap
from otel_provenance.boundaries.flask.serving import IN_ENVIRON, Serving, begin
from otel_provenance.boundaries.flask.stream import ServedIterable
from otel_provenance.boundaries.flask.user import signed_in_user
from otel_provenance.guard import guarded
from otel_provenance.spans.runtime import runtime
from otel_provenance.spans.scope import current_scope, is_suppressed


def _hook() -> None:
    import flask
    from werkzeug.wrappers import Request

    if not getattr(flask.signals, "request_started", None) or not getattr(flask.signals, "signals_available", True):
        raise DidNotHook("Flask has no signals: install blinker, or Flask 2.3 or later")
    wrap(flask.Flask, "__call__", _serve)
    wrap(flask.Flask, "wsgi_app", _serve)  # a server may be given Middleware(app.wsgi_app)
    wrap(Request, "_load_form_data", _load_form_data)
    wrap(Request, "get_json", _get_json)
    flask.request_started.connect(_request_started)
    flask.got_request_exception.connect(_got_request_exception)
    flask.request_finished.connect(_request_finished)


BOUNDARY = Boundary("flask", "flask", _hook)


def _serve(wrapped: Any, app: Any, environ: Any, start_response: Any) -> Any:
    serving = _begin(environ)
    if serving is None:
        return wrapped(app, environ, start_response)
    token = attach(serving.context)
    try:
        iterable = wrapped(app, environ, start_response)
    except BaseException as error:
        serving.leave(error)
        raise
    finally:
        detach(token)
    return _returned(serving, iterable) or iterable


@guarded("flask.begin")
def _begin(environ: Any) -> Serving | None:
    if is_suppressed():
        return None
    current = runtime()
    if current is None:
        return None
    if IN_ENVIRON in environ:
        return None  # wsgi_app within __call__, or an application mounted in another
    return begin(current, environ)


@guarded("flask.returned")
def _returned(serving: Serving, iterable: Any) -> Any:
    waits = serving.wants_untouched_body() and not serving.body.lies_in_memory()
    wrapper = serving.environ.get("wsgi.file_wrapper")
    is_file = isinstance(wrapper, type) and isinstance(iterable, wrapper)
    if (serving.answer.is_streamed or waits) and not is_file:
        see = guarded("flask.chunk")(serving.answer.see_chunk) if serving.answer.is_streamed else _ignore
        return ServedIterable(iterable, serving.context, see, _ended(serving))
    serving.end()
    return None


def _ended(serving: Serving) -> Any:
    @guarded("flask.ended")
    def end(error: BaseException | None) -> None:
        if serving.wants_untouched_body():
            serving.body.read_untouched()
        serving.end(error)

    return end


def _ignore(chunk: Any) -> None:
    return None


def _serving() -> Serving | None:
    scope = current_scope()
    if scope is None or scope.ended:
        return None
    serving = scope.serving
    return serving if isinstance(serving, Serving) else None


@guarded("flask.request_started")
def _request_started(sender: Any, **_: Any) -> None:
    from flask.globals import request

    serving = _serving()
    if serving is not None:
        rule = request.url_rule
        serving.route = None if rule is None else rule.rule
        serving.tag_parts(request.view_args)


@guarded("flask.got_request_exception")
def _got_request_exception(sender: Any, exception: BaseException | None = None, **_: Any) -> None:
    serving = _serving()
    if serving is not None and exception is not None:
        serving.see_error(exception)


@guarded("flask.request_finished")
def _request_finished(sender: Any, response: Any = None, **_: Any) -> None:
    from flask.globals import g

    serving = _serving()
    if serving is None or response is None:
        return
    serving.answer.see_response(response, serving.method)
    serving.user_id = signed_in_user(g._get_current_object(), _session(), serving.environ)


def _session() -> Any:
    # as it lies in the context: looking at flask.session sets its `accessed`, and so Vary: Cookie
    from flask import globals as flask_globals

    variable = getattr(flask_globals, "_cv_request", None) or flask_globals._cv_app
    context = vars(variable.get(None))
    return context.get("_session", context.get("session"))


def _load_form_data(wrapped: Any, request: Any) -> Any:
    if "form" in request.__dict__:
        return wrapped(request)
    result = wrapped(request)
    _form_was_parsed(request)
    return result


@guarded("flask.form")
def _form_was_parsed(request: Any) -> None:
    serving = _serving()
    if serving is not None and request.environ.get(IN_ENVIRON) is serving:
        parsed = request.__dict__
        serving.body.tag_form(_pairs(parsed.get("form")), _pairs(parsed.get("files")))


def _pairs(multi: Any) -> list[tuple[str, Any]]:
    if not multi:
        return []
    return list(multi.items(multi=True)) if hasattr(multi, "getlist") else list(multi.items())


def _get_json(wrapped: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
    value = wrapped(request, *args, **kwargs)
    if value is not None:
        _json_was_parsed(request, value)
    return value


@guarded("flask.json")
def _json_was_parsed(request: Any, value: Any) -> None:
    serving = _serving()
    if serving is None or request.environ.get(IN_ENVIRON) is not serving:
        return
    # both slots hold the value only after a parse that went well: an error handler's stand-in is in one
    if all(cached is value for cached in request._cached_json):
        serving.body.tag_json(value)
