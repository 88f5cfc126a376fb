"""Proofs of existence: what the time-stamps of a signature prove, the outermost first (EN 319 102-1, 5.6.2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from signing._internal import oids
from signing._internal.cms import Attribute
from signing._internal.errors import BadInput, Unsupported
from signing._internal.imprints import (
    ARCHIVE,
    Stamped,
    archive_imprint_v2,
    archive_imprint_v3,
    indexed,
    references_imprint,
)
from signing._internal.run import Run
from signing._internal.timestamps import (
    Imprints,
    Token,
    TokenVerdict,
    add_embedded,
    judge_token,
    merge_evidence,
    read_token,
)
from signing._internal.verdict import Evidence, Findings

_KINDS = {
    oids.SIGNATURE_TIMESTAMP: ("signature_timestamp", "Штамп времени на подпись"),
    oids.CADES_C_TIMESTAMP: ("references_timestamp", "Штамп времени на подпись и доказательства"),
    oids.CERT_CRL_TIMESTAMP: ("references_timestamp", "Штамп времени на ссылки"),
    oids.ARCHIVE_TIMESTAMP: ("archive_timestamp", "Архивный штамп времени"),
    oids.ARCHIVE_TIMESTAMP_V2: ("archive_timestamp", "Архивный штамп времени"),
    oids.ARCHIVE_TIMESTAMP_V3: ("archive_timestamp", "Архивный штамп времени"),
}
_PROVE_SIGNATURE = {*_KINDS} - {oids.CERT_CRL_TIMESTAMP}


@dataclass(kw_only=True)
class Existence:
    """The earliest moment at which the signature provably existed, and whether a time-stamp proves it.

    `sealed`: unsigned attributes with the time of an archive time-stamp that covers them; for counter-signatures, which
    existed then too.
    """

    best: datetime
    proven: bool
    evidence: Evidence = field(default_factory=Evidence)
    sealed: tuple[tuple[Attribute, datetime], ...] = ()

    def existed(self, attribute: Attribute) -> datetime | None:
        """The earliest archive time-stamp over an unsigned attribute."""
        return min((at for one, at in self.sealed if one is attribute), default=None)


@dataclass(kw_only=True)
class _Stamp:
    """One token in an unsigned attribute; `existed` is the earliest proof of its own existence."""

    attribute: Attribute
    raw: bytes
    token: Token | None
    existed: datetime | None

    @property
    def at(self) -> datetime | None:
        return self.token.info.at if self.token else None


def prove_existence(run: Run, stamped: Stamped, findings: Findings, *, existed: datetime | None = None) -> Existence:
    """Judge the time-stamps of one signer; those that prove nothing are told of and left aside.

    1. The outermost token is judged at the time of validation (or at `existed`, when something outside the CMS proves
    the whole of it). 2. What it covers existed at its time: older tokens are judged at that moment, so a time-stamp
    whose authority has expired since still counts. 3. The earliest token that covers the signature value decides.
    """
    proofs = [] if existed is None else [existed]
    evidence = Evidence()
    sealed: list[tuple[Attribute, datetime]] = []
    stamps = sorted(_stamps(run, stamped, existed), key=_outermost_first)
    for stamp in stamps:
        imprints = _imprints(stamped, stamp, stamps)
        found = judge_token(run, stamp.raw, imprints, control=stamp.existed)
        name, title = _KINDS[stamp.attribute.oid]
        tell_token(found, findings, name, title)
        if not found.findings.fine or found.at is None:
            continue
        proves = stamp.attribute.oid in _PROVE_SIGNATURE
        evidence = merge_evidence(evidence, found.evidence if proves else replace(found.evidence, timestamps=()))
        if proves:
            proofs.append(found.at)
        sealed += [(one, found.at) for one in stamped.signer.unsigned_attributes if _seals(stamp, one)]
        for other in stamps:
            if other is not stamp and _covers(stamp, other):
                other.existed = min(other.existed or found.at, found.at)
    return Existence(best=min((*proofs, run.at)), proven=bool(proofs), evidence=evidence, sealed=tuple(sealed))


def _seals(stamp: _Stamp, attribute: Attribute) -> bool:
    """Whether an archive time-stamp that holds covers a counter-signature: v1 and v2 cover all that is there."""
    if stamp.attribute.oid not in ARCHIVE or attribute.oid != oids.COUNTER_SIGNATURE:
        return False
    return stamp.attribute.oid != oids.ARCHIVE_TIMESTAMP_V3 or (
        stamp.token is not None and indexed(stamp.token, attribute)
    )


def _stamps(run: Run, stamped: Stamped, existed: datetime | None) -> Iterator[_Stamp]:
    for attribute in stamped.signer.unsigned_attributes:
        for value in attribute.values if attribute.oid in _KINDS else ():
            token: Token | None
            try:
                token = read_token(value.raw)
                add_embedded(run, token.signed, token.signed.signers)
            except (BadInput, Unsupported):
                token = None
            yield _Stamp(attribute=attribute, raw=value.raw, token=token, existed=existed)


def _outermost_first(stamp: _Stamp) -> tuple[int, float]:
    """Tokens that take in others come before them, archive ones the newest first."""
    dotted = stamp.attribute.oid
    rank = 0 if dotted in ARCHIVE else 2 if dotted == oids.SIGNATURE_TIMESTAMP else 1
    return rank, -stamp.at.timestamp() if stamp.at else 0.0


def _imprints(stamped: Stamped, stamp: _Stamp, stamps: list[_Stamp]) -> bytes | Imprints:
    dotted = stamp.attribute.oid
    if dotted == oids.SIGNATURE_TIMESTAMP:
        return stamped.signer.signature
    if dotted in {oids.CADES_C_TIMESTAMP, oids.CERT_CRL_TIMESTAMP}:
        return lambda _: references_imprint(stamped, dotted)
    if dotted == oids.ARCHIVE_TIMESTAMP_V3:
        return lambda token: archive_imprint_v3(stamped, token)
    later = [one.attribute for one in stamps if one.attribute.oid in ARCHIVE and _follows(one, stamp)]
    own = [*later, stamp.attribute]
    covered = [one for one in stamped.signer.unsigned_attributes if not any(one is other for other in own)]
    return lambda _: archive_imprint_v2(stamped, covered)


def _follows(one: _Stamp, other: _Stamp) -> bool:
    return one is not other and (one.at is None or other.at is None or one.at >= other.at)


def _covers(stamp: _Stamp, other: _Stamp) -> bool:
    """Whether the imprint of `stamp` takes in the token `other`."""
    dotted = stamp.attribute.oid
    if dotted == oids.CADES_C_TIMESTAMP:
        return other.attribute.oid == oids.SIGNATURE_TIMESTAMP
    if dotted == oids.ARCHIVE_TIMESTAMP_V3 and stamp.token is not None:
        return indexed(stamp.token, other.attribute)
    if dotted in ARCHIVE:
        return other.attribute.oid not in ARCHIVE or _follows(stamp, other)
    return False


def tell_token(token: TokenVerdict, findings: Findings, name: str, title: str) -> None:
    """Record a judged token among the checks of a signature: a token that proves nothing is a warning."""
    details = [{"name": one.name, "outcome": one.outcome, "text": one.text_ru} for one in token.findings.checks]
    data: dict[str, object] = {"indication": token.findings.indication, "checks": details}
    if token.authority is not None:
        data["authority"] = token.authority.subject.rfc4514
    if token.at is not None:
        data["time"] = token.at.isoformat().replace("+00:00", "Z")
    if token.findings.fine and token.at is not None:
        findings.passed(name, f"{title}: {token.at:%d.%m.%Y %H:%M:%S} UTC.", **data)
        return
    data["sub_indication"] = token.findings.sub_indication
    reasons = [one.text_ru for one in token.findings.checks if one.outcome in {"failed", "indeterminate"}]
    findings.note(name, f"{title} не принят: {' '.join(reasons)}", warning=True, **data)
