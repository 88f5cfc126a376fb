"""`edo archive …`: search, export, scrub, canary over the service's data folder (or the full profile's servers)."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from archive import Finding
    from edo_service.bootstrap import Services
    from edo_service.safekeeping.queries import Found, Round

STRETCH = 256 * 1024 * 1024
"""So many bytes are read before the round's place is recorded."""

app = typer.Typer(no_args_is_help=True, help="The archive: search, export, scrub, canary.")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="Words: counterparty, ИНН, number, title.")] = "",
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%d.%m.%Y"])] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%d.%m.%Y"])] = None,
    kind: Annotated[str | None, typer.Option(help="upd or contract")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
) -> None:
    """List kept sets, newest first: id, date, title, counterparty, sum."""
    from edo_service import bootstrap
    from edo_service.archiving import queries

    services = bootstrap.build()
    wish = queries.Search(
        text=text,
        since=since.date() if since else None,
        until=until.date() if until else None,
        kind=kind,
        limit=limit,
    )
    results = queries.search(wish, uow=services.system_uow("archiving.command_line"))
    for line in results.lines:
        total = f"{line.total.rubles:.2f}" if line.total else "-"
        typer.echo("\t".join((str(line.id), str(line.dated), line.title, line.counterparty_name, total, line.state)))
    typer.echo(f"Найдено: {results.found}", err=True)


@app.command()
def export(
    package: Annotated[str, typer.Argument(help="Id of the set, as `edo archive search` prints it.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the ZIP.")],
    purpose: Annotated[str, typer.Option(help="What for; it is journalled.")] = "edo archive export",
) -> None:
    """Write the set as a ZIP that verifies without us. Exit 0, 1 when the archive is damaged, 64 when there is no such set."""
    from archive import ArchiveError
    from edo_service import bootstrap
    from edo_service.errors import EdoError
    from edo_service.kernel.actor import Actor

    services = bootstrap.build()
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            services.take_out(UUID(package), file, purpose=purpose, actor=Actor.system("archiving.command_line"))
        part.replace(out)
    except ArchiveError as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    except (EdoError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(64) from error
    finally:
        part.unlink(missing_ok=True)


@app.command()
def evidence(
    package: Annotated[str, typer.Argument(help="Id of the set, as `edo archive search` prints it.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Where to write the record (RFC 4998, DER).")] = None,
) -> None:
    """Judge the evidence of a set now. Exit 0 proven, 1 false or damaged, 2 undecided, 64 when there is no such set.

    A set that stands under no root yet rests on its own time-stamp.
    """
    from archive import ArchiveError
    from edo_service import bootstrap
    from edo_service.archiving.use_cases.prove import evidence_of
    from edo_service.errors import EdoError
    from signing import SigningError

    services = bootstrap.build()
    try:
        uow, desk = services.system_uow("archiving.command_line"), services.evidence_desk
        found = evidence_of(UUID(package), uow=uow, desk=desk)
        report = desk.verify(found.record, found.objects)
        if out is not None:
            out.write_bytes(found.record)
    except (ArchiveError, SigningError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(1) from error
    except (EdoError, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(64) from error
    typer.echo("\t".join((report.indication, report.sub_indication or "-", str(report.proven_at or "-"))))
    for one in report.timestamps:
        typer.echo("\t".join((one.kind, str(one.at or "-"), one.digest_algorithm, one.indication)))
    for reason in report.reasons:
        typer.echo(reason)
    raise typer.Exit({"TOTAL-PASSED": 0, "TOTAL-FAILED": 1}.get(report.indication, 2))


@app.command()
def scrub(
    resume: Annotated[bool, typer.Option("--resume", help="Go on where a scrub by command was cut off.")] = False,
    threads: Annotated[int, typer.Option(min=1, max=16, help="How many objects are read at a time.")] = 4,
) -> None:
    """Compare every kept part with its hash, retention and record, and every journal with the heads kept.

    A kind, a key and words for each finding, and what a second store mended. Exit 0 sound, 1 damaged (mended damage
    included), 69 when the store does not answer.
    """
    from edo_service import bootstrap
    from edo_service.errors import Unavailable

    services = bootstrap.build()
    try:
        stands = scrub_round(services, resume=resume, threads=threads)
    except Unavailable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(69) from error
    finally:
        services.close()
    mended = f", исправлено: {stands.repaired}" if stands.repaired else ""
    typer.echo(f"Проверено частей: {stands.objects}, замечаний: {stands.findings}{mended}", err=True)
    raise typer.Exit(1 if stands.findings else 0)


def scrub_round(services: "Services", *, resume: bool, threads: int) -> "Round":
    """One round from its beginning, or from where the last one by command was cut off, to its end; findings printed."""
    from edo_service.safekeeping import queries
    from edo_service.safekeeping.use_cases.scrub import begin_round, scrub_on

    uow = services.system_uow("archiving.scrub")
    with uow.reading() as reading:
        last = queries.last_round(reading, origin=queries.COMMAND)
        goes_on = resume and last is not None and last.finished_at is None
        earlier = queries.found(reading, last.id) if goes_on and last is not None else ()
    stands = last if goes_on and last is not None else begin_round(queries.COMMAND, uow=uow)
    for known in earlier:
        say_finding(known)
    while stands.finished_at is None:
        stands, found = scrub_on(
            stands, ground=services.scrub_ground, uow=uow, most_bytes=STRETCH, most_objects=2000, threads=threads
        )
        for one in found:
            say_finding(one)
    return stands


def say_finding(one: "Finding | Found") -> None:
    """A line: kind, key, words."""
    mended = f" (исправлено: {one.repaired})" if one.repaired else ""
    typer.echo(f"{one.kind}\t{one.key}\t{one.detail}{mended}")


@app.command()
def canary() -> None:
    """Try to break the archive's protection with a short-lived object. Exit 0 when every attempt is refused, else 1."""
    from edo_service import bootstrap

    services = bootstrap.build()
    report = services.canary()
    services.close()
    for name, refused, detail in report.attempts:
        typer.echo(f"{'отказано' if refused else 'УДАЛОСЬ'}\t{name}\t{detail}")
    raise typer.Exit(0 if report.ok else 1)
