"""The verdict on a certificate at a moment: a path to an anchor, and revocation of each certificate in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise

from signing._internal import verdict
from signing._internal.certificates import Certificate
from signing._internal.memory import KnownChain, Listening
from signing._internal.path import Path, Role, check_path, find_paths, longest_chain
from signing._internal.run import Run
from signing._internal.status import State, Status, needs_no_lookup, revocation_status
from signing._internal.verdict import INDETERMINATE, Evidence, Findings

_MAX_PATHS = 8
_MAX_ROUNDS = 4
_MAX_NESTING = 3
_SOURCES = {"crl": "список отзыва", "ocsp": "ответ OCSP"}


@dataclass(kw_only=True)
class ChainVerdict:
    """What was found about one certificate: checks, the path, the evidence, and when it was revoked if it was."""

    findings: Findings
    path: Path
    evidence: Evidence = field(default_factory=Evidence)
    revoked_at: datetime | None = None
    until: datetime | None = None  # the last moment before something in it runs out; None: not to be remembered


def judge_chain(
    run: Run,
    leaf: Certificate,
    *,
    control: datetime,
    proven: bool,
    role: Role,
    nesting: int = 0,
) -> ChainVerdict:
    """Build paths and take the first that holds at `control`, or else the best of those that do not.

    A verdict in the run's memory is taken instead, under the conditions of `Memory`.
    """
    memory = run.memory
    if memory is None or nesting or run.crls or run.ocsps:
        return _judge_chain(run, leaf, control=control, proven=proven, role=role, nesting=nesting)
    owners = (run.trust, run.source, run.policy)
    key = (leaf.der, role, proven, tuple(one.der for one in run.pool.all), *map(id, owners))
    known = memory.chain(key, control=control, at=run.at)
    if isinstance(known, ChainVerdict):
        return known
    listening = Listening(run.source)
    asking = replace(run, source=listening)
    found = _judge_chain(asking, leaf, control=control, proven=proven, role=role, nesting=0)
    if found.findings.fine and found.until is not None:
        kept = KnownChain(found, control=control, at=run.at, until=found.until, owners=owners, heard=listening.heard)
        memory.keep_chain(key, kept)
    return found


def _judge_chain(
    run: Run, leaf: Certificate, *, control: datetime, proven: bool, role: Role, nesting: int
) -> ChainVerdict:
    best: ChainVerdict | None = None
    for _ in range(_MAX_ROUNDS):
        for path in islice(find_paths(run, leaf), _MAX_PATHS):
            found = _judge_path(run, path, control=control, proven=proven, role=role, nesting=nesting)
            if found.findings.fine:
                return found
            best = best or found
        if best or not run.ask_for_issuer(longest_chain(run, leaf)[-1]):
            break
    if best is not None:
        return best
    chain = longest_chain(run, leaf)
    findings = Findings()
    names = [one.subject.common_name or one.subject.rfc4514 for one in chain]
    text = f"Цепочка сертификатов не приводит к доверенному корню: обрывается на «{names[-1]}»."
    failure = (INDETERMINATE, verdict.NO_CERTIFICATE_CHAIN_FOUND)
    findings.refuse("certificate_chain", failure, text, chain=names)
    return ChainVerdict(findings=findings, path=chain, evidence=Evidence(certificates=tuple(one.der for one in chain)))


def _judge_path(run: Run, path: Path, *, control: datetime, proven: bool, role: Role, nesting: int) -> ChainVerdict:
    findings = check_path(run, path, control=control, proven=proven, role=role)
    found = ChainVerdict(findings=findings, path=path)
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    signers: list[bytes] = []

    def judge_signer(signer: Certificate) -> bool:
        """Judge another key of the issuer that signs CRLs: it needs a good path to the same anchor."""
        if nesting >= _MAX_NESTING:
            return False
        other = judge_chain(run, signer, control=control, proven=proven, role="crl", nesting=nesting + 1)
        return other.findings.fine and other.path[-1] == path[-1]

    if findings.fine and run.policy.check_revocation:
        trusted_until = run.policy.next_change(control) - timedelta.resolution
        ends: list[datetime | None] = [trusted_until, *(one.not_after for one in path)]
        for depth, (one, issuer) in enumerate(pairwise(path)):
            status = revocation_status(run, one, issuer, control=control, judge_signer=judge_signer)
            if status.state == "revoked" and depth == 0 and status.revoked:
                found.revoked_at = status.revoked.at
            _record(findings, one, status, depth=depth, control=control)
            if status.der:
                (crls if status.source == "crl" else ocsps).append(status.der)
                crls += status.also
            if status.signer is not None and status.signer != issuer:
                signers.append(status.signer.der)
            ends.append(_good_until(status, issuer))
        found.until = None if None in ends else min(end for end in ends if end is not None)
    certificates = (*(one.der for one in path), *signers)
    found.evidence = Evidence(certificates=certificates, crls=tuple(crls), ocsps=tuple(ocsps))
    return found


def _good_until(status: Status, issuer: Certificate) -> datetime | None:
    """How long the statement stays what it is; None when that hangs on more than its own nextUpdate."""
    signer = issuer if status.signer is None else status.signer
    if status.revoked or status.also:
        return None
    if signer != issuer and (status.source == "crl" or not needs_no_lookup(signer)):
        return None
    return status.next_update


_TEXTS: dict[State, str] = {
    "hold": "Действие сертификата «{name}» приостановлено.",
    "stale": "Данные об отзыве сертификата «{name}» устарели: нужны свежие.",
    "missing": "Нет пригодных данных об отзыве сертификата «{name}».",
    "out_of_bounds": "Данные об отзыве сертификата «{name}» выпущены, когда срок его действия уже истёк.",
}


@lru_cache(maxsize=256)
def _iso(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=256)
def _told(instant: datetime) -> str:
    return f"{instant:%d.%m.%Y %H:%M}"


def _record(findings: Findings, one: Certificate, status: Status, *, depth: int, control: datetime) -> None:
    name = one.subject.common_name or one.subject.rfc4514
    data: dict[str, object] = {"certificate": one.sha256, "subject": name, "source": status.source}
    for field_name, instant in (("this_update", status.this_update), ("next_update", status.next_update)):
        if instant is not None:
            data[field_name] = _iso(instant)
    if status.why:
        data["unusable"] = list(status.why)
    if status.revoked is not None:
        data |= {"revoked_at": status.revoked.at.isoformat().replace("+00:00", "Z"), "reason": status.revoked.reason}
    if status.state == "good":
        text = f"Сертификат «{name}» не был отозван на {_told(control)} UTC ({_SOURCES[status.source]})."
        findings.passed("revocation", text, **data)
    elif status.state == "revoked" and status.revoked is not None:
        sub = verdict.REVOKED_CA_NO_POE if depth else verdict.REVOKED_NO_POE
        text = f"Сертификат «{name}» отозван {status.revoked.at:%d.%m.%Y %H:%M} UTC, до доказанного времени подписи."
        findings.refuse("revocation", (INDETERMINATE, sub), text, **data)
    else:
        sub = verdict.REVOCATION_OUT_OF_BOUNDS_NO_POE if status.state == "out_of_bounds" else verdict.TRY_LATER
        text = _TEXTS[status.state].format(name=name)
        if status.why:
            text += f" Причина: {'; '.join(dict.fromkeys(status.why))}."
        findings.refuse("revocation", (INDETERMINATE, sub), text, **data)
