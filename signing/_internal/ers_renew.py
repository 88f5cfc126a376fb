"""Beginning evidence records and renewing them before time-stamps or hash functions age (RFC 4998, 4.2 and 5.2).

Who keeps many records renews them together: the hashes given here are leaves of one hash tree whose root gets one
time-stamp; each record gets the token and its own way up the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from signing._internal import algorithms, assemble, digests, keys, oids, references
from signing._internal.certificates import Certificate
from signing._internal.chain import judge_chain
from signing._internal.errors import BadInput
from signing._internal.ers import (
    ArchiveTimestamp,
    Chain,
    EvidenceRecord,
    archive_timestamp,
    encode_sequence,
    root_input,
)
from signing._internal.evidence import EvidenceSource
from signing._internal.path import longest_chain
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.signer import Content, examine_signer
from signing._internal.timestamps import Token, add_embedded, read_token
from signing._internal.trust import TrustStore
from signing._internal.verdict import Evidence

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class TimestampOutlook:
    """What a time-stamp says and how long it can stand alone.

    `at`: its time. `ages_at`: the first moment at which a certificate of its path ends or an algorithm of it is no
    longer trusted; renew before. `authority`: who stamped, None when the token does not tell. `holds`: whether it stands
    alone now, without a later time-stamp that covers it: its signature, its path and revocation at this moment.
    """

    at: datetime
    ages_at: datetime
    digest_algorithm: str
    authority: Certificate | None
    holds: bool


def begin_evidence_record(
    token: bytes, tree: Sequence[Sequence[bytes]] = (), *, objects: Sequence[bytes]
) -> EvidenceRecord:
    """A record with its initial archive time-stamp over one data object, or over a group of them.

    `token` (DER) is over the root of the tree of which `tree` is the reduced part; without `tree` it is over the one
    object. BadInput when the token is over something else.
    """
    stamp = archive_timestamp(token, tree)
    _check(stamp, [digests.digest(stamp.digest_algorithm, one) for one in objects], objects[0])
    return EvidenceRecord(chains=((stamp,),))


def timestamp_renewal_hash(record: EvidenceRecord) -> bytes:
    """What the next time-stamp of the newest chain must cover: the hash of the newest token (RFC 4998, 5.2)."""
    newest = record.newest
    return digests.digest(newest.digest_algorithm, newest.token)


def renew_timestamp(record: EvidenceRecord, token: bytes, tree: Sequence[Sequence[bytes]] = ()) -> EvidenceRecord:
    """The record with one more archive time-stamp in its newest chain; the hash function stays. BadInput."""
    newest, stamp = record.newest, archive_timestamp(token, tree)
    if stamp.digest_algorithm != newest.digest_algorithm:
        raise BadInput("a time-stamp is renewed with the hash function of its chain", stamp.digest_algorithm)
    _check(stamp, [timestamp_renewal_hash(record)], newest.token)
    return EvidenceRecord(chains=(*record.chains[:-1], (*record.chains[-1], stamp)), extra=record.extra)


def hash_tree_renewal_hashes(record: EvidenceRecord, objects: Sequence[bytes], name: str) -> tuple[bytes, ...]:
    """What the first time-stamp of a new chain must cover, hashed by the function `name` (RFC 4998, 5.2, steps 2-4)."""
    return renewed_hashes(record.chains, objects, name)


def renewed_hashes(older: Sequence[Chain], objects: Sequence[bytes], name: str) -> tuple[bytes, ...]:
    """H(H(object) + H(all older chains, DER)) of each object."""
    chains = digests.digest(name, encode_sequence(older))
    return tuple(digests.digest(name, digests.digest(name, one) + chains) for one in objects)


def renew_hash_tree(
    record: EvidenceRecord, token: bytes, tree: Sequence[Sequence[bytes]] = (), *, objects: Sequence[bytes]
) -> EvidenceRecord:
    """The record with a new chain, by the token's hash function, over the objects and all older chains. BadInput."""
    stamp = archive_timestamp(token, tree)
    name = stamp.digest_algorithm
    first = digests.digest(name, objects[0]) + digests.digest(name, encode_sequence(record.chains))
    _check(stamp, renewed_hashes(record.chains, objects, name), first)
    return EvidenceRecord(chains=(*record.chains, (stamp,)), extra=record.extra)


