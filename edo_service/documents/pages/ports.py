"""What the pages of documents need from outside."""

from dataclasses import dataclass

from edo_service.documents.signing_desk import SigningDesk
from edo_service.documents.use_cases.agree import UkdWire
from edo_service.formats.official import OfficialSchemas
from edo_service.kernel.objects import ObjectStore
from edo_service.keys.use_cases import KeyRoom
from edo_service.portal.pictures import Pictures


@dataclass(frozen=True, kw_only=True)
class DocumentPorts:
    """Objects, the signing desk, the room of keys, the drawer of printed forms; the official schemas, if there are any.

    `ukd`: what the operators do for УКД.
    """

    objects: ObjectStore
    desk: SigningDesk
    keys: KeyRoom
    pictures: Pictures
    official: OfficialSchemas | None = None
    ukd: UkdWire | None = None
