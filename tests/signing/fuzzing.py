"""What the fuzz of the readers is made of: mutations that know DER and PDF, and an explorer guided by what it sees.

A case that shows new behaviour (other checks, other reasons) or reaches new lines is kept and mutated further.
"""

from __future__ import annotations

import random
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from signing import BadInput
from signing._internal import der

HANG = 2.0  # seconds of CPU for one case
_MAX_SIZE = 200_000
_TAGS = (0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x17, 0x18, 0x24, 0x30, 0x31, 0x80, 0xA0, 0xA1, 0xA3, 0x1F, 0x00)
_NUMBERS = (b"0", b"-1", b"1", b"2147483648", b"99999999999999999999", b"4294967295", b"1.5", b"65536")
_WORDS = (
    *(b"/Contents", b"/ByteRange", b"/Type", b"/Sig", b"/V", b"/Kids", b"/Parent", b"/Prev", b"/XRefStm", b"/Length"),
    *(b"/Filter", b"/FlateDecode", b"/ASCIIHexDecode", b"/ObjStm", b"/First", b"/N", b"/Index", b"/W", b"/Size"),
    *(b"/Root", b"/AcroForm", b"/Fields", b"/FT", b"/T", b"/DSS", b"/Certs", b"/Encrypt", b"/Extends", b"obj"),
    *(b"endobj", b"stream", b"endstream", b"xref", b"trailer", b"startxref", b"%%EOF", b"<<", b">>", b"[", b"]"),
    *(b"(", b")", b"<", b">", b" 0 R", b"null", b"true", b"\\", b"#00", b"%"),
)
_NUMBER = re.compile(rb"(?<![0-9a-f])-?\d{1,20}(?![0-9a-f])")
_TOKEN = re.compile(rb"/[A-Za-z0-9]+|<<|>>|\[|\]|(?<!\d)\d{1,10} \d{1,5} (?:R|obj)|[a-z]{4,}")


class HangError(Exception):
    """One case took too long."""


def damage(data: bytes, chance: random.Random) -> bytes:
    """Bits, bytes, pieces: whatever the format is."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 6))):
        if not out:
            break
        at = chance.randrange(len(out))
        match chance.randrange(5):
            case 0:
                out[at] ^= 1 << chance.randrange(8)
            case 1:
                out[at] = chance.choice((0, 0x30, 0x80, 0xFF, 0xA0, 0x24, 0x31, 0x7F))
            case 2:
                del out[at : at + chance.randrange(1, 40)]
            case 3:
                out[at:at] = chance.randbytes(chance.randrange(1, 9))
            case _:
                end = at + chance.randrange(1, 200)
                out[at:end] = out[at:end] * 2
    return bytes(out)


def mutate_der(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Change one value somewhere in the tree and write the lengths around it anew, so that readers get to it."""
    try:
        root = der.read(data)
        return _rewrite(root, _path(root, chance), chance, others) + data[root.end :]
    except (BadInput, RecursionError):
        return damage(data, chance)


def _path(root: der.Node, chance: random.Random) -> list[int]:
    path, node = [], root
    while node.constructed and node.children():
        members = node.children()
        path.append(chance.randrange(len(members)))
        node = members[path[-1]]
        if chance.random() < 0.12:
            break
    return path


def _rewrite(node: der.Node, path: list[int], chance: random.Random, others: Sequence[bytes]) -> bytes:
    if not path:
        return _change(node, chance, others)
    members = [child.raw for child in node.children()]
    members[path[0]] = _rewrite(node.children()[path[0]], path[1:], chance, others)
    if len(path) == 1 and chance.random() < 0.2:
        chance.shuffle(members)
    return der.tlv(node.tag, *members)


def _change(node: der.Node, chance: random.Random, others: Sequence[bytes]) -> bytes:
    raw, value = node.raw, node.value
    odd = (b"\xff" * 40, b"\0", b"\x80", chance.randbytes(30), value * 3)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: b"",
        lambda: raw * chance.choice((2, 3, 50)),
        lambda: der.tlv(chance.choice(_TAGS), value),
        lambda: bytes([raw[0], 0x80]) + value + b"\0\0",
        lambda: raw[:1] + b"\x84" + len(value).to_bytes(4, "big") + value,
        lambda: der.tlv(node.tag, b""),
        lambda: der.tlv(chance.choice(_TAGS), raw),
        lambda: _borrowed(others, chance),
        lambda: der.tlv(node.tag, chance.choice(odd)),
        lambda: der.tlv(node.tag, damage(value, chance)),
    )
    return chance.choice(ways)()


