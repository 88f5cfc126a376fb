"""Акт сверки взаимных расчётов: the file of order ЕД-7-26/405@. The paper form is custom; columns are numbered here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from edo_service.formats.printing.blocks import (
    Beside,
    Block,
    Cell,
    Form,
    Heading,
    Row,
    Rows,
    Space,
    Table,
    Text,
    Together,
    code,
    figure,
    fitted,
    head,
    words,
)
from edo_service.formats.printing.pieces import first_signer, made_on, signed_by, stamps_of, sum_of
from edo_service.formats.showing import Side, side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edo_service.formats.printing import Stamp

WIDTHS: Final = (8.0, 16.0, 34.0, 18.0, 18.0, 8.0, 16.0, 34.0, 18.0, 18.0)
MARKS: Final = tuple(str(mark) for mark in range(1, 11))
_TOTALS: Final = 2
_NOBODY: Final = Side(name=None, inn=None, kpp=None, address=None)


def layout(root: etree._Element, answer: etree._Element | None, stamps: Sequence[Stamp]) -> Form:
    """The sender's title; the receiver's half of the table from the other one."""
    document = root.find("Документ")
    facts = document.find("СвДокКрАкт") if document is not None else None
    if document is None or facts is None:
        raise ValueError("no СвДокКрАкт")
    sender, receiver = side(facts.find("СвОтпр")) or _NOBODY, side(facts.find("СвПол")) or _NOBODY
    period = f"за период с {document.get('ДатаНачПер', '—')} по {document.get('ДатаОкПер', '—')}"
    balance = _balance(document.find("ТаблАкт"), sender, receiver)
    blocks = (
        Heading(text=f"Акт сверки взаимных расчётов № {document.get('НомерАкт') or '—'}", size=13, align="center"),
        Text(text=period, align="center", bold=True),
        Text(text=f"между {_called(sender)} и {_called(receiver)}", align="center"),
        Rows(
            label=52,
            mark=0,
            rows=(
                Row(label="Дата составления", value=document.get("ДатаИнфОтпр", "—")),
                Row(label="Код валюты", value=facts.get("КодОКВ", "—")),
            ),
        ),
        Space(height=2),
        _table(document, answer, sender, receiver),
        Space(height=2),
        *((Text(text=balance, bold=True),) if balance else ()),
        Together(blocks=(_hands(document, answer, sender, receiver, signed=bool(stamps)),)),
        *stamps_of(stamps),
    )
    return Form(
        title=f"Акт сверки № {document.get('НомерАкт') or '—'}",
        blocks=blocks,
        file_id=root.get("ИдФайл", ""),
        size=7.8,
        margins=(12.0, 11.0, 15.0, 11.0),
        day=made_on(document, "@ДатаИнфОтпр"),
    )


def _called(party: Side) -> str:
    return f"{party.name or '—'}{f' (ИНН/КПП {party.inn_kpp})' if party.inn_kpp else ''}"


def _head(sender: Side, receiver: Side) -> tuple[tuple[Cell, ...], ...]:
    columns = (head("№"), head("Дата"), head("Документ, операция"), head("Дебет"), head("Кредит"))
    return (
        (
            head(f"По данным {sender.name or 'отправителя'}", span=5),
            head(f"По данным {receiver.name or 'получателя'}", span=5),
        ),
        columns * 2,
    )


def _table(document: etree._Element, body: etree._Element | None, sender: Side, receiver: Side) -> Table:
    own = list(_half(document.find("ТаблАкт")))
    other = list(_half(body.find("ТаблАкт") if body is not None else None))
    rows = [left + right for left, right in zip(_padded(own, len(other)), _padded(other, len(own)), strict=True)]
    return Table(
        widths=WIDTHS,
        head=_head(sender, receiver),
        marks=MARKS,
        rows=fitted(WIDTHS, rows, size=6.9),
        size=6.9,
        head_size=6.4,
    )


def _padded(half: list[tuple[Cell, ...]], least: int) -> list[tuple[Cell, ...]]:
    """As many rows as the other side has, so that turnover and balance stand next to each other."""
    blank = (Cell(),) * 5
    return half[:-_TOTALS] + [blank] * (least - len(half)) + half[-_TOTALS:] if half else [blank] * least


def _half(table: etree._Element | None) -> Iterator[tuple[Cell, ...]]:
    """One side's lines: opening balance, contracts with their operations, turnover, closing balance."""
    if table is None:
        return
    yield _sum_row("Сальдо начальное", table, "СальдоНач")
    for contract in table.findall("ДогСв"):
        called = contract.get("ОписТипДог") or "Договор"
        number_, day = contract.get("НомДог"), contract.get("ДатаДог")
        name = " ".join(
            part for part in (called, f"№ {number_}" if number_ else None, f"от {day}" if day else None) if part
        )
        yield (Cell(text=name, span=5, bold=True),)
        for paper in contract.findall("ДокСв"):
            for operation in paper.findall("СвОпер"):
                yield _row(operation, paper)
    yield _sum_row("Обороты за период", table, "Оборот")
    yield _sum_row("Сальдо конечное", table, "СальдоКон")


def _row(operation: etree._Element, paper: etree._Element) -> tuple[Cell, ...]:
    named = f"{paper.get('НаимДок', '')} № {paper.get('НомДок', '—')} от {paper.get('ДатаДок', '—')}"
    return (
        code(operation.get("НомСтр")),
        code(operation.get("ДатаОпер")),
        words(named, operation.get("НаимОпер", "")),
        figure(sum_of(operation.get("СумДебет")), empty=""),
        figure(sum_of(operation.get("СумКредит")), empty=""),
    )


def _sum_row(label: str, table: etree._Element, name: str) -> tuple[Cell, ...]:
    return (
        Cell(text=label, span=3, bold=True),
        figure(sum_of(table.get(f"{name}Деб")), bold=True, empty=""),
        figure(sum_of(table.get(f"{name}Кр")), bold=True, empty=""),
    )


def _balance(table: etree._Element | None, sender: Side, receiver: Side) -> str | None:
    """«По данным … на конец периода задолженность в пользу …», from the sender's closing balance."""
    if table is None:
        return None
    debit, credit = sum_of(table.get("СальдоКонДеб")), sum_of(table.get("СальдоКонКр"))
    by = f"По данным {sender.name or 'отправителя'} на конец периода"
    if debit and debit != "0,00":
        return f"{by} задолженность в пользу {sender.name or 'отправителя'}: {debit}"
    if credit and credit != "0,00":
        return f"{by} задолженность в пользу {receiver.name or 'получателя'}: {credit}"
    return f"{by} задолженности нет"


def _hands(
    document: etree._Element, body: etree._Element | None, sender: Side, receiver: Side, *, signed: bool
) -> Block:
    return Beside(
        widths=(0, 0),
        gap=8,
        rule=True,
        parts=(
            (
                Text(text=f"От {sender.name or 'отправителя'}", bold=True),
                signed_by("", *first_signer(document), signed=signed, room=0),
            ),
            (
                Text(text=f"От {receiver.name or 'получателя'}", bold=True),
                signed_by("", *first_signer(body), signed=signed, room=0),
            ),
        ),
    )
