"""A second opinion: the official schemas of ФНС, when their owner has put them into a folder (EDO_FORMATS_XSD_DIR).

The product holds no schema; without the folder our declarations are the only judge. Only the schema itself is applied,
not the schematron rules written into it: those are in our declarations.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, cast

from lxml import etree

from edo_service.formats.checking import detect
from edo_service.formats.engine.source import parse
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import Finding
from edo_service.formats.kinds import FileKind

_XS: Final = "{http://www.w3.org/2001/XMLSchema}"


class OfficialSchemas:
    """The schemas of a folder and its subfolders, by the prefix in their names and the format version they demand.

    Several editions of one version may lie there: a file is accepted when any of them accepts it. A file that is no
    readable schema is named in `unreadable`. Raises FormatError when there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise FormatError(f"Папки с официальными схемами нет: {folder}")
        self.unreadable: tuple[Path, ...] = ()
        self._one_at_a_time = threading.Lock()  # a schema keeps the errors of the file it has judged last
        self._editions: dict[str, list[tuple[frozenset[str], etree.XMLSchema]]] = {}
        for path in sorted(folder.rglob("*.xsd"), key=lambda path: path.name, reverse=True):
            self._take(path)

    def _take(self, path: Path) -> None:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            document = etree.parse(path, parser)
            schema = etree.XMLSchema(document)
        except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError):
            self.unreadable = (*self.unreadable, path)
            return
        versions = frozenset(
            str(choice.get("value"))
            for attribute in document.iter(f"{_XS}attribute")
            if attribute.get("name") == "ВерсФорм"
            for choice in attribute.iter(f"{_XS}enumeration")
        )
        prefix = path.name.partition("_1_")[0]
        self._editions.setdefault(prefix, []).append((versions, schema))

    def holds(self, kind: FileKind) -> bool:
        """Whether a schema for this kind and version lies in the folder."""
        return bool(self._of(kind))

    def check(self, xml: bytes) -> tuple[Finding, ...] | None:
        """What the newest edition refuses, () when an edition accepts the file, None when no schema here is for it.

        Raises FormatError for what is no XML or hostile.
        """
        root = parse(xml)
        kind = detect(xml)
        editions = self._of(kind) if kind is not None else []
        if not editions:
            return None
        with self._one_at_a_time:
            if any(schema.validate(root) for schema in editions):
                return ()
            editions[0].validate(root)
            refused = cast("Iterable[Any]", editions[0].error_log)  # the published types forget that it is a list
            return tuple(
                Finding(path="/", line=error.line, rule="official", message_ru=f"официальная схема: {error.message}")
                for error in refused
            )

    def _of(self, kind: FileKind) -> list[etree.XMLSchema]:
        return [schema for versions, schema in self._editions.get(kind.prefix, []) if kind.version in versions]
