"""What the operator's XML says: lists of transactions, and a docflow's container with its documents and files.

Namespaces are not looked at when reading: public clients disagree where Abonent lives (`docs/operators/taxcom.md`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from operators.port import EntityKind
from operators.taxcom import layout
from operators.taxcom.intake import bad, child, children, parse, safe_path, unpack
from operators.taxcom.moments import maybe_moment, moment

DOCFLOWS_LIMIT = 5_000
DOCUMENTS_LIMIT = 1_000
SIGNATURES_LIMIT = 100
CARD_LIMIT = 1024 * 1024
ID_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of GetMessageList (one transaction) or of GetList (`transaction` empty: the docflow itself)."""

    docflow: str
    status: str
    error: str
    error_text: str
    at: datetime
    transaction: str
    document: str
    external_id: str | None
    outgoing: bool
    result: str

    @property
    def key(self) -> str:
        """What makes a line the same when it comes again."""
        result = self.status if not self.transaction else self.result
        return f"{self.docflow}/{self.transaction}/{self.document}/{result}"


@dataclass(frozen=True, kw_only=True)
class Listing:
    """An answer of GetMessageList or GetList; `last_at` continues after it."""

    rows: tuple[Row, ...]
    is_last: bool
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Card:
    """card.xml as far as it is used; ids are participants'."""

    at: datetime | None
    title: str | None
    comment: str | None
    sender: str | None
    receiver: str | None


@dataclass(frozen=True, kw_only=True)
class File:
    """A file of a container."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A document of a docflow; `file` None for a bare signature."""

    id: str
    transaction: str
    type_name: str
    kind: EntityKind
    external_id: str | None
    parent: str | None
    order: int
    outgoing: bool
    result: str
    needs_answer: bool
    card: Card
    file: File | None
    signatures: tuple[bytes, ...] = field(repr=False)

    @property
    def is_bare(self) -> bool:
        """Whether it is only a signature over what it answers."""
        return self.kind is EntityKind.SIGNATURE


@dataclass(frozen=True, kw_only=True)
class Docflow:
    """A docflow with all documents that this side may see, in their order."""

    id: str
    status: str
    error: str
    error_text: str
    changed_at: datetime | None
    parts: tuple[Part, ...]

    @property
    def main(self) -> Part | None:
        """The document that opened the docflow."""
        return next((each for each in self.parts if each.kind in layout.MAIN_KINDS), None)

    def part(self, part_id: str) -> Part | None:
        """The document of that id."""
        return next((each for each in self.parts if each.id == part_id), None)

    def parent_of(self, part: Part) -> Part | None:
        """What a document answers: what it names, else what its transaction is about, else the main document."""
        main = self.main
        if part is main:
            return None
        named = None if part.parent is None else self.part(part.parent)
        if named is not None and named is not part:
            return named
        about = {layout.RECEIPT_CONFIRMATION: EntityKind.RECEIPT}.get(part.transaction)
        if part.transaction in {layout.OFFER_RESIGN, layout.OFFER_REJECT}:
            about = EntityKind.REVOCATION
        earlier = [each for each in self.parts if each.kind is about and each.order < part.order]
        return earlier[-1] if earlier else main


def read_listing(content: bytes) -> Listing:
    """ContainerDescription of GetMessageList or GetList -> rows; raises BadAnswer."""
    root = parse(content, root="ContainerDescription")
    docflows = children(root, "DocFlow")
    if len(docflows) > DOCFLOWS_LIMIT:
        raise bad(f"a list of {len(docflows)} docflows")
    last = root.get("LastRecordDateTime")
    last_at = moment(last) if last else None
    stamp = last_at or maybe_moment(root.get("RequestDateTime"))
    rows: list[Row] = []
    for docflow in docflows:
        rows += _rows(docflow, stamp)
    if len(rows) > DOCFLOWS_LIMIT:
        raise bad(f"a list of {len(rows)} transactions")
    return Listing(rows=tuple(rows), is_last=root.get("IsLast", "true").lower() in {"true", "1"}, last_at=last_at)


def read_container(content: bytes, docflow_id: str) -> Docflow:
    """The ZIP of GetMessage -> the docflow; raises BadAnswer, also when it is another docflow's."""
    files = unpack(content)
    meta = files.get(layout.META_FILE)
    if meta is None:
        raise bad("a container without meta.xml")
    found = [
        each
        for each in children(parse(meta, root="ContainerDescription"), "DocFlow")
        if each.get("Id", "").lower() == docflow_id.lower()
    ]
    if len(found) != 1:
        raise bad(f"the container has not the docflow {docflow_id}")
    raw = _documents(found[0])
    if len(raw) > DOCUMENTS_LIMIT:
        raise bad(f"a docflow of {len(raw)} documents")
    parts = sorted((_part(each, place, files) for place, each in enumerate(raw, 1)), key=lambda each: each.order)
    ids = {each.id for each in parts}
    if len(ids) != len(parts):
        raise bad("two documents of a docflow have one id")
    return Docflow(
        id=docflow_id,
        status=found[0].get("Status", ""),
        error=found[0].get("ErrorType", ""),
        error_text=found[0].get("ErrorDescription", ""),
        changed_at=maybe_moment(found[0].get("StatusChangeDateTime")),
        parts=tuple(parts),
    )


