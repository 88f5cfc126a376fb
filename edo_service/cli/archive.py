"""`edo archive …`: search, export, scrub, canary over the service's data folder (or the full profile's servers)."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

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
def scrub() -> None:
    """Compare every kept part with its hash, retention and record. Exit 0 sound, 1 damaged."""
    from edo_service import bootstrap

    services = bootstrap.build()
    report = services.scrub()
    for finding in report.findings:
        typer.echo(f"{finding.kind}\t{finding.key}\t{finding.detail}")
    typer.echo(f"Проверено частей: {report.objects}, замечаний: {len(report.findings)}", err=True)
    raise typer.Exit(0 if report.sound else 1)


@app.command()
def canary() -> None:
    """Try to break the archive's protection with a short-lived object. Exit 0 when every attempt is refused, else 1."""
    from edo_service import bootstrap

    services = bootstrap.build()
    report = services.canary()
    for name, refused, detail in report.attempts:
        typer.echo(f"{'отказано' if refused else 'УДАЛОСЬ'}\t{name}\t{detail}")
    raise typer.Exit(0 if report.ok else 1)
