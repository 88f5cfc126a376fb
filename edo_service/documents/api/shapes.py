"""Shapes of the documents' API. Money is text in roubles with kopecks, moments are ISO 8601 in UTC, hashes hexadecimal."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

import signing
from edo_service.documents.queries import Card, FolderName, Line, PartCard, SignatureCard
from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.use_cases.agree import UkdWire
from edo_service.documents.use_cases.clarify import CarriesRequests
from edo_service.documents.use_cases.upload import Preview
from edo_service.formats.official import OfficialSchemas
from edo_service.kernel.objects import ObjectStore
from edo_service.keys.use_cases import KeyRoom
from edo_service.portal.api import Shown, Strict

PREFIX = "/api/v1/o/{org}/documents"


@dataclass(frozen=True, kw_only=True)
class ApiPorts:
    """What the API needs from outside; given by `main`."""

    objects: ObjectStore
    desk: SigningDesk
    keys: KeyRoom
    carries_requests: CarriesRequests
    official: OfficialSchemas | None = None
    ukd: UkdWire | None = None


class ListQuery(Strict):
    """What the list is asked for; `after` is the id of the last item already had."""

    folder: FolderName = FolderName.ALL
    q: str = Field(default="", max_length=200)
    kind: Literal["upd", "ukd", "contract"] | None = None
    since: date | None = None
    until: date | None = None
    after: UUID | None = None
    limit: int = Field(default=25, ge=1, le=100)


class FileQuery(Strict):
    """The name of the file in the body."""

    file_name: str = Field(min_length=1, max_length=255)


class ContractQuery(FileQuery):
    """A contract or another agreed file: what the file itself does not tell."""

    number: str = Field(min_length=1, max_length=100)
    dated: date
    counterparty: UUID
    total: str | None = Field(default=None, pattern=r"^\d{1,15}(\.\d{1,2})?$")


class SendBody(Strict):
    """`key_id` chooses the organisation's key; without it the newest usable one signs."""

    key_id: UUID | None = None


class AnswerBody(Strict):
    """The recipient's answer."""

    outcome: Literal["accepted", "accepted_with_remarks"] = "accepted"
    remark: str | None = Field(default=None, max_length=500)


class RefusalBody(Strict):
    """Why the signature is refused; the counterparty reads it."""

    reason: str = Field(max_length=5000)


class ClarifyBody(Strict):
    """What is wrong and has to be corrected; the seller reads it."""

    text: str = Field(max_length=5000)


class OwnKeyBody(Strict):
    """One's own key kept here and its PIN, for this signature only."""

    pin: str = Field(min_length=1, max_length=64)
    key_id: UUID | None = None


class DocumentLine(Shown):
    """A document in a list; the lives are the states of `docs/workflows.md`."""

    id: UUID
    kind: str
    direction: str
    route: str
    title: str
    total: str | None
    counterparty_name: str
    counterparty_inn: str
    delivery: str
    receipt: str
    response: str
    correction: str
    archive: str
    trouble: str | None
    answer_due: date | None
    created_at: datetime


class DocumentList(Shown):
    """A page of documents, newest first; `found` and `total` count all that fits the query."""

    items: list[DocumentLine]
    found: int
    total: str
    more: bool


class SignatureShown(Shown):
    """A signature and the verdict on it; `url` gives the CMS."""

    id: UUID
    state: str
    signer: str | None
    organization: str | None
    inn: str | None
    level: str | None
    indication: str | None
    sub_indication: str | None
    signed_at: datetime | None
    proved_at: datetime | None
    sha256: str | None
    url: str | None


class FileShown(Shown):
    """A file of the document with its signatures."""

    id: UUID
    role: str
    origin: str
    about: str | None
    file_name: str
    media_type: str
    size: int
    sha256: str
    url: str
    signatures: list[SignatureShown]


class Happened(Shown):
    """A move of one life."""

    life: str
    event: str
    state: str
    by: str
    at: datetime


class DocumentShown(DocumentLine):
    """The whole document."""

    number: str
    dated: date
    function: str | None
    format_version: str | None
    vat: str | None
    facts: dict[str, Any]
    refusal_reason: str | None
    missing: list[str]
    sent_at: datetime | None
    arrived_at: datetime | None
    answered_at: datetime | None
    receipt_due: date | None
    files: list[FileShown]
    history: list[Happened]


class Created(Shown):
    """A new document."""

    id: UUID
    url: str


