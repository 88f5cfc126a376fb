"""Further signers of a file that is signed: co-signatures beside, counter-signatures over a signature (RFC 5652, 5, 11.4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from signing._internal import assemble, der, digests, oids
from signing._internal.algorithms import algorithm_parts
from signing._internal.attributes import read_signed_attributes
from signing._internal.certificates import Certificate
from signing._internal.cms import SignedData, SignerInfo, read_signed_data
from signing._internal.errors import BadInput, Unsupported
from signing._internal.hashing import hash_stream
from signing._internal.keys import PrivateKey
from signing._internal.sign import Timestamper, add_timestamp_to_signer, sign_digest

_SEALS = {oids.ARCHIVE_TIMESTAMP, oids.ARCHIVE_TIMESTAMP_V2}


def cosign_cades(
    cms: bytes,
    *,
    content: bytes | BinaryIO | None = None,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    timestamper: Timestamper | None = None,
) -> bytes:
    """Add a signer of the same content to a signature file: DER CMS; earlier signers keep their bytes.

    `content` is needed when the file is detached (a stream is read to its end). The new signer is CAdES-BES, or T when
    a time-stamper is given. Raises BadInput: not CMS SignedData, content that earlier signers did not sign, a file
    sealed by an archive time-stamp of the old form (v1, v2), which covers every certificate in it; and what the key
    and the time-stamper raise.
    """
    signed = read_signed_data(cms)
    refuse_sealed(signed)
    name = key.digest_algorithm
    digest = check_same_content(signed, content, name)
    info = sign_digest(
        digest, key=key, certificate=certificate, signing_time=signing_time, content_type=signed.content_type
    )
    if timestamper is not None:
        info = add_timestamp_to_signer(der.read(info), timestamper)
    return assemble.replace(
        signed,
        [*(one.node.raw for one in signed.signers), info],
        certificates=[one.der for one in (certificate, *chain)],
        names=[digests.identifier(name)],
    ).raw


def countersign_cades(
    cms: bytes,
    *,
    key: PrivateKey,
    certificate: Certificate,
    chain: Sequence[Certificate] = (),
    signing_time: datetime,
    signer: int | None = None,
    timestamper: Timestamper | None = None,
) -> bytes:
    """Sign the signature of each signer, or of one (`signer` counts from 0): DER CMS with countersignature attributes.

    A counter-signature vouches for the signature value of another, whatever the content (RFC 5652, 11.4). It is not
    an answer to whether that signature holds. Raises BadInput as `cosign_cades`, and when there is no such signer.
    """
    signed = read_signed_data(cms)
    refuse_sealed(signed)
    if not signed.signers or (signer is not None and not 0 <= signer < len(signed.signers)):
        raise BadInput(f"the file has {len(signed.signers)} signers", "signer")
    infos = []
    for number, one in enumerate(signed.signers):
        if signer not in {None, number}:
            infos.append(one.node.raw)
            continue
        digest = digests.digest(key.digest_algorithm, one.signature)
        counter = sign_digest(digest, key=key, certificate=certificate, signing_time=signing_time, content_type=None)
        if timestamper is not None:
            counter = add_timestamp_to_signer(der.read(counter), timestamper)
        infos.append(assemble.with_unsigned(one.node, [assemble.attribute(oids.COUNTER_SIGNATURE, counter)]))
    return assemble.replace(signed, infos, certificates=[one.der for one in (certificate, *chain)]).raw


def refuse_sealed(signed: SignedData) -> None:
    """BadInput when an archive time-stamp of the old form covers all certificates of the file."""
    if any(one.oid in _SEALS for signer in signed.signers for one in signer.unsigned_attributes):
        raise BadInput("an archive time-stamp (v1 or v2) seals the file: a further signer would break it", "cms")


def check_same_content(signed: SignedData, content: bytes | BinaryIO | None, name: str) -> bytes:
    """The digest of the content by the function `name`; BadInput when there is none or others signed another one."""
    said = [(signer, _digest_name(signer)) for signer in signed.signers]
    names = dict.fromkeys([name, *(known for _, known in said if known)])
    if signed.content is not None:
        made = {one: digests.digest(one, signed.content) for one in names}
        if isinstance(content, bytes) and content != signed.content:
            raise BadInput("the content inside the signature is another one", "content")
    elif content is None:
        raise BadInput("the content of a detached signature is needed", "content")
    elif isinstance(content, bytes):
        made = {one: digests.digest(one, content) for one in names}
    else:
        made = hash_stream(content, names)
    for signer, known in said:
        digest = read_signed_attributes(signer).message_digest if signer.has_signed_attributes else None
        if known and digest is not None and digest != made[known]:
            raise BadInput("the signature is of another content", "content")
    return made[name]


def _digest_name(signer: SignerInfo) -> str:
    try:
        name = digests.name_of(algorithm_parts(signer.digest_node)[0])
    except Unsupported:
        return ""
    return "" if name == "shake256" else name
