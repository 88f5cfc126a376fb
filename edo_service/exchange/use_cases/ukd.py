"""УКД at the operators: who carries them, and the buyer's title that the operator writes (`GenerateTitleXml` at Диадок)."""

from dataclasses import dataclass
from uuid import UUID

from edo_service.documents.rules import Kind
from edo_service.documents.use_cases.agree import AskedAnswer
from edo_service.errors import Rejected, Unavailable
from edo_service.exchange.accounts import OperatorFactory, account_of_box
from edo_service.exchange.use_cases.dispatch import WIRE_VERSIONS
from edo_service.formats.errors import FormatError
from edo_service.formats.operator_contract import UkdAnswer, write_ukd_answer
from edo_service.kernel.uow import UnitOfWork
from operators import errors as operator_errors
from operators import port
from operators.port import Capability

TYPE, BUYER = "UniversalCorrectionDocument", 1
"""What a buyer's title of an УКД is called at Диадок, the one operator whose generator is known."""


@dataclass(frozen=True, kw_only=True)
class OperatorUkd:
    """`documents.use_cases.agree.UkdWire` over the connected operators."""

    operators: OperatorFactory

    def carries(self, uow: UnitOfWork, owner_id: UUID, box: str | None) -> bool:
        """See the protocol."""
        try:
            return Capability.UKD in self.operators(account_of_box(uow, owner_id, box)).capabilities
        except Unavailable:
            return False

    def write_answer(self, asked: AskedAnswer, *, uow: UnitOfWork) -> bytes:
        """See the protocol. Nothing is changed at the operator."""
        with uow.reading() as reading:
            account = account_of_box(reading, asked.owner_id, asked.box)
        operator = self.operators(account)
        if not isinstance(operator, port.Generator):
            raise Rejected("document.ukd_refused", reason="он не умеет составлять титулы")
        try:
            contract = write_ukd_answer(
                UkdAnswer(operation=asked.operation, author=asked.author, signer_box=account.box)
            )
            order = port.TitleOrder(
                box=account.box,
                type=TYPE,
                function=asked.function,
                version=WIRE_VERSIONS[Kind.UKD.value],
                title=BUYER,
                contract=contract,
                doc=port.EntityRef(box=account.box, message_id=asked.message_ref, entity_id=asked.entity_ref),
            )
            return operator.generate_title(order).content
        except FormatError as error:
            raise Rejected("document.ukd_refused", reason=str(error)) from error
        except (*operator_errors.SILENT, operator_errors.OutcomeUnknown, operator_errors.AuthExpired) as error:
            raise Unavailable("document.ukd_not_written", reason=str(error)) from error
        except operator_errors.OperatorError as error:
            raise Rejected("document.ukd_refused", reason=str(error)) from error
