"""The stage of `scripts.bench_exchange`: real servers, a service over an empty folder, and a counterparty that sends.

PKI and sandbox are processes of their own, as at an operator's; the service under measure lives in this process.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import UUID, uuid4

from sqlalchemy import func, select

import signing
from edo_service import bootstrap
from edo_service.bootstrap import Services
from edo_service.bootstrap_stores import NoTimestamper
from edo_service.demo.companies import CLIENT_ONE, LESSOR, OPERATOR, SANDBOX_ORGANIZATIONS
from edo_service.demo.invoice import demo_upd
from edo_service.demo.make_pki import ensure_pki
from edo_service.demo.operator_side import DemoNotary, DemoPapers
from edo_service.demo.seed import seed
from edo_service.documents.receipts import RECEIPT
from edo_service.documents.tables import Document, Part, Signature
from edo_service.exchange.accounts import AccountCard, card
from edo_service.exchange.rules import EVENT, POLL
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel import schema
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.jobs import EmbeddedWorker, Job, JobHandler, Runner
from edo_service.kernel.scope import SystemScope
from edo_service.settings import Settings
from operators import port
from operators.sandbox import Faults
from operators.sandbox.exchange import feed, rows
from operators.sandbox.exchange.confirmations import add_attachment
from operators.sandbox.exchange.desk import Desk, box_key
from operators.sandbox.exchange.ledger import Ledger, new_id
from operators.sandbox.exchange.messages import SOMETHING_NEW
from operators.sandbox.exchange.model import Message
from operators.sandbox.exchange.state import State
from scripts.services.processes import free_ports
from signing.pki import Pki

ROOT = Path(__file__).resolve().parent.parent
EDO = str(Path(sys.executable).parent / "edo")
START_LIMIT = 60.0
BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A document that the counterparty has sent: its bytes and the signature on them."""

    number: str
    message_id: str
    content: bytes = field(repr=False)
    signature: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the receiving company has: documents, titles proved good, receipt notices promised, events that failed."""

    documents: int
    good: int
    receipts: int
    dead: int


@dataclass(frozen=True, kw_only=True)
class Workers:
    """Processes of this module, told by lines what to do."""

    processes: Sequence[subprocess.Popen[str]]

    def tell(self, word: str) -> None:
        """Say a word to all."""
        for one in self.processes:
            if one.stdin is not None:
                one.stdin.write(f"{word}\n")
                one.stdin.flush()

    def hear(self, word: str) -> None:
        """Wait until each has said the word."""
        for one in self.processes:
            if one.stdout is None or one.stdout.readline().strip() != word:
                raise SystemExit(f"a worker did not say {word}: {one.poll()}")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The service, the counterparty's hands, and the operator's desk for events that nobody has to sign."""

    services: Services
    pki: Pki
    desk: Desk
    accounts: Mapping[str, AccountCard]

    @property
    def owner(self) -> UUID:
        """The company that receives."""
        return self.accounts[CLIENT_ONE.code].owner_id

    def send(self, count: int) -> list[Sent]:
        """The lessor signs and posts so many УПД of two lines, each with a time-stamp on its signature."""
        operator = self.services.operator(self.accounts[LESSOR.code])
        return [self._send_one(operator) for _ in range(count)]

    def _send_one(self, operator: port.Operator) -> Sent:
        key, number = self.pki.entity("lessor_person"), f"З-{uuid4().hex[:10]}"
        now = self.services.clock.now()
        written = demo_upd(LESSOR, CLIENT_ONE, number=number, at=now)
        cms = signing.sign_cades(
            written.content,
            key=key.key,
            certificate=key.certificate,
            chain=key.chain,
            signing_time=now,
            timestamper=self.services.timestamper,
        )
        document = port.OutgoingDocument(
            kind="upd",
            content=written.content,
            file_name=written.file_name,
            function="СЧФДОП",
            version=None,
            needs_answer=True,
            needs_receipt=True,
            comment=None,
        )
        action = port.Send(
            from_box=self.accounts[LESSOR.code].box,
            to_box=self.accounts[CLIENT_ONE.code].box,
            document=document,
            own_id=str(uuid4()),
        )
        (wanted,) = operator.prepare(action)
        done = operator.execute(action, {wanted.ref: cms}, key=str(uuid4()))
        return Sent(number=number, message_id=done.message_id, content=written.content, signature=cms)

    def tell(self, count: int, known: Sequence[str]) -> None:
        """Put so many cheap events into the client's feed, in turns.

        1. A message of a kind that no client knows. 2. A part of an unknown kind in a message that she has (`known`).
        3. A notice of delivery in such a message.
        """
        for begin in range(0, count, BATCH):
            with self.desk.writing() as ledger:
                for number in range(begin, min(begin + BATCH, count)):
                    self._tell_one(ledger, number, known[number % len(known)])

    def _tell_one(self, ledger: Ledger, number: int, known: str) -> None:
        mine, theirs = box_key(self.accounts[CLIENT_ONE.code].box), box_key(self.accounts[LESSOR.code].box)
        if number % 3 == 2:
            feed.announce_delivery(ledger, mine, known)
            return
        message = Message(
            id=new_id() if number % 3 == 0 else known,
            from_box=theirs,
            to_box=mine,
            created_at=ledger.at,
            touched_at=ledger.at,
            deliver_at=None,
            delivered_at=ledger.at,
        )
        if number % 3 == 0:
            rows.add_message(ledger.connection, message)
        part = add_attachment(
            ledger, message, attachment_type=SOMETHING_NEW, content=b"?", seen_by=(message.from_box, mine)
        )
        if number % 3 == 0:
            feed.announce_message(ledger, mine, message.id, [part.id])
        else:
            feed.announce_patch(ledger, mine, message.id, new_id(), [part.id])

    @contextlib.contextmanager
    def workers(self, count: int, threads: int) -> Iterator[Workers]:
        """So many worker processes over the same data with so many threads each; they rest until they are told to go."""
        settings = self.services.settings
        command = [sys.executable, "-m", "scripts.bench_exchange_stage", str(settings.root)]
        command += [settings.demo_pki_url or "", settings.operator_url or "", str(threads)]
        with contextlib.ExitStack() as stack:
            made = [
                stack.enter_context(
                    subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                )
                for _ in range(count)
            ]
            found = Workers(processes=made)
            found.hear("ready")
            try:
                yield found
            finally:
                found.tell("end")

    def taken(self) -> int:
        """How many events have been taken so far, asked past the service."""
        place = f"file:{self.services.settings.root / 'edo.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(place, uri=True)) as base:
            query = "select count(*) from job where kind = ? and state = 'done'"
            return int(base.execute(query, (EVENT,)).fetchone()[0])

    def outcome(self) -> Outcome:
        """Count what has come of what was sent."""
        with self.services.uow(SystemScope("health")) as uow:
            mine = (Document.owner_id == self.owner, Document.direction == "in")
            good = (
                select(func.count(Signature.id))
                .join(Part, Part.id == Signature.part_id)
                .where(Signature.owner_id == self.owner, Part.role == "seller_title", Part.objection.is_(None))
                .where(Signature.indication == "TOTAL-PASSED")
            )
            jobs = select(func.count(Job.id)).where(Job.owner_id == self.owner)
            return Outcome(
                documents=uow.session.execute(select(func.count(Document.id)).where(*mine)).scalar_one(),
                good=uow.session.execute(good).scalar_one(),
                receipts=uow.session.execute(jobs.where(Job.kind == RECEIPT)).scalar_one(),
                dead=uow.session.execute(jobs.where(Job.kind == EVENT, Job.state == "dead")).scalar_one(),
            )

    def promise_poll(self) -> None:
        """Let the client's feed be due."""
        account = self.accounts[CLIENT_ONE.code]
        with self.services.uow(SystemScope("exchange.poll")) as uow:
            uow.jobs.put(
                POLL,
                owner_id=account.owner_id,
                key=str(account.id),
                queue="exchange",
                payload={"account_id": str(account.id)},
            )
            uow.commit()


