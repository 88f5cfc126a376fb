"""УКД read for the exchange: 189@ by its schema, 736@ by the names it must have, what is missing is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from edo_service import formats
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.formats.ukd_titles import check_ukd_title, read_ukd_reply, read_ukd_title
from tests.fixtures.ukd import ukd_189, ukd_736

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OF = (("Л-1", date(2026, 10, 1)), ("Л-2", date(2026, 10, 2)))


def test_both_orders_say_the_same_and_only_one_is_checked() -> None:
    old = read_ukd_title(ukd_189(LESSOR, CLIENT_ONE, of=OF, at=AT).content)
    new = read_ukd_title(ukd_736(LESSOR, CLIENT_ONE, of=OF, at=AT).content)
    assert (old.checked, new.checked, old.is_of_736, new.is_of_736) == (True, False, False, True)
    for title in (old, new):
        assert [(one.number, one.date, one.revision) for one in title.corrected] == [(*one, 0) for one in OF]
        assert (title.seller.inn, title.buyer.kpp) == (LESSOR.inn, CLIENT_ONE.kpp)
        assert (title.sender_id, title.recipient_id) == (LESSOR.participant_id, CLIENT_ONE.participant_id)
        assert title.increase is None
        assert title.decrease is not None
        assert (title.decrease.net, title.decrease.tax, title.decrease.gross) == (
            Decimal("100.00"), Decimal("20.00"), Decimal("120.00"),
        )  # fmt: skip
        assert title.formed_at == AT
        assert len(title.lines) == 1


@pytest.mark.parametrize(
    ("gone", "put", "named"),
    [
        ('НомерСчФ="Л-1"', "", "@НомерСчФ"),
        ('НомерКСчФ="К-1"', "", "@НомерКСчФ"),
        ('ДатаСчФ="01.10.2026"', 'ДатаСчФ="31.02.2026"', "@ДатаСчФ"),
        ('Функция="КСЧФДИС"', "", "@Функция"),
        ("СвЮЛУч", "СвИнНеУч", "ИдСв"),
    ],
)
def test_a_file_without_schema_must_have_what_an_exchange_needs(gone: str, put: str, named: str) -> None:
    text = ukd_736(LESSOR, CLIENT_ONE, of=OF, at=AT).content.decode("windows-1251")
    assert gone in text
    result, title = check_ukd_title(text.replace(gone, put).encode("windows-1251"))
    assert title is None
    (violation,) = result.violations
    assert violation.element == named


def test_a_second_head_is_refused() -> None:
    text = ukd_736(LESSOR, CLIENT_ONE, of=OF, at=AT).content.decode("windows-1251")
    head = text[text.index("<СвКСчФ") : text.index("</СвКСчФ>") + len("</СвКСчФ>")]
    with pytest.raises(formats.FormatError, match="СвКСчФ стоит 2 раза"):
        read_ukd_title(text.replace(head, head + head).encode("windows-1251"))


def test_other_files_are_no_titles_of_a_correction() -> None:
    written = ukd_736(LESSOR, CLIENT_ONE, of=OF, at=AT)
    with pytest.raises(formats.FormatError, match="Нужен титул покупателя УКД"):
        read_ukd_reply(written.content)
    with pytest.raises(formats.FormatError, match="Нужен титул продавца УКД"):
        read_ukd_title(b"<a/>")
