"""What a document looks like: its printed form with stamps, pages as pictures, a scaled picture, words, a list of contents."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from edo_service.documents.pages.ports import DocumentPorts
from edo_service.documents.queries import Card
from edo_service.documents.rules import FORMAL, Role
from edo_service.documents.stamps import stamps_of
from edo_service.documents.views import PageImage, Preview
from edo_service.portal import Viewer
from edo_service.portal.pictures import Drawn, Kind
from edo_service.web.filters import plural, size

#: A form with more lines is not drawn into the card: it is one click away as PDF.
MOST_LINES = 300
#: Lines of words on the card; the page of words has them all.
MOST_WORDS = 60
NO_WORDS = "Текста в файле нет"
#: Proportions of the first page before it has been drawn: A4, УПД lies on its side.
LANDSCAPE, PORTRAIT = (1000, 707), (1000, 1414)


_KINDS: Mapping[str, Kind] = {
    "application/pdf": "pdf",
    "image/jpeg": "image",
    "image/png": "image",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/zip": "zip",
    "application/xml": "xml",
}
#: What is said where a file is shown otherwise than it looks in its own program.
SAID: Mapping[Kind, str] = {
    "docx": "Показан только текст документа. Оформление, таблицы и картинки — в самом файле",
    "zip": "Архив не распаковываем: это список файлов в нём",
    "xml": "Это файл XML как есть",
}
NOTHING = "Показать файл здесь не получилось: он повреждён, закрыт паролем или слишком сложен. Скачайте его"


def kind_of(card: Card) -> Kind:
    """How the document is shown: what has a printed form as drawn pages, a picture scaled, the rest by its words.

    A file of no known kind has a sheet about it for its form.
    """
    formal = card.line.kind in FORMAL or bool(card.facts.get("formal"))
    return "pdf" if formal else _KINDS.get(card.main_part.media_type, "pdf")


def preview(card: Card, *, viewer: Viewer, ports: DocumentPorts) -> Preview:
    """What the card shows of the file. Drawing takes a second, so the card never waits for it.

    A form that has not been drawn yet is shown by its first page, which the browser asks for beside the card; the next
    look at the card shows all pages. A long form has no pictures. Words are asked for beside the card too.
    """
    url, main, kind, key = viewer.url(f"/documents/{card.line.id}"), card.main_part, kind_of(card), _key(card)
    drawn = ports.pictures.known(key)
    given = Preview(
        text_url=f"{url}/text",
        large_url=f"{url}/print.pdf" if kind == "pdf" else f"{url}/files/{main.id}",
        large_label="Крупно, PDF" if kind == "pdf" else "Скачать файл",
        file_name=main.file_name,
        file_size=main.size,
        said=SAID.get(kind, ""),
    )
    if ports.pictures.failed(key):
        return replace(given, text_url="", said=NOTHING)
    if kind not in {"pdf", "image"}:
        if drawn is None:
            return replace(given, load_url=f"{url}/text")
        return replace(given, words=words_of(drawn, kind)[:MOST_WORDS] or (NO_WORDS,))
    if drawn is not None:
        pages = tuple(
            PageImage(
                url=f"{url}/page/{page.number}?v={key[:12]}", number=page.number, width=page.width, height=page.height
            )
            for page in drawn.pages
        )
        return replace(given, pages=pages, pages_total=drawn.total)
    if len(card.facts.get("lines") or ()) <= MOST_LINES:
        width, height = LANDSCAPE if card.line.kind in FORMAL else PORTRAIT
        first = PageImage(url=f"{url}/page/1?v={key[:12]}", number=1, width=width, height=height)
        return replace(given, pages=(first,))
    return given


def words_of(drawn: Drawn, kind: Kind) -> tuple[str, ...]:
    """The words of a file that has no pages, line by line; of an archive, the names and sizes of its files."""
    lines = [line for page in drawn.pages for line in page.text.splitlines() if line.strip()]
    if kind != "zip":
        return tuple(lines)
    listed = [line.rpartition("\t") for line in lines]
    hidden = drawn.total - len(listed)
    more = [f"Ещё {plural(hidden, 'файл', 'файла', 'файлов')}"] if hidden > 0 else []
    return (*(f"{name}, {size(int(number))}" for name, _, number in listed), *more)


def drawn_form(card: Card, *, ports: DocumentPorts) -> Drawn:
    """The drawn file, remembered until a signature is added. Unavailable when it cannot be drawn."""
    kind = kind_of(card)

    def make() -> bytes:
        if kind == "pdf":
            return printed_form(card, ports=ports)
        return ports.objects.get(card.owner_id, card.main_part.sha256)

    return ports.pictures.of(_key(card), make, kind=kind)


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
