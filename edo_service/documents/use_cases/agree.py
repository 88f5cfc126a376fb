"""The buyer's title of an УКД: no official schema of 736@ is known, so the operator writes the file and we look at it."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from edo_service import formats
from edo_service.accounts.queries import EntityCard
from edo_service.documents import papers
from edo_service.documents.rules import Kind
from edo_service.documents.tables import Document
from edo_service.errors import Conflict, Rejected
from edo_service.formats.ukd_titles import UkdTitle, misfits_of_reply, misfits_of_written, read_ukd_reply
from edo_service.kernel.uow import UnitOfWork

AGREED = "С изменением стоимости согласен"


@dataclass(frozen=True, kw_only=True)
class AskedAnswer:
    """Which УКД is agreed to, by the operator's ids; `author` makes the file, `operation` is what the buyer says."""

    owner_id: UUID
    box: str
    message_ref: str
    entity_ref: str
    function: str
    operation: str
    author: str


class UkdWire(Protocol):
    """What an operator does for УКД."""

    def carries(self, uow: UnitOfWork, owner_id: UUID, box: str | None) -> bool:
        """Whether the operator of the box takes an УКД. In the caller's unit of work; nobody is asked."""

    def write_answer(self, asked: AskedAnswer, *, uow: UnitOfWork) -> bytes:
        """The buyer's title as the operator writes it; the network is asked. Raises Unavailable, Rejected."""


def agreed_title(seller: UkdTitle, asked: AskedAnswer, *, wire: UkdWire | None, uow: UnitOfWork) -> formats.WrittenFile:
    """The file that says the buyer agrees, written by the operator and checked to answer this УКД in the words asked for.

    We sign it, so what a foreign file may leave out has to be there. Raises Unavailable, Rejected: `document.title_invalid`, or
    `document.ukd_answer_unknown` for an order whose answer nobody here can write.
    """
    if wire is None or not seller.is_of_736:
        raise Rejected("document.ukd_answer_unknown", format=seller.kind.name_ru)
    content = wire.write_answer(asked, uow=uow)
    try:
        reply = read_ukd_reply(content)
    except formats.FormatError as error:
        raise Rejected("document.title_invalid", reason=str(error)) from error
    misfits = (*misfits_of_reply(seller, reply), *misfits_of_written(seller, reply, operation=asked.operation))
    if misfits:
        raise Rejected("document.title_invalid", reason=misfits[0])
    return formats.WrittenFile(file_name=f"{reply.file_id}.xml", content=content)


def asked_of(document: Document, *, company: EntityCard) -> AskedAnswer | None:
    """What the operator has to be asked for to answer a document; None for all but an УКД that came through one."""
    if document.kind != Kind.UKD.value:
        return None
    if document.box is None or document.message_ref is None or document.entity_ref is None:
        raise Conflict("document.sender_unknown", id=str(document.id))
    return AskedAnswer(
        owner_id=document.owner_id,
        box=document.box,
        message_ref=document.message_ref,
        entity_ref=document.entity_ref,
        function=document.function or "",
        operation=AGREED,
        author=papers.author(company),
    )
