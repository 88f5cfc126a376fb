"""Roles as presets of rights; passwords; numbers of companies and people; how long a session lives. All pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from stdnum.ru import inn as stdnum_inn
from stdnum.ru import ogrn as stdnum_ogrn

from edo_service.errors import Rejected
from edo_service.kernel.actor import Right


class EntityKind(StrEnum):
    """What a company is to the service."""

    LESSOR = "lessor"
    CLIENT = "client"


class Role(StrEnum):
    """What a person does for a company."""

    ACCOUNTANT = "accountant"
    CLIENT = "client"
    COMPLIANCE = "compliance"
    CONTROLLER = "controller"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    MANAGER = "manager"


_EXCHANGE = frozenset({Right.READ, Right.SIGN, Right.REJECT, Right.ANNUL})
_CONTROL = frozenset(
    {
        Right.READ,
        Right.ARCHIVE_SEARCH,
        Right.ARCHIVE_EXPORT,
        Right.ARCHIVE_RETENTION,
        Right.ARCHIVE_APPROVE,
        Right.JOURNAL,
    }
)
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {
        Role.ACCOUNTANT: _EXCHANGE | {Right.UPLOAD, Right.SEND, Right.COUNTERPARTIES, Right.OPERATORS},
        Role.CLIENT: _EXCHANGE | {Right.UPLOAD, Right.SEND, Right.ARCHIVE_SEARCH},
        Role.COMPLIANCE: _CONTROL | {Right.ARCHIVE_HOLD, Right.ARCHIVE_PROPOSE},
        Role.CONTROLLER: _CONTROL | {Right.ARCHIVE_RELEASE},
        Role.AUDITOR: frozenset({Right.READ, Right.ARCHIVE_SEARCH, Right.JOURNAL}),
        Role.ADMINISTRATOR: frozenset(
            {Right.READ, Right.PEOPLE, Right.KEYS, Right.OPERATORS, Right.COUNTERPARTIES, Right.JOURNAL, Right.JOBS}
        ),
        Role.MANAGER: frozenset({Right.READ, Right.COUNTERPARTIES}),
    }
)
"""Role → rights. Nobody who administers accounts or keys may sign or take the archive out; no role both sets and lifts holds."""

VISITORS: Final = frozenset({Role.AUDITOR})
"""Roles of people from outside: their work for a company has a last day."""
LONGEST_VISIT: Final = timedelta(days=366)

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128
MOST_TRIES: Final = 10
TRIES_WINDOW: Final = timedelta(minutes=15)

CODE_LIFE: Final = timedelta(minutes=10)
CODE_TRIES: Final = 5
CODES_SENT: Final = 5
"""A code from an SMS: ASVS 5.0 6.6.2, 6.6.3. At most five codes in `TRIES_WINDOW` for one person, five tries each."""
_PHONE: Final = re.compile(r"\+[1-9][0-9]{9,14}")


def phone_of(login: str) -> str | None:
    """The phone of a person whose log-in name is one (E.164), None for any other log-in."""
    plain = re.sub(r"[\s()-]", "", login)
    return plain if _PHONE.fullmatch(plain) else None


def demands_code(inns: Iterable[str], *, demanded: frozenset[str]) -> bool:
    """Whether one of the companies demands a code from an SMS; `*` demands it for all."""
    return "*" in demanded or not demanded.isdisjoint(inns)


@dataclass(frozen=True, kw_only=True)
class SessionTimes:
    """How long a session lives unused and at most (ASVS 5.0 7.3.1, 7.3.2)."""

    idle: timedelta = timedelta(minutes=30)
    life: timedelta = timedelta(hours=12)

    def ended(self, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
        """Tell whether the session's time is over. A clock set back ends it too."""
        return now >= created_at + self.life or now >= seen_at + self.idle or now < created_at - self.idle


# --- passwords (ASVS 5.0 6.2; OWASP Password Storage and Authentication sheets)

GUESSES_SCORE: Final = 3
"""The least score of zxcvbn: over 10^8 guesses. It refuses each of its 30,000 most used passwords (ASVS 5.0 6.2.4)."""
_ESTIMATED: Final = 72
_TYPED_IN_LATIN: Final = str.maketrans(
    "йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
)  # the lists know «привет» as it is typed without switching the layout: ghbdtn

