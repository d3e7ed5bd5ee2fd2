"""Who was signed in, without asking the application: no user is loaded, no session is marked as accessed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

_SESSION_KEYS = ("_user_id", "user_id", "userid", "uid", "user", "username", "login", "email")


def signed_in_user(app_globals: Any, session: Any, environ: Mapping[str, Any]) -> str | None:
    """Flask-Login's user, the session's, basic auth's, REMOTE_USER, in this order; or None."""
    known: dict[str, Any] = session if isinstance(session, dict) and dict.__len__(session) else {}
    # the attributes that are loaded already: get_id() is the application's code, and may run SQL
    user = vars(app_globals).get("_login_user")
    if known or user is not None:
        found = (
            _of_session(known, _SESSION_KEYS[:1])
            or _text(getattr(user, "__dict__", {}).get("id"))
            or _of_session(known, _SESSION_KEYS[1:])
        )
        if found:
            return found
    if "HTTP_AUTHORIZATION" in environ and (found := _of_basic_auth(environ["HTTP_AUTHORIZATION"])):
        return found
    return _text(environ["REMOTE_USER"]) if "REMOTE_USER" in environ else None


def _of_session(session: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        found = _text(dict.get(session, key))  # session.get() would set `accessed`, and so Vary: Cookie
        if found:
            return found
    return None


def _of_basic_auth(header: Any) -> str | None:
    if not isinstance(header, str) or header[:6].lower() != "basic ":
        return None
    try:
        return base64.b64decode(header[6:].strip()).decode("utf-8").partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) and value != "" else None
