"""PEM (RFC 7468) and bare base64, as people keep certificates, keys and signatures."""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from collections.abc import Iterator, Sequence

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_HEADER = re.compile(rb"^[A-Za-z0-9-]+:[^\n]*\n", re.MULTILINE)


def blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Label and contents of each PEM block; blocks whose base64 is broken are passed over."""
    for match in _BLOCK.finditer(data):
        contents = decode_base64(_HEADER.sub(b"", match[2]))
        if contents is not None:
            yield match[1].decode("ascii"), contents


def first_block(data: bytes, labels: Sequence[str]) -> bytes | None:
    """The contents of the first block under one of `labels`."""
    return next((contents for label, contents in blocks(data) if label in labels), None)


def decode_base64(data: bytes) -> bytes | None:
    """Decode base64 broken into lines; None when it is something else."""
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def encode(label: str, contents: bytes) -> bytes:
    """Write one PEM block."""
    lines = "\n".join(textwrap.wrap(base64.b64encode(contents).decode("ascii"), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n".encode("ascii")
