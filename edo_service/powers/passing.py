"""Передоверие: whether every earlier power carries the later one, and whose principal stands at the beginning. Pure."""

from __future__ import annotations

from edo_service.powers import checking
from edo_service.powers.covering import covers
from edo_service.powers.rules import MAX_CHAIN, Act, Chain, KeptPower, Outcome, Passing, Said, Who


def organization(kept: KeptPower, act: Act, find: Chain) -> Said:
    """Check 7: the principal of the first power of the chain; what a power that was passed on says of it is not enough."""
    first = kept
    for _ in range(MAX_CHAIN):
        if first.power.previous is None:
            break
        earlier = find(first.power.previous)
        if earlier is None:
            return Outcome.INDETERMINATE, f"Нет доверенности {first.power.previous}: доверителя подтвердить нечем"
        first = earlier
    if any(one.is_of(act.organization_inn) for one in first.power.principals):
        return Outcome.PASSED, f"Доверитель — организация с ИНН {act.organization_inn}"
    names = ", ".join(one.name for one in first.power.principals)
    return Outcome.FAILED, f"Доверитель {names}, а документ от организации с ИНН {act.organization_inn}"


def chain(kept: KeptPower, act: Act, find: Chain) -> Said:
    """Check 9: every earlier power is here, holds at the moment, allows the passing, and was given to who passes it on."""
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
    if signer is not None and not any(checking.signs_for(signer, agent) for agent in first.agents):
        if (
            power.notarised
        ):  # the rule of ГК РФ art. 187: who passed it on came to a notary, whose signature stands there
            return Outcome.INDETERMINATE, "Передоверие удостоверил нотариус: его подпись проверьте сами"
        return Outcome.FAILED, f"Передоверил не тот, кому выдана доверенность {first.own_number}"
    for outcome, text in (
        checking.format_of(earlier.file),
        checking.file_name(earlier.file, first),
        checking.signature(earlier.file, first, act),
        checking.dates(first, act),
        checking.revocation(earlier.registry, act),
        covers(first, earlier.decided, act.kind),
    ):
        if outcome is not Outcome.PASSED:
            return outcome, f"Доверенность {first.own_number}: {text}"
    return None


def _key(one: Who) -> str:
    return one.organization_inn or one.inn or one.snils or one.name
