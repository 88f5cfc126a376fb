"""The operators that a company may be connected to: names, forms of their identifiers, what their log-in wants. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from operators.registry import operator_code, operator_of


@dataclass(frozen=True, kw_only=True)
class OperatorKind:
    """One operator as the set-up shows it.

    `prefix` are the first three characters of its participants' ids, `demo_prefix` those of its sandbox.
    `client_label` names the third part of the log-in; without `client_needed` it may stay empty. `consent_at`: whose page
    asks a person for her consent instead of a password (OpenID Connect); empty where there is no such page.
    """

    word: str
    name: str
    company: str
    prefix: str
    demo_prefix: str
    about: str
    login_hint: str
    client_label: str
    client_hint: str
    client_needed: bool
    consent_at: str = ""

    def fits(self, participant_id: str, *, demo: bool) -> bool:
        """Whether a participant id has this operator's prefix (letter case does not matter)."""
        try:
            code = operator_code(participant_id).upper()
        except ValueError:
            return False
        return code == self.prefix or (demo and code == self.demo_prefix)


_KINDS = (
    OperatorKind(
        word="diadoc",
        name="Диадок",
        company="СКБ Контур",
        prefix="2BM",
        demo_prefix="2XX",
        about="Приглашения, роуминг, аннулирование по согласию сторон",
        login_hint="Почта учётной записи Диадока с доступом к ящику",
        client_label="Ключ разработчика",
        client_hint="Его выдаёт Контур для обмена по API",
        client_needed=True,
        consent_at="Контур",
    ),
    OperatorKind(
        word="saby",
        name="Saby (СБИС)",
        company="Тензор",
        prefix="2BE",
        demo_prefix="2XY",
        about="Отдельных приглашений нет: ими служит первый документ",
        login_hint="Логин пользователя Saby",
        client_label="Номер аккаунта",
        client_hint="Только если у пользователя несколько аккаунтов",
        client_needed=False,
    ),
    OperatorKind(
        word="taxcom",
        name="Такском",
        company="Такском",
        prefix="2AL",
        demo_prefix="2XZ",
        about="Приглашения с текстом, обмен контейнерами",
        login_hint="Логин кабинета Такскома",
        client_label="Идентификатор интегратора",
        client_hint="Например, COMPANY_… — его выдаёт Такском",
        client_needed=True,
    ),
)
OPERATORS: Mapping[str, OperatorKind] = {kind.word: kind for kind in _KINDS}
"""The operator's word in an account -> what is known of it."""


def operator_name(word: str) -> str:
    """«Диадок»; a word that is not known is shown as it is."""
    kind = OPERATORS.get(word)
    return kind.name if kind else word


def operator_of_participant(participant_id: str | None) -> str:
    """Name of the operator that serves a participant, by the prefix of its id; an unknown prefix is shown as it is."""
    if not participant_id:
        return ""
    code = participant_id[:3].upper()
    for kind in _KINDS:
        if code in {kind.prefix, kind.demo_prefix}:
            return kind.name
    try:
        record = operator_of(participant_id)
    except ValueError:
        record = None
    return record.name if record else code
