"""Saby's words and numbers in ours. One table each; what is not in a table is never guessed."""

from collections.abc import Mapping
from types import MappingProxyType

from operators import errors
from operators.errors import OperatorError
from operators.port import EntityKind

OPERATOR_CODE = "2BE"

SMS_CLASS = "{00000000-0000-0000-0000-1fa000001002}"
"""error.data.classid of a log-in that needs a code from an SMS."""
NOT_READY_CLASS = "{00000000-0000-0000-0000-1aa0000f1002}"
"""error.data.classid of a file that is not ready yet."""

STATUS: Mapping[int, type[OperatorError]] = MappingProxyType(
    {
        204: errors.InProgress,
        400: errors.Invalid,
        401: errors.AuthExpired,
        402: errors.SubscriptionRequired,
        403: errors.Forbidden,
        404: errors.NotFound,
        405: errors.Invalid,
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
"""HTTP status of an answer without a JSON-RPC error -> error; 504 is the operator's maintenance."""

RPC_CODES: Mapping[int, type[OperatorError]] = MappingProxyType(
    {
        -32700: errors.Invalid,
        -32600: errors.Invalid,
        -32601: errors.Unsupported,
        -32602: errors.Invalid,
        -32603: errors.Temporary,
        -32000: errors.Conflict,
        -1: errors.AuthExpired,
    }
)
"""error.code -> error. −32000 is any refusal of the business: `BUSINESS_TEXTS` narrows it."""

BUSINESS_TEXTS: tuple[tuple[str, type[OperatorError]], ...] = (
    ("роуминг", errors.RoamingUnavailable),
    ("не принимает документы", errors.RecipientRefuses),
    ("нет доступа", errors.Forbidden),
    ("недостаточно прав", errors.Forbidden),
    ("не оплачен", errors.SubscriptionRequired),
    ("лицензи", errors.SubscriptionRequired),
    ("не найден", errors.NotFound),
    ("превышает", errors.TooLarge),
    ("больше 3 мб", errors.TooLarge),
    ("не указан", errors.Invalid),
    ("укажите", errors.Invalid),
    ("не является", errors.Invalid),
    ("не соответствует", errors.Invalid),
    ("отсутствует", errors.Invalid),
)
"""A part of the text of −32000 (lower case) -> the narrower error, the first that fits.

The operator publishes no list of classids: texts are all there is. What fits nowhere stays a Conflict, after which the
caller looks before it repeats.
"""
STATE_TEXTS = ("этап", "уже", "состояни", "доставлен")
"""Parts of a conflict's text that mean: the document's state forbids it."""

ATTACHMENTS: Mapping[str, EntityKind] = MappingProxyType(
    {
        "ЭДОСч": EntityKind.TITLE,
        "УпдДоп": EntityKind.TITLE,
        "УпдСчфДоп": EntityKind.TITLE,
        "УпдДопПокуп": EntityKind.BUYER_TITLE,
        "УпдСчфДопПокуп": EntityKind.BUYER_TITLE,
        "ИзвПолуч": EntityKind.RECEIPT,
        "ПодтвДатПол": EntityKind.CONFIRMATION,
        "ПодтвДатОтпр": EntityKind.CONFIRMATION,
        "УведУточн": EntityKind.CORRECTION_REQUEST,
    }
)
"""Вложение.Тип -> kind; the last request for a correction in a declined document is its rejection."""

FILE_PREFIXES: Mapping[str, EntityKind] = MappingProxyType(
    {
        "ON_NSCHFDOPPOK": EntityKind.BUYER_TITLE,
        "ON_NSCHFDOPPR": EntityKind.TITLE,
        "DP_IZVPOL": EntityKind.RECEIPT,
        "DP_PDPOL": EntityKind.CONFIRMATION,
        "DP_PDOTPR": EntityKind.CONFIRMATION,
        "DP_UVUTOCH": EntityKind.CORRECTION_REQUEST,
        "DP_PRANNUL": EntityKind.REVOCATION,
    }
)
"""The beginning of a file's name by the tax service's formats -> kind, where Вложение.Тип says nothing known."""

FUNCTIONS: Mapping[str, str] = MappingProxyType({"ЭДОСч": "СЧФ", "УпдДоп": "ДОП", "УпдСчфДоп": "СЧФДОП"})
"""Вложение.Тип -> function of a УПД."""

DRAFT_STATES = frozenset({"0", "10", "23"})
INVITED, SENT, DELIVERED, FAILED, DONE, DECLINED = "2", "3", "4", "6", "7", "9"
ANNULLED = "20"
AT_RECIPIENT = frozenset({DELIVERED, DONE, DECLINED, ANNULLED})
"""States (Состояние.Код) in which the recipient has the document."""
