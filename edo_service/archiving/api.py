"""`/api/v1/o/{org}/archive`: search, card and export of kept sets; each act is journalled with its purpose."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from edo_service.archiving import queries
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.queries import Search, SetLine
from edo_service.archiving.use_cases.take_out import note_search, note_view, take_out
from edo_service.kernel.actor import Right
from edo_service.kernel.money import Money
from edo_service.portal.api import Door, Shown, Strict
from edo_service.portal.downloads import stream
from edo_service.portal.forms import identifier

SUM = r"^\d{1,15}(\.\d{1,2})?$"


class Purpose(Strict):
    """What for; it is journalled."""

    purpose: str = Field(min_length=1, max_length=500)


class SearchQuery(Purpose):
    """Conditions; what is left out does not narrow. The next page begins after `after_day` and `after`."""

    q: str = Field(default="", max_length=200)
    counterparty: str = Field(default="", max_length=200)
    since: date | None = None
    until: date | None = None
    kind: Literal["upd", "ukd", "contract"] | None = None
    number: str = Field(default="", max_length=200)
    total_from: str | None = Field(default=None, pattern=SUM)
    total_to: str | None = Field(default=None, pattern=SUM)
    contract: str = Field(default="", max_length=200)
    vin: str = Field(default="", max_length=40)
    signer: str = Field(default="", max_length=200)
    certificate: str = Field(default="", max_length=200)
    status: Literal["kept", "held", "proposed", "assembled", "disposed", "damaged"] | None = None
    after_day: date | None = None
    after: UUID | None = None
    limit: int = Field(default=25, ge=1, le=100)


class SetShown(Shown):
    """A kept set."""

    id: UUID
    document: UUID
    state: str
    kind: str
    title: str
    number: str
    dated: date
    total: str | None
    counterparty_name: str
    counterparty_inn: str
    retain_until: datetime
    parts: int
    size: int


class SetList(Shown):
    """A page of sets, newest document first; how all that was found divides by kind, status and year."""

    items: list[SetShown]
    found: int
    more: bool
    kinds: dict[str, int]
    statuses: dict[str, int]
    years: dict[int, int]


class PartShown(Shown):
    """A part of a set; `of` is the part that a signature or timestamp signs."""

    role: str
    name: str
    sha256: str
    size: int
    of: str | None


class AccessShown(Shown):
    """Who looked or took out."""

    at: datetime
    who: str
    act: str
    purpose: str | None


class SetCardShown(SetShown):
    """A set with its parts and accesses."""

    manifest_sha256: str
    kept_at: datetime | None
    files: list[PartShown]
    accesses: list[AccessShown]


@dataclass(frozen=True)
class ArchiveApi:
    """GET only: nothing is changed but the journal."""

    door: Door
    desk: ArchiveDesk

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(prefix="/api/v1/o/{org}/archive", tags=["archive"])
        found.add_api_route("", self.search, methods=["GET"], response_model=SetList)
        found.add_api_route("/{package}", self.card, methods=["GET"], response_model=SetCardShown)
        found.add_api_route("/{package}/export", self.export, methods=["GET"], response_class=Response)
        return found

    def search(self, request: Request, org: str, query: Annotated[SearchQuery, Query()]) -> SetList:
        """Find sets."""
        viewer = self.door.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        wish = Search(
            text=query.q,
            counterparty=query.counterparty,
            since=query.since,
            until=query.until,
            kind=query.kind,
            number=query.number,
            total_from=None if query.total_from is None else Money.of(query.total_from),
            total_to=None if query.total_to is None else Money.of(query.total_to),
            contract=query.contract,
            vin=query.vin,
            signer=query.signer,
            certificate=query.certificate,
            status=query.status or "",
            after=(query.after_day, query.after) if query.after_day and query.after else None,
            limit=query.limit,
        )
        results = queries.search(wish, uow=viewer.uow().reading())
        used = query.model_dump(exclude_defaults=True, exclude={"purpose"}, mode="json")
        note_search(
            purpose=query.purpose,
            query={name: str(value) for name, value in used.items()},
            found=results.found,
            actor=viewer.actor,
            uow=viewer.uow(),
        )
        return SetList(
            items=[_shown(line) for line in results.lines],
            found=results.found,
            more=results.more,
            kinds=dict(results.kinds),
            statuses=dict(results.statuses),
            years=dict(results.years),
        )

    def card(self, request: Request, org: str, package: str, query: Annotated[Purpose, Query()]) -> SetCardShown:
        """One set with its parts."""
        viewer = self.door.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_SEARCH)
        card = queries.set_card(identifier(package), uow=viewer.uow().reading())
        note_view(card.line.id, purpose=query.purpose, actor=viewer.actor, uow=viewer.uow())
        return SetCardShown(
            **_shown(card.line).model_dump(),
            manifest_sha256=card.manifest_sha256,
            kept_at=card.kept_at,
            files=[
                PartShown(role=one.role, name=one.name, sha256=one.sha256, size=one.size, of=one.of)
                for one in card.parts
            ],
            accesses=[AccessShown(at=one.at, who=one.who, act=one.act, purpose=one.purpose) for one in card.accesses],
        )

    def export(self, request: Request, org: str, package: str, query: Annotated[Purpose, Query()]) -> Response:
        """The ZIP that verifies without us."""
        viewer = self.door.portal.viewer(request, org)
        viewer.actor.require(Right.ARCHIVE_EXPORT)
        found = identifier(package)
        return stream(
            lambda out: take_out(
                found, out, purpose=query.purpose, actor=viewer.actor, uow=viewer.uow(), desk=self.desk
            ),
            media_type="application/zip",
        )


def _shown(line: SetLine) -> SetShown:
    return SetShown(
        id=line.id,
        document=line.document_id,
        state=line.state,
        kind=line.kind,
        title=line.title,
        number=line.number,
        dated=line.dated,
        total=None if line.total is None else str(line.total),
        counterparty_name=line.counterparty_name,
        counterparty_inn=line.counterparty_inn,
        retain_until=line.retain_until,
        parts=line.parts,
        size=line.size,
    )
