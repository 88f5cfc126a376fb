"""Signature stamps for printed forms: who signed, by which certificate, when; as the operators draw them."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from edo_service.documents.queries import Card, SignatureCard

INDICATIONS = {
    "TOTAL-PASSED": "Подпись действительна",
    "INDETERMINATE": "Проверить до конца не удалось",
    "TOTAL-FAILED": "Подпись недействительна",
}

if TYPE_CHECKING:
    from edo_service.formats.printing import Stamp


def stamps_of(card: Card) -> "tuple[Stamp, ...]":
    """One stamp for each signature of the parties; the operator's confirmations have their own forms."""
    return tuple(
        _stamp(row, part.role)
        for part in card.parts
        for row in part.signatures
        if row.sha256 and row.origin != "operator" and part.role in {"seller_title", "buyer_title", "contract"}
    )


def certificate_of(row: SignatureCard) -> Mapping[str, Any]:
    """Facts of the signer's certificate as the verdict kept them; empty when there was none."""
    signatures = (row.verdict or {}).get("signatures") or [{}]
    signer = signatures[0].get("signer")
    return signer if isinstance(signer, dict) else {}


def _stamp(row: SignatureCard, role: str) -> "Stamp":
    from edo_service.formats.printing import Stamp

    certificate = certificate_of(row)
    return Stamp(
        side_ru="Покупатель" if role == "buyer_title" else "Продавец",
        organization=row.signer_organization,
        person=row.signer_name,
        position=str(certificate.get("title") or "") or None,
        certificate=str(certificate.get("serial", "")),
        valid_from=_moment(certificate.get("not_before")),
        valid_until=_moment(certificate.get("not_after")),
        signed_at=row.proved_at or row.signed_at,
        verdict_ru=INDICATIONS.get(row.indication or ""),
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
