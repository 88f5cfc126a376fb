"""The operators of a history: their sandboxes over one exchange, without sockets and without deduplication of their own.

Requests go straight to the application in the process that asks. What a real connection would do when it breaks, the
transport does: the adapter sees the same error. State is in one SQLite file and survives every death.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI

from edo_service.bootstrap_operators import Speaking, Speech
from edo_service.demo.companies import CLIENT_ONE, LESSOR, SANDBOX_OPERATORS
from edo_service.demo.operator_side import DemoNotary, DemoPapers
from edo_service.kernel.clock import Clock
from operators.diadoc import DiadocCredentials, DiadocOperator
from operators.guards import Breaker, Safeguards
from operators.saby import SabyCredentials, SabyOperator
from operators.sandbox import Fault, FaultRule, Faults, create_app, create_saby_app, create_taxcom_app
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import from_ticks, ticks
from operators.sandbox.exchange.state import State
from operators.taxcom import TaxcomCabinet, TaxcomCredentials, TaxcomOperator
from tests.histories.deaths import MOMENTS, Tallies
from tests.operators.in_process import scope_of

FACES = {"diadoc": create_app, "saby": create_saby_app, "taxcom": create_taxcom_app}
CURSOR = "lost_cursor"
TALLIES = Tallies(*(fault.value for fault in Fault), CURSOR, "requests")
"""Faults that requests have met, over all processes."""


class CountedFaults(Faults):
    """Knobs that count what they did. Of two operators each request turns the same ones."""

    def take(self, path: str) -> FaultRule | None:
        """See the parent."""
        rule = super().take(path)
        if rule is not None:
            TALLIES.add(rule.fault.value)
        return rule

    def takes_cursor(self) -> bool:
        """See the parent."""
        lost = super().takes_cursor()
        if lost:
            TALLIES.add(CURSOR)
        return lost

    def calm(self) -> None:
        """Turn every knob back; deduplication stays as it is."""
        vars(self).update(vars(Faults(deduplicate=self.deduplicate)))

    def delay(self, by: timedelta) -> None:
        """Let events come late. Whose feed lags knows a repeat by its key, as Диадок does: nobody could look it up there."""
        self.delay_events, self.deduplicate = by, True


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a document stands at the operator; `sha256` is that of its file."""

    sha256: str
    custom_id: str | None
    is_upd: bool
    response: str
    received: bool
    asked: bool
    revocation: str
    delivered: bool
    failed: bool


@dataclass(kw_only=True)
class Counter:
    """Both companies' operators. `pair`: the seller's and the buyer's word; two different ones roam."""

    state: Path
    notary: DemoNotary
    clock: Clock
    knobs: CountedFaults = field(default_factory=lambda: CountedFaults(deduplicate=False))
    pair: tuple[str, str] = ("diadoc", "diadoc")
    apps: dict[str, FastAPI] = field(default_factory=dict)

    def open(self, *pair: str) -> None:
        """Serve a pair over the file as it is now."""
        self.pair = (pair[0], pair[1])
        self.knobs.calm()
        self.knobs.deduplicate = False
        self.restart()

    def restart(self) -> None:
        """Put new processes of the sandboxes in the place of the old ones: memory is gone, the file is there."""
        self.apps = {word: self._app(word) for word in set(self.pair)}

    def acquaint(self) -> None:
        """Make the companies each other's counterparties, also across operators."""
        first = SANDBOX_OPERATORS[self.pair[0]]
        desk = Desk(
            state=State(self.state),
            notary=self.notary,
            papers=DemoPapers(),
            operator=first,
            clock=self.clock,
            faults=self.knobs,
        )
        desk.declare(self._organizations(), acquainted=True)

    def _organizations(self) -> list[Any]:
        from dataclasses import replace

        return [
            replace(company.organization_at(word), operator=SANDBOX_OPERATORS[word].code)
            for company, word in zip((LESSOR, CLIENT_ONE), self.pair, strict=True)
        ]

    def _app(self, word: str) -> FastAPI:
        mine = SANDBOX_OPERATORS[word]
        return FACES[word](
            state=self.state,
            organizations=[one for one in self._organizations() if one.operator == mine.code],
            operator=mine,
            notary=self.notary,
            papers=DemoPapers(),
            clock=self.clock,
            faults=self.knobs,
            acquainted=False,
        )

    # --- what the operators know

    def standings(self) -> list[Standing]:
        """Every document that was ever accepted."""
        found = self._read(
            "select d.*, e.content, m.delivered_at, m.failed_at from document d join entity e on e.id = d.entity_id"
            " join message m on m.id = d.message_id order by e.seq"
        )
        return [
            Standing(
                sha256=hashlib.sha256(row["content"]).hexdigest(),
                custom_id=row["custom_id"],
                is_upd=row["type_named_id"] == "UniversalTransferDocument",
                response=row["response"],
                received=row["receipt_at"] is not None,
                asked=row["correction_at"] is not None,
                revocation=row["revocation"],
                delivered=row["delivered_at"] is not None,
                failed=row["failed_at"] is not None,
            )
            for row in found
        ]

    def accepted(self) -> Mapping[str, int]:
        """How often each content was accepted, by what it was and its SHA-256."""
        return {f"{row['what']}:{row['sha256']}": row["accepted"] for row in self._read("select * from tally")}

    def next_due(self) -> datetime | None:
        """When something will be delivered or seen that is on its way now."""
        now = ticks(self.clock.now())
        (row,) = self._read(
            "select min(at) as at from (select deliver_at as at from message where delivered_at is null and failed_at is"
            " null union all select seen_at from event union all select ready_at from shelf) where at > ?",
            now,
        )
        return None if row["at"] is None else from_ticks(row["at"]) + timedelta(milliseconds=1)

    def _read(self, query: str, *values: int) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.state)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()


