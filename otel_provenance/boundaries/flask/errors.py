"""What a view raised, as the record tells of it: no text of anyone's, whoever wrote the message.

A message may quote what came in with this request, with an earlier one, or lies in the database; shortened, escaped or
as it is. So it is kept as its shape, but for two things that cannot be data: words of WORDS before the first sign that
may begin a quotation, and what the driver tells by attributes of their own: codes and the schema's names.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from typing import Any

from otel_provenance.tags import Tag
from otel_provenance.values import redact

_CHARACTERS = 300
_MOST_ENTERED = 200_000
"""Characters of what came in that are looked through; where there are more, no word of the message is shown."""
_BEFORE_QUOTATIONS = re.compile(r"(?:[A-Za-z0-9-]+ +)*(?:[A-Za-z-]+(?=[:.,;(]|\Z))?")
_TOKEN = re.compile(r"[A-Za-z0-9-]+")
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"[A-Za-z_]\w{0,62}")
_CODE = re.compile(r"[0-9A-Z_]{2,40}")
_SQLITE_COLUMNS = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (\w+\.\w+(?:, \w+\.\w+)*)")
_DRIVERS = frozenset(
    "psycopg psycopg2 asyncpg sqlite3 pymysql MySQLdb mysql mariadb aiomysql asyncmy sqlalchemy".split()  # noqa: SIM905
)
_OF_SCHEMA = ("table_name", "column_name", "constraint_name", "datatype_name")

WORDS = frozenset(
    """
    a aborted accepted access after already an and any application argument arguments array as assigned at attempt
    attempted attribute bad base be been before body bool boolean broken by bytes call callable called can canceled
    cancelled cannot char character characters check closed code column columns command commit completed conflicting
    connect connected connection constraint contain contains content context convert converted could create current
    cursor data database dataset deadlock decode decoded decoding default defined deleted denied detected dict
    dictionary did directory disk division does done double duplicate element elements else empty enclosed encode
    encoded encoding end entry error errors exceeded exceeds exception executed execution exist existing exists expected
    expecting expired extra failed failure field fields file files float for foreign format found from full function has
    have header id in index input instance int integer integrity into invalid is it item items iterable iteration json
    key keys keyword language length limit limited line list literal lock locked long longer lookup loop malformed match
    matching maximum memory message method minimum missing mode model module multiple must name named names network new
    no non none not nothing null number numeric object objects of on only open operand operation operator option or
    order other out outside overflow page parameter parameters parse parsed parsing path payload pending permission pool
    port positional process processing property protocol provided query quotes range reached read received record
    records recursion refused rejected relation remote request required requires reserved reset resolve resource
    response result results returned returns root row rows schema second seconds server session set single size sized
    socket space specified statement status stream string subscriptable success such supported syntax system table takes
    than that the there this time timed timeout to token tokens too transaction trigger tuple type types unable
    unauthorized unavailable undefined unexpected unhandled unhashable unique unknown unpack unreachable unsupported
    unterminated update uri url use used user valid validate validation validator value values variable version violates
    violation was were when while with within without working write wrong zero Cannot Connection Could Data Duplicate
    Error Expected Expecting Failed File Incorrect Input Instance Invalid Missing No Not Object Permission The This
    UNIQUE Unable Unexpected Unknown Unsupported Working
    """.split()  # noqa: SIM905
)
"""What error messages are made of, spelled as here: with a capital only what nobody is called."""


def error_text(error: BaseException, tags: Iterable[Tag]) -> str:
    """Type, codes and schema names, and the shape of the message's first line; plain words only of WORDS."""
    cause = _of_driver(error)
    entered = _entered(tags)
    kinds = [type(error).__name__, type(cause).__name__]
    facts = dict.fromkeys([*kinds[1:], *_facts(cause), *_of_code(error, entered)])
    facts.pop(kinds[0], None)
    told = f" ({', '.join(facts)})" if facts else ""
    message = _shape(_message(cause), entered)[:_CHARACTERS]
    return f"{kinds[0]}{told}: {message}" if message else kinds[0] + told


