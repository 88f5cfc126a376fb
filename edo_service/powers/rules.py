"""A power of attorney as values, and the ten checks of a signature that rests on it. Pure.

63-ФЗ art. 17.2 (an employee signs with his own certificate and a МЧД); ГК РФ art. 182-189; EMCHD_1 of Минцифры and ФНС.
A check that could not be made is INDETERMINATE, never a pass. What a classifier's code allows is data (`COVERS`); a code
that is not there, and powers in words, wait for a person's decision, which is kept with the power.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from edo_service.kernel.calendar import moscow_date


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"


class Passing(StrEnum):
    """ПрПередов: whether the power may be passed on."""

    FORBIDDEN = "1"
    ONCE = "2"
    FURTHER = "3"


class RegistryState(StrEnum):
    """What the register of powers says of a number."""

    ACTIVE = "active"
    REVOKED = "revoked"
    ABSENT = "absent"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True)
class Who:
    """A principal, an agent or a passer: an organisation (`organization_inn`) or a person (`inn`, `snils`)."""

    name: str
    inn: str | None = None
    snils: str | None = None
    organization_inn: str | None = None

    def is_same(self, other: Who) -> bool:
        """Whether both name one organisation or one person; a number that either side lacks proves nothing."""
        if self.organization_inn or other.organization_inn:
            return self.organization_inn == other.organization_inn
        same = [
            mine == theirs for mine, theirs in ((self.inn, other.inn), (self.snils, other.snils)) if mine and theirs
        ]
        return bool(same) and all(same)


@dataclass(frozen=True, kw_only=True)
class CodedPower:
    """A power by the classifier; `limits` are (КодОгр, value): a code of the classifier or words."""

    code: str
    name: str
    limits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Power:
    """One МЧД. `previous` is the number of the power that this one passes on, `passers` who pass it on.

    `check_at`: СведСист, where the system that keeps the power answers.
    """

    number: str
    own_number: str
    issued: dt.date
    expires: dt.date
    principals: tuple[Who, ...]
    agents: tuple[Who, ...]
    coded: tuple[CodedPower, ...] = ()
    text: str | None = None
    passing: Passing = Passing.FORBIDDEN
    previous: str | None = None
    passers: tuple[Who, ...] = ()
    check_at: str = ""
    notarised: bool = False


@dataclass(frozen=True, kw_only=True)
class PowerFile:
    """The file of a power as it was found: its name, what its format says, who signed it.

    `signature`: TOTAL-PASSED, INDETERMINATE, TOTAL-FAILED of the detached signature, None when there is none; `signer` is
    None when no certificate could be read.
    """

    name: str
    file_id: str
    violations: tuple[str, ...]
    signature: str | None
    signer: Who | None


@dataclass(frozen=True, kw_only=True)
class RegistryAnswer:
    """What the register says; `revoked_at` with REVOKED, `reason` with SILENT."""

    state: RegistryState
    revoked_at: dt.datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class KeptPower:
    """A power of the register here: what it says, its file, the register's answer, kinds a person has decided on."""

    power: Power
    file: PowerFile | None
    registry: RegistryAnswer
    decided: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Act:
    """The signature that rests on a power: whose certificate, when, for which organisation, on which kind of document."""

    signer: Who
    at: dt.datetime
    organization_inn: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class PowerCheck:
    """One of the ten checks."""

    number: int
    name: str
    outcome: Outcome
    text: str

    def to_json(self) -> dict[str, object]:
        """As it is stored and shown."""
        return {"number": self.number, "name": self.name, "outcome": self.outcome.value, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class PowerVerdict:
    """All checks. FAILED when one failed; else INDETERMINATE when one could not be made; else WARNING; else PASSED."""

    checks: tuple[PowerCheck, ...]

    @property
    def outcome(self) -> Outcome:
        """The worst that matters."""
        found = {check.outcome for check in self.checks}
        order = (Outcome.FAILED, Outcome.INDETERMINATE, Outcome.WARNING)
        return next((one for one in order if one in found), Outcome.PASSED)

    @property
    def reason(self) -> str:
        """The sentence of the first check that did not pass; empty when all passed."""
        worst = self.outcome
        return "" if worst is Outcome.PASSED else next(check.text for check in self.checks if check.outcome is worst)


class Chain(Protocol):
    """Finds an earlier power by its number."""

    def __call__(self, number: str, /) -> KeptPower | None:
        """The power, None when it is not here."""


PREFERENCE: Final = (Outcome.PASSED, Outcome.WARNING, Outcome.INDETERMINATE, Outcome.FAILED)
"""Of several powers the one that ended best counts."""
EVERYTHING: Final = frozenset({"*"})
COVERS: Final[Mapping[str, frozenset[str]]] = {
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS5": frozenset({"upd"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS14": frozenset({"construction_act"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCS31": frozenset({"payment_invoice"}),
    "BBDOCS_DOCS_DCSALL_SRCDOC_SOURCEDOCSGENERAL": frozenset(
        {"upd", "ukd", "construction_act", "payment_invoice", "reconciliation"}
    ),
    "KLASS_2.0_SIGN": EVERYTHING,
    "KLASS_2.0_SIGN_DIG_DOC": EVERYTHING,
}
"""Code of a power → kinds of documents it allows to sign. Seen in real МЧД; the classifier itself is not at hand."""
DOCUMENT_LIMIT: Final = "LIM_01"
LIMIT_COVERS: Final[Mapping[str, frozenset[str]]] = {
    "LIM_01_01": frozenset({"upd"}),
    "LIM_01_04": frozenset({"goods_note"}),
    "LIM_01_15": frozenset({"contract"}),
}
"""Value of the limit «Тип документа» → kinds."""
MAX_CHAIN: Final = 8
NAMES: Final = (
    "Формат",
    "Имя файла",
    "Подпись доверителя",
    "Срок действия",
    "Отзыв",
    "Подписант",
    "Организация",
    "Полномочия",
    "Передоверие",
    "Совместные полномочия",
)


def judge(kept: KeptPower, act: Act, *, find: Chain) -> PowerVerdict:
    """Judge a signature that rests on a power: all ten checks, each said whether it passed or not."""
    found = (
        _format(kept.file),
        _file_name(kept.file, kept.power),
        _signature(kept.file, kept.power, act),
        _dates(kept.power, act),
        _revocation(kept.registry, act),
        _agent(kept.power, act),
        _organization(kept, act, find),
        covers(kept.power, kept.decided, act.kind),
        _chain(kept, act, find),
        _joint(kept.power),
    )
    return PowerVerdict(
        checks=tuple(
            PowerCheck(number=number, name=name, outcome=outcome, text=text)
            for number, (name, (outcome, text)) in enumerate(zip(NAMES, found, strict=True), start=1)
        )
    )


Said = tuple[Outcome, str]
_NO_FILE: Final = "Файла доверенности нет: известны только её реквизиты"


def _format(file: PowerFile | None) -> Said:
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    if file.violations:
        return Outcome.FAILED, f"Файл доверенности не по формату: {file.violations[0]}"
    return Outcome.PASSED, "Файл доверенности по формату EMCHD_1"


def _file_name(file: PowerFile | None, power: Power) -> Said:
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    stem = file.name.removesuffix(".xml")
    if stem.casefold() != file.file_id.casefold():
        return Outcome.FAILED, f"Имя файла {file.name} не то, что записано внутри: {file.file_id}"
    if not file.file_id.casefold().endswith(power.number.casefold()):
        return Outcome.FAILED, f"В имени файла не номер доверенности {power.number}"
    return Outcome.PASSED, "Имя файла совпадает с ИдФайл и номером доверенности"


def _signature(file: PowerFile | None, power: Power, act: Act) -> Said:  # noqa: PLR0911 - one answer a line
    """The file's own signature, by the very principal that the act is for, or by who passes the power on."""
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    if file.signature is None:
        return Outcome.FAILED, "Доверенность не подписана"
    if file.signature == "TOTAL-FAILED":
        return Outcome.FAILED, "Подпись под доверенностью недействительна"
    givers = power.passers or [
        one for one in power.principals if act.organization_inn in {one.organization_inn, one.inn}
    ]
    if file.signer is not None and not any(_signs_for(file.signer, giver) for giver in givers):
        if power.notarised:
            return Outcome.INDETERMINATE, "Доверенность удостоверил нотариус: его подпись проверьте сами"
        names = ", ".join(giver.name for giver in power.passers or power.principals)
        return Outcome.FAILED, f"Доверенность подписал {file.signer.name}, а дал её {names}"
    if file.signature != "TOTAL-PASSED" or file.signer is None:
        return Outcome.INDETERMINATE, "Подпись под доверенностью проверить до конца не удалось"
    if not power.passers and len(power.principals) > 1:
        return Outcome.INDETERMINATE, "Доверителей несколько, а подпись одна: подписи остальных проверьте сами"
    return Outcome.PASSED, f"Доверенность подписал {file.signer.name}"


def _signs_for(signer: Who, giver: Who) -> bool:
    """A certificate of the organisation signs for it, a person's for the person."""
    if giver.organization_inn:
        return signer.organization_inn == giver.organization_inn
    return Who(name="", inn=signer.inn, snils=signer.snils).is_same(giver)


def _dates(power: Power, act: Act) -> Said:
    day = moscow_date(act.at)
    if day < power.issued:
        return Outcome.FAILED, f"Подписано {day:%d.%m.%Y}, а доверенность выдана {power.issued:%d.%m.%Y}"
    if day > power.expires:
        return Outcome.FAILED, f"Доверенность истекла {power.expires:%d.%m.%Y}"
    return Outcome.PASSED, f"Действует с {power.issued:%d.%m.%Y} до {power.expires:%d.%m.%Y}"


def _revocation(registry: RegistryAnswer, act: Act) -> Said:
    if registry.state is RegistryState.SILENT:
        return Outcome.INDETERMINATE, f"Реестр доверенностей не ответил: {registry.reason or 'причина неизвестна'}"
    if registry.state is RegistryState.ABSENT:
        return Outcome.INDETERMINATE, "В реестре доверенностей такого номера нет"
    if registry.state is RegistryState.REVOKED:
        if registry.revoked_at is None or registry.revoked_at <= act.at:
            when = f" {moscow_date(registry.revoked_at):%d.%m.%Y}" if registry.revoked_at else ""
            return Outcome.FAILED, f"Доверенность отозвана{when}"
        return Outcome.PASSED, f"Отозвана позже подписания, {moscow_date(registry.revoked_at):%d.%m.%Y}"
    return Outcome.PASSED, "Не отозвана"


def _agent(power: Power, act: Act) -> Said:
    if any(_signs_for(act.signer, agent) for agent in power.agents):
        return Outcome.PASSED, f"Представитель по доверенности: {act.signer.name}"
    if not act.signer.inn and not act.signer.snils:
        return Outcome.INDETERMINATE, "В сертификате подписанта нет ни ИНН, ни СНИЛС"
    names = ", ".join(agent.name for agent in power.agents)
    return Outcome.FAILED, f"Доверенность выдана на {names}, а подписал {act.signer.name}"


def _organization(kept: KeptPower, act: Act, find: Chain) -> Said:
    """The principal of the first power of the chain: what a power that was passed on says of it is not enough."""
    first = kept
    for _ in range(MAX_CHAIN):
        if first.power.previous is None:
            break
        earlier = find(first.power.previous)
        if earlier is None:
            return Outcome.INDETERMINATE, f"Нет доверенности {first.power.previous}: доверителя подтвердить нечем"
        first = earlier
    if any(act.organization_inn in {one.organization_inn, one.inn} for one in first.power.principals):
        return Outcome.PASSED, f"Доверитель — организация с ИНН {act.organization_inn}"
    names = ", ".join(one.name for one in first.power.principals)
    return Outcome.FAILED, f"Доверитель {names}, а документ от организации с ИНН {act.organization_inn}"


def covers(power: Power, decided: Container[str], kind: str) -> Said:
    """Whether the powers reach this kind of document; a person's decision counts where the machine cannot tell."""
    outcome, text = told(power, kind)
    if outcome is Outcome.INDETERMINATE and kind in decided:
        return Outcome.PASSED, "Полномочие подтверждено сотрудником, который читал доверенность"
    return outcome, text


def told(power: Power, kind: str) -> Said:
    """What the power itself tells of a kind of document."""
    if any(kind in allowed or "*" in allowed for allowed in map(_allowed, power.coded)):
        return Outcome.PASSED, "Полномочия включают этот вид документа"
    unknown = [one.code for one in power.coded if _is_open(one)]
    if unknown:
        return Outcome.INDETERMINATE, f"Что разрешает код {unknown[0]}, решает человек: прочтите доверенность"
    if not power.coded:
        return Outcome.INDETERMINATE, "Полномочия записаны словами: прочтите доверенность и решите"
    return Outcome.FAILED, "Доверенность не даёт права подписывать такие документы"


def _allowed(one: CodedPower) -> frozenset[str]:
    """The kinds that a coded power surely covers, its limits on the document's type applied."""
    allowed = COVERS.get(one.code, frozenset())
    if any(code != DOCUMENT_LIMIT for code, _ in one.limits):
        return frozenset()
    limits = [value for code, value in one.limits if code == DOCUMENT_LIMIT]
    if not limits:
        return allowed
    reach = frozenset[str]().union(*(LIMIT_COVERS.get(value, frozenset()) for value in limits))
    return reach if "*" in allowed else allowed & reach


def _is_open(one: CodedPower) -> bool:
    """Whether the machine cannot tell what the power allows: an unknown code, an unknown limit, words."""
    if one.code not in COVERS:
        return True
    return any(code != DOCUMENT_LIMIT or value not in LIMIT_COVERS for code, value in one.limits)


def _chain(kept: KeptPower, act: Act, find: Chain) -> Said:
    """Every earlier power is here, holds at the moment, allows the passing, and was given to who passes it on."""
    current = kept
    for _ in range(MAX_CHAIN):
        power = current.power
        if power.previous is None:
            return Outcome.PASSED, "Передоверие проверено" if current is not kept else "Выдана без передоверия"
        earlier = find(power.previous)
        if earlier is None:
            return Outcome.INDETERMINATE, f"Нет доверенности {power.previous}, по которой передоверено"
        said = _link(earlier, current, act)
        if said is not None:
            return said
        current = earlier
    return Outcome.FAILED, f"Передоверий больше {MAX_CHAIN}: цепочка не проверяется"


def _link(earlier: KeptPower, later: KeptPower, act: Act) -> Said | None:  # noqa: PLR0911 - one answer a line
    """Why an earlier power does not carry a later one; None when it does (ГК РФ art. 187)."""
    first, power = earlier.power, later.power
    if first.passing is Passing.FORBIDDEN:
        return Outcome.FAILED, f"Доверенность {first.own_number} нельзя передоверять"
    if first.passing is Passing.ONCE and first.previous is not None:
        return Outcome.FAILED, f"Доверенность {first.own_number} можно было передоверить один раз"
    if power.issued < first.issued or power.expires > first.expires:
        return Outcome.FAILED, f"Срок передоверия выходит за срок доверенности {first.own_number}"
    if {_key(one) for one in power.principals} != {_key(one) for one in first.principals}:
        return Outcome.FAILED, f"Доверители не те, что в доверенности {first.own_number}"
    signer = later.file.signer if later.file is not None else None
    if signer is not None and not any(_signs_for(signer, agent) for agent in first.agents):
        return Outcome.FAILED, f"Передоверил не тот, кому выдана доверенность {first.own_number}"
    for outcome, text in (
        _format(earlier.file),
        _file_name(earlier.file, first),
        _signature(earlier.file, first, act),
        _dates(first, act),
        _revocation(earlier.registry, act),
        covers(first, earlier.decided, act.kind),
    ):
        if outcome is not Outcome.PASSED:
            return outcome, f"Доверенность {first.own_number}: {text}"
    return None


def _key(one: Who) -> str:
    return one.organization_inn or one.inn or one.snils or one.name


def _joint(power: Power) -> Said:
    """What only a person can weigh: several agents (ПрСовмПолн is not confirmed), a passing on without a notary."""
    if any(not one.organization_inn for one in power.passers) and not power.notarised:
        return (
            Outcome.WARNING,
            "Передоверил человек без нотариуса: допустимо ли это здесь, решите сами (ГК РФ, ст. 187)",
        )
    if len(power.agents) > 1:
        return Outcome.WARNING, "Представителей несколько: действуют ли они порознь, прочтите в доверенности"
    return Outcome.PASSED, "Представитель один"
