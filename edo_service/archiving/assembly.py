"""Gather a finished set into the parts of a package: files, signatures, evidence, printed form, protocol, events.

Names are those of the exported ZIP. What several signatures share (certificates, revocation answers) stands once.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import archive
import signing
from edo_service import formats
from edo_service.archiving.late import AnnulmentPaper
from edo_service.documents.protocol import write_protocol
from edo_service.documents.queries import Card, PartCard, SignatureCard
from edo_service.documents.rules import Role
from edo_service.documents.stamps import stamps_of
from edo_service.kernel.objects import ObjectStore
from edo_service.powers.queries import PowerCard, UseCard

_EVIDENCE = {"certificates": ("certificate", "cer"), "crls": ("crl", "crl"), "ocsp": ("ocsp", "ocsp")}
_ROLES = {"seller_title": "title", "buyer_title": "title", "contract": "document"}
_FORMAL = {"application/xml"}
_LONGEST = 340
"""Letters of a name that a stranger gave: what is added to it (`.1.sig.value`, `refreshed-1/supplement-1/`) fits 400."""
RESERVED = frozenset({"manifest.json", "manifest.json.sig", "manifest.json.tst", "power-checks.json"})


@dataclass(frozen=True, kw_only=True)
class Gatherer:
    """Reads the bytes of one owner's set. `print_form` turns a ФНС file into PDF/A."""

    objects: ObjectStore
    owner_id: UUID
    print_form: Callable[..., bytes]
    powers: Sequence[PowerCard] = ()
    uses: Sequence[UseCard] = ()

    def gather(self, card: Card, *, answered: Sequence[PartCard] = ()) -> tuple[archive.Part, ...]:
        """All parts of the package but the manifest, in the order of the exchange; `answered`, of the original, come last."""
        printed = self._printed(card)
        return self._collect((*card.parts, *answered), (), (*printed, *self._told(card)))

    def gather_late(
        self, card: Card, *, parts: Sequence[PartCard], annulments: Sequence[AnnulmentPaper]
    ) -> tuple[archive.Part, ...]:
        """Late papers with all that signs them, and the protocol and history of the document as they are by now."""
        return self._collect(parts, annulments, self._told(card))

    def _collect(
        self, files: Sequence[PartCard], annulments: Sequence[AnnulmentPaper], papers: Sequence[archive.Part]
    ) -> tuple[archive.Part, ...]:
        taken = {one.name.casefold() for one in papers} | RESERVED
        parts: dict[str, archive.Part] = {}
        for part in files:
            name = _free_name(part.file_name, taken)
            for item in self._file(part, name):
                parts.setdefault(item.name, item)
        for paper in annulments:
            name = _free_name(paper.name, taken)
            for item in self._annulment(paper, name):
                parts.setdefault(item.name, item)
        for item in self._powers(taken):
            parts.setdefault(item.name, item)
        parts.update((one.name, one) for one in papers)
        return tuple(parts.values())

    def _annulment(self, paper: AnnulmentPaper, name: str) -> Iterator[archive.Part]:
        content = self.objects.get(self.owner_id, paper.sha256)
        yield archive.Part(
            role="service", name=name, media_type="application/xml", content=content, of=None, source=paper.source
        )
        for index, one in enumerate(paper.signatures, start=1):
            cms = self.objects.get(self.owner_id, one.sha256)
            yield from self._cms(name, f"{name}.{index}.sig", cms, source=one.source)

    def _file(self, part: PartCard, name: str) -> Iterator[archive.Part]:
        yield archive.Part(
            role=_ROLES.get(part.role, "service"),
            name=name,
            media_type=part.media_type,
            content=self.objects.get(self.owner_id, part.sha256),
            of=None,
            source=part.origin,
        )
        signed = [row for row in part.signatures if row.sha256]
        for index, row in enumerate(signed, start=1):
            yield from self._signature(name, index, row)

    def _signature(self, name: str, index: int, row: SignatureCard) -> Iterator[archive.Part]:
        cms = self.objects.get(self.owner_id, row.sha256 or "")
        yield from self._cms(name, f"{name}.{index}.sig", cms, source=row.origin)
        yield from self._evidence(row)

    def _powers(self, taken: set[str]) -> Iterator[archive.Part]:
        """Each МЧД that a signature rests on, its principal's signature, and the ten checks as they were."""
        for card in self.powers:
            name = _free_name(card.file.name, taken)
            yield archive.Part(
                role="power",
                name=name,
                media_type="application/xml",
                content=self.objects.get(self.owner_id, card.file_sha256),
                of=None,
                source=card.source,
            )
            cms = self.objects.get(self.owner_id, card.signature_sha256)
            yield from self._cms(name, f"{name}.1.sig", cms, source=card.source)
        if self.uses:
            yield archive.Part(
                role="power_status",
                name="power-checks.json",
                media_type="application/json",
                content=checks_json(self.uses),
                of=None,
                source="edo_service",
            )

    def _cms(self, name: str, signature_name: str, cms: bytes, *, source: str) -> Iterator[archive.Part]:
        yield archive.Part(
            role="signature",
            name=signature_name,
            media_type="application/pkcs7-signature",
            content=cms,
            of=name,
            source=source,
        )
        for signer in _signers(cms):
            value_name = f"{signature_name}.value"
            for token in signer.signature_timestamps[:1]:
                yield archive.Part(
                    role="signature_value",
                    name=value_name,
                    media_type="application/octet-stream",
                    content=signer.signature_value,
                    of=signature_name,
                    source="derived",
                )
                yield archive.Part(
                    role="timestamp",
                    name=f"{signature_name}.tst",
                    media_type="application/timestamp-token",
                    content=token,
                    of=value_name,
                    source="tsa",
                )

    def _evidence(self, row: SignatureCard) -> Iterator[archive.Part]:
        for kind, (role, extension) in _EVIDENCE.items():
            for sha256 in row.evidence.get(kind, ()):
                yield archive.Part(
                    role=role,
                    name=f"{sha256[:20]}.{extension}",
                    media_type="application/octet-stream",
                    content=self.objects.get(self.owner_id, sha256),
                    of=None,
                    source="evidence",
                )

    def _told(self, card: Card) -> Sequence[archive.Part]:
        return [
            _own_paper("protocol", "protocol.pdf", "application/pdf", write_protocol(card)),
            _own_paper("event_log", "events.json", "application/json", events_json(card)),
        ]

    def _printed(self, card: Card) -> Sequence[archive.Part]:
        main = card.main_part
        if main.media_type not in _FORMAL or not formats.detect(self.objects.get(self.owner_id, main.sha256)):
            return []
        buyer = card.part(Role.BUYER_TITLE)
        printed = self.print_form(
            self.objects.get(self.owner_id, main.sha256),
            stamps=stamps_of(card),
            buyer_xml=self.objects.get(self.owner_id, buyer.sha256) if buyer else None,
        )
        return [_own_paper("print_form", "printed-form.pdf", "application/pdf", printed)]


