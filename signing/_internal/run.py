"""One verification: what it trusts, what evidence it has, and certificates it met on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from signing._internal import algorithms, keys
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput, BadKey, Unsupported
from signing._internal.evidence import EvidenceSource
from signing._internal.memory import Answers, Memory
from signing._internal.policy import Policy
from signing._internal.trust import Pool, TrustStore

_MAX_ASKED = 16


@dataclass(kw_only=True)
class Run:
    """The inputs of one verification and the certificates, CRLs and OCSP answers that came inside the file."""

    trust: TrustStore
    source: EvidenceSource
    at: datetime
    policy: Policy
    memory: Memory | None = None
    pool: Pool = field(default_factory=Pool)
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)
    _asked: set[bytes] = field(default_factory=set)
    begun: bool = False

    def __post_init__(self) -> None:
        """Tell the source that a verification begins (see `EvidenceSource`); a copy by `replace` is the same one."""
        begin = None if self.begun else getattr(self.source, "begin", None)
        self.begun = True
        if begin is not None:
            begin()

    def add(self, certificates: Iterable[bytes], crls: Iterable[bytes] = (), ocsps: Iterable[bytes] = ()) -> None:
        """Keep what was found inside the file."""
        self.pool.add_der(certificates)
        self.crls += [item for item in crls if item not in self.crls]
        self.ocsps += [item for item in ocsps if item not in self.ocsps]

    def named(self, name: bytes) -> list[Certificate]:
        """Certificates with this subject, trusted ones first."""
        trusted = list(self.trust.pool.named(name))
        return trusted + [certificate for certificate in self.pool.named(name) if certificate not in trusted]

    def everyone(self) -> list[Certificate]:
        """All certificates at hand."""
        return [*self.pool.all, *self.trust.pool.all]

    def ask_for_issuer(self, certificate: Certificate) -> bool:
        """Ask the source for the certificates of the issuer, once for each; whether anything new came.

        The addresses come from certificates that nobody vouches for, so a file with a crowd of them ends the asking.
        """
        if certificate.der in self._asked or len(self._asked) >= _MAX_ASKED:
            return False
        self._asked.add(certificate.der)
        before = len(self.pool.all)
        self.pool.add_der(self.source.certificates(certificate))
        return len(self.pool.all) > before

    def signature_holds(self, public_key_info: bytes, algorithm: bytes, data: bytes, signature: bytes) -> bool:
        """As the function of that name; asked once for each signature, or less with a memory that is shared."""
        if self.memory is None:
            answers, known_by = self.answers, data
        else:  # what outlives the run does not hold on to large lists
            answers, known_by = self.memory.answers, hashlib.sha256(data).digest()
        question = (public_key_info, algorithm, known_by, signature)
        known = answers.get(question)
        if known is None:
            known = answers[question] = signature_holds(public_key_info, algorithm, data, signature)
        return known

    def issued_by(self, certificate: Certificate, issuer: Certificate) -> bool:
        """Whether the issuer's key signed the certificate."""
        return self.signature_holds(
            issuer.public_key_info, certificate.signature_algorithm, certificate.tbs, certificate.signature
        )


def signature_holds(public_key_info: bytes, algorithm: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature over a certificate, CRL or OCSP answer is right; unknown algorithms and bad keys: False.

    BackendMissing is raised.
    """
    try:
        scheme = algorithms.scheme(algorithm)
        return keys.public_key(public_key_info).verify(scheme, data, signature)
    except (BadInput, BadKey, Unsupported):
        return False
