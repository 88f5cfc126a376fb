"""Two stores that hold the same: nothing acknowledged by one alone, each mends the other, in one pass of the scrub."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive import (
    Damaged,
    Expected,
    FileStore,
    Listed,
    MirrorStore,
    NotStored,
    NotWorm,
    RetentionRefused,
    Stored,
    StoreUnavailable,
    key_of,
    run_canary,
    scrub,
    scrub_stretch,
)
from archive._internal.flags import is_immutable, set_immutable
from tests.archive.conftest import Clock

DAY = timedelta(days=1)


class Silent(FileStore):
    """A store that may fall silent."""

    silent = False

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        if self.silent:
            raise StoreUnavailable("silent")
        return super().put(key, content, retain_until=retain_until)

    def get(self, key: str) -> bytes:
        if self.silent:
            raise StoreUnavailable("silent")
        return super().get(key)


@dataclass(kw_only=True)
class Pair:
    """A mirror of two folders with ten parts, and hands to spoil either."""

    roots: tuple[Path, Path]
    first: Silent
    second: Silent
    store: MirrorStore
    keys: list[str]
    expected: list[Expected]

    def part(self, number: int, key: str) -> Path:
        return next((self.roots[number] / "parts").rglob(key.rpartition("/")[2]))

    def record(self, number: int, key: str) -> Path:
        return next((self.roots[number] / "retention").rglob(f"{key.rpartition('/')[2]}.jsonl"))

    def spoil(self, number: int, key: str) -> None:
        path = self.part(number, key)
        path.chmod(0o600)
        path.write_bytes(b"?" + path.read_bytes()[1:])
        path.chmod(0o444)


@pytest.fixture
def pair(tmp_path: Path, clock: Clock) -> Pair:
    roots = (tmp_path / "one", tmp_path / "two")
    first, second = (Silent(root, clock) for root in roots)
    store = MirrorStore(first, second, clock)
    contents = [f"part {number}".encode() for number in range(10)]
    until = clock.now() + 10 * DAY
    keys = [store.put(key_of("e1", one), one, retain_until=until).key for one in contents]
    for key in keys:
        store.extend(key, until + DAY)
    return Pair(
        roots=roots,
        first=first,
        second=second,
        store=store,
        keys=keys,
        expected=[Expected(key=key, retain_until=until + DAY) for key in keys],
    )


@pytest.mark.parametrize("silent", ["first", "second"])
def test_what_one_store_did_not_get_is_not_acknowledged(pair: Pair, clock: Clock, silent: str) -> None:
    quiet = pair.first if silent == "first" else pair.second
    content, until = b"to both", clock.now() + DAY
    quiet.silent = True
    with pytest.raises(StoreUnavailable):
        pair.store.put(key_of("e1", content), content, retain_until=until)
    quiet.silent = False
    stored = pair.store.put(key_of("e1", content), content, retain_until=until)
    assert not stored.created or silent == "first"
    assert pair.first.get(stored.key) == pair.second.get(stored.key) == content


def test_either_store_can_be_read_when_the_other_cannot(pair: Pair) -> None:
    spoiled, gone, quiet = pair.keys[:3]
    pair.spoil(0, spoiled)
    pair.part(0, gone).unlink()
    assert pair.store.get(spoiled) == pair.second.get(spoiled)
    with pair.store.open(gone) as stream:
        assert stream.read() == pair.second.get(gone)
    pair.first.silent = True
    assert pair.store.get(quiet)
    with pytest.raises(StoreUnavailable):
        pair.store.get(key_of("e1", b"never put"))
    pair.first.silent = False
    pair.spoil(1, spoiled)
    with pytest.raises(Damaged):
        pair.store.get(spoiled)
    with pytest.raises(NotStored):
        pair.store.get(key_of("e1", b"never put"))


def test_everything_at_once_is_found_and_mended_in_one_pass(pair: Pair, clock: Clock) -> None:
    flipped, gone, vanished, cut, unrecorded, writable, unheld, behind = pair.keys[:8]
    pair.spoil(0, flipped)
    pair.part(1, gone).unlink()
    for number in (0,):
        pair.part(number, vanished).unlink()
        pair.record(number, vanished).unlink()
    record = pair.record(0, cut)
    record.write_bytes(record.read_bytes().splitlines(keepends=True)[0])
    pair.record(1, unrecorded).unlink()
    pair.part(1, writable).chmod(0o644)
    pair.first.set_hold(unheld, True)
    pair.first.extend(behind, clock.now() + 20 * DAY)
    pair.expected += [Expected(key=unheld, hold=True), Expected(key=behind, retain_until=clock.now() + 20 * DAY)]
    orphan = pair.store.put(key_of("e2", b"orphan"), b"orphan", retain_until=clock.now() + DAY).key

    report = scrub(pair.store, pair.expected)

    found = {(one.key, one.kind, one.detail.partition(" store")[0]) for one in report.findings}
    assert found == {
        (flipped, "corrupt", "first"),
        (gone, "missing", "second"),
        (vanished, "missing", "first"),
        (cut, "retention_shortened", "first"),
        (unrecorded, "record_damaged", "second"),
        (writable, "mode_changed", "second"),
        (unheld, "hold_lost", "second"),
        (behind, "retention_shortened", "second"),
        (orphan, "orphan", "nobody expects it"),
    }
    assert all(one.repaired for one in report.damage)
    again = scrub(pair.store, pair.expected)
    assert [one.kind for one in again.findings] == ["orphan"]
    for store in (pair.first, pair.second):
        for key in pair.keys:
            stat = store.stat(key)
            assert stat is not None
            assert stat.retain_until == clock.now() + (20 if key == behind else 11) * DAY
    assert len([path for path in pair.roots[0].glob("damaged/e1/*") if path.is_file()]) == 2, "the damage is kept"


def test_what_both_stores_lost_is_told_and_not_invented(pair: Pair) -> None:
    lost, spoiled = pair.keys[:2]
    for number in (0, 1):
        pair.part(number, lost).unlink()
        pair.record(number, lost).unlink()
        pair.spoil(number, spoiled)
    report = scrub(pair.store, pair.expected)
    assert {(one.key, one.kind) for one in report.findings} == {(lost, "missing"), (spoiled, "corrupt")}
    assert not any(one.repaired for one in report.findings)
    assert scrub(pair.store, pair.expected).findings


def test_deleting_needs_both_and_may_be_repeated(pair: Pair, clock: Clock) -> None:
    key = pair.keys[0]
    pair.second.extend(key, clock.now() + 30 * DAY)
    clock.move(12 * DAY)
    with pytest.raises(RetentionRefused):
        pair.store.delete(key)
    assert pair.first.get(key)
    clock.move(20 * DAY)
    pair.first.set_hold(key, True)
    with pytest.raises(RetentionRefused):
        pair.store.delete(key)
    pair.first.set_hold(key, False)
    pair.second.delete(key)  # a delete was cut off here
    pair.store.delete(key)
    with pytest.raises(NotStored):
        pair.store.get(key)


def test_the_canary_tries_both_stores(pair: Pair, clock: Clock) -> None:
    report = run_canary(pair.store, clock=clock)
    assert report.ok, report.attempts
    assert {name.partition(":")[0] for name, _refused, _detail in report.attempts} >= {"first store", "second store"}

    class Yielding(FileStore):
        """Deletes what it should keep."""

        def delete(self, key: str) -> None:
            pair.part(1, key).unlink()

    weak = MirrorStore(pair.first, Yielding(pair.roots[1], clock), clock)
    report = run_canary(weak, clock=clock)
    assert not report.ok
    assert "second store: delete" in {name for name, refused, _detail in report.attempts if not refused}


# --- a pass in stretches ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [{"most_objects": 3}, {"most_bytes": 15}, {"most_objects": 1}])
def test_stretches_find_what_one_pass_finds_and_nothing_twice(pair: Pair, clock: Clock, limit: dict[str, int]) -> None:
    store = pair.first
    pair.part(0, min(pair.keys)).unlink()
    pair.spoil(0, sorted(pair.keys)[4])
    last = max(pair.keys)
    for path in (pair.part(0, last), pair.record(0, last)):
        path.unlink()
    store.put(key_of("e0", b"orphan"), b"orphan", retain_until=clock.now() + DAY)
    (pair.roots[0] / "parts" / "e1" / "note.txt").write_text("?")
    expected = Listed(items=[*pair.expected, Expected(key=key_of("zz", b"never"), retain_until=clock.now())])
    whole = scrub(store, expected)
    found, after, objects, stretches = [], "", 0, 0
    while True:
        stretch = scrub_stretch(store, expected, after=after, **limit)
        assert stretch.finished or stretch.after > after, "every stretch gets on"
        found += stretch.findings
        objects += stretch.objects
        after = stretch.after
        stretches += 1
        if stretch.finished:
            break
    assert {(one.kind, one.key) for one in found} == {(one.kind, one.key) for one in whole.findings}
    assert len(whole.findings) == 6
    assert objects == whole.objects
    assert stretches > 3


def test_what_comes_and_goes_while_it_is_scrubbed_is_no_finding(pair: Pair, clock: Clock) -> None:
    """The list is asked once more before anything is called missing or too much."""
    late = key_of("e0", b"came late")

    class Living:
        """Lists without what comes a moment later, knows it when asked again."""

        asked: list[str] = []  # noqa: RUF012 - one test, one object

        def after(self, key: str) -> "Callable[..., object]":
            kept = Listed(items=[*pair.expected, Expected(key=key_of("e9", b"going"), retain_until=clock.now())])
            return kept.after(key)  # type: ignore[return-value]  # an iterator

        def of(self, key: str) -> Expected | None:
            self.asked.append(key)
            return Expected(key=key, retain_until=clock.now()) if key == late else None

    pair.store.put(late, b"came late", retain_until=clock.now() + DAY)
    promises = Living()
    assert scrub(pair.store, promises).sound  # type: ignore[arg-type]  # as above
    assert set(promises.asked) == {late, key_of("e9", b"going")}


# --- the immutable flag ----------------------------------------------------------------------------------------------


def test_the_immutable_flag_stops_the_owner_too_or_the_store_says_that_it_cannot(tmp_path: Path, clock: Clock) -> None:
    store = FileStore(tmp_path / "archive", clock, immutable=True)
    key, until = key_of("e1", b"fixed"), clock.now() + DAY
    try:
        store.put(key, b"fixed", retain_until=until)
    except NotWorm as error:
        assert "immutable flag" in str(error)  # noqa: PT017 - this machine has no such flags, and that is said
        return
    path = next((tmp_path / "archive" / "parts").rglob(key.rpartition("/")[2]))
    try:
        assert is_immutable(path)
        for act in (path.unlink, lambda: path.write_bytes(b"other"), lambda: path.chmod(0o600)):
            with pytest.raises(PermissionError):
                act()
        assert store.put(key, b"fixed", retain_until=until).created is False
        assert run_canary(store, clock=clock).ok
        assert scrub(store, None).sound
        set_immutable(path, on=False)
        assert [one.detail for one in scrub(store, None).findings] == ["the immutable flag is off"]
        store.mend(key, b"fixed", retain_until=until)
        assert is_immutable(path)
    finally:
        clock.move(2 * DAY)
        for one in list(store.keys("")):
            store.delete(one)
    assert list(store.keys("")) == []


def test_a_part_without_its_record_gets_no_shorter_one(pair: Pair, clock: Clock) -> None:
    """The ledger still knows that there was one; only the other store can say how long."""
    key = pair.keys[0]
    content = pair.first.get(key)
    pair.record(0, key).unlink()
    with pytest.raises(Damaged, match="record is gone"):
        pair.first.put(key, content, retain_until=clock.now())
    assert all(one.repaired for one in scrub(pair.store, pair.expected).findings)
    stat = pair.first.stat(key)
    assert stat is not None
    assert stat.retain_until == clock.now() + 11 * DAY


class Overtaken(FileStore):
    """A store where someone else always extends further just before."""

    def extend(self, key: str, retain_until: datetime) -> None:
        super().extend(key, retain_until + 5 * DAY)
        super().extend(key, retain_until)


def test_a_store_that_was_extended_further_meanwhile_keeps_that(tmp_path: Path, clock: Clock) -> None:
    first, second = FileStore(tmp_path / "first", clock), Overtaken(tmp_path / "second", clock)
    mirror, content = MirrorStore(first, second, clock), b"overtaken"
    key, until = key_of("e1", content), clock.now() + DAY
    first.put(key, content, retain_until=until + DAY)
    assert mirror.put(key, content, retain_until=until).retain_until == until + DAY
    ends = [stat.retain_until for store in (first, second) if (stat := store.stat(key))]
    assert ends == [until + DAY, until + 6 * DAY]
    with pytest.raises(RetentionRefused):
        mirror.extend(key, until)
