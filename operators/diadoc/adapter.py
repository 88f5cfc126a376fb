"""Диадок behind the port `operators.port.Operator`."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx2

from operators.diadoc import actions, reading
from operators.diadoc.auth import DiadocCredentials, OidcCredentials
from operators.diadoc.client import DiadocClient
from operators.diadoc.contents import DiadocContents
from operators.diadoc.generators import DiadocGenerators
from operators.diadoc.relations import DiadocRelations
from operators.diadoc.shelf import Shelf
from operators.errors import BadAnswer, CursorLost, Invalid, NotFound, OutcomeUnknown
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
    LogInStep,
    Page,
    Participant,
    PowerRef,
    Send,
    SignDocument,
    ToSign,
)
from operators.wire import TIMEOUTS, UNGUARDED, Outside

CAPABILITIES = frozenset(Capability) - {Capability.IMPLICIT_INVITATIONS}
PAGE = 100
OVERLAP = timedelta(minutes=5)
"""How far before `since` a search starts: two clocks differ."""
LOOKED_PAGES = 20_000
"""How many pages of a feed a search reads at most."""
DOCUMENT_KINDS = frozenset({EntityKind.TITLE, EntityKind.NONFORMALIZED, EntityKind.UNKNOWN})


class DiadocOperator(DiadocContents, DiadocRelations, DiadocGenerators):
    """An account at Diadoc (implements `operators.port.Operator` and `Generator`).

    `base_url`: https://diadoc-api.kontur.ru, its staging or a sandbox. `transport` replaces the network, `wait` the
    pause before a read is repeated, `timeouts` the defaults (5 s to connect, 30 s to read), `guards` limits,
    breaker and the deadline of a whole call.
    """

    capabilities = CAPABILITIES

    def __init__(
        self,
        base_url: str,
        credentials: DiadocCredentials | OidcCredentials,
        transport: httpx2.BaseTransport | None = None,
        *,
        clock: Clock,
        wait: Callable[[float], None] = time.sleep,
        timeouts: httpx2.Timeout = TIMEOUTS,
        guards: Safeguards = UNGUARDED,
    ) -> None:
        outside = Outside(clock=clock, transport=transport, wait=wait, timeouts=timeouts, guards=guards)
        self._client = DiadocClient(base_url, credentials, outside)

    def close(self) -> None:
        """Close the connections; the object is of no use afterwards."""
        self._client.close()

    def check_connection(self) -> tuple[Box, ...]:
        """Log in anew and list the account's boxes (`GetMyOrganizations`). PersonNeeded: a consent."""
        self._client.log_in()
        return reading.read_boxes(self._client.get("/GetMyOrganizations", {"autoRegister": "false"}).json())

    def begin_log_in(self) -> LogInStep | None:
        """See `operators.port.PersonalLogIn`: the consent at the identity server."""
        return self._client.begin()

    def finish_log_in(self, secret: str, *, code: str = "") -> None:  # noqa: ARG002 - she confirms there, no code comes
        """See `operators.port.PersonalLogIn`."""
        self._client.finish(secret)

    def find_participants(self, *, inn: str, kpp: str | None = None) -> tuple[Participant, ...]:
        """Find organisations, direct and roaming ones (`GetOrganizationsByInnKpp`)."""
        try:
            answer = self._client.get("/GetOrganizationsByInnKpp", {"inn": inn, "kpp": kpp}).json()
        except NotFound:
            return ()
        return reading.read_participants(answer)

    def prepare(self, action: Action) -> tuple[ToSign, ...]:
        """Tell what to sign; for a bare signature the document itself is fetched."""
        if not isinstance(action, SignDocument | AcceptAnnulment):
            return actions.files_to_sign(action)
        signed = actions.parent_of(action)
        document = self._entity(signed)
        content = self.content(signed)
        return (ToSign(ref=actions.DOCUMENT, file_name=document.file_name or "document", content=content),)

    def execute(
        self, action: Action, signatures: Mapping[str, bytes], *, key: str, power: PowerRef | None = None
    ) -> Executed:
        """Send the action (`V3/PostMessage`, `V4/PostMessagePatch`), always with an operationId."""
        if not key:
            raise ValueError("an idempotency key is never empty: Diadoc would take the MD5 of the body instead")
        signature = actions.signature_for(action, signatures)
        shelf = Shelf(self._client, key)
        params = {"operationId": key}
        if isinstance(action, Send):
            actions.check_size(action.document)
            body = actions.message_to_post(action, signature, shelf.carry, power)
            reply = self._client.post_json("/V3/PostMessage", params, body)
        else:
            body = actions.patch_to_post(action, signature, shelf.carry, power)
            reply = self._client.post_json("/V4/PostMessagePatch", params, body)
        try:
            answer = reply.json()
            made = self._made_by(action, reading.read_entities(answer, _own_box(action)))
            at = reading.message_time(answer)
        except BadAnswer as error:
            raise OutcomeUnknown(
                f"accepted, but the answer is unreadable: {error}", operator=self.code, status=reply.status
            ) from error
        if made is None:
            raise OutcomeUnknown(
                "accepted, but the answer does not name what was made", operator=self.code, status=reply.status
            )
        return Executed(message_id=str(answer["MessageId"]), entities=made, at=at)

    def look_up(self, action: Action, *, since: datetime | None = None) -> Executed | None:
        """Find an executed action: a sent message by our id in the sender's feed, an answer in its message."""
        if isinstance(action, Send):
            return self._look_up_sent(action, since)
        try:
            entities = self.message(action.doc.box, action.doc.message_id)
        except NotFound:
            return None
        made = self._made_by(action, entities)
        if made is None or not self._same_content(action, made):
            return None
        main = Executed(message_id=action.doc.message_id, entities=made, at=reading.EPOCH).main
        created = next((entity.created_at for entity in entities if entity.ref == main), None)
        return Executed(message_id=action.doc.message_id, entities=made, at=created or reading.EPOCH)

    def events(self, box: str, cursor: str | None, *, limit: int = PAGE, since: datetime | None = None) -> Page[Event]:
        """Read the feed of a box (`V8/GetNewEvents`), oldest first, after the cursor."""
        bounds: dict[str, str | None] = {"limit": str(min(limit, PAGE))}
        if since is not None:
            bounds["timestampFromTicks"] = str(reading.to_ticks(since))
        try:
            answer = self._feed(box, cursor, bounds)
        except Invalid as error:
            if cursor is None:
                raise
            self._feed(box, None, {"limit": "1"})  # raises when it is not the cursor that is wrong
            raise CursorLost(str(error), operator=self.code, status=error.status, trace_id=error.trace_id) from error
        items = reading.read_events(answer, box)
        more = bool(items) and reading.total_count(answer) > len(items)
        return Page(items=items, next=items[-1].cursor if items else cursor, more=more)

    def message(self, box: str, message_id: str) -> tuple[Entity, ...]:
        """Fetch a message's entities with the documents' present status (`V6/GetMessage`)."""
        params = {"boxId": box, "messageId": message_id, "injectEntityContent": "false"}
        return reading.read_entities(self._client.get("/V6/GetMessage", params).json(), box)

    def _entity(self, ref: EntityRef) -> Entity:
        for entity in self.message(ref.box, ref.message_id):
            if entity.ref.entity_id == ref.entity_id:
                return entity
        raise NotFound(f"no entity {ref.entity_id} in message {ref.message_id}", operator=self.code)

    def _feed(self, box: str, cursor: str | None, more: Mapping[str, str | None]) -> dict[str, Any]:
        params = {"boxId": box, "afterIndexKey": cursor, "orderBy": "Ascending", "messageType": "Letter", **more}
        return self._client.get("/V8/GetNewEvents", params).json()

    def _look_up_sent(self, action: Send, since: datetime | None) -> Executed | None:
        bounds: dict[str, str | None] = {"limit": str(PAGE), "counteragentBoxId": action.to_box}
        if since is not None:
            bounds["timestampFromTicks"] = str(reading.to_ticks(since - OVERLAP))
        cursor: str | None = None
        been: set[str] = set()
        while True:
            answer = self._feed(action.from_box, cursor, bounds)
            events = reading.read_events(answer, action.from_box)
            for event in events:
                found = self._sent_in(event, action)
                if found is not None:
                    return found
            if not events or events[-1].cursor == cursor:
                return None
            cursor = events[-1].cursor
            if cursor in been or len(been) > LOOKED_PAGES:
                raise BadAnswer("the feed goes round in a circle or has no end", operator=self.code)
            been.add(cursor)

    def _sent_in(self, event: Event, action: Send) -> Executed | None:
        if event.from_box is None or not reading.same_id(event.from_box, action.from_box):
            return None
        if event.to_box is None or not reading.same_id(event.to_box, action.to_box):
            return None
        made = self._made_by(action, event.entities)
        return None if made is None else Executed(message_id=event.message_id, entities=made, at=event.at)

    def _made_by(self, action: Action, entities: Sequence[Entity]) -> dict[EntityKind, EntityRef] | None:
        """Pick what the action has made among a message's entities; None when it is not there."""
        own_box = _own_box(action)
        if isinstance(action, Send):
            candidates = [e for e in entities if e.parent_id is None and e.own_id == action.own_id]
            candidates = [e for e in candidates if e.kind in DOCUMENT_KINDS]
        else:
            parent, kind = actions.parent_of(action).entity_id, actions.kind_of(action)
            candidates = [e for e in entities if e.parent_id == parent and e.kind is kind]
            candidates = [e for e in candidates if e.signed_by and reading.same_id(e.signed_by, own_box)]
            if kind is EntityKind.SIGNATURE and _is_ours(parent, own_box, entities):
                return None  # our signature under our own file answers nothing
        if not candidates:
            return None
        main = candidates[-1]  # a refused signature may stand before the good one
        made = {main.kind: main.ref}
        for entity in entities:
            if entity.kind is EntityKind.SIGNATURE and entity.parent_id == main.ref.entity_id:
                made.setdefault(EntityKind.SIGNATURE, entity.ref)
        return made

    def _same_content(self, action: Action, made: Mapping[EntityKind, EntityRef]) -> bool:
        """Tell our answer from one that a colleague gave in the operator's own program."""
        if isinstance(action, Send | SignDocument | AcceptAnnulment):
            return True
        return self.content(made[actions.kind_of(action)]) == action.content


def _is_ours(entity_id: str, box: str, entities: Sequence[Entity]) -> bool:
    """Whether a file of ours is among the entities."""
    signers = [each.signed_by for each in entities if each.ref.entity_id == entity_id]
    return any(signer is not None and reading.same_id(signer, box) for signer in signers)


def _own_box(action: Action) -> str:
    return action.from_box if isinstance(action, Send) else action.doc.box
