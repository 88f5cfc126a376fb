"""The store's port: put once, keep, extend, refuse to delete. Implementations: FileStore, S3Store, MirrorStore."""

import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol, runtime_checkable

from archive.errors import BadKey, Damaged

#: The entity whose objects are canaries: short-lived, no orphans, the only ones deleted without anyone's decision.
CANARY_ENTITY = "canary"
CHUNK = 1024 * 1024

_KEY = re.compile(r"([A-Za-z0-9][A-Za-z0-9_-]{0,63})/([0-9a-f]{64})", re.ASCII)


class Clock(Protocol):
    """Tells the time by which terms are judged; a test moves it."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a put left behind. created: False when the same content was there already."""

    key: str
    sha256: str
    size: int
    retain_until: datetime
    created: bool


@dataclass(frozen=True, kw_only=True)
class Stat:
    """What is known of a stored object without reading it. retain_until None: no retention is in force or known."""

    key: str
    size: int
    retain_until: datetime | None
    hold: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that a scrub found. kind is one of KINDS; an orphan harms no document, everything else is damage.

    repaired: what was done about it from another copy, empty when nothing was.
    """

    kind: str
    key: str
    detail: str
    repaired: str = ""


#: Kinds of findings: content differs; gone; nobody expects it; retention or hold less than promised; its record cut,
#: edited or gone; the file became writable or lies where nothing should; hidden behind a delete marker; unreadable; a
#: chain of records of the caller's that the store's objects prove to be cut or rewritten.
KINDS = (
    "corrupt",
    "missing",
    "orphan",
    "retention_shortened",
    "hold_lost",
    "record_damaged",
    "mode_changed",
    "stray",
    "hidden",
    "unreadable",
    "chain_broken",
)


@dataclass(frozen=True, kw_only=True)
class Examined:
    """One object read to its end: bytes read, what is known of it (None: it is not there, or not to be trusted)."""

    size: int
    stat: Stat | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One way to get at a protected object; act must fail, and the object must be as before."""

    name: str
    act: Callable[[str], object] = field(repr=False)


@runtime_checkable
class Store(Protocol):
    """Keeps content under `<entity>/<sha256 of the content>`. All times are aware UTC.

    Every method may raise StoreUnavailable; methods that take a key raise BadKey for one of another shape.
    """

    def put(self, key: str, content: bytes, *, retain_until: datetime) -> Stored:
        """Keep content under the key of its own hash, once. Again: nothing is written, retention only moves forward.

        Raises BadKey (content is not what the key says), Damaged (something else is there), NotWorm.
        """

    def put_all(self, items: Sequence[tuple[str, bytes]], *, retain_until: datetime) -> tuple[Stored, ...]:
        """Put several objects, each as put() does, waiting for the store together; all are kept when it returns.

        A failure may leave some of them kept; putting all again is safe.
        """

    def get(self, key: str) -> bytes:
        """The whole content, checked against its key. Raises NotStored, Damaged."""

    def open(self, key: str) -> BinaryIO:
        """A stream of the content; reading its end raises Damaged when the content is not what the key says."""

    def stat(self, key: str) -> Stat | None:
        """Size, retention and hold, None when nothing is there. Raises Damaged (its record cannot be trusted)."""

    def extend(self, key: str, retain_until: datetime) -> None:
        """Move the end of retention forward; the same end changes nothing. Raises RetentionRefused, NotStored."""

    def set_hold(self, key: str, on: bool) -> None:  # noqa: FBT001 - the port's published shape
        """Put on or take off a hold: while it is on, nothing is deleted whatever its retention says."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with a prefix, ascending."""

    def delete(self, key: str) -> None:
        """Delete for good when retention has passed and no hold is on. Raises RetentionRefused, NotStored, Damaged."""

    def walk(self, after: str = "") -> Iterator[str | Finding]:
        """All keys above a key, ascending, and between them what belongs to no key or of which only a trace is left."""

    def examine(self, key: str) -> Examined:
        """Read one object to its end and judge it in itself: content, protection, record. Raises StoreUnavailable."""

    def mend(self, key: str, content: bytes, *, retain_until: datetime, hold: bool = False) -> None:
        """Put right an object that is damaged or gone; what is sound stays, retention and hold only grow.

        Raises BadKey (the content is not what the key says): nothing else can ever take the place of an object.
        """

    def copies(self) -> "Sequence[Copy]":
        """The stores that each hold everything: itself, or those behind a mirror."""

    def attempts(self) -> Sequence[Attempt]:
        """Back doors of this kind of store, for the canary to try."""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One of the stores that hold the same; its name is empty when there is no other."""

    name: str
    store: Store


def key_of(entity: str, content: bytes) -> str:
    """The key of some content for an entity, `<entity>/<sha256>`: the same content has one place. BadKey for a bad entity."""
    key = f"{entity}/{hashlib.sha256(content).hexdigest()}"
    split_key(key)
    return key


def split_key(key: str) -> tuple[str, str]:
    """Entity and SHA-256 of a key; BadKey for any other shape."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise BadKey(f"not an archive key: {key!r} (wanted <entity>/<sha256>)")
    return match[1], match[2]


def check_content(key: str, content: bytes) -> str:
    """The SHA-256 of content, which must be the one in the key; else BadKey."""
    _entity, wanted = split_key(key)
    if hashlib.sha256(content).hexdigest() != wanted:
        raise BadKey(f"the content is not what the key {key} says")
    return wanted


def check_moment(value: datetime, what: str) -> datetime:
    """An aware moment, or BadKey."""
    if value.tzinfo is None:
        raise BadKey(f"{what} has no time zone")
    return value


class CheckedStream(io.RawIOBase):
    """A stream that hashes what passes and refuses to end well when the hash is not the wanted one."""

    def __init__(self, source: BinaryIO, *, key: str, close: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._source = source
        self._close = close or source.close
        self._key = key
        self._wanted = split_key(key)[1]
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to size bytes (all with -1); Damaged at the end when the content was not what the key says."""
        chunk = self._source.read() if size < 0 else self._source.read(size)
        self._hash.update(chunk)
        if (size < 0 or (size > 0 and not chunk)) and self._hash.hexdigest() != self._wanted:
            raise Damaged(self._key, "its content is not what was put (SHA-256 differs)")
        return chunk

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]  # typeshed wants any buffer
        """As read(), into a buffer."""
        chunk = self.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close the source."""
        if not self.closed:
            self._close()
        super().close()
