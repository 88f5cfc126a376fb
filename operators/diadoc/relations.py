"""Counterparties at Diadoc: the list, its feed, invitations (a task of the operator's), acceptance, break.

`V2/BreakWithCounteragent` withdraws, rejects or breaks, whichever the present state means, so the state is read before:
a withdrawal must not end a relation that the other side has just accepted.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from operators.diadoc import actions, codes, reading
from operators.diadoc.client import DiadocClient
from operators.diadoc.shelf import Shelf
from operators.errors import (
    BadAnswer,
    Conflict,
    ConflictKind,
    CursorLost,
    InProgress,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RoamingUnavailable,
)
from operators.port import (
    EntityRef,
    Invitation,
    InvitationState,
    Page,
    Participant,
    Relation,
    RelationEvent,
    RelationStatus,
    SignedFile,
)

PAGE = 100
INVITATION_WORDS, COMMENT = 2000, 5000
"""The operator's limits, in characters."""


class DiadocRelations:
    """The part of the port that is about counterparties, over an adapter's client."""

    code = codes.OPERATOR_CODE
    _client: DiadocClient

    def relations(self, box: str, *, status: RelationStatus | None = None, cursor: str | None = None) -> Page[Relation]:
        """Read a page of counterparties (`V3/GetCounteragents`)."""
        wanted = None if status is None else codes.RELATION_NAMES.get(status)
        if status is not None and wanted is None:
            return Page(items=(), next=cursor, more=False)  # the operator has no word for such a status
        params = {"myBoxId": box, "counteragentStatus": wanted, "afterIndexKey": cursor}
        answer = self._page_of("/V3/GetCounteragents", params, first={"myBoxId": box, "pageSize": "1"})
        items = tuple(self._with_request(each) for each in reading.read_relations(answer, box))
        last = reading.last_index_key(answer, "Counteragents")
        return Page(items=items, next=last or cursor, more=bool(items) and reading.total_count(answer) > len(items))

    def relation(self, box: str, other: Participant) -> Relation | None:
        """Read one line (`V3/GetCounteragent`)."""
        if other.box is None:
            return None
        try:
            answer = self._client.get("/V3/GetCounteragent", {"myBoxId": box, "counteragentBoxId": other.box}).json()
        except NotFound:
            return None
        return self._with_request(reading.read_relation(answer, box))

    def relation_events(
        self, box: str, cursor: str | None, *, limit: int = PAGE, since: datetime | None = None
    ) -> Page[RelationEvent]:
        """Read what happened to a box's counterparties (`V1/GetCounteragentEvents`)."""
        params = {
            "boxId": box,
            "afterIndexKey": cursor,
            "limit": str(min(limit, PAGE)),
            "timestampFromTicks": None if since is None else str(reading.to_ticks(since)),
        }
        answer = self._page_of("/V1/GetCounteragentEvents", params, first={"boxId": box, "limit": "1"})
        known: dict[str, Participant] = {}

        def participant(other: str) -> Participant:
            if other not in known:
                known[other] = reading.read_owner(self._client.get("/GetBox", {"boxId": other}).json(), other)
            return known[other]

        items = reading.read_relation_events(answer, box, participant)
        more = bool(items) and reading.total_count(answer) > len(items)
        return Page(items=items, next=items[-1].cursor if items else cursor, more=more)

    def invite(
        self, box: str, to: Participant | str, *, text: str | None = None, document: SignedFile | None = None, key: str
    ) -> Invitation:
        """Start an invitation (`V3/AcquireCounteragent`); how it went is `invitation_result`'s."""
        _check_words(text, INVITATION_WORDS)
        body: dict[str, Any] = {} if text is None else {"MessageToCounteragent": text}
        if isinstance(to, str):
            body["Inn"] = to
        elif to.box is None:
            raise RoamingUnavailable(f"{to.participant_id} has no box at Diadoc yet", operator=self.code)
        else:
            body["BoxId"] = to.box
        if document is not None:
            carried = Shelf(self._client, key).carry(document.content)
            body["InvitationDocument"] = {
                "SignedContent": {**carried, "Signature": actions.encoded(document.signature)},
                "FileName": document.file_name,
                "SignatureRequested": document.needs_signature,
            }
        return self._acquire(box, body)

    def invitation_result(self, box: str, task: str) -> Invitation:
        """Ask how an invitation went (`V2/AcquireCounteragentResult`)."""
        try:
            answer = self._client.get("/V2/AcquireCounteragentResult", {"taskId": task}).json()
        except InProgress as error:
            return Invitation(task=task, state=InvitationState.PENDING, retry_after=error.retry_after)
        except Conflict as error:
            return Invitation(task=task, state=InvitationState.FAILED, reason=error.raw or str(error))
        file, other = answer.get("InvitationDocumentId"), answer.get("BoxId")
        return Invitation(
            task=task,
            state=InvitationState.DONE,
            box=other if isinstance(other, str) else None,
            document=reading.read_document_id(file, box) if isinstance(file, Mapping) else None,
        )

    def accept(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> Invitation:  # noqa: ARG002 - the port's
        """Accept an invitation: the same call from the other side."""
        _check_words(text, INVITATION_WORDS)
        now = self._present(box, relation, RelationStatus.INVITES_ME, RelationStatus.ACTIVE)
        if now.status is RelationStatus.INVITES_ME and now.signature_requested:
            raise _state("the invitation is accepted by signing its file")
        words = {} if text is None else {"MessageToCounteragent": text}
        return self._acquire(box, {"BoxId": now.participant.box, **words})

    def reject(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """Reject an invitation (`V2/BreakWithCounteragent`)."""
        self._leave(box, relation, text, RelationStatus.INVITES_ME, done=RelationStatus.REJECTED_BY_ME)

    def withdraw(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """Take an invitation back; one with a file is withdrawn by `ProposeAnnulment` on that file (Conflict here)."""
        self._leave(box, relation, text, RelationStatus.INVITED_BY_ME, done=RelationStatus.NONE)

    def break_relation(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the port's
        """End a relation (`V2/BreakWithCounteragent`)."""
        self._leave(box, relation, text, RelationStatus.ACTIVE, done=RelationStatus.REJECTED_BY_ME)

    def message_needs_signature(self, ref: EntityRef) -> bool:
        """Whether the other side wants that file signed (`V6/GetMessage`)."""
        params = {"boxId": ref.box, "messageId": ref.message_id, "injectEntityContent": "false"}
        entities = reading.read_entities(self._client.get("/V6/GetMessage", params).json(), ref.box)
        return any(entity.ref.entity_id == ref.entity_id and entity.needs_answer for entity in entities)

    def _acquire(self, box: str, body: Mapping[str, Any]) -> Invitation:
        reply = self._client.post_json("/V3/AcquireCounteragent", {"myBoxId": box}, body)
        try:
            task = reply.json().get("TaskId")
        except BadAnswer as error:
            raise OutcomeUnknown(f"accepted, but the answer is unreadable: {error}", operator=self.code) from error
        if not isinstance(task, str) or not task:
            raise OutcomeUnknown("accepted, but the answer names no task", operator=self.code, status=reply.status)
        return Invitation(task=task, state=InvitationState.PENDING)

    def _leave(
        self, box: str, relation: Relation, text: str | None, wanted: RelationStatus, *, done: RelationStatus
    ) -> None:
        _check_words(text, COMMENT)
        now = self._present(box, relation, wanted, done)
        if now.status is done:
            return  # a repeat of what has been done
        params = {"myBoxId": box, "counteragentBoxId": now.participant.box, "comment": text}
        self._client.post_json("/V2/BreakWithCounteragent", params, {})

    def _present(self, box: str, relation: Relation, *expected: RelationStatus) -> Relation:
        """Read a relation anew; raises Conflict when it stands otherwise by now."""
        found = self.relation(box, relation.participant)
        status = RelationStatus.NONE if found is None else found.status
        if status not in expected:
            raise _state(f"the relation is {status} by now")
        return replace(relation, status=status) if found is None else found

    def _with_request(self, each: Relation) -> Relation:
        if each.status is not RelationStatus.INVITES_ME or each.document is None:
            return each
        return replace(each, signature_requested=self.message_needs_signature(each.document))

    def _page_of(
        self, path: str, params: Mapping[str, str | None], *, first: Mapping[str, str | None]
    ) -> dict[str, Any]:
        """Read a page; a 400 is a lost cursor when the list's first page (`first`) can be read."""
        try:
            return self._client.get(path, params).json()
        except Invalid as error:
            if params.get("afterIndexKey") is None:
                raise
            self._client.get(path, first)  # raises when it is not the cursor that is wrong
            raise CursorLost(str(error), operator=self.code, status=error.status, trace_id=error.trace_id) from error


def _check_words(text: str | None, limit: int) -> None:
    if text is not None and len(text) > limit:
        raise Invalid(f"the text has {len(text)} characters, the limit is {limit}", operator=codes.OPERATOR_CODE)


def _state(what: str) -> Conflict:
    error = Conflict(what, operator=codes.OPERATOR_CODE)
    error.kind = ConflictKind.STATE
    return error
