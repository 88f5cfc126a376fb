"""Signing files of any size in flat memory: the content is read twice, once to be hashed, once to be copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

from signing._internal import assemble, der, digests, oids
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput
from signing._internal.hashing import chunks, hash_stream
from signing._internal.keys import PrivateKey
from signing._internal.sign import Timestamper, add_timestamp_to_signer, sign_digest

_EXPLICIT, _END = 0xA0, b"\x00\x00"


def sign_stream(
    source: BinaryIO,
    out: BinaryIO,
    *,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    timestamper: Timestamper | None = None,
    detached: bool = False,
) -> None:
    """Sign what `source` holds from its position to its end, and write the CMS to `out`: BES, or T with a time-stamper.

    Detached: `source` is read once. Attached: a seekable source is read twice and the file is DER; one that cannot
    seek is read once and the file is BER of indefinite length with the content in pieces, as `openssl cms -stream`
    writes. Memory does not grow with the size. Raises BadInput (the certificate is of another key, a naive time, a
    source that changed between the readings), OSError of the streams, and what the key and the time-stamper raise.
    """
    assemble.check_new_signer(certificate, key.public_key_info, signing_time)
    name = key.digest_algorithm

    def finish(digest: bytes) -> bytes:
        info = sign_digest(digest, key=key, certificate=certificate, signing_time=signing_time)
        return info if timestamper is None else add_timestamp_to_signer(der.read(info), timestamper)

    certificates = [one.der for one in (certificate, *chain)]
    if detached:
        info = finish(hash_stream(source, [name])[name])
        out.write(assemble.signed_data(assemble.encapsulated_content(None), [name], certificates, [info]))
        return
    head = der.integer(1) + der.set_of([digests.identifier(name)])
    embedded = der.set_of(dict.fromkeys(certificates), tag=_EXPLICIT)
    if not source.seekable():
        _write_in_pieces(source, out, name, head, lambda digest: embedded + der.set_of([finish(digest)]))
        return
    start = source.tell()
    digest = hash_stream(source, [name])[name]
    size = source.tell() - start
    source.seek(start)
    tail = embedded + der.set_of([finish(digest)])
    out.write(_frames(size, head, tail))
    if _copy(source, out, name) != (digest, size):
        raise BadInput("the source was changed while it was signed", "source")
    out.write(tail)


def _header(tag: int, length: int) -> bytes:
    if length < 0x80:
        return bytes([tag, length])
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big")


def _frames(size: int, head: bytes, tail: bytes) -> bytes:
    """Everything before the content, `size` octets long: the frames are built from the inside out."""
    frames = _header(der.OCTET_STRING, size)
    frames = _header(_EXPLICIT, len(frames) + size) + frames
    frames = der.oid(oids.DATA) + frames
    frames = head + _header(der.SEQUENCE, len(frames) + size) + frames
    frames = _header(der.SEQUENCE, len(frames) + size + len(tail)) + frames
    frames = der.oid(oids.SIGNED_DATA) + _header(_EXPLICIT, len(frames) + size + len(tail)) + frames
    return _header(der.SEQUENCE, len(frames) + size + len(tail)) + frames


def _copy(source: BinaryIO, out: BinaryIO, name: str) -> tuple[bytes, int]:
    """Copy the rest of the source; its digest and size."""
    running, size = digests.new_hash(name), 0
    for piece in chunks(source):
        running.update(piece)
        out.write(piece)
        size += len(piece)
    return running.digest(), size


def _write_in_pieces(source: BinaryIO, out: BinaryIO, name: str, head: bytes, tail: Callable[[bytes], bytes]) -> None:
    """BER: the content is a constructed octet string, one segment for each piece (X.690, 8.7)."""
    out.write(b"\x30\x80" + der.oid(oids.SIGNED_DATA) + b"\xa0\x80\x30\x80" + head)
    out.write(b"\x30\x80" + der.oid(oids.DATA) + b"\xa0\x80\x24\x80")
    running = digests.new_hash(name)
    for piece in chunks(source):
        running.update(piece)
        out.write(_header(der.OCTET_STRING, len(piece)) + piece)
    out.write(_END * 3 + tail(running.digest()) + _END * 3)
