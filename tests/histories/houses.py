"""Two companies, each with its own service and database, at the operators of a history; all of it made anew in milliseconds.

The ground is laid once: migrated databases with people and keys, and for each pair of operators what connecting to them
leaves. A history begins with copies of that. Files lie in memory, where there is a file system for that: what a disk does
when the power goes is proved elsewhere (tests/crash), here processes die.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import fastapi.dependencies.utils
import fastapi.routing
import pytest
from sqlalchemy import event, func, or_, select

from edo_service import bootstrap, bootstrap_operators, formats
from edo_service.bootstrap import Services
from edo_service.demo import seed as demo
from edo_service.demo.companies import CLIENT_ONE, LESSOR, OPERATOR_CLIENT, OPERATOR_LOGIN, DemoCompany
from edo_service.demo.invoice import demo_upd
from edo_service.demo.make_pki import ensure_pki
from edo_service.demo.seed import Seeded
from edo_service.demo.side_servers import _notary
from edo_service.exchange.accounts import card
from edo_service.exchange.rules import POLL
from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.use_cases.connect import Connection, connect
from edo_service.formats import printing
from edo_service.formats.upd import UpdFunction, UpdSeller
from edo_service.kernel import journal, schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.jobs import Job, JobState, Runner
from edo_service.kernel.jobs.tables import Job as JobRow
from edo_service.kernel.uow import UnitOfWork
from edo_service.keys.queries import UnlockedKey
from edo_service.parties.use_cases import NewCounterparty, keep_counterparty, keep_own_box
from edo_service.settings import Settings
from operators.port import Participant
from signing.pki import Pki, PkiEntity
from tests.fixtures.road import PkiNetwork
from tests.histories.deaths import MOMENTS, Death, in_a_process
from tests.histories.operators_side import Counter, adapters

LAID = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BEGIN = LAID + timedelta(hours=1)
NOWHERE = "http://127.0.0.1:1"
MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory; where there is none the usual folder does
HANDED = {"objects", "archive", "limits", "mail", "sandbox", "exports"}
"""Folders of a data folder that a history fills."""


@dataclass(kw_only=True)
class Side:
    """One company and its service. What this process remembers of it is forgotten by `restart`."""

    name: str
    company: DemoCompany
    signer: PkiEntity
    settings: Settings
    first: Services
    seeded: Seeded
    services: Services = field(init=False)
    runner: Runner = field(init=False)
    kills: int = 0

    def __post_init__(self) -> None:
        for moment in ("before_cursor_execute", "commit"):
            event.listen(self.first.database.engine, moment, MOMENTS.passing)
        self.restart()

    @property
    def actor(self) -> Actor:
        """The person who acts for the company."""
        return self.seeded.actor(self.services, self.company.people[0])

    @property
    def entity(self) -> UUID:
        """The company's id."""
        return self.seeded.companies[self.company.code].entity_id

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.settings.root / "edo.db"

    def restart(self) -> None:
        """A new process in the place of the old one: connections, tokens and caches are gone."""
        self.services = replace(self.first, _operators={})
        self.runner = Runner(
            self.services.database,
            self.services.clock,
            self.services.handlers(),
            worker=self.name,
            lease=self.settings.job_lease,
            heartbeat=False,
        )

    def begin(self, database: Path) -> None:
        """Start from a copy of a database, with nothing in the stores."""
        self.first.database.dispose()
        for name in HANDED:
            shutil.rmtree(self.settings.root / name, ignore_errors=True)
        for leftover in self.settings.root.glob("edo.db*"):
            leftover.unlink()
        shutil.copy(database, self.database)
        self.restart()

    def uow(self) -> UnitOfWork:
        """A unit of work over everything of this side."""
        return self.services.system_uow("demo")

    def unlocked(self) -> UnlockedKey:
        """The person's own key, opened for one act."""
        return UnlockedKey(id=uuid4(), key=self.signer.key, certificate=self.signer.certificate)

    def work(self, jobs: int) -> None:
        """A stretch of a worker's life: feeds are promised, so many jobs carried out, the journal sealed."""
        self.services.exchange_handlers.promise_polls()
        self.runner.drain(jobs)
        journal.seal(self.services.database, self.services.clock)

    def do(self, work: Callable[[], object], death: Death | None) -> bool:
        """Do it here, or in a process that dies of it (True then); the next process remembers nothing."""
        if death is None:
            work()
            return False
        self.services.close()
        self.restart()  # the fork takes over no connection, not even a closed one
        died = in_a_process(work, death)
        self.kills += died
        self.restart()
        return died

    def next_due(self) -> datetime | None:
        """When the next promised job may be carried out: it waits until then, or a dead worker's lease runs out."""
        with self.uow() as uow:
            live = select(func.min(func.coalesce(JobRow.lease_until, JobRow.run_after)))
            found: datetime | None = uow.session.scalar(
                live.where(or_(JobRow.state == JobState.WAITING.value, JobRow.state == JobState.RUNNING.value))
            )
            return found

    def jobs(self, *states: str) -> list[Job]:
        """Jobs without polls."""
        with self.uow() as uow:
            rows = uow.session.scalars(select(Job).where(Job.kind != POLL).order_by(Job.created_at)).all()
        return [row for row in rows if not states or row.state in states]


