"""Taxcom's words and numbers in ours. One table each; what is not in a table is never guessed."""

from collections.abc import Mapping
from types import MappingProxyType

from operators import errors
from operators.errors import OperatorError
from operators.port import RelationChange, RelationStatus

OPERATOR_CODE = "2AL"

STATUS: Mapping[int, type[OperatorError]] = MappingProxyType(
    {
        204: errors.InProgress,
        400: errors.Invalid,
        401: errors.AuthExpired,
        402: errors.SubscriptionRequired,
        403: errors.Forbidden,
        404: errors.NotFound,
        405: errors.Invalid,
        409: errors.Conflict,
        413: errors.TooLarge,
        415: errors.Invalid,
        429: errors.RateLimited,
        500: errors.Temporary,
        501: errors.Unsupported,
        502: errors.Temporary,
        503: errors.Temporary,
        504: errors.Temporary,
    }
)
"""HTTP status -> error. The operator documents 200 and 401; the others mean what RFC 9110 says."""

CONFLICT_TEXTS: tuple[tuple[str, type[OperatorError]], ...] = (
    ("роуминг", errors.RoamingUnavailable),
    ("не принимает документы", errors.RecipientRefuses),
    ("нет в списке контрагентов", errors.RecipientRefuses),
)
"""A part of the text of 409 (lower case) -> the narrower error."""

SUCCEEDED, DIVERGENCES, NOT_ACCEPTED = "Succeed", "CompletedWithDivergences", "NotAccepted"
WAITING_FOR_CANCELLATION, CANCELLED, FAILED = "WaitingForCancellation", "Cancelled", "Error"
STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "Unknown": "Статус неизвестен",
        "InProgress": "В работе",
        SUCCEEDED: "Завершён",
        "Warning": "Завершён с предупреждением",
        FAILED: "Ошибка",
        "NotStarted": "Не начат",
        DIVERGENCES: "Завершён с расхождениями",
        NOT_ACCEPTED: "Отказано",
        WAITING_FOR_CANCELLATION: "Ожидает аннулирования",
        CANCELLED: "Аннулирован",
    }
)
"""DocFlow/@Status -> words for people."""

SIGNATURES_FAILED, SENDING_FAILED = "SignaturesCheckFailed", "SendingError"
ERROR_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "Unknown": "Ошибка оператора",
        "ImportFailed": "Оператор не смог разобрать контейнер",
        "VerificationError": "Документ не прошёл проверку формата",
        SIGNATURES_FAILED: "Подпись не прошла проверку",
        SENDING_FAILED: "Документ не доставлен",
        "DocflowError": "Нарушен порядок документооборота",
    }
)
"""DocFlow/@ErrorType -> words for people."""

CONTACT_STATES: Mapping[str, RelationStatus] = MappingProxyType(
    {
        "Sent": RelationStatus.INVITED_BY_ME,
        "Incoming": RelationStatus.INVITES_ME,
        "Accepted": RelationStatus.ACTIVE,
        "Rejected": RelationStatus.REJECTS_ME,
        "Error": RelationStatus.FAILED,
    }
)
"""State/@Code -> status. Whose refusal Rejected is, only the list of changes tells (`relating`)."""

CONTACT_CHANGES: Mapping[str, RelationChange] = MappingProxyType(
    {
        "Sent": RelationChange.WE_INVITED,
        "Incoming": RelationChange.THEY_INVITED,
        "Accepted": RelationChange.THEY_ACCEPTED,
        "Rejected": RelationChange.THEY_REJECTED,
    }
)
"""State/@Code in GetContactListUpdates -> change: the list tells of the other side's answers and invitations."""
