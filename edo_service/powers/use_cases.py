"""Verbs of the powers: keep one from a file or by requisites, revoke it, decide what it allows, note what rested on it."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from edo_service.errors import Conflict, EdoError, NotFound, Rejected
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import codec, packages
from edo_service.powers.covering import told
from edo_service.powers.desk import MAX_FILE, Judged, PowerDesk, is_good
from edo_service.powers.registry import FoundPower
from edo_service.powers.rules import Outcome, Power, PowerFile
from edo_service.powers.tables import PowerOfAttorney, PowerUse

_BETTER = {None: 0, "TOTAL-FAILED": 0, "INDETERMINATE": 1, "TOTAL-PASSED": 2}
KINDS = frozenset({"upd", "ukd", "contract", "goods_note", "construction_act", "reconciliation", "payment_invoice"})


@dataclass(frozen=True, kw_only=True)
class NewPower:
    """A power from a package: the file, its name, its detached signature (DER or PEM)."""

    file_name: str
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PackedOutcome:
    """What became of one XML file of a package: the power that is kept, or why it is not."""

    file_name: str
    kept: UUID | None = None
    refused: EdoError | None = None


def keep_power(new: NewPower, *, actor: Actor, uow: UnitOfWork, desk: PowerDesk, source: str = "file") -> UUID:
    """Keep a power in the register; the same one again is the same row.

    Raises Rejected: `power.too_large`, `power.unreadable`, `power.unsigned`, `power.signature_failed`; Conflict
    `power.other_file` when another file with this number is kept.
    """
    actor.require(Right.KEYS)
    return _keep(new, source, owner_id=actor.entity, actor=actor, uow=uow, desk=desk)


def keep_package(content: bytes, *, actor: Actor, uow: UnitOfWork, desk: PowerDesk) -> tuple[PackedOutcome, ...]:
    """Keep every power of a ZIP that a register or an operator has handed out; one that is no good stops no other.

    Raises those of `packages.unpack`, when nothing of it can be taken.
    """
    actor.require(Right.KEYS)
    return tuple(_keep_packed(one, actor=actor, uow=uow, desk=desk) for one in packages.unpack(content))


def _keep_packed(packed: packages.PackedPower, *, actor: Actor, uow: UnitOfWork, desk: PowerDesk) -> PackedOutcome:
    refused: EdoError = Rejected("power.signature_missing")
    for signature in packed.signatures[: packages.MAX_TRIES]:
        new = NewPower(file_name=packed.file_name, content=packed.content, signature=signature)
        try:
            kept = keep_power(new, actor=actor, uow=uow, desk=desk, source="package")
        except (Rejected, Conflict) as error:
            refused = error
        else:
            return PackedOutcome(file_name=packed.file_name, kept=kept)
    return PackedOutcome(file_name=packed.file_name, refused=refused)


def keep_found(found: FoundPower, *, owner_id: UUID, uow: UnitOfWork, desk: PowerDesk) -> UUID:
    """Keep a power of a counterparty that a file from outside cites and the register of powers gave out.

    Raises those of `keep_power`.
    """
    new = NewPower(file_name=found.file_name, content=found.content, signature=found.signature)
    actor = Actor.automatic("powers.cited", owner_id)
    return _keep(new, "cited", owner_id=owner_id, actor=actor, uow=uow, desk=desk)


def _keep(new: NewPower, source: str, *, owner_id: UUID, actor: Actor, uow: UnitOfWork, desk: PowerDesk) -> UUID:
    if len(new.content) > MAX_FILE or len(new.signature) > MAX_FILE:
        raise Rejected("power.too_large", limit=MAX_FILE // 1024 // 1024)
    power, file = desk.examine(new.content, new.file_name, new.signature)
    if file.signature is None:
        raise Rejected("power.unsigned")
    if file.signature == "TOTAL-FAILED":
        raise Rejected("power.signature_failed")
    sha256 = desk.objects.put(new.content, owner=owner_id)
    signature_sha256 = desk.objects.put(new.signature, owner=owner_id)
    with uow:
        row = _known(uow, owner_id, power.number)
        if row is not None and row.file_sha256 != sha256:
            raise Conflict("power.other_file", number=power.number)
        if row is not None and _is_better(file, codec.load(row.facts)[1]):
            row.facts, row.signature_sha256, row.file_name = codec.dump(power, file), signature_sha256, file.name
            _journal(uow, row, "power.judged_anew", actor=actor, signature=file.signature)
        if row is None:
            row = _row(power, file, owner_id=owner_id, actor=actor, uow=uow)
            row.file_sha256, row.signature_sha256, row.source = sha256, signature_sha256, source
            uow.session.add(row)
            uow.session.flush()
            _journal(uow, row, "power.kept", actor=actor, source=source)
        uow.commit()
        return row.id


def _is_better(file: PowerFile, kept: PowerFile) -> bool:
    """Whether the same bytes have come with a better signature, or as good a one under the name that stands inside them."""
    renamed = file.is_well_named and not kept.is_well_named
    gain = _BETTER[file.signature] - _BETTER[kept.signature]
    return gain > 0 or (gain == 0 and renamed)


def keep_by_requisites(number: str, principal_inn: str, *, actor: Actor, uow: UnitOfWork, desk: PowerDesk) -> UUID:
    """Fetch a power from the register of powers by its number and the principal's ИНН, and keep it.

    Raises Rejected `power.not_in_registry` and those of `keep_power`; Unavailable when the register is away.
    """
    actor.require(Right.KEYS)
    found = desk.registry.find(number.strip().casefold(), principal_inn.strip())
    if found is None:
        raise Rejected("power.not_in_registry", number=number.strip())
    new = NewPower(file_name=found.file_name, content=found.content, signature=found.signature)
    return keep_power(new, actor=actor, uow=uow, desk=desk, source="registry")


def revoke_power(power_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
    """Tell that a power is revoked: from the commit on no signature by it is taken. Once told it stays. NotFound."""
    actor.require(Right.KEYS)
    with uow:
        row = _own(uow, power_id)
        if row.revoked_at is None:
            row.revoked_at = uow.clock.now()
            _journal(uow, row, "power.revoked", actor=actor)
        uow.commit()


def decide_power(power_id: UUID, kind: str, *, allowed: bool, actor: Actor, uow: UnitOfWork) -> None:
    """A person who has read the power decides what the machine could not: whether it allows to sign a kind of document.

    NotFound; Rejected `power.kind_unknown`, `power.does_not_allow` (the power itself says that it does not).
    """
    actor.require(Right.KEYS)
    if kind not in KINDS:
        raise Rejected("power.kind_unknown", kind=kind)
    with uow:
        row = _own(uow, power_id)
        if allowed and told(codec.load(row.facts)[0], kind)[0] is Outcome.FAILED:
            raise Rejected("power.does_not_allow")
        decided = {name: by for name, by in row.decided.items() if name != kind}
        if allowed:
            decided[kind] = {"by": actor.name, "at": uow.clock.now().isoformat()}
        row.decided = decided
        _journal(uow, row, "power.decided", actor=actor, kind=kind, allowed=allowed)
        uow.commit()


def note_download(power_id: UUID, what: str, *, actor: Actor, uow: UnitOfWork) -> None:
    """Journal that a person takes a power's file (it holds personal data) or its signature. NotFound."""
    with uow:
        _journal(uow, _own(uow, power_id), "power.downloaded", actor=actor, what=what)
        uow.commit()


