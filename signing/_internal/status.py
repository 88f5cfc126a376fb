"""Whether a certificate was revoked: weighing CRLs and OCSP answers (EN 319 102-1, 5.2.5; RFC 5280, 6.3; RFC 6960)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from signing._internal import algorithms, oids
from signing._internal.certificates import Certificate
from signing._internal.errors import BadCertificate, BadInput, Unsupported
from signing._internal.names import same_name
from signing._internal.revocation import Crl, OcspAnswer, Revoked, Signed, find_answer, is_responder, read_crl
from signing._internal.run import Run, issued_by, signature_holds

State = Literal["good", "revoked", "hold", "stale", "missing", "out_of_bounds"]
# Judges the path of a certificate that signs CRLs by another key than the issuer's
CrlSignerJudge = Callable[[Certificate], bool]


@dataclass(frozen=True, kw_only=True)
class Status:
    """What the evidence says; `why` lists pieces that could not be used."""

    state: State
    source: Literal["crl", "ocsp", ""] = ""
    der: bytes = b""
    this_update: datetime | None = None
    next_update: datetime | None = None
    revoked: Revoked | None = None
    signer: Certificate | None = None
    why: tuple[str, ...] = ()


# which statement wins when there are several
_ORDER: dict[State, int] = {"revoked": 0, "hold": 1, "good": 2, "out_of_bounds": 3, "stale": 4, "missing": 5}


def revocation_status(
    run: Run, certificate: Certificate, issuer: Certificate, *, control: datetime, judge_signer: CrlSignerJudge
) -> Status:
    """The state of `certificate` at `control`; `issuer` is its issuer in the path.

    1. Evidence inside the file and what the source gives is read and its signature and scope are checked.
    2. "Revoked by then" wins, whoever says it. 3. "Good" counts when the evidence is fresh at `control` or was issued
    later. CRLs of the source are asked for only when OCSP did not decide.
    """
    question = _Question(run=run, certificate=certificate, issuer=issuer, control=control, judge_signer=judge_signer)
    found = [
        *_answers(question, run.ocsps),
        *_lists(question, run.crls),
        *_answers(question, run.source.ocsp(certificate, issuer)),
    ]
    if not any(one.state in {"good", "revoked", "hold"} and one.source == "ocsp" for one in found):
        found += _lists(question, run.source.crls(certificate, issuer))
    if not found:
        return Status(state="missing")
    why = tuple(text for one in found for text in one.why)
    return replace(min(found, key=lambda one: _ORDER[one.state]), why=why)


@dataclass(frozen=True, kw_only=True)
class _Question:
    run: Run
    certificate: Certificate
    issuer: Certificate
    control: datetime
    judge_signer: CrlSignerJudge


def _lists(question: _Question, blobs: object) -> Iterator[Status]:
    for blob in blobs if isinstance(blobs, list | tuple) else ():
        try:
            crl = read_crl(blob)
            if same_name(crl.issuer, question.certificate.issuer_der):
                yield _weigh_crl(question, crl)
        except (BadInput, Unsupported) as error:
            yield Status(state="missing", why=(f"список отзыва: {error}",))


def _weigh_crl(question: _Question, crl: Crl) -> Status:
    unfit = crl.unfit_for(question.certificate)
    if unfit:
        return Status(state="missing", why=(unfit,))
    signer = _crl_signer(question, crl)
    if signer is None:
        return Status(state="missing", why=("подпись списка отзыва не подтверждена ключом издателя",))
    if _weak(question, crl.signed):
        return Status(state="missing", why=("подпись списка отзыва сделана нестойким алгоритмом",))
    revoked, partial = crl.find(question.certificate), crl.partial
    if partial and (revoked is None or revoked.reason == "remove_from_crl"):
        return Status(state="missing", why=(partial,))
    kept = crl.keeps_expired_since
    return _state(
        question,
        Status(
            state="good",
            source="crl",
            der=crl.der,
            this_update=crl.this_update,
            next_update=crl.next_update,
            revoked=revoked,
            signer=signer,
        ),
        keeps_expired=kept is not None and kept <= question.certificate.not_after,
    )


def _crl_signer(question: _Question, crl: Crl) -> Certificate | None:
    issuer = question.issuer
    allowed = issuer.key_usage is None or "crl_sign" in issuer.key_usage
    if allowed and _holds(issuer, crl.signed):
        return issuer
    for other in question.run.named(crl.issuer):
        if (
            other.public_key_info != issuer.public_key_info
            and _holds(other, crl.signed)
            and question.judge_signer(other)
        ):
            return other
    return None


def _answers(question: _Question, blobs: object) -> Iterator[Status]:
    for blob in blobs if isinstance(blobs, list | tuple) else ():
        try:
            answer = find_answer(blob, question.certificate, question.issuer)
            if answer is not None:
                yield _weigh_answer(question, answer)
        except (BadInput, Unsupported) as error:
            yield Status(state="missing", why=(f"ответ OCSP: {error}",))


def _weigh_answer(question: _Question, answer: OcspAnswer) -> Status:
    signer = _responder(question, answer)
    if signer is None:
        return Status(state="missing", why=("ответ OCSP подписан тем, кто не уполномочен издателем",))
    if _weak(question, answer.signed):
        return Status(state="missing", why=("подпись ответа OCSP сделана нестойким алгоритмом",))
    if not answer.known:
        return Status(state="missing", why=("служба OCSP не знает этого сертификата",))
    cutoff = answer.archive_cutoff
    return _state(
        question,
        Status(
            state="good",
            source="ocsp",
            der=answer.der,
            this_update=answer.this_update,
            next_update=answer.next_update,
            revoked=answer.revoked,
            signer=signer,
        ),
        keeps_expired=cutoff is not None and cutoff <= question.certificate.not_after,
    )


def _responder(question: _Question, answer: OcspAnswer) -> Certificate | None:
    """The certificate that signed the answer, when it may: the issuer's, or one that the issuer gave OCSPSigning."""
    issuer = question.issuer
    if is_responder(answer, issuer) and _holds(issuer, answer.signed):
        return issuer
    candidates = []
    for blob in answer.certificates:
        try:
            candidates.append(Certificate.load(blob))
        except BadCertificate:
            continue
    for other in (*candidates, *question.run.everyone()):
        if is_responder(answer, other) and _holds(other, answer.signed) and _authorised(question, answer, other):
            return other
    return None


