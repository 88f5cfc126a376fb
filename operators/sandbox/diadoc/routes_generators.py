"""Generators: plain files with the facts that an operator reads, in place of the operator's own writers of XML.

The sandbox does not know the operator's user contracts: a title's contract comes back under its title's root, a service
file carries the reason and the name of the file that it is about. The buyer's title of an УКД has the names that its
reader looks for: those of order 189@, which the contract's annotations repeat.
"""

import base64
import uuid
from collections.abc import Sequence
from datetime import timedelta, timezone
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from lxml import etree

from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import Call
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.confirmations import other_box
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import UKD, UPD, from_ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest

TITLES = {(UPD, 0): "ON_NSCHFDOPPR", (UPD, 1): "ON_NSCHFDOPPOK"}
TITLES |= {(UKD, 0): "ON_NKORSCHFDOPPR", (UKD, 1): "ON_NKORSCHFDOPPOK"}
MOSCOW = timezone(timedelta(hours=3), "MSK")
REVOCATIONS = frozenset({"revocation_request_01", "revocation_request_02"})


def router(desk: Desk, gate: Gate) -> APIRouter:
    """Give the routes of generators."""
    routes = APIRouter()
    _papers(routes, desk, gate)
    _contracts(routes, desk, gate)
    return routes


def _papers(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    def paper(call: Call, prefix: str, words: str) -> Response:
        body = call.json()
        _signer(body)
        text = _words(body.get("ErrorMessage"))
        if not text and words:
            raise BadRequest(f"Не указано поле {words}")
        return _about(desk, call.need("boxId"), body.get("MessageId"), body.get("AttachmentId"), (prefix, text))

    @routes.post("/v2/generatereceiptxml")
    def receipt(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        return paper(call, "DP_IZVPOL", "")

    @routes.post("/v2/generatesignaturerejectionxml")
    def rejection(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        return paper(call, "DP_UVUTOCH", "ErrorMessage")

    @routes.post("/v2/generateinvoicecorrectionrequestxml")
    def correction(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        return paper(call, "DP_UVUTOCH", "ErrorMessage")

    @routes.post("/v2/generaterevocationrequestxml")
    def revocation(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        if call.need("contentTypeId") not in REVOCATIONS:
            raise BadRequest(f"contentTypeId: ожидается {' или '.join(sorted(REVOCATIONS))}")
        text = _words(call.json().get("Comment"))
        return _about(desk, call.need("boxId"), call.need("messageId"), call.need("attachmentId"), ("DP_PRANNUL", text))


def _contracts(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.post("/generatetitlexml")
    def title(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        kind = (call.need("documentTypeNamedId"), call.number("titleIndex") or 0)
        if kind not in TITLES:
            raise BadRequest(f"Титул {kind[1]} документа {kind[0]} песочница не пишет")
        contract = _contract(call.body)
        if kind == (UKD, 1) and call.maybe("documentId"):
            return _agreement(desk, call, contract)
        root = etree.Element("Файл")
        document = etree.SubElement(root, "Документ", Функция=_words(call.need("documentFunction")))
        document.append(contract)
        with desk.reading() as connection:
            box = desk.own_box(connection, call.need("boxId"))
            sender = rows.organisation(connection, box).participant_id
        return _written(root, f"{TITLES[kind]}_0_{sender}_{from_ticks(desk.now()):%Y%m%d}_{uuid.uuid4()}")

    @routes.post("/generateuniversalmessage")
    def universal(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        contract = _contract(call.body)
        ids = (call.need("messageId"), call.need("attachmentId"))
        told = [
            (str(each.get("StatusCode") or "4002"), each.findtext("PlainText") or "")
            for each in contract.iter("UniversalMessageInfo")
        ]
        return _about(desk, call.need("boxId"), *ids, ("DP_UNISOOBSCH", ""), told or [("4002", "")])


def _agreement(desk: Desk, call: Call, contract: Any) -> Response:
    """Write the buyer's title of an УКД that the box may see: which file it answers, with its signatures, and the consent."""
    with desk.reading() as connection:
        box = desk.own_box(connection, call.need("boxId"))
        found = rows.entity(connection, call.need("letterId").lower(), call.need("documentId").lower())
        message = rows.message(connection, found.message_id)
        if box != message.to_box:
            raise Absent(f"Сообщение {message.id} в ящике не найдено")
        mine = rows.organisation(connection, box).participant_id
        theirs = rows.organisation(connection, message.from_box).participant_id
        signatures = rows.signatures_on(connection, found.id)
    seller, now = _contract(found.content), from_ticks(desk.now()).astimezone(MOSCOW)
    title, head = seller.find("Документ"), seller.find("Документ/СвКСчФ")
    if title is None or head is None:
        raise BadRequest("Титул покупателя УКД пишут в ответ на титул продавца УКД")
    root = etree.Element("Файл", ВерсФорм="5.01", ВерсПрог="Песочница")
    etree.SubElement(root, "СвУчДокОбор", ИдОтпр=mine, ИдПол=theirs)
    body = etree.SubElement(root, "ИнфПок", КНД="1115128", ДатаИнфПок=f"{now:%d.%m.%Y}", ВремИнфПок=f"{now:%H.%M.%S}")
    body.set("НаимЭконСубСост", contract.get("DocumentCreator") or mine)
    about = etree.SubElement(body, "ИдИнфПрод", ИдФайлИнфПр=str(seller.get("ИдФайл")))
    for ours, its in (("ДатаФайлИнфПр", "ДатаИнфПр"), ("ВремФайлИнфПр", "ВремИнфПр")):
        about.set(ours, str(title.get(its)))
    for signature in signatures:
        etree.SubElement(about, "ЭП").text = base64.b64encode(signature).decode("ascii")
    event = etree.SubElement(body, "СодФХЖ4", НаимДокОпрПр="УКД", ФункцияПр=_words(call.need("documentFunction")))
    event.set("НомДокИнфПр", str(head.get("НомерКСчФ")))
    event.set("ДатаДокИнфПр", str(head.get("ДатаКСчФ")))
    agreed = etree.SubElement(event, "СвСоглас", СодОпер=contract.get("OperationContent") or "Согласен")
    agreed.set("ДатаСоглас", contract.get("AcceptanceDate") or f"{now:%d.%m.%Y}")
    return _written(root, f"{TITLES[UKD, 1]}_{theirs}_{mine}_{now:%Y%m%d}_{uuid.uuid4()}")


def _about(
    desk: Desk,
    box_id: str,
    message_id: object,
    entity_id: object,
    what: tuple[str, str],
    told: Sequence[tuple[str, str]] = (),
) -> Response:
    """Write a service file about an entity that the box may see."""
    with desk.reading() as connection:
        box = desk.own_box(connection, box_id)
        found = rows.entity(connection, str(message_id).lower(), str(entity_id).lower())
        message = rows.message(connection, found.message_id)
        if box not in {message.from_box, message.to_box}:
            raise Absent(f"Сообщение {message.id} в ящике не найдено")
        mine = rows.organisation(connection, box).participant_id
        theirs = rows.organisation(connection, other_box(message, box)).participant_id
    prefix, text = what
    root = etree.Element("Файл")
    document = etree.SubElement(root, "Документ")
    name = _words(found.file_name).removesuffix(".xml")
    if prefix == "DP_PRANNUL":
        offer = etree.SubElement(document, "СвПредАн")
        etree.SubElement(offer, "СведАнФайл", ИмяАнФайла=name)
        etree.SubElement(offer, "ТекстПредАн").text = text
    else:
        etree.SubElement(document, "СвИзвПолуч", ИмяПостФайла=name)
        etree.SubElement(document, "ТекстУведУточ").text = text
    for code, words in told:
        event = etree.SubElement(document, "СвСобытДок", СтатусУС=code)
        if words:
            etree.SubElement(event, "ТекстСобыт").text = words
    return _written(root, f"{prefix}_{theirs}_{mine}_{from_ticks(desk.now()):%Y%m%d}_{uuid.uuid4()}")


def _written(root: Any, name: str) -> Response:
    root.set("ИдФайл", name)
    content = etree.tostring(root, encoding="windows-1251", xml_declaration=True)
    disposition = f"attachment; filename*=UTF-8''{quote(name)}.xml"
    return Response(content, media_type="application/xml", headers={"Content-Disposition": disposition})


def _contract(body: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise BadRequest(f"Пользовательский контракт не является XML: {error.msg}") from error


def _words(given: object) -> str:
    """What goes into XML as text; raises BadRequest for what XML 1.0 cannot hold."""
    text = str(given or "")
    if not all(each.isprintable() or each in "\t\n\r" for each in text):
        raise BadRequest("В тексте есть знаки, которых не может быть в XML")
    return text


def _signer(body: Any) -> None:
    try:
        base64.b64decode(str(body.get("SignerContent") or ""), validate=True)
    except ValueError as error:  # binascii.Error, or letters that are not ASCII
        raise BadRequest("SignerContent не в кодировке base64") from error
