"""The one error of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.findings import Finding


class FormatError(Exception):
    """The bytes are not a file we may read, or the values do not make a file that the official schema accepts.

    `element` is the XML name (None when the fault is not in one), `line` counts from 1 (None when there is no file
    yet), `text_ru` is a whole Russian sentence for people, `findings` are all violations behind it.
    """

    def __init__(
        self, text_ru: str, *, element: str | None = None, line: int | None = None, findings: Sequence[Finding] = ()
    ) -> None:
        super().__init__(text_ru)
        self.text_ru = text_ru
        self.element = element
        self.line = line
        self.findings = tuple(findings)
