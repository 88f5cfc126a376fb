"""The words of which every printed form is made: text, rows, tables, signature lines, stamps.

A form is plain data, drawn by templates/form.typ. All lengths are millimetres, all sizes points. Text is shown as it
is: nothing in it can become markup, because it crosses to the typesetter as JSON strings.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Align = Literal["left", "center", "right"]
PORTRAIT_ROOM: Final = 178.0
LANDSCAPE_ROOM: Final = 279.0
_INSETS: Final = 1.2
_LETTER: Final = 0.2  # millimetres of an average letter's width for each point of size
_CAPITAL: Final = 0.27  # the same of a capital
_POINT: Final = 0.1  # the same of a point or a space
_NARROW: Final = frozenset(" .,:;'|!\u00a0\u202f")
_CODE: Final = re.compile(r"\S+")
_BREAK: Final = "\u200b"


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a table: `span` columns wide, `down` rows high, `more` smaller lines below the text.

    A cell with `fit` keeps its text on one line and makes it smaller when the column is narrower. Without `border`
    no lines are drawn around it, with `thick` a thick one follows. `shrink` and `hyphenate` are set by `fitted`.
    """

    text: str = ""
    align: Align = "left"
    span: int = 1
    down: int = 1
    bold: bool = False
    border: bool = True
    fit: bool = False
    thick: bool = False
    more: tuple[str, ...] = ()
    shrink: float = 1.0
    hyphenate: bool = False


@dataclass(frozen=True, kw_only=True)
class Heading:
    """The name of the form or of its part, `above` millimetres below what stands before.

    `mark` is the number of its line in small letters.
    """

    text: str
    mark: str = ""
    size: float = 11.0
    align: Align = "left"
    above: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph."""

    text: str
    size: float = 0.0
    bold: bool = False
    align: Align = "left"
    grey: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """A named line of a form: «Продавец ____ (2)». `under` explains in small letters below the line."""

    label: str
    value: str = ""
    mark: str = ""
    under: str = ""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Named lines one below the other; labels are `label` wide, marks of the lines `mark` wide.

    A label of no width stands above its line.
    """

    rows: tuple[Row, ...]
    label: float = 40.0
    mark: float = 8.0
    size: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Name and value in two columns of a plain table."""

    rows: tuple[tuple[str, str], ...]
    label: float = 62.0


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Parts next to each other: each a list of blocks; a width of 0 takes what is left. `rule` draws lines between."""

    parts: tuple[tuple[Any, ...], ...]
    widths: tuple[float, ...]
    gap: float = 4.0
    rule: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table whose head is repeated on each page: `head` rows, then the line of column numbers `marks`."""

    widths: tuple[float, ...]
    head: tuple[tuple[Cell, ...], ...]
    marks: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    size: float = 6.5
    head_size: float = 5.6


@dataclass(frozen=True, kw_only=True)
class Blank:
    """A place on a signature line: what stands there and the words below it; `share` of the room."""

    value: str = ""
    under: str = ""
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class SignatureLine:
    """«Руководитель ____ ____»: a label and places to sign."""

    label: str
    blanks: tuple[Blank, ...]
    label_room: float = 44.0


@dataclass(frozen=True, kw_only=True)
class Line:
    """A rule over the whole width."""

    thick: float = 0.8


@dataclass(frozen=True, kw_only=True)
class Space:
    """Empty height."""

    height: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Together:
    """Blocks that stay on one page."""

    blocks: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class StampBox:
    """The mark of one electronic signature."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Stamps:
    """Marks of signatures, two in a row."""

    boxes: tuple[StampBox, ...]


Block = Heading | Text | Rows | Facts | Beside | Table | SignatureLine | Line | Space | Together | Stamps


@dataclass(frozen=True, kw_only=True)
class Form:
    """A whole printed form. `note` and `file_id` stand at the foot of every page.

    `day` (year, month, day) is the document's own; PDF/A wants a date, and that of printing would change the bytes.
    """

    title: str
    blocks: tuple[Block, ...]
    day: tuple[int, int, int] = (1970, 1, 1)
    file_id: str = ""
    note: str = ""
    landscape: bool = False
    size: float = 7.0
    margins: tuple[float, float, float, float] = (10.0, 12.0, 15.0, 20.0)


MOST_ROWS: Final = 4002
_TOTALS: Final = 2
LANDSCAPE_MARGINS: Final = (8.0, 9.0, 13.0, 9.0)


