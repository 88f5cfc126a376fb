"""What a verifier insists on: the signature policy and the cryptographic constraints with their dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
# Last instants at which an algorithm was good for new signatures. NIST SP 800-131A (SHA-1, RSA and DSA below 2048
# and EC below 224 bits: through 2013), RFC 6151 (MD5), ФСБ 149/7/1/3-58 with its prolongation (ГОСТ Р 34.10-2001
# and 34.11-94: through 2019).
_END_2013 = datetime(2014, 1, 1, tzinfo=UTC)
_END_2019 = datetime(2020, 1, 1, tzinfo=UTC)
_DIGESTS = MappingProxyType({"md5": datetime(2005, 1, 1, tzinfo=UTC), "sha1": _END_2013, "gost94": _END_2019})
_KEYS = MappingProxyType(
    {"rsa": (2048, _END_2013), "dsa": (2048, _END_2013), "ec": (224, _END_2013), "gost2001": (512, _END_2019)}
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Constraints of a verification; the defaults ask for CAdES with complete evidence.

    `accept_unsorted_attributes`: whether a signature may hold over signed attributes that are not in DER order (real
    files have it; it is reported). `digest_until`: hash function -> the instant from which it is not trusted.
    `key_until`: kind of key -> (size in bits, the instant from which smaller keys are not trusted).
    `revocation_max_age`: how old evidence without nextUpdate may be. `clock_skew`: how far in the future a time may
    lie.
    """

    require_signed_attributes: bool = True
    require_signing_certificate: bool = True
    accept_unsorted_attributes: bool = True
    check_revocation: bool = True
    revocation_max_age: timedelta = timedelta(days=1)
    clock_skew: timedelta = timedelta(minutes=5)
    digest_until: Mapping[str, datetime] = field(default_factory=lambda: _DIGESTS)
    key_until: Mapping[str, tuple[int, datetime]] = field(default_factory=lambda: _KEYS)

    def weak_digest(self, name: str, when: datetime) -> bool:
        """Whether the hash function was no longer trusted at `when`."""
        until = self.digest_until.get(name)
        return until is not None and when >= until

    def weak_key(self, algorithm: str, bits: int, when: datetime) -> bool:
        """Whether a key of this kind and size was no longer trusted at `when`."""
        limit = self.key_until.get(algorithm)
        return limit is not None and bits < limit[0] and when >= limit[1]

    def next_change(self, when: datetime) -> datetime:
        """The next moment after `when` at which an algorithm stops being trusted; the end of time when there is none."""
        limits = (*self.digest_until.values(), *(until for _, until in self.key_until.values()))
        return min((one for one in limits if one > when), default=_END_OF_TIME)


DEFAULT_POLICY = Policy()
