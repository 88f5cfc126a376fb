"""What raising a signature needs: the inputs of the work, and evidence about a signer that holds now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from signing._internal import assemble, digests, oids
from signing._internal.chain import judge_chain
from signing._internal.cms import SignedData, SignerInfo
from signing._internal.errors import BadInput
from signing._internal.evidence import EvidenceSource
from signing._internal.existence import Existence, prove_existence
from signing._internal.imprints import Stamped
from signing._internal.path import Path
from signing._internal.policy import Policy
from signing._internal.run import Run
from signing._internal.sign import Timestamper
from signing._internal.signer import Content, examine_signer
from signing._internal.timestamps import add_embedded, merge_evidence
from signing._internal.trust import TrustStore
from signing._internal.verdict import Evidence, Findings

_MAX_NESTING = 3


@dataclass(frozen=True, kw_only=True)
class Job:
    """The inputs of one augmentation."""

    trust: TrustStore
    evidence: EvidenceSource
    at: datetime
    policy: Policy
    timestamper: Timestamper
    content: bytes | None

    def run(self, signed: SignedData) -> Run:
        """A verification that knows what the file carries."""
        run = Run(trust=self.trust, source=self.evidence, at=self.at, policy=self.policy)
        add_embedded(run, signed, signed.signers)
        return run

    def stamp(self, signer: SignerInfo, data: bytes) -> bytes:
        """A time-stamp token over the data, with the signer's hash function unless that is weak."""
        name = assemble.strong_digest_of(signer)
        return self.timestamper.timestamp(name, digests.digest(name, data))

    def content_of(self, signed: SignedData) -> Content:
        """What was signed: from inside the file, or as given."""
        return Content(self.content if signed.content is None else signed.content)


def evidence_of(job: Job, run: Run, signed: SignedData, signer: SignerInfo) -> tuple[Path, Evidence]:
    """The signer's path, and evidence about it and about every time-stamp that proves the signature; BadInput."""
    content = job.content_of(signed)
    examined = examine_signer(run, signer, content, content_type=signed.content_type)
    certificate = examined.certificate
    detached = content.data is None and examined.findings.sub_indication == "SIGNED_DATA_NOT_FOUND"
    if certificate is None or not (examined.findings.fine or detached):
        raise BadInput("the signature does not hold", examined.findings.sub_indication or "")
    existence = prove_existence(run, Stamped(signed=signed, signer=signer, content=content), Findings())
    if not existence.proven:
        raise BadInput("no time-stamp in the file can be proven now")
    chain = judge_chain(run, certificate, control=existence.best, proven=True, role="signer")
    if not chain.findings.fine:
        raise BadInput("the signer's certificate cannot be proven now", chain.findings.sub_indication or "")
    counters = _counters(run, signed, signer, existence)
    return chain.path, merge_evidence(chain.evidence, existence.evidence, *counters)


def _counters(
    run: Run,
    signed: SignedData,
    signer: SignerInfo,
    existence: Existence,
    *,
    existed: datetime | None = None,
    nesting: int = 0,
) -> Iterator[Evidence]:
    """Evidence about those who counter-signed, as deep as the verifier looks; `existed`: when the signer did, if proven."""
    found = [one for one in signer.unsigned_attributes if one.oid == oids.COUNTER_SIGNATURE]
    for attribute in found if nesting < _MAX_NESTING else ():
        sealed = min(filter(None, (existed, existence.existed(attribute))), default=None)
        for value in attribute.values:
            yield _evidence_of_counter(run, signed, signer, SignerInfo(value), existed=sealed, nesting=nesting)


def _evidence_of_counter(
    run: Run, signed: SignedData, over: SignerInfo, signer: SignerInfo, *, existed: datetime | None, nesting: int
) -> Evidence:
    """Evidence about one who counter-signed, and about those who counter-signed him; BadInput."""
    content = Content(over.signature)
    examined = examine_signer(run, signer, content, content_type=None)
    if examined.certificate is None or not examined.findings.fine:
        raise BadInput("a counter-signature does not hold", examined.findings.sub_indication or "")
    stamped = Stamped(signed=signed, signer=signer, content=content)
    existence = prove_existence(run, stamped, Findings(), existed=existed)
    control = existence.best
    chain = judge_chain(run, examined.certificate, control=control, proven=existence.proven, role="signer")
    if not chain.findings.fine:
        raise BadInput("a counter-signer's certificate cannot be proven now", chain.findings.sub_indication or "")
    counters = _counters(run, signed, signer, existence, existed=existed, nesting=nesting + 1)
    return merge_evidence(chain.evidence, existence.evidence, *counters)
