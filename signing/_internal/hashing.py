"""Hashing streams with several functions at once, in flat memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from signing._internal import digests

CHUNK = 1 << 20


def chunks(source: BinaryIO) -> Iterator[bytes]:
    """The rest of a stream in pieces of a mebibyte."""
    while piece := source.read(CHUNK):
        yield piece


def hash_stream(source: BinaryIO, names: Iterable[str]) -> dict[str, bytes]:
    """Hashes of the rest of a stream by the names of their functions; Unsupported, BackendMissing."""
    running = {name: digests.new_hash(name) for name in names}
    for piece in chunks(source):
        for one in running.values():
            one.update(piece)
    return {name: one.digest() for name, one in running.items()}


def hash_parts(name: str, parts: Iterable[bytes | memoryview]) -> bytes:
    """The hash of pieces one after another, none of them copied together."""
    running = digests.new_hash(name)
    for part in parts:
        for start in range(0, len(part), CHUNK):
            running.update(bytes(part[start : start + CHUNK]))
    return running.digest()