@contextlib.contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Everything that the bench needs, in an empty folder; ended with the block."""
    settings = Settings(data_dir=folder, demo=True)
    clock = SystemClock()
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)
    pki = ensure_pki(settings.pki_dir, clock=clock, passwords={})
    with contextlib.ExitStack() as stack:
        pki_url = stack.enter_context(_server(settings.root, "pki", "serve", health="/health"))
        sandbox = stack.enter_context(_server(settings.root, "sandbox", "diadoc", health="/_sandbox/health"))
        settings = settings.model_copy(update={"demo_pki_url": pki_url, "operator_url": sandbox})
        services = bootstrap.build(settings, clock=clock)
        stack.callback(services.close)
        seed(services)
        Runner(services.database, clock, {POLL: services.exchange_handlers.on_poll}).drain()  # feeds are empty yet
        yield Stage(services=services, pki=pki, desk=_desk(settings, pki, clock), accounts=_accounts(services))


def _accounts(services: Services) -> dict[str, AccountCard]:
    with services.uow(SystemScope("exchange.poll")) as uow:
        found = {row.participant_id: card(row) for row in uow.session.scalars(select(OperatorAccount))}
    return {company.code: found[company.participant_id] for company in (LESSOR, CLIENT_ONE)}


def _desk(settings: Settings, pki: Pki, clock: SystemClock) -> Desk:
    """The sandbox's own state, written past its wire."""
    notary = DemoNotary(operator=pki.entity("operator"), timestamper=NoTimestamper(), clock=clock)
    desk = Desk(
        state=State(settings.sandbox_dir / "diadoc.db"),
        notary=notary,
        papers=DemoPapers(),
        operator=OPERATOR,
        clock=clock,
        faults=Faults(),
    )
    desk.declare(SANDBOX_ORGANIZATIONS, acquainted=True)
    return desk


