from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from edo_service.documents import rules
from edo_service.kernel.money import Money
from edo_service.web import filters
from edo_service.web.statuses import VOCABULARY, Rank, Status, Tone, main_status, status, statuses
from edo_service.web.theme import Theme

NB = "\u00a0"
NIGHT = datetime(2026, 11, 17, 21, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1234567.21"), f"1{NB}234{NB}567,21{NB}₽"),
        (Money(123456721), f"1{NB}234{NB}567,21{NB}₽"),
        (Decimal("0.005"), f"0,01{NB}₽"),
        (Decimal(-5), f"−5,00{NB}₽"),
        (None, "—"),
    ],
)
def test_money(value: Decimal | Money | None, text: str) -> None:
    assert filters.money(value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 документ"), (2, "2 документа"), (5, "5 документов"), (11, "11 документов"), (21, "21 документ"),
     (112, "112 документов"), (1234, "1 234 документа"), (0, "0 документов")],
)  # fmt: skip
def test_plural(number: int, text: str) -> None:
    assert filters.plural(number, "документ", "документа", "документов").replace(NB, " ") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("УПД № 0417-Л от 17.11.2026", f"УПД №{NB}0417-Л от 17.11.2026"),
        ("ООО «Вектор», ИНН 5000000031, КПП 500001001", f"ООО «Вектор», ИНН{NB}5000000031, КПП{NB}500001001"),
        ("НДС 22% и 20 %", f"НДС 22{NB}% и 20{NB}%"),
        ("без ИНН", "без ИНН"),
    ],
)
def test_a_sign_stays_with_its_number(text: str, shown: str) -> None:
    assert filters.bound(text) == shown


def test_moments_are_shown_on_a_moscow_clock() -> None:
    assert filters.moment(NIGHT) == f"18.11.2026 в{NB}00:02{NB}МСК"
    assert filters.day(NIGHT) == "18.11.2026"
    assert filters.short_moment(NIGHT) == "18.11, 00:02"
    assert filters.clock(NIGHT) == f"00:02{NB}МСК"
    assert filters.iso(NIGHT) == "2026-11-18T00:02:00+03:00"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        filters.moment(datetime(2026, 11, 17))  # noqa: DTZ001 (that is the case)


def test_days() -> None:
    assert filters.day(date(2026, 11, 5)) == "05.11.2026"
    assert filters.long_day(date(2026, 11, 20)) == f"Пятница, 20{NB}ноября 2026"
    assert filters.month(date(2026, 11, 1)) == "ноябрь 2026"


def test_sizes_counts_and_hashes() -> None:
    assert [filters.size(n) for n in (512, 41_984, 2_202_010)] == [f"512{NB}Б", f"41{NB}КБ", f"2,1{NB}МБ"]
    assert [filters.count(n) for n in (12, 999, 1000)] == ["12", "999", "999+"]
    assert filters.short_hash("7a1c90f4" + "0" * 48 + "0d4455e2") == "7a1c90f4…0d4455e2"
    assert filters.spaced_hash("7a1c90f43be2118d") == "7a1c90f4 3be2118d"
    assert filters.quantity(Decimal("2.500")) == "2,5"


def test_every_state_of_a_document_has_a_word() -> None:
    for workflow in (rules.DELIVERY, rules.RECEIPT, rules.RESPONSE, rules.ARCHIVE):
        states = {
            *workflow.initial,
            *(t.target for t in workflow.transitions),
            *(t.state for t in workflow.transitions),
        }
        missing = states - set(VOCABULARY[workflow.name]) - {"not_needed", "not_yet"}
        assert not missing, f"{workflow.name}: {missing}"


def test_the_grammar_of_the_words() -> None:
    for life, states in VOCABULARY.items():
        for name, one in states.items():
            if one.word.startswith("Требуется "):
                assert one.tone is Tone.TODO, (life, name)
            if one.word.startswith("Ожидается "):
                assert one.tone is Tone.WAIT, (life, name)
            assert one.word[0].isupper()
            assert not set(one.word) & set("!…")
    assert VOCABULARY["verdict"]["INDETERMINATE"].tone is not Tone.DONE


def test_an_unknown_state_is_never_guessed() -> None:
    shown = status("delivery", "ReceiptWaiting")
    assert shown == Status(word="Состояние неизвестно", tone=Tone.IDLE, rank=Rank.IDLE, raw="ReceiptWaiting")
    with pytest.raises(KeyError):
        status("no such life", "x")


@pytest.mark.parametrize(
    ("lives", "word"),
    [
        ({"delivery": "draft", "response": "expected", "receipt": "expected", "archive": "not_yet"}, "Черновик"),
        ({"delivery": "sending", "response": "expected", "receipt": "expected", "archive": "not_yet"}, "Отправляется"),
        ({"delivery": "delivered", "response": "expected", "receipt": "received", "archive": "not_yet"},
         "Ожидается подпись контрагента"),
        ({"delivery": "received", "response": "required", "receipt": "confirmed", "archive": "not_yet"}, "Требуется подпись"),
        ({"delivery": "received", "response": "signed_confirmed", "receipt": "confirmed", "archive": "handing_over"},
         "Передаётся в архив"),
        ({"delivery": "received", "response": "not_needed", "receipt": "required", "archive": "not_yet"},
         "Требуется извещение"),
        ({"delivery": "delivered", "response": "counter_signed", "receipt": "received", "archive": "kept"},
         "Подписан контрагентом"),
        ({"delivery": "delivered", "response": "counter_refused", "receipt": "received", "archive": "kept"},
         "Контрагент отказал"),
        ({"delivery": "delivered", "response": "counter_signed", "receipt": "received", "archive": "failed"}, "Не в архиве"),
        ({"delivery": "failed", "response": "expected", "receipt": "expected", "archive": "not_yet"}, "Не доставлен"),
        ({"delivery": "delivered", "response": "not_needed", "receipt": "not_needed", "archive": "kept"}, "В архиве"),
    ],
)  # fmt: skip
def test_one_chip_leads(lives: dict[str, str], word: str) -> None:
    assert main_status(lives).word == word


def test_silent_states_say_nothing() -> None:
    lives = {"delivery": "received", "response": "not_needed", "receipt": "not_needed", "archive": "not_yet"}
    assert set(statuses(lives)) == {"delivery", "response"}


def test_the_theme_goes_through_its_cookie() -> None:
    chosen = Theme(colour="dark", contrast="more", size="xl")
    assert Theme.from_cookies({"__Host-edo-look": chosen.cookie()}) == chosen
    assert chosen.attributes == {"data-theme": "dark", "data-contrast": "more", "data-size": "xl"}


@pytest.mark.parametrize("cookie", ["", "x", "dark", "dark.more", 'dark.more.xl"><script>', "a.b.c.d"])
def test_a_damaged_cookie_of_the_theme_is_harmless(cookie: str) -> None:
    theme = Theme.from_cookies({"__Host-edo-look": cookie})
    assert set(theme.attributes.values()) <= {"light", "dark", "normal", "more", "l", "xl"}
