"""Whether a certificate was revoked: weighing CRLs and OCSP answers (EN 319 102-1, 5.2.5; RFC 5280, 6.3; RFC 6960)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from signing._internal import algorithms, oids
from signing._internal.certificates import ALL_REASONS, Certificate
from signing._internal.crl import Crl, Revoked, Signed, may_speak, read_crl, scope_of
from signing._internal.errors import BadCertificate, BadInput, Unsupported
from signing._internal.names import same_name
from signing._internal.path import key_weakness, unknown_critical
from signing._internal.revocation import OcspAnswer, find_answer, is_responder
from signing._internal.run import Run

State = Literal["good", "revoked", "hold", "stale", "missing", "out_of_bounds"]
# Judges the path of a certificate that signs CRLs by another key than the issuer's
CrlSignerJudge = Callable[[Certificate], bool]


class Status(NamedTuple):
    """What the evidence says; `why` lists pieces that could not be used.

    `reasons`: for which of them "good" is said (a partitioned CRL serves some). `also`: the further lists that the
    statement rests on: a delta CRL, the other parts.
    """

    state: State
    source: Literal["crl", "ocsp", ""] = ""
    der: bytes = b""
    this_update: datetime | None = None
    next_update: datetime | None = None
    revoked: Revoked | None = None
    signer: Certificate | None = None
    why: tuple[str, ...] = ()
    reasons: frozenset[int] = ALL_REASONS
    also: tuple[bytes, ...] = ()


# which statement wins when there are several
_ORDER: dict[State, int] = {"revoked": 0, "hold": 1, "good": 2, "out_of_bounds": 3, "stale": 4, "missing": 5}


def revocation_status(
    run: Run, certificate: Certificate, issuer: Certificate, *, control: datetime, judge_signer: CrlSignerJudge
) -> Status:
    """The state of `certificate` at `control`; `issuer` is its issuer in the path.

    1. Evidence inside the file and what the source gives is read and its signature and scope are checked.
    2. "Revoked by then" wins, whoever says it. 3. "Good" counts when the evidence is fresh at `control` or was issued
    later, and speaks for all reasons of revocation. CRLs of the source are asked for only when OCSP did not decide.
    """
    question = _Question(run=run, certificate=certificate, issuer=issuer, control=control, judge_signer=judge_signer)
    inside = list(_answers(question, run.ocsps))
    asked = list(_answers(question, run.source.ocsp(certificate, issuer)))
    blobs = list(run.crls)
    if not any(one.state in {"good", "revoked", "hold"} for one in (*inside, *asked)):
        blobs += [blob for blob in run.source.crls(certificate, issuer) if blob not in blobs]
    found = _whole([*inside, *_lists(question, blobs), *asked])
    if not found:
        return Status(state="missing")
    why = tuple(text for one in found for text in one.why)
    # a revocation that is still to come is told before a plain "good"
    best = min(found, key=lambda one: (_ORDER[one.state], one.revoked is None))
    return best._replace(why=why) if why else best


def _whole(found: list[Status]) -> list[Status]:
    """Join "good" for some reasons into "good" for all, when the parts are complete (RFC 5280, 6.3.3)."""
    parts = [one for one in found if one.state == "good" and one.reasons != ALL_REASONS]
    if not parts:
        return found
    whole = [one for one in found if one not in parts]
    if frozenset().union(*(one.reasons for one in parts)) == ALL_REASONS:
        first, *others = parts
        also = (*first.also, *(item for one in others for item in (one.der, *one.also)))
        return [*whole, first._replace(reasons=ALL_REASONS, also=also)]
    why = ("список только для части причин отзыва",)
    return [*whole, *(one._replace(state="missing", why=why) for one in parts)]


class _Question(NamedTuple):
    """Whether `certificate` was revoked at `control`."""

    run: Run
    certificate: Certificate
    issuer: Certificate
    control: datetime
    judge_signer: CrlSignerJudge


class _List(NamedTuple):
    """A genuine CRL that may speak of the certificate, for `reasons`."""

    crl: Crl
    signer: Certificate
    reasons: frozenset[int]
    revoked: Revoked | None


def _lists(question: _Question, blobs: Iterable[bytes]) -> Iterator[Status]:
    """What the CRLs say: complete ones, each with the newest delta CRL that continues it; a delta alone only revokes."""
    genuine: list[_List] = []
    for blob in blobs:
        try:
            crl = read_crl(blob)
            weighed = _genuine(question, crl) if may_speak(crl, question.certificate) else None
        except (BadInput, Unsupported) as error:
            weighed = f"список отзыва: {error}"
        if isinstance(weighed, _List):
            genuine.append(weighed)
        elif weighed:
            yield Status(state="missing", why=(weighed,))
    deltas = [one for one in genuine if one.crl.base_number is not None]
    for one in genuine:
        if one.crl.base_number is None:
            fitting = [delta for delta in deltas if delta.crl.fits(one.crl)]
            newest = max(fitting, key=lambda delta: delta.crl.number or 0, default=None)
            yield _continued(question, one, newest) if newest else _state_of(question, one)
        elif one.revoked is not None and one.revoked.reason != "remove_from_crl":
            yield _state_of(question, one)
        else:
            yield Status(state="missing", why=("разностный список (delta CRL) без основного",))


def _genuine(question: _Question, crl: Crl) -> _List | str:
    """Scope, signature and strength of a CRL; what is wrong, when it is not to be used."""
    scope = scope_of(crl, question.certificate)
    if scope.why:
        return scope.why
    signer = _crl_signer(question, crl)
    if signer is None:
        return "подпись списка отзыва не подтверждена ключом издателя"
    if _weak(question, crl.signed):
        return "подпись списка отзыва сделана нестойким алгоритмом"
    return _List(crl=crl, signer=signer, reasons=scope.reasons, revoked=crl.find(question.certificate))


def _continued(question: _Question, base: _List, delta: _List) -> Status:
    """A complete CRL brought up to date by a delta CRL (RFC 5280, 5.2.4); a delta that is stale leaves it as it was."""
    later = delta.revoked or base.revoked
    if delta.revoked is not None and delta.revoked.reason == "remove_from_crl":
        later = None
    joined = _state_of(question, delta._replace(revoked=later))
    if joined.state in {"good", "revoked", "hold"}:
        return joined._replace(der=base.crl.der, also=(delta.crl.der,))
    return _state_of(question, base)


def _state_of(question: _Question, one: _List) -> Status:
    kept = one.crl.keeps_expired_since
    return _state(
        question,
        Status(
            state="good",
            source="crl",
            der=one.crl.der,
            this_update=one.crl.this_update,
            next_update=one.crl.next_update,
            revoked=one.revoked,
            signer=one.signer,
            reasons=one.reasons,
        ),
        keeps_expired=kept is not None and kept <= question.certificate.not_after,
    )


def _crl_signer(question: _Question, crl: Crl) -> Certificate | None:
    issuer = question.issuer
    allowed = issuer.key_usage is None or "crl_sign" in issuer.key_usage
    if allowed and same_name(crl.issuer, issuer.subject_der) and _holds(question.run, issuer, crl.signed):
        return issuer
    for other in question.run.named(crl.issuer):
        if (
            other.public_key_info != issuer.public_key_info
            and _holds(question.run, other, crl.signed)
            and question.judge_signer(other)
        ):
            return other
    return None


def _answers(question: _Question, blobs: Iterable[bytes]) -> Iterator[Status]:
    for blob in blobs:
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
    cutoff, until = answer.archive_cutoff, answer.next_update
    if signer != question.issuer:  # a key may be in strange hands when its certificate has ended: so ends what it said
        until = min(until or answer.this_update + question.run.policy.revocation_max_age, signer.not_after)
    return _state(
        question,
        Status(
            state="good",
            source="ocsp",
            der=answer.der,
            this_update=answer.this_update,
            next_update=until,
            revoked=answer.revoked,
            signer=signer,
        ),
        keeps_expired=cutoff is not None and cutoff <= question.certificate.not_after,
    )


def _responder(question: _Question, answer: OcspAnswer) -> Certificate | None:
    """The certificate that signed the answer, when it may: the issuer's, or one that the issuer gave OCSPSigning."""
    issuer = question.issuer
    if is_responder(answer, issuer) and _holds(question.run, issuer, answer.signed):
        return issuer
    candidates = []
    for blob in answer.certificates:
        try:
            candidates.append(Certificate.load(blob))
        except BadCertificate:
            continue
    for other in (*candidates, *question.run.everyone()):
        if (
            is_responder(answer, other)
            and _holds(question.run, other, answer.signed)
            and _authorised(question, answer, other)
        ):
            return other
    return None


