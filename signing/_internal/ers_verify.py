"""The verdict on an evidence record: did these data objects exist at its first time-stamp (RFC 4998, 4.3 and 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signing._internal import digests, verdict
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput, Unsupported
from signing._internal.ers import ArchiveTimestamp, EvidenceRecord, encode_sequence, read_evidence_record, root_input
from signing._internal.ers_renew import renewed_hashes
from signing._internal.evidence import EvidenceSource
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.timestamps import add_embedded, judge_token
from signing._internal.trust import TrustStore
from signing._internal.verdict import FAILED, INDETERMINATE, Check, Evidence, Findings, Indication

_KINDS = {
    "initial": "Первый штамп времени",
    "timestamp_renewal": "Продление штампа времени",
    "hash_tree_renewal": "Продление дерева хэшей",
}
_HASH = (FAILED, verdict.HASH_FAILURE)


@dataclass(frozen=True, kw_only=True)
class ArchiveTimestampVerdict:
    """One archive time-stamp of a record. `kind`: initial, timestamp_renewal, hash_tree_renewal.

    `at`: its time, None when it cannot be read. `judged_at`: the moment for which it was judged: the next time-stamp
    of the record, the time of verification for the newest.
    """

    kind: str
    at: datetime | None
    judged_at: datetime
    digest_algorithm: str
    authority: Certificate | None
    indication: Indication
    sub_indication: str | None
    checks: tuple[Check, ...]
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class EvidenceReport:
    """The verdict on a record: the worst of its time-stamps; TOTAL-PASSED proves existence at `proven_at`."""

    indication: Indication
    sub_indication: str | None
    at: datetime
    proven_at: datetime | None
    timestamps: tuple[ArchiveTimestampVerdict, ...]
    checks: tuple[Check, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is no pass, in Russian."""
        told = (*self.checks, *(check for one in self.timestamps for check in one.checks))
        return tuple(dict.fromkeys(one.text_ru for one in told if one.outcome in {"failed", "indeterminate"}))

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "indication": self.indication,
            "sub_indication": self.sub_indication,
            "at": _iso(self.at),
            "proven_at": _iso(self.proven_at),
            "checks": _plain(self.checks),
            "timestamps": [
                {
                    "kind": one.kind,
                    "time": _iso(one.at),
                    "judged_at": _iso(one.judged_at),
                    "digest_algorithm": one.digest_algorithm,
                    "authority": one.authority.subject.rfc4514 if one.authority else None,
                    "indication": one.indication,
                    "sub_indication": one.sub_indication,
                    "checks": _plain(one.checks),
                }
                for one in self.timestamps
            ],
        }


@dataclass(frozen=True, kw_only=True)
class _Place:
    """One archive time-stamp in its record: what stands before it and when the next one was made."""

    stamp: ArchiveTimestamp
    chain: int
    before: ArchiveTimestamp | None
    control: datetime | None

    @property
    def kind(self) -> str:
        if self.before is not None:
            return "timestamp_renewal"
        return "hash_tree_renewal" if self.chain else "initial"


def verify_evidence_record(
    record: bytes,
    objects: Sequence[bytes],
    *,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    policy: Policy = DEFAULT_POLICY,
) -> EvidenceReport:
    """Judge a record (DER) over one data object or a group of them, at the moment `at` (aware).

    1. The initial time-stamp covers the objects; for a group its first list holds their hashes and no others. 2. Each
    later one of a chain covers the token before it, by the same hash function. 3. The first of a later chain covers
    the objects and all older chains. 4. Each time-stamp held when the next one was made, the newest holds at `at`:
    signature, certificate, revocation, strength of hashes and keys. What cannot be found out is INDETERMINATE.
    """
    findings = Findings()
    try:
        read = read_evidence_record(record)
        places = _places(read)
        _check_order(places, findings)
    except (BadInput, Unsupported) as error:
        findings.refuse(
            "record_format", (FAILED, verdict.FORMAT_FAILURE), f"Доказательная запись не читается: {error}."
        )
        return _report(findings, (), at)
    run = Run(trust=trust, source=evidence, at=at, policy=policy)
    for place in places:
        add_embedded(run, place.stamp.stamp.signed, place.stamp.stamp.signed.signers)
    judged = tuple(_judge(run, read, place, objects) for place in places)
    return _report(findings, judged, at)


