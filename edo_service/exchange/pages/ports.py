"""What the pages need from outside, and the small words that they share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edo_service.documents.signing_desk import SigningDesk
from edo_service.exchange.accounts import OperatorFactory
from edo_service.exchange.catalogue import operator_name, operator_of_participant
from edo_service.exchange.counterparties import RelationLine
from edo_service.exchange.lives import RelationAct
from edo_service.exchange.queries import Connected
from edo_service.kernel.secrets import SecretBox
from edo_service.keys.use_cases import KeyRoom
from edo_service.web.statuses import Status, status

PENDING: Mapping[str, str] = {
    RelationAct.INVITE.value: "Отправляем приглашение",
    RelationAct.ACCEPT.value: "Принимаем приглашение",
    RelationAct.REJECT.value: "Отклоняем приглашение",
    RelationAct.WITHDRAW.value: "Отзываем приглашение",
    RelationAct.BREAK.value: "Прекращаем обмен",
}
"""An act that is on its way."""


@dataclass(frozen=True, kw_only=True)
class ExchangePorts:
    """Given by `main`. `demo`: ids of the sandboxes fit too; `cabinets`: addresses of the operators' cabinets by word."""

    operators: OperatorFactory
    secrets: SecretBox
    desk: SigningDesk
    keys: KeyRoom
    demo: bool = False
    cabinets: Mapping[str, str] = field(default_factory=dict)


def account_status(one: Connected) -> Status:
    """The chip of a connection: a silent operator is told of whatever the set-up says."""
    if one.state in {"draft", "checked"}:
        return status("operator", "off")
    if one.trouble_since is not None and one.state in {"connected", "closing"}:
        return status("operator", "lost")
    return status("operator", one.state)


def relation_status(line: RelationLine) -> Status:
    """The chip of a relation; a word of the operator that is not known is shown as it is."""
    return status("relation", line.raw_status or line.state)


def served_by(line: RelationLine) -> str:
    """«Диадок», «Диадок, роуминг с Такском», «напрямую: есть кабинет»."""
    ways = []
    if line.operator:
        name = operator_name(line.operator)
        other = operator_of_participant(line.participant_id) if line.is_roaming else ""
        ways.append(f"{name}, роуминг" + (f": {other}" if other else "") if line.is_roaming else name)
    if line.is_here:
        ways.append("напрямую: есть кабинет")
    return ", ".join(ways) or "Путь не выбран"


def relation_note(line: RelationLine) -> str:
    """What is on its way, or what the chip does not say."""
    if line.pending:
        return PENDING.get(line.pending, "")
    if line.to_be_signed and line.state == "inviting":
        return "К приглашению приложен документ: примите его подписью"
    return ""
