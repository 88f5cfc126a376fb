"""The visible mark of a PAdES signature: what it says in Cyrillic, where it stands, what it refuses to draw."""

from __future__ import annotations

import subprocess
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from signing import BadInput, PdfPlace, PdfStamp
from tests.signing.conftest import World, failing
from tests.signing.maker import NOW, Holder
from tests.signing.pades_stage import MONO, MOSCOW, SANS, judge, words, write


def person(world: World) -> Holder:
    subject = [("surname", "Иванова"), ("given_name", "Анна Петровна"), ("title", "Главный бухгалтер")]
    subject += [("organization", "ООО «Северный экспресс»"), ("common_name", "ООО «Северный экспресс»")]
    return world.issuing.issue("", subject=subject)


@pytest.mark.parametrize("font", [SANS, MONO])
def test_the_mark_says_who_signed_by_which_certificate_and_when(world: World, font: bytes, tmp_path: Path) -> None:
    """ГОСТ Р 7.0.97-2016, 5.23: the words, the certificate, its owner, its validity."""
    who = person(world)
    place = PdfPlace(reason="Договор № 1", stamp=PdfStamp(font=font, lines=("Идентификатор: 7-А",)))
    pdf = write(world, place=place, who=who, at=NOW.astimezone(MOSCOW))
    seen = words(pdf, tmp_path)
    for said in (
        "Pay 100 roubles",
        "ДОКУМЕНТ ПОДПИСАН ЭЛЕКТРОННОЙ ПОДПИСЬЮ",
        f"Сертификат: {who.certificate.serial:X}",
        "Владелец: Иванова Анна Петровна",
        "Главный бухгалтер",
        "ООО «Северный экспресс»",
        "Действителен: с 20.11.2025 по 20.11.2027",
        "Подписано: 20.11.2026 15:00:00 МСК",
        "Идентификатор: 7-А",
    ):
        assert said in seen
    fonts = subprocess.run(
        ["pdffonts", "seen.pdf"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    )
    (row,) = (line.split() for line in fonts.stdout.splitlines() if "IBMPlex" in line)
    assert row[1:3] == ["CID", "TrueType"]
    assert row[4:7] == ["yes", "yes", "yes"]  # embedded, cut down, with Unicode
    assert judge(world, pdf).indication == "TOTAL-PASSED"


def test_two_marks_stand_on_one_page(world: World, tmp_path: Path) -> None:
    second = world.issuing.issue("Пётр Петров", spec="rsa:2048")
    first = write(world, place=PdfPlace(stamp=PdfStamp(font=SANS, page=0, box=(20, 20, 280, 110))))
    both = write(world, first, who=second, place=PdfPlace(stamp=PdfStamp(font=SANS, page=0, box=(300, 20, 560, 110))))
    report = judge(world, both)
    assert report.indication == "TOTAL-PASSED", failing(report)
    seen = words(both, tmp_path)
    assert "Иванов Иван" in seen
    assert "Пётр Петров" in seen


@pytest.mark.parametrize(
    ("stamp", "match"),
    [
        (PdfStamp(font=SANS, box=(0, 0, 30, 10)), "too small"),
        (PdfStamp(font=b"no font"), "font"),
        (PdfStamp(font=SANS, lines=("漢字",)), "lacks the characters"),
        (PdfStamp(font=SANS, page=7), "PDF"),
    ],
)
def test_a_mark_that_cannot_be_drawn_is_refused(world: World, stamp: PdfStamp, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        write(world, place=PdfPlace(stamp=stamp))


def test_other_zones_are_named(world: World, tmp_path: Path) -> None:
    for hours, shown in ((0, "UTC"), (7, "UTC+7"), (-3.5, "UTC-3:30")):
        at = NOW.astimezone(timezone(timedelta(hours=hours)))
        pdf = write(world, place=PdfPlace(stamp=PdfStamp(font=SANS)), at=at)
        assert f"Подписано: {at:%d.%m.%Y %H:%M:%S} {shown}" in words(pdf, tmp_path)
