"""`edo company …`, `edo person …`: who is served here and who works for whom; what no page does."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edo_service.accounts.rules import EntityKind, Role
from edo_service.cli.files import read_file, refuse

if TYPE_CHECKING:
    from uuid import UUID

    from edo_service.accounts.queries import MemberCard
    from edo_service.bootstrap import Services

app = typer.Typer(no_args_is_help=True, help="Companies served here.")
people_app = typer.Typer(no_args_is_help=True, help="People and what they may do for a company.")

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
Company = Annotated[str, typer.Option("--company", help="ИНН of the company, or ИНН/КПП.")]
Login = Annotated[str, typer.Argument(help="Log-in name: an e-mail address, or a phone (+79…) for codes by SMS.")]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help="First line: the password; otherwise one is made and printed.")
]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The services, open for one command."""

    services: "Services"

    def entity(self, company: str) -> "UUID":
        """The company's id by ИНН or ИНН/КПП (ИНН alone when only one has it); ends the command with 64 otherwise."""
        from edo_service.accounts import queries

        inn, _, kpp = company.partition("/")
        with self.services.system_uow("accounts.set_up").reading() as uow:
            found = [one for one in queries.entities(uow) if one.inn == inn and (not kpp or one.kpp == kpp)]
        if len(found) != 1:
            refuse(f"--company {company}: {'таких несколько, укажите ИНН/КПП' if found else 'такой компании нет'}")
        return found[0].id

    def person(self, login: str) -> "UUID | None":
        """The person's id by log-in name, None when there is none."""
        from edo_service.accounts import queries

        with self.services.system_uow("accounts.set_up").reading() as uow:
            return queries.person_id_by_login(uow, login)

    def member(self, person_id: "UUID", entity_id: "UUID") -> "MemberCard | None":
        """The person as an employee of the company, None when she is none now."""
        from edo_service.accounts import queries

        with self.services.system_uow("accounts.set_up").reading() as uow:
            return next((one for one in queries.members(uow, entity_id) if one.person_id == person_id), None)


@contextmanager
def desk() -> Iterator[Desk]:
    """The service's parts for one command; a refusal ends it with 64 and its words."""
    from edo_service import bootstrap
    from edo_service.errors import EdoError
    from edo_service.texts import phrase

    services = bootstrap.build()
    try:
        yield Desk(services=services)
    except EdoError as error:
        refuse(phrase(error.code, "ru", **error.params))
    finally:
        services.close()


@app.command("add")
def add_company(
    name: Annotated[str, typer.Argument(help="As it stands in documents, ООО «…».")],
    inn: Annotated[str, typer.Option(help="ИНН.")],
    kpp: Annotated[str | None, typer.Option(help="КПП.")] = None,
    ogrn: Annotated[str | None, typer.Option(help="ОГРН.")] = None,
    kind: Annotated[EntityKind, typer.Option(help="What the company is to the service.")] = EntityKind.LESSOR,
) -> None:
    """Open an account for a company; prints its code in addresses. Exit 0, or 64 with the reason."""
    from edo_service.accounts import queries
    from edo_service.accounts.use_cases import NewEntity, create_entity
    from edo_service.kernel.actor import Actor

    with desk() as open_desk:
        uow = open_desk.services.system_uow("accounts.set_up")
        new = NewEntity(kind=kind, name=name, inn=inn, kpp=kpp, ogrn=ogrn)
        entity_id = create_entity(new, actor=Actor.system("accounts.set_up"), uow=uow)
        with uow.reading() as reading:
            typer.echo(queries.entity(reading, entity_id).code)


@app.command("list")
def list_companies() -> None:
    """A line for each company: ИНН, КПП, code in addresses, name."""
    from edo_service.accounts import queries

    with desk() as open_desk, open_desk.services.system_uow("accounts.set_up").reading() as uow:
        for one in queries.entities(uow):
            typer.echo("\t".join((one.inn, one.kpp or "-", one.code, one.name)))