@dataclass(kw_only=True)
class Ground:
    """Where histories happen, one after another."""

    base: Path
    clock: MovableClock
    counter: Counter
    seller: Side
    buyer: Side
    title: UpdSeller
    laid: set[tuple[str, str]] = field(default_factory=set)

    @property
    def sides(self) -> tuple[Side, Side]:
        """Seller, buyer."""
        return self.seller, self.buyer

    def begin(self, pair: tuple[str, str]) -> None:
        """Start a history at a pair of operators."""
        if pair not in self.laid:
            self._lay(pair)
        self.clock.set(BEGIN)
        self._copy_state(self._kept(pair, "exchange"), self.counter.state)
        for side in self.sides:
            side.begin(self._kept(pair, side.name))
        self.counter.open(*pair)

    def _kept(self, pair: tuple[str, str], name: str) -> Path:
        return self.base / f"{pair[0]}-{pair[1]}-{name}.db"

    def _copy_state(self, there: Path | None, here: Path) -> None:
        for leftover in here.parent.glob(f"{here.name}*"):
            leftover.unlink()
        if there is not None:
            shutil.copy(there, here)

    def _lay(self, pair: tuple[str, str]) -> None:
        """Connect both companies to their operators once, and keep what that leaves."""
        self.clock.set(LAID)
        self._copy_state(None, self.counter.state)
        self.counter.pair = pair
        self.counter.acquaint()
        self.counter.open(*pair)
        for side, word, other, their_word in (
            (self.seller, pair[0], self.buyer, pair[1]),
            (self.buyer, pair[1], self.seller, pair[0]),
        ):
            side.begin(self.base / f"{side.name}.db")
            _connect(side, word, other.company, their_word)
            side.services.close()
            shutil.copy(side.database, self._kept(pair, side.name))
        shutil.copy(self.counter.state, self._kept(pair, "exchange"))
        self.laid.add(pair)

    def invoice(self, number: str, function: str) -> formats.WrittenFile:
        """A УПД of the seller to the buyer, in the words of the present operators."""
        words = self.counter.pair
        upd = replace(
            self.title,
            file_id=formats.upd_seller_file_id(
                recipient_id=CLIENT_ONE.participant_at(words[1]),
                sender_id=LESSOR.participant_at(words[0]),
                day=moscow_date(LAID),
                guid=uuid4(),
            ),
            number=number,
            function=UpdFunction(function),
        )
        if function == "СЧФ":
            upd = replace(upd, transfer=None, document_name=None, fact_name=None)
        return formats.write_upd_seller(upd)


