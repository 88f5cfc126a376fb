"""The ten checks of a signature that rests on a power, together. Pure."""

from __future__ import annotations

from typing import Final

from edo_service.powers import checking, passing
from edo_service.powers.covering import covers
from edo_service.powers.rules import Act, Chain, KeptPower, Outcome, Power, PowerCheck, PowerVerdict, Said

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
        checking.format_of(kept.file),
        checking.file_name(kept.file, kept.power),
        checking.signature(kept.file, kept.power, act),
        checking.dates(kept.power, act),
        checking.revocation(kept.registry, act),
        checking.agent(kept.power, act),
        passing.organization(kept, act, find),
        covers(kept.power, kept.decided, act.kind),
        passing.chain(kept, act, find),
        _joint(kept.power),
    )
    return PowerVerdict(
        checks=tuple(
            PowerCheck(number=number, name=name, outcome=outcome, text=text)
            for number, (name, (outcome, text)) in enumerate(zip(NAMES, found, strict=True), start=1)
        )
    )


def _joint(power: Power) -> Said:
    """Check 10: what only a person can weigh: several agents (ПрСовмПолн is not confirmed), a passing on without a notary."""
    if any(not one.organization_inn for one in power.passers) and not power.notarised:
        return (
            Outcome.WARNING,
            "Передоверил человек без нотариуса: допустимо ли это здесь, решите сами (ГК РФ, ст. 187)",
        )
    if len(power.agents) > 1:
        return Outcome.WARNING, "Представителей несколько: действуют ли они порознь, прочтите в доверенности"
    return Outcome.PASSED, "Представитель один"
