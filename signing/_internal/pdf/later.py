"""What came into a PDF after a signature: told of, and judged by what the signature allows."""

from __future__ import annotations

from signing._internal import verdict
from signing._internal.pdf.changes import Changes, compare, unaccounted
from signing._internal.pdf.document import Document
from signing._internal.pdf.permissions import Permission, Permissions, permissions_of
from signing._internal.pdf.signatures import PdfSignature
from signing._internal.verdict import INDETERMINATE, Findings

_CHANGED = (INDETERMINATE, verdict.SIG_CONSTRAINTS_FAILURE)


def judge_later(document: Document, signature: PdfSignature, findings: Findings) -> None:
    """Compare the signed revision with the document as it is; BadInput when the revision cannot be read alone."""
    rest = document.data[signature.end : document.end]
    if not rest.strip(b"\x00\t\n\x0c\r "):
        findings.passed("pdf_changes", "После подписи в документ ничего не добавлено.")
        return
    stray = unaccounted(document, signature.end)
    if stray:
        findings.refuse("pdf_bytes", _CHANGED, f"После подписанной редакции есть лишнее: {stray}.")
    signed = Document(document.data, signature.end)
    entry = signed.entries.get(signature.number) if signature.number is not None else None
    if entry is None:
        findings.refuse("pdf_structure", _CHANGED, "Подписи нет в той редакции, которую она подписывает.")
    allowed = permissions_of(signed, signature)
    changes = compare(signed, document, allowed)
    if changes.problems:
        text = f"После подписи документ изменён: {'; '.join(changes.problems[:6])}."
        findings.refuse("pdf_changes", _CHANGED, text, problems=changes.problems)
    _judge_permissions(changes, allowed, findings)
    _tell(changes, findings)


def _judge_permissions(changes: Changes, allowed: Permissions, findings: Findings) -> None:
    if changes.signatures and allowed.level == Permission.NOTHING:
        text = "Подпись запрещает любые изменения (DocMDP, P=1), а после неё добавлена ещё одна."
        findings.refuse("pdf_docmdp", _CHANGED, text)
    if changes.locked:
        names = ", ".join(f"«{name}»" for name in changes.locked[:6])
        text = f"Подпись закрепила поля (FieldMDP), а после неё они изменены: {names}."
        findings.refuse("pdf_fieldmdp", _CHANGED, text, fields=changes.locked)


def _tell(changes: Changes, findings: Findings) -> None:
    if changes.visible:
        text = "После подписи на страницы добавлены видимые отметки других подписей: они могут закрывать текст."
        findings.note("pdf_visible_stamps", text, warning=True, count=changes.visible)
    if changes.filled:
        names = ", ".join(f"«{name}»" for name in changes.filled[:6])
        text = f"После подписи заполнены поля формы, что подпись разрешает: {names}."
        findings.note("pdf_form_filled", text, warning=True, fields=changes.filled)
    if changes.annotations:
        text = "После подписи изменены пометки на страницах, что подпись разрешает (DocMDP, P=3)."
        findings.note("pdf_annotations", text, warning=True, count=changes.annotations)
    if findings.fine:
        text = "После подписи добавлено только то, что она допускает: подписи и доказательства к ним."
        if changes.filled or changes.annotations:
            text = "После подписи в документе изменено только то, что она разрешает изменять."
        findings.passed("pdf_changes", text, signatures=changes.signatures, security_store=changes.security_store)
