"""Where Flask and Werkzeug are hooked: the WSGI call, Flask's signals, and what Werkzeug parses.

Only classes and signals are hooked, never an application object: it is freed as before. ``request.url`` and
``request.host`` are never touched, for an untrusted host makes them raise.
"""

from __future__ import annotations

from typing import Any

from opentelemetry.context import attach, detach

from otel_provenance.boundaries.base import Boundary, DidNotHook, replace
from otel_provenance.boundaries.flask.serving import IN_ENVIRON, Serving, begin
from otel_provenance.boundaries.flask.stream import ServedIterable
from otel_provenance.boundaries.flask.user import signed_in_user
from otel_provenance.guard import guarded
from otel_provenance.spans.runtime import runtime
from otel_provenance.spans.scope import current_scope, is_suppressed
from otel_provenance.spans.trace_context import here


def _hook() -> None:
    global _contexts, _items_of_lists
    import flask
    from flask import globals as flask_globals
    from werkzeug.datastructures import MultiDict
    from werkzeug.wrappers import Request

    if not getattr(flask.signals, "request_started", None) or not getattr(flask.signals, "signals_available", True):
        raise DidNotHook("Flask has no signals: install blinker, or Flask 2.3 or later")
    _items_of_lists = MultiDict.items
    # Flask 3.2 has one context where there were two
    application = getattr(flask_globals, "_cv_app", None)
    if application is None:
        raise DidNotHook("this Flask keeps its contexts elsewhere: install Flask 2.3 or later")
    _contexts = application, getattr(flask_globals, "_cv_request", None) or application
    replace(flask.Flask, "__call__", _serve)
    replace(flask.Flask, "wsgi_app", _serve)  # a server may be given Middleware(app.wsgi_app)
    replace(Request, "_load_form_data", _load_form_data)
    replace(Request, "get_json", _get_json)
    flask.request_started.connect(_request_started)
    flask.got_request_exception.connect(_got_request_exception)
    flask.request_finished.connect(_request_finished)


BOUNDARY = Boundary("flask", "flask", _hook)


def _serve(wrapped: Any) -> Any:
    def run(app: Any, environ: Any, start_response: Any) -> Any:
        # wsgi_app within __call__, or an application mounted in another: has begun
        serving = None if type(environ) is dict and IN_ENVIRON in environ else _begin(environ)
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

    return run


@guarded("flask.begin")
def _begin(environ: Any) -> Serving | None:
    context = here()
    if is_suppressed(context) or IN_ENVIRON in environ:
        return None
    current = runtime()
    return None if current is None else begin(current, environ, context)


@guarded("flask.returned")
def _returned(serving: Serving, iterable: Any) -> Any:
    body, is_streamed = serving.body, serving.answer.is_streamed
    may_wait = body.tee is not None and not body.is_tagged
    if is_streamed or (may_wait and serving.wants_untouched_body() and not body.lies_in_memory()):
        wrapper = serving.environ.get("wsgi.file_wrapper")
        if not (isinstance(wrapper, type) and isinstance(iterable, wrapper)):
            see = guarded("flask.chunk")(serving.answer.see_chunk) if is_streamed else _ignore
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
    return serving if type(serving) is Serving else None


_contexts: Any = ()
"""The context variables that Flask keeps its application context and its request context in."""
_items_of_lists: Any = None


@guarded("flask.request_started")
def _request_started(sender: Any, **_: Any) -> None:
    serving = _serving()
    if serving is not None:
        request = _contexts[1].get().request
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
    serving = _serving()
    if serving is None or response is None:
        return
    serving.answer.see_response(response, serving.method)
    # the session as it lies in the context: looking at flask.session sets its `accessed`, and so Vary: Cookie
    context = vars(_contexts[1].get())
    session = context.get("_session", context.get("session"))
    serving.user_id = signed_in_user(_contexts[0].get().g, session, serving.environ)


def _load_form_data(wrapped: Any) -> Any:
    def run(request: Any) -> Any:
        if "form" in request.__dict__:
            return wrapped(request)
        result = wrapped(request)
        _form_was_parsed(request)
        return result

    return run


@guarded("flask.form")
def _form_was_parsed(request: Any) -> None:
    parsed = request.__dict__
    form, files = parsed.get("form"), parsed.get("files")
    if not (form or files):
        return
    serving = _serving()
    if serving is not None and request.environ.get(IN_ENVIRON) is serving:
        serving.body.tag_form(_pairs(form), _pairs(files))


def _pairs(multi: Any) -> list[tuple[str, Any]]:
    if not multi:
        return []
    if getattr(type(multi), "items", None) is _items_of_lists:  # a generator over a dict of lists
        return [(name, value) for name, values in dict.items(multi) for value in values]
    return list(multi.items(multi=True)) if hasattr(multi, "getlist") else list(multi.items())


def _get_json(wrapped: Any) -> Any:
    def run(request: Any, *args: Any, **kwargs: Any) -> Any:
        value = wrapped(request, *args, **kwargs)
        if value is not None:
            _json_was_parsed(request, value)
        return value

    return run


@guarded("flask.json")
def _json_was_parsed(request: Any, value: Any) -> None:
    serving = _serving()
    if serving is None or request.environ.get(IN_ENVIRON) is not serving:
        return
    # both slots hold the value only after a parse that went well: an error handler's stand-in is in one
    if all(cached is value for cached in request._cached_json):
        serving.body.tag_json(value)