def _places(record: EvidenceRecord) -> list[_Place]:
    """Every archive time-stamp with the time of the next one; BadInput, Unsupported for a token that cannot be read."""
    flat = [(number, one) for number, chain in enumerate(record.chains) for one in chain]
    later = [one.stamp.info.at for _, one in flat[1:]]
    found = []
    for index, (number, one) in enumerate(flat):
        follows = index > 0 and flat[index - 1][0] == number
        control = later[index] if index < len(later) else None
        before = flat[index - 1][1] if follows else None
        found.append(_Place(stamp=one, chain=number, before=before, control=control))
    return found


def _check_order(places: Sequence[_Place], findings: Findings) -> None:
    times = [place.stamp.stamp.info.at for place in places]
    if times != sorted(times):
        failure = (INDETERMINATE, verdict.TIMESTAMP_ORDER_FAILURE)
        findings.refuse("record_order", failure, "Штампы времени доказательной записи стоят не по порядку времени.")


def _judge(run: Run, record: EvidenceRecord, place: _Place, objects: Sequence[bytes]) -> ArchiveTimestampVerdict:
    findings, stamp = Findings(), place.stamp
    name, title = stamp.digest_algorithm, _KINDS[place.kind]
    moment = place.control or run.at
    covered = _covered(record, place, objects)
    if covered is None:
        text = f"{title}: в дереве хэшей нет хэша этих данных или есть чужие."
        findings.refuse("reduced_hash_tree", _HASH, text, algorithm=name)
    elif name != stamp.stamp.info.digest_algorithm or (place.before and name != place.before.digest_algorithm):
        failure = (INDETERMINATE, verdict.SIG_CONSTRAINTS_FAILURE)
        findings.refuse("reduced_hash_tree", failure, f"{title}: хэш-функции дерева, цепочки и штампа различаются.")
    else:
        lists = [len(one) for one in stamp.tree]
        findings.passed("reduced_hash_tree", f"{title}: дерево хэшей сходится.", algorithm=name, lists=lists)
    if run.policy.weak_digest(name, moment):
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        text = f"{title}: хэш-функция {name} уже не считалась стойкой {moment:%d.%m.%Y}, а дерево не было продлено."
        findings.refuse("tree_strength", failure, text)
    token = judge_token(run, stamp.token, covered or b"", control=place.control)
    findings.take(token.findings)
    return ArchiveTimestampVerdict(
        kind=place.kind,
        at=token.at,
        judged_at=moment,
        digest_algorithm=name,
        authority=token.authority,
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        checks=tuple(findings.checks),
        evidence=token.evidence,
    )


def _covered(record: EvidenceRecord, place: _Place, objects: Sequence[bytes]) -> bytes | None:
    """What the token's imprint must be the hash of; None when the tree does not lead from the objects to it."""
    tree, name = place.stamp.tree, place.stamp.digest_algorithm
    if place.before is not None:
        token = place.before.token
        return root_input(name, tree, [digests.digest(name, token)], alone=token)
    older = record.chains[: place.chain]
    if not older:
        return root_input(name, tree, [digests.digest(name, one) for one in objects], alone=objects[0], group=True)
    alone = digests.digest(name, objects[0]) + digests.digest(name, encode_sequence(older))
    return root_input(name, tree, renewed_hashes(older, objects, name), alone=alone, group=True)


def _report(findings: Findings, judged: tuple[ArchiveTimestampVerdict, ...], at: datetime) -> EvidenceReport:
    whole = Findings()
    whole.take(findings)
    for one in judged:
        part = Findings()
        part.indication, part.sub_indication = one.indication, one.sub_indication
        whole.take(part)
    return EvidenceReport(
        indication=whole.indication,
        sub_indication=whole.sub_indication,
        at=at,
        proven_at=judged[0].at if judged and whole.fine else None,
        timestamps=judged,
        checks=tuple(findings.checks),
    )


def _plain(checks: Sequence[Check]) -> list[dict[str, object]]:
    return [{"name": one.name, "outcome": one.outcome, "text": one.text_ru, "data": dict(one.data)} for one in checks]


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat().replace("+00:00", "Z") if instant else None
