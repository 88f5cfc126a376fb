"""Files that leave through the browser: named by RFC 6266, never rendered as a page of ours."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

_PIECE = 256 * 1024
_SAFE_TYPES = frozenset({"application/pdf", "application/zip", "application/xml", "image/png", "application/pkix-cert"})


def disposition(name: str, *, inline: bool = False) -> str:
    """Content-Disposition with the whole name in UTF-8 (RFC 6266, RFC 8187) and a plain one for old programs."""
    clean = "".join("_" if letter in '\\/"' or not letter.isprintable() else letter for letter in name).strip(". ")
    clean = clean or "file"
    plain = clean.encode("ascii", "replace").decode().replace("?", "_")
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def download(content: bytes, name: str, media_type: str, *, inline: bool = False) -> Response:
    """A file as it is. Types that a browser could run as a page go as plain bytes; only PDF and PNG may be shown inline."""
    kind = media_type.partition(";")[0].strip().lower()
    safe = kind if kind in _SAFE_TYPES else "application/octet-stream"
    headers = {"Content-Disposition": disposition(name, inline=inline and kind in {"application/pdf", "image/png"})}
    return Response(content, media_type=safe, headers=headers)


def picture(content: bytes, *, etag: str) -> Response:
    """A PNG that a private cache may keep for a while."""
    headers = {"Cache-Control": "private, max-age=300", "ETag": f'"{etag}"'}
    return Response(content, media_type="image/png", headers=headers)


def stream(write: Callable[[BinaryIO], str], *, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
    """Let `write` fill a temporary file (it returns the file's name for people), then send it piece by piece.

    An error of `write` is raised before anything is sent.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed after the answer has been sent
    try:
        name = write(file)
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    found = {"Content-Disposition": disposition(name), "Content-Length": str(size), **(headers or {})}
    return StreamingResponse(_pieces(file), media_type=media_type, headers=found, background=BackgroundTask(file.close))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
