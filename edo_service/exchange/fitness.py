"""Whether a file from outside is what it claims to be: signed by whom it should, about the file it should. Pure.

An objection is a trouble of `texts` kept beside the file. It stops every move that the file would make but a note, which
is only shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edo_service import formats
from edo_service.documents.rules import Role, stops
from edo_service.documents.titles import BuyerTitle, SellerTitle, read_answer, read_title
from edo_service.formats import Authority, MessageCode, SignerStatus, UniversalNotice
from edo_service.formats.service import CorrectionNotice, ReceiptNotice
from edo_service.formats.ukd_titles import UkdReply, UkdTitle, misfits_of_reply
from edo_service.formats.upd import UpdSeller
from edo_service.formats.upd_buyer import UpdBuyer
from edo_service.powers.rules import Outcome
from edo_service.texts import write_trouble
from edo_service.trust.judge import CERTIFICATE_HOLD, leads_to_anchor

Reading = SellerTitle | BuyerTitle | ReceiptNotice | CorrectionNotice | UniversalNotice
_GOOD_POWERS = frozenset({Outcome.PASSED.value, Outcome.WARNING.value})
JUDGED = frozenset(
    {Role.CONTRACT, Role.SELLER_TITLE, Role.BUYER_TITLE, Role.RECEIPT_NOTICE, Role.CORRECTION_REQUEST, Role.REJECTION}
)
"""Files of the parties. The operator's confirmations are judged by their verdicts alone: we know no ИНН of its."""
MESSAGES: Mapping[MessageCode, Role] = {
    MessageCode.REFUSAL: Role.REJECTION,
    MessageCode.CORRECTION_REQUEST: Role.CORRECTION_REQUEST,
    MessageCode.POWERS_REQUEST: Role.CORRECTION_REQUEST,
    MessageCode.RECEIPT: Role.UNIVERSAL_RECEIPT,
}
"""Code of a universal message → what it is within its document. One message may carry several: the weightiest is first."""
UNPROVED: Mapping[str, str] = {
    "NO_CERTIFICATE_CHAIN_FOUND": "сертификат не ведёт к доверенному корню",
    "CHAIN_CONSTRAINTS_FAILURE": "сертификат выдан с нарушением ограничений удостоверяющего центра",
    "CERTIFICATE_CHAIN_GENERAL_FAILURE": "сертификат в цепочке испорчен",
    "NO_SIGNING_CERTIFICATE_FOUND": "сертификата подписанта в подписи нет",
    "OUT_OF_BOUNDS_NO_POE": "сертификат не действовал, а время подписания ничем не доказано",
    "REVOKED_NO_POE": "сертификат отозван",
    CERTIFICATE_HOLD: "действие сертификата приостановлено",
    "REVOKED_CA_NO_POE": "сертификат удостоверяющего центра отозван",
    "CRYPTO_CONSTRAINTS_FAILURE": "алгоритм подписи нестоек",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE": "алгоритм подписи неизвестен или нестоек",
    "SIG_CONSTRAINTS_FAILURE": "подпись не по формату",
}
"""Why a signature that is not proved bad proves nothing either: `Judgement.sub_indication` → words."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature as far as it matters here: the verdict, the ИНН in the signer's certificate, the power it rests on.

    `sub_indication`: `Judgement.sub_indication`, what is not established.

    `power`: how the ten checks of the МЧД ended (`powers.rules.Outcome`), None when none was judged; `power_reason` why.
    """

    indication: str | None
    inn: str | None
    power: str | None = None
    power_reason: str = ""
    sub_indication: str | None = None

    @property
    def trusted(self) -> bool:
        """Whether the ИНН may be believed (`leads_to_anchor`)."""
        return leads_to_anchor(self.indication, self.sub_indication)


def read_file(role: Role, content: bytes) -> tuple[Reading | None, str | None]:
    """The file as values, or why it cannot be read as what it is; (None, None) for kinds that need not be read."""
    try:
        if role is Role.SELLER_TITLE:
            return read_title(content), None
        if role is Role.BUYER_TITLE:
            return read_answer(content), None
        if role is Role.RECEIPT_NOTICE:
            return formats.read_service(content, ReceiptNotice), None
        if role in {Role.REJECTION, Role.CORRECTION_REQUEST}:
            by_message = formats.is_universal_message(content)
            read = formats.read_universal_message if by_message else _read_correction_notice
            return read(content), None
    except formats.FormatError as error:
        return None, str(error)
    return None, None


def _read_correction_notice(content: bytes) -> CorrectionNotice:
    return formats.read_service(content, CorrectionNotice)