def _authorised(question: _Question, answer: OcspAnswer, responder: Certificate) -> bool:
    """RFC 6960, 4.2.2.2: issued by the CA itself, OCSPSigning, valid when the answer was made, not revoked."""
    issuer = question.issuer
    if not same_name(responder.issuer_der, issuer.subject_der) or not question.run.issued_by(responder, issuer):
        return False
    usage = responder.key_usage
    may_sign = usage is None or usage & {"digital_signature", "non_repudiation"}
    if not may_sign or oids.EKU_OCSP_SIGNING not in (responder.extended_key_usage or ()):
        return False
    if unknown_critical(responder) or not responder.algorithms_agree:
        return False
    weak = key_weakness(question.run, responder, question.control)
    if weak or not responder.not_before <= answer.produced_at <= responder.not_after:
        return False
    if needs_no_lookup(responder):
        return True
    # the responder's own certificate is looked up in CRLs only, so the question cannot turn in circles
    asked = question._replace(certificate=responder)
    found = _lists(asked, [*question.run.crls, *question.run.source.crls(responder, issuer)])
    states = {one.state for one in _whole(list(found))}
    named = bool(responder.crl_urls)  # without addresses nothing can be asked for, but what is at hand counts
    return not states & {"revoked", "hold"} and ("good" in states or not named)


