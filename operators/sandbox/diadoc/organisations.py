"""Organisation, Box, Counteragent in Diadoc's JSON."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from operators.sandbox.exchange.rows import Organisation
from operators.sandbox.exchange.standing import Change, RelationLine, RelationNews

Json: TypeAlias = Mapping[str, Any]

CHANGES: Mapping[Change, tuple[str, ...]] = {
    Change.WE_INVITED: ("IInvitedCounteragent",),
    Change.THEY_INVITED: ("CounteragentInvitedMe",),
    Change.WE_ACCEPTED: ("IAcceptedInvitation",),
    Change.THEY_ACCEPTED: ("CounteragentAcceptedInvitation",),
    Change.WE_REJECTED: ("IRejectedInvitation",),
    Change.THEY_REJECTED: ("CounteragentRejectedInvitation",),
    Change.WE_WITHDREW: ("IWithdrewInvitation",),
    Change.THEY_WITHDREW: ("CounteragentWithdrewInvitation",),
    Change.WE_BROKE: ("IBrokeUpWithCounteragent",),
    Change.THEY_BROKE: ("CounteragentBrokeUpWithMe",),
    Change.MADE: ("IMadeCounteragent", "CounteragentMadeMe"),
}
"""What happened -> CounteragentEventType."""


def box_id(box: str) -> str:
    """Write a box id as Diadoc does."""
    return f"{box}@diadoc.ru"


def organization(each: Organisation, *, home: str, with_boxes: bool = True) -> dict[str, Any]:
    """Organization with its one box; `home`: the code of the operator that answers."""
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
        "IsRoaming": each.operator not in {"", home},
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


def organization_list(found: Sequence[Organisation], *, home: str) -> Json:
    """OrganizationList."""
    return {"Organizations": [organization(each, home=home) for each in found]}


def box(each: Organisation, *, home: str) -> Json:
    """Box with its organisation."""
    return {**_box(each), "Organization": organization(each, home=home, with_boxes=False)}


def counteragent(line: RelationLine, *, home: str) -> Json:
    """Counteragent."""
    value: dict[str, Any] = {
        "IndexKey": line.index_key,
        "Organization": organization(line.organisation, home=home),
        "CurrentStatus": line.standing.value,
        "LastEventTimestampTicks": line.changed_at,
    }
    if line.text_in is not None:
        value["MessageFromCounteragent"] = line.text_in
    if line.text_out is not None:
        value["MessageToCounteragent"] = line.text_out
    if line.message_id is not None:
        value["InvitationDocumentId"] = {"MessageId": line.message_id, "EntityId": line.entity_id}
    return value


def counteragent_list(lines: Sequence[RelationLine], total: int, *, home: str) -> Json:
    """CounteragentList; `total` counts from the page's first line to the end."""
    shown = [counteragent(line, home=home) for line in lines]
    return {"TotalCount": total, "Counteragents": shown, "TotalCountType": "Equal"}


def counteragent_events(news: Sequence[RelationNews], total: int) -> Json:
    """BoxCounteragentEventList; `total` counts from the page's first line to the end."""
    return {"Events": [_news(line) for line in news], "TotalCount": total, "TotalCountType": "Equal"}


def _news(line: RelationNews) -> Json:
    about: dict[str, Any] = {
        "CounteragentBoxId": box_id(line.organisation.box),
        "Status": line.standing.value,
        "EventTimestampTicks": line.at,
    }
    if line.words is not None:
        about["LastEventComment"] = line.words
    return {
        "EventId": line.id,
        "Counteragent": about,
        "IndexKey": line.index_key,
        "EventTypes": list(CHANGES[line.change]),
    }


def _box(each: Organisation) -> dict[str, Any]:
    return {
        "BoxId": box_id(each.box),
        "BoxIdGuid": str(uuid.UUID(each.box)),
        "Title": each.name,
        "InvoiceFormatVersion": "v5_02",
        "EncryptedDocumentsAllowed": False,
    }
