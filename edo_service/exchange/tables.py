"""Rows of the exchange: the connection to an operator and each act we promised to carry out there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from edo_service.kernel.tables import Base, Folded, Identified, JsonDict, Owned, UtcDateTime, Versioned

_OFFERED = text("side = 'ours' AND state IN ('proposing', 'expected')")


class OperatorAccount(Identified, Owned, Versioned, Base):
    """One box of one organisation at one operator, with sealed credentials and the place in its event feed.

    `state` moves by `lives.ACCOUNT`. While it is set up `box` is empty until the test has found it; `boxes` holds what the
    test has shown. `last_event_at` is the newest event's own time: from there on (with an overlap) the feed is read anew
    when the operator has lost the cursor, and `resync_from` says so. `invited_id` is the relation that the set-up invited.
    `log_in_by`: "password" or "consent" (OpenID Connect; the sealed password is then the application's key).
    `receipts_by`: `rules.ReceiptsBy`.
    `sealed_token`: what the operator gave for a log-in that took its person (a session, a refresh token); while
    `log_in_step` says that she is waited for, the secret of that step (`operators.port.LogInStep`).
    """

    __tablename__ = "operator_account"
    __table_args__ = (UniqueConstraint("owner_id", "operator", "box", name="uq_operator_account"),)

    operator: Mapped[str] = mapped_column(String(24))
    participant_id: Mapped[str] = mapped_column(String(46))
    box: Mapped[str] = mapped_column(String(80))
    login: Mapped[str] = mapped_column(String(200))
    sealed_password: Mapped[bytes] = mapped_column(LargeBinary)
    client_id: Mapped[str] = mapped_column(String(200))
    log_in_by: Mapped[str] = mapped_column(String(16), default="password")
    sealed_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    log_in_step: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    receipts_by: Mapped[str] = mapped_column(String(16), default="notice")
    state: Mapped[str] = mapped_column(String(24))
    cursor: Mapped[str | None] = mapped_column(String(400))
    polled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trouble: Mapped[str | None] = mapped_column(Text)
    trouble_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    trace_id: Mapped[str | None] = mapped_column(String(120))
    boxes: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resync_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relations_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invited_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Dispatch(Identified, Owned, Versioned, Base):
    """The intent of one call that cannot be taken back: stored before the call, answered after it.

    `key` is our idempotency key at the operator; `state` goes intended -> calling -> done | refused | overtaken. A row
    found in `calling` by a later attempt means the outcome is unknown: look up first, then repeat. `refused` is called
    again only for an answer that is held (`refusals.holds`); `overtaken`: another file took the place of this one.
    """

    __tablename__ = "dispatch"
    __table_args__ = (
        UniqueConstraint("owner_id", "part_id", "act", name="uq_dispatch_part_act"),
        Index("ix_dispatch_document", "owner_id", "document_id"),
    )

    document_id: Mapped[UUID]
    part_id: Mapped[UUID]
    signature_id: Mapped[UUID | None]
    act: Mapped[str] = mapped_column(String(24))
    state: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    calls: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonDict)
    trouble: Mapped[str | None] = mapped_column(Text)
    trace_id: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Relation(Identified, Owned, Versioned, Base):
    """How a box of ours stands to a participant, as the operator says; `state` moves by `lives.RELATION`.

    `peer` names the participant within the account: its id, else its box, else its ИНН. `text_in` is what they wrote,
    `text_out` what we wrote. `ref` is the operator's own id of an invitation. `counterparty_id` is set while documents may
    be exchanged.
    """

    __tablename__ = "relation"
    __table_args__ = (
        UniqueConstraint("owner_id", "account_id", "peer", name="uq_relation_peer"),
        Index("ix_relation_list", "owner_id", "state", "search", "id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("operator_account.id"))
    peer: Mapped[str] = mapped_column(String(120))
    participant_id: Mapped[str | None] = mapped_column(String(46))
    peer_box: Mapped[str | None] = mapped_column(String(120))
    operator_code: Mapped[str] = mapped_column(String(12))
    inn: Mapped[str] = mapped_column(String(12), index=True)
    kpp: Mapped[str | None] = mapped_column(String(9))
    name: Mapped[str] = mapped_column(String(1000))
    is_roaming: Mapped[bool]
    is_active: Mapped[bool]
    state: Mapped[str] = mapped_column(String(24))
    raw_status: Mapped[str | None] = mapped_column(String(60))
    ref: Mapped[str | None] = mapped_column(String(120))
    text_in: Mapped[str | None] = mapped_column(Text)
    text_out: Mapped[str | None] = mapped_column(Text)
    to_be_signed: Mapped[bool]
    counterparty_id: Mapped[UUID | None]
    search: Mapped[str] = mapped_column(Folded)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RelationStep(Identified, Owned, Versioned, Base):
    """The intent of one act about a relation: stored before the call, answered after it (as `Dispatch` for documents).

    `state` goes intended -> calling -> asked -> done | refused; `asked`: the operator works on it (`task`). `key` is our
    idempotency key. `file_*` and `signature_sha256` name a signed file that goes with an invitation.
    """

    __tablename__ = "relation_step"
    __table_args__ = (Index("ix_relation_step_relation", "owner_id", "relation_id"),)

    relation_id: Mapped[UUID] = mapped_column(ForeignKey("relation.id"))
    act: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    text: Mapped[str | None] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(String(400))
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    signature_sha256: Mapped[str | None] = mapped_column(String(64))
    task: Mapped[str | None] = mapped_column(String(200))
    calls: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(Text)
    trace_id: Mapped[str | None] = mapped_column(String(120))
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class InvitationBatch(Identified, Owned, Versioned, Base):
    """A list of companies to invite, read from a file."""

    __tablename__ = "invitation_batch"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("operator_account.id"))
    file_name: Mapped[str] = mapped_column(String(400))
    text: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[UUID | None]
    by_name: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InvitationRow(Identified, Owned, Base):
    """One line of the list: waiting, then invited, already, several, absent or faulty.

    `invited` is our promise; what the operator made of it is in the relation's step (`counterparties.batch`).
    """

    __tablename__ = "invitation_row"
    __table_args__ = (UniqueConstraint("batch_id", "number", name="uq_invitation_row_number"),)

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("invitation_batch.id"))
    number: Mapped[int]
    inn: Mapped[str] = mapped_column(String(40))
    kpp: Mapped[str | None] = mapped_column(String(40))
    participant_id: Mapped[str | None] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(1000))
    text: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    relation_id: Mapped[UUID | None]


class OddEvent(Identified, Owned, Base):
    """News of an operator that this service does not understand or could not take: kept whole and shown until settled."""

    __tablename__ = "odd_event"
    __table_args__ = (UniqueConstraint("owner_id", "account_id", "external_id", name="uq_odd_event"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("operator_account.id"))
    external_id: Mapped[str] = mapped_column(String(200))
    message_id: Mapped[str] = mapped_column(String(120))
    document_id: Mapped[UUID | None]
    kinds: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDict)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(400))


class Annulment(Identified, Owned, Versioned, Base):
    """A proposal to annul a document, ours or theirs; `state` moves by `lives.ANNULMENT`.

    `file_*`, `signature_sha256`: the proposal and the proposer's signature. `answer_*`: a consent (a second signature on the
    same file) or a refusal (a file of its own). `*_objection`: what speaks against the signature of each (a trouble of
    `texts`), looked at again while time may heal it. `act` is what is on its way to the operator, with its key, as in `Dispatch`.
    One proposal of ours is open at a time (`uq_annulment_offered`); theirs may cross it, operators let both stand.
    """

    __tablename__ = "annulment"
    __table_args__ = (
        UniqueConstraint("owner_id", "message_ref", "entity_ref", name="uq_annulment_ref"),
        Index("ix_annulment_document", "owner_id", "document_id"),
        Index(
            "uq_annulment_offered",
            "owner_id",
            "document_id",
            unique=True,
            sqlite_where=_OFFERED,
            postgresql_where=_OFFERED,
        ),
    )

    document_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("operator_account.id"))
    side: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(String(400))
    file_sha256: Mapped[str] = mapped_column(String(64))
    signature_sha256: Mapped[str | None] = mapped_column(String(64))
    message_ref: Mapped[str] = mapped_column(String(80))
    entity_ref: Mapped[str | None] = mapped_column(String(80))
    answer_name: Mapped[str | None] = mapped_column(String(400))
    answer_sha256: Mapped[str | None] = mapped_column(String(64))
    answer_signature_sha256: Mapped[str | None] = mapped_column(String(64))
    answer_text: Mapped[str | None] = mapped_column(Text)
    offer_objection: Mapped[str | None] = mapped_column(Text)
    answer_objection: Mapped[str | None] = mapped_column(Text)
    act: Mapped[str | None] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    calls: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str | None] = mapped_column(Text)
    trace_id: Mapped[str | None] = mapped_column(String(120))
    by_name: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
