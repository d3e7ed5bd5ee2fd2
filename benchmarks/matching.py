"""What matching costs, as ratios to ``json.loads`` + ``json.dumps`` of the same payload in the same run.

python -m benchmarks.matching            everything
python -m benchmarks.matching --quick    fewer rounds
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from otel_provenance.matching import MatchResult, TagIndex, match_tags
from otel_provenance.tags import Tag, make_tag

SALT = b"benchmark"
FIRST = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Frances", "Ken", "Radia", "Tim")
LAST = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Allen", "Thompson", "Perlman", "Lee")


def made_tags(count: int, seed: int = 1) -> list[Tag]:
    """Tags as a form has them: names, addresses, numbers, flags and codes."""
    random_ = random.Random(seed)
    tags = []
    for at in range(count):
        first, last = random_.choice(FIRST), random_.choice(LAST)
        field, value = (
            ("name", f"{first} {last} {at}"),
            ("email", f"{first}.{last}{at}@example.org".lower()),
            ("phone", f"+1 415 555 {at % 10000:04}"),
            ("quantity", str(random_.randrange(20))),
            ("newsletter", random_.choice(("yes", "no"))),
            ("birthday", f"{1940 + at % 60}-{1 + at % 12:02}-{1 + at % 28:02}"),
            ("street", f"{1 + at} {last} Street"),
            ("note", f"Please deliver order {at} to {first} before {1 + at % 12} o'clock"),
            ("customer_id", f"C-{random_.randrange(10**8):08}"),
            ("price", f"{random_.randrange(10**6) / 100:.2f}"),
        )[at % 10]
        tags.append(make_tag("form", f"items.{at // 10}.{field}", value, SALT, f"t-{at}", 0))
    return tags


def made_payload(tags: list[Tag], size: int) -> str:
    """JSON of about ``size`` characters: one object a customer, every third tag in it, else data of others."""
    random_ = random.Random(2)
    customers: list[dict[str, Any]] = []
    length = 0
    at = 0
    while length < size - 60:
        customer: dict[str, Any] = {"id": len(customers), "active": True}
        for name in ("name", "email", "city", "quantity", "note", "amount"):
            if at % 3 == 0 and at // 3 < len(tags):
                customer[name] = tags[at // 3].value
            else:
                other = random_.randrange(10**6)
                customer[name] = (
                    f"Person {other}", f"p{other}@example.net", "Springfield", other % 20,
                    "left with the neighbour at the back door", other / 100,
                )[at % 6]  # fmt: skip
            at += 1
        customers.append(customer)
        length += len(json.dumps(customer)) + 2
    return json.dumps({"customers": customers})


def seconds(run: Callable[[], object], budget: float) -> float:
    """The least of many runs: what the work takes where nothing else disturbs it."""
    best = float("inf")
    end = time.thread_time() + budget
    while time.thread_time() < end or best == float("inf"):
        start = time.thread_time()
        run()
        best = min(best, time.thread_time() - start)
    return best


def in_turn(runs: dict[str, Callable[[], object]], budget: float) -> dict[str, float]:
    """Median seconds of CPU time of each, measured in turns, so that what disturbs one disturbs all."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    end = time.thread_time() + budget
    while time.thread_time() < end or not all(times.values()):
        for name, run in runs.items():
            start = time.thread_time()
            run()
            times[name].append(time.thread_time() - start)
    return {name: statistics.median(of_it) for name, of_it in times.items()}


def ratios(budget: float) -> None:
    """Goals: 5, 3, 3."""
    print("ratio to json.loads + json.dumps of the payload (CPU time, medians, measured in turns)")
    print("tags  payload   fields            json ms    ratio  with leaves  with index  inspected  matches")
    for shape, make in (("many short", records), ("as tags, own", own_fields), ("as tags, other", other_fields)):
        for count, size in ((12, 1024), (200, 65_536), (2000, 1_040_000)):
            tags, payload = make(count, size)
            data = payload.encode()
            index = TagIndex(tags)
            found = match_tags(data, index, media_type=JSON)
            took = in_turn(
                {
                    "json": lambda p=payload: json.dumps(json.loads(p)),  # type: ignore[misc]
                    "ratio": lambda d=data, i=index: match_tags(d, i, media_type=JSON),  # type: ignore[misc]
                    "leaves": lambda d=data, i=index: match_tags(d, i, media_type=JSON, with_leaves=True),  # type: ignore[misc]
                    "fresh": lambda d=data, t=tags: match_tags(d, TagIndex(t), media_type=JSON),  # type: ignore[misc]
                },
                budget,
            )
            ratio, leaves, fresh = (took[name] / took["json"] for name in ("ratio", "leaves", "fresh"))
            print(
                f"{count:4} {size // 1024:5} KiB  {shape:15} {took['json'] * 1e3:9.3f} {ratio:8.1f} {leaves:12.1f}"
                f" {fresh:11.1f}  {found.inspected} {found.reason or ''} {len(found)}"
            )


