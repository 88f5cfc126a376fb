"""Building certification paths and checking them without revocation (RFC 5280, 6.1; EN 319 102-1, 5.2.6)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal

from signing._internal import algorithms, keys, oids, verdict
from signing._internal.certificates import Certificate
from signing._internal.constraints import names_fault, policies_fault
from signing._internal.errors import BadInput, BadKey, Unsupported
from signing._internal.run import Run
from signing._internal.verdict import FAILED, INDETERMINATE, Findings

Role = Literal["signer", "tsa", "crl"]
Path = tuple[Certificate, ...]

_MAX_LENGTH = 12
_MAX_CHECKS = 100  # signatures tried while one path is searched for: hostile bundles of cross-certificates end here
_KNOWN_EXTENSIONS = {
    oids.SUBJECT_KEY_ID,
    oids.KEY_USAGE,
    oids.SUBJECT_ALT_NAME,
    oids.ISSUER_ALT_NAME,
    oids.BASIC_CONSTRAINTS,
    oids.NAME_CONSTRAINTS,
    oids.CRL_DISTRIBUTION_POINTS,
    oids.FRESHEST_CRL,
    oids.CERTIFICATE_POLICIES,
    oids.POLICY_MAPPINGS,
    oids.AUTHORITY_KEY_ID,
    oids.POLICY_CONSTRAINTS,
    oids.EXTENDED_KEY_USAGE,
    oids.INHIBIT_ANY_POLICY,
    oids.AUTHORITY_INFO_ACCESS,
    oids.OCSP_NO_CHECK,
    oids.SUBJECT_SIGN_TOOL,
    oids.ISSUER_SIGN_TOOL,
    oids.IDENTIFICATION_KIND,
    oids.PRIVATE_KEY_USAGE_PERIOD,
    "1.3.6.1.5.5.7.1.3",  # qcStatements
}
_NOT_FOR_DOCUMENTS = {oids.EKU_TIME_STAMPING, oids.EKU_OCSP_SIGNING, oids.EKU_SERVER_AUTH, oids.EKU_CODE_SIGNING}
_CHAIN = (INDETERMINATE, verdict.CHAIN_CONSTRAINTS_FAILURE)


def find_paths(run: Run, leaf: Certificate) -> Iterator[Path]:
    """Paths from the leaf to an anchor (both included) whose signatures hold, likely ones first."""
    yield from _climb(run, (leaf,), [_MAX_CHECKS])


def ask_ahead(run: Run, leaf: Certificate) -> None:
    """Ask what every search for a path from the leaf asks first, so that the answer is there; nothing is decided.

    Public-key operations let go of the interpreter lock. Where this one stands apart from the others, by much the same
    stretch of Python as they do from each other, two threads hardly ever wait for the lock.
    """
    if not run.trust.is_anchor(leaf):
        for issuer in _candidates(run, leaf)[:1]:
            run.issued_by(leaf, issuer)


def _climb(run: Run, path: Path, budget: list[int]) -> Iterator[Path]:
    last = path[-1]
    if run.trust.is_anchor(last):
        yield path
        return
    if len(path) >= _MAX_LENGTH:
        return
    for issuer in _candidates(run, last):
        if budget[0] <= 0:
            return
        known = any(
            issuer.subject_der == one.subject_der and issuer.public_key_info == one.public_key_info for one in path
        )
        if known and not run.trust.is_anchor(issuer):
            continue
        budget[0] -= 1
        if run.issued_by(last, issuer):
            yield from _climb(run, (*path, issuer), budget)


def _candidates(run: Run, certificate: Certificate) -> list[Certificate]:
    wanted = certificate.authority_key_id

    def order(issuer: Certificate) -> tuple[bool, bool]:
        differs = wanted is not None and issuer.subject_key_id is not None and issuer.subject_key_id != wanted
        return differs, not run.trust.is_anchor(issuer)

    return sorted((one for one in run.named(certificate.issuer_der) if one != certificate), key=order)


def longest_chain(run: Run, leaf: Certificate) -> Path:
    """How far the path gets when it reaches no anchor: for the report, and to know whose issuer to ask for."""
    path: Path = (leaf,)
    while len(path) < _MAX_LENGTH:
        following = [one for one in _candidates(run, path[-1]) if one not in path]
        issuer = next((one for one in following[:8] if run.issued_by(path[-1], one)), None)
        if issuer is None:
            break
        path = (*path, issuer)
    return path


def check_path(run: Run, path: Path, *, control: datetime, proven: bool, role: Role) -> Findings:
    """Check everything about a path but revocation, at the instant `control`.

    `proven`: a time-stamp proves that the signature existed at `control`.
    """
    findings = Findings()
    sound, lasting = _check_lasting(path, role)
    findings.take(lasting)
    if not sound:
        return findings
    _check_validity(path, findings, control=control, proven=proven)
    _check_strength(run, path, findings, control=control)
    if findings.fine:
        chain = [one.subject.common_name or one.subject.rfc4514 for one in path]
        findings.passed("certificate_chain", "Цепочка сертификатов построена до доверенного корня.", chain=chain)
    return findings


@lru_cache(maxsize=256)
def _check_lasting(path: Path, role: Role) -> tuple[bool, Findings]:
    """What is so at any time, by the bytes of the certificates alone; False when one of them cannot be understood."""
    findings = Findings()
    try:
        _check_authorities(path, findings)
        _check_extensions(path, findings)
        _check_leaf(path[0], role, findings)
        fault = policies_fault(path) or names_fault(path)
        if fault:
            findings.refuse("certificate_constraints", _CHAIN, f"Цепочка сертификатов: {fault}.")
    except (BadInput, Unsupported) as error:
        failure = (INDETERMINATE, verdict.CERTIFICATE_CHAIN_GENERAL_FAILURE)
        findings.refuse("certificate_chain", failure, f"Сертификат в цепочке испорчен: {error}.")
        return False, findings
    return True, findings


def _check_authorities(path: Path, findings: Findings) -> None:
    below = 0
    for depth, issuer in enumerate(path[1:], start=1):
        anchor = depth == len(path) - 1
        name = issuer.subject.common_name
        bare = anchor and oids.BASIC_CONSTRAINTS not in issuer.extensions
        if not issuer.is_ca and not bare:
            findings.refuse("basic_constraints", _CHAIN, f"«{name}» не удостоверяющий центр, а выдал сертификат.")
        if issuer.key_usage is not None and "key_cert_sign" not in issuer.key_usage:
            findings.refuse("key_usage", _CHAIN, f"Ключ «{name}» не предназначен для подписи сертификатов.")
        if issuer.path_length is not None and below > issuer.path_length:
            findings.refuse("path_length", _CHAIN, f"Цепочка длиннее, чем разрешает «{name}».")
        if not issuer.self_issued:
            below += 1


def _check_extensions(path: Path, findings: Findings) -> None:
    for one in path[:-1]:
        if not one.algorithms_agree:
            raise BadInput("алгоритмы подписи внутри и снаружи сертификата различаются")
        if one.version != 3 and one.extensions:
            raise BadInput("расширения в сертификате версии 1")
        unknown = unknown_critical(one)
        if unknown:
            text = f"Неизвестное критическое расширение {unknown[0]} в сертификате «{one.subject.common_name}»."
            findings.refuse("critical_extensions", _CHAIN, text, extension=unknown[0])


def unknown_critical(certificate: Certificate) -> list[str]:
    """Critical extensions that are not understood: the certificate may not be used (RFC 5280, 4.2)."""
    return [name for name, item in certificate.extensions.items() if item.critical and name not in _KNOWN_EXTENSIONS]


def _check_leaf(leaf: Certificate, role: Role, findings: Findings) -> None:
    usage, purposes = leaf.key_usage, leaf.extended_key_usage
    if role == "crl":
        if usage is not None and "crl_sign" not in usage:
            findings.refuse("key_usage", _CHAIN, "Ключ не предназначен для подписи списков отзыва.")
        return
    if usage is not None and not usage & {"digital_signature", "non_repudiation"}:
        findings.refuse("key_usage", _CHAIN, "Ключ сертификата не предназначен для электронной подписи.")
    if role == "tsa":
        extension = leaf.extensions.get(oids.EXTENDED_KEY_USAGE)
        if extension is None or not extension.critical or purposes != (oids.EKU_TIME_STAMPING,):
            text = (
                "Сертификат службы времени: назначение должно быть одно, критическое — штамп времени (RFC 3161, 2.3)."
            )
            findings.refuse("extended_key_usage", _CHAIN, text)
    elif role == "signer" and purposes is not None and set(purposes) <= _NOT_FOR_DOCUMENTS:
        text = "Назначение сертификата не допускает подпись документов."
        findings.refuse("extended_key_usage", _CHAIN, text, purposes=list(purposes))


def _check_validity(path: Path, findings: Findings, *, control: datetime, proven: bool) -> None:
    for depth, one in enumerate(path if len(path) == 1 else path[:-1]):
        name = one.subject.common_name or one.subject.rfc4514
        if control > one.not_after:
            text = f"Срок действия сертификата «{name}» истёк {one.not_after:%d.%m.%Y %H:%M} UTC"
            if not proven:
                text += ", а доказательства, что подпись существовала раньше, нет"
            failure: tuple[verdict.Indication, str] = (INDETERMINATE, verdict.OUT_OF_BOUNDS_NO_POE)
            findings.refuse("certificate_validity", failure, text + ".", certificate=one.sha256)
        elif control < one.not_before:
            failure = (INDETERMINATE, verdict.OUT_OF_BOUNDS_NO_POE)
            if proven and depth == 0:
                failure = (FAILED, verdict.NOT_YET_VALID)
            text = f"Сертификат «{name}» ещё не действовал: начало {one.not_before:%d.%m.%Y %H:%M} UTC."
            findings.refuse("certificate_validity", failure, text, certificate=one.sha256)


def _check_strength(run: Run, path: Sequence[Certificate], findings: Findings, *, control: datetime) -> None:
    for one in path if len(path) == 1 else path[:-1]:
        try:
            weak = key_weakness(run, one, control)
            digest = algorithms.scheme(one.signature_algorithm).digest
        except (BadKey, Unsupported, BadInput) as error:
            findings.refuse("certificate_key", (INDETERMINATE, verdict.CERTIFICATE_CHAIN_GENERAL_FAILURE), str(error))
            continue
        if len(path) > 1 and run.policy.weak_digest(digest, control):
            weak = f"подпись удостоверяющего центра с хэш-функцией {digest}"
        if weak:
            text = f"Сертификат «{one.subject.common_name}»: {weak} уже не считается стойкой."
            findings.refuse("certificate_strength", (INDETERMINATE, verdict.CRYPTO_CONSTRAINTS_FAILURE_NO_POE), text)


def key_weakness(run: Run, certificate: Certificate, when: datetime) -> str | None:
    """What is weak about the certificate's key at `when`; BadKey, Unsupported."""
    key = keys.public_key(certificate.public_key_info)
    if run.policy.weak_key(key.algorithm, key.bits, when):
        return f"ключ {key.algorithm} длины {key.bits}"
    return None
