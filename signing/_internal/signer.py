"""One SignerInfo on its own: its form, its certificate, the digest and the signature value (EN 319 102-1, 5.2.2-5.2.7).

The same examination serves document signers, time-stamp tokens and counter-signatures.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from signing._internal import algorithms, der, digests, keys, verdict
from signing._internal.algorithms import SignatureScheme, algorithm_parts
from signing._internal.attributes import SignedFacts, looks_like_attributes, read_signed_attributes
from signing._internal.certificates import Certificate
from signing._internal.cms import SignerInfo
from signing._internal.errors import BadInput, BadKey, Unsupported
from signing._internal.names import same_name
from signing._internal.revocation import public_key_bits
from signing._internal.run import Run
from signing._internal.verdict import FAILED, INDETERMINATE, Findings

_FORMAT = (FAILED, verdict.FORMAT_FAILURE)
_CONSTRAINT = (INDETERMINATE, verdict.SIG_CONSTRAINTS_FAILURE)


class Content:
    """What was signed, hashed once for each hash function; `data` is None when it is not at hand."""

    def __init__(self, data: bytes | None) -> None:
        self.data = data
        self._digests: dict[str, bytes] = {}

    def digest(self, name: str) -> bytes:
        """The digest of the content, which must be at hand."""
        if name not in self._digests:
            self._digests[name] = digests.digest(name, self.data or b"")
        return self._digests[name]


@dataclass(kw_only=True)
class Examined:
    """What the examination gave; `scheme` is None when the algorithms are not understood."""

    facts: SignedFacts
    findings: Findings = field(default_factory=Findings)
    certificate: Certificate | None = None
    scheme: SignatureScheme | None = None


def examine_signer(run: Run, signer: SignerInfo, content: Content, *, content_type: str | None) -> Examined:
    """Examine one signer. `content_type` is the eContentType; None for a counter-signature, which must not name one.

    1. Form of the signed attributes. 2. Content type. 3. Algorithms agree. 4. Message digest. 5. The signing
    certificate and its signed reference. 6. The signature value.
    """
    facts = read_signed_attributes(signer) if signer.has_signed_attributes else SignedFacts()
    if content_type is None:
        facts.faults = [fault for fault in facts.faults if fault != "нет атрибута content-type"]
    examined = Examined(facts=facts)
    findings = examined.findings
    _check_form(run, signer, content, facts, findings)
    if content_type is not None and facts.content_type not in {None, content_type}:
        text = "Тип содержимого в подписанных атрибутах не совпадает с типом подписанных данных."
        findings.refuse("content_type", _FORMAT, text, attribute=facts.content_type, content=content_type)
    if content_type is None and facts.content_type is not None:  # real files have it
        text = "Заверяющая подпись называет тип содержимого, а его у неё быть не должно (RFC 5652, 11.4)."
        findings.note("content_type", text, warning=True, attribute=facts.content_type)
    digest = _check_algorithms(signer, examined)
    if digest is not None and signer.has_signed_attributes:
        _check_digest(content, facts, digest, findings)
    _find_certificate(run, signer, examined)
    _check_value(run, signer, content, examined)
    return examined


def _check_form(run: Run, signer: SignerInfo, content: Content, facts: SignedFacts, findings: Findings) -> None:
    if not signer.has_signed_attributes:
        if content.data is not None and looks_like_attributes(content.data):
            text = "Подписанное содержимое — набор атрибутов чужой подписи: атрибуты отброшены, подпись подделана."
            findings.refuse("signed_attributes", _FORMAT, text, attack="stripped-signed-attributes")
        elif run.policy.require_signed_attributes:
            text = "В подписи нет подписанных атрибутов: это не усовершенствованная подпись CAdES."
            findings.refuse("signed_attributes", _CONSTRAINT, text)
        else:
            findings.note("signed_attributes", "Подпись PKCS#7 без подписанных атрибутов.", warning=True)
        return
    if facts.faults:
        text = "Подписанные атрибуты нарушают формат: " + "; ".join(facts.faults) + "."
        findings.refuse("signed_attributes", _FORMAT, text)
    elif facts.doubled:
        text = "Подписанные атрибуты неоднозначны: " + "; ".join(facts.doubled) + "."
        findings.refuse("signed_attributes", _CONSTRAINT, text)
    else:
        present = sorted(attribute.oid for attribute in signer.signed_attributes)
        findings.passed("signed_attributes", "Подписанные атрибуты на месте.", attributes=present)


def _check_algorithms(signer: SignerInfo, examined: Examined) -> str | None:
    """Agree on the hash function; its name, or None when it is not understood."""
    findings = examined.findings
    digest: str | None = None
    try:
        digest = digests.name_of(algorithm_parts(signer.digest_node)[0])
        examined.scheme = algorithms.scheme(signer.signature_algorithm, digest)
    except Unsupported as error:
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        findings.refuse("algorithms", failure, f"Алгоритм подписи не поддерживается: {error}.")
        return digest
    except BadInput as error:
        failure = (FAILED, verdict.SIG_CRYPTO_FAILURE)
        findings.refuse("algorithms", failure, f"Алгоритмы хэширования и подписи не согласованы: {error}.")
        return digest
    protection = examined.facts.protection
    if protection is not None:
        signed_digest, signed_signature = protection
        same = _same_algorithm(signed_digest, signer.digest_node.der())
        same = same and (signed_signature is None or _same_algorithm(signed_signature, signer.signature_algorithm))
        if not same:
            text = "Алгоритмы в атрибуте cms-algorithm-protection не те, что в подписи (RFC 6211)."
            findings.refuse("algorithms", _FORMAT, text)
    return digest


def _same_algorithm(one: bytes, other: bytes) -> bool:
    """Compare AlgorithmIdentifiers; NULL parameters and absent ones are the same."""
    parts = []
    for encoded in (one, other):
        dotted, parameters = algorithm_parts(der.read(encoded))
        parts.append((dotted, b"" if parameters is None or parameters.tag == der.NULL else parameters.der()))
    return parts[0] == parts[1]


def _check_digest(content: Content, facts: SignedFacts, digest: str, findings: Findings) -> None:
    if content.data is None:
        text = "Подпись отсоединённая, а подписанного файла нет."
        findings.refuse("message_digest", (INDETERMINATE, verdict.SIGNED_DATA_NOT_FOUND), text)
    elif facts.message_digest is None:
        return  # already refused as a breach of form
    elif content.digest(digest) == facts.message_digest:
        text = "Содержимое не изменилось после подписания."
        findings.passed("message_digest", text, algorithm=digest, digest=facts.message_digest.hex())
    else:
        text = "Содержимое не то, которое подписано: хэш не совпадает."
        data = {"algorithm": digest, "signed": facts.message_digest.hex(), "actual": content.digest(digest).hex()}
        findings.refuse("message_digest", (FAILED, verdict.HASH_FAILURE), text, **data)


def identifies(signer: SignerInfo, certificate: Certificate) -> bool:
    """Whether the SignerIdentifier is this certificate's."""
    if signer.key_id is not None:
        own = certificate.subject_key_id
        return signer.key_id in {own, digests.digest("sha1", public_key_bits(certificate))}
    same_serial = signer.serial == certificate.serial
    return same_serial and signer.issuer is not None and same_name(signer.issuer, certificate.issuer_der)


