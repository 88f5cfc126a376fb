"""How long papers are kept: one table, kind by kind, with the law it comes from. `docs/archive/retention.md` is made of it.

A term is a lower bound that is only ever extended. Articles that no text of the law was at hand for are marked as
unconfirmed (`confirmed=False`): they stand in the generated document with that mark.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

MOSCOW = ZoneInfo("Europe/Moscow")
FOR_EVER_YEARS = 50
"""A lock that «постоянно» gets at first: a lock of the store is for ever, a wrong one too, so it is moved on in time."""
UNCONFIRMED = " (номер не сверен с текстом)"
LONGEST_AHEAD = 60
"""No term may end more than so many years from today: a mistyped century would lock the store for good."""


class From(StrEnum):
    """The day whose year is over when the term begins to run."""

    DOCUMENT = "document"
    LAST_USE = "last_use"
    END = "end"


FROM_WORDS: Mapping[From, str] = {
    From.DOCUMENT: "с 1 января года после даты документа",
    From.LAST_USE: "с 1 января года после последнего использования в учёте",
    From.END: "с 1 января года после окончания договора или обязательств",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a term stands: the act, the article, and whether its text was checked."""

    act: str
    article: str
    confirmed: bool = True

    @property
    def words(self) -> str:
        """«НК РФ, ст. 23 п. 1 пп. 8», with a mark where the number is to be confirmed."""
        return f"{self.act}, {self.article}{'' if self.confirmed else UNCONFIRMED}"


@dataclass(frozen=True, kw_only=True)
class Term:
    """One line of the table. `years` is None for «постоянно»; `ceiling` says what limits the keeping from above."""

    kind: str
    name: str
    years: int | None
    counted: From
    sources: tuple[Source, ...]
    ceiling: str = ""

    @property
    def law(self) -> str:
        """The sources in one line, for acts and cards; a number that nobody checked against the text is named as such."""
        return "; ".join(one.words for one in self.sources)

    @property
    def words(self) -> str:
        """«5 лет с 1 января года после даты документа»."""
        if self.years is None:
            return "постоянно"
        return f"{self.years} {'год' if self.years == 1 else 'года' if self.years < 5 else 'лет'} {FROM_WORDS[self.counted]}"


_TAX = Source(act="НК РФ", article="ст. 23 п. 1 пп. 8")
_AGENT = Source(act="НК РФ", article="ст. 24 п. 3 пп. 5", confirmed=False)
_BOOKS = Source(act="402-ФЗ", article="ст. 29")
_CONTRIBUTIONS = Source(act="НК РФ", article="ст. 23 п. 3.4 пп. 6")
_LOSS = Source(act="НК РФ", article="ст. 283 п. 4", confirmed=False)
_PERSONAL = (
    "152-ФЗ ст. 5 ч. 7, ст. 21 ч. 4: дольше срока, который требует закон, персональные данные не хранятся; "
    "уничтожаются в 30 дней после того, как цель достигнута"
)


def _order(article: str) -> Source:
    """An item of the order of Росархив; its numbers come from general knowledge, the order itself is confirmed."""
    return Source(act="Росархив, приказ 20.12.2019 № 236", article=article, confirmed=False)


