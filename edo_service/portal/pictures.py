"""Pages of a PDF, a scaled picture, words of a document: made in a process of its own with bounded time and memory.

The files may come from outside (a counterparty's contract), so no reader of them runs inside the web process.
"""

import hashlib
import struct
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from edo_service.errors import NotFound, Unavailable

Kind = Literal["pdf", "image", "docx", "zip", "xml"]
WIDTH = 1000
MOST_PAGES = 50
SECONDS = 20
_KEPT_BYTES = 48 * 1024 * 1024
_KEPT_FAILURES = 1000
_SCRIPT = Path(__file__).with_name("draw.py")


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page: its size in pixels, the PNG and the words on it. A file of words alone is a page of no size."""

    number: int
    width: int
    height: int
    png: bytes
    text: str


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A file with its pages. `total` may be greater than the pages drawn (of an archive: how many files it holds)."""

    content: bytes
    total: int
    pages: tuple[Page, ...]
    sha256: str

    def page(self, number: int) -> Page:
        """The page; NotFound outside of what was drawn, and where there is no picture."""
        for one in self.pages:
            if one.number == number and one.png:
                return one
        raise NotFound("request.absent")

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        return len(self.content) + sum(len(one.png) + len(one.text) for one in self.pages)


class Pictures:
    """Draws files and remembers the last ones (48 MB) and those that cannot be drawn. Safe between threads; each once."""

    def __init__(self, *, capacity: int = _KEPT_BYTES) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[str, Drawn] = OrderedDict()
        self._lock = Lock()
        self._busy: dict[str, Lock] = {}
        self._failed: OrderedDict[str, None] = OrderedDict()

    def known(self, key: str) -> Drawn | None:
        """The drawn file if it is remembered; nothing is drawn."""
        with self._lock:
            return self._kept.get(key)

    def failed(self, key: str) -> bool:
        """Whether the file could not be drawn when it was tried."""
        with self._lock:
            return key in self._failed

    def of(self, key: str, make: Callable[[], bytes], *, kind: Kind = "pdf") -> Drawn:
        """The drawn file of a key that names its content. Unavailable when it cannot be drawn in time."""
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
            busy = self._busy.setdefault(key, Lock())
        try:
            with busy:
                with self._lock:
                    known = self._kept.get(key)
                if known is None:
                    known = self._draw(key, make(), kind)
                    self._keep(key, known)
        finally:
            with self._lock:
                self._busy.pop(key, None)
        return known

    def _draw(self, key: str, content: bytes, kind: Kind) -> Drawn:
        """Draw, or fail as before: what the child could not read once it is not asked again. A time-out may pass."""
        if self.failed(key):
            raise Unavailable("print.not_drawn")
        try:
            return draw(content, kind=kind)
        except Unavailable as error:
            if not isinstance(error.__cause__, subprocess.TimeoutExpired):
                self._remember_failure(key)
            raise

    def _remember_failure(self, key: str) -> None:
        with self._lock:
            self._failed[key] = None
            while len(self._failed) > _KEPT_FAILURES:
                self._failed.popitem(last=False)

    def _keep(self, key: str, drawn: Drawn) -> None:
        with self._lock:
            self._kept[key] = drawn
            while sum(one.weight for one in self._kept.values()) > self._capacity and len(self._kept) > 1:
                self._kept.popitem(last=False)


def draw(content: bytes, *, kind: Kind = "pdf", width: int = WIDTH, most: int = MOST_PAGES) -> Drawn:
    """Draw the pages in a bounded child process. Unavailable `print.not_drawn` for a broken file or a time-out."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_SCRIPT), kind, str(width), str(most)],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable("print.not_drawn") from error
    if done.returncode != 0:
        raise Unavailable("print.not_drawn")
    total, pages = _read(done.stdout)
    return Drawn(content=content, total=total, pages=pages, sha256=hashlib.sha256(content).hexdigest())


def _read(answer: bytes) -> tuple[int, tuple[Page, ...]]:
    total, place = struct.unpack_from(">I", answer)[0], 4
    pages: list[Page] = []
    while place < len(answer):
        width, height, size, letters = struct.unpack_from(">IIII", answer, place)
        text = place + 16 + size
        pages.append(
            Page(
                number=len(pages) + 1,
                width=width,
                height=height,
                png=answer[place + 16 : text],
                text=answer[text : text + letters].decode("utf-8", "replace"),
            )
        )
        place = text + letters
    return total, tuple(pages)
