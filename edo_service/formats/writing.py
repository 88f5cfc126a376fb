"""From a value to the bytes of a file, checked by its own declaration before anyone sees it."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from edo_service.formats.checking import check
from edo_service.formats.engine.binding import write
from edo_service.formats.engine.model import Declaration
from edo_service.formats.engine.tree import Node, render
from edo_service.formats.errors import FormatError


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenFile:
    """A finished file: its name with «.xml» and its bytes (windows-1251)."""

    file_name: str
    content: bytes


def encode_signature(cms: bytes) -> str:
    """A detached CMS as the titles and service documents cite it: base64 in one line."""
    return base64.b64encode(cms).decode("ascii")


def write_file(item: object, declaration: Declaration, *, knd: str | None, body: str = "Документ") -> WrittenFile:
    """Write a bound dataclass by a declaration; `knd`, on the element `body`, is None where the form has no code.

    Raises FormatError with all violations.
    """
    root = Node(declaration.root.name)
    root.attributes["ВерсФорм"] = declaration.version
    if knd is not None:
        root.put(f"{body}/@КНД", knd)
    write(item, root)
    content = render(root, declaration)
    file_name = f"{root.attributes['ИдФайл']}.xml"
    result = check(content, file_name=file_name)
    if not result.ok:
        worst = result.violations[0]
        text = f"Файл {declaration.code} {declaration.version} не записан: {worst.message_ru}"
        raise FormatError(text, element=worst.element, line=worst.line, findings=result.violations)
    return WrittenFile(file_name=file_name, content=content)
