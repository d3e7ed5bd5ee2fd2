"""The spool: whatever happens to the file, whole frames are read and no others."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otel_provenance.tables import connect_readonly, spool
from otel_provenance.tables.spool import LeftSpool, SpoolFile, decode, encode, frames, spools_of
from tests.store.facts import request_attributes_of

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PRIMITIVES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.lists(PRIMITIVES))
def test_what_is_encoded_comes_back(payloads):
    assert [decode(frame) for frame in frames(b"".join(map(encode, payloads)))] == payloads


@given(st.text(st.characters()))
def test_lone_surrogates_come_back(text):
    assert decode(encode(text)) == text


@given(st.lists(st.binary(max_size=50), min_size=1), st.data())
def test_a_torn_or_damaged_spool_gives_only_frames_that_were_written(bodies, data):
    written = [encode(body) for body in bodies]
    content = bytearray(b"".join(written))
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))

    assert set(frames(bytes(content[:cut]))) <= set(written)


@given(st.lists(st.binary(max_size=50), min_size=2), st.data())
def test_frames_after_a_torn_one_are_read(bodies, data):
    written = [encode(body) for body in bodies]
    torn = data.draw(st.integers(0, len(written) - 2))
    cut = data.draw(st.integers(0, len(written[torn]) - 1))
    content = b"".join([*written[:torn], written[torn][:cut], *written[torn + 1 :]])

    assert list(frames(content)) == [*written[:torn], *written[torn + 1 :]]


@settings(max_examples=50)
@given(st.binary(max_size=2000))
def test_garbage_is_no_frame(content):
    assert list(frames(content.replace(b"OPv1", b""))) == []


def test_a_spool_belongs_to_its_owner_while_it_lives(tmp_path):
    database = str(tmp_path / "record.db")
    mine = SpoolFile(database)
    mine.append(encode("facts"))
    (path,) = spools_of(database)

    left = LeftSpool(path)
    assert not left.is_left
    assert left.read() == [encode("facts")]
    left.close(remove=True)
    assert spools_of(database) == [path]

    mine.abandon()
    left = LeftSpool(path)
    assert left.is_left
    with pytest.raises(BlockingIOError):
        spool.fcntl.flock(os.open(path, os.O_RDWR), spool.fcntl.LOCK_EX | spool.fcntl.LOCK_NB)
    left.close(remove=True)
    assert spools_of(database) == []


def test_a_spool_whose_maker_died_before_it_had_its_name_is_taken_away(tmp_path):
    database = str(tmp_path / "record.db")
    for name, age_s in (("old", 100), ("new", 0)):
        draft = tmp_path / f"record.db.draft-{name}"
        draft.touch()
        os.utime(draft, (time.time() - age_s,) * 2)
    spool.remove_drafts(database)

    assert [path.name for path in tmp_path.iterdir()] == ["record.db.draft-new"]


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_spool_that_others_could_write_is_not_read(tmp_path):
    path = tmp_path / "record.db.spool-1-ab"
    path.write_bytes(encode("facts"))
    os.chmod(path, 0o666)
    with pytest.raises(PermissionError):
        LeftSpool(str(path))
    os.unlink(path)
    os.symlink("/etc/passwd", path)
    with pytest.raises(OSError, match="symbolic links"):
        LeftSpool(str(path))


def test_without_locks_what_is_left_is_adopted_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "fcntl", None)
    database = str(tmp_path / "record.db")
    mine = SpoolFile(database)
    request_id, attributes = request_attributes_of({"email": "ada@example.com"})
    mine.append(encode(("p", "shop", None, None, 0, 0, attributes)))
    mine.abandon()

    assert connect_readonly(database).execute("SELECT request_id FROM requests").fetchall() == [(request_id,)]
    assert spools_of(database) == []


def test_frames_that_cannot_be_understood_are_counted(tmp_path):
    database = str(tmp_path / "record.db")
    mine = SpoolFile(database)
    mine.append(encode("what is this"))
    mine.append(spool._HEAD.pack(b"OPv1", 3, spool.zlib.crc32(b"\xff\xff\xff")) + b"\xff\xff\xff")
    mine.abandon()

    assert connect_readonly(database).execute("SELECT reason, kind, count FROM losses").fetchall() == [
        ("unreadable", "span", 2)
    ]


PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
OTHERS = sorted(str(python) for python in PYENV.glob("versions/3.1[0-9]*/bin/python3"))
OTHERS += [p for minor in range(10, 16) if (p := shutil.which(f"python3.{minor}")) and "shims" not in p]


@pytest.mark.parametrize("python", OTHERS or [pytest.param("", marks=pytest.mark.skip(reason="no other Python here"))])
def test_another_python_reads_what_this_one_left_and_the_reverse(tmp_path, python):
    probe = subprocess.run([python, "-c", "import sqlite3"], capture_output=True)
    if probe.returncode:
        pytest.skip(f"{python} does not run here")
    database = str(tmp_path / "record.db")
    request_id, attributes = request_attributes_of({"email": "ada@example.com \udcff", "n": 2**80, "f": 1.5})
    write = (
        "import sys; from otel_provenance.tables.spool import SpoolFile, encode;"
        "SpoolFile(sys.argv[1]).append(encode(('p', 's', None, None, 0, 0, eval(sys.argv[2]))))"
    )
    read = (
        "import sys; from otel_provenance.tables import connect_readonly;"
        "print(connect_readonly(sys.argv[1]).execute('SELECT request_id FROM requests').fetchall())"
    )
    for writer, reader in ((sys.executable, python), (python, sys.executable)):
        for program, code in ((writer, write), (reader, read)):
            done = subprocess.run(
                [program, "-c", code, database, repr(attributes)],
                cwd=ROOT,
                env=os.environ | {"PROVENANCE_DISABLE": "1"},
                capture_output=True,
                text=True,
                check=True,
            )
        assert done.stdout.strip() == repr([(request_id,)])
        assert spools_of(database) == []
        os.unlink(database)
