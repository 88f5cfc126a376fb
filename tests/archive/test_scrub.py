"""A scrub finds every kind of damage, all of them in one pass, and cries wolf at none of the harmless things."""

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from archive import Expected, FileStore, key_of, run_canary, scrub
from archive.store import Store
from tests.archive.conftest import Clock
from tests.services.plugin import S3Endpoint

DAY = timedelta(days=1)


class Shelf:
    """A file store with ten parts and the ways to spoil them."""

    def __init__(self, root: Path, store: FileStore, clock: Clock) -> None:
        self.root, self.store = root, store
        self.until = clock.now() + 10 * DAY
        contents = [f"part {number}".encode() for number in range(10)]
        self.keys = [store.put(key_of("e1", c), c, retain_until=self.until).key for c in contents]
        for key in self.keys:
            store.extend(key, self.until + DAY)
        self.expected = [Expected(key=key, retain_until=self.until + DAY) for key in self.keys]

    def part(self, key: str) -> Path:
        return next((self.root / "parts").rglob(key.rpartition("/")[2]))

    def record(self, key: str) -> Path:
        return next((self.root / "retention").rglob(f"{key.rpartition('/')[2]}.jsonl"))

    def found(self, *, expected: bool = True) -> set[tuple[str, str]]:
        report = scrub(self.store, self.expected if expected else None)
        return {(finding.kind, finding.key) for finding in report.findings}


@pytest.fixture
def shelf(tmp_path: Path, file_store: FileStore, clock: Clock) -> Shelf:
    return Shelf(tmp_path / "archive", file_store, clock)


def overwrite(path: Path, content: bytes) -> None:
    """As root does it: in place, the mode untouched."""
    mode = path.stat().st_mode & 0o777
    path.chmod(0o600)
    path.write_bytes(content)
    path.chmod(mode)


