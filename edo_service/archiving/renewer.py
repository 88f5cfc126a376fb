"""The archive's port `Renewer` by signing: CAdES-A with archive-time-stamp-v3, PAdES-LTA with a document time-stamp."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import archive
import signing


@dataclass(frozen=True)
class Both:
    """Evidence from two sources, the first one's before the other's. A signing.EvidenceSource."""

    first: signing.EvidenceSource
    second: signing.EvidenceSource

    def begin(self) -> None:
        """A verification begins: told to the sources that limit what one costs."""
        for source in (self.first, self.second):
            begin = getattr(source, "begin", None)
            if begin is not None:
                begin()

    def crls(self, certificate: signing.Certificate, issuer: signing.Certificate) -> Sequence[bytes]:
        """CRLs of both."""
        return [*self.first.crls(certificate, issuer), *self.second.crls(certificate, issuer)]

    def ocsp(self, certificate: signing.Certificate, issuer: signing.Certificate) -> Sequence[bytes]:
        """OCSP answers of both."""
        return [*self.first.ocsp(certificate, issuer), *self.second.ocsp(certificate, issuer)]

    def certificates(self, issuer_of: signing.Certificate) -> Sequence[bytes]:
        """Issuers of both."""
        return [*self.first.certificates(issuer_of), *self.second.certificates(issuer_of)]


@dataclass(frozen=True, kw_only=True)
class SigningRenewer:
    """archive.Renewer at the instant `at`. signing.TimestampFailed passes through: the authority is asked again later."""

    timestamper: signing.Timestamper
    trust: signing.TrustStore
    evidence: signing.EvidenceSource
    at: datetime
    policy: signing.Policy

    def ages_at(self, signed: archive.Signed) -> datetime:
        """See archive.Renewer: the newest time-stamp that can be read decides; without one, the end of the signer's certificate."""
        try:
            if signed.form == "pdf":
                for newest in reversed(signing.pdf_timestamps(signed.signature)):
                    with suppress(signing.BadInput, signing.Unsupported):
                        return self._outlook(newest)
                return min(self._end(one.evidence.timestamps, one.signer) for one in self._pdf(signed.signature))
            found = signing.inspect_cms(signed.signature).signers
            ends = [self._end(one.archive_timestamps or one.signature_timestamps, one.certificate) for one in found]
        except signing.SigningError as error:
            raise archive.NotRenewable(str(error)) from error
        if not ends:
            raise archive.NotRenewable("it holds no signature")
        return min(ends)

    def renew(self, signed: archive.Signed) -> archive.Renewed:
        """See archive.Renewer. The last token that was given is the one the whole now rests on."""
        stamps = _Noted(self.timestamper, [])
        about = {"trust": self.trust, "evidence": self.evidence, "at": self.at, "policy": self.policy}
        try:
            if signed.form == "pdf":
                made = signing.extend_pdf(signed.signature, "LTA", timestamper=stamps, **about)  # type: ignore[arg-type]  # the four above
            else:
                made = signing.augment(signed.signature, "A", content=signed.content, timestamper=stamps, **about)  # type: ignore[arg-type]  # the four above
            return archive.Renewed(content=made, ages_at=self._outlook(stamps.given[-1]))
        except signing.TimestampFailed:
            raise
        except signing.SigningError as error:
            raise archive.NotRenewable(str(error)) from error

    def _pdf(self, content: bytes) -> Sequence[signing.SignatureVerdict]:
        report = signing.verify_pdf(content, trust=self.trust, evidence=self.evidence, at=self.at, policy=self.policy)
        if not report.signatures:
            raise archive.NotRenewable("the PDF holds no signature")
        return report.signatures

    def _end(self, tokens: Sequence[bytes], signer: signing.Certificate | None) -> datetime:
        ends = []
        for one in tokens:
            with suppress(signing.BadInput, signing.Unsupported):  # anybody can add one that cannot be read
                ends.append(self._outlook(one))
        if ends:
            return max(ends)
        if signer is None:
            raise archive.NotRenewable("nobody knows who signed")
        return signer.not_after

    def _outlook(self, token: bytes) -> datetime:
        found = signing.timestamp_outlook(
            token, trust=self.trust, evidence=self.evidence, at=self.at, policy=self.policy
        )
        return found.ages_at


@dataclass(frozen=True)
class _Noted:
    """A time-stamper that remembers what it gave."""

    inner: signing.Timestamper
    given: list[bytes]

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        self.given.append(self.inner.timestamp(digest_algorithm, digest))
        return self.given[-1]
