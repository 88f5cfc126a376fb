"""What the operator reads in a file: its id, function, number, sums; and whether a signature is a signature at all."""

from dataclasses import dataclass
from typing import Any

from asn1crypto import cms
from lxml import etree

from operators.sandbox.exchange.model import Response
from operators.sandbox.exchange.refusals import BadRequest

OUTCOMES = {"1": Response.SIGNED, "2": Response.PARTIAL, "3": Response.REJECTED}
"""КодИтога of the buyer's title."""


@dataclass(frozen=True, kw_only=True)
class XmlFacts:
    """Facts of a formalised file; what it does not state is None."""

    file_id: str
    function: str | None
    number: str | None
    date: str | None
    total: str | None
    vat: str | None
    currency: str | None
    outcome: Response


def read_xml(content: bytes) -> XmlFacts:
    """Read a file of the tax service's family (root Файл with ИдФайл); raises BadRequest."""
    root = _parse(content)
    file_id = root.get("ИдФайл")
    if root.tag != "Файл" or not file_id:
        raise BadRequest("В документе нет корневого элемента «Файл» с идентификатором файла")
    return XmlFacts(
        file_id=file_id,
        function=_first(root, "//Документ/@Функция"),
        number=_first(root, "//СвСчФакт/@НомерДок", "//СвСчФакт/@НомерСчФ", "//СвКСчФ/@НомерКСчФ"),
        date=_first(root, "//СвСчФакт/@ДатаДок", "//СвСчФакт/@ДатаСчФ", "//СвКСчФ/@ДатаКСчФ"),
        total=_first(root, "//ВсегоОпл/@СтТовУчНалВсего"),
        vat=_first(root, "//ВсегоОпл/СумНалВсего/СумНал/text()"),
        currency=_first(root, "//ДенИзм/@КодОКВ", "//СвСчФакт/@КодОКВ", "//СвКСчФ/@КодОКВ"),
        outcome=OUTCOMES.get(_first(root, "//@КодИтога") or "1", Response.SIGNED),
    )


@dataclass(frozen=True, kw_only=True)
class CorrectionFacts:
    """Facts of the seller's title of an УКД: sums to add and to take off, the first document that it corrects."""

    total_inc: str
    total_dec: str
    vat_inc: str
    vat_dec: str
    number: str
    date: str


def read_correction(content: bytes) -> CorrectionFacts:
    """Read a seller's title of an УКД; a sum that it does not state is zero. BadRequest."""
    root = _parse(content)
    return CorrectionFacts(
        total_inc=_first(root, "//ВсегоУвел/@СтТовУчНалВсего") or "0",
        total_dec=_first(root, "//ВсегоУм/@СтТовУчНалВсего") or "0",
        vat_inc=_first(root, "//ВсегоУвел/СумНал/СумНДС/text()") or "0",
        vat_dec=_first(root, "//ВсегоУм/СумНал/СумНДС/text()") or "0",
        number=_first(root, "//СвКСчФ/СчФ/@НомерСчФ") or "",
        date=_first(root, "//СвКСчФ/СчФ/@ДатаСчФ") or "",
    )


def annulled_file(content: bytes) -> str | None:
    """The name (without `.xml`) of the file that a proposal of annulment is about; None when it does not tell."""
    return _first(_parse(content), "//СведАнФайл/@ИмяАнФайла")


def universal_codes(content: bytes) -> tuple[str, ...]:
    """The codes of a universal message (СтатусУС), in order; raises BadRequest."""
    root = _parse(content)
    return tuple(str(each) for each in root.xpath("//СвСобытДок/@СтатусУС | //СвСобытДок/СтатусУС/text()"))


def check_signature_form(signature: bytes) -> None:
    """Refuse what is not the DER of a CMS SignedData with a signer (RFC 5652, 5.1).

    The bytes' meaning is the notary's.
    """
    if not signature:
        raise BadRequest("Подпись отсутствует")
    try:
        info = cms.ContentInfo.load(signature, strict=True)
        signed = info["content_type"].native == "signed_data" and len(info["content"]["signer_infos"]) > 0
    except (ValueError, TypeError, KeyError) as error:
        raise BadRequest("Подпись не является CMS SignedData в кодировке DER") from error
    if not signed:
        raise BadRequest("Подпись не является CMS SignedData в кодировке DER")


def _parse(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BadRequest(f"Содержимое не является XML-документом: {error.msg}") from error


def _first(root: Any, *paths: str) -> str | None:
    for path in paths:
        found = root.xpath(path)
        if found:
            return str(found[0])
    return None
