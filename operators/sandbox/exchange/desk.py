"""The operator's desk: everything a wire may ask of the exchange, each request in one transaction."""

import hashlib
import secrets
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from operators.port import Clock
from operators.sandbox.exchange import answers, invitations, messages, relations, rows
from operators.sandbox.exchange.feed import FeedQuery, read_feed
from operators.sandbox.exchange.ledger import Ledger, count
from operators.sandbox.exchange.model import FeedLine, MessageDraft, PatchDraft, ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest, NoAccess, NotYet, Refusal
from operators.sandbox.exchange.state import State
from operators.sandbox.faults import Faults
from operators.sandbox.ports import Notary, Papers, SandboxOperator, SandboxOrganization

TOKEN_LIFE = timedelta(hours=24)
HEX_DIGITS = frozenset("0123456789abcdef")

Render = Callable[[sqlite3.Connection, str], str]
"""Turns the id of what was accepted into the answer's text, inside the same transaction."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The exchange with its memory, ports and knobs."""

    state: State
    notary: Notary
    papers: Papers
    operator: SandboxOperator
    clock: Clock
    faults: Faults

    def declare(self, organizations: Iterable[SandboxOrganization], *, acquainted: bool) -> None:
        """Make organisations known (again).

        `acquainted`: all of them are each other's counterparties from the start.
        """
        with self.state.writing() as connection:
            mine = self.operator
            connection.execute("insert or replace into operator values (?, ?, ?)", (mine.code, mine.name, mine.inn))
            boxes = [_declare(connection, each, mine.code) for each in organizations]
            if acquainted:
                ledger = self._ledger(connection)
                for place, box in enumerate(boxes):
                    for other in boxes[place + 1 :]:
                        relations.acquaint(ledger, box, other)

    def now(self) -> int:
        """Return the present in ticks."""
        return ticks(self.clock.now())

    def log_in(self) -> str:
        """Issue a token."""
        token = secrets.token_urlsafe(48)
        with self.state.writing() as connection:
            connection.execute("insert into token values (?, ?)", (token, self.now()))
        return token

    def knows_token(self, token: str, *, life: timedelta = TOKEN_LIFE) -> bool:
        """Whether a token was issued within its life, the last 24 hours unless the wire says otherwise."""
        oldest = ticks(self.clock.now() - life)
        with self.state.reading() as connection:
            query = "select 1 from token where token = ? and issued_at > ?"
            return connection.execute(query, (token, oldest)).fetchone() is not None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read after delivering what is due."""
        with self.state.reading() as connection:
            due = messages.has_due(connection, self.now()) or invitations.has_due(connection, self.now())
        if due:
            with self.state.writing() as connection:
                _settle(self._ledger(connection))
        with self.state.reading() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """Write after delivering what is due."""
        with self.state.writing() as connection:
            ledger = self._ledger(connection)
            _settle(ledger)
            yield ledger

    def own_box(self, connection: sqlite3.Connection, value: str) -> str:
        """Bring a box of this operator's account to 32 hex digits; raises NoAccess for any other."""
        key = own_box(connection, value)
        if rows.organisation(connection, key).operator not in {"", self.operator.code}:
            raise NoAccess(f"Нет доступа к ящику {value[:60]}")
        return key

    def our_organisations(self, connection: sqlite3.Connection) -> list[rows.Organisation]:
        """Return the organisations that this operator serves."""
        return rows.organisations(connection, self.operator.code)

    def feed(self, connection: sqlite3.Connection, query: FeedQuery) -> tuple[list[FeedLine], int]:
        """Read a feed (`exchange.feed.read_feed`); a cursor may be lost (`Faults.lose_cursors`)."""
        if (query.after_key or query.after_event) and self.faults.takes_cursor():
            raise BadRequest("Неизвестный ключ события в ленте")
        lines, total = read_feed(connection, query, now=self.now())
        if self.faults.duplicate_events:
            lines = [line for line in lines for _ in range(2)]
        return lines, total

    def post_message(self, draft: MessageDraft, *, operation: str, render: Render) -> str:
        """Accept a message once per operation id; returns the answer's text."""
        contents = [("document", document.content) for document in draft.documents]
        return self._once(
            "PostMessage",
            draft.from_box,
            operation,
            lambda _: contents,
            lambda ledger: render(ledger.connection, messages.post_message(ledger, draft)),
        )

    def post_patch(self, draft: PatchDraft, *, operation: str, render: Render) -> str:
        """Accept additions once per operation id; returns the answer's text."""
        return self._once(
            "PostMessagePatch",
            draft.box,
            operation,
            lambda connection: _signed_contents(connection, draft),
            lambda ledger: render(ledger.connection, answers.post_patch(ledger, draft)),
        )

    def accept(self, box: str, contents: list[tuple[str, bytes]], work: Callable[[Ledger], str]) -> str:
        """Accept what no operation id protects: the state alone judges a repeat. Returns the answer's text."""
        return self._once("Accept", box, str(uuid.uuid4()), lambda _: contents, work)

    def store_part(self, name: str, part: int, content: bytes) -> None:
        """Put a part of a file on the shelf; part 0 begins the file anew."""
        with self.state.writing() as connection:
            if part == 0:
                connection.execute("delete from shelf where name = ?", (name,))
            ready_at = ticks(self.clock.now() + self.faults.delay_shelf)
            connection.execute("insert or replace into shelf values (?, ?, ?, ?)", (name, part, content, ready_at))

    def shelf(self, name: str) -> bytes:
        """Return a file from the shelf; raises BadRequest when it is not there, NotYet before it can be used."""
        with self.state.reading() as connection:
            query = "select content, ready_at from shelf where name = ? order by part"
            found = connection.execute(query, (name,)).fetchall()
        if not found:
            raise BadRequest(f"На полке нет файла {name}")
        if max(row["ready_at"] for row in found) > self.now():
            raise NotYet("Request processing is in progress")
        return b"".join(bytes(row["content"]) for row in found)

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Return how often each content was accepted, replayed and refused; keys are `what:sha256`."""
        with self.state.reading() as connection:
            found = connection.execute("select * from tally order by what, sha256").fetchall()
        return {
            column: {f"{row['what']}:{row['sha256']}": row[column] for row in found if row[column]}
            for column in ("accepted", "replayed", "refused")
        }

    def _once(
        self,
        call: str,
        box: str,
        operation: str,
        contents: Callable[[sqlite3.Connection], list[tuple[str, bytes]]],
        work: Callable[[Ledger], str],
    ) -> str:
        key = operation.lower()
        try:
            with self.writing() as ledger:
                stored = ledger.connection.execute(
                    "select answer from operation where call = ? and box = ? and id = ?", (call, box, key)
                ).fetchone()
                if stored is not None and self.faults.deduplicate:
                    for what, content in contents(ledger.connection):
                        ledger.tally(what, content, "replayed")
                    return str(stored["answer"])
                answer = work(ledger)
                ledger.connection.execute(
                    "insert or ignore into operation values (?, ?, ?, ?)", (call, box, key, answer)
                )
                return answer
        except Refusal:
            with self.state.writing() as connection:
                for what, content in contents(connection):
                    count(connection, what, content, "refused")
            raise

    def _ledger(self, connection: sqlite3.Connection) -> Ledger:
        return Ledger(
            connection=connection,
            at=self.now(),
            operator=self.operator,
            notary=self.notary,
            papers=self.papers,
            knobs=self.faults,
        )


def box_key(value: str) -> str:
    """Bring a box id to 32 hex digits; accepts `<32 hex>@diadoc.ru` and GUIDs in any case. Raises BadRequest."""
    bare = value.split("@", 1)[0].replace("-", "").strip("{}").lower()
    if len(bare) != 32 or not HEX_DIGITS.issuperset(bare):
        raise BadRequest(f"Неверный идентификатор ящика: {value[:60]}")
    return bare


def own_box(connection: sqlite3.Connection, value: str) -> str:
    """Bring a box of the account to 32 hex digits; raises NoAccess for a box that nobody here has."""
    key = box_key(value)
    try:
        rows.organisation(connection, key)
    except Absent as error:
        raise NoAccess(f"Нет доступа к ящику {value[:60]}") from error
    return key


def body_digest(body: bytes) -> str:
    """Return the operation id of a request that names none: the MD5 of its body, as the operator does."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _signed_contents(connection: sqlite3.Connection, draft: PatchDraft) -> list[tuple[str, bytes]]:
    """Return what each addition signs: its own file, or for a bare signature the file above it."""
    signed: list[tuple[str, bytes]] = []
    for each in draft.answers:
        content = each.content
        if content is None:
            try:
                content = rows.entity(connection, draft.message_id, each.parent_id).content
            except Absent:
                continue
        signed.append((each.kind.value, content))
    return signed


def _settle(ledger: Ledger) -> None:
    """Do what time has brought."""
    invitations.settle_due(ledger)
    messages.deliver_due(ledger)


def _declare(connection: sqlite3.Connection, each: SandboxOrganization, operator: str) -> str:
    box = box_key(each.box_id)
    connection.execute(
        "insert into organisation values (?, ?, ?, ?, ?, ?, ?, ?) on conflict (box) do update set name = excluded.name,"
        " inn = excluded.inn, kpp = excluded.kpp, ogrn = excluded.ogrn, participant_id = excluded.participant_id,"
        " operator = excluded.operator",
        (
            box,
            str(uuid.uuid5(uuid.NAMESPACE_OID, box)),
            each.name,
            each.inn,
            each.kpp,
            each.ogrn,
            each.participant_id,
            each.operator or operator,
        ),
    )
    return box
