"""The archive's port `Renewer` by signing: CAdES-A with archive-time-stamp-v3, PAdES-LTA with a document time-stamp."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

    def outlook(self, signed: archive.Signed) -> archive.Outlook:
        """See archive.Renewer: every time-stamp is judged with the signature, over the bytes that it covers.

        Those that hold decide; without one, the end of the signer's certificate, as for a signature without time-stamps.
        """
        about = {"trust": self.trust, "evidence": self.evidence, "at": self.at, "policy": self.policy}
        try:
            if signed.form == "pdf":
                found = signing.verify_pdf(signed.signature, **about).signatures  # type: ignore[arg-type]  # the four above
            else:
                found = signing.verify(signed.content, signed.signature, **about).signatures  # type: ignore[arg-type]  # the four above
            own = [one for one in found if one.countersigns is None]
            if not own:
                raise archive.NotRenewable("it holds no signature")
            tokens = signing.pdf_timestamps(signed.signature) if signed.form == "pdf" else ()
            ends = [self._end(one, self._by_time(tokens)) for one in own]
        except signing.SigningError as error:
            raise archive.NotRenewable(str(error)) from error
        return archive.Outlook(ages_at=min(ends), stamps=[stamp for one in own for stamp in _stamps(one)])

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

    def _by_time(self, tokens: Sequence[bytes]) -> Mapping[datetime, Sequence[datetime]]:
        """The time of document time-stamps that can be read → until when those of that time stand."""
        found: dict[datetime, list[datetime]] = {}
        for token in tokens:
            with suppress(signing.BadInput, signing.Unsupported):  # anybody can add one that cannot be read
                outlook = self._look(token)
                found.setdefault(outlook.at, []).append(outlook.ages_at)
        return found

    def _end(self, one: signing.SignatureVerdict, documents: Mapping[datetime, Sequence[datetime]]) -> datetime:
        """`documents`: of a PDF. A verdict names them by their time: one that shares it with another that fails is left out."""
        ends = [self._outlook(token) for token in one.evidence.timestamps]
        proving = Counter(at for at in map(_proven_document, one.checks) if at is not None)
        ends += [end for at, ages in documents.items() if proving[at] == len(ages) for end in ages]
        if ends:
            return max(ends)
        if one.signer is None:
            raise archive.NotRenewable("nobody knows who signed")
        return one.signer.not_after

    def _outlook(self, token: bytes) -> datetime:
        return self._look(token).ages_at

    def _look(self, token: bytes) -> signing.TimestampOutlook:
        return signing.timestamp_outlook(
            token, trust=self.trust, evidence=self.evidence, at=self.at, policy=self.policy
        )


def _proven_document(check: signing.Check) -> datetime | None:
    """The time of a document time-stamp that holds, None for any other check."""
    if check.name != "document_timestamp" or check.outcome != "passed":
        return None
    return datetime.fromisoformat(str(check.data["time"]))


def _stamps(one: signing.SignatureVerdict) -> Iterator[archive.Stamp]:
    """The verdict on each time-stamp, as the verification of the whole tells it."""
    for check in one.checks:
        if not check.name.endswith("_timestamp") or "indication" not in check.data:
            continue
        said, why = check.data.get("time"), check.data.get("sub_indication")
        yield archive.Stamp(
            indication=str(check.data["indication"]),
            sub_indication=None if why is None else str(why),
            at=datetime.fromisoformat(str(said)) if said else None,
        )


@dataclass(frozen=True)
class _Noted:
    """A time-stamper that remembers what it gave."""

    inner: signing.Timestamper
    given: list[bytes]

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        self.given.append(self.inner.timestamp(digest_algorithm, digest))
        return self.given[-1]
