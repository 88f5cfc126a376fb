"""The verdict panel: the four conditions of 63-ФЗ with outcome and reason, apart from the indication, said to be technical."""

from __future__ import annotations

import pytest
from lxml import html

from edo_service.documents.pages.presenting import _on_our_clock, _position
from edo_service.web.components import sample
from edo_service.web.environment import make_environment
from edo_service.web.static_files import StaticFiles
from edo_service.web.views import Condition, Verdict

TECHNICAL = "Проверка техническая: выполнена несертифицированными средствами."
ITEMS = './/ul[@class="checks small"]/li'


def drawn(value: Verdict, call: str = "verdict(value)") -> html.HtmlElement:
    environment = make_environment(StaticFiles())
    template = environment.from_string(
        '{% from "macros/verdict.html" import conditions, verdict %}<main>{{ ' + call + " }}</main>"
    )
    return html.fromstring(template.render(value=value))


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("value", sample().verdicts, ids=lambda one: one.indication)
def test_each_condition_has_its_text_outcome_and_reason(value: Verdict) -> None:
    page = drawn(value)
    headline = words(page.xpath(".//p/b")[0])
    assert "63-ФЗ" not in headline
    items = page.xpath(ITEMS)
    said = {"passed": "Выполнено.", "failed": "Не выполнено.", "unknown": "Не установлено."}
    assert len(items) == len(value.conditions) == 4
    for number, (item, condition) in enumerate(zip(items, value.conditions, strict=True), start=1):
        assert words(item) == f"{number}. {condition.text} {said[condition.outcome]} {condition.reason}"
    assert TECHNICAL in words(page)
    assert "вывод о подписи не меняют" in words(page)
    met = sum(one.outcome == "passed" for one in value.conditions)
    assert f"63-ФЗ, статья 11: выполнено {met} из 4" in words(page.xpath(".//summary")[0])


def test_the_page_of_one_signature_shows_them_open_and_once() -> None:
    value = sample().verdicts[1]
    panel, section = drawn(value, "verdict(value, apart=true)"), drawn(value, "conditions(value)")
    assert not panel.xpath(".//ul")
    assert len(section.xpath(ITEMS)) == 4
    assert not section.xpath(".//details")
    assert TECHNICAL in words(section)


def test_words_from_certificates_are_escaped_and_a_missing_reason_leaves_no_gap() -> None:
    evil = Condition(text="Условие.", outcome="failed", reason="Сертификат «<script>alert(1)</script>» отозван.")
    value = Verdict(
        indication="TOTAL-FAILED",
        whose="ООО",
        signer="Иванов",
        conditions=(evil, Condition(text="Да.", outcome="passed")),
    )
    page = drawn(value)
    assert not page.xpath(".//script")
    first, second = page.xpath(ITEMS)
    assert "<script>alert(1)</script>" in words(first)
    assert words(second) == "2. Да. Выполнено."


def test_a_signature_without_conditions_has_no_panel_of_them() -> None:
    assert "63-ФЗ" not in words(drawn(Verdict(indication="pending", whose="ООО", signer="Иванов")))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "не был отозван на 20.11.2026 22:30 UTC (список отзыва).",
            "не был отозван на 21.11.2026 в 01:30 МСК (список отзыва).",
        ),
        ("указал время 20.11.2026 12:00:59 UTC.", "указал время 20.11.2026 в 15:00 МСК."),
        ("«ООО 99.99.2026 12:00 UTC» и «31.12.9999 23:59 UTC»", "«ООО 99.99.2026 12:00 UTC» и «31.12.9999 23:59 UTC»"),
        ("без времени", "без времени"),
    ],
)
def test_moments_of_a_check_are_told_by_our_clock(said: str, shown: str) -> None:
    assert _on_our_clock(said).replace("\u00a0", " ") == shown


def test_a_missing_text_is_empty() -> None:
    assert _on_our_clock(None) == ""


@pytest.mark.parametrize(("title", "shown"), [("Главный бухгалтер", "главный бухгалтер"), ("ИП", "ИП"), ("", "")])
def test_a_position_behind_a_name_begins_small(title: str, shown: str) -> None:
    assert _position(title) == shown
