"""Sets the demonstration up: companies, people with random passwords, keys, boxes, counterparties, the operator's account.

Everything may be done again: what is there is left alone. Passwords and PINs are made once and kept in the data folder
(mode 0600), because they are shown to whoever runs the demonstration.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import signing
from edo_service.accounts import queries as accounts
from edo_service.accounts import use_cases as account_verbs
from edo_service.accounts.rules import EntityKind, Role
from edo_service.bootstrap import Services
from edo_service.demo.companies import (
    COMPANIES,
    LESSOR,
    OPERATOR_CLIENT,
    OPERATOR_LOGIN,
    OPERATOR_PASSWORD,
    DemoCompany,
    DemoPerson,
)
from edo_service.demo.make_pki import ensure_pki
from edo_service.exchange.use_cases.connect import Connection, connect
from edo_service.kernel.actor import Actor
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys import queries as keys
from edo_service.keys.rules import Purpose
from edo_service.keys.use_cases import NewKey
from edo_service.parties.use_cases import NewCounterparty, keep_counterparty, keep_own_box
from signing.pki import Pki

OPERATOR_CODE = "diadoc"
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """What one demo person types in."""

    password: str = field(repr=False)
    pin: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SeededCompany:
    """A demo company as it stands in the database."""

    company: DemoCompany
    entity_id: UUID
    code: str
    people: dict[str, UUID]


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """All companies by code, and the log-ins."""

    companies: dict[str, SeededCompany]
    secrets: dict[str, Secrets]

    def actor(self, services: Services, person: DemoPerson) -> Actor:
        """The actor that a demo person is for her company, with the rights of her role."""
        uow = services.system_uow("accounts.log_in")
        for seeded in self.companies.values():
            if person.login in seeded.people:
                with uow:
                    card = accounts.member(uow, seeded.people[person.login], seeded.entity_id)
                return Actor(
                    user_id=card.person_id,
                    name=card.full_name,
                    entity_id=seeded.entity_id,
                    scope=Actor.automatic("demo", seeded.entity_id).scope,
                    rights=card.rights,
                )
        raise KeyError(person.login)


def seed(services: Services) -> Seeded:
    """Set everything up; waits for another process that is doing the same."""
    settings = services.settings
    with _alone(settings.root / "demo.lock"):
        known = _secrets(settings.root / "demo-logins.json")
        pki = ensure_pki(settings.pki_dir, clock=services.clock, passwords={})
        _trust(settings.root / "trust", pki)
        companies = {company.code: _company(services, company, known) for company in COMPANIES}
        for seeded in companies.values():
            _keys(services, seeded, pki, known)
            _boxes(services, seeded, companies)
    return Seeded(companies=companies, secrets=known)


def _company(services: Services, company: DemoCompany, known: dict[str, Secrets]) -> SeededCompany:
    actor, uow = Actor.system("accounts.set_up"), services.system_uow("accounts.set_up")
    with uow:
        card = accounts.entity_by_inn(uow, company.inn, company.kpp)
    entity_id = card.id if card else None
    if entity_id is None:
        new = account_verbs.NewEntity(
            kind=EntityKind(company.kind), name=company.name, inn=company.inn, kpp=company.kpp, ogrn=company.ogrn
        )
        entity_id = account_verbs.create_entity(new, actor=actor, uow=uow)
    people = {
        person.login: _person(person, entity_id, known[person.login], actor=actor, uow=uow) for person in company.people
    }
    with uow:
        code = accounts.entity(uow, entity_id).code
    return SeededCompany(company=company, entity_id=entity_id, code=code, people=people)


def _person(person: DemoPerson, entity_id: UUID, secret: Secrets, *, actor: Actor, uow: UnitOfWork) -> UUID:
    with uow:
        person_id = accounts.person_id_by_login(uow, person.login)
    if person_id is None:
        new = account_verbs.NewPerson(
            login=person.login,
            password=secret.password,
            surname=person.surname,
            given_name=person.given_name,
            patronymic=person.patronymic,
        )
        person_id = account_verbs.create_person(new, actor=actor, uow=uow)
    membership = account_verbs.NewMembership(
        person_id=person_id,
        role=Role(person.role),
        position=person.position,
        inn=person.inn or None,
        snils=person.snils or None,
        head=bool(person.inn),
    )
    account_verbs.add_membership(membership, entity_id=entity_id, actor=actor, uow=uow)
    return person_id


def _keys(services: Services, seeded: SeededCompany, pki: Pki, known: dict[str, Secrets]) -> None:
    actor = Actor.automatic("demo", seeded.entity_id)
    uow = services.uow(actor.scope)
    with uow:
        there = {key.certificate.sha256 for key in keys.keys(uow)}
    company = seeded.company
    wanted: list[tuple[str, Purpose, UUID | None, str | None]] = [
        (f"{company.code}_organization", Purpose.ORGANIZATION, None, None)
    ]
    if company.staff_key:
        surname = pki.entity(company.staff_key).certificate.subject.surname
        holder = next((person for person in company.people if person.surname == surname), None)
        wanted.append((company.staff_key, Purpose.STAFF, seeded.people[holder.login] if holder else None, None))
    wanted += [
        (person.key, Purpose.PERSON, seeded.people[person.login], known[person.login].pin)
        for person in company.people
        if person.key
    ]
    for name, purpose, person_id, pin in wanted:
        entity = pki.entity(name)
        if entity.certificate.sha256 in there:
            continue
        new = NewKey(
            label=entity.certificate.subject.common_name or name,
            purpose=purpose,
            private_key=signing.export_private_key(entity.key),
            certificate=entity.certificate.der,
            person_id=person_id,
            pin=pin,
        )
        services.keys.keep(new, actor=actor, uow=uow)


def _boxes(services: Services, seeded: SeededCompany, companies: dict[str, SeededCompany]) -> None:
    actor = Actor.automatic("demo", seeded.entity_id)
    uow = services.uow(actor.scope)
    company = seeded.company
    keep_own_box(operator=OPERATOR_CODE, participant_id=company.participant_id, box=company.box, actor=actor, uow=uow)
    others = [other for other in companies.values() if (other.company is LESSOR) != (company is LESSOR)]
    for other in others:
        new = NewCounterparty(
            inn=other.company.inn,
            kpp=other.company.kpp,
            name=other.company.name,
            operator=OPERATOR_CODE,
            participant_id=other.company.participant_id,
            box=other.company.box,
            entity_id=other.entity_id,
        )
        keep_counterparty(new, actor=actor, uow=uow)
    wish = Connection(
        operator=OPERATOR_CODE,
        participant_id=company.participant_id,
        login=OPERATOR_LOGIN,
        password=OPERATOR_PASSWORD,
        client_id=OPERATOR_CLIENT,
    )
    connect(wish, actor=actor, uow=uow, operators=services.operator, secrets=services.secrets)


def _secrets(path: Path) -> dict[str, Secrets]:
    """Random passwords and PINs, made once."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    known = {login: Secrets(password=item["password"], pin=item["pin"]) for login, item in kept.items()}
    missing = [person.login for company in COMPANIES for person in company.people if person.login not in known]
    for login in missing:
        known[login] = Secrets(password=_word(4, 5), pin="".join(secrets.choice("0123456789") for _ in range(8)))
    if missing:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({login: {"password": item.password, "pin": item.pin} for login, item in known.items()}, file)
        fresh.rename(path)
    return known


def _word(groups: int, letters: int) -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(letters)) for _ in range(groups))


def _trust(folder: Path, pki: Pki) -> None:
    """The demonstration's anchors, where the service looks for them."""
    folder.mkdir(exist_ok=True)
    bundle = "".join(certificate.pem() for certificate in (*pki.roots(), *pki.intermediates())).encode()
    target = folder / "demo.pem"
    if not target.exists() or target.read_bytes() != bundle:
        fresh = folder / ".demo.pem.new"
        fresh.write_bytes(bundle)
        fresh.rename(target)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
