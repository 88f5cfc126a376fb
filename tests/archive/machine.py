"""Any order of puts, extensions, shortenings, holds, deletions, moves of the clock and restarts, against a model."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from archive import Expected, FileStore, MirrorStore, NotStored, RetentionRefused, key_of, scrub
from archive.store import Store
from tests.archive.conftest import NOW, Clock

DAY = timedelta(days=1)
CONTENTS = st.sampled_from([b"one", b"two", b"three"])
DAYS = st.integers(-3, 12)


class StoreMachine(RuleBasedStateMachine):
    """The model: what must be kept, until when, and whether a hold is on."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._clock = Clock(NOW)
        self._store = self.open()
        self._kept: dict[str, tuple[bytes, datetime, bool]] = {}

    def open(self) -> Store:
        """The store over what lies on the disk."""
        return FileStore(Path(self._folder.name) / "archive", self._clock)

    @rule(content=CONTENTS, days=DAYS)
    def put(self, content: bytes, days: int) -> None:
        key = key_of("e1", content)
        until = self._clock.now() + days * DAY
        stored = self._store.put(key, content, retain_until=until)
        self._put(key, content, until)
        assert stored.retain_until == self._kept[key][1]

    @rule(contents=st.lists(CONTENTS, min_size=1, max_size=3), days=DAYS)
    def put_all(self, contents: list[bytes], days: int) -> None:
        until = self._clock.now() + days * DAY
        self._store.put_all([(key_of("e1", one), one) for one in contents], retain_until=until)
        for one in contents:
            self._put(key_of("e1", one), one, until)

    def _put(self, key: str, content: bytes, until: datetime) -> None:
        _, known, hold = self._kept.get(key, (content, until, False))
        self._kept[key] = (content, max(known, until), hold)

    @rule(content=CONTENTS, days=DAYS)
    def extend_or_shorten(self, content: bytes, days: int) -> None:
        key = key_of("e1", content)
        until = self._clock.now() + days * DAY
        if key not in self._kept:
            with pytest.raises(NotStored):
                self._store.extend(key, until)
        elif until < self._kept[key][1]:
            with pytest.raises(RetentionRefused):
                self._store.extend(key, until)
        else:
            self._store.extend(key, until)
            self._kept[key] = (content, until, self._kept[key][2])

    @rule(content=CONTENTS, days=DAYS, hold=st.booleans())
    def mend(self, content: bytes, days: int, *, hold: bool) -> None:
        key = key_of("e1", content)
        until = self._clock.now() + days * DAY
        self._store.mend(key, content, retain_until=until, hold=hold)
        self._put(key, content, until)
        kept = self._kept[key]
        self._kept[key] = (*kept[:2], kept[2] or hold)

    @precondition(lambda self: self._kept)
    @rule(content=CONTENTS, on=st.booleans())
    def hold(self, content: bytes, *, on: bool) -> None:
        key = key_of("e1", content)
        if key in self._kept:
            self._store.set_hold(key, on)
            self._kept[key] = (*self._kept[key][:2], on)

    @rule(content=CONTENTS)
    def delete(self, content: bytes) -> None:
        key = key_of("e1", content)
        if key not in self._kept:
            with pytest.raises(NotStored):
                self._store.delete(key)
            return
        _, until, hold = self._kept[key]
        if hold or self._clock.now() < until:
            with pytest.raises(RetentionRefused):
                self._store.delete(key)
        else:
            self._store.delete(key)
            del self._kept[key]

    @rule(days=st.integers(-2, 4))
    def move_the_clock(self, days: int) -> None:
        self._clock.move(days * DAY)

    @rule()
    def restart(self) -> None:
        self._store = self.open()

    @invariant()
    def everything_kept_is_there_and_sound(self) -> None:
        assert set(self._store.keys("")) == set(self._kept)
        for key, (content, until, hold) in self._kept.items():
            stat = self._store.stat(key)
            assert stat is not None
            assert (self._store.get(key), stat.retain_until, stat.hold) == (content, until, hold)
        expected = [Expected(key=key, retain_until=until, hold=hold) for key, (_, until, hold) in self._kept.items()]
        assert scrub(self._store, expected).sound

    def teardown(self) -> None:
        self._folder.cleanup()


class MirrorMachine(StoreMachine):
    """The same over two folders."""

    def open(self) -> Store:
        """Both stores over what lies on the disk."""
        roots = (Path(self._folder.name) / "archive", Path(self._folder.name) / "second")
        first, second = (FileStore(root, self._clock) for root in roots)
        return MirrorStore(first, second, self._clock)
