"""The child of test_archive_kills: puts one set after another and says so, until it is killed. Imports little."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from archive import FileStore, MirrorStore, key_of
from archive.store import Store

PARTS = 9


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def build(where: dict[str, str]) -> Store:
    """The store that is named."""
    clock = RealClock()
    if where["kind"] == "s3":
        from archive.s3 import S3Store, connect

        server = json.loads(where["server"])
        client = connect(
            server["endpoint"], access_key=server["access_key"], secret_key=server["secret_key"], secure=False
        )
        return S3Store(client, where["bucket"], clock)
    first = FileStore(Path(where["root"]) / "first", clock)
    if where["kind"] == "files":
        return first
    return MirrorStore(first, FileStore(Path(where["root"]) / "second", clock), clock)


def contents(number: int) -> list[bytes]:
    """A set: small parts, one larger, one that all sets share."""
    parts = [f"{number}/{part}".encode() * (1 + 400 * part) for part in range(PARTS - 1)]
    return [*parts, b"shared by all"]


def put_sets(task: dict[str, str]) -> None:
    """The child: put one set after another, acknowledge each."""
    store, until = build(task), datetime.fromisoformat(task["until"])
    for number in range(int(task["begin"]), 10**6):
        items = [(key_of("e1", content), content) for content in contents(number)]
        store.put_all(items, retain_until=until)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
