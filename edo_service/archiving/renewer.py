"""The archive's port `Renewer` by signing: CAdES-A with archive-time-stamp-v3, PAdES-LTA with a document time-stamp."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
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

        Those that hold alone decide: one that passes only because a later one covers it falls with that one. Without
        any, the end of the signer's certificate, as for a signature without time-stamps.
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
            knowing = self._knowing(own)
            documents = knowing.by_time(tokens)
            ends = [knowing.end(one, documents) for one in own]
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
            return archive.Renewed(content=made, ages_at=self.look(stamps.given[-1]).ages_at)
        except signing.TimestampFailed:
            raise
        except signing.SigningError as error:
            raise archive.NotRenewable(str(error)) from error

    def _knowing(self, verdicts: Sequence[signing.SignatureVerdict]) -> "_Ends":
        """Who tells how long tokens stand, with what the verification of the whole found inside it."""
        found = [one.evidence for one in verdicts]
        inside = signing.OfflineEvidence(
            crls=[der for one in found for der in one.crls],
            ocsp=[der for one in found for der in one.ocsps],
            certificates=[der for one in found for der in one.certificates],
        )
        return _Ends(replace(self, evidence=Both(inside, self.evidence)).look, self.at)

    def look(self, token: bytes) -> signing.TimestampOutlook:
        """How long a time-stamp stands alone; signing.BadInput, Unsupported when it cannot be read."""
        return signing.timestamp_outlook(
            token, trust=self.trust, evidence=self.evidence, at=self.at, policy=self.policy
        )


@dataclass(frozen=True)
class _Ends:
    """Until when what the time-stamps of a signature prove stands. `at`: now."""

    look: Callable[[bytes], signing.TimestampOutlook]
    at: datetime

    def by_time(self, tokens: Sequence[bytes]) -> Mapping[datetime, Sequence[signing.TimestampOutlook]]:
        """The time of document time-stamps that can be read → how those of that time stand."""
        found: dict[datetime, list[signing.TimestampOutlook]] = {}
        for token in tokens:
            with suppress(signing.BadInput, signing.Unsupported):  # anybody can add one that cannot be read
                outlook = self.look(token)
                found.setdefault(outlook.at, []).append(outlook)
        return found

    def end(
        self, one: signing.SignatureVerdict, documents: Mapping[datetime, Sequence[signing.TimestampOutlook]]
    ) -> datetime:
        """`documents`: of a PDF. A verdict names them by their time: one that shares it with another that fails is left out.

        When none is seen to hold alone, though some passed in the whole, the first that is still to end: rather raised
        too early than never.
        """
        found = [self.look(token) for token in one.evidence.timestamps]
        proving = Counter(at for at in map(_proven_document, one.checks) if at is not None)
        found += [each for at, those in documents.items() if proving[at] == len(those) for each in those]
        ends = [each.ages_at for each in found]
        if ends:
            alone = [each.ages_at for each in found if each.holds]
            return max(alone) if alone else min((end for end in ends if end > self.at), default=max(ends))
        if one.signer is None:
            raise archive.NotRenewable("nobody knows who signed")
        return one.signer.not_after


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
