"""What was changed in a PDF after a signature: everything is refused but what signing itself adds.

Allowed after a signature: further signatures (new signature fields, empty ones filled), document time-stamps, the
document security store (EN 319 142-1, 5.4), metadata. Filled forms, annotations, pages, anything else, is told of and
leaves the verdict INDETERMINATE: who sees the document today does not see what was signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import Field, fields_of
from signing._internal.pdf.syntax import Parser, Reference, Stream, Value

_CATALOG_MAY_CHANGE = {"AcroForm", "DSS", "Extensions", "Metadata", "Version"}
_FORM_MAY_CHANGE = {"Fields", "SigFlags", "DR", "DA", "NeedAppearances"}
_PAGE_MAY_CHANGE = {"Annots", "LastModified"}
_SIGNED_FIELD_MAY_CHANGE = {"V", "AP", "M", "F", "MK", "DA", "AS", "Kids"}
_MAX_WALK = 3_000_000
_OBJECT = re.compile(rb"\d{1,10}[\x00\t\n\x0c\r ]++\d{1,5}[\x00\t\n\x0c\r ]++obj")
_STARTXREF = re.compile(rb"startxref[\x00\t\n\x0c\r ]++\d{1,12}")


@dataclass(kw_only=True)
class Changes:
    """What happened after a signature: `problems` that must not be, and what is ordinary."""

    problems: list[str] = field(default_factory=list)
    signatures: int = 0
    visible: int = 0
    security_store: bool = False


def unaccounted(document: Document, start: int) -> str | None:
    """The first bytes after `start` that belong to no revision; None when every byte is accounted for.

    Incremental updates are objects that a cross-reference section names, the sections themselves and startxref; a
    viewer that repairs files would show other objects as well, so anything else is refused.
    """
    known = {
        entry.offset
        for section in document.sections
        for entry in section.entries.values()
        if entry is not None and entry.container < 0
    }
    sections = {section.position: section.stop for section in document.sections}
    parser = Parser(document.data, start, document.end)
    while True:
        parser.blank()
        at = parser.position
        if at >= document.end:
            return None
        if at in sections:
            parser.position = sections[at]
            continue
        found = _STARTXREF.match(document.data, at, document.end)
        if found is not None:
            parser.position = found.end()
            continue
        if _OBJECT.match(document.data, at, document.end) is None:
            return f"байты с позиции {at} не относятся ни к одной редакции"
        if at not in known:
            return f"объект на позиции {at} не назван ни в одной таблице ссылок"
        try:
            parser.position = document.stop_of(at)
        except BadInput:
            return f"объект на позиции {at} не читается"


def compare(signed: Document, current: Document) -> Changes:
    """Compare the signed revision with the document as it is now."""
    changes = Changes()
    if signed.encrypted != current.encrypted or signed.trailer.get("Root") != current.trailer.get("Root"):
        changes.problems.append("заменён каталог документа или его шифрование")
        return changes
    if signed.encrypted and any(entry and entry.container >= 0 for entry in current.entries.values()):
        changes.problems.append("документ зашифрован: изменения после подписи не разобрать")
        return changes
    return _Comparison(signed, current, changes).run()


class _Comparison:
    def __init__(self, signed: Document, current: Document, changes: Changes) -> None:
        self.signed = signed
        self.current = current
        self.changes = changes
        self.changed = self._changed()
        self.explained: set[int] = set()
        self.widgets: set[int] = set()
        self._reachable: set[int] | None = None

    def run(self) -> Changes:
        self._catalog()
        self._form()
        for number in self.changed - self.explained:
            self._page(number)
        self.changes.security_store = self.current.catalog.get("DSS") is not None
        left = self.changed - self.explained
        if left:
            for number in sorted(left & self._shown())[:20]:
                self.changes.problems.append(f"изменён объект {number} ({_describe(self.signed.object(number))})")
        return self.changes

    def _shown(self) -> set[int]:
        if self._reachable is None:
            self._reachable = reachable(self.signed)
        return self._reachable

    def _changed(self) -> set[int]:
        """Numbers of objects of the signed revision that read otherwise now."""
        old, new = self.signed.entries, self.current.entries
        moved = {number for number, entry in old.items() if entry is not None and new.get(number) != entry}
        inside = {number for number, entry in old.items() if entry is not None and entry.container in moved}
        return {one for one in moved | inside if self.signed.object(one) != self.current.object(one)}

    def _differ(self, old: dict[str, Value], new: dict[str, Value], allowed: set[str]) -> list[str]:
        return sorted(key for key in old.keys() | new.keys() if key not in allowed and old.get(key) != new.get(key))

    def _catalog(self) -> None:
        root = self.signed.trailer.get("Root")
        differ = self._differ(self.signed.catalog, self.current.catalog, _CATALOG_MAY_CHANGE)
        if differ:
            self.changes.problems.append(f"в каталоге документа изменено: {', '.join(differ)}")
        if isinstance(root, Reference):
            self.explained.add(root.number)

    # --- the form ---

    def _form(self) -> None:
        old_value, new_value = self.signed.catalog.get("AcroForm"), self.current.catalog.get("AcroForm")
        old, new = self.signed.dictionary(old_value), self.current.dictionary(new_value)
        if old and not new:
            self.changes.problems.append("удалена форма документа")
        differ = self._differ(old, new, _FORM_MAY_CHANGE)
        if old and differ:
            self.changes.problems.append(f"в форме документа изменено: {', '.join(differ)}")
        if new.get("NeedAppearances") not in {None, False} and old.get("NeedAppearances") != new["NeedAppearances"]:
            self.changes.problems.append("вид полей формы велено построить заново")
        if "DR" in old and self._deep(self.signed, old["DR"]) != self._deep(self.current, new.get("DR")):
            self.changes.problems.append("изменены шрифты и ресурсы формы")
        for value in (old_value, old.get("Fields")):
            if isinstance(value, Reference):
                self.explained.add(value.number)
        self._fields()

    def _deep(self, document: Document, value: Value) -> Value:
        """The value without its own reference; what lies deeper is compared as objects."""
        return document.resolve(value)

    def _fields(self) -> None:
        before = {_key(one): one for one in fields_of(self.signed)}
        now = fields_of(self.current)
        after = {_key(one): one for one in now}
        for key, one in before.items():
            if key not in after:
                self.changes.problems.append(f"удалено поле «{one.name}»")
            elif after[key].dictionary != one.dictionary:
                self._changed_field(one, after[key])
        for key, one in after.items():
            if key not in before:
                self._new_field(one)

    def _new_field(self, one: Field) -> None:
        if one.kind != "Sig":
            self.changes.problems.append(f"добавлено поле формы «{one.name}»")
            return
        if one.dictionary.get("V") is not None:
            self._count(one)
        self.widgets |= {number for number in (one.number, *one.kids) if number is not None}

    def _changed_field(self, old: Field, new: Field) -> None:
        if old.kind != "Sig" or new.kind != "Sig" or old.dictionary.get("V") is not None:
            return  # stays unexplained
        if self._differ(old.dictionary, new.dictionary, _SIGNED_FIELD_MAY_CHANGE) or old.kids != new.kids:
            return
        self._count(new)
        mine = {number for number in (new.number, *new.kids) if number is not None}
        self.widgets |= mine
        if old.number is not None:
            self.explained.add(old.number)
        for kid in old.kids:
            before, after = self.signed.dictionary(Reference(kid, 0)), self.current.dictionary(Reference(kid, 0))
            if not self._differ(before, after, _SIGNED_FIELD_MAY_CHANGE):
                self.explained.add(kid)

    def _count(self, one: Field) -> None:
        self.changes.signatures += 1
        rectangle = self.current.array(one.dictionary.get("Rect"))
        sides = [side for side in map(self.current.resolve, rectangle) if isinstance(side, int | float)]
        if len(sides) == 4 and sides[0] != sides[2] and sides[1] != sides[3]:
            self.changes.visible += 1

    # --- pages ---

    def _page(self, number: int) -> None:
        """A page may get the widgets of new signatures and nothing else."""
        old, new = self.signed.object(number), self.current.object(number)
        if isinstance(old, dict) and isinstance(new, dict) and old.get("Type") == "Page":
            if self._differ(old, new, _PAGE_MAY_CHANGE):
                return
            if not self._annotations(old.get("Annots"), new.get("Annots")):
                return
            self.explained.add(number)
        both_arrays = isinstance(old, list) and isinstance(new, list)
        if both_arrays and self._annotations(old, new) and self._only_annotations(number):
            self.explained.add(number)

    def _annotations(self, old: Value, new: Value) -> bool:
        before, after = self.signed.array(old), self.current.array(new)
        if any(one not in after for one in before):
            return False
        added = [one for one in after if one not in before]
        return all(isinstance(one, Reference) and one.number in self.widgets for one in added)

    def _only_annotations(self, number: int) -> bool:
        """Whether the array serves pages as /Annots and nothing else in the signed revision."""
        for other in self._shown():
            value = self.signed.object(other)
            own = dict(value) if isinstance(value, dict) else value
            if isinstance(own, dict) and own.get("Type") == "Page":
                own.pop("Annots", None)
            if any(one.number == number for one in _references([own])):
                return False
        return True


def _key(one: Field) -> object:
    return one.number if one.number is not None else one.name


def reachable(document: Document) -> set[int]:
    """Numbers of objects that a viewer may show: all that the catalogue leads to but metadata and the store."""
    catalog = {key: value for key, value in document.catalog.items() if key not in {"DSS", "Metadata"}}
    root = document.trailer.get("Root")
    seen: set[int] = {root.number} if isinstance(root, Reference) else set()
    waiting: list[Value] = [catalog]
    steps = 0
    while waiting:
        for reference in _references([waiting.pop()]):
            steps += 1
            if steps > _MAX_WALK:
                raise BadInput("the PDF is too large to compare its revisions")
            if reference.number not in seen:
                seen.add(reference.number)
                waiting.append(document.object(reference.number))
    return seen


def _references(values: Iterable[Value]) -> Iterable[Reference]:
    waiting = list(values)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Reference):
            yield one
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, Stream):
            waiting += one.dictionary.values()


def _describe(value: Value) -> str:
    dictionary = value.dictionary if isinstance(value, Stream) else value
    if isinstance(dictionary, dict):
        names = [str(dictionary[key]) for key in ("Type", "Subtype", "FT") if isinstance(dictionary.get(key), str)]
        return " ".join(names) or ("поток" if isinstance(value, Stream) else "словарь")
    return "массив" if isinstance(value, list) else "значение"
