"""Verbs of the keys: keep one, open one for one act. Every opening of a person's key is journalled, also a failed one."""

import os
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

import signing
from edo_service.accounts import queries as accounts
from edo_service.errors import Conflict, Forbidden, NotFound, Rejected, Unavailable
from edo_service.kernel.actor import Actor, Right
from edo_service.kernel.rotation import Resealed, SealedColumn, reseal_column
from edo_service.kernel.scope import SystemScope
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.queries import UnlockedKey
from edo_service.keys.rules import KEPT, MAX_PIN, MAX_WRONG_PINS, MIN_PIN, Purpose, is_for, key_under_pin
from edo_service.keys.tables import SigningKey


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key to be kept: PKCS#8 DER, certificate DER, whose it is; `pin` for a person's key."""

    label: str
    purpose: Purpose
    private_key: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    person_id: UUID | None = None
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class KeyRoom:
    """Opens sealed keys; holds the service's SecretBox and nothing else."""

    secrets: SecretBox

    def keep(self, new: NewKey, *, actor: Actor, uow: UnitOfWork) -> UUID:
        """Keep a key sealed, with the certificate of the actor's company.

        Raises Rejected: `key.pin_needed`, `key.pin_not_wanted`, `key.holder_needed`, `key.unreadable`,
        `key.not_of_certificate`, `key.of_other_organization`, `key.person_in_automatic`, `key.holder_may_not_sign`.
        """
        actor.require(Right.KEYS)
        _check_form(new)
        certificate, key = _load(new)
        _check_holder(new, certificate)
        with uow:
            _check_company(certificate, accounts.entity(uow, actor.entity).inn)
            if new.person_id is not None and not _may_sign(uow, new.person_id, actor.entity):
                raise Rejected("key.holder_may_not_sign")
            row = SigningKey(
                owner_id=actor.entity,
                label=new.label,
                purpose=new.purpose.value,
                person_id=new.person_id,
                certificate=certificate.der,
                certificate_sha256=certificate.sha256,
                algorithm=key.algorithm,
                sealed_key=b"",
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                wrong_pins=0,
                created_at=uow.clock.now(),
            )
            uow.session.add(row)
            uow.session.flush()
            content = new.private_key
            if new.pin is not None:
                row.salt = os.urandom(16)
                content = _pin_box(new.pin, row.salt).seal(content, context=_context(row.id))
            row.sealed_key = self.secrets.seal(content, context=_context(row.id))
            _journal(uow, row, "key.kept", actor=actor, purpose=new.purpose.value)
            if new.purpose is Purpose.ORGANIZATION:
                uow.jobs.put(KEPT, owner_id=actor.entity, key=str(row.id), queue="signing")
            uow.commit()
            return row.id

    def unlock_server_key(
        self, key_id: UUID, *, actor: Actor, uow: UnitOfWork, person_id: UUID | None = None
    ) -> UnlockedKey:
        """Open a key that needs no PIN (staff, organization) for an act promised earlier.

        `person_id`: for whom a job signs; None when the act is automatic. A person acts for herself. Raises NotFound,
        Forbidden (another person's key, or she may not sign any more), Conflict `key.expired`, Unavailable
        `key.damaged`.
        """
        person = person_id or actor.user_id
        with uow:
            row = _row(uow, key_id)
            if row.purpose == Purpose.PERSON.value:
                raise Forbidden("key.needs_its_holder", id=str(key_id))
            names_person = bool(signing.Certificate.load(row.certificate).subject.surname)
            if not is_for(person, holder_id=row.person_id, names_person=names_person):
                raise Forbidden("key.of_another_person", id=str(key_id))
            if person is not None and not _may_sign(uow, person, row.owner_id):
                raise Forbidden("account.right_missing", right=Right.SIGN.value)
            _check_time(row, uow)
            content = self._open(row)
            facts = {"person_id": str(person)} if person else {}
            _journal(uow, row, "key.used", actor=actor, purpose=row.purpose, **facts)
            uow.commit()
        return _unlocked(row, content)

    def unlock_personal(self, key_id: UUID, *, pin: str, purpose: str, actor: Actor, uow: UnitOfWork) -> UnlockedKey:
        """Open the actor's own key by PIN for one act named in `purpose`.

        Raises Rejected (`key.wrong_pin` with the tries left, `key.locked`), NotFound for another person's key, Forbidden,
        Conflict `key.expired`, Unavailable `key.damaged`.
        """
        actor.require(Right.SIGN)
        with uow:
            row = _row(uow, key_id)
            if row.person_id != actor.user_id or row.purpose != Purpose.PERSON.value or row.salt is None:
                raise NotFound("key.absent", id=str(key_id))
            if row.wrong_pins >= MAX_WRONG_PINS:
                raise Rejected("key.locked")
            _check_time(row, uow)
            row.wrong_pins += 1  # counted before the try: a crash or a race never gives a free one
            uow.commit()
        wrapped = self._open(row)
        try:
            content = _pin_box(pin, row.salt).open(wrapped, context=_context(row.id))
        except SecretUnreadable as error:
            with uow:
                again = _row(uow, key_id)
                _journal(uow, again, "key.wrong_pin", actor=actor, act=purpose, tries=again.wrong_pins)
                uow.commit()
            left = MAX_WRONG_PINS - again.wrong_pins
            if left <= 0:
                raise Rejected("key.locked") from error
            raise Rejected("key.wrong_pin", left=left) from error
        with uow:
            again = _row(uow, key_id)
            again.wrong_pins = 0
            _journal(uow, again, "key.unlocked", actor=actor, act=purpose)
            uow.commit()
        return _unlocked(row, content)

    def retire(self, key_id: UUID, *, actor: Actor, uow: UnitOfWork) -> None:
        """Take a key out of use for good; what it signed stays. The sealed key is wiped. Raises NotFound, Forbidden."""
        actor.require(Right.KEYS)
        with uow:
            row = _row(uow, key_id)
            row.retired_at, row.sealed_key, row.salt = uow.clock.now(), b"", None
            _journal(uow, row, "key.retired", actor=actor, purpose=row.purpose)
            uow.commit()

    def reseal_all(self, *, uow: UnitOfWork, dry: bool = False) -> Resealed:
        """Seal every entity's keys under the service's newest secret (rotation); `dry` only counts.

        A person's key stays under its PIN inside. May be interrupted and repeated.
        """
        place = SealedColumn(
            table=SigningKey,
            column="sealed_key",
            context=lambda row: _context(row.id),
            only=(SigningKey.retired_at.is_(None),),
        )
        return reseal_column(place, secrets=self.secrets, uow=uow.under(SystemScope("keys.rotate")), dry=dry)

    def _open(self, row: SigningKey) -> bytes:
        try:
            return self.secrets.open(row.sealed_key, context=_context(row.id))
        except SecretUnreadable as error:
            raise Unavailable("key.damaged", id=str(row.id)) from error