_TABLE: Sequence[Term] = (
    Term(kind="upd", name="УПД", years=5, counted=From.LAST_USE, sources=(_TAX, _BOOKS, _order("ст. 277, 317"))),
    Term(kind="invoice", name="Счёт-фактура", years=5, counted=From.LAST_USE, sources=(_TAX, _order("ст. 317"))),
    Term(kind="ukd", name="УКД", years=5, counted=From.LAST_USE, sources=(_TAX, _BOOKS, _order("ст. 277, 317"))),
    Term(
        kind="correction", name="Корректировочный счёт-фактура", years=5, counted=From.LAST_USE,
        sources=(_TAX, _BOOKS, _order("ст. 277, 317")),
    ),
    Term(
        kind="primary", name="Первичный документ: акт, накладная, КС-2", years=5, counted=From.LAST_USE,
        sources=(_TAX, _BOOKS, _order("ст. 277")),
    ),
    Term(kind="agent", name="Документ налогового агента", years=5, counted=From.LAST_USE, sources=(_TAX, _AGENT)),
    Term(
        kind="contributions", name="Документ о страховых взносах", years=6, counted=From.DOCUMENT,
        sources=(_CONTRIBUTIONS,),
    ),
    Term(
        kind="loss", name="Документ об убытке, который переносится", years=5, counted=From.LAST_USE,
        sources=(_LOSS, _TAX),
    ),
    Term(kind="contract", name="Договор", years=5, counted=From.END, sources=(_TAX, _order("ст. 11"))),
    Term(
        kind="leasing", name="Договор лизинга и документы к нему", years=5, counted=From.END,
        sources=(_TAX, _order("ст. 94")),
    ),
    Term(
        kind="property", name="Договор об имуществе: отчуждение, залог недвижимости", years=10, counted=From.END,
        sources=(_order("ст. 77, 90"),),
    ),
    Term(
        kind="reconciliation", name="Акт сверки", years=5, counted=From.LAST_USE,
        sources=(_BOOKS, _order("ст. 266")),
    ),
    Term(
        kind="power_of_attorney", name="Машиночитаемая доверенность", years=5, counted=From.END,
        sources=(_BOOKS, _order("ст. 36")), ceiling=_PERSONAL,
    ),
    Term(
        kind="personal_data_consent", name="Согласие на обработку персональных данных", years=3, counted=From.END,
        sources=(_order("ст. 441"),), ceiling=_PERSONAL,
    ),
    Term(kind="journal", name="Журнал событий", years=5, counted=From.DOCUMENT, sources=(_BOOKS,)),
    Term(
        kind="disposal_act", name="Акт о выделении к уничтожению", years=None, counted=From.DOCUMENT,
        sources=(_order("ст. 170"),),
    ),
)  # fmt: skip

TERMS: Mapping[str, Term] = {one.kind: one for one in _TABLE}
"""Kind of retention → its term. The kinds of documents (`documents.rules.Kind`) are among them under the same names."""

CHOICES: Sequence[str] = tuple(one.kind for one in _TABLE if one.kind not in {"journal", "disposal_act"})
"""Kinds that a person may give to a set."""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What a term is counted from: the document's own date, and the day a person says it ended or was used last."""

    dated: date
    ended: date | None = None


def first_moment_after(kind: str, counted: Counted, *, today: date) -> datetime:
    """The first moment at which nothing in the table keeps the paper any more: Moscow midnight of 1 January, as UTC.

    The date in a file is its author's word: the term never starts before the year in which the set is kept (`today`,
    the date in Moscow), since it must not be over already, nor more than a year after it, since a lock is for ever. The
    day that a person of ours named moves the beginning forward only, and within `LONGEST_AHEAD` years. KeyError for a
    kind without a term: it is never guessed.
    """
    term = TERMS[kind]
    start = min(max(counted.dated.year, today.year), today.year + 1)
    if counted.ended is not None and term.counted is not From.DOCUMENT:
        start = max(start, counted.ended.year)
    years = FOR_EVER_YEARS if term.years is None else term.years
    year = min(start + 1 + years, today.year + LONGEST_AHEAD)
    return datetime(year, 1, 1, tzinfo=MOSCOW).astimezone(UTC)


def extended(old: datetime, kind: str, counted: Counted, *, today: date) -> datetime:
    """The later of the old end and the computed one: a term is never shortened."""
    return max(old, first_moment_after(kind, counted, today=today))


def describe() -> str:
    """Write `docs/archive/retention.md`."""
    lines = [
        "# Retention by kind of document\n",
        "Generated from `edo_service/archiving/retention.py`; do not edit. A term is a lower bound: it is extended (a contract",
        "ends later, a paper is used again) and never shortened. Terms run in whole calendar years of Moscow.\n",
        "| kind | document | term | law and article | limit from above |",
        "|---|---|---|---|---|",
    ]
    for one in _TABLE:
        law = "<br>".join(
            f"{source.act}, {source.article}{'' if source.confirmed else ' (number not confirmed)'}"
            for source in one.sources
        )
        lines.append(f"| `{one.kind}` | {one.name} | {one.words} | {law} | {one.ceiling or '—'} |")
    lines += [
        "",
        "Sources: the texts of НК РФ ст. 23 п. 1 пп. 8 (five years, counted from 1 January after the year of last use),",
        "п. 3.4 пп. 6 (six years) and 402-ФЗ ст. 29 as told by the articles read on 2026-11-22; the order of Росархив № 236 of",
        "20.12.2019 is confirmed, the numbers of its items are general knowledge and must be checked before anybody relies on",
        f"them. «Постоянно» is locked for {FOR_EVER_YEARS} years at first and moved on in time. A legal hold beats every term.",
        "After the term nothing is deleted by itself: an act is proposed and two persons approve it (`docs/workflows.md`).",
    ]
    return "\n".join(lines) + "\n"
