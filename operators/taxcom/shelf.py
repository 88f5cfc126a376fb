"""Containers that have been read lately: the content of a document never changes, so it need not be fetched again."""

import threading
from collections import OrderedDict

from operators.taxcom.container import Docflow

BYTES, DOCFLOWS = 16 * 1024 * 1024, 200


class Shelf:
    """Keeps the latest docflows, at most 16 MB of files; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], tuple[Docflow, int]] = OrderedDict()
        self._bytes = 0

    def put(self, box: str, docflow: Docflow) -> None:
        """Keep a docflow instead of its older self."""
        size = sum(
            sum(map(len, part.signatures)) + (0 if part.file is None else len(part.file.content))
            for part in docflow.parts
        )
        with self._lock:
            _, before = self._kept.pop((box, docflow.id.lower()), (None, 0))
            self._bytes -= before
            if size > BYTES:
                return
            self._kept[box, docflow.id.lower()] = (docflow, size)
            self._bytes += size
            while self._bytes > BYTES or len(self._kept) > DOCFLOWS:
                _, (_, dropped) = self._kept.popitem(last=False)
                self._bytes -= dropped

    def get(self, box: str, docflow_id: str) -> Docflow | None:
        """The docflow as it was read last."""
        with self._lock:
            found = self._kept.get((box, docflow_id.lower()))
            return None if found is None else found[0]
