"""One declaration per kind of file and version, in our own words.

Adding one to `DECLARATIONS` is all a new version needs.
"""

from __future__ import annotations

from typing import Final

from edo_service.formats.declarations.acceptance_act import ACCEPTANCE_ACT_FIRST, ACCEPTANCE_ACT_SECOND
from edo_service.formats.declarations.construction_contractor import CONSTRUCTION_ACT_CONTRACTOR
from edo_service.formats.declarations.construction_customer import CONSTRUCTION_ACT_CUSTOMER
from edo_service.formats.declarations.correction_93 import CORRECTION_INVOICES
from edo_service.formats.declarations.goods_note import GOODS_NOTE_BUYER, GOODS_NOTE_SELLER
from edo_service.formats.declarations.goods_note_172 import GOODS_NOTE_172_BUYER, GOODS_NOTE_172_SELLER
from edo_service.formats.declarations.invoice_93 import INVOICES
from edo_service.formats.declarations.power_of_attorney import POWER_OF_ATTORNEY
from edo_service.formats.declarations.reconciliation import RECONCILIATION_RECEIVER, RECONCILIATION_SENDER
from edo_service.formats.declarations.service import (
    CORRECTION_NOTICE,
    DISPATCH_CONFIRMATION,
    RECEIPT_CONFIRMATION,
    RECEIPT_NOTICE,
)
from edo_service.formats.declarations.service_old import SERVICE_OLD
from edo_service.formats.declarations.ukd_old import UKD_BUYER_5_01, UKD_SELLER_5_01
from edo_service.formats.declarations.upd_155 import UPD_155_BUYER, UPD_155_SELLER
from edo_service.formats.declarations.upd_501 import UPD_SELLER_5_01
from edo_service.formats.declarations.upd_502 import UPD_BUYER_5_02, UPD_SELLER_5_02
from edo_service.formats.declarations.upd_buyer import UPD_BUYER
from edo_service.formats.declarations.upd_buyer_501 import UPD_BUYER_5_01
from edo_service.formats.declarations.upd_seller import UPD_SELLER
from edo_service.formats.declarations.work_act import WORK_ACT_CONTRACTOR, WORK_ACT_CUSTOMER
from edo_service.formats.declarations.work_act_172 import WORK_ACT_172_CONTRACTOR, WORK_ACT_172_CUSTOMER
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
        UPD_SELLER_5_01,
        UPD_BUYER_5_01,
        UPD_SELLER_5_02,
        UPD_BUYER_5_02,
        RECONCILIATION_SENDER,
        RECONCILIATION_RECEIVER,
        WORK_ACT_CONTRACTOR,
        WORK_ACT_CUSTOMER,
        POWER_OF_ATTORNEY,
        GOODS_NOTE_SELLER,
        GOODS_NOTE_BUYER,
        UKD_SELLER_5_01,
        UKD_BUYER_5_01,
        CONSTRUCTION_ACT_CONTRACTOR,
        CONSTRUCTION_ACT_CUSTOMER,
        ACCEPTANCE_ACT_FIRST,
        ACCEPTANCE_ACT_SECOND,
        UPD_155_SELLER,
        UPD_155_BUYER,
        *INVOICES,
        *CORRECTION_INVOICES,
        GOODS_NOTE_172_SELLER,
        GOODS_NOTE_172_BUYER,
        WORK_ACT_172_CONTRACTOR,
        WORK_ACT_172_CUSTOMER,
    )
}
