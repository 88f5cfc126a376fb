"""A small PKI for the tests of signing: a root, an issuing authority, a signer, a time-stamping authority."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import pytest

from signing import OfflineEvidence, Policy, Report, TrustStore, verify
from signing._internal import oids
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.maker import NOW, Holder, Tsa, extended_key_usage, key_usage, make_root


@dataclass(kw_only=True)
class World:
    """Everything that a verification needs, ready to be changed by a test."""

    root: Holder
    issuing: Holder
    signer: Holder
    tsa: Tsa
    evidence: OfflineEvidence = field(init=False)

    def __post_init__(self) -> None:
        self.refresh()

    def refresh(self, at: datetime = NOW) -> None:
        """Publish new CRLs."""
        self.evidence = OfflineEvidence(crls=[self.root.crl(at=at), self.issuing.crl(at=at)])

    @property
    def trust(self) -> TrustStore:
        return TrustStore([self.root.certificate], [self.issuing.certificate])

    def verify(
        self,
        content: bytes | None,
        signature: bytes,
        *,
        at: datetime = NOW,
        evidence: OfflineEvidence | None = None,
        policy: Policy = DEFAULT_POLICY,
    ) -> Report:
        chosen = self.evidence if evidence is None else evidence
        return verify(content, signature, trust=self.trust, evidence=chosen, at=at, policy=policy)


def build_world(spec: str = "gost2012_256:XA") -> World:
    root = make_root(spec=spec)
    issuing = root.authority("Тестовый УЦ", spec=spec)
    stamping = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]
    return World(
        root=root,
        issuing=issuing,
        signer=issuing.issue("Иванов Иван", spec=spec),
        tsa=Tsa(holder=issuing.issue("Служба времени", spec=spec, extensions=stamping)),
    )


@lru_cache
def shared_world(spec: str) -> World:
    """A world that no test changes: RSA keys take long to make."""
    return build_world(spec)


@pytest.fixture
def world() -> World:
    """A ГОСТ world."""
    return build_world()


def failing(report: Report, index: int = 0) -> set[str]:
    """Names of the checks that did not hold."""
    return {one.name for one in report.signatures[index].checks if one.outcome in {"failed", "indeterminate"}}
