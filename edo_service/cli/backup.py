"""`edo backup DIR` and `edo restore DIR`: everything into a folder, and back into an empty place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from edo_service.backup import Made

Folder = Annotated[Path, typer.Argument(help="Folder of the backup, outside the data folder; best on another disk.")]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="First line: the passphrase under which the sealing keys are kept."),
]
NO_KEYS = (
    "Ключи запечатывания (EDO_SECRET_KEYS или secret.key) в копию не вошли: без них не откроются закрытые ключи и пароли. "
    "Сохраните их отдельно или дайте --passphrase-file."
)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(backup)
    app.command()(restore)


def backup(
    folder: Folder,
    passphrase_file: Passphrase = None,
    keep: Annotated[int, typer.Option(min=1, max=1000, help="How many backups stay in the folder.")] = 7,
    verify: Annotated[bool, typer.Option("--verify", help="Read everything again afterwards.")] = False,
) -> None:
    """Back up database, documents, archive and other data beside the running service; copies only what is new.

    Exit 0 done, 1 something in the store or in the backup is damaged (the rest is backed up), 64 not possible.
    """
    from edo_service import bootstrap
    from edo_service.backup import BackupError, check_backup, make_backup
    from edo_service.errors import EdoError

    passphrase = _passphrase(passphrase_file)
    services = bootstrap.build()
    try:
        made = make_backup(services, folder, passphrase=passphrase, keep=keep)
        wrong = [*made.damaged, *(check_backup(folder) if verify else ())]
    except (BackupError, EdoError, OSError) as error:
        typer.echo(f"Копия не сделана: {error}", err=True)
        raise typer.Exit(64) from error
    finally:
        services.close()
    _say_made(made, verified=verify)
    _say_wrong(wrong)


def restore(
    folder: Folder,
    passphrase_file: Passphrase = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only read the backup and compare; restore nothing.")
    ] = False,
) -> None:
    """Restore the newest backup into an empty data folder (and, in the full profile, an empty database and buckets).

    Exit 0 done, 1 the backup is damaged, 64 not possible. Afterwards run `edo archive scrub` and `edo journal verify`.
    """
    from edo_service.backup import BackupError, check_backup, restore_backup
    from edo_service.errors import EdoError
    from edo_service.settings import Settings

    try:
        if verify:
            _say_wrong(check_backup(folder))
            typer.echo("Копия цела.", err=True)
            return
        done = restore_backup(folder, Settings(), passphrase=_passphrase(passphrase_file))
    except (BackupError, EdoError, OSError) as error:
        typer.echo(f"Не восстановлено: {error}", err=True)
        raise typer.Exit(64) from error
    typer.echo(f"Восстановлена копия {done.run} от {done.made_at:%d.%m.%Y %H:%M} UTC")
    typer.echo(
        f"строк базы: {done.rows}, архив: {done.archive}, рабочие документы: {done.objects}, файлы: {done.files}"
    )
    if not done.keys:
        typer.echo(
            "Ключи запечатывания не те, что были: закрытые ключи и пароли не откроются. Верните прежние "
            "EDO_SECRET_KEYS (или secret.key в папке данных) до запуска.",
            err=True,
        )
    typer.echo("Теперь проверьте: edo archive scrub && edo journal verify")


def _say_made(made: "Made", *, verified: bool) -> None:
    read = ", прочитана заново" if verified else ""
    typer.echo(f"Копия {made.run} сделана{read}")
    typer.echo(
        f"строк базы: {made.rows}, архив: {made.archive}, рабочие документы: {made.objects}, файлы: {made.files}; "
        f"скопировано {made.copied} ({made.copied_bytes / 1_000_000:.1f} МБ)"
    )
    if not made.keys_sealed:
        typer.echo(NO_KEYS, err=True)


def _say_wrong(wrong: "list[str] | tuple[str, ...]") -> None:
    for one in wrong:
        typer.echo(one)
    if wrong:
        raise typer.Exit(1)


def _passphrase(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeDecodeError, IndexError) as error:
        typer.echo(f"Пароль копии не читается: {path.name}", err=True)
        raise typer.Exit(64) from error
