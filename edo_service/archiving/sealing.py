"""What every sealed collection of parts has: a signed and time-stamped manifest, and bytes in the working store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import archive
from edo_service.archiving.assembly import fingerprint
from edo_service.archiving.desk import ArchiveDesk
from edo_service.documents.queries import Card
from edo_service.kernel.uow import UnitOfWork
from edo_service.powers import queries as powers
from edo_service.powers.queries import PowerCard, UseCard

MANIFEST = "manifest.json"
MANIFEST_SIGNATURE = "manifest.json.sig"
MANIFEST_TIMESTAMP = "manifest.json.tst"
_SEAL_ROLES = {MANIFEST: "manifest", MANIFEST_SIGNATURE: "manifest_signature", MANIFEST_TIMESTAMP: "manifest_timestamp"}


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """A part of a sealed collection whose bytes lie in the working store."""

    role: str
    name: str
    media_type: str
    sha256: str
    size: int
    of: str | None
    source: str


def seal(
    parts: Sequence[archive.Part], *, package_id: UUID, facts: Mapping[str, object], owner: UUID, desk: ArchiveDesk
) -> tuple[str, tuple[Shelved, ...]]:
    """Write, sign and time-stamp the manifest, and shelve all. Returns the manifest's SHA-256 and what lies there.

    Unavailable, signing.TimestampFailed, signing.SigningError, NotFound (no automatic key).
    """
    manifest = archive.build_manifest(
        parts, package_id=str(package_id), facts=facts, digests=desk.digests, created_at=desk.now()
    )
    signature = desk.sign_manifest(manifest, owner)
    sealed = (
        *parts,
        _manifest_part(MANIFEST, manifest, of=None),
        _manifest_part(MANIFEST_SIGNATURE, signature, of=MANIFEST),
        _manifest_part(MANIFEST_TIMESTAMP, desk.stamp(signature), of=MANIFEST_SIGNATURE),
    )
    return fingerprint(manifest), tuple(_shelve(part, owner, desk) for part in sealed)


def powers_of(document_id: UUID, owner: UUID, *, uow: UnitOfWork) -> tuple[list[UseCard], list[PowerCard]]:
    """What the document's signatures rest on: the checks, and every power of the chains, each once."""
    with uow:
        uses = list(powers.uses(uow, document_id).values())
        cards: dict[str, PowerCard] = {}
        wanted = [use.number for use in uses]
        while wanted:
            found = powers.by_number(uow, owner, wanted.pop())
            if found is not None and found.power.number not in cards:
                cards[found.power.number] = found
                wanted += [found.power.previous] if found.power.previous else []
    return uses, list(cards.values())


def _adjustments(card: Card) -> dict[str, object]:
    """What an УКД corrects (`document` only where it is here), and the УКД to a document; nothing for the rest."""
    named = [
        {
            "number": one.number,
            "date": one.dated.isoformat(),
            "revision": one.revision,
            **({"document": str(one.original.id), "title": one.original.title} if one.original else {}),
        }
        for one in card.adjusts
    ]
    later = [{"document": str(one.id), "title": one.title} for one in card.adjusted_by]
    return {**({"adjusts": named} if named else {}), **({"adjusted_by": later} if later else {})}


def facts_of(card: Card) -> dict[str, object]:
    """What a manifest tells of the document."""
    ties = {"corrects": card.corrects, "corrected_by": card.corrected_by}
    return {
        **{name: {"document": str(one.id), "title": one.title} for name, one in ties.items() if one is not None},
        **_adjustments(card),
        "document": str(card.line.id),
        "kind": card.line.kind,
        "function": card.function,
        "number": card.number,
        "date": card.dated.isoformat(),
        "direction": card.line.direction,
        "counterparty": {"name": card.line.counterparty_name, "inn": card.line.counterparty_inn},
        "total": str(card.line.total.rubles) if card.line.total is not None else None,
        "content_sha256": card.content_sha256,
    }


def _manifest_part(name: str, content: bytes, *, of: str | None) -> archive.Part:
    return archive.Part(
        role=_SEAL_ROLES[name],
        name=name,
        media_type="application/octet-stream",
        content=content,
        of=of,
        source="edo_service",
    )


def _shelve(part: archive.Part, owner: UUID, desk: ArchiveDesk) -> Shelved:
    return Shelved(
        role=part.role,
        name=part.name,
        media_type=part.media_type,
        sha256=desk.objects.put(part.content, owner=owner),
        size=len(part.content),
        of=part.of,
        source=part.source,
    )