def _check(stamp: ArchiveTimestamp, hashes: Sequence[bytes], alone: bytes) -> None:
    """Refuse a token over something else; `alone` is what it hashes when there is no tree."""
    name = stamp.digest_algorithm
    covered = root_input(name, stamp.tree, hashes, alone=alone, group=True)
    if covered is None or digests.digest(name, covered) != stamp.stamp.info.digest:
        raise BadInput("the time-stamp does not cover what the evidence record needs", "token")


def seal_timestamp(
    token: bytes, *, trust: TrustStore, evidence: EvidenceSource, at: datetime, policy: Policy = DEFAULT_POLICY
) -> bytes:
    """The token with all that judging it takes: certificates, CRLs, OCSP answers (RFC 4998, 4.2). DER.

    Done just before it is renewed, so that the new time-stamp covers the evidence too. Certificates and CRLs go into
    SignedData, OCSP answers into an unsigned attribute (openssl reads the former and passes over the latter); the
    imprint and the signature stay as they were. BadInput when the token cannot be proven now.
    """
    read = read_token(token)
    run, authority, fault = _examined(read, trust=trust, evidence=evidence, at=at, policy=policy)
    if authority is None or fault:
        raise BadInput("the signature of the time-stamp does not hold", fault)
    chain = judge_chain(run, authority, control=at, proven=False, role="tsa")
    if not chain.findings.fine:
        raise BadInput("the time-stamp cannot be proven now", chain.findings.sub_indication or "")
    found = chain.evidence
    anchors = {one.der for one in trust.anchors}
    signer = read.signed.signers[0].node
    if found.ocsps:
        answers = references.revocation_values(Evidence(ocsps=found.ocsps))
        signer_der = assemble.with_unsigned(signer, [assemble.attribute(oids.REVOCATION_VALUES, answers)])
    else:
        signer_der = signer.raw
    certificates = [one for one in found.certificates if one not in anchors]
    return assemble.replace(read.signed, [signer_der], certificates=certificates, revocations=found.crls).raw


def timestamp_outlook(
    token: bytes, *, trust: TrustStore, evidence: EvidenceSource, at: datetime, policy: Policy = DEFAULT_POLICY
) -> TimestampOutlook:
    """How long a time-stamp can stand without renewal. BadInput, Unsupported when it cannot be read."""
    read = read_token(token)
    info = read.info
    name = info.digest_algorithm
    run, authority, fault = _examined(read, trust=trust, evidence=evidence, at=at, policy=policy)
    if authority is None:
        return TimestampOutlook(at=info.at, ages_at=at, digest_algorithm=name, authority=None, holds=False)
    chain = judge_chain(run, authority, control=at, proven=False, role="tsa")
    path = chain.path or longest_chain(run, authority)
    ends = [one.not_after for one in (path if len(path) == 1 else path[:-1])]
    ends += [_digest_end(policy, algorithms.scheme(one.signature_algorithm).digest) for one in path[:-1]]
    ends += [_key_end(policy, one) for one in path]
    signer = read.signed.signers[0]
    ends += [_digest_end(policy, one) for one in (name, assemble.strong_digest_of(signer))]
    holds = not fault and chain.findings.fine
    return TimestampOutlook(at=info.at, ages_at=min(ends), digest_algorithm=name, authority=authority, holds=holds)


def _examined(
    read: Token, *, trust: TrustStore, evidence: EvidenceSource, at: datetime, policy: Policy
) -> tuple[Run, Certificate | None, str]:
    """A run that knows what the token carries, its signer's certificate, and what is wrong with its signature."""
    run = Run(trust=trust, source=evidence, at=at, policy=policy)
    signer = read.signed.signers[0]
    add_embedded(run, read.signed, (signer,))
    examined = examine_signer(run, signer, Content(read.signed.content), content_type=oids.TST_INFO)
    fault = "" if examined.findings.fine else examined.findings.sub_indication or "?"
    return run, examined.certificate, fault


def _digest_end(policy: Policy, name: str) -> datetime:
    return policy.digest_until.get(name, _END_OF_TIME)


def _key_end(policy: Policy, certificate: Certificate) -> datetime:
    key = keys.public_key(certificate.public_key_info)
    size, until = policy.key_until.get(key.algorithm, (0, _END_OF_TIME))
    return until if key.bits < size else _END_OF_TIME
