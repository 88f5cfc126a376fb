"""What a signature allows to be done to its PDF afterwards: DocMDP and FieldMDP (ISO 32000-1, 12.8.2; 32000-2, 12.8.2).

Without either, only further signatures and their evidence are allowed: stricter than the standard, which leaves an
approval signature silent about forms. A certification (DocMDP) widens that to forms (P=2) and annotations (P=3) when
the signed revision names the signature in /Perms; P=1 binds in any case. An approval signature that lists the fields
it locks (FieldMDP) allows the others to be filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import PdfSignature, text_of
from signing._internal.pdf.syntax import Reference, Value


class Permission(IntEnum):
    """How much may be changed, each level with those before it."""

    NOTHING = 0
    SIGN = 1
    FILL = 2
    ANNOTATE = 3


_LEVELS = {1: Permission.NOTHING, 2: Permission.FILL, 3: Permission.ANNOTATE}


@dataclass(frozen=True, kw_only=True)
class FieldLock:
    """Fields that must keep their values: all, those named, or all but those named (with what is below them)."""

    action: str
    names: frozenset[str]

    def holds(self, name: str) -> bool:
        """Whether the field of this full name is locked."""
        parts = name.split(".")
        named = any(".".join(parts[: index + 1]) in self.names for index in range(len(parts)))
        return named if self.action == "Include" else not named if self.action == "Exclude" else True


@dataclass(frozen=True, kw_only=True)
class Permissions:
    """What one signature allows."""

    level: Permission = Permission.SIGN
    locks: tuple[FieldLock, ...] = ()

    def locked(self, name: str) -> bool:
        """Whether a field may not be filled."""
        return any(lock.holds(name) for lock in self.locks)


def permissions_of(signed: Document, signature: PdfSignature) -> Permissions:
    """Read what the signature allows, out of the revision that it signs."""
    levels = [_level(signed, parameters) for parameters in _transforms(signed, signature, "DocMDP")]
    locks = [_lock(signed, parameters) for parameters in _transforms(signed, signature, "FieldMDP")]
    own = list(_field_locks(signed, signature))
    locks += [_lock(signed, one) for one in own]
    ceiling = min((_level(signed, one) for one in own if "P" in one), default=Permission.ANNOTATE)
    if levels:
        level = min(levels)
        if level > Permission.SIGN and not _is_certification(signed, signature):
            level = Permission.SIGN
        return Permissions(level=min(level, ceiling), locks=tuple(locks))
    if locks:
        return Permissions(level=min(Permission.FILL, ceiling), locks=tuple(locks))
    return Permissions()


def _transforms(signed: Document, signature: PdfSignature, method: str) -> Iterator[dict[str, Value]]:
    for one in signed.array(signature.dictionary.get("Reference")):
        reference = signed.dictionary(one)
        if signed.resolve(reference.get("TransformMethod")) == method:
            yield signed.dictionary(reference.get("TransformParams"))


def _field_locks(signed: Document, signature: PdfSignature) -> Iterator[dict[str, Value]]:
    """/Lock of the signature's own field (SigFieldLock), which binds as FieldMDP does and may narrow DocMDP (its /P)."""
    lock = signed.dictionary(signature.field.get("Lock"))
    if lock:
        yield lock


def _level(signed: Document, parameters: dict[str, Value]) -> Permission:
    value = signed.resolve(parameters.get("P", 2))
    known = isinstance(value, int) and not isinstance(value, bool)
    return _LEVELS.get(value, Permission.NOTHING) if known and isinstance(value, int) else Permission.NOTHING


def _lock(signed: Document, parameters: dict[str, Value]) -> FieldLock:
    action = signed.resolve(parameters.get("Action"))
    names = (text_of(signed.resolve(one)) for one in signed.array(parameters.get("Fields")))
    return FieldLock(
        action=action if isinstance(action, str) else "All", names=frozenset(name for name in names if name)
    )


def _is_certification(signed: Document, signature: PdfSignature) -> bool:
    """Whether the signed catalogue names this signature as the document's certification."""
    named = signed.dictionary(signed.catalog.get("Perms")).get("DocMDP")
    return isinstance(named, Reference) and named.number == signature.number