class Promised(Shown):
    """Work promised; the document's lives tell how it goes."""

    id: UUID
    job: UUID


class Frozen(Shown):
    """The very bytes to be signed: nothing changes them afterwards. `command` is ready to paste."""

    id: UUID
    file_name: str
    size: int
    sha256: str
    streebog256: str
    url: str
    command: str


class Done(Shown):
    """The document and its state after the act."""

    id: UUID
    delivery: str
    response: str
    correction: str
    archive: str


class Discarded(Shown):
    """A draft that is gone: its address answers 404 from now on."""

    id: UUID
    delivery: Literal["discarded"] = "discarded"


class Signed(Done):
    """The signature made or taken."""

    signature: UUID


class FindingShown(Shown):
    """What the check found: element's path, line, rule, words."""

    path: str
    line: int | None
    rule: str
    message: str


class Checked(Shown):
    """A file that was read and not stored; `obstacles` say why it cannot be sent although it may be valid."""

    kind: str | None
    version: str | None
    may_be_sent: bool
    violations: list[FindingShown]
    remarks: list[FindingShown]
    obstacles: list[str]
    facts: dict[str, Any] | None


def line_shown(line: Line) -> DocumentLine:
    """A line of the queries as JSON."""
    return DocumentLine(**_line(line))


def card_shown(card: Card, base: str) -> DocumentShown:
    """A card as JSON; `base` is the address of the document."""
    return DocumentShown(
        **_line(card.line),
        number=card.number,
        dated=card.dated,
        function=card.function,
        format_version=card.format_version,
        vat=None if card.vat is None else str(card.vat),
        facts=dict(card.facts),
        refusal_reason=card.refusal_reason,
        missing=list(card.missing),
        sent_at=card.sent_at,
        arrived_at=card.arrived_at,
        answered_at=card.answered_at,
        receipt_due=card.receipt_due,
        files=[_file(part, base) for part in card.parts],
        history=[
            Happened(life=row.workflow, event=row.event, state=row.state, by=row.by, at=row.at)
            for row in card.happenings
        ],
    )


def frozen_shown(part: PartCard, content: bytes, base: str) -> Frozen:
    """The file to be signed."""
    return Frozen(
        id=part.id,
        file_name=part.file_name,
        size=part.size,
        sha256=part.sha256,
        streebog256=signing.digest("streebog256", content).hex(),
        url=f"{base}/files/{part.id}",
        command=signing.openssl_sign_command(part.file_name, "key.pem", "certificate.pem", f"{part.file_name}.sig"),
    )


def checked_shown(preview: Preview) -> Checked:
    """The outcome of a check."""
    result = preview.result

    def shown(findings: tuple[Any, ...]) -> list[FindingShown]:
        return [FindingShown(path=one.path, line=one.line, rule=one.rule, message=one.message_ru) for one in findings]

    return Checked(
        kind=result.kind.code if result.kind else None,
        version=result.kind.version if result.kind else None,
        may_be_sent=preview.may_be_sent,
        violations=shown(result.violations),
        remarks=shown(result.remarks),
        obstacles=list(preview.obstacles),
        facts=None if preview.facts is None else {"title": preview.facts.title, **preview.facts.details},
    )


def _line(line: Line) -> dict[str, Any]:
    names = (
        "id", "kind", "direction", "route", "title", "counterparty_name", "counterparty_inn", "delivery", "receipt",
        "response", "correction", "archive", "trouble", "answer_due", "created_at",
    )  # fmt: skip
    return {"total": None if line.total is None else str(line.total), **{name: getattr(line, name) for name in names}}


def _file(part: PartCard, base: str) -> FileShown:
    return FileShown(
        id=part.id,
        role=part.role,
        origin=part.origin,
        about=part.parent_role,
        file_name=part.file_name,
        media_type=part.media_type,
        size=part.size,
        sha256=part.sha256,
        url=f"{base}/files/{part.id}",
        signatures=[_signature(one, base) for one in part.signatures],
    )


def _signature(one: SignatureCard, base: str) -> SignatureShown:
    return SignatureShown(
        id=one.id,
        state=one.state,
        signer=one.signer_name,
        organization=one.signer_organization,
        inn=one.signer_inn,
        level=one.level,
        indication=one.indication,
        sub_indication=one.sub_indication,
        signed_at=one.signed_at,
        proved_at=one.proved_at,
        sha256=one.sha256,
        url=f"{base}/signatures/{one.id}" if one.sha256 else None,
    )
