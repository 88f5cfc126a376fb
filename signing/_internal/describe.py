"""What a certificate says, as plain values for people and JSON."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC

from signing._internal.certificates import Certificate
from signing._internal.errors import BadKey, Unsupported
from signing._internal.keys import parameter_set, public_key
from signing._internal.names import Subject
from signing._internal.qualified import qualified_fields


def describe_certificate(certificate: Certificate) -> dict[str, object]:
    """Names, number, validity, key, usages, addresses, fingerprints, the fields of приказ 795; absent things are left out.

    `serial` is hexadecimal, times are ISO 8601 in UTC. Raises BadInput when an extension is malformed.
    """
    facts: dict[str, object] = {
        "subject": _name(certificate.subject),
        "issuer": _name(certificate.issuer),
        "serial": f"{certificate.serial:x}",
        "not_before": certificate.not_before.astimezone(UTC).isoformat(),
        "not_after": certificate.not_after.astimezone(UTC).isoformat(),
        "public_key_algorithm": certificate.public_key_algorithm,
        "public_key_bits": _bits(certificate),
        "parameter_set": parameter_set(certificate.public_key_info),
        "is_ca": certificate.is_ca,
        "path_length": certificate.path_length,
        "key_usage": sorted(certificate.key_usage or ()),
        "extended_key_usage": list(certificate.extended_key_usage or ()),
        "policies": list(certificate.policies),
        "subject_key_id": (certificate.subject_key_id or b"").hex(),
        "authority_key_id": (certificate.authority_key_id or b"").hex(),
        "crl_urls": list(certificate.crl_urls),
        "ocsp_urls": list(certificate.ocsp_urls),
        "issuer_urls": list(certificate.issuer_urls),
        "sha256": certificate.sha256,
        "qualified": _qualified(certificate),
    }
    return {name: value for name, value in facts.items() if value not in ("", [], None)}


def _name(subject: Subject) -> dict[str, str]:
    return {name: value for name, value in asdict(subject).items() if value}


def _qualified(certificate: Certificate) -> dict[str, object]:
    """Who owns it, by which tools it was made, how the owner was identified, and departures from the form."""
    found = qualified_fields(certificate)
    facts: dict[str, object] = {
        "marks": found.qualified,
        "owner": found.owner,
        "subject_sign_tool": found.subject_sign_tool,
        "issuer_sign_tool": list(found.issuer_sign_tool),
        "tool_classes": list(found.tool_classes),
        "identification": found.identification_ru,
        "key_from": found.key_from.astimezone(UTC).isoformat() if found.key_from else "",
        "key_until": found.key_until.astimezone(UTC).isoformat() if found.key_until else "",
        "faults": list(found.faults),
    }
    return {name: value for name, value in facts.items() if value not in ("", [])}


def _bits(certificate: Certificate) -> int | None:
    try:
        return public_key(certificate.public_key_info).bits
    except (BadKey, Unsupported):
        return None
