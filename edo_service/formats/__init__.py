"""Exchange files of ФНС: УПД 5.03 and its service documents are detected, checked, read, written and printed.

One declaration per kind and version (`declarations`) drives everything (`engine`). Importing this package costs lxml
only; the printing functions import WeasyPrint when called.
"""

from __future__ import annotations

from edo_service.formats.checking import check, detect
from edo_service.formats.errors import FormatError
from edo_service.formats.findings import CheckResult, Finding
from edo_service.formats.kinds import FileKind
from edo_service.formats.names import FileName, Suffixes, file_id, parse_name, upd_buyer_file_id, upd_seller_file_id

__all__ = [
    "CheckResult",
    "FileKind",
    "FileName",
    "Finding",
    "FormatError",
    "Suffixes",
    "check",
    "detect",
    "file_id",
    "parse_name",
    "upd_buyer_file_id",
    "upd_seller_file_id",
]
