"""View models of the keys' page; the templates lie in `templates/` beside."""

from dataclasses import dataclass
from datetime import date

from edo_service.web.views import Status


@dataclass(frozen=True, kw_only=True)
class KeyRow:
    """A signing key with its certificate. `holder` is the person or the organisation; `place` where the key is kept."""

    id: str
    holder: str
    purpose: str
    place: str
    algorithm: str
    serial: str
    issuer: str
    valid_from: date
    valid_until: date
    status: Status
    certificate_url: str = ""
    users: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KeysPage:
    """«Ключи и сертификаты» of one organisation."""

    organization: str
    rows: tuple[KeyRow, ...]
    organization_url: str