def _authorised(question: _Question, answer: OcspAnswer, responder: Certificate) -> bool:
    """RFC 6960, 4.2.2.2: issued by the CA itself, OCSPSigning, valid when the answer was made, not revoked."""
    issuer = question.issuer
    if not same_name(responder.issuer_der, issuer.subject_der) or not issued_by(responder, issuer):
        return False
    if oids.EKU_OCSP_SIGNING not in (responder.extended_key_usage or ()):
        return False
    usage = responder.key_usage
    if usage is not None and not usage & {"digital_signature", "non_repudiation"}:
        return False
    if not responder.not_before <= answer.produced_at <= responder.not_after:
        return False
    if oids.OCSP_NO_CHECK in responder.extensions or not responder.crl_urls:
        return True
    # the responder's own certificate is looked up in CRLs only, so the question cannot turn in circles
    asked = replace(question, certificate=responder)
    found = [*_lists(asked, question.run.crls), *_lists(asked, question.run.source.crls(responder, issuer))]
    states = {one.state for one in found}
    return "good" in states and not states & {"revoked", "hold"}


def _state(question: _Question, status: Status, *, keeps_expired: bool) -> Status:
    """Decide what a genuine statement is worth at the control time."""
    run, control = question.run, question.control
    issued = status.this_update
    if issued is None or issued > run.at + run.policy.clock_skew:
        return replace(status, state="missing", why=("данные об отзыве из будущего",))
    revoked = status.revoked
    if revoked is not None and revoked.reason != "remove_from_crl":
        if revoked.at <= control:
            return replace(status, state="hold" if revoked.reason == "certificate_hold" else "revoked")
        return status
    if issued > question.certificate.not_after and not keeps_expired:
        return replace(status, state="out_of_bounds", why=("данные об отзыве выпущены после истечения сертификата",))
    until = status.next_update or issued + run.policy.revocation_max_age
    if issued < control and control > until:
        return replace(status, state="stale", why=(f"данные об отзыве устарели {until:%d.%m.%Y %H:%M} UTC",))
    return status


def _holds(signer: Certificate, signed: Signed) -> bool:
    return signature_holds(signer.public_key_info, signed.algorithm, signed.data, signed.signature)


def _weak(question: _Question, signed: Signed) -> bool:
    return question.run.policy.weak_digest(algorithms.scheme(signed.algorithm).digest, question.control)
