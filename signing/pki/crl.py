"""Certificate revocation lists (RFC 5280, 5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from signing._internal import der, oids
from signing._internal.keys import signature_algorithm
from signing.pki import asn1
from signing.pki.certificates import Issuer, key_identifier
from signing.pki.declaration import RevocationReason
from signing.pki.revocations import Revocation


def issue_crl(issuer: Issuer, revoked: Sequence[Revocation], *, now: datetime, days: int) -> bytes:
    """Return the DER list of `revoked` as of `now`, good for `days`.

    An entry appears from its moment on and never leaves, also after the certificate has expired.
    """
    entries = [entry for entry in revoked if entry.at <= now]
    extensions = der.sequence(
        asn1.extension(
            oids.AUTHORITY_KEY_ID,
            der.sequence(asn1.implicit(0, der.octet_string(key_identifier(issuer.key.public_key_info)))),
        ),
        asn1.extension(oids.CRL_NUMBER, der.integer(_number(now, len(entries)))),
    )
    algorithm = signature_algorithm(issuer.key)
    tbs = der.sequence(
        der.integer(1),  # version 2
        algorithm,
        issuer.subject_der,
        der.time(now),
        der.time(now + timedelta(days=days)),
        der.sequence(*map(_entry, entries)) if entries else b"",  # an empty list must be absent
        der.explicit(0, extensions),
    )
    return der.sequence(tbs, algorithm, der.bit_string(issuer.key.sign(tbs)))


def _number(now: datetime, entries: int) -> int:
    """A CRL number that only grows: seconds first, then the length, so processes need no shared counter."""
    return int(now.astimezone(UTC).timestamp()) << 24 | entries


def _entry(revocation: Revocation) -> bytes:
    extensions = b""
    if revocation.reason is not RevocationReason.UNSPECIFIED:  # 5.3.1: unspecified is said by absence
        extensions = der.sequence(asn1.extension(oids.REASON_CODE, asn1.enumerated(revocation.reason.code)))
    return der.sequence(der.integer(revocation.serial), der.time(revocation.at), extensions)