JSON = "application/json"
WORDS = "alpha river stone market window garden letter silver morning paper copper thunder harbour cedar".split()  # noqa: SIM905


def records(count: int, size: int) -> tuple[list[Tag], str]:
    """Many small objects, each tag's value once among the data of others."""
    tags = made_tags(count)
    return tags, made_payload(tags, size)


def own_fields(count: int, size: int) -> tuple[list[Tag], str]:
    """A form, passed on: as many fields as tags, each with its own value."""
    values = {f"field_{at}": text_of(at, size // count - 20) for at in range(count)}
    return [make_tag("form", name, value, SALT, f"t-{name}", 0) for name, value in values.items()], json.dumps(values)


def other_fields(count: int, size: int) -> tuple[list[Tag], str]:
    """A form of somebody else: nothing matches."""
    tags, _ = own_fields(count, size)
    return tags, json.dumps({f"field_{at}": text_of(at + count, size // count - 20) for at in range(count)})


def text_of(seed: int, length: int) -> str:
    """Words, and a number that tells it from others."""
    random_ = random.Random(seed)
    text = f"{random_.choice(WORDS)} {seed} "
    while len(text) < length:
        text += random_.choice(WORDS) + f"{random_.randrange(40)} "
    return text[:length].strip()


def hostile_payloads() -> dict[str, Any]:
    """A mebibyte each of what costs most to look into."""
    random_ = random.Random(3)
    mib = 1_048_576
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    soup = "".join(random_.choices(letters, k=mib))
    return {
        "base64-like, one run": soup,
        "base64-like, short runs": " ".join(soup[i : i + 12] for i in range(0, mib - 100_000, 13)),
        "hex digests": " ".join(f"{random_.getrandbits(256):064x}" for _ in range(mib // 65)),
        "numbers": json.dumps([random_.randrange(10**9) for _ in range(95_000)]),
        "ones": "[" + ",".join("1" * 524_000) + "]",
        "empty lists": "[" + ",".join(["[]"] * 349_000) + "]",
        "deep JSON": "[" * 500_000 + "]" * 500_000,
        "nested JSON strings": _nested(mib),
        "gzip bomb": gzip.compress(bytes(200 * mib), 9),
        "gzip bomb, base64": base64.b64encode(gzip.compress(bytes(200 * mib), 9)).decode(),
        "percent signs": "%25" * (mib // 3),
        "at signs": "a@" * (mib // 2),
        "ampersands": "&a;" * (mib // 3),
        "backslashes": "\\" * mib,
        "digits": "1" * mib,
        "spaced digits": "1 " * (mib // 2),
        "phone-like": "415-555-0123 " * (mib // 13),
        "dates": "1985-04-12 " * (mib // 11),
        "angle brackets": "<" * mib,
        "form": "&".join(f"a{i}=b" for i in range(130_000)),
        "random bytes": random_.randbytes(mib),
        "Unicode": "\u00e9\u4e2d\U0001f600 " * (mib // 10),
        "one word": "a" * mib,
        "the value again and again": "ada lovelace 0 " * (mib // 15),
        "multipart": b"--x\r\n\r\n" * (mib // 7),
        "MessagePack": b"\xdd\x00\x08\x00\x00" + b"\xa1a" * 524_288,
        "protobuf": b"\x0a\x03abc" * (mib // 5),
        "white space": " \t\n" * (mib // 3),
        "quoted-printable": "=41" * (mib // 3),
        "zlib, concatenated": b"\x78\x9c" * (mib // 2),
        "combining marks": "a" + "\u0301\u0316" * (mib // 4 - 1),
        "letters that stand for many": "\ufdfa" * (mib // 3),
        "letters beyond ASCII": "".join(random_.choices([chr(i) for i in range(0xA0, 0x100)], k=mib // 2)),
        "hex, one run": f"{random_.getrandbits(4 * mib):0{mib}x}",
        "base64 in lines": base64.encodebytes(random_.randbytes(mib * 3 // 4 - 30_000)).decode(),
        "base64 in JSON": json.dumps({"name": "photo.png", "content": soup[: mib - 100]}).encode(),
        "encoded words": "=?utf-8?b?YWRh?= " * (mib // 17),
        "JSON lines": "\n".join(f'{{"a": "b{at}"}}' for at in range(60_000)),
        "JSON, one emoji": (
            json.dumps({f"k{at}": "some text" for at in range(45_000)})[:-1] + ', "z": "\U0001f600"}'
        ).encode(),
        "CSV": "\n".join(f"{at},{at * 7},2020-01-{at % 28 + 1:02},1.5" for at in range(40_000)),
    }


def _nested(size: int) -> str:
    value = "grace@example.org"
    while len(value) < size // 2:
        value = json.dumps([value])
    return value


def hostile(budget: float) -> None:
    """Goal: never above 50 ms."""
    index = TagIndex(made_tags(200))
    print("\nhostile 1 MiB             worst ms  inspected")
    for name, payload in hostile_payloads().items():
        took, found = 0.0, MatchResult()
        for _ in range(1 if budget < 0.5 else 3):
            start = time.thread_time()
            found = match_tags(
                payload,
                index,
                with_leaves=True,
                media_type="multipart/form-data; boundary=x" if name == "multipart" else None,
            )
            took = max(took, time.thread_time() - start)
        print(f"{name:26} {took * 1e3:7.1f}  {found.inspected} {found.reason or ''}{'   <<<' if took > 0.05 else ''}")


def memory() -> None:
    """Goal: at most four times the payload."""
    print("\npeak memory, times the payload")
    for count, size in ((12, 1024), (200, 65_536), (2000, 1_040_000)):
        tags = made_tags(count)
        data = made_payload(tags, size).encode()
        index = TagIndex(tags)
        match_tags(data, index, media_type="application/json", with_leaves=True)
        tracemalloc.start()
        match_tags(data, index, media_type="application/json", with_leaves=True)
        print(f"JSON {size // 1024:5} KiB, {count:4} tags: {tracemalloc.get_traced_memory()[1] / len(data):.1f}")
        tracemalloc.stop()
    index = TagIndex(made_tags(200))
    for name, payload in hostile_payloads().items():
        match_tags(payload, index)
        tracemalloc.start()
        match_tags(payload, index)
        peak = tracemalloc.get_traced_memory()[1] / max(sys.getsizeof(payload), 1_048_576)
        tracemalloc.stop()
        print(f"{name:26} {peak:.1f}{'   <<<' if peak > 4 else ''}")


def columns(budget: float) -> None:
    """Goal: 1 to 2 µs a value where nothing matches."""
    index = TagIndex(made_tags(20))
    random_ = random.Random(4)
    rows = [
        {
            "id": at, "name": f"Person {at}", "email": f"p{at}@example.net", "city": "Springfield",
            "quantity": 400 + at % 90, "price": 100.25 + at, "active": at % 2 == 0,
            "note": "left with the neighbour at the back door",
            "code": f"X-{random_.randrange(10**6):06}", "status": "shipped",
        }
        for at in range(1000)
    ]  # fmt: skip
    values = [pair for row in rows for pair in row.items()]
    print("\ncolumn values, 20 tags       µs a value")
    for with_leaves in (False, True):
        took = seconds(lambda w=with_leaves: [index.match_value(c, v, with_leaves=w) for c, v in values], budget)  # type: ignore[misc]
        print(f"none matches, leaves {with_leaves!s:6} {took / len(values) * 1e6:9.2f}")
    for column in rows[0]:
        of_column = [row[column] for row in rows]
        took = seconds(lambda c=column, o=of_column: [index.match_value(c, v) for v in o], budget / 10)  # type: ignore[misc]
        print(f"  {column:20} {took / len(of_column) * 1e6:12.2f}")


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    budget = 0.2 if parser.parse_args().quick else 1.0
    ratios(budget)
    hostile(budget)
    memory()
    columns(budget)


if __name__ == "__main__":
    main()
