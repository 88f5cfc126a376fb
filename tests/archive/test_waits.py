"""What the folder store says it keeps survives a power cut: content, name, folder, record, each waited for in this order."""

import os
import stat
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from archive import FileStore, StoreUnavailable, key_of, scrub
from archive._internal.disk import read_file
from tests.archive.conftest import Clock
from tests.fixtures.durable_disk import Disk, ProcessDied

CONTENTS = [b"one", b"two", b"three"]
DAY = timedelta(days=1)
Put = Callable[[FileStore, Clock], Sequence[bool]]


def by_put(store: FileStore, clock: Clock) -> Sequence[bool]:
    until = clock.now() + DAY
    return [store.put(key_of("e1", one), one, retain_until=until).created for one in CONTENTS]


def by_put_all(store: FileStore, clock: Clock) -> Sequence[bool]:
    items = [(key_of("e1", one), one) for one in CONTENTS]
    return [one.created for one in store.put_all(items, retain_until=clock.now() + DAY)]


class OrderedDisk(Disk):
    """A record gets no name while its part's may still be lost."""

    def link(self, source: str | Path, target: str | Path) -> None:
        digest = Path(target).stem
        if Path(target).suffix == ".jsonl":
            assert digest not in {one.name for one in self.pending}, "a record before its part"
        super().link(source, target)


@pytest.mark.parametrize("again", [by_put, by_put_all])
@pytest.mark.parametrize("put", [by_put, by_put_all])
def test_what_is_confirmed_is_on_the_disk_wherever_an_earlier_put_died(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, put: Put, again: Put
) -> None:
    disk = OrderedDisk(monkeypatch)
    deaths = named = 0
    for wait in range(80):
        folder = tmp_path / str(wait)
        disk.dies_at(wait)
        try:
            made = put(FileStore(folder, clock), clock)
        except ProcessDied:
            deaths += 1
            named += bool(disk.pending)
        else:
            assert list(made) == [True] * len(CONTENTS)
            assert disk.pending == set()
            break
        disk.dies_at(None)
        again(FileStore(folder, clock), clock)
        assert {one for one in disk.pending if one.is_relative_to(folder)} == set()
        disk.pending.clear()
        assert scrub(FileStore(folder, clock), None).sound
    else:
        pytest.fail("it never came to its end")
    assert deaths >= 10
    assert named >= 2, "some died between a name and its folder"


def test_a_file_that_the_system_gives_in_pieces_is_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record"
    path.write_bytes(bytes(range(256)) * 600)
    really = os.read
    monkeypatch.setattr(os, "read", lambda handle, size: really(handle, min(size, 1000)))
    assert read_file(str(path)) == bytes(range(256)) * 600


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_a_machine_without_threads_is_a_store_that_is_away(
    file_store: FileStore, clock: Clock, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    """Nothing waits for a handle that was closed meanwhile, and what is put later is whole."""
    really, sync = threading.Thread.start, os.fsync
    refused = threading.Event()
    left, strangers = [threads], list[OSError]()

    def start(self: threading.Thread) -> None:
        left[0] -= 1
        if left[0] < 0:
            refused.set()
            raise RuntimeError("can't start new thread")
        really(self)

    def fsync(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode) and threading.current_thread() is not threading.main_thread():
            refused.wait(60)  # more files than threads: the refusal comes while these are waited for
        try:
            sync(handle)
        except OSError as error:
            strangers.append(error)

    file_store.put(key_of("e1", b"before"), b"before", retain_until=clock.now() + DAY)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(StoreUnavailable):
            by_put_all(file_store, clock)
    assert refused.is_set()
    assert strangers == []
    assert list(by_put_all(file_store, clock)) == [True] * len(CONTENTS)
    assert scrub(file_store, None).sound