@people_app.command("add")
def add_person(
    login: Login,
    company: Company,
    role: Annotated[Role, typer.Option(help="What the person may do: docs/manual/people-and-keys.md.")],
    *,
    surname: Annotated[str, typer.Option(help="Фамилия; not needed for somebody who has a log-in already.")] = "",
    given_name: Annotated[str, typer.Option(help="Имя.")] = "",
    patronymic: Annotated[str, typer.Option(help="Отчество.")] = "",
    position: Annotated[str | None, typer.Option(help="Должность, as documents name it.")] = None,
    inn: Annotated[str | None, typer.Option(help="The person's own ИНН, 12 digits.")] = None,
    snils: Annotated[str | None, typer.Option(help="СНИЛС.")] = None,
    head: Annotated[bool | None, typer.Option("--head/--no-head", help="Heads the company.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%d.%m.%Y"], help="The last day.")] = None,
    password_file: PasswordFile = None,
) -> None:
    """Let a person work for a company, or change the role of one who does. A new person's password is printed once.

    For one who works there what is not named stays, the last day excepted: without --until there is none. Exit 0, or 64 with
    the reason. An auditor has always a last day, a year at most.
    """
    from edo_service.accounts.use_cases import NewMembership, NewPerson, add_membership, create_person
    from edo_service.kernel.actor import Actor

    with desk() as open_desk:
        entity_id, actor = open_desk.entity(company), Actor.system("accounts.set_up")
        uow, person_id, made = open_desk.services.system_uow("accounts.set_up"), open_desk.person(login), ""
        if person_id is None:
            if not (surname and given_name):
                refuse("--surname, --given-name: такого входа ещё нет, назовите фамилию и имя")
            password, made = _password(password_file)
            new = NewPerson(
                login=login, password=password, surname=surname, given_name=given_name, patronymic=patronymic
            )
            person_id = create_person(new, actor=actor, uow=uow)
        before = open_desk.member(person_id, entity_id)
        membership = NewMembership(
            person_id=person_id,
            role=role,
            position=position if position is not None else before.position if before else "",
            inn=inn if inn is not None else before.inn if before else None,
            snils=snils if snils is not None else before.snils if before else None,
            head=head if head is not None else bool(before and before.head),
            valid_until=until.date() if until else None,
        )
        if made:
            typer.echo(made)
        add_membership(membership, entity_id=entity_id, actor=actor, uow=uow)


@people_app.command("end")
def end_person(login: Login, company: Company) -> None:
    """End a person's work for a company: the rights are gone at once, all sessions end. Exit 0, or 64 with the reason."""
    from edo_service.accounts.use_cases import end_membership
    from edo_service.kernel.actor import Actor

    with desk() as open_desk:
        entity_id, person_id = open_desk.entity(company), _there(open_desk, login)
        uow = open_desk.services.system_uow("accounts.set_up")
        end_membership(person_id, entity_id=entity_id, actor=Actor.system("accounts.set_up"), uow=uow)


@people_app.command("password")
def new_password(login: Login, password_file: PasswordFile = None) -> None:
    """Give a person who forgot it a new password; all sessions end. Exit 0, or 64 with the reason."""
    from edo_service.accounts.use_cases import set_password
    from edo_service.kernel.actor import Actor

    with desk() as open_desk:
        person_id = _there(open_desk, login)
        password, made = _password(password_file)
        uow = open_desk.services.system_uow("accounts.set_up")
        set_password(person_id, new=password, actor=Actor.system("accounts.set_up"), uow=uow)
        if made:
            typer.echo(made)


def _there(open_desk: Desk, login: str) -> "UUID":
    person_id = open_desk.person(login)
    if person_id is None:
        refuse(f"{login}: такого входа нет")
    return person_id


def _password(path: Path | None) -> tuple[str, str]:
    """The password, and what of it is to be printed: nothing when it was given."""
    if path is not None:
        return (read_file(path).decode("utf-8", "replace").splitlines() or [""])[0], ""
    made = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
    return made, made