@contextlib.contextmanager
def _server(folder: Path, *command: str, health: str) -> Iterator[str]:
    """A server of ours as a process on a free loopback port; its address."""
    (chosen,) = free_ports(1)
    address = f"http://127.0.0.1:{chosen}"
    environment = os.environ | {"EDO_DATA_DIR": str(folder), "EDO_DEMO": "1"}
    words = [EDO, *command, "--port", str(chosen)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(words, env=environment, cwd=ROOT, stdout=quiet, stderr=quiet) as process:
        try:
            ends = time.monotonic() + START_LIMIT
            while not _answers(address + health):
                if process.poll() is not None or time.monotonic() > ends:
                    raise SystemExit(f"edo {' '.join(command)} did not answer: {process.returncode}")
                time.sleep(0.05)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5) as response:  # noqa: S310 -- a loopback address made here
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def work(folder: str, pki_url: str, operator_url: str, threads: str) -> None:
    """Be a worker process: `go` and `stop` come by lines, until the end of them."""
    settings = Settings(data_dir=Path(folder), demo=True, demo_pki_url=pki_url, operator_url=operator_url)
    services = bootstrap.build(settings)
    handlers = services.exchange_handlers
    table: Mapping[str, JobHandler] = {POLL: handlers.on_poll, EVENT: handlers.on_event}
    lease, together = settings.job_lease, handlers.together
    runner = Runner(services.database, services.clock, table, lease=lease, together=together)
    worker = EmbeddedWorker(runner, threads=int(threads), idle=0.005)
    print("ready", flush=True)
    for line in sys.stdin:
        match line.strip():
            case "go":
                worker.start()
            case "stop":
                worker.stop()
                print("stopped", flush=True)
            case _:
                break
    services.close()


if __name__ == "__main__":
    work(*sys.argv[1:])
