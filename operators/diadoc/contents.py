"""Bytes of entities: each by a call of its own, or several of one message with the message itself."""

from collections.abc import Mapping, Sequence

from operators.diadoc import reading
from operators.diadoc.client import DiadocClient
from operators.port import EntityRef

WORTH = 3
"""From so many files of one message on, the message is read with its contents: fewer calls, though more may come along."""


class DiadocContents:
    """The part of the port that is about bytes, over an adapter's client."""

    _client: DiadocClient

    def content(self, ref: EntityRef) -> bytes:
        """Fetch an entity's bytes (`V4/GetEntityContent`)."""
        params = {"boxId": ref.box, "messageId": ref.message_id, "entityId": ref.entity_id}
        return self._client.get("/V4/GetEntityContent", params).content

    def contents(self, refs: Sequence[EntityRef]) -> Mapping[EntityRef, bytes]:
        """Fetch the bytes of several entities (`V6/GetMessage`, which holds files of up to 1 MiB, else one by one)."""
        messages: dict[tuple[str, str], dict[str, EntityRef]] = {}
        for ref in refs:
            messages.setdefault((ref.box, ref.message_id), {})[ref.entity_id] = ref
        found: dict[EntityRef, bytes] = {}
        for (box, message_id), wanted in messages.items():
            if len(wanted) >= WORTH:
                there = self._with_message(box, message_id)
                found |= {wanted[entity_id]: there[entity_id] for entity_id in wanted if entity_id in there}
        return found | {ref: self.content(ref) for ref in dict.fromkeys(refs) if ref not in found}

    def _with_message(self, box: str, message_id: str) -> Mapping[str, bytes]:
        params = {"boxId": box, "messageId": message_id, "injectEntityContent": "true"}
        return reading.read_contents(self._client.get("/V6/GetMessage", params).json())
