"""Measure putting and scrubbing of the file store with the parts of real sets; part of `make bench-archive`.

Each round takes a figure and its baseline right beside each other, in turns which comes first, and the median of the
rounds' ratios is told. Both sides of a ratio find the same state: what was written before is on the disk, and what is
to be read is not in the system's memory. A store that is put into has its folders already, as one in use has.
"""

import hashlib
import os
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import archive
from edo_service.kernel.clock import SystemClock
from scripts.bench import row, spread, timed

WARM_SETS, PUT_SETS, SCRUB_COPIES, SCRUB_ROUNDS = 40, 60, 60, 5
SETS_OF_DEMO = 4


def rows(store: archive.Store, folder: Path) -> None:
    """Print every figure. store: where the demonstration's sets lie; folder: room for other files."""
    contents = [store.get(key) for key in store.keys("") if not key.startswith("canary/")]
    _put_rows(folder, contents[: len(contents) // SETS_OF_DEMO])
    _scrub_rows(folder, contents)


def _put_rows(folder: Path, contents: Sequence[bytes]) -> None:
    row("a set: parts, bytes", f"{len(contents)}, {sum(len(one) for one in contents)}")
    store = archive.FileStore(folder / "put", SystemClock())
    for number in range(WARM_SETS):
        _put(store, [_other(one, f"warm{number}") for one in contents])
    os.sync()
    raw, put = [], []
    for number in range(PUT_SETS):
        sets = {kind: [_other(one, f"{kind}{number}") for one in contents] for kind in ("raw", "put")}
        took = _in_turns(number, [partial(_write_raw, folder / "raw", sets["raw"]), partial(_put, store, sets["put"])])
        raw.append(took[0])
        put.append(took[1])
    row("baseline: the same bytes raw, file by file", spread(sorted(raw)))
    row("put of a set", spread(sorted(put)))
    row("put in raw rates (bar: 50 %)", _percent(raw, put))


def _scrub_rows(folder: Path, contents: Sequence[bytes]) -> None:
    store = archive.FileStore(folder / "scrubbed", SystemClock())
    for number in range(SCRUB_COPIES):
        _put(store, [_other(one, f"scrub{number}") for one in contents])
    parts = _files(folder / "scrubbed" / "parts")
    everything = [*parts, *_files(folder / "scrubbed" / "retention"), *_files(folder / "scrubbed" / "ledger")]
    large = folder / "large"
    large.write_bytes(b"".join(path.read_bytes() for path in parts))
    os.sync()
    size = large.stat().st_size
    seconds: dict[str, list[float]] = {}
    kinds: dict[str, tuple[Sequence[Path], Callable[[], object]]] = {
        "one file": ([large], partial(_sha256_all, [large])),
        "parts": (parts, partial(_sha256_all, parts)),
        "scrub of parts": (parts, partial(_scrub, store, len(parts))),
        "everything": (everything, partial(_sha256_all, everything)),
        "scrub of everything": (everything, partial(_scrub, store, len(parts))),
        "scrub by four": (everything, partial(_scrub, store, len(parts), threads=4)),
    }
    for number in range(SCRUB_ROUNDS):
        took = _in_turns(number, [act for _read, act in kinds.values()], [read for read, _act in kinds.values()])
        for kind, one in zip(kinds, took, strict=True):
            seconds.setdefault(kind, []).append(one)
    rate = {kind: f"{size / statistics.median(found) / 1e6:.0f} MB/s" for kind, found in seconds.items()}
    row("SHA-256 of one file of all bytes, from disk", rate["one file"])
    row(f"baseline: SHA-256 of {len(parts)} parts, from disk", rate["parts"])
    row("scrub, the records being in memory", rate["scrub of parts"])
    row("scrub in SHA-256 rates (bar: 80 %)", _percent(seconds["parts"], seconds["scrub of parts"]))
    row("baseline: SHA-256 of parts and records", rate["everything"])
    row("scrub, the records from disk too", rate["scrub of everything"])
    row("scrub in SHA-256 rates (bar: 80 %)", _percent(seconds["everything"], seconds["scrub of everything"]))
    row("the same, by four threads", _percent(seconds["everything"], seconds["scrub by four"]))


def _in_turns(
    number: int, acts: Sequence[Callable[[], object]], reads: Sequence[Sequence[Path]] | None = None
) -> list[float]:
    """Seconds of each act, done in this or the opposite order; `reads`: files that have to come from the disk."""
    took = [0.0] * len(acts)
    places = range(len(acts))
    for place in places if number % 2 == 0 else reversed(places):
        for path in reads[place] if reads else ():
            _let_go(path)
        took[place] = timed(acts[place])
    return took


def _percent(baseline: Sequence[float], ours: Sequence[float]) -> str:
    return f"{100 * statistics.median(one / other for one, other in zip(baseline, ours, strict=True)):.0f} %"


def _other(content: bytes, mark: str) -> bytes:
    """The same size with another hash."""
    own = hashlib.sha256(mark.encode()).digest()[: len(content)]
    return own + content[len(own) :]


def _put(store: archive.Store, contents: Sequence[bytes]) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    store.put_all([(archive.key_of("bench", one), one) for one in contents], retain_until=until)


def _write_raw(folder: Path, contents: Sequence[bytes]) -> None:
    """As plain code keeps files: write, fsync, rename, fsync of the folder."""
    folder.mkdir(exist_ok=True)
    for content in contents:
        path = folder / hashlib.sha256(content).hexdigest()
        fresh = path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _scrub(store: archive.Store, parts: int, *, threads: int = 1) -> None:
    report = archive.scrub(store, None, threads=threads)
    if report.objects != parts or not report.sound:
        raise SystemExit(f"the scrub saw {report.objects} of {parts} parts: {report.findings[:3]}")


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def _sha256_all(files: Sequence[Path]) -> None:
    for path in files:
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256").hexdigest()


def _let_go(path: Path) -> None:
    """Have the system forget a file's content."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
