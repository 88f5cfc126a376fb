"""Does ИдФайл of a УПД 5.03 follow the rule for names, and do its flags tell what is inside."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from edo_service.formats.engine.source import line_of
from edo_service.formats.findings import Finding
from edo_service.formats.names import parse_name


def upd_file_name(root: etree._Element) -> Iterator[Finding]:
    """Remarks on ИдФайл; the official schema asks only for 1-255 characters."""
    identifier = root.get("ИдФайл")
    if not identifier:
        return
    name = parse_name(identifier)
    if name is None or name.suffixes is None:
        yield _remark(
            root, "shape", "атрибут ИдФайл — не по правилу имён УПД 5.03 (участники, дата, GUID, семь признаков)"
        )
        return
    if root.find("Документ/ТаблСчФакт") is None:
        return
    flags = (
        ("прослеживаемых товаров", name.suffixes.traceable, "СведПрослеж"),
        ("маркированных товаров", name.suffixes.marked, "НомСредИдентТов"),
    )
    for what, flag, element in flags:
        inside = next(root.iter(element), None) is not None
        if flag != inside:
            state = "есть" if inside else "нет"
            yield _remark(root, "flags", f"атрибут ИдФайл — признак {what} не совпадает: в файле они {state}")


def _remark(root: etree._Element, rule: str, message: str) -> Finding:
    return Finding(path="/Файл/@ИдФайл", line=line_of(root), rule=f"file-name.{rule}", message_ru=message)
