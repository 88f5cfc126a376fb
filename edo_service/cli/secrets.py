"""`edo secrets …`: what is sealed in the database, and under which secret."""

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Sealed keys and passwords.")


@app.callback()
def _group() -> None:
    """Keep `edo secrets rotate` two words even while it is the only command."""


@app.command()
def rotate(
    check: Annotated[bool, typer.Option("--check", help="Change nothing, only count.")] = False,
) -> None:
    """Seal signing keys and operator passwords under the newest secret (the first of EDO_SECRET_KEYS).

    May be interrupted and repeated, beside a running service too. Exit 0 when everything is sealed under the newest
    secret: the older ones may be taken out of EDO_SECRET_KEYS then. Exit 1 when something is not, or does not open.
    """
    from edo_service import bootstrap

    services = bootstrap.build()
    done = services.rotate_secrets(dry=check)
    words = "to be sealed anew" if check else "sealed anew"
    for name, one in done.items():
        typer.echo(f"{name}: {one.resealed} {words}, {one.current} current, {len(one.unreadable)} unreadable")
        for row in one.unreadable:
            typer.echo(f"unreadable\t{name}\t{row}", err=True)
    services.close()
    left = sum(len(one.unreadable) + (one.resealed if check else 0) for one in done.values())
    raise typer.Exit(1 if left else 0)
