"""NIST PKITS: the name of an end-entity certificate is its verdict under the default inputs of path validation.

Paths, policies, name constraints, CRLs of every kind. The suite is of 2010 and uses SHA-256 and RSA-2048; two of its
certificates use DSA with SHA-1, so the strength of algorithms is left out of the question here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing import Certificate, OfflineEvidence, Policy, TrustStore
from signing._internal.chain import ChainVerdict, judge_chain
from signing._internal.run import Run

AT = datetime(2026, 1, 1, tzinfo=UTC)
WITHOUT_STRENGTH = Policy(digest_until={}, key_until={})
# policy subtests: the verdict under any-policy, no initial explicit policy (PKITS, 4.8 and 4.12.3)
BY_HAND = {
    "AllCertificatesNoPoliciesTest2EE": True,
    "AllCertificatesSamePoliciesTest10EE": True,
    "AllCertificatesSamePoliciesTest13EE": True,
    "AllCertificatesanyPolicyTest11EE": True,
    "AnyPolicyTest14EE": True,
    "CPSPointerQualifierTest20EE": True,
    "DifferentPoliciesTest12EE": False,
    "DifferentPoliciesTest3EE": True,
    "DifferentPoliciesTest4EE": False,
    "DifferentPoliciesTest5EE": False,
    "DifferentPoliciesTest7EE": False,
    "DifferentPoliciesTest8EE": False,
    "DifferentPoliciesTest9EE": False,
    "OverlappingPoliciesTest6EE": True,
    "UserNoticeQualifierTest15EE": True,
    "UserNoticeQualifierTest16EE": True,
    "UserNoticeQualifierTest17EE": True,
    "UserNoticeQualifierTest18EE": True,
    "UserNoticeQualifierTest19EE": True,
    "inhibitAnyPolicyTest3EE": True,
}
# each ends INDETERMINATE, never in a wrong "passed"
NOT_SUPPORTED = {
    "ValidDSAParameterInheritanceTest5EE",  # parameters of a DSA key from its issuer (RFC 3279, 2.3.2)
    "ValidcRLIssuerTest30EE",  # the certificate of the CRL issuer is judged by the very list it signs
}


@dataclass(frozen=True, kw_only=True)
class Suite:
    certificates: dict[str, Certificate]
    evidence: OfflineEvidence

    def judge(self, name: str) -> ChainVerdict:
        trust = TrustStore([self.certificates["TrustAnchorRootCertificate"]], self.certificates.values())
        run = Run(trust=trust, source=self.evidence, at=AT, policy=WITHOUT_STRENGTH)
        return judge_chain(run, self.certificates[name], control=AT, proven=False, role="signer")


@pytest.fixture(scope="module")
def suite(shared_data: Path) -> Suite:
    folder = shared_data / "signatures/corpus/pkits-ocsp/nist_pkits"
    return Suite(
        certificates={path.stem: Certificate.load(path.read_bytes()) for path in (folder / "certs").glob("*.crt")},
        evidence=OfflineEvidence(crls=[path.read_bytes() for path in (folder / "crls").glob("*.crl")]),
    )


def expected(name: str) -> bool | None:
    if name.startswith(("Valid", "Invalid")):
        return name.startswith("Valid")
    return BY_HAND.get(name)


def test_every_name_is_the_verdict(suite: Suite, record_property: pytest.RecordProperty) -> None:
    ends = sorted(name for name in suite.certificates if name.endswith("EE"))
    assert [name for name in ends if expected(name) is None] == []
    wrong = {}
    for name in ends:
        found = suite.judge(name).findings
        if found.fine != expected(name):
            wrong[name] = [(one.name, one.text_ru) for one in found.checks if one.outcome != "passed"]
    record_property("pkits", {"certificates": len(ends), "not_supported": len(wrong)})
    assert len(ends) > 200
    assert set(wrong) == NOT_SUPPORTED, wrong
    assert len(NOT_SUPPORTED) <= 5
