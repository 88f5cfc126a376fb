"""Reference pages of the formats, written from the declarations: what `docs/formats/` holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from edo_service.formats.declarations import DECLARATIONS
from edo_service.formats.engine.model import Block, Choice, Declaration, Element, Particle, Value
from edo_service.formats.kinds import BY_CODE

_SHORT_LIST: Final = 12
_KINDS: Final = {
    "integer": "целое",
    "decimal": "число",
    "date": "ДД.ММ.ГГГГ",
    "isodate": "ГГГГ-ММ-ДД",
    "time": "ЧЧ.ММ.СС",
    "text": "текст",
}
_HEAD: Final = "Written from the declarations by `python -m scripts.format_pages`; do not edit.\n"


def pages() -> dict[str, str]:
    """File names of `docs/formats/` and their contents, `README.md` first."""
    made = {"README.md": _index()}
    for declaration in DECLARATIONS.values():
        made[_file(declaration)] = page(declaration)
    return made


def page(declaration: Declaration) -> str:
    """The page of one kind in one version: every place with its occurrence, type and label, then the rules."""
    work = _Page()
    work.element(declaration.root, "")
    lines = [
        f"# {_title(declaration)}",
        "",
        _HEAD,
        f"{declaration.order}. Код `{declaration.code}`, версия `{declaration.version}`.",
        "",
        "| место | сколько | значение | что это |",
        "|---|---|---|---|",
        *work.rows,
    ]
    if work.rules:
        lines += ["", "## Правила", "", *work.rules]
    return "\n".join(lines) + "\n"


def _index() -> str:
    rows = [
        f"| [{_title(declaration)}]({_file(declaration)}) | {declaration.version} | {declaration.order} |"
        for declaration in DECLARATIONS.values()
    ]
    head = ["# Formats", "", _HEAD, "What is not here and why: [missing.md](missing.md).", ""]
    return "\n".join([*head, "| документ | версия | основание |", "|---|---|---|", *rows]) + "\n"


def _title(declaration: Declaration) -> str:
    return BY_CODE[declaration.code].title_ru


def _file(declaration: Declaration) -> str:
    return f"{declaration.code}_{declaration.version.replace('.', '_')}.md".lower()


class _Page:
    def __init__(self) -> None:
        self.rows: list[str] = []
        self.rules: list[str] = []
        self.seen: dict[int, str] = {}

    def element(self, element: Element, parent: str, *, choice: bool = False) -> None:
        place = f"{parent}/{element.name}"
        known = element.type
        many = _occurrence(element.least, element.most) + (" (на выбор)" if choice else "")
        if isinstance(known, Value):
            self._row(place, many, _value(known), element.label)
        else:
            earlier = self.seen.get(id(known))
            own = "элементы любого вида, хотя бы один" if known.anything else ""
            own = _value(known.text) if known.text is not None else own
            self._row(place, many, f"как `{earlier}`" if earlier else own, element.label)
            if earlier is None:
                self.seen[id(known)] = place
                self._inside(known, place)
        for rule in element.rules:
            mark = " *(ошибка схемы, замечание)*" if rule.fault_of_schema else ""
            text = f"- `{rule.code}`: {rule.text_ru}{mark}"
            if text not in self.rules:
                self.rules.append(text)

    def _inside(self, block: Block, place: str) -> None:
        for attribute in block.attributes:
            self._row(
                f"{place}/@{attribute.name}",
                "1" if attribute.required else "0–1",
                _value(attribute.value),
                attribute.label,
            )
        for element, choice in _children(block.content, choice=False):
            self.element(element, place, choice=choice)

    def _row(self, *cells: str) -> None:
        place, *rest = cells
        self.rows.append("| " + " | ".join([f"`{place}`", *(cell.replace("|", "\\|") for cell in rest)]) + " |")


def _children(particle: Particle, *, choice: bool) -> Iterator[tuple[Element, bool]]:
    if isinstance(particle, Element):
        yield particle, choice
        return
    for part in particle.parts:
        yield from _children(part, choice=choice or isinstance(particle, Choice))


def _occurrence(least: int, most: int | None) -> str:
    if most is None:
        return f"{least}–n"
    return str(least) if least == most else f"{least}–{most}"


def _value(value: Value) -> str:
    if value.meanings:
        return "; ".join(f"`{code}` {meaning}" for code, meaning in value.meanings)
    if value.choices:
        more = " …" if len(value.choices) > _SHORT_LIST else ""
        return ", ".join(f"`{code}`" for code in value.choices[:_SHORT_LIST]) + more
    if value.kind == "time" and value.colon:
        return "ЧЧ:ММ:СС"
    if value.kind in {"integer", "decimal"}:
        return _number(value)
    if value.hint_ru:
        return value.hint_ru
    return _KINDS[value.kind] + _length(value) if value.kind == "text" else _KINDS[value.kind]


def _number(value: Value) -> str:
    size = f", до {value.total_digits} цифр" if value.total_digits is not None else ""
    size += f", после точки до {value.fraction_digits}" if value.fraction_digits else ""
    low = f", не меньше {value.at_least}" if value.at_least is not None else ""
    low += f", больше {value.more_than}" if value.more_than is not None else ""
    return _KINDS[value.kind] + size + low


def _length(value: Value) -> str:
    low, high = value.min_length, value.max_length
    if low is not None and low == high:
        return f", {low}"
    if high is not None:
        return f", {low or 0}–{high}"
    return f", от {low}" if low else ""
