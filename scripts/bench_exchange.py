"""Measure receiving: `make bench ARGS=exchange`. Every figure stands beside a baseline of the same run.

The lessor signs УПД and posts them to the sandbox, a process of its own; the client's feed is drained by two worker
processes of two threads (what `EDO_WORKER_THREADS` is unless told) over one database: events read, files fetched and
kept, signatures verified, statuses moved, the receipt notice promised. Beside it the raw parts, one after another in
one thread: a bare request for one event and one for one file (what a document takes to be fetched at all), one
verification with warm memory, one INSERT with its commit, one put into the store. The bar is set on the sum of one of
each, which is the strict reading: a УПД brings four files (the title, ПДО, a signature on each) and two signatures to
verify, so it is met only where the cores share the work and nothing is done twice. What would be the limit with as many
of each as a УПД needs stands in a row of its own and is no bar.
"""

from __future__ import annotations

import argparse
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx2

from edo_service.demo.companies import CLIENT_ONE, OPERATOR_CLIENT, OPERATOR_LOGIN, OPERATOR_PASSWORD
from edo_service.exchange.handlers import ExchangeHandlers
from edo_service.exchange.rules import EVENT, POLL
from edo_service.kernel.jobs import ClaimedJob, EmbeddedWorker, JobHandler, Runner
from scripts.bench_exchange_spent import Spent, spying
from scripts.bench_exchange_stage import Outcome, Sent, Stage, Workers, stage

