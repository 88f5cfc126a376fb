"""The file of a МЧД as a `rules.Power`: EMCHD_1, given or passed on."""

from __future__ import annotations

from collections.abc import Iterable

from edo_service import formats
from edo_service.errors import Rejected
from edo_service.formats import GivenPower, PassedPower
from edo_service.formats.power import Agent, EarlierPrincipal, LimitCode, Passer, PowerOfAttorney, Powers, Principal
from edo_service.formats.power_people import PersonFacts
from edo_service.powers.rules import CodedPower, Passing, Power, Who


def read(xml: bytes) -> tuple[Power, str]:
    """The power and its ИдФайл. Raises Rejected `power.unreadable` with the element and the line."""
    try:
        found = formats.read_power(xml)
    except formats.FormatError as error:
        raise Rejected("power.unreadable", reason=str(error)) from error
    return power_of(found), found.file_id


def power_of(found: PowerOfAttorney) -> Power:
    """The values that the checks need."""
    content = found.content
    facts = content.power
    first, passers, previous = _origin(content)
    return Power(
        number=facts.number,
        own_number=facts.own_number,
        issued=facts.issued,
        expires=facts.expires,
        principals=first,
        agents=tuple(_agent(one) for one in content.agents),
        coded=tuple(_coded(content.powers)),
        text=content.powers.text,
        passing=Passing(facts.passing.value),
        previous=previous,
        passers=passers,
        check_at=facts.check_at,
        notarised=content.certification is not None,
    )


def _origin(content: GivenPower | PassedPower) -> tuple[tuple[Who, ...], tuple[Who, ...], str | None]:
    """Who gave the first power, who passed it on, and the number of the power it was passed on from."""
    if isinstance(content, GivenPower):
        return tuple(_principal(one) for one in content.principals), (), None
    earlier = content.previous or content.first
    number = earlier.previous_number or earlier.first_number or content.first.first_number
    principals = tuple(_earlier_principal(one) for one in content.first.principals)
    return principals, tuple(_passer(one) for one in content.passers), number or ""


def _principal(one: Principal) -> Who:
    who = one.who
    if who.company is not None:
        return Who(name=who.company.company.name, organization_inn=who.company.company.inn)
    if who.foreigner is not None:
        return Who(name=who.foreigner.company.name, organization_inn=who.foreigner.company.inn)
    if who.trader is not None:
        return _someone(who.trader.facts, who.trader.inn, who.trader.snils)
    return _someone(who.person.facts, who.person.inn, who.person.snils) if who.person else Who(name="")


def _earlier_principal(one: EarlierPrincipal) -> Who:
    who = one.who
    if who.company is not None:
        return Who(name=who.company.name, organization_inn=who.company.inn)
    if who.foreigner is not None:
        return Who(name=who.foreigner.name, organization_inn=who.foreigner.inn)
    if who.trader is not None:
        return _someone(who.trader.facts, who.trader.inn, who.trader.snils)
    return _someone(who.person.facts, who.person.inn, who.person.snils) if who.person else Who(name="")


def _passer(one: Passer) -> Who:
    who = one.who
    if who.company is not None:
        return Who(name=who.company.company.name, organization_inn=who.company.company.inn)
    if who.branch is not None:
        return Who(name=who.branch.branch.name, organization_inn=who.branch.branch.inn)
    if who.foreigner is not None:
        return Who(name=who.foreigner.company.name, organization_inn=who.foreigner.company.inn)
    if who.trader is not None:
        return _someone(who.trader.facts, who.trader.inn, who.trader.snils)
    return _someone(who.person.facts, who.person.inn, who.person.snils) if who.person else Who(name="")


def _agent(one: Agent) -> Who:
    who = one.who
    for company in (who.company, who.branch, who.foreigner):
        if company is not None:
            return Who(name=company.name, organization_inn=company.inn or "")
    if who.trader is not None:
        return _someone(who.trader.facts, who.trader.inn, who.trader.snils)
    return _someone(who.person.facts, who.person.inn, who.person.snils) if who.person else Who(name="")


def _someone(facts: PersonFacts, inn: str | None, snils: str | None) -> Who:
    return Who(name=str(facts.name), inn=inn, snils=digits(snils))


def _coded(powers: Powers) -> Iterable[CodedPower]:
    for one in powers.coded:
        limits = ((limit.code, _limit(limit.allowed)) for limit in one.limits)
        yield CodedPower(code=one.code, name=one.name, limits=tuple(limits))


def _limit(allowed: object) -> str:
    """The code of the limit's value; words are kept in quotes, so that no code is mistaken for them."""
    text = str(getattr(allowed, "text", "")).strip()
    return text if isinstance(allowed, LimitCode) else f"«{text}»"


def digits(snils: str | None) -> str | None:
    """СНИЛС without its dashes and spaces: certificates and files write it differently."""
    return None if snils is None else "".join(sign for sign in snils if sign.isdigit())