def objection_to(
    reading: Reading | None,
    signatures: Sequence[Signed],
    *,
    expected_inn: str,
    unreadable: bool = False,
    misfit: str | None = None,
) -> str | None:
    """What speaks against the file, the weightiest first; None when nothing does.

    1. At least one signature is not proved bad (63-ФЗ art. 11). 2. At least one of those holds and its certificate leads
    to an anchor: of the others nobody can tell whose they are. That nobody could tell of revocation yet is shown and
    stops nothing. 3. One of those is by the organisation that the file should come from, or by an employee whose power
    of attorney passed the ten checks; a power that failed them stops the file, one that could not be judged is noted.
    4. The file was readable and fits (`misfit`).
    """
    if not signatures:
        return "exchange.file_signature_unreadable" if unreadable else "exchange.file_unsigned"
    whole = [one for one in signatures if one.indication != "TOTAL-FAILED"]
    if not whole:
        return "exchange.file_signature_failed"
    proved = [one for one in whole if one.trusted]
    if not proved:
        sub = whole[0].sub_indication or ""
        return write_trouble(
            "exchange.signature_unproved", {"reason": UNPROVED.get(sub, sub or "проверка не закончена")}
        )
    note = None
    if not any((one.inn == expected_inn and expected_inn) or one.power in _GOOD_POWERS for one in proved):
        note = _objection_to_signer(reading, proved, expected_inn=expected_inn)
        if stops(note):
            return note
    return misfit or note


def _objection_to_signer(reading: Reading | None, proved: Sequence[Signed], *, expected_inn: str) -> str:
    """None of the signatures is by the organisation itself: whether a power of attorney could still speak for it."""
    found = proved[0].inn or "—"
    if not _claims_power(reading) and all(one.power is None for one in proved):
        return write_trouble("exchange.signed_by_other", {"expected": expected_inn or "—", "found": found})
    failed = next((one for one in proved if one.power == Outcome.FAILED.value), None)
    if failed is not None:
        return write_trouble("exchange.power_failed", {"reason": failed.power_reason})
    why = next((one.power_reason for one in proved if one.power_reason), "") or "доверенности нет в реестре"
    return write_trouble("exchange.signed_by_power", {"expected": expected_inn, "found": found, "reason": why})


def misfit_of_title(title: SellerTitle, *, seller_inn: str, buyer_inn: str) -> str | None:
    """Whether a title that has come in is by the counterparty in whose box it was sent, and for us."""
    if title.seller.inn != seller_inn:
        return write_trouble("exchange.title_of_other", {"expected": seller_inn, "found": title.seller.inn or "—"})
    if title.buyer.inn != buyer_inn:
        return write_trouble("exchange.title_for_other", {"expected": buyer_inn, "found": title.buyer.inn or "—"})
    return None


def misfit_of_answer(reading: Reading | None, fault: str | None, seller: SellerTitle) -> str | None:
    """Whether an answer is about the seller's title: id, moment, number, date, participants (`formats.compare_titles`).

    A title of a УПД does not answer an УКД, nor the other way round.
    """
    if fault is not None and reading is None:
        return write_trouble("exchange.file_unreadable", {"reason": fault})
    if isinstance(reading, UpdBuyer | UkdReply):
        misfits = _misfits(reading, seller)
        return write_trouble("exchange.answers_other_file", {"reason": misfits[0]}) if misfits else None
    if isinstance(reading, ReceiptNotice | CorrectionNotice):
        named = reading.file.name.removesuffix(".xml")
        if named.casefold() != seller.file_id.casefold():
            return write_trouble("exchange.answers_other_file", {"reason": f"назван файл {named}"})
    return None


def role_of_message(content: bytes) -> Role:
    """What a universal message is by its codes, a refusal before a receipt in the same one; UNKNOWN when it moves nothing.

    Nobody signs one, so its sender is the operator's word. Raises formats.FormatError.
    """
    codes = formats.read_universal_codes(content)
    return next((role for code, role in MESSAGES.items() if code in codes), Role.UNKNOWN)


def misfit_of_message(content: bytes) -> str | None:
    """Whether a universal message is a receipt and nothing weightier."""
    try:
        if role_of_message(content) is Role.UNIVERSAL_RECEIPT:
            return None
        codes = formats.read_universal_codes(content)
    except formats.FormatError as error:
        return write_trouble("exchange.file_unreadable", {"reason": error.text_ru})
    told = ", ".join(str(code) for code in codes)
    return write_trouble("exchange.file_unreadable", {"reason": f"нет кода извещения 1999, есть {told}"})


def _misfits(answer: BuyerTitle, seller: SellerTitle) -> Sequence[str]:
    if isinstance(answer, UkdReply) and isinstance(seller, UkdTitle):
        return misfits_of_reply(seller, answer)
    if isinstance(answer, UpdBuyer) and isinstance(seller, UpdSeller):
        return [one.message_ru for one in formats.compare_titles(seller, answer)]
    return ["титул покупателя другого вида документа"]


def _claims_power(reading: Reading | None) -> bool:
    if isinstance(reading, UkdTitle | UkdReply | UniversalNotice):
        return False
    if isinstance(reading, UpdSeller | UpdBuyer):
        return any(one.authority is not Authority.CERTIFICATE for one in reading.signers)
    return reading is not None and reading.signer.status not in {None, SignerStatus.NO_POWER}
