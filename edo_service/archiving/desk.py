"""What the hand-over and the export need from outside, given by bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import archive
import signing
from edo_service.kernel.clock import Clock
from edo_service.kernel.objects import ObjectStore
from edo_service.trust.judge import Judgement


@dataclass(frozen=True, kw_only=True)
class ManifestSigner:
    """The organisation's automatic key, opened for signing manifests."""

    key: signing.PrivateKey
    certificate: signing.Certificate
    chain: tuple[signing.Certificate, ...]


def _no_evidence(_package_id: UUID, _owner_id: UUID) -> bytes:
    return b""


def _no_verdict(_content: bytes, _signature: bytes) -> Judgement | None:
    return None


@dataclass(frozen=True, kw_only=True)
class ArchiveDesk:
    """The WORM store, digests, the timestamper, the working objects and the printing of forms.

    `manifest_signer` opens the automatic key of an owner; `trust_pem` gives the anchors that an export carries,
    `chain_pem` the CA certificates below them, `evidence_record` the RFC 4998 record of a package of an owner (empty while
    it stands under no root). `judge` judges a detached signature as of now (None: the bytes hold none).
    """

    store: archive.Store
    digests: archive.Digests
    timestamper: signing.Timestamper
    objects: ObjectStore
    clock: Clock
    print_form: Callable[..., bytes]
    manifest_signer: Callable[[UUID], ManifestSigner]
    trust_pem: Callable[[], bytes]
    chain_pem: Callable[[], bytes]
    evidence_record: Callable[[UUID, UUID], bytes] = _no_evidence
    judge: Callable[[bytes, bytes], Judgement | None] = _no_verdict

    def sign_manifest(self, manifest: bytes, owner_id: UUID) -> bytes:
        """Detached ГОСТ CAdES-T over the manifest's bytes. DER."""
        signer = self.manifest_signer(owner_id)
        return signing.sign_cades(
            manifest,
            key=signer.key,
            certificate=signer.certificate,
            chain=signer.chain,
            signing_time=self.clock.now(),
            timestamper=self.timestamper,
        )

    def stamp(self, content: bytes) -> bytes:
        """RFC 3161 token over the content (Streebog-256). DER."""
        return self.timestamper.timestamp("streebog256", signing.digest("streebog256", content))

    def now(self) -> datetime:
        """The present, aware UTC."""
        return self.clock.now()