def _connect(side: Side, word: str, other: DemoCompany, their_word: str) -> None:
    """Connect a company to its operator and keep the other one as it is found there."""
    actor, uow = Actor.automatic("demo", side.entity), side.services.uow(Actor.automatic("demo", side.entity).scope)
    mine = side.company.participant_at(word)
    wish = Connection(
        operator=word,
        participant_id=mine,
        login=mine if word == "taxcom" else OPERATOR_LOGIN,
        password="demo",
        client_id="COMPANY_demo" if word == "taxcom" else OPERATOR_CLIENT if word == "diadoc" else "",
    )
    connect(wish, actor=actor, uow=uow, operators=side.services.operator, secrets=side.services.secrets)
    with uow:
        account = card(uow.session.scalars(select(OperatorAccount)).one())
    keep_own_box(operator=word, participant_id=mine, box=account.box, actor=actor, uow=uow)
    found = side.services.operator(account).find_participants(inn=other.inn)
    them: Participant = next(one for one in found if one.participant_id == other.participant_at(their_word))
    new = NewCounterparty(
        inn=other.inn,
        kpp=other.kpp,
        name=other.name,
        operator=word,
        participant_id=them.participant_id,
        box=them.box,
    )
    keep_counterparty(new, actor=actor, uow=uow)


@contextmanager
def ground() -> Iterator[Ground]:
    """Lay the ground in memory; nothing of it stays."""
    base = Path(tempfile.mkdtemp(prefix="edo-histories-", dir=MEMORY if MEMORY.is_dir() else None))
    clock = MovableClock(LAID)
    try:
        pki = ensure_pki(base / "pki", clock=clock, passwords={})
        schema.upgrade(f"sqlite:///{base / 'migrated.db'}")
        notary_settings = Settings(data_dir=base)
        counter = Counter(state=base / "exchange.db", notary=_notary(notary_settings, clock), clock=clock)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bootstrap_operators, "ADAPTERS", adapters(counter))
            patch.setattr(printing, "html_to_pdf", _plain)
            patch.setattr(printing, "print_form", _plain_form)
            for module in (fastapi.routing, fastapi.dependencies.utils):
                patch.setattr(module, "run_in_threadpool", _at_once)
            sides = [
                _side(base, name, company, signer=pki.entity(key), pki=pki, clock=clock)
                for name, company, key in (
                    ("seller", LESSOR, "lessor_person"),
                    ("buyer", CLIENT_ONE, "client_one_person"),
                )
            ]
            written = demo_upd(LESSOR, CLIENT_ONE, number="0", at=LAID)
            made = Ground(
                base=base,
                clock=clock,
                counter=counter,
                seller=sides[0],
                buyer=sides[1],
                title=formats.read_upd_seller(written.content),
            )
            yield made
            for side in made.sides:
                side.services.close()
    finally:
        shutil.rmtree(base, ignore_errors=True)


async def _at_once(work: Callable[..., object], *arguments: object, **options: object) -> object:
    """Routes of the sandboxes run in the thread that asks: a fork would find no other."""
    return work(*arguments, **options)


def _plain_form(xml: bytes, **_: object) -> bytes:
    """The printed form, as `_plain` sets it."""
    return b"%PDF-1.7 " + xml


def _plain(html: str, *, title: str) -> bytes:
    """The protocol that goes into the archive, not set in type: that takes longer than all the rest of a history."""
    return f"%PDF-1.7 {title}\n{html}".encode()


def _side(base: Path, name: str, company: DemoCompany, *, signer: PkiEntity, pki: Pki, clock: MovableClock) -> Side:
    """The service of one company, its people and keys in a database that is kept for every history."""
    root = base / name
    root.mkdir()
    shutil.copy(base / "migrated.db", root / "edo.db")
    settings = Settings(
        data_dir=root, demo=True, demo_pki_url=NOWHERE, operator_url=NOWHERE, saby_url=NOWHERE, taxcom_url=NOWHERE
    )
    network = PkiNetwork(pki=pki, clock=clock)
    services = replace(bootstrap.build(settings, clock=clock), outbound=network)  # type: ignore[arg-type]  # the same two methods
    known = demo._secrets(root / "demo-logins.json")
    demo._trust(root / "trust", pki)
    there = demo._company(services, company, known)
    demo._keys(services, there, pki, known)
    services.close()
    shutil.copy(settings.root / "edo.db", base / f"{name}.db")
    return Side(
        name=name,
        company=company,
        signer=signer,
        settings=settings,
        first=services,
        seeded=Seeded(companies={company.code: there}, secrets=known),
    )
