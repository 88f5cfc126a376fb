"""What a power allows to sign: codes of the classifier as data, words and unknown codes left to a person. Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from edo_service.powers.rules import CodedPower, Outcome, Power, Said

EVERYTHING: Final = frozenset({"*"})
COVERS: Final[Mapping[str, frozenset[str]]] = {
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS5": frozenset({"upd"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS14": frozenset({"construction_act"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS31": frozenset({"payment_invoice"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCSGENERAL": frozenset(
        {"upd", "ukd", "construction_act", "payment_invoice", "reconciliation"}
    ),
    "KLASS_2.0_SIGN": EVERYTHING,
    "KLASS_2.0_SIGN_DIG_DOC": EVERYTHING,
}
"""Code of a power → kinds of documents it allows to sign. Seen in real МЧД; the classifier itself is not at hand."""
DOCUMENT_LIMIT: Final = "LIM_01"
LIMIT_COVERS: Final[Mapping[str, frozenset[str]]] = {
    "LIM_01_01": frozenset({"upd"}),
    "LIM_01_04": frozenset({"goods_note"}),
    "LIM_01_15": frozenset({"contract"}),
}
"""Value of the limit «Тип документа» → kinds."""


def covers(power: Power, decided: Container[str], kind: str) -> Said:
    """Check 8: whether the powers reach this kind of document; a person's decision counts where the machine cannot tell."""
    outcome, text = told(power, kind)
    if outcome is Outcome.INDETERMINATE and kind in decided:
        return Outcome.PASSED, "Полномочие подтверждено сотрудником, который читал доверенность"
    return outcome, text


def told(power: Power, kind: str) -> Said:
    """What the power itself tells of a kind of document."""
    if any(kind in allowed or "*" in allowed for allowed in map(_allowed, power.coded)):
        return Outcome.PASSED, "Полномочия включают этот вид документа"
    unknown = [one.code for one in power.coded if _is_open(one)]
    if unknown:
        return Outcome.INDETERMINATE, f"Что разрешает код {unknown[0]}, решает человек: прочтите доверенность"
    if not power.coded:
        return Outcome.INDETERMINATE, "Полномочия записаны словами: прочтите доверенность и решите"
    return Outcome.FAILED, "Доверенность не даёт права подписывать такие документы"


def _allowed(one: CodedPower) -> frozenset[str]:
    """The kinds that a coded power surely covers, its limits on the document's type applied."""
    allowed = COVERS.get(one.code, frozenset())
    if any(code != DOCUMENT_LIMIT for code, _ in one.limits):
        return frozenset()
    limits = [value for code, value in one.limits if code == DOCUMENT_LIMIT]
    if not limits:
        return allowed
    reach = frozenset[str]().union(*(LIMIT_COVERS.get(value, frozenset()) for value in limits))
    return reach if "*" in allowed else allowed & reach


def _is_open(one: CodedPower) -> bool:
    """Whether the machine cannot tell what the power allows: an unknown code, an unknown limit, words."""
    if one.code not in COVERS:
        return True
    return any(code != DOCUMENT_LIMIT or value not in LIMIT_COVERS for code, value in one.limits)
