"""Checks of one power by itself: its file, its dates, whether it is revoked, on whom it was given. Pure."""

from __future__ import annotations

from typing import Final

from edo_service.kernel.calendar import moscow_date
from edo_service.powers.rules import Act, Outcome, Power, PowerFile, RegistryAnswer, RegistryState, Said, Who

_NO_FILE: Final = "Файла доверенности нет: известны только её реквизиты"


def format_of(file: PowerFile | None) -> Said:
    """Check 1: the file is by its format."""
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    if file.violations:
        return Outcome.FAILED, f"Файл доверенности не по формату: {file.violations[0]}"
    return Outcome.PASSED, "Файл доверенности по формату EMCHD_1"


def file_name(file: PowerFile | None, power: Power) -> Said:
    """Check 2: the file's name is its ИдФайл and holds the number."""
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    if not file.is_well_named:
        return Outcome.FAILED, f"Имя файла {file.name} не то, что записано внутри: {file.file_id}"
    if not file.file_id.casefold().endswith(power.number.casefold()):
        return Outcome.FAILED, f"В имени файла не номер доверенности {power.number}"
    return Outcome.PASSED, "Имя файла совпадает с ИдФайл и номером доверенности"


def signature(file: PowerFile | None, power: Power, act: Act) -> Said:  # noqa: PLR0911 - one answer a line
    """Check 3: the file's own signature, by the very principal that the act is for, or by who passes the power on."""
    if file is None:
        return Outcome.INDETERMINATE, _NO_FILE
    if file.signature is None:
        return Outcome.FAILED, "Доверенность не подписана"
    if file.signature == "TOTAL-FAILED":
        return Outcome.FAILED, "Подпись под доверенностью недействительна"
    givers = power.passers or [one for one in power.principals if one.is_of(act.organization_inn)]
    if file.signer is not None and not any(signs_for(file.signer, giver) for giver in givers):
        if power.notarised:
            return Outcome.INDETERMINATE, "Доверенность удостоверил нотариус: его подпись проверьте сами"
        names = ", ".join(giver.name for giver in power.passers or power.principals)
        return Outcome.FAILED, f"Доверенность подписал {file.signer.name}, а дал её {names}"
    if file.signature != "TOTAL-PASSED" or file.signer is None:
        return Outcome.INDETERMINATE, "Подпись под доверенностью проверить до конца не удалось"
    if not power.passers and len(power.principals) > 1:
        return Outcome.INDETERMINATE, "Доверителей несколько, а подпись одна: подписи остальных проверьте сами"
    return Outcome.PASSED, f"Доверенность подписал {file.signer.name}"


def signs_for(signer: Who, giver: Who) -> bool:
    """A certificate of the organisation signs for it, a person's for the person."""
    if giver.organization_inn:
        return signer.organization_inn == giver.organization_inn
    return Who(name="", inn=signer.inn, snils=signer.snils).is_same(giver)


def dates(power: Power, act: Act) -> Said:
    """Check 4: in force on the day of the act, by Moscow's calendar."""
    day = moscow_date(act.at)
    if day < power.issued:
        return Outcome.FAILED, f"Подписано {day:%d.%m.%Y}, а доверенность выдана {power.issued:%d.%m.%Y}"
    if day > power.expires:
        return Outcome.FAILED, f"Доверенность истекла {power.expires:%d.%m.%Y}"
    return Outcome.PASSED, f"Действует с {power.issued:%d.%m.%Y} до {power.expires:%d.%m.%Y}"


def revocation(registry: RegistryAnswer, act: Act) -> Said:
    """Check 5: not revoked by the moment of the act, as the register tells."""
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


def agent(power: Power, act: Act) -> Said:
    """Check 6: who signed is whom the power was given to."""
    if any(signs_for(act.signer, one) for one in power.agents):
        return Outcome.PASSED, f"Представитель по доверенности: {act.signer.name}"
    if not act.signer.inn and not act.signer.snils:
        return Outcome.INDETERMINATE, "В сертификате подписанта нет ни ИНН, ни СНИЛС"
    names = ", ".join(one.name for one in power.agents)
    return Outcome.FAILED, f"Доверенность выдана на {names}, а подписал {act.signer.name}"
