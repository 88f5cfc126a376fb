"""References to evidence and the evidence itself, as unsigned attributes of CAdES (RFC 5126, 6.2, 6.3)."""

from __future__ import annotations

from itertools import pairwise

from signing._internal import der, digests
from signing._internal.certificates import Certificate
from signing._internal.crl import read_crl
from signing._internal.errors import BadInput, SigningError
from signing._internal.names import same_name
from signing._internal.path import Path
from signing._internal.revocation import find_answer
from signing._internal.verdict import Evidence


def _hash(name: str, data: bytes) -> bytes:
    """OtherHash (RFC 5126, 6.2.1)."""
    return der.sequence(digests.identifier(name), der.octet_string(digests.digest(name, data)))


def certificate_references(path: Path, name: str) -> bytes:
    """CompleteCertificateRefs: the path without the signer's own certificate."""
    return der.sequence(
        *(
            der.sequence(
                _hash(name, one.der),
                der.sequence(der.sequence(der.explicit(4, one.issuer_der)), one.serial_der),
            )
            for one in path[1:]
        )
    )


def revocation_references(path: Path, found: Evidence, name: str) -> bytes:
    """CompleteRevocationRefs: a CrlOcspRef for each certificate of the path, in its order; the anchor's is empty."""
    references = []
    for one, issuer in pairwise(path):
        crls = [blob for blob in found.crls if same_name(read_crl(blob).issuer, one.issuer_der)]
        answers = [blob for blob in found.ocsps if _is_about(blob, one, issuer)]
        members = []
        if crls:
            members.append(der.explicit(0, der.sequence(der.sequence(*(_crl_reference(blob, name) for blob in crls)))))
        if answers:
            listed = (_ocsp_reference(blob, one, issuer, name) for blob in answers)
            members.append(der.explicit(1, der.sequence(der.sequence(*listed))))
        references.append(der.sequence(*members))
    return der.sequence(*references, der.sequence())


def _is_about(answer: bytes, certificate: Certificate, issuer: Certificate) -> bool:
    try:
        return find_answer(answer, certificate, issuer) is not None
    except SigningError:
        return False


def _crl_reference(blob: bytes, name: str) -> bytes:
    crl = read_crl(blob)
    moment = der.time(crl.this_update)
    return der.sequence(_hash(name, blob), der.sequence(crl.issuer, moment))


def _ocsp_reference(blob: bytes, certificate: Certificate, issuer: Certificate, name: str) -> bytes:
    answer = find_answer(blob, certificate, issuer)
    if answer is None:
        raise BadInput("the OCSP answer is about another certificate")
    if answer.responder_name is not None:
        responder = der.explicit(1, answer.responder_name)
    else:
        responder = der.explicit(2, der.octet_string(answer.responder_key_hash or b""))
    identifier = der.sequence(responder, der.generalized_time(answer.produced_at))
    return der.sequence(identifier, _hash(name, _basic(blob)))


def _basic(response: bytes) -> bytes:
    """BasicOCSPResponse inside an OCSPResponse."""
    return der.read(response).children()[1].inner().children()[1].octets()


def revocation_values(found: Evidence) -> bytes:
    """RevocationValues: CRLs, and OCSP answers without their outer frame."""
    crls = der.explicit(0, der.sequence(*found.crls)) if found.crls else b""
    answers = der.explicit(1, der.sequence(*map(_basic, found.ocsps))) if found.ocsps else b""
    return der.sequence(crls, answers)
