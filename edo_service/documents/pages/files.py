"""Files of a document: each as it is, the whole set, the printed form, its pages and words, the protocol, the reports."""

import zipfile
from dataclasses import dataclass
from typing import BinaryIO

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from edo_service import formats
from edo_service.documents import queries
from edo_service.documents.pages import presenting
from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.pages.printed import MOST_WORDS, NO_WORDS, SAID, drawn_form, kind_of, printed_form, words_of
from edo_service.documents.protocol import write_protocol
from edo_service.documents.queries import Card
from edo_service.documents.views import TextPage
from edo_service.errors import NotFound
from edo_service.kernel.actor import Right
from edo_service.portal import Portal, Viewer
from edo_service.portal.downloads import download, picture, stream
from edo_service.portal.forms import identifier
from edo_service.web import views

PDF = "application/pdf"


@dataclass(frozen=True)
class FilePages:
    """Everything that leaves a document as a file or a picture."""

    portal: Portal
    ports: DocumentPorts

    def router(self) -> APIRouter:
        """The routes."""
        found = APIRouter()
        base = "/o/{org}/documents/{document}"
        for path, act in (
            ("/files/{part}", self.file),
            ("/signatures/{signature}.sig", self.signature),
            ("/signatures/{signature}", self.report),
            ("/download", self.everything),
            ("/print.pdf", self.printed),
            ("/page/{number}", self.page),
            ("/text", self.text),
            ("/protocol.pdf", self.protocol),
        ):
            found.add_api_route(base + path, act, methods=["GET"])
        return found

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

    def report(self, request: Request, org: str, document: str, signature: str) -> Response:
        """All that the check of a signature said."""
        viewer, card = self._card(request, org, document)
        found = presenting.signature_of(card, identifier(signature))
        if found is None:
            raise NotFound("document.signature_absent")
        view = presenting.report(found, card, viewer=viewer)
        return self.portal.show(request, "documents/report.html", view, viewer=viewer, section="documents")

    def everything(self, request: Request, org: str, document: str) -> Response:
        """All files and signatures of the document in one ZIP, under their own names."""
        _, card = self._card(request, org, document)

        def write(out: BinaryIO) -> str:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
                for number, part in enumerate(card.parts, start=1):
                    name = f"{number:02d}-{_plain(part.file_name)}"
                    bundle.writestr(name, self.ports.objects.get(card.owner_id, part.sha256))
                    signed = [one for one in part.signatures if one.sha256]
                    for index, one in enumerate(signed, start=1):
                        suffix = f".{index}" if len(signed) > 1 else ""
                        bundle.writestr(f"{name}{suffix}.sig", self.ports.objects.get(card.owner_id, one.sha256 or ""))
            return f"{card.line.title}.zip"

        return stream(write, media_type="application/zip")

    def printed(self, request: Request, org: str, document: str) -> Response:
        """The printed form, PDF."""
        _, card = self._card(request, org, document)
        return download(printed_form(card, ports=self.ports), f"{card.line.title}.pdf", PDF, inline=True)

    def page(self, request: Request, org: str, document: str, number: int) -> Response:
        """A page of the printed form as a picture."""
        _, card = self._card(request, org, document)
        drawn = drawn_form(card, ports=self.ports)
        return picture(drawn.page(number).png, etag=f"{drawn.sha256[:16]}-{number}")

    def text(self, request: Request, org: str, document: str) -> Response:
        """The words of the printed form."""
        viewer, card = self._card(request, org, document)
        words = self._words(card)
        view = TextPage(
            title=card.line.title,
            document=views.Link(label=card.line.title, url=viewer.url(f"/documents/{card.line.id}")),
            sections=self._sections(card),
            words=words[:MOST_WORDS],
            more_words=words[MOST_WORDS:],
            said=SAID.get(kind_of(card), ""),
            lines=presenting.lines(card, most=10_000),
        )
        return self.portal.show(request, "documents/text.html", view, viewer=viewer, section="documents")

    def protocol(self, request: Request, org: str, document: str) -> Response:
        """The signing protocol, PDF."""
        _, card = self._card(request, org, document)
        return download(write_protocol(card), f"Протокол подписания {card.line.title}.pdf", PDF, inline=True)

    def _viewer(self, request: Request, org: str) -> Viewer:
        viewer = self.portal.viewer(request, org)
        viewer.actor.require(Right.READ)
        return viewer

    def _card(self, request: Request, org: str, document: str) -> tuple[Viewer, Card]:
        viewer = self._viewer(request, org)
        card = queries.card(identifier(document), uow=viewer.uow().reading())
        card.require_content()
        return viewer, card

    def _sections(self, card: Card) -> tuple[tuple[str, tuple[views.Fact, ...]], ...]:
        main, kind = card.main_part, kind_of(card)
        if kind not in {"pdf", "image"}:
            return ()
        if kind == "image":
            return ((f"Файл {main.file_name}", (views.Fact(label="Текст", text="Это картинка, текста в ней нет"),)),)
        if main.media_type == PDF:
            drawn = drawn_form(card, ports=self.ports)
            return tuple(
                (f"Страница {page.number}", (views.Fact(label="Текст", text=page.text or "На странице нет текста"),))
                for page in drawn.pages
            )
        content = self.ports.objects.get(card.owner_id, main.sha256)
        reading = formats.read_any(content)
        return (
            (
                f"Все поля файла {main.file_name}",
                tuple(views.Fact(label=one.label_ru, text=one.value) for one in reading.fields),
            ),
        )

    def _words(self, card: Card) -> tuple[str, ...]:
        """Words of a file without pages; they say so themselves when there are none."""
        kind = kind_of(card)
        if kind in {"pdf", "image"}:
            return ()
        return words_of(drawn_form(card, ports=self.ports), kind) or (NO_WORDS,)


def _plain(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_")
