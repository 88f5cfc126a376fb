"""The port of an electronic document exchange operator: what the service asks for, in its own words.

Signing is always in two steps, because operators differ in who writes the bytes: `prepare(action)` tells what has to be
signed, `execute(action, signatures, key=…)` sends it. Ids (`box`, `message_id`, `entity_id`, cursors) are the
operator's own opaque strings. All times are aware UTC. Every method may raise any `operators.errors.OperatorError`;
after `OutcomeUnknown` (and after a crash) the caller asks `look_up` before it repeats `execute` with the same key.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from operators.nouns import (
    LONGEST_ID,
    AcceptAnnulment,
    Action,
    AnswerWithTitle,
    Box,
    DocumentStatus,
    Entity,
    EntityRef,
    Event,
    Executed,
    GeneratedFile,
    Invitation,
    LogInStep,
    OutgoingDocument,
    Page,
    Participant,
    PowerRef,
    ProposeAnnulment,
    RefuseAnnulment,
    RejectDocument,
    Relation,
    RelationEvent,
    RequestCorrection,
    Send,
    SendReceipt,
    SendUniversalMessage,
    SignDocument,
    SignedFile,
    TitleOrder,
    ToSign,
)
from operators.words import (
    Capability,
    EntityKind,
    InvitationState,
    Receipt,
    RelationChange,
    RelationStatus,
    Response,
    Revocation,
    SenderSignature,
    ServicePaper,
)

__all__ = [
    "LONGEST_ID",
    "AcceptAnnulment",
    "Action",
    "AnswerWithTitle",
    "Box",
    "Capability",
    "Clock",
    "DocumentStatus",
    "Entity",
    "EntityKind",
    "EntityRef",
    "Event",
    "Executed",
    "GeneratedFile",
    "Generator",
    "Invitation",
    "InvitationState",
    "LogInStep",
    "Operator",
    "OutgoingDocument",
    "Page",
    "Participant",
    "PersonalLogIn",
    "PowerRef",
    "ProposeAnnulment",
    "Receipt",
    "RefuseAnnulment",
    "RejectDocument",
    "Relation",
    "RelationChange",
    "RelationEvent",
    "RelationStatus",
    "RequestCorrection",
    "Response",
    "Revocation",
    "Send",
    "SendReceipt",
    "SendUniversalMessage",
    "SenderSignature",
    "ServicePaper",
    "SignDocument",
    "SignedFile",
    "TitleOrder",
    "ToSign",
]


class Clock(Protocol):
    """Where the time comes from: tokens and pauses are counted by it, a test moves it."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""


