"""One verification: what it trusts, what evidence it has, and certificates it met on the way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from signing._internal import algorithms, keys
from signing._internal.certificates import Certificate
from signing._internal.errors import BadInput, BadKey, Unsupported
from signing._internal.evidence import EvidenceSource
from signing._internal.policy import Policy
from signing._internal.trust import Pool, TrustStore


@dataclass(kw_only=True)
class Run:
    """The inputs of one verification and the certificates, CRLs and OCSP answers that came inside the file."""

    trust: TrustStore
    source: EvidenceSource
    at: datetime
    policy: Policy
    pool: Pool = field(default_factory=Pool)
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    _asked: set[bytes] = field(default_factory=set)

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
        """Ask the source for the certificates of the issuer, once for each; whether anything new came."""
        if certificate.der in self._asked:
            return False
        self._asked.add(certificate.der)
        before = len(self.pool.all)
        self.pool.add_der(self.source.certificates(certificate))
        return len(self.pool.all) > before


def signature_holds(public_key_info: bytes, algorithm: bytes, data: bytes, signature: bytes) -> bool:
    """Whether a signature over a certificate, CRL or OCSP answer is right; unknown algorithms and bad keys: False.

    The answers are remembered: the same certificates and CRLs come again and again. BackendMissing is raised.
    """
    question = _Question(public_key_info, algorithm, hashlib.sha256(data).digest(), signature)
    known = _answers.get(question)
    if known is None:
        known = _holds(public_key_info, algorithm, data, signature)
        with _lock:
            while len(_answers) >= _MAX_ANSWERS:  # the oldest go first
                del _answers[next(iter(_answers))]
            _answers[question] = known
    return known


class _Question(NamedTuple):
    public_key_info: bytes
    algorithm: bytes
    data_sha256: bytes
    signature: bytes


_MAX_ANSWERS = 8192
_answers: dict[_Question, bool] = {}
_lock = threading.Lock()


def _holds(public_key_info: bytes, algorithm: bytes, data: bytes, signature: bytes) -> bool:
    try:
        scheme = algorithms.scheme(algorithm)
        return keys.public_key(public_key_info).verify(scheme, data, signature)
    except (BadInput, BadKey, Unsupported):
        return False


def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Whether the issuer's key signed the certificate."""
    return signature_holds(
        issuer.public_key_info, certificate.signature_algorithm, certificate.tbs, certificate.signature
    )