def flip(path: Path, at: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    overwrite(path, bytes(content))


def test_a_sound_store_is_sound(shelf: Shelf, clock: Clock) -> None:
    run_canary(shelf.store, clock=clock)
    report = scrub(shelf.store, shelf.expected)
    assert report.sound
    assert (report.objects, report.bytes) == (11, 10 * len(b"part 0") + len(b"archive canary ") + 48)


def test_everything_at_once_is_found_in_one_pass(shelf: Shelf, clock: Clock) -> None:
    flipped, gone, cut, shortened, edited, writable, unrecorded, swapped = shelf.keys[:8]
    flip(shelf.part(flipped), 3)
    shelf.part(gone).unlink()
    overwrite(shelf.record(cut), shelf.record(cut).read_bytes()[:-20])
    overwrite(shelf.record(shortened), shelf.record(shortened).read_bytes().splitlines(keepends=True)[0])
    overwrite(shelf.record(edited), shelf.record(edited).read_bytes().replace(b"2026-12-03", b"2026-12-09"))
    shelf.part(writable).chmod(0o644)
    shelf.record(unrecorded).unlink()
    overwrite(shelf.record(swapped), shelf.record(shelf.keys[8]).read_bytes())
    orphan = shelf.store.put(key_of("e2", b"orphan"), b"orphan", retain_until=clock.now() + DAY).key
    (shelf.root / "parts" / "e1" / "note.txt").write_text("who put this here?")
    readonly = shelf.root / "readonly.bin"
    readonly.write_bytes(b"x")
    readonly.chmod(0o444)
    assert shelf.found() == {
        ("corrupt", flipped),
        ("missing", gone),
        ("record_damaged", cut),
        ("retention_shortened", shortened),
        ("retention_shortened", edited),  # the ledger knows another last line
        ("mode_changed", writable),
        ("record_damaged", unrecorded),
        ("record_damaged", swapped),
        ("orphan", orphan),
        ("stray", "parts/e1/note.txt"),
        ("stray", "readonly.bin"),
    }


@pytest.mark.parametrize("position", range(3))
def test_one_flipped_bit_anywhere_in_any_read_only_file_is_found(shelf: Shelf, position: int) -> None:
    """Every file with mode 0444 below the root is covered, without any list of what to expect."""
    files = [path for path in shelf.root.rglob("*") if path.is_file() and path.stat().st_mode & 0o777 == 0o444]
    assert len(files) == len(shelf.keys)
    for path in files:
        flip(path, position)
        assert shelf.found(expected=False) == {("corrupt", f"e1/{path.name}")}
        flip(path, position)
    assert shelf.found() == set()


def test_every_cut_of_a_record_is_found_without_a_list(shelf: Shelf) -> None:
    key = shelf.keys[0]
    whole = shelf.record(key).read_bytes()
    for length in range(len(whole)):
        overwrite(shelf.record(key), whole[:length])
        assert {at for _kind, at in shelf.found(expected=False)} == {key}, length


def test_a_rewritten_record_with_a_good_chain_is_found(shelf: Shelf, clock: Clock, tmp_path: Path) -> None:
    """Somebody runs our own code to make a record with an earlier end and puts it in place of the true one."""
    key = shelf.keys[0]
    forger = FileStore(tmp_path / "forger", clock)
    forger.put(key, b"part 0", retain_until=clock.now())
    forger.extend(key, clock.now() + timedelta(seconds=1))
    forged = next((tmp_path / "forger" / "retention").rglob("*.jsonl"))
    overwrite(shelf.record(key), forged.read_bytes())
    assert shelf.found(expected=False) == {("retention_shortened", key)}
    assert ("retention_shortened", key) in shelf.found()


def test_a_lost_ledger_is_found(shelf: Shelf) -> None:
    shutil.rmtree(shelf.root / "ledger")
    assert {kind for kind, _key in shelf.found(expected=False)} == {"record_damaged"}


def test_a_cut_ledger_is_found(shelf: Shelf) -> None:
    ledger = next((shelf.root / "ledger" / "e1").iterdir())
    overwrite(ledger, ledger.read_bytes()[:-5])
    assert shelf.found(expected=False) == {("record_damaged", "e1")}


def test_a_whole_entity_that_vanished_is_missed_by_the_list(shelf: Shelf) -> None:
    for folder in ("parts/e1", "retention/e1"):
        for path in sorted((shelf.root / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    shutil.rmtree(shelf.root / "ledger")
    assert shelf.found(expected=False) == set()
    assert shelf.found() == {("missing", key) for key in shelf.keys}


def test_a_promise_longer_than_the_retention_is_found(shelf: Shelf) -> None:
    shelf.expected[0] = Expected(key=shelf.keys[0], retain_until=shelf.until + 2 * DAY)
    shelf.expected[1] = Expected(key=shelf.keys[1], hold=True)
    shelf.expected[2] = Expected(key=shelf.keys[2], size=7)
    assert shelf.found() == {
        ("retention_shortened", shelf.keys[0]),
        ("hold_lost", shelf.keys[1]),
        ("corrupt", shelf.keys[2]),
    }


def test_an_object_deleted_after_its_term_is_no_damage(shelf: Shelf, clock: Clock) -> None:
    clock.move(30 * DAY)
    shelf.store.delete(shelf.keys[0])
    del shelf.expected[0]
    assert shelf.found() == set()


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, int], None]]:
    """Make the n-th call of an os function by this thread the last thing that happens."""

    def at(name: str, number: int) -> None:
        real = getattr(os, name)
        calls, here = iter(range(10**6)), threading.get_ident()

        def call(*args: object, **kwargs: object) -> object:
            if threading.get_ident() == here and next(calls) == number:
                raise KeyboardInterrupt  # nothing catches it, only `finally` runs: as close to a kill as a call gets
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, call)

    yield at
    monkeypatch.undo()