_LOOK_ALIKES: Final = str.maketrans("0134578@$!", "oieastbasi")
_KEY_ROWS: Final = (
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "qweasdzxc",
)
_COMMON_LINES: Final = (
    "admin administrator access account baseball batman bitch changeme charlie computer dragon facebook",
    "football freedom friend fuckyou google hello hunter iloveyou internet jesus jordan killer letmein",
    "liverpool login love loveme lovely master michael money monkey mother mustang ninja pass passw passwd",
    "password passwort pokemon princess qwerty root samsung secret shadow soccer starwars summer sunshine",
    "superman system temp test trustno user welcome winter autumn spring whatever zaq moscow russia пароль",
    "админ администратор бухгалтер бухгалтерия вход директор договор доступ документ здравствуй компания лето",
    "люблю любовь зима весна осень москва наташа офис привет россия секрет солнце спартак мама gfhjkm parol",
    "privet moskva rossiya lubov lyubov natasha spartak bukhgalter buhgalter leasing lizing лизинг эдо edo",
    "diadok diadoc диадок kontur контур podpis подпись",
)
_COMMON: Final = frozenset(word for line in _COMMON_LINES for word in line.split())
"""Words that common passwords are made of: a password that is little more than them is refused."""


def check_password(password: str, *, personal: Iterable[str] = ()) -> None:
    """Refuse a password that others would guess; no rules of composition, nothing is cut off.

    Rejected `account.password_length`; `account.password_personal` (holds the log-in, a name, the company);
    `account.password_common` (among the most used ones, known words, rows of keys, dates, repetition).
    """
    personal = tuple(personal)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Rejected("account.password_length", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
    plain = password.casefold()
    words = {word for text in personal for word in re.findall(r"\w{4,}", text.casefold())}
    if any(word in plain for word in words):
        raise Rejected("account.password_personal")
    if _is_common(plain) or _is_common(plain.translate(_LOOK_ALIKES)) or _is_guessable(password, personal):
        raise Rejected("account.password_common")


def _is_guessable(password: str, personal: Sequence[str]) -> bool:
    """Whether few guesses find its beginning: what follows the 72nd character makes it no easier, and costs seconds."""
    from zxcvbn import zxcvbn  # reads its lists of words for 0.2 s: only who sets a password waits for it

    beginning = password[:_ESTIMATED]
    spellings = {beginning, beginning.casefold().translate(_TYPED_IN_LATIN)}
    return any(zxcvbn(one, user_inputs=list(personal))["score"] < GUESSES_SCORE for one in spellings)


def _is_common(plain: str) -> bool:
    if len(set(plain)) < 5 or re.fullmatch(r"(.{1,6}?)\1+.{0,5}", plain, re.DOTALL):
        return True
    rest = plain
    for known in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(known, "")
    for row in _KEY_ROWS:
        for line in (row + row, (row + row)[::-1]):
            rest = _without_runs(rest, line)
    letters = re.sub(r"[\W\d_]", "", rest)
    return len(letters) < 4 and len(rest) < SHORTEST_PASSWORD - 4


def _without_runs(text: str, line: str) -> str:
    kept, place = "", 0
    while place < len(text):
        length = 0
        while place + length < len(text) and text[place : place + length + 1] in line:
            length += 1
        if length >= 4:
            place += length
        else:
            kept += text[place]
            place += 1
    return kept


# --- numbers ---------------------------------------------------------------------------------------------------------

_KPP: Final = re.compile(r"(?:[0-9][1-9]|[1-9][0-9])[0-9]{2}[0-9A-Z]{2}[0-9]{3}")


def inn_is_valid(number: str) -> bool:
    """ИНН of 10 (company) or 12 digits (person, sole trader) whose check digits hold."""
    return number.isascii() and number.isdigit() and bool(stdnum_inn.is_valid(number))


def kpp_is_valid(number: str) -> bool:
    """КПП: nine characters NNNNPPXXX (order ММВ-7-6/435@); there is no check digit."""
    return _KPP.fullmatch(number) is not None


def ogrn_is_valid(number: str) -> bool:
    """ОГРН of 13 or ОГРНИП of 15 digits whose check digit holds."""
    return number.isascii() and number.isdigit() and bool(stdnum_ogrn.is_valid(number))


def snils_is_valid(number: str) -> bool:
    """СНИЛС of 11 digits whose last two are the weighted sum of the first nine (Пенсионный фонд, numbers over 001-001-998)."""
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(number[9:])