ROUNDS, DOCUMENTS, WARM, PROBES, CHEAP = 5, 100, 60, 40, 10_000
PROCESSES, THREADS = 2, 2
FILES, SIGNATURES = 4, 2
BAR, FLAT_MEGABYTES = 50, 16
LONGEST = 600.0
WIDTH = 62


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Seconds of each raw part, one of it."""

    event: float
    file: float
    verify: float
    insert: float
    put: float

    @property
    def total(self) -> float:
        """Seconds of one of each: no document can take less on one core."""
        return self.event + self.file + self.verify + self.insert + self.put

    @property
    def needed(self) -> float:
        """Seconds of as many of each as a УПД needs: four files fetched and put, two signatures verified."""
        return self.event + FILES * (self.file + self.put) + SIGNATURES * self.verify + self.insert


def percent_of_limit(parts: Parts, documents: int, seconds: float) -> float:
    """Which share of the limit, 1 / total documents a second, was reached, in percent."""
    return 100 * documents / seconds * parts.total


def grown(samples: Sequence[int]) -> int:
    """By how much memory has grown from the first fifth of the samples to its peak after that; 0 when it shrank.

    The first fifth is left out: caches fill, pages of the interpreter are touched for the first time.
    """
    settled = samples[len(samples) // 5 :]
    return max(0, max(settled) - settled[0])


def row(name: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{name:<{WIDTH}}{value:>24}", flush=True)


def rows(*, documents: int = DOCUMENTS, cheap: int = CHEAP, threads: int = THREADS) -> None:
    """All rows."""
    with tempfile.TemporaryDirectory(prefix="edo-bench-exchange-") as folder, stage(Path(folder) / "data") as here:
        known = [one.message_id for one in pipeline(here, documents, threads)]
        memory(here, cheap, known)


def pipeline(here: Stage, documents: int, threads: int) -> list[Sent]:
    """Documents per second in rounds that take turns with the raw parts. Returns what was sent."""
    found = Rounds()
    with here.workers(PROCESSES, threads) as workers:
        sent = here.send(WARM)
        drain_by(here, workers, WARM)
        for _ in range(ROUNDS):
            fresh = here.send(documents)
            sent += fresh
            found.add(measure(here, fresh[:PROBES]), documents, drain_by(here, workers, documents))
    report(found)
    fresh = here.send(documents)
    row("two threads of one process instead", f"{documents / drain(here, documents):.1f} documents/s")
    sent += [*fresh, *spent(here, documents)]
    check(here.outcome(), len(sent))
    return sent


@dataclass(kw_only=True)
class Rounds:
    """The raw parts, the rate and the share of the limit of each round."""

    raw: list[Parts] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)

    def add(self, raw: Parts, documents: int, seconds: float) -> None:
        """One round more."""
        self.raw.append(raw)
        self.rates.append(documents / seconds)
        self.shares.append(percent_of_limit(raw, documents, seconds))


def report(found: Rounds) -> None:
    """The table of the round whose share is the median."""
    middle = found.shares.index(statistics.median_low(found.shares))
    parts = found.raw[middle]
    for name, value in (
        ("raw: one event of the feed over HTTP", parts.event),
        ("raw: one file over HTTP", parts.file),
        ("raw: one verification, warm", parts.verify),
        ("raw: one INSERT with its commit", parts.insert),
        ("raw: one put into the store", parts.put),
    ):
        row(name, f"{1000 * value:.2f} ms")
    row("their sum is the limit", f"{1 / parts.total:.1f} documents/s")
    row(f"no bar: with {FILES} files and {SIGNATURES} signatures, as a УПД has", f"{1 / parts.needed:.1f} documents/s")
    row("receive, store, verify, move, promise the receipt", f"{found.rates[middle]:.1f} documents/s")
    row(
        f"in percent of the limit (bar: {BAR} %), median of {len(found.shares)}",
        f"{found.shares[middle]:.0f} % ({min(found.shares):.0f} to {max(found.shares):.0f})",
    )


def drain_by(here: Stage, workers: Workers, events: int) -> float:
    """Let worker processes take so many events; the seconds until the last one was."""
    wanted = here.taken() + events
    workers.tell("go")
    began = time.perf_counter()
    here.promise_poll()
    while here.taken() < wanted:
        if time.perf_counter() - began > LONGEST:
            raise SystemExit(f"{wanted - here.taken()} of {events} events were not taken in {LONGEST:.0f} s")
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    workers.tell("stop")
    workers.hear("stopped")
    return seconds


def check(outcome: Outcome, sent: int) -> None:
    """A bench of refusals would measure something else."""
    wanted = Outcome(documents=sent, good=sent, receipts=sent, dead=0)
    if outcome != wanted:
        raise SystemExit(f"expected {wanted}, found {outcome}")


def drain(
    here: Stage,
    events: int,
    *,
    threads: int = 2,
    handlers: ExchangeHandlers | None = None,
    watch: Callable[[int], None] = lambda _seen: None,
) -> float:
    """Let the feed be read and every event be taken; the seconds until the last one was."""
    chosen, services = handlers or here.services.exchange_handlers, here.services
    count = _Count(chosen.on_event, events, watch)
    table: Mapping[str, JobHandler] = {POLL: chosen.on_poll, EVENT: count}
    lease, together = services.settings.job_lease, chosen.together
    runner = Runner(services.database, services.clock, table, worker="bench", lease=lease, together=together)
    worker = EmbeddedWorker(runner, threads=threads, idle=0.005)
    began = time.perf_counter()
    here.promise_poll()
    worker.start()
    while not count.done.wait(1.0) and time.perf_counter() - began < LONGEST:
        here.promise_poll()  # one job reads no more than 5,000 events
    ended = worker.stop()
    seconds = time.perf_counter() - began
    if not (count.done.is_set() and ended):
        raise SystemExit(f"{count.seen} of {events} events were taken in {LONGEST:.0f} s")
    return seconds


class _Count:
    """A handler that tells when it has succeeded so many times."""

    def __init__(self, handler: JobHandler, wanted: int, watch: Callable[[int], None]) -> None:
        self._handler, self._wanted, self._watch = handler, wanted, watch
        self._lock = threading.Lock()
        self.seen = 0
        self.done = threading.Event()

    def __call__(self, job: ClaimedJob) -> None:
        self._handler(job)
        with self._lock:
            self.seen += 1
            self._watch(self.seen)
            if self.seen >= self._wanted:
                self.done.set()


def measure(here: Stage, sent: Sequence[Sent]) -> Parts:
    """Seconds of each raw part: means over as many of each as documents were sent."""
    services = here.services
    with closing(_bare(here)) as client, closing(_plain(here)) as base:
        box = here.accounts[CLIENT_ONE.code].box
        events = client.get("/V8/GetNewEvents", params={"boxId": box, "orderBy": "Descending", "limit": "100"}).json()
        titles = [line["Message"]["Entities"][0] for line in events["Events"][: len(sent)]]
        messages = [line["EventId"] for line in events["Events"][: len(sent)]]
        newest = {"boxId": box, "orderBy": "Descending", "limit": "1"}
        asked = [
            {"boxId": box, "messageId": message, "entityId": title["EntityId"]}
            for message, title in zip(messages, titles, strict=True)
        ]
        return Parts(
            event=_each([partial(_get, client, "/V8/GetNewEvents", newest) for _ in sent]),
            file=_each([partial(_get, client, "/V4/GetEntityContent", one) for one in asked]),
            verify=_each([partial(services.judge.judge, one.content, one.signature) for one in sent]),
            insert=_each([partial(_insert, base, one) for one in sent]),
            put=_each([partial(services.objects.put, os.urandom(len(one.content)), here.owner) for one in sent]),
        )


def _each(works: Sequence[Callable[[], object]]) -> float:
    """Seconds of one on the average: what else the machine does slows the pipeline down by as much."""
    began = time.perf_counter()
    for work in works:
        work()
    return (time.perf_counter() - began) / len(works)


def _bare(here: Stage) -> httpx2.Client:
    """A client without limits, repeats and readings, logged in."""
    client = httpx2.Client(base_url=here.services.settings.operator_url or "", trust_env=False)
    scheme = f"DiadocAuth ddauth_api_client_id={OPERATOR_CLIENT}"
    token = client.post(
        "/V3/Authenticate",
        params={"type": "password"},
        json={"login": OPERATOR_LOGIN, "password": OPERATOR_PASSWORD},
        headers={"Authorization": scheme},
    ).text
    client.headers["Authorization"] = f"{scheme},ddauth_token={token}"
    client.headers["Accept"] = "application/json"
    return client


def _get(client: httpx2.Client, path: str, params: Mapping[str, str]) -> bytes:
    answer = client.get(path, params=dict(params))
    if answer.status_code != 200:
        raise SystemExit(f"{path}: {answer.status_code}: {answer.text[:300]}")
    return answer.content


def _plain(here: Stage) -> sqlite3.Connection:
    """A database beside the service's, as durable as that."""
    base = sqlite3.connect(here.services.settings.root / "raw.db", isolation_level=None)
    for words in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        base.execute(words)
    base.execute("CREATE TABLE IF NOT EXISTS document (id TEXT PRIMARY KEY, owner TEXT, number TEXT, facts TEXT)")
    return base


