"""The buyer's title of an УКД that an operator writes for us: what it leaves out or says otherwise is not signed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.formats.ukd_titles import UkdReply, UkdTitle, misfits_of_reply, misfits_of_written, read_ukd_title
from tests.fixtures.ukd import ukd_736

AT = datetime(2026, 10, 1, 9, tzinfo=UTC)
SAID = "С изменением стоимости согласен"
GUID = UUID("0192f0c1-0000-7000-8000-000000000001")


def title() -> UkdTitle:
    return read_ukd_title(ukd_736(LESSOR, CLIENT_ONE, of=[("Л-1", date(2026, 10, 1))], at=AT).content)


def reply(seller: UkdTitle) -> UkdReply:
    """The answer that says all that it may say."""
    sides = f"{LESSOR.participant_id}_{CLIENT_ONE.participant_id}"
    return UkdReply(
        file_id=f"ON_NKORSCHFDOPPOK_{sides}_20261001_{GUID}",
        about_file=seller.file_id,
        about_formed_at=seller.formed_at,
        function=seller.function,
        number=seller.number,
        date=seller.date,
        operation=SAID,
        checked=False,
    )


def test_a_whole_answer_in_our_words_is_signed() -> None:
    seller = title()
    assert misfits_of_reply(seller, reply(seller)) == misfits_of_written(seller, reply(seller), operation=SAID) == ()


LEFT_OUT: dict[str, Callable[[UkdReply], UkdReply]] = {
    "время": lambda one: replace(one, about_formed_at=None),
    "функция": lambda one: replace(one, function=None),
    "номер": lambda one: replace(one, number=None),
    "дата": lambda one: replace(one, date=None),
    "имя файла": lambda one: replace(one, file_id="reply"),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_what_a_foreign_file_may_leave_out_ours_may_not(what: str) -> None:
    seller = title()
    found = LEFT_OUT[what](reply(seller))
    assert misfits_of_reply(seller, found) == (), "a foreign file is taken"
    (misfit,) = misfits_of_written(seller, found, operation=SAID)
    assert what in misfit


def test_other_words_are_not_ours() -> None:
    seller = title()
    found = replace(reply(seller), operation="Согласен доплатить")
    assert misfits_of_reply(seller, found) == ()
    assert misfits_of_written(seller, found, operation=SAID) == (
        f"в нём сказано «Согласен доплатить», а просили «{SAID}»",
    )
