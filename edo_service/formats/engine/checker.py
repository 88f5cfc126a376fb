"""The checker: every violation of a declaration at once, and the remarks it asks for."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from itertools import islice
from typing import Final

from lxml import etree

from edo_service.formats.engine import content
from edo_service.formats.engine.model import Block, Declaration, Element, Rule, Value, elements_of
from edo_service.formats.engine.source import line_of, local, text_of
from edo_service.formats.engine.values import XML_SPACE, faults
from edo_service.formats.findings import Finding

MAX_FINDINGS: Final = 1000
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_XSI_HARMLESS: Final = frozenset({f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"})


class _Full(Exception):
    pass


# the last numbered element of each parent and name while one file is checked: numbers are counted from there on
_Numbered = dict[tuple[etree._Element, str], tuple[etree._Element, int]]  # noqa: SLF001  (lxml names its type so)
_NUMBERED: Final[ContextVar[_Numbered | None]] = ContextVar("_NUMBERED", default=None)


def path_of(element: etree._Element, attribute: str | None = None) -> str:
    """/Файл/Документ/СведТов[2]/@НалСт: numbers stand where a name is repeated among siblings."""
    steps: list[str] = []
    here: etree._Element | None = element
    while here is not None:
        step = local(str(here.tag))
        parent = here.getparent()
        if parent is not None:
            number = _number(here, parent)
            if number > 1 or next(here.itersiblings(here.tag), None) is not None:
                step = f"{step}[{number}]"
        steps.append(step)
        here = parent
    path = "/" + "/".join(reversed(steps))
    return path if attribute is None else f"{path}/@{attribute}"


def _number(element: etree._Element, parent: etree._Element) -> int:
    """Which one it is of its name among siblings, from 1."""
    numbered = _NUMBERED.get()
    key = (parent, str(element.tag))
    known = numbered.get(key) if numbered is not None else None
    number = 1
    if known is not None and known[0] is element:
        return known[1]
    for other in element.itersiblings(element.tag, preceding=True):
        if known is not None and other is known[0]:
            number += known[1]
            break
        number += 1
    if numbered is not None:
        numbered[key] = (element, number)
    return number


def check_tree(
    root: etree._Element, declaration: Declaration, *, file_name: str | None, remarks: bool = True
) -> tuple[list[Finding], list[Finding]]:
    """Violations and remarks of a parsed file, in document order; without `remarks` no arithmetic is done.

    `file_name` with or without «.xml», None if it has none.
    """
    token = _NUMBERED.set({})
    try:
        return _checked(root, declaration, file_name, arithmetic=remarks)
    finally:
        _NUMBERED.reset(token)


def _checked(
    root: etree._Element, declaration: Declaration, file_name: str | None, *, arithmetic: bool
) -> tuple[list[Finding], list[Finding]]:
    run = _Run(declaration)
    try:
        if str(root.tag) != declaration.root.name:
            name = local(str(root.tag))
            strange = " в другом пространстве имён" if name == declaration.root.name else ""
            run.add(root, "root", f"корневой элемент {name}{strange}, нужен {declaration.root.name}")
        else:
            run.element(root, declaration.root)
            run.file_name(root, file_name)
    except _Full:
        run.violations.append(
            Finding(
                path="/", line=None, rule="limit", message_ru=f"ошибок больше {MAX_FINDINGS}: остальные не показаны"
            )
        )
        return run.violations, run.remarks
    remarks = (found for remark in declaration.remarks if arithmetic for found in remark(root))
    run.remarks.extend(islice(remarks, MAX_FINDINGS))
    return run.violations, run.remarks


@cache
def _rules_of(declaration: Declaration) -> dict[str, tuple[Rule, ...]]:
    """The rules of a declaration by the names of the elements they stand on."""
    found: dict[str, dict[str, Rule]] = {}
    seen: set[int] = set()
    stack = [declaration.root]
    while stack:
        element = stack.pop()
        if element.rules:
            found.setdefault(element.name, {}).update({rule.code: rule for rule in element.rules})
        if isinstance(element.type, Block) and id(element) not in seen:
            seen.add(id(element))
            stack.extend(elements_of(element.type.content))
    return {name: tuple(rules.values()) for name, rules in found.items()}


class _Run:
    def __init__(self, declaration: Declaration) -> None:
        self.declaration = declaration
        self.violations: list[Finding] = []
        self.remarks: list[Finding] = []

    def add(self, element: etree._Element, rule: str, message_ru: str, attribute: str | None = None) -> None:
        self._put(Finding(path=path_of(element, attribute), line=line_of(element), rule=rule, message_ru=message_ru))

    def _put(self, finding: Finding) -> None:
        self.violations.append(finding)
        if len(self.violations) >= MAX_FINDINGS:
            raise _Full

    def file_name(self, root: etree._Element, file_name: str | None) -> None:
        """The name without its extension equals ИдФайл (every official format)."""
        if file_name is None:
            return
        stem = file_name[: -len(".xml")] if file_name.lower().endswith(".xml") else file_name
        if stem != root.get("ИдФайл"):
            self.add(root, "file-name", f"атрибут ИдФайл не совпадает с именем файла «{stem}»", "ИдФайл")

    def element(self, element: etree._Element, declared: Element) -> None:
        if isinstance(declared.type, Value):
            self._simple(element, declared, declared.type)
        else:
            self._attributes(element, declared.type)
            self._children(element, declared.type)
        for rule in declared.rules:
            self._rule(element, rule)

    def _simple(self, element: etree._Element, declared: Element, value: Value) -> None:
        name = declared.name
        for attribute in element.attrib:
            if attribute not in _XSI_HARMLESS:
                self.add(element, "attribute-unknown", f"элемент {name} — лишний атрибут {local(str(attribute))}")
        self._text(element, value)

    def _text(self, element: etree._Element, value: Value) -> None:
        name = local(str(element.tag))
        inner = next((child for child in element if isinstance(child.tag, str)), None)
        if inner is not None:
            self.add(element, "unexpected", f"элемент {name} — внутри лишний элемент {local(str(inner.tag))}")
            return
        if next((child for child in element.iterchildren(etree.Entity)), None) is not None:
            self.add(element, "entity", f"элемент {name} — неизвестная подстановка")
        for facet, phrase in faults(text_of(element), value):
            self.add(element, facet, f"элемент {name} — {phrase}")

    def _attributes(self, element: etree._Element, block: Block) -> None:
        declared = block.attribute_names
        for key, text in element.attrib.items():
            name = str(key)
            attribute = declared.get(name)
            if attribute is not None:
                for facet, phrase in faults(str(text), attribute.value):
                    self.add(element, facet, f"атрибут {attribute.name} — {phrase}", attribute.name)
            elif name not in _XSI_HARMLESS:
                where, alien = local(str(element.tag)), local(name)
                self.add(element, "attribute-unknown", f"элемент {where} — лишний атрибут {alien}", alien)
        for attribute in block.required:
            if element.get(attribute.name) is None:
                where = local(str(element.tag))
                self.add(
                    element,
                    "attribute-missing",
                    f"элемент {where} — нет обязательного атрибута {attribute.name} ({attribute.label})",
                    attribute.name,
                )

    def _foreign(self, element: etree._Element) -> None:
        """Elements of any kind, one at least; the official rules look at names alone and reach in here too."""
        where = local(str(element.tag))
        if text_of(element).strip(XML_SPACE):
            self.add(element, "text", f"элемент {where} — лишний текст внутри")
        inner = list(element.iterdescendants(etree.Element))
        if not inner:
            self.add(element, "missing", f"элемент {where} — внутри нужен хотя бы один элемент")
        rules = _rules_of(self.declaration)
        for child in inner:
            for rule in rules.get(str(child.tag), ()):
                self._rule(child, rule)

    def _children(self, element: etree._Element, block: Block) -> None:
        if block.anything:
            self._foreign(element)
            return
        if block.text is not None:
            self._text(element, block.text)
            return
        children = list(element.iterchildren(etree.Element))
        allowed = block.element_names
        text = text_of(element)
        if text and (not allowed or text.strip(XML_SPACE)):
            self.add(element, "text", f"элемент {local(str(element.tag))} — лишний текст внутри")
        names = [child.tag for child in children]
        for fault in content.walk(content.model_of(block), names):
            self._misplaced(element, children, fault)
        for declared in block.counted:
            if declared.most is not None and names.count(declared.name) > declared.most:
                where = local(str(element.tag))
                self.add(element, "occurrence", f"элемент {where} — элементов {declared.name} больше {declared.most}")
        for child, name in zip(children, names, strict=True):
            known = allowed.get(name)
            if known is not None:
                self.element(child, known)

    def _misplaced(self, parent: etree._Element, children: list[etree._Element], fault: content.Misplaced) -> None:
        for missing in fault.missing:
            message = f"элемент {local(str(parent.tag))} — нет обязательного элемента {missing.name} ({missing.label})"
            at = parent if fault.at is None else children[fault.at]
            path = f"{path_of(parent)}/{missing.name}"
            self._put(Finding(path=path, line=line_of(at), rule="missing", message_ru=message))
        if fault.unexpected and fault.at is not None:
            child = children[fault.at]
            name = local(str(child.tag))
            phrase = (
                "стоит не на своём месте или повторяется лишний раз" if fault.known else "лишний, формат его не знает"
            )
            self.add(child, "unexpected", f"элемент {name} — {phrase}")

    def _rule(self, element: etree._Element, rule: Rule) -> None:
        if not rule.when.test(element) or rule.then.test(element):
            return
        base = path_of(element)
        about = base if rule.about == "." else f"{base}/{rule.about}"
        finding = Finding(path=about, line=line_of(element), rule=f"rule.{rule.code}", message_ru=rule.text_ru)
        if rule.fault_of_schema:
            self.remarks.append(finding)
        else:
            self._put(finding)
