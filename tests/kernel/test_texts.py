"""Every error that can be raised has words for people, in both languages, with the same places."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from edo_service import errors, texts
from edo_service.errors import EdoError, NotLoggedIn, RateLimited
from edo_service.kernel.actor import Right
from edo_service.texts.errors import PHRASES

ROOT = Path(__file__).resolve().parents[2]
KINDS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, EdoError)}


def raised() -> Iterator[tuple[str, set[str], str]]:
    """Each error made in the code: its code, the names of its parameters, where."""
    for path in sorted((ROOT / "edo_service").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS):
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                names = {one.arg for one in node.keywords if one.arg}
                yield node.args[0].value, names, f"{path.relative_to(ROOT)}:{node.lineno}"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_error_raised_has_a_phrase() -> None:
    found = list(raised())
    assert len(found) > 60
    assert [(code, where) for code, _, where in found if code not in PHRASES] == []


def test_every_place_of_a_phrase_is_given_where_it_is_raised() -> None:
    absent = [
        (code, sorted(places(PHRASES[code][0]) - given), where)
        for code, given, where in raised()
        if code in PHRASES and places(PHRASES[code][0]) - given
    ]
    assert absent == []


@pytest.mark.parametrize("code", sorted(PHRASES))
def test_both_languages_say_the_same(code: str) -> None:
    russian, english = PHRASES[code]
    assert places(russian) == places(english)
    assert any("а" <= letter.lower() <= "я" for letter in russian)
    assert english.isascii() or "…" in english


def test_a_phrase_is_filled_and_never_fails() -> None:
    assert texts.phrase("key.wrong_pin", left=3) == "ПИН не подошёл. Осталось попыток: 3."
    assert texts.phrase("key.wrong_pin", "en", left=3) == "Wrong PIN. Tries left: 3."
    assert texts.phrase("key.wrong_pin") == "ПИН не подошёл. Осталось попыток: …."
    assert texts.phrase("key.wrong_pin", "de", left=1).startswith("ПИН не подошёл")
    assert "no.such_code" in texts.phrase("no.such_code")
    assert texts.phrase("document.reason_too_long", limit="{x}") == "Причина длиннее {x} знаков."


def test_errors_tell_their_code_and_parameters() -> None:
    from datetime import timedelta

    error = RateLimited("account.too_many_tries", retry_after=timedelta(seconds=90))
    assert str(error) == "account.too_many_tries(retry_after=90)"
    assert str(NotLoggedIn("account.not_logged_in")) == "account.not_logged_in"
    assert len({right.value for right in Right}) == len(Right)
