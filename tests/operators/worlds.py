"""The worlds of the contract suite: every operator that has a module `<name>_world.py` here, with people and a story."""

import uuid
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx2

from operators.port import (
    Action,
    AnswerWithTitle,
    EntityKind,
    EntityRef,
    Event,
    Executed,
    Operator,
    Participant,
    PowerRef,
    RejectDocument,
    Relation,
    Send,
    SendReceipt,
)
from tests.operators.kinds import Kind
from tests.operators.parts import (
    BRANCH,
    BUYER,
    SELLER,
    KeyNotary,
    Sandbox,
    buyer_title,
    contract_to_send,
    service_file,
    upd_to_send,
)

KINDS: tuple[Kind, ...] = tuple(
    import_module(f"tests.operators.{path.stem}").KIND for path in sorted(Path(__file__).parent.glob("*_world.py"))
)


class World:
    """An operator's sandbox with an adapter logged in, and the story's people."""

    def __init__(self, kind: Kind, sandbox: Sandbox, signer: KeyNotary) -> None:
        self.kind = kind
        self.sandbox = sandbox
        self.signer = signer
        self.waits: list[float] = []
        self.operator: Operator = kind.connect(sandbox, wait=self.waits.append)
        self.seller, self.buyer, self.branch = (kind.box(each) for each in (SELLER, BUYER, BRANCH))

    def close(self) -> None:
        self.operator.close()  # type: ignore[attr-defined]  # closing is the adapters' own, not the port's

    def address(self, action: Send) -> Send:
        return replace(action, from_box=self.seller, to_box=self.buyer)

    def upd(self, function: str = "СЧФДОП") -> Send:
        return self.address(upd_to_send(function))

    def contract(self, *, needs_answer: bool = True, size: int = 100) -> Send:
        return self.address(contract_to_send(needs_answer=needs_answer, size=size))

    def do(
        self,
        action: Action,
        *,
        key: str | None = None,
        operator: Operator | None = None,
        power: PowerRef | None = None,
    ) -> Executed:
        operator = operator or self.operator
        signatures = {each.ref: self.signer.sign(each.content) for each in operator.prepare(action)}
        return operator.execute(action, signatures, key=key or str(uuid.uuid4()), power=power)

    def feed(self, box: str, cursor: str | None = None, *, limit: int = 100) -> list[Event]:
        events: list[Event] = []
        while (page := self.operator.events(box, cursor, limit=limit)).items:
            events += page.items
            cursor = page.next
        return events

    def arrivals(self) -> list[EntityRef]:
        """Documents in the buyer's feed, each once."""
        kinds = {EntityKind.TITLE, EntityKind.NONFORMALIZED}
        found = [each.ref for event in self.feed(self.buyer) for each in event.entities if each.kind in kinds]
        return list(dict.fromkeys(found))

    def arrive(self, action: Send) -> tuple[Executed, EntityRef]:
        """Send and find the document on the other side."""
        before = set(self.arrivals())
        sent = self.do(action)
        (arrived,) = [each for each in self.arrivals() if each not in before]
        return sent, arrived

    def status(self, ref: EntityRef) -> Any:
        (found,) = [each for each in self.operator.message(ref.box, ref.message_id) if each.ref == ref]
        assert found.status is not None
        return found.status

    def seen(self, ref: EntityRef, kind: EntityKind) -> list[Any]:
        return [each for each in self.operator.message(ref.box, ref.message_id) if each.kind is kind]

    def counts(self, column: str) -> dict[str, int]:
        found: dict[str, int] = httpx2.get(f"{self.sandbox.url}/_sandbox/counts").json()[column]
        return found

    def participant(self, inn: str, kpp: str | None) -> Participant:
        (found,) = self.operator.find_participants(inn=inn, kpp=kpp)
        return found

    def relation(self, box: str, other: Participant) -> Relation:
        found = self.operator.relation(box, other)
        assert found is not None
        return found


def receipt(doc: EntityRef) -> SendReceipt:
    name, content = service_file("DP_IZVPOL")
    return SendReceipt(doc=doc, target=doc, content=content, file_name=name)


def title(doc: EntityRef) -> AnswerWithTitle:
    name, content = buyer_title()
    return AnswerWithTitle(doc=doc, content=content, file_name=name)


def rejection(doc: EntityRef) -> RejectDocument:
    name, content = service_file("DP_UVUTOCH")
    return RejectDocument(doc=doc, content=content, file_name=name)
