"""Diadoc's generators: the operator writes a title from its user contract, and service files about an entity."""

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from operators.diadoc import codes
from operators.diadoc.client import JSON, DiadocClient
from operators.errors import Invalid
from operators.port import EntityRef, GeneratedFile, ServicePaper, TitleOrder
from operators.wire import Reply

XML = "application/xml; charset=utf-8"
REVOCATION_FORMAT = "revocation_request_02"
"""ПОА 1.02; the operator also writes revocation_request_01 (1.01)."""

PAPERS: Mapping[ServicePaper, str] = MappingProxyType(
    {
        ServicePaper.RECEIPT: "/V2/GenerateReceiptXml",
        ServicePaper.REJECTION: "/V2/GenerateSignatureRejectionXml",
        ServicePaper.CORRECTION_REQUEST: "/V2/GenerateInvoiceCorrectionRequestXml",
    }
)
"""Papers whose signer is given as the operator's user contract (SignerContent)."""


class DiadocGenerators:
    """The port's `Generator` over an adapter's client. Nothing is changed at the operator."""

    _client: DiadocClient

    def generate_title(self, order: TitleOrder) -> GeneratedFile:
        """See the port (`GenerateTitleXml`)."""
        params = {
            "boxId": order.box,
            "documentTypeNamedId": order.type,
            "documentFunction": order.function,
            "documentVersion": order.version,
            "titleIndex": str(order.title),
            "letterId": None if order.doc is None else order.doc.message_id,
            "documentId": None if order.doc is None else order.doc.entity_id,
        }
        return _file(self._client.ask("/GenerateTitleXml", params, order.contract, XML), "title.xml")

    def generate_paper(
        self, paper: ServicePaper, target: EntityRef, *, contract: bytes = b"", text: str | None = None
    ) -> GeneratedFile:
        """See the port.

        `contract`: for ПОА the Signer as JSON (may be empty), for the others the operator's XML of the signer or of
        the universal message.
        """
        ids = {"boxId": target.box, "messageId": target.message_id, "attachmentId": target.entity_id}
        if paper is ServicePaper.UNIVERSAL_MESSAGE:
            return _file(self._client.ask("/GenerateUniversalMessage", ids, contract, XML), f"{paper}.xml")
        if paper is ServicePaper.REVOCATION:
            signer = _json(contract) if contract else None
            body: dict[str, Any] = {"Comment": text or ""} | ({} if signer is None else {"Signer": signer})
            path, params = "/V2/GenerateRevocationRequestXml", {**ids, "contentTypeId": REVOCATION_FORMAT}
        else:
            body = {"MessageId": target.message_id, "AttachmentId": target.entity_id}
            body["SignerContent"] = base64.b64encode(contract).decode("ascii")
            if paper is not ServicePaper.RECEIPT:
                body["ErrorMessage"] = text or ""
            path, params = PAPERS[paper], {"boxId": target.box}
        return _file(self._client.ask(path, params, json.dumps(body).encode(), JSON), f"{paper}.xml")


def _file(reply: Reply, otherwise: str) -> GeneratedFile:
    if not reply.content:
        raise reply.bad("the generator gave an empty file")
    return GeneratedFile(file_name=reply.file_name or otherwise, content=reply.content)


def _json(contract: bytes) -> object:
    try:
        return json.loads(contract)
    except ValueError as error:
        raise Invalid("the signer of ПОА is given as JSON", operator=codes.OPERATOR_CODE) from error
