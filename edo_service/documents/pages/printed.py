"""The printed form of a document: PDF with stamps, its pages as pictures and its words as text."""

import hashlib

from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.queries import Card
from edo_service.documents.rules import Role
from edo_service.documents.stamps import stamps_of
from edo_service.documents.views import PageImage, Preview
from edo_service.portal import Viewer
from edo_service.portal.pictures import Drawn

#: A form with more lines is not drawn into the card: it is one click away as PDF.
MOST_LINES = 300
#: Proportions of the first page before it has been drawn: A4, УПД lies on its side.
LANDSCAPE, PORTRAIT = (1000, 707), (1000, 1414)


def preview(card: Card, *, viewer: Viewer, ports: DocumentPorts) -> Preview:
    """Pictures for the card. Drawing takes a second, so the card never waits for it.

    A form that has not been drawn yet is shown by its first page, which the browser asks for beside the card; the next
    look at the card shows all pages. A long form has no pictures.
    """
    url, main = viewer.url(f"/documents/{card.line.id}"), card.main_part
    pages: tuple[PageImage, ...] = ()
    total = 0
    drawn = ports.pictures.known(_key(card))
    if drawn is not None:
        total = drawn.total
        pages = tuple(
            PageImage(
                url=f"{url}/page/{page.number}?v={_key(card)[:12]}",
                number=page.number,
                width=page.width,
                height=page.height,
            )
            for page in drawn.pages
        )
    elif len(card.facts.get("lines") or ()) <= MOST_LINES:
        width, height = LANDSCAPE if card.line.kind == "upd" else PORTRAIT
        pages = (PageImage(url=f"{url}/page/1?v={_key(card)[:12]}", number=1, width=width, height=height),)
    return Preview(
        pages=pages,
        pages_total=total,
        text_url=f"{url}/text",
        large_url=f"{url}/print.pdf",
        file_name=main.file_name,
        file_size=main.size,
    )


def drawn_form(card: Card, *, ports: DocumentPorts) -> Drawn:
    """The drawn form, remembered until a signature is added. Unavailable when it cannot be drawn."""
    return ports.pictures.of(_key(card), lambda: printed_form(card, ports=ports))


def printed_form(card: Card, *, ports: DocumentPorts) -> bytes:
    """The PDF: a contract is its own form, an ФНС file is printed with stamps, any other file gets a sheet about it."""
    main = card.main_part
    content = ports.objects.get(card.owner_id, main.sha256)
    if main.media_type == "application/pdf":
        return content
    from edo_service.formats import FormatError, detect, printing

    try:
        known = detect(content) is not None
    except FormatError:  # no XML at all
        known = False
    if not known:
        return printing.file_sheet(content, main.file_name, stamps=stamps_of(card))
    buyer = card.part(Role.BUYER_TITLE)
    return printing.print_form(
        content,
        stamps=stamps_of(card),
        buyer_xml=ports.objects.get(card.owner_id, buyer.sha256) if buyer else None,
    )


def _key(card: Card) -> str:
    names = [str(card.owner_id)]
    for part in card.parts:
        if part.role in {"seller_title", "buyer_title", "contract"}:
            names += [part.sha256, *(one.sha256 or "" for one in part.signatures)]
    return hashlib.sha256(" ".join(names).encode()).hexdigest()
