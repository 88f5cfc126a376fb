"""What was changed in a PDF after a signature: everything is refused but what signing itself adds.

Allowed after any signature: further signatures (new signature fields, empty ones filled), document time-stamps, the
document security store (EN 319 142-1, 5.4), metadata. What a signature allows besides (`permissions`): fields of the
form get values, annotations that cannot hide a page come and go. Anything else is told of and leaves the verdict
INDETERMINATE: who sees the document today does not see what was signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document
from signing._internal.pdf.permissions import Permission, Permissions
from signing._internal.pdf.signatures import Field, fields_of
from signing._internal.pdf.syntax import Parser, Reference, Stream, Value

_CATALOG_MAY_CHANGE = {"AcroForm", "DSS", "Extensions", "Metadata", "Version"}
_FORM_MAY_CHANGE = {"Fields", "SigFlags", "DR", "DA", "NeedAppearances"}
_PAGE_MAY_CHANGE = {"Annots", "LastModified"}
_SIGNED_FIELD_MAY_CHANGE = {"V", "AP", "M", "F", "MK", "DA", "AS", "Kids"}
_FILLED_FIELD_MAY_CHANGE = {"V", "AP", "AS", "I", "M", "RV"}
_FILLED_WIDGET_MAY_CHANGE = {"AP", "AS", "M"}
_FORM_FIELDS = {"Tx", "Btn", "Ch"}
# annotations that mark a page; others (FreeText, Stamp, Redact, shapes) can draw over it what was never signed
_MARKS = {"Text", "Popup", "Highlight", "Underline", "StrikeOut", "Squiggly", "Link", "Ink", "Caret"}
_MAX_WALK = 3_000_000
_OBJECT = re.compile(rb"\d{1,10}[\x00\t\n\x0c\r ]++\d{1,5}[\x00\t\n\x0c\r ]++obj")
_STARTXREF = re.compile(rb"startxref[\x00\t\n\x0c\r ]++\d{1,12}")


@dataclass(kw_only=True)
class Changes:
    """What happened after a signature: `problems` that must not be, `locked` fields that changed, what is ordinary."""

    problems: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    annotations: int = 0
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


def compare(signed: Document, current: Document, allowed: Permissions) -> Changes:
    """Compare the signed revision with the document as it is now, given what the signature allows."""
    changes = Changes()
    if signed.encrypted != current.encrypted or signed.trailer.get("Root") != current.trailer.get("Root"):
        changes.problems.append("заменён каталог документа или его шифрование")
        return changes
    if signed.encrypted and any(entry and entry.container >= 0 for entry in current.entries.values()):
        changes.problems.append("документ зашифрован: изменения после подписи не разобрать")
        return changes
    return _Comparison(signed, current, changes, allowed).run()


class _Comparison:
    def __init__(self, signed: Document, current: Document, changes: Changes, allowed: Permissions) -> None:
        self.allowed = allowed
        self.filled: set[int] = set()  # widgets whose look may be replaced
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
        self._looks()
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
        if one.number is None:
            self.changes.problems.append(f"поле подписи «{one.name}» записано внутри формы")
        if one.dictionary.get("V") is not None:
            self._count(one)
        self.widgets |= {number for number in (one.number, *one.kids) if number is not None}

    def _changed_field(self, old: Field, new: Field) -> None:
        if old.kind in _FORM_FIELDS and new.kind == old.kind and self.allowed.level >= Permission.FILL:
            self._filled_field(old, new)
            return
        if old.number is None:
            self.changes.problems.append(f"изменено поле «{old.name}»")
        if old.kind != "Sig" or new.kind != "Sig" or old.dictionary.get("V") is not None:
            return  # stays unexplained
        if self.allowed.locked(old.name):
            self.changes.locked.append(old.name)
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

    def _filled_field(self, old: Field, new: Field) -> None:
        """A field that got a value: its value and its look may change, the look never alone."""
        values = [
            (
                one.dictionary.get("V"),
                one.dictionary.get("AS"),
                [self._widget(document, kid).get("AS") for kid in one.kids],
            )
            for one, document in ((old, self.signed), (new, self.current))
        ]
        if self.allowed.locked(old.name):
            self.changes.locked.append(old.name)
        elif (
            values[0] == values[1]
            or old.kids != new.kids
            or self._differ(old.dictionary, new.dictionary, _FILLED_FIELD_MAY_CHANGE)
        ):
            self.changes.problems.append(f"у поля «{old.name}» изменено не только значение")
        else:
            self.changes.filled.append(old.name)
        widgets = {number for number in (old.number, *old.kids) if number is not None}
        self.filled |= widgets
        for number in widgets:
            before, after = (self._widget(document, number) for document in (self.signed, self.current))
            may = _FILLED_FIELD_MAY_CHANGE if number == old.number else _FILLED_WIDGET_MAY_CHANGE
            if not self._differ(before, after, may):
                self.explained.add(number)

    def _widget(self, document: Document, number: int) -> dict[str, Value]:
        return document.dictionary(Reference(number, 0))

    def _looks(self) -> None:
        """Appearance streams of filled fields may be written anew in place, when nothing else shows them."""
        if self.filled and self.changed - self.explained:
            self.explained |= self.changed - reachable(self.signed, without_looks=frozenset(self.filled))

    def _count(self, one: Field) -> None:
        value = self.current.dictionary(one.dictionary.get("V"))
        if value.get("SubFilter") != "ETSI.RFC3161":  # evidence, not a change (EN 319 142-1, 5.4.3)
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
        if self._is_mark(self.signed, number) and self._is_mark(self.current, number):
            self.changes.annotations += 1
            self.explained.add(number)
        both_arrays = isinstance(old, list) and isinstance(new, list)
        if both_arrays and self._annotations(old, new) and self._only_annotations(number):
            self.explained.add(number)

    def _annotations(self, old: Value, new: Value) -> bool:
        before, after = self.signed.array(old), self.current.array(new)
        gone = [one for one in before if one not in after]
        if not all(isinstance(one, Reference) and self._is_mark(self.signed, one.number) for one in gone):
            return False
        added = [one for one in after if one not in before and not self._is_widget(one)]
        if not all(isinstance(one, Reference) and self._is_mark(self.current, one.number) for one in added):
            return False
        self.changes.annotations += len(gone) + len(added)
        return True

    def _is_widget(self, one: Value) -> bool:
        """Whether it is the widget of a new signature."""
        return isinstance(one, Reference) and one.number in self.widgets

    def _is_mark(self, document: Document, number: int) -> bool:
        """Whether it is an annotation that may come and go under DocMDP, P=3."""
        value = document.object(number)
        if self.allowed.level < Permission.ANNOTATE or not isinstance(value, dict):
            return False
        return value.get("Subtype") in _MARKS and value.get("Type") in {None, "Annot"} and "Rect" in value

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


def reachable(document: Document, *, without_looks: frozenset[int] = frozenset()) -> set[int]:
    """Numbers of objects that a viewer may show: all that the catalogue leads to but metadata and the store.

    `without_looks`: widgets whose appearance streams are left out.
    """
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
                value = document.object(reference.number)
                if reference.number in without_looks and isinstance(value, dict):
                    value = {key: item for key, item in value.items() if key != "AP"}
                waiting.append(value)
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