def _of_driver(error: BaseException) -> BaseException:
    """What the driver raised, where the error is SQLAlchemy's wrapper of it."""
    for _ in range(2):  # of asyncpg's errors SQLAlchemy has a wrapper within the wrapper
        if _package(error) != "sqlalchemy":
            break
        inner = getattr(error, "orig", None) or (error.__cause__ if _is_adapted(error) else None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return error


def _is_adapted(error: BaseException) -> bool:
    return type(error).__module__ == "sqlalchemy.dialects.postgresql.asyncpg"


def _package(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _message(cause: BaseException) -> str:
    arguments = cause.args
    if len(arguments) == 2 and isinstance(arguments[0], int) and isinstance(arguments[1], str):
        text = arguments[1]  # of MySQL's drivers and of OSError: the number is told by itself
    else:
        text = str(cause)
    return text[:4000].strip().partition("\n")[0]


def _facts(cause: BaseException) -> Iterator[str]:
    if isinstance(cause, OSError) and cause.errno is not None and cause.errno in errno.errorcode:
        yield errno.errorcode[cause.errno]
    if _package(cause) not in _DRIVERS:
        return
    for code in (_attribute(cause, "sqlstate") or _attribute(cause, "pgcode"), _attribute(cause, "sqlite_errorname")):
        if isinstance(code, str) and _CODE.fullmatch(code):
            yield code
    if cause.args and type(cause.args[0]) is int:
        yield str(cause.args[0])
    told_by = _attribute(cause, "diag") or cause
    for name in _OF_SCHEMA:
        value = _attribute(told_by, name)
        if isinstance(value, str) and _NAME.fullmatch(value):
            yield value
    columns = _SQLITE_COLUMNS.fullmatch(str(cause)) if _package(cause) == "sqlite3" else None
    if columns:
        yield from columns[1].split(", ")


def _attribute(thing: Any, name: str) -> Any:
    return getattr(thing, name, None)


def _of_code(error: BaseException, entered: frozenset[str] | None) -> Iterator[str]:
    """The attribute, variable, module or key that was missing, where the code has it as a name or a literal."""
    if isinstance(error, KeyError):
        missing = error.args[0] if error.args else None
    else:
        missing = error.name if isinstance(error, (AttributeError, NameError, ImportError)) else None
    if type(missing) is not str or not _NAME.fullmatch(missing):
        return
    if entered is None or not entered.isdisjoint(_WORD.findall(missing.casefold())):
        return
    traceback = error.__traceback__
    for _ in range(50):
        if traceback is None:
            return
        code = traceback.tb_frame.f_code
        if missing in (*code.co_names, *filter(_is_text, code.co_consts)):
            yield f"{type(error.obj).__name__}.{missing}" if isinstance(error, AttributeError) else missing
            return
        traceback = traceback.tb_next


def _is_text(constant: Any) -> bool:
    return type(constant) is str


def _entered(tags: Iterable[Tag]) -> frozenset[str] | None:
    """The words of what came in; None where that is too much to look through."""
    words: set[str] = set()
    left = _MOST_ENTERED
    for tag in tags:
        left -= len(tag.normal)
        if left < 0:
            return None
        words.update(_WORD.findall(tag.normal))
    return frozenset(words)


def _shape(message: str, entered: frozenset[str] | None) -> str:
    if entered is None:
        return redact(message)
    known = entered

    def shown(found: re.Match[str]) -> str:
        words = found[0].split("-")
        return found[0] if WORDS.issuperset(words) and known.isdisjoint(map(str.lower, words)) else redact(found[0])

    match = _BEFORE_QUOTATIONS.match(message)
    end = match.end() if match else 0
    return _TOKEN.sub(shown, message[:end]) + redact(message[end:])