def _find_certificate(run: Run, signer: SignerInfo, examined: Examined) -> None:
    findings, references = examined.findings, examined.facts.references
    failure = (INDETERMINATE, verdict.NO_SIGNING_CERTIFICATE_FOUND)
    named = [one for one in run.everyone() if identifies(signer, one)]
    try:
        matching = [one for one in named if all(reference.matches(one) for reference in references)]
    except Unsupported as error:
        findings.refuse("signing_certificate", failure, f"Ссылка на сертификат подписанта непонятна: {error}.")
        examined.certificate = named[0] if named else None
        return
    if not named:
        findings.refuse("signing_certificate", failure, "Сертификата подписанта нет ни в подписи, ни среди известных.")
        return
    examined.certificate = (matching or named)[0]
    if not references:
        text = "Сертификат подписанта не защищён подписью (нет атрибута signing-certificate)."
        if run.policy.require_signing_certificate and signer.has_signed_attributes:
            findings.refuse("signing_certificate", _CONSTRAINT, text)
        else:
            findings.note("signing_certificate", text, warning=True)
    elif not matching:
        text = "Подписанная ссылка указывает на другой сертификат: подписант подменён."
        findings.refuse("signing_certificate", failure, text)
    elif not all(reference.names(matching[0]) for reference in references):
        text = "Издатель или серийный номер в подписанной ссылке не те, что в сертификате."
        findings.refuse("signing_certificate", _CONSTRAINT, text)
    else:
        algorithm = references[-1].digest_algorithm
        findings.passed("signing_certificate", "Сертификат подписанта защищён подписью.", algorithm=algorithm)


def _check_value(run: Run, signer: SignerInfo, content: Content, examined: Examined) -> None:
    certificate, scheme, findings = examined.certificate, examined.scheme, examined.findings
    if certificate is None or scheme is None:
        return
    data: dict[str, object] = {"algorithm": scheme.kind, "digest": scheme.digest}
    try:
        key = keys.public_key(certificate.public_key_info)
        form = next((name for name, tbs in _forms(signer, content) if key.verify(scheme, tbs, signer.signature)), None)
    except (BadKey, Unsupported) as error:
        failure = (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE)
        findings.refuse("signature_value", failure, f"Ключ подписанта не поддерживается: {error}.", **data)
        return
    if form is None and content.data is None and not signer.has_signed_attributes:
        text = "Подпись отсоединённая, а подписанного файла нет."
        findings.refuse("signature_value", (INDETERMINATE, verdict.SIGNED_DATA_NOT_FOUND), text)
    elif form is None:
        text = "Значение подписи неверно: оно создано другим ключом или подписанное изменено."
        if not scheme.kind.startswith(key.algorithm):
            text = f"Ключ сертификата ({key.algorithm}) не подходит к алгоритму подписи ({scheme.kind})."
        elif scheme.kind.startswith("gost") and len(signer.signature) * 4 != key.bits:
            text = f"Длина подписи ГОСТ {len(signer.signature)} байт вместо {key.bits // 4}."
        findings.refuse("signature_value", (FAILED, verdict.SIG_CRYPTO_FAILURE), text, **data)
    else:
        findings.passed("signature_value", "Значение подписи верно.", attributes_form=form, **data)
        if form == "as-encoded":
            text = "Подпись верна по атрибутам в том порядке, как они записаны, а не в порядке DER (RFC 5652, 5.4)."
            if run.policy.accept_unsorted_attributes:
                findings.note("signed_attributes_order", text, warning=True)
            else:
                findings.refuse("signed_attributes_order", _CONSTRAINT, text)


def _forms(signer: SignerInfo, content: Content) -> Iterable[tuple[str, bytes]]:
    if signer.has_signed_attributes:
        return signer.signed_forms()
    return [] if content.data is None else [("content", content.data)]