def _check_form(new: NewKey) -> None:
    personal = new.purpose is Purpose.PERSON
    if personal and not MIN_PIN <= len(new.pin or "") <= MAX_PIN:
        raise Rejected("key.pin_needed", least=MIN_PIN, most=MAX_PIN)
    if personal and new.person_id is None:
        raise Rejected("key.holder_needed")
    if not personal and new.pin is not None:
        raise Rejected("key.pin_not_wanted")


def _check_holder(new: NewKey, certificate: signing.Certificate) -> None:
    """A certificate that names a person is that person's: no automatic key, and no server key without its holder."""
    if not certificate.subject.surname:
        return
    if new.purpose is Purpose.ORGANIZATION:
        raise Rejected("key.person_in_automatic", name=certificate.subject.surname)
    if new.person_id is None:
        raise Rejected("key.holder_needed")


def _may_sign(uow: UnitOfWork, person_id: UUID, entity_id: UUID) -> bool:
    return Right.SIGN in accounts.member(uow, person_id, entity_id).rights


def _load(new: NewKey) -> tuple[signing.Certificate, signing.PrivateKey]:
    try:
        certificate = signing.Certificate.load(new.certificate)
        key = signing.load_private_key(new.private_key)
    except signing.SigningError as error:
        raise Rejected("key.unreadable", label=new.label) from error
    if key.public_key_info != certificate.public_key_info:
        raise Rejected("key.not_of_certificate", label=new.label)
    return certificate, key


def _check_company(certificate: signing.Certificate, inn: str) -> None:
    """Compare ИННЮЛ (приказ ФСБ 795, п. 18) with the company; a certificate of a person alone names no company."""
    found = certificate.subject.organization_inn
    if found and found != inn:
        raise Rejected("key.of_other_organization", expected=inn, found=found)


def _check_time(row: SigningKey, uow: UnitOfWork) -> None:
    if not row.not_before <= uow.clock.now() < row.not_after:
        raise Conflict("key.expired", until=row.not_after.date())


def _row(uow: UnitOfWork, key_id: UUID) -> SigningKey:
    row = uow.session.scalars(
        select(SigningKey).where(SigningKey.id == key_id, SigningKey.retired_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound("key.absent", id=str(key_id))
    return row


def _unlocked(row: SigningKey, content: bytes) -> UnlockedKey:
    return UnlockedKey(
        id=row.id, key=signing.load_private_key(content), certificate=signing.Certificate.load(row.certificate)
    )


def _pin_box(pin: str, salt: bytes) -> SecretBox:
    return SecretBox([key_under_pin(pin, salt)])


def _context(key_id: UUID) -> str:
    return f"signing_key:{key_id}"


def _journal(uow: UnitOfWork, row: SigningKey, event: str, *, actor: Actor, **facts: object) -> None:
    uow.journal.write(
        event,
        owner_id=row.owner_id,
        subject=f"signing_key:{row.id}",
        actor=actor,
        certificate_sha256=row.certificate_sha256,
        **facts,
    )
