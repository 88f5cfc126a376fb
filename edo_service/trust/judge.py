"""The judge: evidence is fetched and cached first, then `signing.verify` decides. A check by non-certified means: technical.

The verdict is a value (EN 319 102-1); a network that does not answer makes it INDETERMINATE, never an exception.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import signing
from edo_service.kernel.clock import Clock

REVOCATION_UNKNOWN: Final = frozenset({"TRY_LATER", "REVOCATION_OUT_OF_BOUNDS_NO_POE"})
"""Sub-indications of a signature that holds and whose certificate leads to an anchor: nobody could tell of its revocation."""
CERTIFICATE_HOLD: Final = "CERTIFICATE_HOLD"
"""Our word for a certificate that its issuer suspended (RFC 5280, 5.3.1). EN 319 102-1 says TRY_LATER of it as it does of
silence, but somebody did tell: who signs with it is not believed unless the suspension is lifted."""


def leads_to_anchor(indication: str | None, sub_indication: str | None) -> bool:
    """Whether the signature holds and its certificate leads to an anchor, whatever is still to be learnt of revocation.

    `sub_indication` is `Judgement.sub_indication`. Only `REVOCATION_UNKNOWN` says that all the rest held: any other one
    may hide a certificate that anybody made (NO_CERTIFICATE_CHAIN_FOUND), one that a mere client of an authority issued
    (CHAIN_CONSTRAINTS_FAILURE), or a value that could not be checked at all (CRYPTO_CONSTRAINTS_FAILURE_NO_POE).
    """
    return indication == "TOTAL-PASSED" or (indication == "INDETERMINATE" and sub_indication in REVOCATION_UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The whole report, the verdict of the signer that matters, and the DER evidence it rests on."""

    report: signing.Report
    verdict: signing.SignatureVerdict
    judged_at: datetime

    @property
    def passed(self) -> bool:
        """True for TOTAL-PASSED of the whole file only."""
        return self.report.indication == "TOTAL-PASSED"

    @property
    def trusted(self) -> bool:
        """Whether the signer may be taken for who the certificate says (`leads_to_anchor`); says nothing of revocation."""
        return leads_to_anchor(self.report.indication, self.sub_indication)

    @property
    def sub_indication(self) -> str | None:
        """What weighs most of all that was not established; `REVOCATION_UNKNOWN` only when nothing else was left open.

        The verdict names what was found first: of a certificate without a revocation list under a revoked authority that
        is the missing list.
        """
        return next((sub for one in self._open for sub in [_sub(one)] if sub), self.verdict.sub_indication)

    @property
    def awaits_revocation(self) -> bool:
        """Whether only the answer about revocation is missing: it may come later."""
        return self.trusted and not self.passed

    @property
    def doubt(self) -> str:
        """The sentence about what weighs most of all that was not established; empty when nothing was left open."""
        return next((one.text_ru for one in self._open), "")

    @property
    def _open(self) -> list[signing.Check]:
        """Checks that were not passed: those proved bad first, a silent list of revocations last."""
        found = [one for one in self.verdict.checks if one.outcome in {"failed", "indeterminate"}]
        return sorted(found, key=lambda one: (one.outcome != "failed", _sub(one) in REVOCATION_UNKNOWN))

    @property
    def failed(self) -> bool:
        """True when the file is proved bad; INDETERMINATE is neither passed nor failed."""
        return self.report.indication == "TOTAL-FAILED"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Verifies detached signatures against the service's trust anchors.

    `load_trust` is asked each time so that an administrator's new anchor counts at once; it gives the same object
    while nothing changed. `evidence` fetches CRL, OCSP and CA certificates and keeps them. `memory` holds what was
    found out about issuers and chains; by default it is good only as long as `evidence`, asked each time, says the
    same octets and the store of trust is the same, so a revocation or another anchor counts at once.
    """

    load_trust: Callable[[], signing.TrustStore]
    evidence: signing.EvidenceSource
    clock: Clock
    memory: signing.Memory = field(default_factory=lambda: signing.Memory(limit=1024, max_age=timedelta(0)))

    def judge(self, content: bytes, signature: bytes, *, at: datetime | None = None) -> Judgement | None:
        """Judge `signature` over `content`. None when the bytes hold no signature at all (unreadable CMS)."""
        moment = at or self.clock.now()
        trust = self.load_trust()
        report = signing.verify(content, signature, trust=trust, evidence=self.evidence, at=moment, memory=self.memory)
        if not report.signatures:
            return None
        return Judgement(report=report, verdict=_worst(report), judged_at=moment)

    def chain_of(self, certificate: signing.Certificate) -> tuple[signing.Certificate, ...]:
        """CA certificates from the issuer of `certificate` up to, not including, the anchor; for embedding in a CMS."""
        trust = self.load_trust()
        chain: list[signing.Certificate] = []
        current = certificate
        for _ in range(8):
            issuer = next((ca for ca in trust.intermediates if ca.subject == current.issuer), None)
            if issuer is None or issuer in chain:
                break
            chain.append(issuer)
            current = issuer
        return tuple(chain)


def _sub(check: signing.Check) -> str:
    if check.data.get("reason") == "certificate_hold":
        return CERTIFICATE_HOLD
    return str(check.data.get("sub_indication") or "")


def _worst(report: signing.Report) -> signing.SignatureVerdict:
    order = {"TOTAL-FAILED": 0, "INDETERMINATE": 1, "TOTAL-PASSED": 2}
    return min(report.signatures, key=lambda verdict: order[verdict.indication])
