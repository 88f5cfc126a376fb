"""The stage of the attack suite: the declared demo PKI with all its keys, and a table of named attacks.

An attack is a function that builds a file (and evidence) and gives the report on it. It is registered with the verdict
that it must get: indication, sub-indication, and the names of all checks that do not hold, so that a file refused for
another reason fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

from signing import OfflineEvidence, Policy, Report, TrustStore, sign_cades, verify
from signing._internal import der, oids
from signing._internal.policy import DEFAULT_POLICY
from signing.pki import Pki, build, load_declaration
from tests.signing.maker import (
    NOW,
    YEAR,
    Extension,
    Holder,
    Tsa,
    basic_constraints,
    key_usage,
    make_signer,
    usual_attributes,
    wrap,
)

CONTENT = b"genuine content"
DAY = timedelta(days=1)
DECLARATION = Path(__file__).parents[2] / "edo_service/demo/pki.toml"
PASSED, UNDECIDED, FAILED = "TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED"
CHAIN = (UNDECIDED, "CHAIN_CONSTRAINTS_FAILURE")
GENERAL = (UNDECIDED, "CERTIFICATE_CHAIN_GENERAL_FAILURE")
NO_CHAIN = (UNDECIDED, "NO_CERTIFICATE_CHAIN_FOUND")
MAY_SIGN = key_usage("digital_signature", "non_repudiation")
AUTHORITY = (basic_constraints(authority=True), key_usage("key_cert_sign", "crl_sign"))


@cache
def declared() -> Pki:
    """The demo PKI, built once for the process; its revocations are never used, each stage has its own."""
    return build(load_declaration(DECLARATION), now=NOW, host="pki.demo.test")


def holder(name: str) -> Holder:
    entity = declared().entity(name)
    return Holder(key=entity.key, certificate=entity.certificate, chain=entity.chain)


@dataclass(kw_only=True)
class Stage:
    """Holders of the declared PKI, fresh for each attack."""

    root: Holder = field(default_factory=lambda: holder("root"))
    issuing: Holder = field(default_factory=lambda: holder("issuing"))
    signer: Holder = field(default_factory=lambda: holder("lessor_person"))
    other: Holder = field(default_factory=lambda: holder("client_one_person"))
    tsa: Tsa = field(default_factory=lambda: Tsa(holder=holder("tsa")))

    @property
    def trust(self) -> TrustStore:
        return TrustStore([self.root.certificate], [self.issuing.certificate])

    def lists(self, *more: Holder) -> list[bytes]:
        """Fresh CRLs of the authorities and of `more`."""
        return [authority.crl(at=NOW) for authority in (self.root, self.issuing, *more)]

    def judge(
        self,
        content: bytes | None,
        cms: bytes,
        *,
        crls: Sequence[bytes] | None = None,
        ocsp: Sequence[bytes] = (),
        at: timedelta = timedelta(),
        policy: Policy = DEFAULT_POLICY,
    ) -> Report:
        evidence = OfflineEvidence(crls=self.lists() if crls is None else crls, ocsp=ocsp)
        return verify(content, cms, trust=self.trust, evidence=evidence, at=NOW + at, policy=policy)

    def attributes(self, **changed: bytes | None) -> list[bytes]:
        """The usual signed attributes of the signer, some replaced by name or, with None, left out."""
        usual: Mapping[str, bytes | None] = {**usual_attributes(self.signer, CONTENT), **changed}
        return [encoded for encoded in usual.values() if encoded is not None]

    def attached(
        self, attributes: Sequence[bytes] | None, *, algorithms: tuple[bytes, bytes] | None = None, **options: str
    ) -> bytes:
        """An attached CMS by the signer with these attributes."""
        info = make_signer(self.signer, CONTENT, attributes=attributes, algorithms=algorithms)
        return wrap([info], CONTENT, certificates=[self.signer.certificate.der], **options)  # type: ignore[arg-type]  # content_type only

    def signed(self, who: Holder | None = None, *, chain: Sequence[Holder] = (), stamped: bool = False) -> bytes:
        """A genuine detached signature over CONTENT, with the certificates of `chain` in it."""
        who = who or self.signer
        return sign_cades(
            CONTENT,
            key=who.key,
            certificate=who.certificate,
            chain=[one.certificate for one in chain],
            signing_time=NOW,
            timestamper=self.tsa if stamped else None,
        )


def below(stage: Stage, *extensions: Extension) -> Holder:
    """An authority under the declared root with these extensions."""
    return stage.root.issue("Проверочный УЦ", extensions=extensions, not_after=NOW + 5 * YEAR)


def judged(stage: Stage, signer: Holder, *authorities: Holder) -> Report:
    """The report on a genuine signature whose certificate stands under these authorities."""
    return stage.judge(CONTENT, stage.signed(signer, chain=authorities), crls=stage.lists(*authorities))


def under(
    stage: Stage, *extensions: Extension, leaf: tuple[Extension, ...] = (MAY_SIGN,), name: str = "Иванов"
) -> Report:
    """A signer under an authority that has these extensions besides the usual ones."""
    authority = below(stage, *AUTHORITY, *extensions)
    return judged(stage, authority.issue(name, extensions=leaf), authority)


Builder = Callable[[Stage], Report]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """A named attack and the verdict that it must get; `checks` are all that do not hold."""

    name: str
    build: Builder
    indication: str
    sub_indication: str
    checks: frozenset[str]

    def __str__(self) -> str:
        return self.name


class Table:
    """The attacks of one group, by name."""

    def __init__(self) -> None:
        self.attacks: list[Attack] = []

    def __call__(self, indication: str, sub_indication: str, *checks: str) -> Callable[[Builder], Builder]:
        """Register the decorated function under its own name."""

        def keep(build: Builder) -> Builder:
            self.add(build.__name__.replace("_", " "), build, (indication, sub_indication, *checks))
            return build

        return keep

    def add(self, name: str, build: Builder, wanted: tuple[str, ...]) -> None:
        assert name not in {one.name for one in self.attacks}, f"two attacks are called {name}"
        indication, sub_indication, *checks = wanted
        self.attacks.append(
            Attack(
                name=name,
                build=build,
                indication=indication,
                sub_indication=sub_indication,
                checks=frozenset(checks),
            )
        )


def refused(report: Report) -> frozenset[str]:
    """Names of the checks that did not hold, of all signatures."""
    checks = [one for signature in report.signatures for one in signature.checks]
    return frozenset(one.name for one in checks if one.outcome in {"failed", "indeterminate"})


def assert_refused(attack: Attack, stage: Stage) -> None:
    """The file gets exactly the verdict that it must get, for the reason for which it must."""
    report = attack.build(stage)
    told = [(one.name, one.text_ru) for item in report.signatures for one in item.checks if one.outcome != "passed"]
    assert (report.indication, report.sub_indication) == (attack.indication, attack.sub_indication), told
    assert refused(report) == attack.checks, told
    for signature in report.signatures:
        for one in signature.checks:
            if one.outcome in {"failed", "indeterminate"}:
                assert one.text_ru, "a refusal is explained"
                assert "sub_indication" in one.data


def replaced_signer(cms: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The same CMS with the members of its first SignerInfo changed."""
    content_type, wrapped = der.read(cms).children()
    parts = wrapped.inner().children()
    members = change([child.raw for child in parts[-1].children()[0].children()])
    signed = der.sequence(*(part.raw for part in parts[:-1]), der.tlv(der.SET, der.sequence(*members)))
    return der.sequence(content_type.raw, der.explicit(0, signed))


def with_value(cms: bytes, signature: bytes) -> bytes:
    """The same CMS with another signature value."""
    return replaced_signer(cms, lambda members: [*members[:5], der.octet_string(signature), *members[6:]])


def value_of(cms: bytes) -> bytes:
    return der.read(cms).children()[1].inner().children()[-1].children()[0].children()[5].value


NO_CHECK = (oids.OCSP_NO_CHECK, False, der.null())
