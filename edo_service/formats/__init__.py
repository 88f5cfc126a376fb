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
from edo_service.formats.service import (
    CorrectionNotice,
    DispatchConfirmation,
    ReceiptConfirmation,
    ReceiptNotice,
    read_service,
    write_correction_notice,
    write_dispatch_confirmation,
    write_receipt_confirmation,
    write_receipt_notice,
)
from edo_service.formats.upd import UpdSeller, read_upd_seller, write_upd_seller
from edo_service.formats.upd_buyer import UpdBuyer, answer_to, compare_titles, read_upd_buyer, write_upd_buyer
from edo_service.formats.writing import WrittenFile, encode_signature

__all__ = [
    "CheckResult",
    "CorrectionNotice",
    "DispatchConfirmation",
    "FileKind",
    "FileName",
    "Finding",
    "FormatError",
    "ReceiptConfirmation",
    "ReceiptNotice",
    "Suffixes",
    "UpdBuyer",
    "UpdSeller",
    "WrittenFile",
    "answer_to",
    "check",
    "compare_titles",
    "detect",
    "encode_signature",
    "file_id",
    "parse_name",
    "read_service",
    "read_upd_buyer",
    "read_upd_seller",
    "upd_buyer_file_id",
    "upd_seller_file_id",
    "write_correction_notice",
    "write_dispatch_confirmation",
    "write_receipt_confirmation",
    "write_receipt_notice",
    "write_upd_buyer",
    "write_upd_seller",
]