def _insert(base: sqlite3.Connection, one: Sent) -> None:
    base.execute("BEGIN IMMEDIATE")
    words = (os.urandom(16).hex(), "owner", one.number, one.message_id * 20)
    base.execute("INSERT INTO document VALUES (?, ?, ?, ?)", words)
    base.execute("COMMIT")


def spent(here: Stage, documents: int) -> list[Sent]:
    """Where the time of a document goes, in one thread. Returns what was sent."""
    sent = here.send(documents)
    clock = Spent()
    with spying(here.services, clock) as handlers:
        seconds = drain(here, documents, threads=1, handlers=handlers)
    row("one thread alone", f"{documents / seconds:.1f} documents/s")
    for name, taken in clock.seconds.items():
        row(f"  {name}", f"{1000 * taken / documents:.1f} ms, {clock.calls[name] / documents:.1f} calls")
    row("  the rest: our own code", f"{1000 * (seconds - sum(clock.seconds.values())) / documents:.1f} ms")
    return sent


def memory(here: Stage, count: int, known: Sequence[str]) -> None:
    """Cheap events drained: messages and parts of unknown kinds, notices of delivery; what the process grows by."""
    here.tell(count, known)
    before, samples = resident(), []
    step = max(1, count // 50)

    def watch(seen: int) -> None:
        if seen % step == 0:
            samples.append(resident())

    seconds = drain(here, count, watch=watch)
    row(f"{count} events of unknown kinds and notices, drained", f"{count / seconds:.0f} events/s")
    row("  resident before, after, peak", f"{before / 1024:.0f}, {resident() / 1024:.0f}, {max(samples) / 1024:.0f} MB")
    fifths = [samples[len(samples) * number // 5 - 1] / 1024 for number in range(1, 6)]
    row("  resident at the end of each fifth", ", ".join(f"{one:.0f}" for one in fifths) + " MB")
    row(f"  growth after the first fifth (bar: {FLAT_MEGABYTES} MB)", f"{grown(samples) / 1024:.1f} MB")


def resident() -> int:
    """Resident memory of this process in KB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=DOCUMENTS, help="documents a round")
    parser.add_argument("--events", type=int, default=CHEAP, help="cheap events drained for the memory")
    parser.add_argument("--threads", type=int, default=THREADS, help="threads of each of the two worker processes")
    wish = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores")
    rows(documents=wish.documents, cheap=wish.events, threads=wish.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