class Operator(Protocol):
    """An account at an operator. Implementations are safe for use by several threads."""

    @property
    def code(self) -> str:
        """The operator's three-character code, for example 2BM."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this operator can do."""

    def check_connection(self) -> tuple[Box, ...]:
        """Log in and list the boxes that the account may use. Raises AuthExpired, Forbidden, Temporary."""

    def find_participants(self, *, inn: str, kpp: str | None = None) -> tuple[Participant, ...]:
        """Find organisations by INN (and КПП); several may share them, an unknown INN gives an empty tuple."""

    def relations(self, box: str, *, status: RelationStatus | None = None, cursor: str | None = None) -> Page[Relation]:
        """List the counterparties of a box after `cursor` (None: from the first).

        Raises CursorLost when the operator no longer knows the cursor: read the list anew.
        """

    def relation(self, box: str, other: Participant) -> Relation | None:
        """Read how a box stands to a participant; None when they have nothing to do with each other.

        This is the look before a repeat: after OutcomeUnknown of `invite`, `accept`, `reject`, `withdraw` or
        `break_relation` the status tells whether it was done.
        """

    def relation_events(
        self, box: str, cursor: str | None, *, limit: int = 100, since: datetime | None = None
    ) -> Page[RelationEvent]:
        """Read what happened to the relations of a box; arguments and errors are those of `events`."""

    def invite(
        self, box: str, to: Participant | str, *, text: str | None = None, document: SignedFile | None = None, key: str
    ) -> Invitation:
        """Invite a participant, or whoever has that INN (a string). Inviting again changes nothing.

        The operator may take its time (PENDING). Raises Conflict when it refuses, RoamingUnavailable when the other
        side's operator has to be asked for a connection first, Invalid when the text is too long or several
        organisations have that INN, OutcomeUnknown: then `relation` tells.
        """

    def invitation_result(self, box: str, task: str) -> Invitation:
        """Tell what became of `Invitation.task`. Raises NotFound for an unknown or forgotten task."""

    def accept(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> Invitation:
        """Accept the invitation of `relation` (status INVITES_ME); what waited for it is delivered.

        Raises Conflict when there is nothing to accept or the invitation's file has to be signed instead.
        """

    def reject(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:
        """Reject the invitation of `relation` (status INVITES_ME)."""

    def withdraw(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:
        """Take our invitation back (status INVITED_BY_ME)."""

    def break_relation(self, box: str, relation: Relation, *, text: str | None = None, key: str) -> None:
        """End a relation (status ACTIVE): nothing is taken from that participant any more."""

    def prepare(self, action: Action) -> tuple[ToSign, ...]:
        """Tell what has to be signed for the action. Changes nothing at the operator."""

    def execute(
        self, action: Action, signatures: Mapping[str, bytes], *, key: str, power: PowerRef | None = None
    ) -> Executed:
        """Do the action, at most once per key.

        `signatures`: ToSign.ref -> DER of a detached CMS. `key`: our idempotency key, the same on a repeat. `power`:
        the МЧД that the signatures rest on; an operator that has no place for it is told nothing.
        Raises OutcomeUnknown when the request left us and the answer did not come; Conflict when the state forbids it.
        """

    def look_up(self, action: Action, *, since: datetime | None = None) -> Executed | None:
        """Find an executed action by reading. None means "not seen": feeds may lag, so a repeat keeps the same key.

        `since` bounds the search of a sent message (the time when the intent was recorded).
        """

    def events(self, box: str, cursor: str | None, *, limit: int = 100, since: datetime | None = None) -> Page[Event]:
        """Read the feed of a box after `cursor` (None: from the oldest, or from `since` on).

        Raises CursorLost when the operator no longer knows the cursor: read on with `since` and an overlap.
        """

    def content(self, ref: EntityRef) -> bytes:
        """Fetch the bytes of an entity. Raises NotFound."""

    def contents(self, refs: Sequence[EntityRef]) -> Mapping[EntityRef, bytes]:
        """Fetch the bytes of several entities in as few calls as the operator allows. Raises NotFound for any."""

    def message(self, box: str, message_id: str) -> tuple[Entity, ...]:
        """Fetch a message's parts with the present status of its documents. Raises NotFound."""


@runtime_checkable
class PersonalLogIn(Protocol):
    """An operator whose log-in may take a step by its person: `check_connection` raises PersonNeeded then."""

    def begin_log_in(self) -> LogInStep | None:
        """Begin a log-in: have the code sent, or ask for an address to confirm at. None: it took no person after all.

        Raises AuthExpired when the credentials are refused, Unsupported where no person can help.
        """

    def finish_log_in(self, secret: str, *, code: str = "") -> None:
        """End the log-in that `LogInStep.secret` names; its session or token is kept from then on.

        Raises AuthExpired for a wrong code or a step that is over, NotConfirmed while she has not confirmed.
        """


@runtime_checkable
class Generator(Protocol):
    """An operator that writes XML on request (`Capability.GENERATORS`)."""

    def generate_title(self, order: TitleOrder) -> GeneratedFile:
        """Write a title from the operator's user contract. Raises Invalid with the operator's words."""

    def generate_paper(
        self, paper: ServicePaper, target: EntityRef, *, contract: bytes = b"", text: str | None = None
    ) -> GeneratedFile:
        """Write a service file about `target`.

        `contract`: who signs, in the operator's own form; `text`: the reason, where the paper has one. Raises Conflict
        when the state does not allow the paper.
        """
