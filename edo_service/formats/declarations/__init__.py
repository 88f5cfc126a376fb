"""One declaration per kind of file and version, in our own words.

Adding one to `DECLARATIONS` is all a new version needs.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.service import (
    CORRECTION_NOTICE,
    DISPATCH_CONFIRMATION,
    RECEIPT_CONFIRMATION,
    RECEIPT_NOTICE,
)
from edo_service.formats.declarations.service_old import SERVICE_OLD
from edo_service.formats.declarations.upd_buyer import UPD_BUYER
from edo_service.formats.declarations.upd_seller import UPD_SELLER
from edo_service.formats.engine.model import Declaration

DECLARATIONS: Final[dict[tuple[str, str], Declaration]] = {
    (declaration.code, declaration.version): declaration
    for declaration in (
        UPD_SELLER,
        UPD_BUYER,
        RECEIPT_NOTICE,
        RECEIPT_CONFIRMATION,
        DISPATCH_CONFIRMATION,
        CORRECTION_NOTICE,
        *SERVICE_OLD,
    )
}