def as_data(value: Any) -> Any:
    """Blocks as what JSON can hold; each knows its class by `is`. What equals the default is left out of cells."""
    if isinstance(value, Table):
        value = bounded(value)
    if isinstance(value, Cell):
        return {name: given for name, given in vars(value).items() if given != _PLAIN_CELL[name]}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"is": type(value).__name__} | {
            field.name: as_data(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple | list):
        return [as_data(item) for item in value]
    return value


_PLAIN_CELL: Final = dict(vars(Cell()))


def bounded(table: Table, *, most: int = MOST_ROWS) -> Table:
    """The table with so many rows at most: the rest is counted, not drawn, and the totals at the end stay.

    Rows cost about 0.2 MB each while a form is set.
    """
    if len(table.rows) <= most:
        return table
    left_out = len(table.rows) - most
    note = Cell(
        text=f"Ещё строк: {left_out}. Здесь они не напечатаны, все строки есть в файле.",
        span=len(table.widths),
        bold=True,
    )
    return dataclasses.replace(table, rows=(*table.rows[: most - _TOTALS], (note,), *table.rows[-_TOTALS:]))


def words(text: str | None, *more: str, span: int = 1, bold: bool = False) -> Cell:
    """A cell with text from the left; a dash where there is none."""
    return Cell(text=text or "—", align="left" if text else "center", more=more, span=span, bold=bold)


def code(text: str | None, *, span: int = 1) -> Cell:
    """A cell with a short thing in the middle."""
    return Cell(text=text or "—", align="center", span=span)


def figure(text: str | None, *, bold: bool = False, span: int = 1, empty: str = "—") -> Cell:
    """A number at the right on one line; words («без акциза») in the middle, wrapped."""
    shown = text or empty
    if any(mark.isalpha() for mark in shown):
        return Cell(text=shown, align="center", bold=bold, span=span)
    return Cell(text=shown, align="right" if text else "center", fit=True, bold=bold, span=span)


def head(text: str, *, span: int = 1, down: int = 1) -> Cell:
    """A cell of a table's head."""
    return Cell(text=text, align="center", span=span, down=down)


def empty(*, span: int = 1, border: bool = True) -> Cell:
    """A cell without anything."""
    return Cell(span=span, border=border)


def fitted(
    widths: Sequence[float], rows: Iterable[tuple[Cell, ...]], *, size: float = 6.5
) -> tuple[tuple[Cell, ...], ...]:
    """Rows in which each cell fits its columns: numbers made smaller, long words divided (`size` in points)."""
    hanging = [0] * len(widths)
    return tuple(tuple(_roomy(widths, row, size, hanging)) for row in rows)


def _roomy(widths: Sequence[float], row: tuple[Cell, ...], size: float, hanging: list[int]) -> Iterable[Cell]:
    """The cells of one row; `hanging` says for each column how many rows it is still taken from above."""
    place = 0
    for cell in row:
        while place < len(widths) and hanging[place]:
            place += 1
        room = sum(widths[place : place + cell.span])
        for column in range(place, min(place + cell.span, len(widths))):
            hanging[column] = cell.down
        place += cell.span
        yield _sized(cell, room, size)
    for column, rows in enumerate(hanging):
        hanging[column] = max(rows - 1, 0)


def _sized(cell: Cell, room: float, size: float) -> Cell:
    free = room - _INSETS
    if cell.fit:
        wide = _width(cell.text) * size
        return dataclasses.replace(cell, shrink=round(free / wide, 3)) if wide > free else cell
    longest = max((_width(word) for word in cell.text.split()), default=0.0) * size
    if longest <= free:
        return cell
    return dataclasses.replace(cell, text=divided(cell.text, free / size), hyphenate=True)


def _width(word: str) -> float:
    """About how wide a word is, in millimetres for each point of size: capitals are wider."""
    return sum(_CAPITAL if letter.isupper() else _POINT if letter in _NARROW else _LETTER for letter in word)


def divided(text: str, room: float) -> str:
    """The text with places to break inside long things that are no words: codes, numbers, names of files.

    `room` is the width of a line in millimetres for each point of size.
    """
    return _CODE.sub(lambda found: _broken(found.group(), room), text)


def _broken(thing: str, room: float) -> str:
    if _width(thing) <= room or thing.isalpha():
        return thing
    every = max(int(room / _width(thing) * len(thing)) - 1, 4)
    return _BREAK.join(thing[place : place + every] for place in range(0, len(thing), every))
