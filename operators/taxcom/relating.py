"""Counterparties at Taxcom: the fullest invitations of all operators, except that nothing takes one back."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from operators.errors import Conflict, ConflictKind, CursorLost, Invalid, NotFound, Unsupported
from operators.lacking import LacksRelations
from operators.port import (
    Clock,
    Invitation,
    InvitationState,
    Page,
    Participant,
    Relation,
    RelationChange,
    RelationEvent,
    RelationStatus,
    SignedFile,
)
from operators.taxcom import codes, feed, layout
from operators.taxcom.client import CabinetClient, TaxcomClient
from operators.taxcom.contacts import Contact, read_contacts, write_contacts
from operators.taxcom.moments import to_wire
from operators.wire import Outside

TEXT_LIMIT = 2_000
STANDING = frozenset({RelationStatus.INVITED_BY_ME, RelationStatus.ACTIVE})
ENDED = frozenset({RelationStatus.REJECTED_BY_ME})
NAMESPACE = uuid.UUID("c1a7a3a2-8f43-5f62-9f0d-6d6f5b7a9e11")


class Relating(LacksRelations):
    """The part of `TaxcomOperator` that speaks of counterparties."""

    code = codes.OPERATOR_CODE

    def __init__(self, client: TaxcomClient, outside: Outside) -> None:
        self._client = client
        self._outside = outside
        self._checks = Lock()
        self._checked_at: datetime | None = None

    @property
    def _clock(self) -> Clock:
        return self._outside.clock

    def find_participants(self, *, inn: str, kpp: str | None = None) -> tuple[Participant, ...]:
        """Find participants (`CheckContragent`), direct and roaming ones; asked no oftener than every 5 seconds."""
        home = self._client.all()[0].cabinet.participant_id
        return tuple(
            each.participant(home)
            for each in self._check([(inn, kpp)])
            if each.inn == inn and kpp in {None, each.kpp} and each.participant_id
        )

    def relations(self, box: str, *, status: RelationStatus | None = None, cursor: str | None = None) -> Page[Relation]:
        """List the counterparties (`GetContacts`), all at once; a cursor is the last line's participant."""
        lines = sorted(self._standing(box), key=lambda each: _place(each[0]))
        places = [_place(contact) for contact, _ in lines]
        if cursor is not None and cursor not in places:
            raise CursorLost("no such counterparty in the list any more", operator=self.code)
        rest = [each for place, each in zip(places, lines, strict=True) if cursor is None or place > cursor]
        items = (_relation(contact, standing, box) for contact, standing in rest)
        shown = tuple(each for each in items if status in {None, each.status})
        return Page(items=shown, next=places[-1] if rest else cursor, more=False)

    def relation(self, box: str, other: Participant) -> Relation | None:
        """Find one counterparty in the list."""
        for contact, standing in self._standing(box):
            same = contact.participant_id is not None and contact.participant_id == other.participant_id
            if same or (contact.participant_id is None and (contact.inn, contact.kpp) == (other.inn, other.kpp)):
                return _relation(contact, standing, box)
        return None

    def relation_events(
        self, box: str, cursor: str | None, *, limit: int = 100, since: datetime | None = None
    ) -> Page[RelationEvent]:
        """Read the changes of the list (`GetContactListUpdates`); told like the lines of `events`."""
        cabinet = self._client.of(box)
        mark = feed.Mark(base=since or feed.BEGINNING) if cursor is None else feed.read_mark(cursor)
        reply = cabinet.get("GetContactListUpdates", {"date": to_wire(mark.asks_from)})
        lines = [
            each
            for each in feed.in_order([each for each in read_contacts(reply.content) if each.changed_at is not None])
            if each.at > mark.asks_from
        ]
        start = mark.place_in(lines)
        items = tuple(
            self._event(lines[place], box, str(feed.mark_after(lines, place)))
            for place in range(start, min(start + limit, len(lines)))
        )
        return Page(items=items, next=items[-1].cursor if items else cursor, more=start + limit < len(lines))

    def invite(
        self, box: str, to: Participant | str, *, text: str | None = None, document: SignedFile | None = None, key: str
    ) -> Invitation:
        """Invite (`SendContacts`). Who is invited or a counterparty already is not invited again."""
        if document is not None:
            raise Unsupported("an invitation of Taxcom carries no file", operator=self.code)
        if text is not None and len(text) > TEXT_LIMIT:
            raise Invalid(f"the text of an invitation is longer than {TEXT_LIMIT} characters", operator=self.code)
        if not key:
            raise ValueError("an idempotency key is never empty")
        cabinet, other = self._client.of(box), self._whom(to)
        known = self.relation(box, other)
        if known is not None and known.status in STANDING:
            return Invitation(task=known.ref or key, state=InvitationState.DONE, box=other.box)
        if known is not None and known.status is RelationStatus.INVITES_ME:
            return self.accept(box, known, text=text, key=key)
        line = {
            "ExternalContactId": key,
            "Name": other.name,
            "Inn": other.inn,
            "Kpp": other.kpp,
            "EDXClientId": other.participant_id,
            "Comment": text,
        }
        cabinet.post("SendContacts", write_contacts([line]), layout.XML_TYPE, write=True)
        return Invitation(task=key, state=InvitationState.DONE, box=other.box)

    def invitation_result(self, box: str, task: str) -> Invitation:
        """Tell what the list says of the invitation that was sent under that id of ours."""
        for each in self._contacts(self._client.of(box)):
            if task in {each.external_id, each.participant_id}:
                failed = each.state == "Error"
                return Invitation(
                    task=task,
                    state=InvitationState.FAILED if failed else InvitationState.DONE,
                    box=each.participant_id,
                    reason=each.error or "the operator tells no reason" if failed else None,
                )
        raise NotFound(f"no invitation {task[:80]}", operator=self.code)

    def accept(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> Invitation:  # noqa: ARG002 - the wire takes neither text nor key
        """Accept an invitation (`AcceptContact`)."""
        participant_id = self._who(box, relation, RelationStatus.INVITES_ME, done=frozenset({RelationStatus.ACTIVE}))
        if participant_id is not None:
            self._client.of(box).get("AcceptContact", {"id": participant_id}, write=True)
        task = relation.participant.participant_id or ""
        return Invitation(task=task, state=InvitationState.DONE, box=relation.participant.box)

    def reject(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the wire takes no key
        """Reject an invitation (`RejectContact`)."""
        self._part(box, self._who(box, relation, RelationStatus.INVITES_ME, done=ENDED), text)

    def break_relation(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:  # noqa: ARG002 - the wire takes no key
        """Forbid the exchange with a counterparty (`RejectContact`)."""
        self._part(box, self._who(box, relation, RelationStatus.ACTIVE, done=ENDED), text)

    def _part(self, box: str, participant_id: str | None, text: str | None) -> None:
        if participant_id is not None:
            self._client.of(box).get("RejectContact", {"id": participant_id, "comment": text}, write=True)

    def _check(self, pairs: Sequence[tuple[str, str | None]]) -> tuple[Contact, ...]:
        """Ask which participants have these INN and КПП."""
        found: list[Contact] = []
        for place in range(0, len(pairs), layout.CHECKED_AT_ONCE):
            asked = pairs[place : place + layout.CHECKED_AT_ONCE]
            body = write_contacts([{"Inn": inn, "Kpp": kpp} for inn, kpp in asked])
            with self._checks:
                self._wait_for_turn()
                try:
                    answer = self._client.all()[0].post("CheckContragent", body, layout.XML_TYPE)
                    found += read_contacts(answer.content)
                except NotFound:
                    continue
                finally:
                    self._checked_at = self._clock.now()
        return tuple(found)

    def _contacts(self, cabinet: CabinetClient) -> tuple[Contact, ...]:
        return read_contacts(cabinet.get("GetContacts").content)

    def _standing(self, box: str) -> list[tuple[Contact, RelationStatus]]:
        """The list with each line's status; whose refusal a Rejected is, the list of changes tells: it has theirs only."""
        cabinet = self._client.of(box)
        contacts = self._contacts(cabinet)
        ended = [each for each in contacts if each.state == layout.REJECTED and each.changed_at is not None]
        theirs: set[str] = set()
        if ended:
            since = min(each.at for each in ended) - feed.OVERLAP
            answer = cabinet.get("GetContactListUpdates", {"date": to_wire(since), "status": layout.REJECTED})
            theirs = {each.key for each in read_contacts(answer.content)}
        found: list[tuple[Contact, RelationStatus]] = []
        for each in contacts:
            ours = each in ended and each.key not in theirs
            status = codes.CONTACT_STATES.get(each.state, RelationStatus.UNKNOWN)
            found.append((each, RelationStatus.REJECTED_BY_ME if ours else status))
        return found

    def _event(self, contact: Contact, box: str, cursor: str) -> RelationEvent:
        return RelationEvent(
            id=str(uuid.uuid5(NAMESPACE, f"{box}/{contact.key}")),
            cursor=cursor,
            at=contact.at,
            box=box,
            participant=contact.participant(box),
            change=codes.CONTACT_CHANGES.get(contact.state, RelationChange.UNKNOWN),
            status=codes.CONTACT_STATES.get(contact.state, RelationStatus.UNKNOWN),
            text=contact.comment,
        )

    def _whom(self, to: Participant | str) -> Participant:
        if isinstance(to, Participant):
            return to
        found = self.find_participants(inn=to)
        if not found:
            raise NotFound(f"no participant with the INN {to[:20]}", operator=self.code)
        if len(found) > 1:
            raise Invalid(f"{len(found)} participants have the INN {to[:20]}", operator=self.code)
        return found[0]

    def _who(
        self, box: str, relation: Relation, wanted: RelationStatus, *, done: frozenset[RelationStatus]
    ) -> str | None:
        """Whom a verb is about, None when it is done already.

        One call of the operator rejects and breaks, whichever there is: how the two stand is read anew before it.
        """
        now = self.relation(box, relation.participant)
        status = RelationStatus.NONE if now is None else now.status
        if relation.status is wanted and status is wanted and relation.participant.participant_id:
            return relation.participant.participant_id
        if relation.status is wanted and status in done:
            return None
        error = Conflict(f"the relation is {status}, not {wanted}", operator=self.code)
        error.kind = ConflictKind.STATE
        raise error

    def _wait_for_turn(self) -> None:
        """Keep the operator's pause between checks."""
        if self._checked_at is None:
            return
        left = layout.CHECK_PAUSE - (self._clock.now() - self._checked_at)
        if left > timedelta(0):
            self._outside.wait(left.total_seconds())


def _place(contact: Contact) -> str:
    return contact.participant_id or contact.external_id or f"{contact.inn}-{contact.kpp or ''}"


def _relation(contact: Contact, status: RelationStatus, box: str) -> Relation:
    return Relation(
        participant=contact.participant(box),
        status=status,
        changed_at=contact.changed_at or feed.BEGINNING,
        text=contact.error if contact.state == "Error" else contact.comment,
        ref=contact.external_id or contact.participant_id,
    )
