"""`edo journal …`: the chain of every company's journal, and the heads of it that the archive holds."""

import typer

app = typer.Typer(no_args_is_help=True, help="The journal.")


@app.callback()
def _group() -> None:
    """Keep `edo journal verify` two words even while it is the only command."""


@app.command()
def verify() -> None:
    """Walk every journal and compare it with the heads kept in the archive. Exit 0 whole, 1 broken, 69 no archive.

    A line each: ИНН (or `platform`), entries sealed, heads kept, problems; then a line for each problem.
    """
    from edo_service import bootstrap
    from edo_service.accounts import queries as accounts
    from edo_service.archiving.heads import kept_heads
    from edo_service.errors import Unavailable
    from edo_service.kernel.journal import PLATFORM
    from edo_service.kernel.scope import Scope

    services = bootstrap.build()
    with services.uow(Scope.of()).reading() as every:
        owners = [("platform", PLATFORM), *((one.inn, one.id) for one in accounts.entities(every))]
    broken = 0
    for name, owner_id in owners:
        try:
            report = services.verify_journal(owner_id)
            heads = len(kept_heads(owner_id, store=services.store).heads)
        except Unavailable as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(69) from error
        typer.echo(f"{name}\tentries {report.head.position}\theads {heads}\tproblems {len(report.problems)}")
        for one in report.problems:
            typer.echo(f"{name}\t{one.kind}\t{one.position}\t{one.entry_id or '-'}\t{one.text}")
        broken += len(report.problems)
    services.close()
    raise typer.Exit(1 if broken else 0)
