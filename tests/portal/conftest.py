"""One running portal per worker: embedded profile over a temporary folder, demo companies, real operator and TSA over HTTP."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import pytest
from sqlalchemy import select

import signing
from edo_service.accounts.rules import Role
from edo_service.accounts.use_cases.set_up import NewMembership, NewPerson, add_membership, create_person
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO, LESSOR, DemoCompany
from edo_service.demo.invoice import demo_contract, demo_upd
from edo_service.demo.side_servers import ThreadServer
from edo_service.kernel.actor import Actor
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.jobs import Job
from edo_service.main import app
from edo_service.main.serve import Running, running
from edo_service.settings import Settings
from edo_service.web.security import MemoryRateLimiter
from signing.pki import Pki
from tests.portal.person import Page, Person, Upload
from tests.portal.waiting import until

ACCOUNTANT = LESSOR.people[0].login
COMPLIANCE = LESSOR.people[1].login
CLIENT = CLIENT_ONE.people[0].login
OTHER = CLIENT_TWO.people[0].login


class Patient(MemoryRateLimiter):
    """Never says that somebody tries too often."""

    def take(self, key: str, *, limit: int, per: timedelta) -> None:
        del key, limit, per


@dataclass
class Live:
    """The running portal and who may come in."""

    url: str
    running: Running
    folder: Path
    _people: dict[str, Person] = field(default_factory=dict)
    _browsers: list[Person] = field(default_factory=list)
    _numbers: int = 0
    kept_number: str = ""
    """Of the invoice in the lessor's archive that tests share; the first that needs one makes it."""

    @cached_property
    def logins(self) -> dict[str, dict[str, str]]:
        return json.loads((self.folder / "demo-logins.json").read_text())  # type: ignore[no-any-return]  # JSON of the demonstration

    @cached_property
    def pki(self) -> Pki:
        return Pki.load(self.folder / "pki")

    def code(self, company: DemoCompany) -> str:
        """The company's code in addresses."""
        seeded = self.running.seeded
        assert seeded is not None
        return seeded.companies[company.code].code

    def stranger(self) -> Person:
        """A fresh browser."""
        person = Person(self.url)
        self._browsers.append(person)
        return person

    def close(self) -> None:
        """Close every browser."""
        for person in self._browsers:
            person.close()

    def person(self, login: str) -> Person:
        """A browser in which this person is logged in; one per login."""
        known = self._people.get(login)
        if known is None:
            known = self.enter(login)
            self._people[login] = known
        return known

    def enter(self, login: str, password: str = "") -> Person:
        """A fresh browser with a log-in of its own."""
        person = self.stranger()
        page = person.log_in(login, password or self.logins[login]["password"])
        assert page.status == 200, page.text
        return person

    def newcomer(self, company: DemoCompany, role: Role) -> tuple[str, str]:
        """Log-in and password of a person made for one test, so that no other test loses its session."""
        self._numbers += 1
        login, password = f"person{self._numbers}@portal.test", "верблюд-синий-парус-8"
        seeded = self.running.seeded
        assert seeded is not None
        actor, uow = Actor.system("accounts.set_up"), self.running.services.system_uow("accounts.set_up")
        new = NewPerson(login=login, password=password, surname="Строгова", given_name="Полина")
        membership = NewMembership(person_id=create_person(new, actor=actor, uow=uow), role=role)
        add_membership(membership, entity_id=seeded.companies[company.code].entity_id, actor=actor, uow=uow)
        return login, password

    def pin(self, login: str) -> str:
        return self.logins[login]["pin"]

    def number(self) -> str:
        """A number that no other document of this run has."""
        self._numbers += 1
        return f"П-{self._numbers:04d}"

    def invoice(self, number: str, *, seller: DemoCompany = LESSOR, buyer: DemoCompany = CLIENT_ONE) -> Upload:
        """A УПД as the accountant's program makes it."""
        written = demo_upd(seller, buyer, number=number, at=SystemClock().now())
        return Upload(written.file_name, written.content, "text/xml")

    def contract(self, number: str) -> Upload:
        """A contract in PDF."""
        content = demo_contract(LESSOR, CLIENT_ONE, number=number, at=SystemClock().now())
        return Upload(f"Договор {number}.pdf", content, "application/pdf")

    # --- steps of the road, as people make them

    def upload(self, number: str) -> Page:
        """The accountant uploads an invoice and keeps it: her draft's card."""
        accountant = self.person(ACCOUNTANT)
        form = accountant.get(f"/o/{self.code(LESSOR)}/documents/new")
        shown = accountant.submit(form, "/documents/new", {"kind": "upd"}, files={"file": self.invoice(number)})
        assert shown.status == 200, shown.text
        card = accountant.submit(shown, "/documents/new/save")
        assert card.status == 200, card.text
        return card

    def send(self, number: str) -> str:
        """Upload and send; the address of the sender's card."""
        accountant = self.person(ACCOUNTANT)
        card = accountant.submit(self.upload(number), "/send")
        assert card.status == 200, card.text
        return card.path

    def arrived(self, number: str, *, login: str = CLIENT, company: DemoCompany = CLIENT_ONE) -> Page:
        """The recipient's card, once it is there."""
        client = self.person(login)

        def look() -> Page | None:
            page = client.get(f"/o/{self.code(company)}/documents?folder=in&q={number}")
            return page if f"№ {number} от" in page.text else None

        listed = until(look, f"{number} arrives", explain=self.unfinished)
        return client.get(listed.link(f"№ {number} от"))

    def said(self, login: str, path: str, words: str) -> Page:
        """The page, once it says the words."""
        person = self.person(login)

        def look() -> Page | None:
            page = person.get(path)
            return page if words in page.text else None

        return until(look, f"{path} says «{words}»", explain=self.unfinished)

    def unfinished(self) -> str:
        """What the machine has not done: for the message of a test that waited in vain."""
        with self.running.services.database.transaction(read_only=True) as connection:
            rows = connection.execute(select(Job.kind, Job.state, Job.attempt, Job.error).where(Job.state != "done"))
            return "\n".join(str(tuple(row)) for row in rows)

    def write_key(self, folder: Path, entity: str, names: tuple[str, str] = ("key.pem", "certificate.pem")) -> None:
        """The demo key and certificate as PEM files, as the command of the page wants them."""
        found = self.pki.entity(entity)
        body = base64.encodebytes(signing.export_private_key(found.key)).decode()
        (folder / names[0]).write_text(f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n")
        (folder / names[1]).write_text(found.certificate.pem())


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(
        demo=True, data_dir=folder, operator_poll_seconds=0.8, seal_seconds=0.5, sweep_seconds=1, log_level="WARNING"
    )
    with ExitStack() as house:
        with pytest.MonkeyPatch.context() as patch:
            # the tests of a worker write faster than any person: that a person is held up is tests/web's business
            patch.setattr(app, "limiter", lambda _settings: Patient())
            found = house.enter_context(running(settings))
        server = ThreadServer(found.app).start()
        portal = Live(url=server.url, running=found, folder=folder)
        try:
            yield portal
        finally:
            portal.close()
            server.stop()


@pytest.fixture(scope="session")
def gost_openssl(unavailable: Callable[[str], NoReturn]) -> str:
    """The openssl that knows ГОСТ."""
    program = shutil.which("openssl")
    found = program and subprocess.run([program, "engine", "gost"], capture_output=True, text=True, check=False)
    if not program or not found or found.returncode != 0:
        unavailable("openssl with libengine-gost-openssl")
    return str(program)
