"""The four conditions under which a qualified signature is recognised (63-ФЗ, статья 11).

They stand beside the indication and never change it. Whether an authority is accredited is said by the state's list
of them, which is not part of a verification: that condition stays unknown unless the certificate is plainly not a
qualified one.
"""

from __future__ import annotations

from typing import Literal

from signing._internal import oids
from signing._internal.certificates import Certificate
from signing._internal.verdict import Condition, Findings

Outcome = Literal["passed", "failed", "unknown"]
_TEXTS = (
    "Квалифицированный сертификат выдан удостоверяющим центром, аккредитация которого действовала в день выдачи.",
    "Сертификат действителен на момент подписания, если он достоверно известен, или на день проверки.",
    "Подпись принадлежит владельцу сертификата, и документ не изменялся после подписания.",
    "Подпись использована в соответствии с ограничениями, указанными в сертификате.",
)
_INTEGRITY = frozenset(
    {
        "format",
        "signed_attributes",
        "content_type",
        "algorithms",
        "message_digest",
        "signing_certificate",
        "signature_value",
    }
)
_VALIDITY = frozenset({"certificate_validity", "revocation", "certificate_chain"})


def conditions_of(certificate: Certificate | None, findings: Findings) -> tuple[Condition, ...]:
    """State the four conditions for one signer."""
    held = _of(findings, _INTEGRITY)
    outcomes: tuple[Outcome, ...] = ("unknown", "unknown", held, "unknown")
    if certificate is not None:
        qualified: Outcome = "unknown" if is_qualified(certificate) else "failed"
        outcomes = (qualified, _of(findings, _VALIDITY), held, _usage(findings))
    texts = enumerate(zip(_TEXTS, outcomes, strict=True), start=1)
    return tuple(Condition(number=number, text_ru=text, outcome=outcome) for number, (text, outcome) in texts)


def is_qualified(certificate: Certificate) -> bool:
    """Whether the certificate has the marks of a qualified one (приказ ФСБ № 795): class of tools, both sign tools."""
    classed = any(policy.startswith(oids.QUALIFIED_POLICY_PREFIX) for policy in certificate.policies)
    return classed and {oids.SUBJECT_SIGN_TOOL, oids.ISSUER_SIGN_TOOL} <= certificate.extensions.keys()


def _of(findings: Findings, names: frozenset[str]) -> Outcome:
    outcomes = {check.outcome for check in findings.checks if check.name in names}
    if "failed" in outcomes:
        return "failed"
    return "unknown" if "indeterminate" in outcomes or not outcomes else "passed"


def _usage(findings: Findings) -> Outcome:
    refused = {check.name for check in findings.checks if check.outcome in {"failed", "indeterminate"}}
    if refused & {"key_usage", "extended_key_usage"}:
        return "failed"
    return "unknown" if "certificate_chain" in refused else "passed"
