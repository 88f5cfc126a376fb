"""Evidence records (RFC 4998): values, reading and writing, and the arithmetic of reduced hash trees.

    EvidenceRecord ::= SEQUENCE { version, digestAlgorithms, [0] cryptoInfos OPTIONAL, [1] encryptionInfo OPTIONAL,
        archiveTimeStampSequence SEQUENCE OF (SEQUENCE OF ArchiveTimeStamp) }
    ArchiveTimeStamp ::= SEQUENCE { [0] digestAlgorithm OPTIONAL, [1] attributes OPTIONAL,
        [2] reducedHashtree SEQUENCE OF (SEQUENCE OF OCTET STRING) OPTIONAL, timeStamp ContentInfo }

Tags are implicit. A record is bound to data objects by hashes alone; nothing of it is signed but the time-stamps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from signing._internal import der, digests
from signing._internal.algorithms import algorithm_parts
from signing._internal.errors import BadInput, Unsupported
from signing._internal.timestamps import Token, read_token

HashList = tuple[bytes, ...]
_VERSION = 1
_CRYPTO_INFOS, _ENCRYPTION_INFO = 0xA0, 0xA1
_DIGEST, _ATTRIBUTES, _TREE = 0xA0, 0xA1, 0xA2
_MAX_STAMPS = 1000
_MAX_LISTS = 64
_MAX_HASHES = 10_000


@dataclass(frozen=True)
class ArchiveTimestamp:
    """One ArchiveTimeStamp (RFC 4998, 4.1): a time-stamp token over the root of a hash tree, and the way up to it.

    `tree` is the reduced hash tree, the list of the data object first; empty when the token is over the object itself.
    `digest_algorithm` is the tree's, also when only the token names it. `der` is kept as it was read: hash-tree
    renewal hashes those bytes. Made by `archive_timestamp` and by reading.
    """

    der: bytes
    token: bytes
    tree: tuple[HashList, ...]
    digest_algorithm: str

    @cached_property
    def stamp(self) -> Token:
        """The token, read; BadInput, Unsupported."""
        return read_token(self.token)


Chain = tuple[ArchiveTimestamp, ...]


@dataclass(frozen=True)
class EvidenceRecord:
    """An evidence record: chains of archive time-stamps, oldest first. `extra` is cryptoInfos as encoded, or empty.

    A further member of a chain renews the time-stamp before it; a further chain renews the hash tree (RFC 4998, 5).
    """

    chains: tuple[Chain, ...]
    extra: bytes = b""

    @property
    def newest(self) -> ArchiveTimestamp:
        """The archive time-stamp on which everything rests now."""
        return self.chains[-1][-1]

    def to_der(self) -> bytes:
        """DER of EvidenceRecord."""
        names = dict.fromkeys(one.digest_algorithm for chain in self.chains for one in chain)
        return der.sequence(
            der.integer(_VERSION),
            der.sequence(*map(digests.identifier, names)),
            self.extra,
            encode_sequence(self.chains),
        )


def encode_sequence(chains: Sequence[Chain]) -> bytes:
    """DER of ArchiveTimeStampSequence."""
    return der.sequence(*(der.sequence(*(one.der for one in chain)) for chain in chains))


def archive_timestamp(token: bytes, tree: Sequence[Sequence[bytes]] = ()) -> ArchiveTimestamp:
    """An ArchiveTimeStamp of a token (DER) over the root of a tree that is hashed with the token's own function.

    Raises BadInput, Unsupported (no token), BadInput (hashes of another length than the function's).
    """
    read = read_token(token)
    name, size = read.info.digest_algorithm, len(read.info.digest)
    lists = tuple(tuple(sorted(one)) for one in tree)
    if any(not one or any(len(value) != size for value in one) for one in lists):
        raise BadInput("a reduced hash tree needs lists of hashes of one length", "tree")
    encoded = (der.sequence(*map(der.octet_string, one)) for one in lists)
    field = der.tlv(0xA2, *encoded) if lists else b""
    algorithm = der.tlv(0xA0, der.read(digests.identifier(name)).value)
    raw = der.sequence(algorithm, field, read.der)
    return ArchiveTimestamp(der=raw, token=read.der, tree=lists, digest_algorithm=name)


def read_evidence_record(data: bytes) -> EvidenceRecord:
    """Read DER or BER; BadInput for anything else, Unsupported for records over encrypted data (RFC 4998, 6)."""
    members = der.read_all(data, "EvidenceRecord").sequence("EvidenceRecord", 3)
    options = _options(members[2:-1], (_CRYPTO_INFOS, _ENCRYPTION_INFO), "EvidenceRecord")
    if members[0].integer() != _VERSION:
        raise BadInput("an evidence record of another version", str(members[0].integer()))
    for one in members[1].sequence("digestAlgorithms"):
        algorithm_parts(one)
    if _ENCRYPTION_INFO in options:
        raise Unsupported("the evidence record is over encrypted data")
    extra = b"".join(one.der() for one in options.values())
    chains = tuple(
        tuple(_read_stamp(one) for one in chain.sequence("ArchiveTimeStampChain", 1))
        for chain in members[-1].sequence("ArchiveTimeStampSequence", 1)
    )
    if sum(map(len, chains)) > _MAX_STAMPS:
        raise BadInput(f"more than {_MAX_STAMPS} archive time-stamps")
    return EvidenceRecord(chains=chains, extra=extra)


def _read_stamp(node: der.Node) -> ArchiveTimestamp:
    members = node.sequence("ArchiveTimeStamp", 1)
    token = members[-1].expect(der.SEQUENCE, "timeStamp")
    options = _options(members[:-1], (_DIGEST, _ATTRIBUTES, _TREE), "ArchiveTimeStamp")
    named, tree = options.get(_DIGEST), options.get(_TREE)
    for one in options[_ATTRIBUTES].children() if _ATTRIBUTES in options else ():
        one.sequence("attribute", 2)[0].oid()
    if named is not None:
        dotted = named.children()
        if not dotted:
            raise BadInput("digestAlgorithm is empty", f"offset {named.start}")
        name = digests.name_of(dotted[0].oid())
    else:
        name = read_token(token.raw).info.digest_algorithm
    lists = tree.children() if tree is not None else []
    if len(lists) > _MAX_LISTS:
        raise BadInput("a reduced hash tree is too high")
    return ArchiveTimestamp(der=node.der(), token=token.raw, tree=tuple(map(_read_list, lists)), digest_algorithm=name)


def _options(members: Sequence[der.Node], known: tuple[int, ...], what: str) -> dict[int, der.Node]:
    """The optional members by tag; BadInput for an unknown one, or one twice or out of order (RFC 4998, 3.1 and 4.1).

    The newest archive time-stamp is covered by nothing: what is not understood in it must not be passed over.
    """
    found: dict[int, der.Node] = {}
    for one in members:
        if one.tag not in known or any(one.tag <= before for before in found):
            raise BadInput(f"{what}: an unexpected member with tag {one.tag:#x}", f"offset {one.start}")
        found[one.tag] = one
    return found


def _read_list(node: der.Node) -> HashList:
    values = node.sequence("PartialHashtree", 1)
    if len(values) > _MAX_HASHES:
        raise BadInput("a list of hashes is too long")
    return tuple(one.expect(der.OCTET_STRING, "hash").octets() for one in values)


def root_input(
    name: str, tree: Sequence[HashList], objects: Sequence[bytes], *, alone: bytes, group: bool = False
) -> bytes | None:
    """What the token's imprint is the hash of; None when the tree does not lead there from the objects.

    `objects` are hashes of one data object, whose bytes are `alone`, or of a group (RFC 4998, 4.3). 1. Each must be in
    the first list; with `group` no other may be there. 2. A list, in binary ascending order and put together, is hashed;
    the hash joins the next list. 3. The last list is not hashed: that is what the token did. Without a tree, and with
    one of a single hash (real records have it), the token is over the object itself.
    """
    if not tree:
        return alone if len(objects) == 1 else None
    first, wanted = set(tree[0]), set(objects)
    if not wanted <= first or (group and len(objects) > 1 and wanted != first):
        return None
    if len(tree) == 1 and len(tree[0]) == 1:
        return alone
    joined = b"".join(sorted(tree[0]))
    for one in tree[1:]:
        joined = b"".join(sorted((*one, digests.digest(name, joined))))
    return joined