def _borrowed(others: Sequence[bytes], chance: random.Random) -> bytes:
    node = der.read(chance.choice(others))
    for _ in range(chance.randrange(8)):
        if not node.constructed or not node.children():
            break
        node = chance.choice(node.children())
    return node.raw


def mutate_pdf(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """Numbers, names and keywords, pieces of other files, updates appended."""
    out = data
    for _ in range(chance.choice((1, 1, 2, 4))):
        match chance.randrange(7):
            case 0 | 1:
                out = _at_some(_NUMBER, out, chance, chance.choice(_NUMBERS))
            case 2 | 3:
                out = _at_some(_TOKEN, out, chance, chance.choice(_WORDS))
            case 4:
                other = chance.choice(others)
                start = chance.randrange(max(len(other), 1))
                at = chance.randrange(len(out) + 1)
                out = out[:at] + other[start : start + chance.randrange(400)] + out[at:]
            case 5:
                tail = out.rfind(b"xref")
                out += out[max(tail - chance.randrange(600), 0) :]
            case _:
                out = damage(out, chance)
    return out


def _at_some(pattern: re.Pattern[bytes], data: bytes, chance: random.Random, new: bytes) -> bytes:
    """Replace a match behind some place: long hexadecimal strings are stepped over."""
    found = pattern.search(data, chance.randrange(len(data) + 1)) or pattern.search(data)
    return data if found is None else data[: found.start()] + new + data[found.end() :]


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise HangError in what runs inside after so much CPU time."""

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@dataclass
class Lines:
    """Lines of signing/ reached so far; `trace` tells whether a work reaches a new one."""

    seen: set[tuple[CodeType, int]] = field(default_factory=set)

    def trace(self, work: Callable[[], object]) -> bool:
        before = len(self.seen)

        def local(frame: FrameType, event: str, _argument: Any) -> Any:
            if event == "line":
                self.seen.add((frame.f_code, frame.f_lineno))
            return local

        def calls(frame: FrameType, _event: str, _argument: Any) -> Any:
            return local if "/signing/" in frame.f_code.co_filename else None

        kept = sys.gettrace()
        sys.settrace(calls)
        try:
            work()
        finally:
            sys.settrace(kept)
        return len(self.seen) > before


@dataclass
class Explorer:
    """Runs mutated cases against `judge`, which gives the behaviour seen and raises when something is wrong."""

    judge: Callable[[bytes], object]
    mutate: Callable[[bytes, random.Random, Sequence[bytes]], bytes]
    seeds: list[bytes]
    chance: random.Random
    executions: int = 0
    behaviours: set[object] = field(default_factory=set)
    lines: Lines = field(default_factory=Lines)
    found: list[tuple[str, bytes]] = field(default_factory=list)
    slowest: float = 0.0
    started: float = field(default_factory=time.process_time)
    tracing: float = 0.0

    def explore(self, seconds: float, limit: int = sys.maxsize) -> None:
        """Go on for so many seconds of CPU, or so many cases."""
        pool = list(self.seeds)
        for seed in pool:
            self._run(seed)
        until = time.process_time() + seconds
        while time.process_time() < until and self.executions < limit and len(self.found) < 20:
            recent = self.chance.random() < 0.5
            parent = self.chance.choice(pool[-200:] if recent else pool)
            case = self.mutate(parent, self.chance, self.seeds)
            if len(case) <= _MAX_SIZE and self._run(case):
                pool.append(case)
                if len(pool) > 5000:
                    del pool[len(self.seeds) : len(self.seeds) + 1000]

    def _run(self, case: bytes) -> bool:
        """Try one case; whether it showed anything new. What is wrong goes to `found`."""
        self.executions += 1
        began = time.process_time()
        traced = self.tracing < 0.3 * (began - self.started)  # tracing is slow: a third of the time is for it
        seen: list[object] = []
        try:
            with alarm(HANG * (6 if traced else 1)):  # tracing takes its time
                if traced:
                    fresh = self.lines.trace(lambda: seen.append(self.judge(case)))
                else:
                    fresh = False
                    seen.append(self.judge(case))
        except Exception as error:  # noqa: BLE001 any error is what is being looked for
            self.found.append((f"{type(error).__name__}: {error}"[:300], case))
            return False
        spent = time.process_time() - began
        if traced:
            self.tracing += spent
        else:
            self.slowest = max(self.slowest, spent)
        fresh = fresh or seen[0] not in self.behaviours
        self.behaviours.add(seen[0])
        return fresh