@pytest.mark.parametrize("name", ["link", "fsync", "write", "open"])
@pytest.mark.parametrize("number", range(8))
def test_a_put_that_was_cut_off_anywhere_is_healed_by_repeating_it(
    shelf: Shelf,
    clock: Clock,
    name: str,
    number: int,
    crash: Callable[[str, int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = b"the interrupted one"
    key = key_of("e1", content)
    crash(name, number)
    with contextlib.suppress(KeyboardInterrupt):
        shelf.store.put(key, content, retain_until=shelf.until)
    monkeypatch.undo()
    # whatever is visible is whole
    assert {kind for kind, _key in shelf.found(expected=False)} <= {"record_damaged"}
    assert shelf.store.put(key, content, retain_until=shelf.until).retain_until == shelf.until
    shelf.expected.append(Expected(key=key, retain_until=shelf.until))
    assert shelf.found() == set()


@pytest.mark.parametrize("name", ["link", "fsync", "write", "open"])
@pytest.mark.parametrize("number", [0, 1, 2, 5, 9, 14])
def test_many_puts_cut_off_anywhere_are_healed_by_repeating_them(
    shelf: Shelf, name: str, number: int, crash: Callable[[str, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [(key_of("e1", content), content) for content in (b"one of several", b"another", b"and a third")]
    crash(name, number)
    with contextlib.suppress(KeyboardInterrupt):
        shelf.store.put_all(items, retain_until=shelf.until)
    monkeypatch.undo()
    assert {kind for kind, _key in shelf.found(expected=False)} <= {"record_damaged"}
    assert {one.retain_until for one in shelf.store.put_all(items, retain_until=shelf.until)} == {shelf.until}
    shelf.expected += [Expected(key=key, retain_until=shelf.until) for key, _content in items]
    assert shelf.found() == set()


def test_a_leftover_of_a_killed_put_is_harmless_until_it_is_damaged(shelf: Shelf) -> None:
    content = b"left over"
    key = key_of("e1", content)
    folder = shelf.root / "parts" / "e1" / key.rpartition("/")[2][:2]
    folder.mkdir(exist_ok=True)
    leftover = folder / f".{key.rpartition('/')[2]}.new"
    leftover.write_bytes(content)
    leftover.chmod(0o444)
    assert shelf.found() == set()
    flip(leftover)
    assert {kind for kind, _key in shelf.found()} == {"corrupt"}
    shelf.store.put(key, content, retain_until=shelf.until)
    assert not leftover.exists()


def test_more_parts_than_are_read_ahead_are_all_looked_at_in_their_order(shelf: Shelf) -> None:
    contents = [f"one of many {number}".encode() for number in range(150)]
    items = [(key_of("e0", content), content) for content in contents]
    shelf.store.put_all(items, retain_until=shelf.until)
    keys = [*sorted(key for key, _content in items), *sorted(shelf.keys)]
    assert list(shelf.store.walk()) == keys
    damaged = [keys[0], keys[127], keys[128], keys[149], keys[-1]]
    for key in damaged:
        flip(shelf.part(key))
    lost = keys[60]
    shelf.part(lost).unlink()
    abandoned = shelf.store.walk()
    assert [next(abandoned) for _ in range(3)] == keys[:3]
    found = [(one.kind, one.key) for one in scrub(shelf.store, None).findings]
    assert sorted(found) == sorted([("missing", lost), *(("corrupt", key) for key in damaged)])
    assert scrub(shelf.store, None, threads=3).findings == scrub(shelf.store, None).findings


def test_the_s3_store_is_scrubbed_too(s3_endpoint: S3Endpoint, clock: Clock) -> None:
    """Hidden by a delete marker, covered by another version, foreign names, orphans, promises not kept."""
    import io
    from datetime import UTC, datetime

    from archive.s3 import S3Store

    clock.move(datetime.now(UTC) - clock.now())
    client, bucket = s3_endpoint.client(), s3_endpoint.bucket()
    store: Store = S3Store(client, bucket, clock)
    until = clock.now() + DAY
    hidden, covered, sound, orphan = (
        store.put(key_of("e1", c), c, retain_until=until).key for c in (b"a", b"b", b"c", b"d")
    )
    client.remove_object(bucket, hidden)
    client.put_object(bucket, covered, io.BytesIO(b"forged"), 6)
    client.put_object(bucket, "readme", io.BytesIO(b"?"), 1)
    absent = key_of("e1", b"never put")
    expected = [Expected(key=key, retain_until=until) for key in (hidden, covered, sound, absent)]
    expected.append(Expected(key=sound, retain_until=until + DAY))
    found = {(finding.kind, finding.key) for finding in scrub(store, expected).findings}
    assert found >= {
        ("hidden", hidden),
        ("corrupt", covered),
        ("retention_shortened", sound),
        ("orphan", orphan),
        ("missing", absent),
        ("stray", "readme"),
    }
    assert {key for _kind, key in found} == {hidden, covered, sound, orphan, absent, "readme"}
    # the protected versions are still there and are what is read
    assert store.get(hidden) == b"a"
    assert store.get(covered) == b"b"