def _rows(docflow: Any, stamp: datetime | None) -> list[Row]:
    docflow_id = docflow.get("Id", "")
    if not docflow_id or len(docflow_id) > ID_LIMIT:
        raise bad("a docflow without an id")
    changed = docflow.get("StatusChangeDateTime")
    at = moment(changed) if changed else stamp
    if at is None:
        raise bad("a list that tells no times")
    return [_row(docflow, docflow_id, at, each, place) for place, each in enumerate(_documents(docflow) or [None], 1)]


def _row(docflow: Any, docflow_id: str, at: datetime, document: Any | None, place: int) -> Row:
    definition = None if document is None else _definition(document)
    status = None if document is None else child(document, "Status")
    return Row(
        docflow=docflow_id,
        status=docflow.get("Status", ""),
        error=docflow.get("ErrorType", ""),
        error_text=docflow.get("ErrorDescription", ""),
        at=at,
        transaction="" if document is None else document.get("TransactionCode", ""),
        document="" if document is None else _identifier(document, definition, status, place),
        external_id=_attribute(definition, "Identifiers", "ExternalIdentifier"),
        outgoing=status is not None and status.get("Direction") == layout.OUTGOING,
        result="" if status is None else status.get("TransactionResultType", ""),
    )


def _part(document: Any, place: int, files: Mapping[str, bytes]) -> Part:
    named = child(document, "Files")
    card = _card_element(document, named, files)
    definition = _definition(document) if card is None else card
    status = child(document, "Status")
    transaction, type_name = document.get("TransactionCode", ""), _attribute(definition, "Type", "Name") or ""
    order = "" if status is None else status.get("OrderInDocFlow", "")
    return Part(
        id=_identifier(document, definition, status, place),
        transaction=transaction,
        type_name=type_name,
        kind=kind_of(transaction, type_name),
        external_id=_attribute(definition, "Identifiers", "ExternalIdentifier"),
        parent=_attribute(definition, "Identifiers", "ParentDocumentInternalId"),
        order=int(order) if order.isdecimal() and len(order) < 10 else place,
        outgoing=status is not None and status.get("Direction") == layout.OUTGOING,
        result="" if status is None else status.get("TransactionResultType", ""),
        needs_answer=(_attribute(definition, "Type", "ResignRequired") or "").lower() in {"true", "1"},
        card=_read_card(card),
        file=_main_file(named, files),
        signatures=_signatures(named, files),
    )


def kind_of(transaction: str, type_name: str) -> EntityKind:
    """What a document is, by its transaction, else by its type; UNKNOWN otherwise."""
    known = layout.TRANSACTIONS.get(transaction)
    return known.kind if known is not None else layout.TYPES.get(type_name, EntityKind.UNKNOWN)


def _documents(docflow: Any) -> list[Any]:
    listed = child(docflow, "Documents")
    return [] if listed is None else children(listed, "Document")


def _definition(document: Any) -> Any | None:
    card = child(document, "Card")
    return card if card is not None else child(document, "Definition")


def _card_element(document: Any, named: Any | None, files: Mapping[str, bytes]) -> Any | None:
    inline = child(document, "Card")
    if inline is not None:
        return inline
    content = None if named is None else _bytes(child(named, "ExternalCard"), files)
    return None if content is None else parse(content, root="Card", limit=CARD_LIMIT)


def _read_card(card: Any | None) -> Card:
    if card is None:
        return Card(at=None, title=None, comment=None, sender=None, receiver=None)
    return Card(
        at=maybe_moment(_attribute(card, "Description", "Date")),
        title=_attribute(card, "Description", "Title"),
        comment=_attribute(card, "Description", "Comment"),
        sender=_abonent(card, "Sender"),
        receiver=_abonent(card, "Receiver"),
    )


def _abonent(card: Any, side: str) -> str | None:
    found = child(card, side)
    return None if found is None else _attribute(found, "Abonent", "Id")


def _identifier(document: Any, definition: Any | None, status: Any | None, place: int) -> str:
    """InternalId; a document without one is named by its transaction and order."""
    found = _attribute(definition, "Identifiers", "InternalId")
    if found is not None:
        return found
    order = place if status is None else status.get("OrderInDocFlow", str(place))
    return f"{document.get('TransactionCode', '')}-{order}"[:ID_LIMIT]


def _attribute(element: Any | None, name: str, attribute: str) -> str | None:
    found = None if element is None else child(element, name)
    value = None if found is None else found.get(attribute)
    if value is not None and len(value) > 4 * ID_LIMIT:
        raise bad(f"{name}/@{attribute} of {len(value)} characters")
    return value or None


def _main_file(named: Any | None, files: Mapping[str, bytes]) -> File | None:
    image = None if named is None else child(named, "MainImage")
    content = _bytes(image, files)
    if image is None or content is None:
        return None
    return File(name=image.get("Name") or safe_path(image.get("Path", "")).rpartition("/")[2], content=content)


def _signatures(named: Any | None, files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    found = [] if named is None else children(named, "MainImageSignature")
    if len(found) > SIGNATURES_LIMIT:
        raise bad(f"a document with {len(found)} signatures")
    return tuple(content for each in found if (content := _bytes(each, files)) is not None)


def _bytes(pointer: Any | None, files: Mapping[str, bytes]) -> bytes | None:
    """The file that an element's Path names; raises BadAnswer when it is not in the container."""
    if pointer is None:
        return None
    path = safe_path(pointer.get("Path", ""))
    if path not in files:
        raise bad(f"the container has no {path[:60]!r}")
    return files[path]
