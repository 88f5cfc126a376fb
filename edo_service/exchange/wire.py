"""Events as they rest in the inbox: plain JSON, so that a job may be carried out years of code later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from operators import port


def event_to_json(event: port.Event) -> dict[str, object]:
    """Every field of the event; times as ISO 8601 UTC, kinds by name."""
    return {
        "id": event.id,
        "cursor": event.cursor,
        "at": event.at.isoformat(),
        "box": event.box,
        "message_id": event.message_id,
        "from_box": event.from_box,
        "to_box": event.to_box,
        "entities": [_entity_to_json(entity) for entity in event.entities],
    }


def event_from_json(data: Mapping[str, Any]) -> port.Event:
    """The inverse of event_to_json."""
    return port.Event(
        id=data["id"],
        cursor=data["cursor"],
        at=datetime.fromisoformat(data["at"]),
        box=data["box"],
        message_id=data["message_id"],
        from_box=data["from_box"],
        to_box=data["to_box"],
        entities=tuple(_entity_from_json(item) for item in data["entities"]),
    )


def _entity_to_json(entity: port.Entity) -> dict[str, object]:
    return {
        "box": entity.ref.box,
        "message_id": entity.ref.message_id,
        "entity_id": entity.ref.entity_id,
        "parent_id": entity.parent_id,
        "kind": entity.kind.value,
        "file_name": entity.file_name,
        "own_id": entity.own_id,
        "function": entity.function,
        "raw_type": entity.raw_type,
        "needs_answer": entity.needs_answer,
        "created_at": entity.created_at.isoformat() if entity.created_at else None,
        "signed_by": entity.signed_by,
        "power": None if entity.power is None else _power_to_json(entity.power),
    }


def _entity_from_json(data: Mapping[str, Any]) -> port.Entity:
    return port.Entity(
        ref=port.EntityRef(box=data["box"], message_id=data["message_id"], entity_id=data["entity_id"]),
        parent_id=data["parent_id"],
        kind=port.EntityKind(data["kind"]),
        file_name=data["file_name"],
        own_id=data["own_id"],
        function=data["function"],
        raw_type=data["raw_type"],
        needs_answer=data["needs_answer"],
        created_at=datetime.fromisoformat(data["created_at"]) if data["created_at"] else None,
        signed_by=data["signed_by"],
        power=_power_from_json(data["power"]) if data.get("power") else None,
    )


def _power_to_json(power: port.PowerRef) -> dict[str, str | None]:
    return {"number": power.number, "issuer": power.issuer_inn, "representative": power.representative_inn}


def _power_from_json(data: Mapping[str, Any]) -> port.PowerRef:
    return port.PowerRef(number=data["number"], issuer_inn=data["issuer"], representative_inn=data["representative"])
