"""Reading documents: list, card, files, signatures, printed form."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from edo_service.documents import queries
from edo_service.documents.api.shapes import (
    PREFIX,
    ApiPorts,
    DocumentList,
    DocumentShown,
    ListQuery,
    card_shown,
    line_shown,
)
from edo_service.documents.protocol import write_protocol
from edo_service.documents.queries import Card, Wish
from edo_service.kernel.actor import Right
from edo_service.portal import Viewer
from edo_service.portal.api import Door
from edo_service.portal.downloads import download
from edo_service.portal.forms import identifier

PDF = "application/pdf"


@dataclass(frozen=True)
class ReadsApi:
    """GET only."""

    door: Door
    ports: ApiPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter(prefix=PREFIX)
        found.add_api_route("", self.list, methods=["GET"], response_model=DocumentList)
        found.add_api_route("/{document}", self.card, methods=["GET"], response_model=DocumentShown)
        found.add_api_route("/{document}/files/{part}", self.file, methods=["GET"], response_class=Response)
        found.add_api_route(
            "/{document}/signatures/{signature}", self.signature, methods=["GET"], response_class=Response
        )
        found.add_api_route("/{document}/protocol.pdf", self.protocol, methods=["GET"], response_class=Response)
        return found

    def list(self, request: Request, org: str, query: Annotated[ListQuery, Query()]) -> DocumentList:
        """A page of a folder, newest first."""
        viewer = self._viewer(request, org)
        wish = Wish(
            folder=query.folder,
            text=query.q,
            kind=query.kind,
            since=query.since,
            until=query.until,
            after=query.after,
            limit=query.limit,
        )
        listing = queries.list_documents(wish, uow=viewer.uow().reading())
        return DocumentList(
            items=[line_shown(line) for line in listing.lines],
            found=listing.found,
            total=str(listing.total),
            more=listing.more,
        )

    def card(self, request: Request, org: str, document: str) -> DocumentShown:
        """The whole document."""
        return card_shown(self._card(request, org, document), f"/api/v1/o/{org}/documents/{document}")

    def file(self, request: Request, org: str, document: str, part: str) -> Response:
        """A file byte for byte."""
        viewer = self._viewer(request, org)
        found, content = queries.part_bytes(
            identifier(document), identifier(part), uow=viewer.uow().reading(), objects=self.ports.objects
        )
        return download(content, found.file_name, found.media_type)

    def signature(self, request: Request, org: str, document: str, signature: str) -> Response:
        """A detached signature, DER."""
        viewer = self._viewer(request, org)
        name, content = queries.signature_bytes(
            identifier(document), identifier(signature), uow=viewer.uow().reading(), objects=self.ports.objects
        )
        return download(content, name, "application/pkcs7-signature")

    def protocol(self, request: Request, org: str, document: str) -> Response:
        """The signing protocol, PDF."""
        card = self._card(request, org, document)
        card.require_content()
        return download(write_protocol(card), f"Протокол подписания {card.line.title}.pdf", PDF)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.door.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        return viewer

    def _card(self, request: Request, org: str, document: str) -> Card:
        viewer = self._viewer(request, org)
        return queries.card(identifier(document), uow=viewer.uow().reading())