def _own_paper(role: str, name: str, media_type: str, content: bytes) -> archive.Part:
    return archive.Part(role=role, name=name, media_type=media_type, content=content, of=None, source="edo_service")


def _signers(cms: bytes) -> Sequence[signing.SignerDescription]:
    """Signers of a CMS; none of bytes that are no CMS: such a signature is kept with its verdict, as it came."""
    try:
        return signing.inspect_cms(cms).signers
    except signing.SigningError:
        return ()


def _free_name(wanted: str, taken: set[str]) -> str:
    """The file's own name (an exchange file must keep it: it is checked against @ИдФайл), numbered when it is taken.

    Names come from strangers: two files of a set may share one, or have that of a paper of ours. A name also takes what
    is called after it (signatures, values, tokens).
    """
    wanted = wanted[-_LONGEST:]
    name, number = wanted, 1
    while any(_clash(name.casefold(), one) for one in taken):
        number += 1
        name = f"{number}-{wanted}"
    taken.add(name.casefold())
    return name


def _clash(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}.") or other.startswith(f"{one}.")


def events_json(card: Card) -> bytes:
    """History of the document's lives: who moved what and when (UTC)."""
    rows = [
        {"life": row.workflow, "event": row.event, "state": row.state, "by": row.by, "at": row.at.isoformat()}
        for row in card.happenings
    ]
    return json.dumps({"document": str(card.line.id), "events": rows}, ensure_ascii=False, indent=1).encode()


def checks_json(uses: Sequence[UseCard]) -> bytes:
    """What each signature by a power rested on when it was judged: the ten checks with their outcomes and words."""
    rows = [
        {
            "signature": str(use.signature_id),
            "power": use.number,
            "outcome": use.outcome,
            "judged_at": use.judged_at.isoformat(),
            "checks": list(use.checks),
        }
        for use in uses
    ]
    return json.dumps({"uses": rows}, ensure_ascii=False, indent=1).encode()


def fingerprint(content: bytes) -> str:
    """SHA-256 of the bytes, lower-case hex."""
    return hashlib.sha256(content).hexdigest()
