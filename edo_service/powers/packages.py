"""A package of powers as a register or an operator hands it out: a ZIP of XML files and detached signatures, named anyhow.

Hostile input: sizes, counts, ratios, names, encryption and nesting are judged before a byte is used (`formats.archives`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from zipfile import ZipFile, ZipInfo

import signing
from edo_service.errors import Rejected
from edo_service.formats.archives import ArchiveLimits, look_into_zip

MAX_PACKAGE: Final = 16 * 1024 * 1024
MAX_POWERS: Final = 20
MAX_TRIES: Final = 3
LIMITS: Final = ArchiveLimits(files=200, unpacked=32 * 1024 * 1024, ratio=100, free=4 * 1024 * 1024, depth=1)
_XML: Final = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\x00<")
_UTF8_NAME: Final = 0x800


@dataclass(frozen=True, kw_only=True)
class PackedPower:
    """An XML file of a package and the signatures that may be its own, the likeliest first; none: it came unsigned."""

    file_name: str
    content: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)


def unpack(content: bytes) -> tuple[PackedPower, ...]:
    """The XML files of a package, each with its signatures.

    Raises Rejected: `power.package_too_large`, `power.package_refused` (what is wrong with the archive),
    `power.package_empty` (no XML in it), `power.package_too_many`.
    """
    if len(content) > MAX_PACKAGE:
        raise Rejected("power.package_too_large", limit=MAX_PACKAGE // 1024 // 1024)
    refusals, _ = look_into_zip(content, limits=LIMITS)
    if refusals:
        raise Rejected("power.package_refused", reason=refusals[0].text_ru)
    with ZipFile(BytesIO(content)) as archive:
        files = [(_name(item), archive.read(item)) for item in archive.infolist() if not item.is_dir()]
    powers = [(name, data) for name, data in files if data.lstrip()[:4].startswith(_XML)]
    if not powers:
        raise Rejected("power.package_empty")
    if len(powers) > MAX_POWERS:
        raise Rejected("power.package_too_many", limit=MAX_POWERS)
    signatures = [one for one in files if one not in powers]
    return tuple(
        PackedPower(
            file_name=_last(name), content=data, signatures=_signatures(name, data, signatures, alone=len(powers) == 1)
        )
        for name, data in powers
    )


def _signatures(name: str, content: bytes, among: Sequence[tuple[str, bytes]], *, alone: bool) -> tuple[bytes, ...]:
    """The signatures that speak of these bytes (`messageDigest`); failing that, the one that its name makes this file's."""
    exact = [data for _, data in among if _is_of(data, content)]
    if exact:
        return tuple(exact)
    stem = name.casefold().removesuffix(".xml")
    named = [data for other, data in among if other.casefold().startswith(stem)]
    return tuple(named or ([data for _, data in among] if alone and len(among) == 1 else []))[:1]


def _is_of(signature: bytes, content: bytes) -> bool:
    try:
        signers = signing.inspect_cms(signature).signers
        return any(one.message_digest == signing.digest(one.digest_algorithm, content).hex() for one in signers)
    except signing.SigningError:
        return False


def _name(item: ZipInfo) -> str:
    """The name as its maker wrote it: archivers of Russian Windows write cp866 and set no mark of UTF-8."""
    if item.flag_bits & _UTF8_NAME:
        return item.filename
    try:
        return item.filename.encode("cp437").decode("cp866")
    except UnicodeEncodeError:  # the archive tells the name in Unicode besides
        return item.filename


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
