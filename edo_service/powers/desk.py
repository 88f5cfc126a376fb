"""What judging by a power needs from outside: the register, the judge of signatures, the object store.

The network is asked here, outside of transactions; the checks themselves are `judging.judge`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import signing
from edo_service import formats
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import judging, queries, reading, rules
from edo_service.powers.queries import PowerCard
from edo_service.powers.registry import PowerRegistry
from edo_service.powers.rules import (
    PREFERENCE,
    Act,
    KeptPower,
    Outcome,
    PowerFile,
    PowerVerdict,
    RegistryAnswer,
    RegistryState,
    Who,
)
from edo_service.trust.judge import Judge

MAX_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A signature's power, every number of its chain, and the verdict; `silent`: the register did not answer."""

    number: str
    numbers: tuple[str, ...]
    verdict: PowerVerdict
    silent: bool = False


def is_good(judged: Judged) -> bool:
    """Whether a signature may rest on the power: every check was made and none failed; a warning is shown."""
    return judged.verdict.outcome in {Outcome.PASSED, Outcome.WARNING}


def best_of(judged: Sequence[Judged]) -> Judged | None:
    """Of several powers the one that ended best; None of none."""
    return min(judged, key=lambda one: PREFERENCE.index(one.verdict.outcome), default=None)


@dataclass(frozen=True, kw_only=True)
class PowerDesk:
    """Reads, judges and asks; holds no state."""

    registry: PowerRegistry
    judge: Judge
    objects: ObjectStore
    clock: Clock

    def examine(self, content: bytes, file_name: str, signature: bytes) -> tuple[rules.Power, PowerFile]:
        """Read a power's file and judge its signature. Raises Rejected `power.unreadable`."""
        power, file_id = reading.read(content)
        result = formats.check(content, file_name=file_name)
        judgement = self.judge.judge(content, signature)
        signer = None if judgement is None or judgement.verdict.signer is None else who(judgement.verdict.signer)
        file = PowerFile(
            name=file_name,
            file_id=file_id,
            violations=tuple(f"строка {one.line}: {one.message_ru}" for one in result.violations),
            signature=None if judgement is None else judgement.report.indication,
            signer=signer,
        )
        return power, file

    def verdict(self, card: PowerCard, act: Act, *, uow: UnitOfWork) -> Judged:
        """All ten checks of a signature that rests on the power; asks the register about each link of the chain."""
        with uow:
            chain = _chain(uow, card)
        kept = {number: self._kept(one) for number, one in chain.items()}
        verdict = judging.judge(
            kept[card.power.number.casefold()], act, find=lambda number: kept.get(number.casefold())
        )
        silent = any(one.registry.state is RegistryState.SILENT for one in kept.values())
        return Judged(number=card.power.number, numbers=tuple(kept), verdict=verdict, silent=silent)

    def _kept(self, card: PowerCard) -> KeptPower:
        return KeptPower(
            power=card.power,
            file=card.file,
            registry=self.answer(card),
            decided=frozenset(card.decided),
        )

    def answer(self, card: PowerCard) -> RegistryAnswer:
        """What is known of its revocation: what the register says now, or a person has told here if that was earlier."""
        said, told = self.registry.status(card.power.number), card.revoked_at
        if told is None:
            return said
        if said.state is RegistryState.REVOKED and (said.revoked_at is None or said.revoked_at <= told):
            return said
        if said.state is RegistryState.SILENT and told > self.clock.now():
            return said
        return RegistryAnswer(state=RegistryState.REVOKED, revoked_at=told)


def who(certificate: signing.Certificate) -> Who:
    """The holder of a certificate: a person's numbers, and ИННЮЛ when it is the organisation's (приказ ФСБ 795)."""
    subject = certificate.subject
    return Who(
        name=subject.full_name or subject.common_name,
        inn=subject.person_inn or None,
        snils=reading.digits(subject.snils),
        organization_inn=subject.organization_inn or None,
    )


def _chain(uow: UnitOfWork, card: PowerCard) -> Mapping[str, PowerCard]:
    """The power and those it was passed on from, as far as the register holds them."""
    found = {card.power.number.casefold(): card}
    current: PowerCard | None = card
    for _ in range(rules.MAX_CHAIN):
        previous = current.power.previous if current is not None else None
        if not previous or previous.casefold() in found:
            break
        current = queries.by_number(uow, card.owner_id, previous)
        if current is not None:
            found[previous.casefold()] = current
    return found
