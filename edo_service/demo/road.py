"""The road of one document, headless: the same use cases as the portal's, real HTTP to the operator and the TSA, real jobs.

`walk` runs on EDO_DATA_DIR, migrates by itself, starts the surroundings on free ports, may be repeated and may run beside
a serving process over the same data.
"""

import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from edo_service import bootstrap
from edo_service.archiving import queries as archived
from edo_service.bootstrap import Services
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.demo.invoice import demo_contract, demo_upd
from edo_service.demo.seed import Seeded, seed
from edo_service.demo.side_servers import surroundings
from edo_service.documents import queries as documents
from edo_service.documents.queries import Card, Wish
from edo_service.documents.use_cases.answer import Answer, prepare_answer
from edo_service.documents.use_cases.send import send_document
from edo_service.documents.use_cases.sign import sign_with_own_key
from edo_service.documents.use_cases.upload import upload_contract, upload_upd
from edo_service.errors import EdoError
from edo_service.kernel import journal, schema
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import SystemClock
from edo_service.kernel.jobs import Runner
from edo_service.keys import queries as keys
from edo_service.parties import queries as parties
from edo_service.settings import Settings

PATIENCE = 60.0


class Say(Protocol):
    """Reports a step."""

    def __call__(self, step: str, *, ok: bool, detail: dict[str, object]) -> None:
        """One step with its facts."""


class StepFailed(Exception):
    """A step did not hold; the message says what was expected and what was there."""


