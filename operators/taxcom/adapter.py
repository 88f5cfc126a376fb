"""Taxcom behind the port `operators.port.Operator`.

A document and every answer travel in a container; the operator answers 200 and nothing more. So what an action has made
is read back, and because no key protects a repeat, each `execute` looks before it sends: for a document in the list by
our own id, for an answer in its docflow by its content. Within one adapter an action has one turn at a time.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from zlib import crc32

import httpx2

from operators.errors import (
    BadAnswer,
    Forbidden,
    Invalid,
    NotFound,
    OperatorError,
    OutcomeUnknown,
    Temporary,
)
from operators.guards import Safeguards
from operators.port import (
    AcceptAnnulment,
    Action,
    Box,
    Capability,
    Clock,
    Entity,
    EntityKind,
    EntityRef,
    Event,
    Executed,
    Page,
    PowerRef,
    Send,
    SendUniversalMessage,
    SignDocument,
    ToSign,
)
from operators.taxcom import actions, codes, feed, layout, lists, packing, reading
from operators.taxcom.account import KeyOpener, TaxcomCredentials
from operators.taxcom.client import CabinetClient, TaxcomClient, no_opener
from operators.taxcom.container import Docflow, Part, Row, read_container
from operators.taxcom.relating import Relating
from operators.taxcom.shelf import Shelf
from operators.wire import TIMEOUTS, UNGUARDED, Outside

logger = logging.getLogger(__name__)

CAPABILITIES = frozenset(
    {
        Capability.FIND_PARTICIPANTS,
        Capability.RELATIONS,
        Capability.RELATION_EVENTS,
        Capability.INVITE,
        Capability.ACCEPT_INVITATION,
        Capability.REJECT_INVITATION,
        Capability.BREAK_RELATION,
        Capability.SEND,
        Capability.RECEIPTS,
        Capability.TITLES,
        Capability.SIGNATURES,
        Capability.REJECTIONS,
        Capability.CORRECTION_REQUESTS,
        Capability.PROPOSE_ANNULMENT,
        Capability.ACCEPT_ANNULMENT,
        Capability.REFUSE_ANNULMENT,
        Capability.EVENTS,
    }
)
TURNS = 64
REPEAT_WINDOW = timedelta(minutes=10)
"""How far back `execute` looks for the same document before it sends."""
LOOK_BACK = timedelta(days=1)
"""How far back `look_up` looks when nobody tells since when."""
PATIENCE, RETRY = timedelta(minutes=15), 60.0
"""How long the feed waits for a docflow that is listed and cannot be read, and after how many seconds it asks again."""
SLACK = timedelta(hours=3) + feed.OVERLAP
"""Our clock and the operator's differ, and whether its times are Moscow's is an assumption."""


class TaxcomOperator(Relating):
    """Cabinets at Taxcom (implements `operators.port.Operator`); a box is a participant id.

    `base_url`: https://api-invoice.taxcom.ru, its test host or a sandbox. `opener` opens keys that the operator
    encrypts for a participant's certificate. The other arguments are those of `DiadocOperator`.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        base_url: str,
        credentials: TaxcomCredentials,
        transport: httpx2.BaseTransport | None = None,
        *,
        clock: Clock,
        opener: KeyOpener = no_opener,
        wait: Callable[[float], None] = time.sleep,
        timeouts: httpx2.Timeout = TIMEOUTS,
        guards: Safeguards = UNGUARDED,
    ) -> None:
        outside = Outside(clock=clock, transport=transport, wait=wait, timeouts=timeouts, guards=guards)
        super().__init__(TaxcomClient(base_url, credentials, outside, opener), outside)
        self._shelf = Shelf()
        self._turns = [Lock() for _ in range(TURNS)]

    def close(self) -> None:
        """Close the connections; the object is of no use afterwards."""
        self._client.close()

    def check_connection(self) -> tuple[Box, ...]:
        """Log in anew to every cabinet, try its key, and have the operator confirm whose the participant ids are.

        The operator names no cabinets itself: they are the caller's. Raises Forbidden for a participant id that
        `CheckContragent` does not list under the INN given with it.
        """
        cabinets = [each.cabinet for each in self._client.all()]
        for client in self._client.all():
            client.log_in()
            self._contacts(client)
        known = {
            (each.participant_id or "").casefold(): each
            for each in self._check([(each.inn, each.kpp) for each in cabinets])
        }
        boxes: list[Box] = []
        for cabinet in cabinets:
            found = known.get(cabinet.participant_id.casefold())
            if found is None or found.inn != cabinet.inn:
                raise Forbidden(
                    f"the operator has no participant {cabinet.participant_id} with the INN {cabinet.inn}",
                    operator=self.code,
                )
            boxes.append(
                Box(
                    id=cabinet.participant_id,
                    organization=found.name or cabinet.name,
                    inn=found.inn,
                    kpp=found.kpp or cabinet.kpp,
                    participant_id=cabinet.participant_id,
                )
            )
        return tuple(boxes)

    def prepare(self, action: Action) -> tuple[ToSign, ...]:
        """Tell what to sign; for a bare signature what it stands on is fetched."""
        if not isinstance(action, SignDocument | AcceptAnnulment):
            return actions.files_to_sign(action)
        ref = actions.target_of(action)
        part = self._docflow(self._client.of(ref.box), ref.message_id).part(ref.entity_id)
        if part is None or part.file is None:
            raise NotFound(f"no file {ref.entity_id}", operator=self.code)
        return (ToSign(ref=actions.DOCUMENT, file_name=part.file.name, content=part.file.content),)

    def execute(
        self, action: Action, signatures: Mapping[str, bytes], *, key: str, power: PowerRef | None = None
    ) -> Executed:
        """Look, send (`SendMessage`), read back. What was done before, by whatever key, is found and given back."""
        if not key:
            raise ValueError("an idempotency key is never empty")
        actions.check(action)
        signature = actions.signature_for(action, signatures)
        if isinstance(action, Send):
            with self._turn(f"{action.from_box}/{action.own_id}"):
                return self._send(action, signature, power)
        answer = actions.as_answer(action)
        with self._turn(f"{answer.doc.box}/{answer.doc.message_id}"):
            return self._answer(answer, signature, power)

    def look_up(self, action: Action, *, since: datetime | None = None) -> Executed | None:
        """Find an executed action: a document in the list by our own id, an answer in its docflow by its content."""
        if isinstance(action, SendUniversalMessage):
            return None  # never executed: this adapter has no such action
        if isinstance(action, Send):
            return self._sent(action, since or self._clock.now() - LOOK_BACK)
        answer = actions.as_answer(action)
        try:
            docflow = self._docflow(self._client.of(answer.doc.box), answer.doc.message_id)
        except NotFound:
            return None
        return self._answered(answer, docflow)

    def events(self, box: str, cursor: str | None, *, limit: int = 100, since: datetime | None = None) -> Page[Event]:
        """Read the transactions of a cabinet (`GetMessageList`) and its failed docflows (`GetList`).

        Lines are told as `operators.taxcom.feed` says: late ones are not lost, some may come again. Each line's docflow
        is fetched for its files; one that cannot be read for a quarter of an hour becomes an UNKNOWN entity.
        """
        cabinet = self._client.of(box)
        mark = feed.Mark(base=since or feed.BEGINNING) if cursor is None else feed.read_mark(cursor)
        rows, whole = lists.rows_after(cabinet, mark, limit)
        start = mark.place_in(rows)
        fetched: dict[str, Docflow | None] = {}
        items: list[Event] = []
        for place in range(start, min(start + limit, len(rows))):
            row = rows[place]
            try:
                if row.docflow not in fetched:
                    fetched[row.docflow] = self._readable(cabinet, row)
            except Temporary:
                if not items:
                    raise
                return Page(items=tuple(items), next=items[-1].cursor, more=True)
            items.append(reading.event(row, fetched[row.docflow], box, str(feed.mark_after(rows, place))))
        more = start + limit < len(rows) or not whole
        return Page(items=tuple(items), next=items[-1].cursor if items else cursor, more=more)

    def content(self, ref: EntityRef) -> bytes:
        """The bytes of a file or of a signature, from the docflow's container."""
        cabinet = self._client.of(ref.box)
        kept = self._shelf.get(ref.box, ref.message_id)
        found = None if kept is None else _content(kept, ref.entity_id)
        if found is None:
            found = _content(self._docflow(cabinet, ref.message_id), ref.entity_id)
        if found is None:
            raise NotFound(f"no file {ref.entity_id} in {ref.message_id}", operator=self.code)
        return found

    def contents(self, refs: Sequence[EntityRef]) -> Mapping[EntityRef, bytes]:
        """Fetch several files: a docflow's container holds them all and is kept for a while."""
        return {ref: self.content(ref) for ref in refs}

    def message(self, box: str, message_id: str) -> tuple[Entity, ...]:
        """Read a docflow (`GetMessage`)."""
        return reading.entities(self._docflow(self._client.of(box), message_id), box)

    def _send(self, action: Send, signature: bytes, power: PowerRef | None) -> Executed:
        cabinet, now = self._client.of(action.from_box), self._clock.now()
        refused_before: list[str] = []
        found = self._sent(action, now - REPEAT_WINDOW, refused=refused_before)
        if found is not None:
            return found
        self._post(cabinet, replace(actions.sending(action, signature, now), power=power))
        return self._must_be_there(
            lambda refused: self._sent(action, now - REPEAT_WINDOW, refused=refused), before=len(refused_before)
        )

    def _answer(self, action: actions.Answer, signature: bytes, power: PowerRef | None) -> Executed:
        cabinet = self._client.of(action.doc.box)
        docflow = self._docflow(cabinet, action.doc.message_id)
        found = self._answered(action, docflow)
        if found is not None:
            return found
        self._post(cabinet, replace(actions.answering(action, docflow, signature, self._clock.now()), power=power))
        return self._must_be_there(
            lambda refused: self._answered(
                action, self._docflow(cabinet, action.doc.message_id), refused=refused, before=docflow
            )
        )

    def _post(self, cabinet: CabinetClient, parcel: packing.Parcel) -> None:
        cabinet.post("SendMessage", packing.pack(parcel, cabinet.cabinet), layout.CONTAINER_TYPE, write=True)

    def _must_be_there(self, look: Callable[[list[str]], Executed | None], *, before: int = 0) -> Executed:
        """Read back what an accepted container has made; the operator may have refused its content meanwhile.

        `before`: how many had been refused already.
        """
        refused: list[str] = []
        try:
            found = look(refused)
        except OperatorError as error:
            raise OutcomeUnknown(
                f"accepted, but reading it back failed: {error}", operator=self.code, status=error.status
            ) from error
        if found is None and len(refused) > before:
            raise Invalid(f"taken and refused: {refused[-1]}", operator=self.code, raw=refused[-1])
        if found is None:
            raise OutcomeUnknown("accepted, but the operator does not show it yet", operator=self.code)
        return found

    def _sent(self, action: Send, since: datetime, *, refused: list[str] | None = None) -> Executed | None:
        """Find our document in the list of what we sent, by its own id and, of several, by its receiver and bytes.

        A docflow that the operator has refused is not a sent document: why goes to `refused`.
        """
        cabinet = self._client.of(action.from_box)
        for row in lists.sent_rows(cabinet, since - SLACK):
            if row.external_id != action.own_id:
                continue
            docflow = self._docflow(cabinet, row.docflow)
            main = docflow.main
            if main is None or main.id != row.document or main.file is None:
                continue
            same_receiver = (main.card.receiver or action.to_box).casefold() == action.to_box.casefold()
            if not same_receiver or main.file.content != action.document.content:
                continue
            if docflow.status != codes.FAILED:
                return self._executed(docflow, main, action.from_box)
            if refused is not None:
                refused.append(docflow.error_text or docflow.error or docflow.status)
        return None

    def _answered(
        self,
        action: actions.Answer,
        docflow: Docflow,
        *,
        refused: list[str] | None = None,
        before: Docflow | None = None,
    ) -> Executed | None:
        """Find our answer in a docflow; one of the same kind with other bytes is a colleague's.

        An answer that the operator has refused is none: that one came since `before` goes to `refused`.
        """
        step = actions.STEPS[type(action)]
        target = docflow.part(actions.target_of(action).entity_id)
        for part in reversed(docflow.parts):
            ours = part.outgoing and part.kind is step.kind and docflow.parent_of(part) is target
            if not ours or target is None or part is target:
                continue
            bare = isinstance(action, SignDocument | AcceptAnnulment)
            if not bare and (part.file is None or part.file.content != actions.content_of(action)):
                continue
            if part.result != layout.FAILED:
                return self._executed(docflow, part, action.doc.box)
            if refused is not None and (before is None or before.part(part.id) is None):
                refused.append(f"{part.transaction}: {part.result}")
        return None

    def _executed(self, docflow: Docflow, part: Part, box: str) -> Executed:
        made: dict[EntityKind, EntityRef] = {}
        for entity in reading.part_entities(docflow, part, box):
            made.setdefault(entity.kind, entity.ref)
        return Executed(message_id=docflow.id, entities=made, at=reading.made_at(docflow, part) or self._clock.now())

    def _docflow(self, cabinet: CabinetClient, docflow_id: str) -> Docflow:
        box = cabinet.cabinet.participant_id
        docflow = read_container(cabinet.get("GetMessage", {"ID": docflow_id}).content, docflow_id)
        self._shelf.put(box, docflow)
        return docflow

    def _readable(self, cabinet: CabinetClient, row: Row) -> Docflow | None:
        """The docflow of a line; None when it cannot be read, which must not stop the feed for ever.

        A line may be ahead of its docflow: while it is young, the feed waits (Temporary), so that nothing is lost.
        """
        try:
            return self._docflow(cabinet, row.docflow)
        except (BadAnswer, NotFound) as error:
            if self._clock.now() - row.at < PATIENCE:
                raise Temporary(
                    f"docflow {row.docflow} is in the list and cannot be read yet: {error}",
                    operator=self.code,
                    status=error.status,
                    retry_after=RETRY,
                ) from error
            logger.warning("docflow %s of Taxcom cannot be read: %s", row.docflow, error)
            return None

    @contextmanager
    def _turn(self, what: str) -> Iterator[None]:
        """One thread at a time with one action: nothing else keeps two of them from sending twice."""
        with self._turns[crc32(what.encode()) % TURNS]:
            yield


def _content(docflow: Docflow, entity_id: str) -> bytes | None:
    part_id, slash, place = entity_id.rpartition("/")
    part = docflow.part(part_id if slash else entity_id)
    if part is None:
        return None
    if not slash:
        return None if part.file is None else part.file.content
    return part.signatures[int(place)] if place.isdecimal() and int(place) < len(part.signatures) else None