@dataclass(frozen=True, kw_only=True)
class Line(httpx2.BaseTransport):
    """Carries a company's requests to its operator in this process. An answer that breaks off is an error of the network."""

    counter: Counter
    word: str

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request; the process may die before it, within it and after it."""
        MOMENTS.passing()
        TALLIES.add("requests")
        sent: list[dict[str, Any]] = []
        asyncio.run(self.counter.apps[self.word](scope_of(request), _receiver(request.read()), _sender(sent)))
        MOMENTS.passing()
        if sent[-1].get("more_body"):
            raise httpx2.RemoteProtocolError("the answer broke off", request=request)
        content = b"".join(each.get("body", b"") for each in sent[1:])
        return httpx2.Response(sent[0]["status"], headers=sent[0]["headers"], content=content, request=request)


def _receiver(body: bytes) -> Any:
    parts: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(parts, {"type": "http.disconnect"})

    return receive


def _sender(sent: list[dict[str, Any]]) -> Any:
    async def send(message: Any) -> None:
        sent.append(dict(message))

    return send


def adapters(counter: Counter) -> Mapping[str, Any]:
    """What `bootstrap_operators.ADAPTERS` is while histories run: the real adapters on lines of this process."""

    def diadoc(wanted: Speech) -> Speaking:
        account = wanted.account
        known = DiadocCredentials(client_id=account.client_id, login=account.login, password=wanted.password)
        return DiadocOperator(wanted.address, known, **_outside(counter, "diadoc", wanted))

    def saby(wanted: Speech) -> Speaking:
        known = SabyCredentials(login=wanted.account.login, password=wanted.password)
        return SabyOperator(wanted.address, known, **_outside(counter, "saby", wanted))

    def taxcom(wanted: Speech) -> Speaking:
        account, company = wanted.account, wanted.company()
        cabinet = TaxcomCabinet(
            participant_id=account.participant_id,
            inn=company.inn,
            kpp=company.kpp or None,
            name=company.name,
            login=account.login,
            password=wanted.password,
        )
        known = TaxcomCredentials(integrator_id=account.client_id, cabinets=(cabinet,))
        return TaxcomOperator(wanted.address, known, **_outside(counter, "taxcom", wanted))

    return {"diadoc": diadoc, "saby": saby, "taxcom": taxcom}


def _outside(counter: Counter, word: str, wanted: Speech) -> dict[str, Any]:
    return {
        "transport": Line(counter=counter, word=word),
        "clock": wanted.clock,
        "wait": lambda _seconds: None,
        "guards": Safeguards(breaker=Breaker(wanted.clock)),
    }
