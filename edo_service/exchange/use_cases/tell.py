"""Acknowledge an incoming document by a universal message (УС, code 1999), where its box is set so.

The operator's generator writes the message, its bytes are kept before they are sent, `dispatch` carries them. Nobody signs
a universal message: who sent it is the operator's word, so a company needs no automatic key for it.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from edo_service import formats
from edo_service.documents import held, recording
from edo_service.documents.rules import NO_KEY, ReceiptEvent, Role, Route
from edo_service.documents.tables import Document
from edo_service.exchange import fitness
from edo_service.exchange.accounts import AccountCard, OperatorFactory, account_of_box
from edo_service.exchange.refusals import FIRST_PAUSE
from edo_service.exchange.rules import LOCKED_OUT, TELL, ReceiptsBy
from edo_service.exchange.tables import OperatorAccount
from edo_service.kernel.actor import Actor
from edo_service.kernel.jobs import Retry
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.uow import UnitOfWork
from edo_service.texts import write_trouble
from operators import errors as operator_errors
from operators import port
from operators.port import Capability

NEEDED = frozenset({Capability.UNIVERSAL_MESSAGES, Capability.GENERATORS})
"""What an operator must be able to do for a box to give its receipts as universal messages."""


@dataclass(frozen=True, kw_only=True)
class _Question:
    """What the message is about, read in one short transaction; the operator is asked after it."""

    account: AccountCard
    target: port.EntityRef


def tell(
    document_id: UUID,
    *,
    actor: Actor,
    uow: UnitOfWork,
    objects: ObjectStore,
    operators: OperatorFactory,
) -> bool:
    """Have the message written and promise to send it; see `documents.receipts.Teller`.

    One that is frozen already is promised anew. False: the box gives notices, or a notice is on its way.
    """
    with uow:
        document = recording.take(uow, document_id)
        if document.route != Route.OPERATOR.value or document.receipt not in {"required", "prepared"}:
            return False
        if document.receipt == "prepared":
            return _promise_frozen(uow, document)
        question = _question(uow, document)
    if question is None:
        return False
    operator = operators(question.account)
    if not operator.capabilities >= NEEDED or not isinstance(operator, port.Generator):
        return False
    written = _written(operator, question.target, document_id, uow=uow)
    sha256 = objects.put(written.content, owner=question.account.owner_id)
    _freeze(document_id, written, sha256, actor=actor, uow=uow)
    return True


def _question(uow: UnitOfWork, document: Document) -> _Question | None:
    """None where the box gives notices, and for a box that is not known here. Unavailable while it is switched off."""
    row = uow.session.scalars(
        select(OperatorAccount.receipts_by).where(
            OperatorAccount.owner_id == document.owner_id, OperatorAccount.box == document.box
        )
    ).first()
    if row != ReceiptsBy.MESSAGE.value:
        return None
    title = recording.main_part(uow, document)
    account = account_of_box(uow, document.owner_id, document.box)
    target = port.EntityRef(
        box=account.box, message_id=document.message_ref or "", entity_id=title.entity_ref or document.entity_ref or ""
    )
    return _Question(account=account, target=target)


def _promise_frozen(uow: UnitOfWork, document: Document) -> bool:
    part = recording.part_of_role(uow, document, Role.UNIVERSAL_RECEIPT)
    if part is None:
        return False
    _promise(uow, document, part.id)
    uow.commit()
    return True


def _written(
    operator: port.Generator, target: port.EntityRef, document_id: UUID, *, uow: UnitOfWork
) -> port.GeneratedFile:
    """The operator's file, looked at before it is kept. Raises Retry, with the reason on the document's card.

    A refusal is asked about again in an hour; the tries of a silent operator do not lengthen that.
    """
    contract = formats.write_universal_message({formats.MessageCode.RECEIPT: None})
    try:
        written = operator.generate_paper(port.ServicePaper.UNIVERSAL_MESSAGE, target, contract=contract)
        if fitness.role_of_message(written.content) is Role.UNIVERSAL_RECEIPT:
            return written
        trouble, pause = _refused("файл оператора — не извещение с кодом 1999"), FIRST_PAUSE
    except (*operator_errors.SILENT, operator_errors.OutcomeUnknown) as error:
        trouble, pause = "exchange.silent", timedelta(seconds=error.retry_after or 5)
    except operator_errors.AuthExpired:  # asked rarely: operators lock accounts out
        trouble, pause = "exchange.credentials_refused", LOCKED_OUT
    except operator_errors.OperatorError as error:
        trouble, pause = _refused(str(error)), FIRST_PAUSE
    except formats.FormatError as error:
        trouble, pause = _refused(error.text_ru), FIRST_PAUSE
    with uow:
        held.say(recording.take(uow, document_id), trouble)
        uow.commit()
    raise Retry(pause, trouble)


def _refused(reason: str) -> str:
    return write_trouble("exchange.receipt_refused", {"reason": reason})


def _freeze(document_id: UUID, written: port.GeneratedFile, sha256: str, *, actor: Actor, uow: UnitOfWork) -> None:
    """Keep the message as the document's receipt, unless another one was prepared or given meanwhile."""
    with uow:
        document = recording.take(uow, document_id)
        if document.receipt != "required":
            return
        part = recording.freeze(
            uow,
            document,
            role=Role.UNIVERSAL_RECEIPT,
            file_name=written.file_name,
            content=written.content,
            sha256=sha256,
        )
        recording.move(uow, document, "receipt", ReceiptEvent.PREPARE, actor=actor)
        if document.trouble == NO_KEY:
            document.trouble = None
        _promise(uow, document, part.id)
        uow.commit()


def _promise(uow: UnitOfWork, document: Document, part_id: UUID) -> None:
    uow.jobs.put(
        TELL,
        owner_id=document.owner_id,
        key=str(part_id),
        queue="exchange",
        payload={"document_id": str(document.id), "part_id": str(part_id)},
    )