def note_use(uow: UnitOfWork, judged: Judged, *, owner_id: UUID, signature_id: UUID, document_id: UUID) -> PowerUse:
    """Write down, in the caller's transaction, what a signature rests on.

    Repeating changes nothing, but what could not be judged is replaced by what was found later.
    """
    known = uow.session.scalars(
        select(PowerUse).where(PowerUse.owner_id == owner_id, PowerUse.signature_id == signature_id)
    ).one_or_none()
    row = known or PowerUse(owner_id=owner_id, signature_id=signature_id, document_id=document_id)
    if known is None or known.outcome == Outcome.INDETERMINATE.value:
        row.number, row.judged_at = judged.number, uow.clock.now()
        row.outcome, row.reason = judged.verdict.outcome.value, judged.verdict.reason
        row.checks = {"checks": [check.to_json() for check in judged.verdict.checks]}
    uow.session.add(row)
    return row


def refuse_unless_good(judged: Judged) -> None:
    """A signature of ours rests on a power only when all ten checks were made. Rejected `power.not_good`."""
    if not is_good(judged):
        raise Rejected("power.not_good", reason=judged.verdict.reason)


def _row(power: Power, file: PowerFile, *, owner_id: UUID, actor: Actor, uow: UnitOfWork) -> PowerOfAttorney:
    principal, agent = power.principals[0], power.agents[0]
    numbers = [one.inn or one.organization_inn or "" for one in (*power.principals, *power.agents)]
    names = [one.name for one in (*power.principals, *power.agents)]
    return PowerOfAttorney(
        owner_id=owner_id,
        number=power.number.casefold(),
        own_number=power.own_number,
        principal_name=principal.name,
        principal_inn=principal.organization_inn or principal.inn or "",
        agent_name=", ".join(one.name for one in power.agents)[:1000],
        agent_inn=agent.inn if len(power.agents) == 1 else None,
        issued=power.issued,
        expires=power.expires,
        facts=codec.dump(power, file),
        decided={},
        file_name=file.name,
        search=" ".join((power.own_number, power.number, *names, *numbers)),
        created_by=actor.user_id,
        created_at=uow.clock.now(),
    )


def _known(uow: UnitOfWork, owner_id: UUID, number: str) -> PowerOfAttorney | None:
    return uow.session.scalars(
        select(PowerOfAttorney).where(PowerOfAttorney.owner_id == owner_id, PowerOfAttorney.number == number.casefold())
    ).one_or_none()


def _own(uow: UnitOfWork, power_id: UUID) -> PowerOfAttorney:
    row = uow.session.scalars(select(PowerOfAttorney).where(PowerOfAttorney.id == power_id)).one_or_none()
    if row is None:
        raise NotFound("power.absent", id=str(power_id))
    return row


def _journal(uow: UnitOfWork, row: PowerOfAttorney, event: str, *, actor: Actor, **facts: object) -> None:
    uow.journal.write(
        event, owner_id=row.owner_id, subject=f"power_of_attorney:{row.id}", actor=actor, number=row.number, **facts
    )