def needs_no_lookup(responder: Certificate) -> bool:
    """Whether an OCSP responder's own certificate is believed without asking for its revocation (RFC 6960, 4.2.2.2.1)."""
    return oids.OCSP_NO_CHECK in responder.extensions


def _state(question: _Question, status: Status, *, keeps_expired: bool) -> Status:
    """Decide what a genuine statement is worth at the control time."""
    run, control = question.run, question.control
    issued = status.this_update
    if issued is None or issued > run.at + run.policy.clock_skew:
        return status._replace(state="missing", why=("данные об отзыве из будущего",))
    revoked = status.revoked
    if revoked is not None and revoked.reason != "remove_from_crl":
        if revoked.at <= control:
            return status._replace(state="hold" if revoked.reason == "certificate_hold" else "revoked")
        return status
    if issued > question.certificate.not_after and not keeps_expired:
        return status._replace(state="out_of_bounds", why=("данные об отзыве выпущены после истечения сертификата",))
    until = status.next_update or issued + run.policy.revocation_max_age
    if issued < control and control > until:
        return status._replace(state="stale", why=(f"данные об отзыве устарели {until:%d.%m.%Y %H:%M} UTC",))
    return status


def _holds(run: Run, signer: Certificate, signed: Signed) -> bool:
    return run.signature_holds(signer.public_key_info, signed.algorithm, signed.data, signed.signature)


def _weak(question: _Question, signed: Signed) -> bool:
    return question.run.policy.weak_digest(algorithms.scheme(signed.algorithm).digest, question.control)
