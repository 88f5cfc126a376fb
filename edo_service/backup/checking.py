"""Read a whole backup again and compare it with its own description."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edo_service.backup.making import LISTS, needed
from edo_service.backup.values import BackupError, Vault, hash_file


def check_backup(folder: Path) -> tuple[str, ...]:
    """What is wrong with the newest run, in words; nothing when all of it is there and whole.

    BackupError when there is no backup, or its description cannot be trusted.
    """
    vault = Vault(root=folder.absolute())
    run, manifest = vault.current()
    wrong = list(damaged_lists(run, manifest))
    return tuple(wrong) if wrong else tuple(_damaged_contents(vault, run, manifest))


def damaged_lists(run: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """Files of the run that are not what the description says."""
    notes = [(f"tables/{note['file']}", note["sha256"]) for note in manifest["tables"]]
    notes += [(manifest[name]["file"], manifest[name]["sha256"]) for name in LISTS]
    notes += [("keys.json", manifest["keys"]["sealed"])] if manifest["keys"]["sealed"] else []
    for name, sha256 in notes:
        try:
            if hash_file(run / name) != sha256:
                yield f"{name}: содержимое изменилось"
        except BackupError as error:
            yield str(error)


def _damaged_contents(vault: Vault, run: Path, manifest: dict[str, Any]) -> Iterator[str]:
    for sha256, what in needed(run, manifest):
        try:
            if hash_file(vault.content(sha256)) != sha256:
                yield f"{what}: содержимое изменилось"
        except BackupError as error:
            yield f"{what}: {error}"
