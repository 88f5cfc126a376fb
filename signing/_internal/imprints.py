"""What the time-stamps of CAdES are over (ETSI EN 319 122-1, 5.5; RFC 5126, 6.3, 6.4), built from a file as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from signing._internal import der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.cms import Attribute, SignedData, SignerInfo
from signing._internal.errors import BadInput
from signing._internal.signer import Content
from signing._internal.timestamps import Token

ARCHIVE = {oids.ARCHIVE_TIMESTAMP, oids.ARCHIVE_TIMESTAMP_V2, oids.ARCHIVE_TIMESTAMP_V3}
_INDEXES = (oids.ATS_HASH_INDEX_V3, oids.ATS_HASH_INDEX_V2, oids.ATS_HASH_INDEX)
_REFERENCES = (oids.CERTIFICATE_REFS, oids.REVOCATION_REFS)


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """A signer with the file around it: what archive time-stamps are over. `content` may be absent (detached)."""

    signed: SignedData
    signer: SignerInfo
    content: Content


def references_imprint(stamped: Stamped, dotted: str) -> Iterator[bytes]:
    """The input of a CAdES-C-time-stamp (X Type 1) or of a time-stamp over references alone (X Type 2).

    Attributes go in with their type and values, without the tag and length of the sequence around them (RFC 5126,
    6.3.5); some makers put in the values alone.
    """
    attributes = stamped.signer.unsigned_attributes
    references = [one for name in _REFERENCES for one in attributes if one.oid == name]
    if not references:
        raise BadInput("the time-stamp is over references that are not there")
    whole = dotted == oids.CADES_C_TIMESTAMP
    head = stamped.signer.signature if whole else b""
    taken = [one for one in attributes if whole and one.oid == oids.SIGNATURE_TIMESTAMP] + references
    yield head + b"".join(one.node.value for one in taken)
    yield head + b"".join(value.raw for one in taken for value in one.values)


def archive_imprint_v2(stamped: Stamped, covered: Iterable[Attribute]) -> Iterator[bytes]:
    """The input of archive-time-stamp v1 and v2 (TS 101 733, 6.4.1): everything, as it is encoded.

    Real files differ in two places: whether unsigned attributes keep the tag and length of their set, and whether
    the set of certificates does; every combination is tried.
    """
    signed = stamped.signed
    external = b""
    if signed.content is None:
        if stamped.content.data is None:
            raise BadInput("the content is not at hand")
        external = stamped.content.data
    head, *rest = signed.parts
    fixed = [part.raw for part in stamped.signer.node.children() if part.tag != 0xA1]
    unsigned = b"".join(one.node.raw for one in covered)
    for sets in (
        [part.raw for part in rest],
        [b"\x31" + part.raw[1:] if part.tag == 0xA1 else part.raw for part in rest],
    ):
        before = b"".join((head.raw, external, *sets, *fixed))
        yield before + unsigned
        yield before + der.tlv(0xA1, unsigned)
        yield before + der.tlv(der.SET, unsigned)


@dataclass(frozen=True, kw_only=True)
class HashIndex:
    """ATSHashIndex of any version: the hash function, and the hashes of what was in the file then."""

    raw: bytes
    algorithm: str
    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    unsigned: tuple[bytes, ...]


def hash_index(token: Token) -> HashIndex:
    """Read the index in the token's unsigned attributes (EN 319 122-1, 5.5.2); BadInput when there is not one."""
    signer = token.signed.signers[0]
    values = [value for dotted in _INDEXES for value in signer.unsigned(dotted)]
    if len(values) != 1:
        raise BadInput(f"the archive time-stamp has {len(values)} hash indexes, not one")
    members = values[0].sequence("ATSHashIndex", 3)
    name = "sha256"
    if len(members) > 3:
        head = members.pop(0)
        name = digests.name_of(head.oid() if head.tag == der.OID else algorithm_parts(head)[0])
    lists = [tuple(item.octets() for item in member.sequence("hashes")) for member in members]
    return HashIndex(raw=values[0].raw, algorithm=name, certificates=lists[0], crls=lists[1], unsigned=lists[2])


def archive_imprint_v3(stamped: Stamped, token: Token) -> Iterator[bytes]:
    """The input of archive-time-stamp-v3 (EN 319 122-1, 5.5.3); BadInput when its index names what is not there."""
    index = hash_index(token)
    _check_index(stamped, index)
    for own in dict.fromkeys((index.raw, der.read(index.raw).der())):
        yield archive_data_v3(stamped, token.info.digest_algorithm, own)


def archive_data_v3(stamped: Stamped, name: str, index: bytes) -> bytes:
    """What an archive-time-stamp-v3 hashes with the function `name`, given its index (DER); BadInput."""
    if stamped.content.data is None:
        raise BadInput("the content is not at hand")
    fixed = [part.raw for part in stamped.signer.node.children() if part.tag != 0xA1]
    content_type = stamped.signed.parts[0].children()[0].raw
    return b"".join((content_type, stamped.content.digest(name), *fixed, index))


def _check_index(stamped: Stamped, index: HashIndex) -> None:
    present = {part.tag: part.children() for part in stamped.signed.parts[1:]}
    for tag, hashes, what in ((0xA0, index.certificates, "certificate"), (0xA1, index.crls, "CRL")):
        own = {digests.digest(index.algorithm, node.raw) for node in present.get(tag, ())}
        if not set(hashes) <= own:
            raise BadInput(f"the hash index names a {what} that is not in the file")
    own = {one for attribute in stamped.signer.unsigned_attributes for one in _hashes(index, attribute)}
    if not set(index.unsigned) <= own:
        raise BadInput("the hash index names an unsigned attribute that is not in the file")


def _hashes(index: HashIndex, attribute: Attribute) -> set[bytes]:
    """Hashes by which an index may name an attribute: whole (v1), or its type with each value (v2, v3)."""
    kind = attribute.node.children()[0].raw
    forms = [attribute.node.raw, attribute.node.value, *(kind + value.raw for value in attribute.values)]
    return {digests.digest(index.algorithm, one) for one in forms}


def indexed(token: Token, attribute: Attribute) -> bool:
    """Whether the token's index covers the attribute with all its values."""
    index = hash_index(token)
    kind = attribute.node.children()[0].raw
    known = set(index.unsigned)
    whole = {digests.digest(index.algorithm, one) for one in (attribute.node.raw, attribute.node.value)}
    return bool(whole & known) or all(
        digests.digest(index.algorithm, kind + value.raw) in known for value in attribute.values
    )
