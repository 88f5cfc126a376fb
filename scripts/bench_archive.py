"""Measure the archive at size: `make bench-archive`, ARGS=--quick for a tenth. Judges nothing, prints ratios.

The demonstration archives its documents for real; one of its sets is then copied by rows until there are 100,000, each
with numbers, counterparties, dates and words of its own. Every figure stands beside a baseline of the same run: an empty
page, `SELECT 1`; those of the store stand in bench_archive_store.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID

from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.kernel.actor import Actor
from edo_service.kernel.ids import new_id
from edo_service.settings import Settings
from scripts import bench_archive_store
from scripts.bench import row, spread, timed

ROOT = Path(__file__).resolve().parent.parent
EDO = str(Path(sys.executable).parent / "edo")
SETS, EXPORTED = 100_000, 1000
NAMES = ("Вектор", "Северный экспресс", "Альфа-Транс", "Ромашка", "Прогресс", "Восход", "Меридиан", "Каскад", "Орион")
BATCH = 2000
COPIED = ("document", "part", "signature", "package", "package_part")
QUESTIONS: tuple[dict[str, str], ...] = (
    {"counterparty": "Вектор 17"},
    {"counterparty": "7701000123"},
    {"number": "Б-77"},
    {"since": "01.03.2023", "until": "31.03.2023"},
    {"total_from": "1000", "total_to": "2000"},
    {"kind": "upd", "text": "меридиан"},
    {},
)


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the sets")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="make the archive there once; later runs measure it again"
    )
    parser.add_argument("--make", action="store_true", help="with --keep: only make it, measure nothing")
    chosen = parser.parse_args()
    share = 10 if chosen.quick else 1
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores; median / 95th percentile")
    with tempfile.TemporaryDirectory(prefix="edo-bench-archive-") as scratch:
        folder = (chosen.keep or Path(scratch)).resolve()
        settings = Settings(data_dir=folder / "data", demo=True)
        sample = made(settings, folder, share)
        row("sets in the archive", f"{sample.count}")
        row("parts of the set that was copied", str(sample.parts))
        if not chosen.make:
            measure(settings, sample, Path(scratch))
    return 0


def made(settings: Settings, folder: Path, share: int) -> Sample:
    """The archive in `folder`: as an earlier run left it, with the newest tables, or made now."""
    note = folder / "sample.json"
    if note.exists():
        subprocess.run([EDO, "migrate"], env=_environment(settings), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        return Sample.load(note)
    folder.mkdir(parents=True, exist_ok=True)
    walk_demo(settings, folder)
    began = time.monotonic()
    sample = multiply(settings.root / "edo.db", SETS // share, exported=EXPORTED // share)
    row("rows made", f"{time.monotonic() - began:.0f} s")
    sample.save(note)
    return sample


def measure(settings: Settings, sample: Sample, scratch: Path) -> None:
    """Every figure with its baseline, when the disk has taken what was written before."""
    os.sync()
    services = bootstrap.build(settings)
    try:
        pages(services, sample)
        exports(services, sample)
        bench_archive_store.rows(services.store, scratch)
    finally:
        services.close()


def _environment(settings: Settings) -> dict[str, str]:
    return os.environ | {"EDO_DATA_DIR": str(settings.root), "EDO_DEMO": "1"}


def walk_demo(settings: Settings, folder: Path) -> None:
    """One invoice and one contract through the whole service, archived by both sides."""
    command = [EDO, "demo", "--json", "--out", str(folder / "out")]
    subprocess.run(command, env=_environment(settings), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


class Sample:
    """The company whose archive was filled, some of its sets, and those that can be exported."""

    def __init__(self, owner: UUID, *, parts: int, count: int) -> None:
        self.owner, self.parts, self.count = owner, parts, count
        self.sets: list[str] = []
        self.exported: list[str] = []

    def save(self, note: Path) -> None:
        """Keep what a later run has to know."""
        note.write_text(json.dumps(vars(self) | {"owner": str(self.owner)}), encoding="utf-8")

    @classmethod
    def load(cls, note: Path) -> Sample:
        """What an earlier run kept."""
        kept = json.loads(note.read_text(encoding="utf-8"))
        sample = cls(UUID(kept["owner"]), parts=kept["parts"], count=kept["count"])
        sample.sets, sample.exported = kept["sets"], kept["exported"]
        return sample


def multiply(file: Path, count: int, *, exported: int) -> Sample:
    """Copy the newest kept УПД of the company with the most sets `count` times, by rows."""
    with closing(sqlite3.connect(file, isolation_level=None)) as base:
        base.row_factory = sqlite3.Row
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "cache_size=-600000"):
            base.execute(f"PRAGMA {pragma}")
        package = base.execute(
            "SELECT * FROM package WHERE kind = 'upd' AND state = 'kept' AND direction = 'out'"
        ).fetchone()
        pattern = _Pattern(base, package)
        before = base.execute("SELECT count(*) FROM package WHERE owner_id = ?", (package["owner_id"],)).fetchone()[0]
        parts = len(pattern.rows["package_part"])
        sample = Sample(UUID(package["owner_id"]), parts=parts, count=before + count)
        dice = random.Random(20261122)  # noqa: S311 -- the same archive each time
        indexes = _drop_indexes(base)
        for begin in range(0, count, BATCH):
            base.execute("BEGIN")
            for number in range(begin, min(begin + BATCH, count)):
                made = pattern.copy(number, dice, real=number < exported)
                if number < exported:
                    sample.exported.append(made)
                if number % 97 == 0:
                    sample.sets.append(made)
            pattern.flush()
            base.execute("COMMIT")
        for statement in indexes:
            base.execute(statement)
        base.execute("ANALYZE")
    return sample


def _drop_indexes(base: sqlite3.Connection) -> list[str]:
    """Drop the indexes of what is copied, so that they are made again at once; how to make them."""
    places = ", ".join("?" * len(COPIED))
    found = base.execute(
        f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({places})",  # noqa: S608 -- our own names
        COPIED,
    ).fetchall()
    for one in found:
        base.execute(f'DROP INDEX "{one["name"]}"')
    return [one["sql"] for one in found]


class _Pattern:
    """Rows of one set in every table that names its document or itself, to be written again under new ids."""

    def __init__(self, base: sqlite3.Connection, package: sqlite3.Row) -> None:
        self._base = base
        marks = {"document_id": package["document_id"], "package_id": package["id"]}
        self.rows: dict[str, list[dict[str, Any]]] = {"document": [], "package": []}
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = {line[1] for line in base.execute(f'PRAGMA table_info("{table}")')}
            for name, value in marks.items():
                if name in columns and table in COPIED:
                    self._take(table, name, value)
        self._take("document", "id", package["document_id"])
        words = base.execute("SELECT words FROM package_fts WHERE rowid = ?", (package["text_row"],)).fetchone()
        self._words = words[0] if words else package["search"]
        self._pending: dict[str, list[tuple[Any, ...]]] = {}
        self._texts: list[tuple[int, str]] = []
        self._text_row = (base.execute("SELECT max(text_row) FROM package").fetchone()[0] or 0) + 1
        own = {one["id"] for rows in self.rows.values() for one in rows}
        self._links = own

    def _take(self, table: str, column: str, value: str) -> None:
        found = self._base.execute(f'SELECT * FROM "{table}" WHERE "{column}" = ?', (value,)).fetchall()  # noqa: S608 -- our own names
        known = {one["id"] for one in self.rows.setdefault(table, [])}
        self.rows[table] += [dict(one) for one in found if one["id"] not in known]

    def copy(self, number: int, dice: random.Random, *, real: bool) -> str:
        """Queue one more set; the id of its package. real: its parts are those that lie in the store."""
        ids = {old: new_id().hex for old in self._links}
        dated = date(2022, 1, 1) + timedelta(days=dice.randrange(1700))
        party = f"ООО «{dice.choice(NAMES)} {dice.randrange(400)}»"
        inn = f"77{dice.randrange(10**8):08d}"
        facts = {
            "number": f"Б-{number}", "dated": dated.isoformat(), "title": f"УПД № Б-{number} от {dated:%d.%m.%Y}",
            "total": dice.randrange(10_000, 90_000_000), "counterparty_name": party, "counterparty_inn": inn,
            "year": dated.year, "search": f"упд б-{number} {party.casefold()} {inn}",
        }  # fmt: skip
        for table, rows in self.rows.items():
            for one in rows:
                line = {name: ids.get(value, value) if isinstance(value, str) else value for name, value in one.items()}
                if table in {"package", "document"}:
                    line |= {name: value for name, value in facts.items() if name in line}
                line |= {name: f"{number}-{one[name]}" for name in ("message_ref", "entity_ref") if one.get(name)}
                if table == "document":
                    line["upload_sha256"] = dice.randbytes(32).hex()
                if table == "package":
                    line["text_row"] = self._text_row
                if table == "package_part" and not real:
                    line["sha256"] = dice.randbytes(32).hex()
                self._pending.setdefault(table, []).append(tuple(line.values()))
        self._texts.append((self._text_row, f"{self._words} {facts['search']}"))
        self._text_row += 1
        return ids[self.rows["package"][0]["id"]]

    def flush(self) -> None:
        """Write what is queued, parents first."""
        for table in sorted(
            self._pending,
            key=lambda name: (
                ("document", "part", "signature", "package").index(name)
                if name in {"document", "part", "signature", "package"}
                else 9
            ),
        ):
            rows = self._pending[table]
            columns = ", ".join(f'"{name}"' for name in self.rows[table][0])
            places = ", ".join("?" * len(self.rows[table][0]))
            self._base.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', rows)  # noqa: S608 -- our own names
        self._base.executemany("INSERT INTO package_fts(rowid, words) VALUES (?, ?)", self._texts)
        self._pending, self._texts = {}, []


def pages(services: Services, sample: Sample) -> None:
    """Search and cards through the application, beside an empty page and a bare statement."""
    import httpx2

    from edo_service.accounts import queries as accounts
    from edo_service.main.app import create_app

    with services.system_uow("accounts.log_in").reading() as uow:
        code = accounts.entity(uow, sample.owner).code
    headers = {"Authorization": f"Bearer {_token(services)}"}
    app = create_app(services)

    async def measure() -> dict[str, list[float]]:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(
            transport=transport, base_url=services.settings.address, headers=headers
        ) as client:

            async def ask(path: str, **query: str) -> float:
                began = time.perf_counter()
                answer = await client.get(path, params=query)
                if answer.status_code != 200:
                    raise SystemExit(f"{path}: {answer.status_code}: {answer.text[:300]}")
                return time.perf_counter() - began

            await ask("/health/live")
            said = await client.post(f"/o/{code}/archive/purpose", data={"purpose": "замер"})
            client.headers["Cookie"] = said.headers["Set-Cookie"].partition(";")[0]
            cards = random.Random(1).sample(sample.sets, min(150, len(sample.sets)))  # noqa: S311 -- repeatable
            for one in QUESTIONS:
                await ask(f"/o/{code}/archive", **one)
            return {
                "empty": sorted([await ask("/health/live") for _ in range(100)]),
                "search": sorted([await ask(f"/o/{code}/archive", **one) for one in QUESTIONS * 15]),
                "card": sorted([await ask(f"/o/{code}/archive/{one}") for one in cards]),
            }

    found = asyncio.run(measure())
    with closing(sqlite3.connect(services.settings.root / "edo.db")) as base:
        plain = sorted(timed(lambda: base.execute("SELECT 1").fetchone()) for _ in range(500))
    row("baseline: SELECT 1", spread(plain))
    row("baseline: empty page", spread(found["empty"]))
    for name, most in (("search", 300), ("card", 500)):
        row(f"{name} page (bar: p95 {most} ms)", spread(found[name]))
        late = found[name][int(len(found[name]) * 0.95)] / found["empty"][int(len(found["empty"]) * 0.95)]
        row(f"{name} p95 in empty pages", f"{late:.1f}")


def _token(services: Services) -> str:
    """A session of the lessor's compliance officer."""
    from edo_service.accounts.arrival import Device
    from edo_service.accounts.use_cases.log_in import log_in
    from edo_service.demo.companies import LESSOR

    known = json.loads((services.settings.root / "demo-logins.json").read_text(encoding="utf-8"))
    person = LESSOR.people[1]
    password = known[person.login]["password"]
    uow = services.system_uow("accounts.log_in")
    return log_in(person.login, password, device=Device(address="127.0.0.1", user_agent="bench"), uow=uow).token


class _Nowhere(io.RawIOBase):
    """Takes what is written and forgets it."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data)


def exports(services: Services, sample: Sample) -> None:
    """Take sets out one after another; how much the process grows."""
    actor = Actor.system("archiving.command_line")
    for package in sample.exported[:20]:
        services.take_out(UUID(package), cast("BinaryIO", _Nowhere()), purpose="замер", actor=actor)
    before, began = _resident(), time.monotonic()
    for package in sample.exported:
        services.take_out(UUID(package), cast("BinaryIO", _Nowhere()), purpose="замер", actor=actor)
    row(f"export of {len(sample.exported)} sets", f"{time.monotonic() - began:.1f} s")
    row("it grew memory by (bar: 64 MB)", f"{(_resident() - before) / 1024:.1f} MB")


def _resident() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


if __name__ == "__main__":
    sys.exit(main())
