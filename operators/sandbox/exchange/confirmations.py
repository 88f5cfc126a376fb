"""The operator's papers about a file: ПДП to its maker, ПДО to the other side, each signed by the operator."""

from collections.abc import Callable
from dataclasses import dataclass

from operators.port import PowerRef
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.files import read_xml
from operators.sandbox.exchange.ledger import OPERATOR_BOX, Ledger, new_id
from operators.sandbox.exchange.model import Entity, Message, from_ticks
from operators.sandbox.ports import ConfirmationFacts, PaperFile


def confirm_receipt(ledger: Ledger, message: Message, file: Entity, author: str) -> tuple[str, str]:
    """Write ПДП on a file for its author's box; returns the ids of the paper and of its signature."""
    return _write(ledger, message, file, ledger.papers.receipt_confirmation, author=author, reader=author)


def confirm_dispatch(ledger: Ledger, message: Message, file: Entity, author: str) -> tuple[str, str]:
    """Write ПДО on a file for the box that is not its author's; returns the ids of the paper and of its signature."""
    return _write(
        ledger, message, file, ledger.papers.dispatch_confirmation, author=author, reader=other_box(message, author)
    )


def other_box(message: Message, box: str) -> str:
    """Return the other side of a message."""
    return message.to_box if box == message.from_box else message.from_box


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the sender of a file asks the other side for; `author`: its box, where no signature will tell."""

    signature: bool = False
    receipt: bool = False
    author: str | None = None


NO_WISHES = Wishes()


def add_attachment(
    ledger: Ledger,
    message: Message,
    *,
    attachment_type: str,
    content: bytes,
    file_name: str | None = None,
    parent_id: str | None = None,
    seen_by: tuple[str, ...],
    wishes: Wishes = NO_WISHES,
) -> Entity:
    """Store a file of a message."""
    file = Entity(
        id=new_id(),
        message_id=message.id,
        parent_id=parent_id,
        type="Attachment",
        attachment_type=attachment_type,
        file_name=file_name,
        content=content,
        signer_box=wishes.author,
        need_signature=wishes.signature,
        need_receipt=wishes.receipt,
        created_at=ledger.at,
        seen_by_sender=message.from_box in seen_by,
        seen_by_recipient=message.to_box in seen_by,
    )
    rows.add_entity(ledger.connection, file)
    return file


def add_signature(
    ledger: Ledger,
    message: Message,
    *,
    of: str,
    content: bytes,
    signer_box: str,
    seen_by: tuple[str, ...],
    power: PowerRef | None = None,
) -> Entity:
    """Store a signature on the entity `of`, with the power that it rests on."""
    signature = Entity(
        id=new_id(),
        message_id=message.id,
        parent_id=of,
        type="Signature",
        attachment_type="UnknownAttachmentType",
        file_name=None,
        content=content,
        signer_box=signer_box,
        need_signature=False,
        need_receipt=False,
        created_at=ledger.at,
        seen_by_sender=message.from_box in seen_by,
        seen_by_recipient=message.to_box in seen_by,
    )
    rows.add_entity(ledger.connection, signature)
    if power is not None:
        rows.add_power(ledger.connection, signature.id, power)
    return signature


def _write(
    ledger: Ledger,
    message: Message,
    file: Entity,
    paper: Callable[[ConfirmationFacts], PaperFile],
    *,
    author: str,
    reader: str,
) -> tuple[str, str]:
    facts = ConfirmationFacts(
        operator=ledger.operator_of(reader),
        file_id=read_xml(file.content).file_id,
        signatures=rows.signatures_on(ledger.connection, file.id),
        sender=ledger.participant(author),
        recipient=ledger.participant(other_box(message, author)),
        at=from_ticks(ledger.at),
    )
    written = paper(facts)
    name = written.file_name if written.file_name.lower().endswith(".xml") else f"{written.file_name}.xml"
    attached = add_attachment(
        ledger,
        message,
        attachment_type="InvoiceConfirmation",
        content=written.content,
        file_name=name,
        parent_id=file.id,
        seen_by=(reader,),
    )
    signature = add_signature(
        ledger,
        message,
        of=attached.id,
        content=ledger.notary.sign(written.content),
        signer_box=OPERATOR_BOX,
        seen_by=(reader,),
    )
    return attached.id, signature.id
