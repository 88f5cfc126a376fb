"""`edo key …`: signing keys that the service keeps sealed; what no page does."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from edo_service.cli.companies import Company, desk
from edo_service.cli.files import read_file, refuse
from edo_service.cli.keys import open_key
from edo_service.keys.rules import Purpose

app = typer.Typer(no_args_is_help=True, help="Signing keys kept by the service.")


@app.command("add")
def add_key(
    key: Annotated[Path, typer.Argument(help="The key: PKCS#8 (PEM, DER) or PKCS#12.")],
    company: Company,
    purpose: Annotated[
        Purpose,
        typer.Option(help="organization: receipts and the archive, by itself; staff: titles; person: opened by a PIN."),
    ],
    certificate: Annotated[Path | None, typer.Option(help="Its certificate; a container may hold it.")] = None,
    person: Annotated[str | None, typer.Option(help="Log-in name of whose key it is.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="First line: the password of the key's file.")] = None,
    pin_file: Annotated[Path | None, typer.Option(help="First line: the PIN that will open a person's key.")] = None,
    label: Annotated[str, typer.Option(help="Its name; the certificate's by default.")] = "",
) -> None:
    """Keep a key sealed under the service's secret; prints its id. Exit 0, or 64 with the reason."""
    import signing
    from edo_service.kernel.actor import Actor
    from edo_service.keys.use_cases import NewKey

    password = _first_line(password_file)
    try:
        opened = open_key(str(key), certificate, (), None if password is None else password.encode())
        content = signing.export_private_key(opened.key)
    except signing.SigningError as error:
        refuse(f"{key}: {error}")
    with desk() as open_desk:
        entity_id = open_desk.entity(company)
        holder = open_desk.person(person) if person else None
        if person and holder is None:
            refuse(f"--person {person}: такого входа нет")
        actor = Actor.automatic("edo.key", entity_id)
        new = NewKey(
            label=label or opened.certificate.subject.common_name or key.stem,
            purpose=purpose,
            private_key=content,
            certificate=opened.certificate.der,
            person_id=holder,
            pin=_first_line(pin_file),
        )
        typer.echo(str(open_desk.services.keys.keep(new, actor=actor, uow=open_desk.services.uow(actor.scope))))


@app.command("list")
def list_keys(company: Company) -> None:
    """A line for each key of the company: id, purpose, last day, certificate's SHA-256, name."""
    from edo_service.kernel.scope import Scope
    from edo_service.keys import queries

    with desk() as open_desk, open_desk.services.uow(Scope.of(open_desk.entity(company))).reading() as uow:
        for one in queries.keys(uow):
            last = one.certificate.not_after.date()
            typer.echo("\t".join((str(one.id), one.purpose, str(last), one.certificate.sha256, one.label)))


@app.command("retire")
def retire_key(
    key_id: Annotated[UUID, typer.Argument(help="Id, as `edo key list` prints it.")], company: Company
) -> None:
    """Take a key out of use for good: the sealed key is wiped, what it signed stays. Exit 0, or 64 with the reason."""
    from edo_service.kernel.actor import Actor

    with desk() as open_desk:
        actor = Actor.automatic("edo.key", open_desk.entity(company))
        open_desk.services.keys.retire(key_id, actor=actor, uow=open_desk.services.uow(actor.scope))


def _first_line(path: Path | None) -> str | None:
    if path is None:
        return None
    return (read_file(path).decode("utf-8", "replace").splitlines() or [""])[0]
