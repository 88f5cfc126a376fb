"""Generators: plain files with the facts that an operator reads, in place of the operator's own writers of XML.

The sandbox does not know the operator's user contracts: a title's contract comes back under its title's root, a service
file carries the reason and the name of the file that it is about.
"""

import base64
import binascii
import uuid
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Response
from lxml import etree

from operators.sandbox.diadoc.access import Gate
from operators.sandbox.diadoc.call import Call
from operators.sandbox.exchange import rows
from operators.sandbox.exchange.confirmations import other_box
from operators.sandbox.exchange.desk import Desk
from operators.sandbox.exchange.model import from_ticks
from operators.sandbox.exchange.refusals import Absent, BadRequest

TITLES = {("UniversalTransferDocument", 0): "ON_NSCHFDOPPR", ("UniversalTransferDocument", 1): "ON_NSCHFDOPPOK"}
TITLES |= {
    ("UniversalCorrectionDocument", 0): "ON_NKORSCHFDOPPR",
    ("UniversalCorrectionDocument", 1): "ON_NKORSCHFDOPPOK",
}
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
        text = str(body.get("ErrorMessage") or "")
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
        text = str(call.json().get("Comment") or "")
        return _about(desk, call.need("boxId"), call.need("messageId"), call.need("attachmentId"), ("DP_PRANNUL", text))


def _contracts(routes: APIRouter, desk: Desk, gate: Gate) -> None:
    @routes.post("/generatetitlexml")
    def title(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        kind = (call.need("documentTypeNamedId"), call.number("titleIndex") or 0)
        if kind not in TITLES:
            raise BadRequest(f"Титул {kind[1]} документа {kind[0]} песочница не пишет")
        contract = _contract(call.body)
        root = etree.Element("Файл")
        document = etree.SubElement(root, "Документ", Функция=call.need("documentFunction"))
        document.append(contract)
        with desk.reading() as connection:
            box = desk.own_box(connection, call.need("boxId"))
            sender = rows.organisation(connection, box).participant_id
        return _written(root, f"{TITLES[kind]}_0_{sender}_{from_ticks(desk.now()):%Y%m%d}_{uuid.uuid4()}")

    @routes.post("/generateuniversalmessage")
    def universal(call: Annotated[Call, Depends(gate.admit)]) -> Response:
        contract = _contract(call.body)
        ids = (call.need("messageId"), call.need("attachmentId"))
        codes = contract.xpath("//@Code | //@StatusCode | //@СтатусУС") or ["4002"]
        return _about(desk, call.need("boxId"), *ids, ("DP_UNISOOBSCH", "".join(contract.itertext())), codes)


def _about(
    desk: Desk, box_id: str, message_id: object, entity_id: object, what: tuple[str, str], codes: Any = ()
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
    name = (found.file_name or "").removesuffix(".xml")
    if prefix == "DP_PRANNUL":
        offer = etree.SubElement(document, "СвПредАн")
        etree.SubElement(offer, "СведАнФайл", ИмяАнФайла=name)
        etree.SubElement(offer, "ТекстПредАн").text = text
    else:
        etree.SubElement(document, "СвИзвПолуч", ИмяПостФайла=name)
        etree.SubElement(document, "ТекстУведУточ").text = text
    for code in codes:
        etree.SubElement(document, "СвСобытДок", СтатусУС=str(code))
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


def _signer(body: Any) -> None:
    try:
        base64.b64decode(str(body.get("SignerContent") or ""), validate=True)
    except binascii.Error as error:
        raise BadRequest("SignerContent не в кодировке base64") from error
