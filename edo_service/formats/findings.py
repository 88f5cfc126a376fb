"""What the checker says about a file."""

from __future__ import annotations

from dataclasses import dataclass

from edo_service.formats.kinds import FileKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong at one place.

    `path` is an element path with numbers of repeated elements («/Файл/Документ/СведТов[2]/@НалСт»), `line` counts from
    1, `rule` is a stable identifier (`occurrence`, `length`, `rule.…`, `sum.…`), `message_ru` a Russian phrase that
    names the element.
    """

    path: str
    line: int | None
    rule: str
    message_ru: str

    @property
    def element(self) -> str:
        """The last name of the path: an element or, with @, an attribute."""
        return self.path.rsplit("/", 1)[-1].split("[", 1)[0]

    @property
    def text_ru(self) -> str:
        """The phrase with its line in front: «строка 48, элемент СумНал — пусто»."""
        return self.message_ru if self.line is None else f"строка {self.line}, {self.message_ru}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """Everything the checker found: `violations` is what the official schema refuses, `remarks` the rest."""

    kind: FileKind | None
    violations: tuple[Finding, ...]
    remarks: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether the official schema and its rules accept the file."""
        return not self.violations
