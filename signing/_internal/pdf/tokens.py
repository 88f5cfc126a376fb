"""The document time-stamps of a PDF as they stand in it (ETSI EN 319 142-1, 5.4.3)."""

from __future__ import annotations

from contextlib import suppress

from signing._internal import der
from signing._internal.errors import BadInput
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import find_signatures

_TIMESTAMP = "ETSI.RFC3161"


def pdf_timestamps(pdf: bytes) -> tuple[bytes, ...]:
    """The tokens (DER), the oldest first; nothing is judged, `verify_pdf` does that. BadInput when the file is no PDF.

    What stands in place of one and is no DER is left out.
    """
    try:
        found = find_signatures(Document(pdf))
    except RecursionError as error:
        raise BadInput("the PDF is nested too deeply", "pdf") from error
    stamps = sorted((one for one in found if one.format == _TIMESTAMP), key=lambda one: one.end)
    tokens = []
    for one in stamps:
        with suppress(BadInput):
            tokens.append(der.read(one.contents).raw)
    return tuple(tokens)
