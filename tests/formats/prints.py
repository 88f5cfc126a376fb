"""Every paper printed once for all tests, and its text as a reader finds it."""

import datetime as dt
import re
from functools import cache
from pathlib import Path

import pypdfium2

from edo_service.formats import Stamp, print_form
from tests.formats.paper_parts import ONE, TWO
from tests.formats.papers import PAPERS

POWER = "0b7f0a52-6f0e-4a3c-9f6a-1c2d3e4f5a20"
STAMPS = (
    Stamp(
        side_ru="Отправитель",
        organization=ONE,
        person="Орлов Игорь Павлович",
        position="генеральный директор",
        certificate="02 4C 91 A7 00 5B 11 C4 8F",
        valid_from=dt.datetime(2026, 2, 2, tzinfo=dt.UTC),
        valid_until=dt.datetime(2027, 5, 2, tzinfo=dt.UTC),
        signed_at=dt.datetime(2026, 11, 17, 7, 20, tzinfo=dt.UTC),
        power_of_attorney=POWER,
        verdict_ru="подпись верна",
    ),
    Stamp(
        side_ru="Получатель",
        organization=TWO,
        person="Белова Анна Сергеевна",
        position="главный бухгалтер",
        certificate="03 77 1E 0A 55",
        valid_from=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
        valid_until=dt.datetime(2027, 6, 1, tzinfo=dt.UTC),
        signed_at=dt.datetime(2026, 11, 18, 8, 20, tzinfo=dt.UTC),
        verdict_ru="подпись верна",
    ),
)
LONG = 120
WITH_LINES = (
    "upd", "upd_155", "invoice", "ukd", "correction_invoice", "goods_note", "goods_note_172", "work_act", "work_act_172",
    "construction_act", "reconciliation", "discrepancy_act", "payment_invoice", "inventory",
)  # fmt: skip


def forms(path: Path) -> dict[str, list[str]]:
    """The sections of a list of forms: ## and the name, then its lines."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            found[line.removeprefix("## ")] = []
        elif line and not line.startswith("#"):
            found[list(found)[-1]].append(line)
    return found


@cache
def printed(name: str, lines: int = 0) -> bytes:
    """The form of a paper with both titles and both signatures; `lines` other than its usual ones."""
    paper = PAPERS[name]
    answer = paper.answer() if paper.answer is not None else None
    return print_form(paper.file(lines or paper.lines), stamps=STAMPS if paper.answer else STAMPS[:1], buyer_xml=answer)


@cache
def pages(name: str, lines: int = 0) -> tuple[str, ...]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(printed(name, lines))
    found = []
    for page in document:
        words = page.get_textpage()
        found.append(words.get_text_range())
        words.close()
        page.close()
    document.close()
    return tuple(found)


@cache
def places(name: str) -> tuple[str, tuple[float, ...]]:
    """The squeezed text of all pages and how far from the left each of its characters stands."""
    document = pypdfium2.PdfDocument(printed(name))
    letters, lefts = [], []
    for page in document:
        words = page.get_textpage()
        for place in range(words.count_chars()):
            letter = words.get_text_range(place, 1, errors="ignore")
            if squeezed(letter):
                letters.append(letter)
                lefts.append(words.get_charbox(place)[0])
        words.close()
        page.close()
    document.close()
    return "".join(letters), tuple(lefts)


def squeezed(text: str) -> str:
    """Without spaces, and without the hyphens and marks that divide words at the end of a line."""
    return re.sub(r"[\s\u00a0\u202f\u00ad\u200b\ufffe-]", "", text)
