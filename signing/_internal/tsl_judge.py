"""Whether a list of accredited authorities may be believed: its signature, its publisher, its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from signing._internal import verdict
from signing._internal.certificates import Certificate
from signing._internal.chain import judge_chain
from signing._internal.errors import BadInput, BadKey, Unsupported
from signing._internal.evidence import EvidenceSource
from signing._internal.policy import DEFAULT_POLICY, Policy
from signing._internal.run import Run
from signing._internal.trust import TrustStore
from signing._internal.tsl import DEFAULT_MAX_AGE, TrustedList, read_list
from signing._internal.verdict import FAILED, INDETERMINATE, Check, Findings, Indication
from signing._internal.xmldsig import SignedXml, parse_xml, read_signed

MINTSIFRY_OGRN = "1047702026701"
_FORMAT = (FAILED, verdict.FORMAT_FAILURE)
_FUTURE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class TslReport:
    """The verdict on a list; `trusted_list` is there only when it may be believed."""

    indication: Indication
    sub_indication: str | None
    checks: tuple[Check, ...]
    signer: Certificate | None = None
    trusted_list: TrustedList | None = None


def verify_tsl(
    data: bytes,
    *,
    trust: TrustStore,
    evidence: EvidenceSource,
    at: datetime,
    publisher_ogrn: str = MINTSIFRY_OGRN,
    max_age: timedelta = DEFAULT_MAX_AGE,
    policy: Policy = DEFAULT_POLICY,
) -> TslReport:
    """Judge a list at the instant `at` (aware).

    1. Form. 2. The signature over the whole document. 3. The signer's certificate: path to an anchor of `trust`,
    revocation. 4. The signer is the publisher (any subscriber's certificate leads to the same anchors). 5. Freshness.
    """
    findings = Findings()
    try:
        signed = read_signed(parse_xml(data))
        found = read_list(signed.root, max_age=max_age)
    except BadInput as error:
        findings.refuse("tsl_format", _FORMAT, f"Список УЦ не читается: {error}.")
        return _report(findings)
    except Unsupported as error:
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        findings.refuse("tsl_signature", failure, f"Подпись списка УЦ не поддерживается: {error}.")
        return _report(findings)
    findings.passed("tsl_format", "Список УЦ прочитан.", version=found.version, authorities=len(found.authorities))
    signer = _check_signature(signed, findings)
    if signer is not None:
        run = Run(trust=trust, source=evidence, at=at, policy=policy)
        run.add(one.der for one in signed.certificates)
        for listed in (one for authority in found.authorities for one in authority.certificates):
            run.pool.add(
                listed
            )  # the publisher's own authority may stand in the list; only an anchor makes a path good
        findings.take(judge_chain(run, signer, control=at, proven=False, role="signer").findings)
        _check_publisher(signer, publisher_ogrn, findings)
        _check_strength(signed, policy, at, findings)
    _check_freshness(found, at, findings)
    return _report(findings, signer=signer, trusted_list=found if findings.fine else None)


def _report(
    findings: Findings, *, signer: Certificate | None = None, trusted_list: TrustedList | None = None
) -> TslReport:
    return TslReport(
        indication=findings.indication,
        sub_indication=findings.sub_indication,
        checks=tuple(findings.checks),
        signer=signer,
        trusted_list=trusted_list,
    )


def _check_signature(signed: SignedXml, findings: Findings) -> Certificate | None:
    if not signed.intact:
        findings.refuse("tsl_digest", (FAILED, verdict.HASH_FAILURE), "Список УЦ изменён после подписания.")
        return None
    if not signed.certificates:
        failure = (INDETERMINATE, verdict.NO_SIGNING_CERTIFICATE_FOUND)
        findings.refuse("tsl_signature", failure, "В подписи списка УЦ нет сертификата.")
        return None
    try:
        signer = next((one for one in signed.certificates if signed.holds(one)), None)
    except (BadKey, Unsupported) as error:
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        findings.refuse("tsl_signature", failure, f"Ключ подписи списка УЦ не поддерживается: {error}.")
        return None
    if signer is None:
        failure = (FAILED, verdict.SIG_CRYPTO_FAILURE)
        findings.refuse("tsl_signature", failure, "Значение подписи списка УЦ неверно.")
        return None
    findings.passed("tsl_signature", "Подпись списка УЦ верна.", algorithm=signed.scheme.kind)
    return signer


def _check_publisher(signer: Certificate, ogrn: str, findings: Findings) -> None:
    if signer.subject.ogrn == ogrn:
        findings.passed("tsl_publisher", "Список подписан тем, кто его ведёт.", ogrn=ogrn)
        return
    text = f"Список УЦ подписал не тот, кто его ведёт: ОГРН {signer.subject.ogrn or 'не указан'}, а не {ogrn}."
    findings.refuse("tsl_publisher", (INDETERMINATE, verdict.SIG_CONSTRAINTS_FAILURE), text)


def _check_strength(signed: SignedXml, policy: Policy, at: datetime, findings: Findings) -> None:
    weak = [name for name in sorted({signed.digest, signed.scheme.digest}) if policy.weak_digest(name, at)]
    if weak:
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        findings.refuse("tsl_strength", failure, f"Хэш-функция списка УЦ уже не считается стойкой: {', '.join(weak)}.")


def _check_freshness(found: TrustedList, at: datetime, findings: Findings) -> None:
    failure = (INDETERMINATE, verdict.TRY_LATER)
    if found.issued_at > at + _FUTURE:
        findings.refuse("tsl_freshness", failure, f"Список УЦ из будущего: {found.issued_at:%d.%m.%Y}.")
    elif at - found.issued_at > found.max_age:
        findings.refuse("tsl_freshness", failure, f"Список УЦ устарел: он от {found.issued_at:%d.%m.%Y}.")
    else:
        findings.passed("tsl_freshness", f"Список УЦ от {found.issued_at:%d.%m.%Y}.")