@dataclass(frozen=True, kw_only=True)
class Walker:
    """Walks both sides of the road over the given services; `tick` moves the machine (jobs, polls) one step."""

    services: Services
    seeded: Seeded
    runner: Runner
    say: Say
    out: Path

    def actor(self, person: int, company: str) -> Actor:
        """The n-th person of a demo company."""
        return self.seeded.actor(self.services, self.seeded.companies[company].company.people[person])

    def tick(self) -> None:
        """Ask the feeds and carry out what is due."""
        self.services.exchange_handlers.promise_polls()
        self.runner.drain(200)

    def until(self, what: str, condition: Callable[[], bool]) -> None:
        """Tick until the condition holds; StepFailed after a minute."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise StepFailed(f"{what}: nothing more happened in {PATIENCE:.0f} s")
            self.tick()
            time.sleep(0.05)

    def card(self, document_id: UUID, actor: Actor) -> Card:
        """The document as this actor sees it."""
        return documents.card(document_id, uow=self.services.uow(actor.scope))


def walk(*, out: Path, say: Say) -> bool:
    """Walk the invoice and the contract; True when every step held. `out` is created."""
    out.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    settings = Settings(demo=True)
    settings.root.mkdir(parents=True, exist_ok=True)
    schema.upgrade(settings.database)
    with ExitStack() as stack:
        around = stack.enter_context(surroundings(settings, clock))
        services = bootstrap.build(around.settings(settings), clock=clock)
        stack.callback(services.close)
        walker = Walker(
            services=services, seeded=seed(services), runner=services.runner(worker="demo"), say=say, out=out
        )
        try:
            export = _road(walker)
        except (StepFailed, EdoError) as error:
            say("failed", ok=False, detail={"reason": f"{type(error).__name__}: {error}"})
            return False
    say("done", ok=True, detail={"export": str(export)})
    return True


def _road(walker: Walker) -> Path:
    walker.say(
        "companies",
        ok=True,
        detail={
            item.company.name: {"inn": item.company.inn, "id": str(item.entity_id)}
            for item in walker.seeded.companies.values()
        },
    )
    walk_contract(walker)
    return walk_invoice(walker)


def walk_invoice(walker: Walker) -> Path:
    """A УПД from the accountant through the operator to the client, back, and into and out of the archive."""
    accountant, client = walker.actor(0, LESSOR.code), walker.actor(0, CLIENT_ONE.code)
    services = walker.services
    number = f"Л-{int(services.clock.now().timestamp())}"
    written = demo_upd(LESSOR, CLIENT_ONE, number=number, at=services.clock.now())
    document_id = upload_upd(
        written.content,
        written.file_name,
        actor=accountant,
        uow=services.uow(accountant.scope),
        objects=services.objects,
    )
    walker.say("upload", ok=True, detail={"document": str(document_id), "file": written.file_name})
    send_document(document_id, actor=accountant, uow=services.uow(accountant.scope))
    walker.until("sending", lambda: walker.card(document_id, accountant).line.delivery in {"sent", "delivered"})
    sent = walker.card(document_id, accountant)
    title = sent.main_part
    walker.say("sign", ok=title.signatures[0].indication == "TOTAL-PASSED", detail=_verdict(sent))
    walker.say("send", ok=True, detail={"document": str(document_id), "delivery": sent.line.delivery})
    incoming = _arrived(walker, client, number)
    walker.until("receipt", lambda: walker.card(incoming, client).line.receipt in {"sent", "confirmed"})
    walker.say(
        "receive", ok=True, detail={"document": str(incoming), "receipt": walker.card(incoming, client).line.receipt}
    )
    _answer(walker, incoming, client)
    walker.until("answer", lambda: walker.card(document_id, accountant).line.response == "counter_signed")
    walker.say(
        "answer", ok=True, detail={"document": str(incoming), "response": walker.card(incoming, client).line.response}
    )
    export = _archived(walker, document_id, accountant, "invoice")
    _archived(walker, incoming, client, "invoice-client")
    return export


def walk_contract(walker: Walker) -> Path:
    """A PDF contract by the direct route: both parties sign, both archives keep it."""
    accountant, client = walker.actor(0, LESSOR.code), walker.actor(0, CLIENT_ONE.code)
    services = walker.services
    now = services.clock.now()
    number = f"Л-{now:%Y}/{int(now.timestamp()) % 100000}"
    uow = services.uow(accountant.scope)
    with uow:
        counterparty = parties.counterparty_by_participant(uow, CLIENT_ONE.participant_id)
    if counterparty is None:
        raise StepFailed("the client is not among the lessor's counterparties")
    document_id = upload_contract(
        demo_contract(LESSOR, CLIENT_ONE, number=number, at=now),
        f"Договор {number.replace('/', '-')}.pdf",
        number=number,
        dated=moscow_date(now),
        counterparty_id=counterparty.id,
        total=None,
        actor=accountant,
        uow=uow,
        objects=services.objects,
    )
    send_document(document_id, actor=accountant, uow=uow)
    walker.until("contract", lambda: walker.card(document_id, accountant).line.delivery == "delivered")
    walker.say("contract.send", ok=True, detail={"document": str(document_id)})
    incoming = _arrived(walker, client, number)
    _answer(walker, incoming, client)
    walker.until("contract", lambda: walker.card(document_id, accountant).line.response == "counter_signed")
    walker.say("contract.signed", ok=True, detail={"document": str(incoming)})
    return _archived(walker, document_id, accountant, "contract")


def _arrived(walker: Walker, client: Actor, number: str) -> UUID:
    found: list[UUID] = []

    def is_there() -> bool:
        listing = documents.list_documents(Wish(text=number), uow=walker.services.uow(client.scope))
        found[:] = [line.id for line in listing.lines]
        return bool(found)

    walker.until("arrival", is_there)
    return found[0]


def _answer(walker: Walker, incoming: UUID, client: Actor) -> None:
    """The client freezes her answer, opens her key by PIN and signs that very file."""
    services = walker.services
    uow = services.uow(client.scope)
    frozen = prepare_answer(incoming, answer=Answer(), actor=client, uow=uow, objects=services.objects)
    with uow:
        key = keys.personal_key(uow, client.user_id)
    if key is None:
        raise StepFailed("the client has no key here")
    login = CLIENT_ONE.people[0].login
    sign_with_own_key(
        incoming,
        key_id=key.id,
        pin=walker.seeded.secrets[login].pin,
        actor=client,
        uow=uow,
        desk=services.signing_desk,
        keys=services.keys,
    )
    walker.say("client.sign", ok=True, detail={"document": str(incoming), "sha256": frozen})


def _archived(walker: Walker, document_id: UUID, actor: Actor, name: str) -> Path:
    """Wait for the archive, take the set out as compliance would, and check the ZIP with sh and openssl alone."""
    services = walker.services
    walker.until(f"archive of {name}", lambda: walker.card(document_id, actor).line.archive == "kept")
    package = archived.package_of_document(document_id, uow=services.uow(actor.scope))
    if package is None:
        raise StepFailed(f"{name}: kept, but no package")
    compliance = Actor.automatic("demo", package.owner_id)
    path = walker.out / f"{name}-{document_id}.zip"
    with path.open("wb") as file:
        services.take_out(package.id, file, purpose="Демонстрация", actor=compliance)
    journal.seal(services.database, services.clock)
    walker.say(
        f"archive.{name}",
        ok=_verifies(path),
        detail={
            "package": str(package.id),
            "parts": package.parts,
            "zip": str(path),
            "retain_until": package.retain_until.isoformat(),
        },
    )
    return path


def _verifies(path: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as bundle:
            bundle.extractall(folder)
        scripts = list(Path(folder).rglob("verify.sh"))
        if len(scripts) != 1:
            raise StepFailed(f"{path.name}: {len(scripts)} verify.sh in the package")
        run = subprocess.run(["sh", "verify.sh"], cwd=scripts[0].parent, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise StepFailed(f"{path.name}: verify.sh says {run.returncode}: {run.stdout[-800:]}{run.stderr[-400:]}")
    return True


def _verdict(card: Card) -> dict[str, object]:
    row = card.main_part.signatures[0]
    return {"signer": row.signer_name, "indication": row.indication, "level": row.level, "sha256": row.sha256}
