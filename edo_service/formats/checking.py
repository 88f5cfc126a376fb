"""What is this file, and is it right."""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.checker import check_tree
from edo_service.formats.engine.model import Declaration
from edo_service.formats.engine.source import line_of, parse, read_head, unqualify
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import CheckResult, Finding
from edo_service.formats.kinds import FileKind, known_kind


def detect(xml: bytes) -> FileKind | None:
    """The kind and version a file claims, from its first elements; None for anything that is no known exchange file.

    A kind whose version this build does not hold is detected too, with `checked` False.
    """
    try:
        head = read_head(xml)
    except FormatError:
        return None
    file_id = head.attributes.get("ИдФайл")
    known = known_kind(root=head.root, knd=head.document.get("КНД"), file_id=file_id)
    if known is None:
        return None
    version = head.attributes.get("ВерсФорм", "")
    prefix = next((item for item in known.prefixes if (file_id or "").startswith(item)), known.prefixes[0])
    kind = FileKind(
        code=known.code,
        version=version,
        title_ru=known.title_ru,
        knd=head.document.get("КНД") or known.knd,
        prefix=prefix,
        checked=False,
    )
    return kind if declaration_of(kind) is None else replace(kind, checked=True)


def declaration_of(kind: FileKind) -> Declaration | None:
    """The declaration that this build holds for a kind and version."""
    return None if kind.tolerated else DECLARATIONS.get((kind.code, kind.version))


def check(xml: bytes, *, file_name: str | None = None) -> CheckResult:
    """All violations and remarks of a file at once; never raises for what is inside the file.

    `file_name` (with or without «.xml») is compared with ИдФайл when given. An unknown kind or version is itself a
    violation; a kind that no official schema describes gets one remark instead.
    """
    kind = detect(xml)
    try:
        root = parse(xml)
    except FormatError as error:
        return _refused(kind, error.text_ru, rule="xml", element=error.element, line=error.line)
    if kind is None:
        return _refused(None, "Формат файла не распознан: это не файл обмена ФНС", rule="kind", line=line_of(root))
    declaration = declaration_of(kind)
    if declaration is None:
        if kind.tolerated:
            return CheckResult(kind=kind, violations=(), remarks=(_unchecked(kind, root, file_name),))
        text = f"{kind.name_ru}: эта версия формата здесь не проверяется"
        return _refused(kind, text, rule="version", line=line_of(root))
    violations, remarks = check_tree(unqualify(root, declaration.namespace), declaration, file_name=file_name)
    return CheckResult(kind=kind, violations=tuple(violations), remarks=tuple(remarks))


def _unchecked(kind: FileKind, root: etree._Element, file_name: str | None) -> Finding:
    """What is said of a kind without an official schema: only the name of the file can be compared."""
    text = f"{kind.name_ru}: официальной схемы нет, файл не проверяется и хранится как есть"
    stem = None if file_name is None else file_name.removesuffix(".xml")
    if stem is not None and root.get("ИдФайл") not in {None, stem}:
        text += f"; ИдФайл не совпадает с именем файла «{stem}»"
    return Finding(path="/", line=line_of(root), rule="unchecked", message_ru=text)


def _refused(
    kind: FileKind | None, text_ru: str, *, rule: str, element: str | None = None, line: int | None = None
) -> CheckResult:
    path = f"/{element}" if element else "/"
    finding = Finding(path=path, line=line, rule=rule, message_ru=text_ru)
    return CheckResult(kind=kind, violations=(finding,), remarks=())


def load(xml: bytes) -> tuple[etree._Element, FileKind, Declaration]:
    """The tree of a file that its declaration accepts.

    Raises FormatError naming the first violation, with all of them attached.
    """
    root = parse(xml)
    kind = detect(xml)
    if kind is None:
        raise FormatError("Формат файла не распознан: это не файл обмена ФНС", line=1)
    declaration = declaration_of(kind)
    if declaration is None:
        raise FormatError(f"{kind.name_ru}: эта версия формата здесь не читается", line=line_of(root))
    violations, _ = check_tree(unqualify(root, declaration.namespace), declaration, file_name=None, remarks=False)
    if violations:
        worst = violations[0]
        text = f"Файл не по формату {kind.name_ru}: {worst.text_ru}"
        raise FormatError(text, element=worst.element, line=worst.line, findings=violations)
    return root, kind, declaration


def check_and_load(xml: bytes, *, file_name: str | None = None) -> tuple[CheckResult, etree._Element | None]:
    """What `check` says and, when there are no violations, the tree that was checked: one parse for both."""
    kind = detect(xml)
    declaration = None if kind is None else declaration_of(kind)
    if declaration is None:
        return check(xml, file_name=file_name), None
    try:
        root = parse(xml)
    except FormatError:
        return check(xml, file_name=file_name), None
    violations, remarks = check_tree(unqualify(root, declaration.namespace), declaration, file_name=file_name)
    result = CheckResult(kind=kind, violations=tuple(violations), remarks=tuple(remarks))
    return result, root if result.ok else None
