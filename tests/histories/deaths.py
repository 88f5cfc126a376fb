"""Processes that may be killed anywhere: work is done in a fork of this process, which dies by SIGKILL at a named moment.

A fork has everything imported already, so that a death costs milliseconds. What it leaves is what a power cut would leave
of a process: nothing is caught, flushed or closed. A moment is a place in the work's own order (the n-th statement, file,
request or answer), so a history dies at the same place when it is repeated.
"""

from __future__ import annotations

import gc
import mmap
import os
import signal
import struct
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from edo_service.kernel import faults

LONGEST = 60
"""Seconds that a fork may take; one that hangs is a failure, not a kill."""
_FILES = frozenset({"open", "os.rename", "os.link", "os.remove", "sqlite3.connect"})


@dataclass(frozen=True, kw_only=True)
class Death:
    """Where a process dies: at a crash point (`faults.CRASH_POINTS`) when it is reached the `count`-th time, or, without a
    point, at the `count`-th moment of its work."""

    point: str | None = None
    count: int = 1


class Moments:
    """Counts the moments of a fork; at the last one it kills itself. Elsewhere it does nothing."""

    def __init__(self) -> None:
        self._left = 0

    def arm(self, count: int) -> None:
        """Let this process die at the `count`-th moment from now; its files count as well."""
        self._left = count
        sys.addaudithook(self._hear)

    def passing(self, *_: object) -> None:
        """One moment: a statement, a request, an answer."""
        if self._left:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)

    def _hear(self, event: str, _arguments: object) -> None:
        if event in _FILES:
            self.passing()


class Tallies:
    """Counters that forks share with this process: what they counted is known although they died."""

    def __init__(self, *names: str) -> None:
        self._places = {name: place * 4 for place, name in enumerate(names)}
        self._memory = mmap.mmap(-1, mmap.PAGESIZE)

    def add(self, name: str) -> None:
        """Count one."""
        place = self._places[name]
        struct.pack_into("<I", self._memory, place, self[name] + 1)

    def __getitem__(self, name: str) -> int:
        found: int = struct.unpack_from("<I", self._memory, self._places[name])[0]
        return found

    def all(self) -> dict[str, int]:
        """Every counter that has counted something."""
        return {name: self[name] for name in self._places if self[name]}


MOMENTS = Moments()


def in_a_process(work: Callable[[], object], death: Death) -> bool:
    """Do the work in a process of its own that dies as told; True when it did, False when the work ended before that.

    The caller has closed its databases. Raises AssertionError with the fork's own traceback when the work failed.
    """
    reading, writing = os.pipe()
    forked = os.fork()
    if forked == 0:
        os.close(reading)
        _live_and_die(work, death, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        words = said.read().decode()
    _, status = os.waitpid(forked, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.WIFEXITED(status), f"the process ended by signal {os.WTERMSIG(status)}"
    assert os.WEXITSTATUS(status) == 0, words
    return False


def _live_and_die(work: Callable[[], object], death: Death, said: int) -> None:
    """The fork's whole life; it never returns."""
    code = 1
    try:
        gc.freeze()  # what was made before the fork belongs to the other process and is not closed here
        signal.alarm(LONGEST)
        if death.point is None:
            MOMENTS.arm(death.count)
        else:
            faults.arm(f"{death.point}:{death.count}")
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the other process raises it
        os.write(said, traceback.format_exc()[-60_000:].encode())
    finally:
        os._exit(code)
