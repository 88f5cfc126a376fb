"""The seller's titles that are exchanged: УПД and УКД, told apart by their own bytes."""

from edo_service import formats
from edo_service.documents.rules import Kind
from edo_service.formats.ukd_titles import UkdReply, UkdTitle, is_ukd, read_ukd_reply, read_ukd_title
from edo_service.formats.upd import UpdSeller
from edo_service.formats.upd_buyer import UpdBuyer

SellerTitle = UpdSeller | UkdTitle
BuyerTitle = UpdBuyer | UkdReply


def read_title(content: bytes) -> SellerTitle:
    """A seller's title. Raises FormatError for a file of another kind, or one that its reader refuses."""
    return read_ukd_title(content) if is_ukd(content) else formats.read_upd_seller(content)


def read_answer(content: bytes) -> BuyerTitle:
    """A buyer's title. Raises FormatError as `read_title` does."""
    kind = formats.detect(content)
    is_reply = kind is not None and kind.code == "ukd_buyer"
    return read_ukd_reply(content) if is_reply else formats.read_upd_buyer(content)


def kind_of(title: SellerTitle) -> Kind:
    """Which kind of document a title opens."""
    return Kind.UKD if isinstance(title, UkdTitle) else Kind.UPD
