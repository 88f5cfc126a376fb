"""Diadoc's shelf: large content is uploaded by parts and named in the request instead of lying in it."""

from collections.abc import Mapping

from operators.diadoc import actions
from operators.diadoc.client import DiadocClient

SHELF_PART = 512 * 1024


class Shelf:
    """Carries content inline or over the shelf under a name made of the operation's key, so a repeat overwrites it."""

    def __init__(self, client: DiadocClient, key: str) -> None:
        self._client = client
        self._name = f"__userId__/{key}"

    def carry(self, content: bytes) -> Mapping[str, str]:
        """Return the fields of SignedContent that carry `content`."""
        if len(content) <= actions.SHELF_FROM:
            return {"Content": actions.encoded(content)}
        starts = range(0, len(content), SHELF_PART)
        for index, start in enumerate(starts):
            params = {
                "nameOnShelf": self._name,
                "partIndex": str(index),
                "isLastPart": "1" if index == len(starts) - 1 else "0",
            }
            self._client.post_bytes("/ShelfUpload", params, content[start : start + SHELF_PART])
        return {"NameOnShelf": self._name}
