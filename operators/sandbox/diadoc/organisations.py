"""Organisation, Box, Counteragent in Diadoc's JSON."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from operators.sandbox.exchange.relations import RelationLine
from operators.sandbox.exchange.rows import Organisation

Json: TypeAlias = Mapping[str, Any]


def box_id(box: str) -> str:
    """Write a box id as Diadoc does."""
    return f"{box}@diadoc.ru"


def organization(each: Organisation, *, with_boxes: bool = True) -> dict[str, Any]:
    """Organization with its one box."""
    value: dict[str, Any] = {
        "OrgId": each.org_id,
        "Inn": each.inn,
        "Kpp": each.kpp or "",
        "FullName": each.name,
        "ShortName": each.name,
        "Ogrn": each.ogrn,
        "FnsParticipantId": each.participant_id,
        "Departments": [],
        "IsPilot": False,
        "IsActive": True,
        "IsTest": True,
        "IsBranch": False,
        "IsRoaming": False,
        "IsEmployee": True,
        "InvitationCount": 0,
        "SearchCount": 0,
        "Sociability": "AllOrganizations",
        "IsForeign": False,
        "HasCertificateToSign": True,
        "OrganizationType": "Juridical" if len(each.inn) == 10 else "Individual",
        "IsOwner": False,
        "ReadyForEpdStatus": "UndefinedEpdStatus",
    }
    if with_boxes:
        value["Boxes"] = [_box(each)]
    return value


def organization_list(found: Sequence[Organisation]) -> Json:
    """OrganizationList."""
    return {"Organizations": [organization(each) for each in found]}


def box(each: Organisation) -> Json:
    """Box with its organisation."""
    return {**_box(each), "Organization": organization(each, with_boxes=False)}


def counteragent(line: RelationLine) -> Json:
    """Counteragent."""
    value: dict[str, Any] = {
        "IndexKey": line.index_key,
        "Organization": organization(line.organisation),
        "CurrentStatus": line.standing.value,
        "LastEventTimestampTicks": line.changed_at,
    }
    if line.text_in is not None:
        value["MessageFromCounteragent"] = line.text_in
    if line.text_out is not None:
        value["MessageToCounteragent"] = line.text_out
    return value


def counteragent_list(lines: Sequence[RelationLine], total: int) -> Json:
    """CounteragentList; `total` counts from the page's first line to the end."""
    return {"TotalCount": total, "Counteragents": [counteragent(line) for line in lines], "TotalCountType": "Equal"}


def _box(each: Organisation) -> dict[str, Any]:
    return {
        "BoxId": box_id(each.box),
        "BoxIdGuid": str(uuid.UUID(each.box)),
        "Title": each.name,
        "InvoiceFormatVersion": "v5_02",
        "EncryptedDocumentsAllowed": False,
    }
