"""Attacks on revocation data: CRLs and OCSP answers that must not be believed, and those that must be heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from signing import Certificate, Report, generate_private_key
from signing._internal import der, oids
from tests.signing.attack_stage import (
    CONTENT,
    DAY,
    NO_CHECK,
    UNDECIDED,
    Attack,
    Stage,
    Table,
    assert_refused,
    holder,
    refused,
)
from tests.signing.maker import (
    NOW,
    Extension,
    Holder,
    encode_extensions,
    extended_key_usage,
    key_usage,
    make_root,
    signed_body,
)

attack = Table()
REVOKED = (UNDECIDED, "REVOKED_NO_POE", "revocation")
NO_ANSWER = (UNDECIDED, "TRY_LATER", "revocation")
_TRUE = b"\xff"
_PLACE = der.tlv(0x86, b"http://pki.demo.test/crl/issuing.crl")


def with_lists(stage: Stage, *crls: bytes, ocsp: Sequence[bytes] = (), signer: Holder | None = None) -> Report:
    """Judge the signer with the root's CRL and the given data for the issuing authority."""
    return stage.judge(CONTENT, stage.signed(signer), crls=[stage.root.crl(), *crls], ocsp=ocsp)


def point(*members: bytes) -> Extension:
    return oids.ISSUING_DISTRIBUTION_POINT, True, der.sequence(*members)


def place(name: bytes) -> bytes:
    return der.explicit(0, der.explicit(0, name))


def numbered(number: int) -> Extension:
    return oids.DELTA_CRL, True, der.integer(number)


def crl_of(
    stage: Stage,
    entries: Sequence[tuple[int, Sequence[Extension]]] = (),
    *,
    number: int = 5,
    extensions: Sequence[Extension] = (),
    signer: Holder | None = None,
    at: datetime = NOW,
) -> bytes:
    """A CRL of the issuing authority (or of `signer`) with these entries, each revoked a day ago."""
    signer = signer or stage.issuing
    listed = [
        der.sequence(der.integer(serial), der.time(NOW - DAY), encode_extensions(own) if own else b"")
        for serial, own in entries
    ]
    return signed_body(
        signer.key,
        lambda algorithm: der.sequence(
            der.integer(1),
            algorithm,
            signer.certificate.subject_der,
            der.time(at),
            der.time(at + 7 * DAY),
            der.sequence(*listed) if listed else b"",
            der.explicit(0, encode_extensions([(oids.CRL_NUMBER, False, der.integer(number)), *extensions])),
        ),
    )


def reason(code: int) -> Extension:
    return oids.REASON_CODE, False, der.tlv(der.ENUMERATED, bytes([code]))


# --- what must be heard ---


@attack(*REVOKED)
def signer_revoked(stage: Stage) -> Report:
    stage.issuing.revoke(stage.signer.certificate, NOW - DAY)
    return stage.judge(CONTENT, stage.signed())


@attack(UNDECIDED, "REVOKED_CA_NO_POE", "revocation")
def authority_revoked(stage: Stage) -> Report:
    stage.root.revoke(stage.issuing.certificate, NOW - DAY)
    return stage.judge(CONTENT, stage.signed())


@attack(*NO_ANSWER)
def signer_suspended(stage: Stage) -> Report:
    stage.issuing.revoke(stage.signer.certificate, NOW - DAY, reason=6)
    return stage.judge(CONTENT, stage.signed())


@attack(*REVOKED)
def revocation_in_a_stale_list(stage: Stage) -> Report:
    stage.issuing.revoke(stage.signer.certificate, NOW - 30 * DAY)
    return with_lists(stage, stage.issuing.crl(at=NOW - 20 * DAY))


@attack(*REVOKED)
def revocation_beside_a_clean_list(stage: Stage) -> Report:
    clean = stage.issuing.crl()
    stage.issuing.revoke(stage.signer.certificate, NOW - DAY)
    return with_lists(stage, clean, stage.issuing.crl())


@attack(*REVOKED)
def revocation_in_a_delta_list(stage: Stage) -> Report:
    delta = crl_of(stage, [(stage.signer.certificate.serial, [reason(1)])], number=6, extensions=[numbered(5)])
    return with_lists(stage, crl_of(stage), delta)


@attack(*REVOKED)
def revocation_in_the_base_that_its_delta_does_not_repeat(stage: Stage) -> Report:
    base = crl_of(stage, [(stage.signer.certificate.serial, [reason(1)])])
    return with_lists(stage, base, crl_of(stage, number=6, extensions=[numbered(5)]))


@attack(*REVOKED)
def suspension_that_became_a_revocation_in_the_delta(stage: Stage) -> Report:
    serial = stage.signer.certificate.serial
    delta = crl_of(stage, [(serial, [reason(1)])], number=6, extensions=[numbered(5)])
    return with_lists(stage, crl_of(stage, [(serial, [reason(6)])]), delta)


@attack(*REVOKED)
def revocation_in_a_delta_list_without_its_base(stage: Stage) -> Report:
    delta = crl_of(stage, [(stage.signer.certificate.serial, [reason(1)])], number=6, extensions=[numbered(5)])
    return with_lists(stage, delta)


@attack(*REVOKED)
def revocation_in_the_list_of_some_reasons(stage: Stage) -> Report:
    some = point(der.tlv(0x83, b"\x05\x60"))
    return with_lists(stage, crl_of(stage, [(stage.signer.certificate.serial, [])], extensions=[some]))


@attack(*REVOKED)
def revocation_in_an_indirect_list(stage: Stage) -> Report:
    issuer: Extension = (
        oids.CERTIFICATE_ISSUER,
        True,
        der.sequence(der.explicit(4, stage.issuing.certificate.subject_der)),
    )
    entries = [(1, []), (stage.signer.certificate.serial, [issuer])]
    return with_lists(stage, crl_of(stage, entries, extensions=[point(der.tlv(0x84, _TRUE))]))


@attack(*REVOKED)
def revocation_by_ocsp_beside_a_clean_list(stage: Stage) -> Report:
    clean = stage.issuing.crl()
    stage.issuing.revoke(stage.signer.certificate, NOW - DAY)
    return with_lists(stage, clean, ocsp=[stage.issuing.ocsp(stage.signer.certificate)])


@attack(*REVOKED)
def revocation_by_list_when_ocsp_inside_the_file_is_older(stage: Stage) -> Report:
    old = stage.issuing.ocsp(stage.signer.certificate, at=NOW - 3 * DAY)
    stage.issuing.revoke(stage.signer.certificate, NOW - DAY)
    return with_lists(stage, stage.issuing.crl(), ocsp=[old])


# --- CRLs that must not be believed ---


@attack(*NO_ANSWER)
def no_revocation_data(stage: Stage) -> Report:
    return with_lists(stage)


def _stranger() -> Holder:
    return make_root("Чужой УЦ")


_UNFIT = {
    "stale list": lambda stage: stage.issuing.crl(at=NOW - 20 * DAY),
    "list from the future": lambda stage: stage.issuing.crl(at=NOW + DAY),
    "list signed by a stranger": lambda stage: stage.issuing.crl(signer=_stranger()),
    "list signed by a subscriber of the authority": lambda stage: stage.issuing.crl(signer=stage.other),
    "list of the authority above": lambda stage: stage.root.crl(),
    "list with an unknown critical extension": lambda stage: crl_of(stage, extensions=[("1.2.3", True, der.null())]),
    "list with an unknown critical extension in an entry of another": lambda stage: crl_of(
        stage, [(7, [("1.2.3", True, der.null())])]
    ),
    "list with another issuer named in a list that is not indirect": lambda stage: crl_of(
        stage, [(7, [(oids.CERTIFICATE_ISSUER, True, der.sequence(der.explicit(4, b"\x30\0")))])]
    ),
    "list of another distribution point": lambda stage: crl_of(
        stage, extensions=[point(place(der.tlv(0x86, b"http://elsewhere.test/x.crl")))]
    ),
    "list of authorities only": lambda stage: crl_of(stage, extensions=[point(der.tlv(0x82, _TRUE))]),
    "list of attribute certificates only": lambda stage: crl_of(stage, extensions=[point(der.tlv(0x85, _TRUE))]),
    "list with a limit that is unknown": lambda stage: crl_of(stage, extensions=[point(der.tlv(0x86, _TRUE))]),
    "list of some reasons alone": lambda stage: crl_of(stage, extensions=[point(der.tlv(0x83, b"\x05\x60"))]),
    "delta list alone": lambda stage: crl_of(stage, number=6, extensions=[numbered(5)]),
    "list cut short": lambda stage: stage.issuing.crl()[:-5],
    "list with bytes after it": lambda stage: stage.issuing.crl() + b"\0",
    "list that is none": lambda _: der.sequence(der.null()),
}
for _name, _make in _UNFIT.items():
    attack.add(_name, lambda stage, make=_make: with_lists(stage, make(stage)), NO_ANSWER)  # type: ignore[misc]  # a default binds the value


@attack(*NO_ANSWER)
def list_whose_date_was_moved_after_signing(stage: Stage) -> Report:
    old = stage.issuing.crl(at=NOW - 20 * DAY)
    return with_lists(stage, old.replace(der.time(NOW - 13 * DAY), der.time(NOW + DAY)))


@attack(*NO_ANSWER)
def list_of_users_only_for_an_authority(stage: Stage) -> Report:
    users = point(der.tlv(0x81, _TRUE))
    crls = [stage.issuing.crl(), crl_of(stage, signer=stage.root, extensions=[users])]
    return stage.judge(CONTENT, stage.signed(), crls=crls)


@attack(*NO_ANSWER)
def indirect_list_of_an_issuer_that_the_certificate_does_not_name(stage: Stage) -> Report:
    service = stage.root.issue("Служба отзыва", extensions=[key_usage("crl_sign")])
    return with_lists(stage, crl_of(stage, signer=service, extensions=[point(der.tlv(0x84, _TRUE))]))


def named_issuer(stage: Stage, service: Holder) -> Holder:
    """A signer whose distribution point names the service as the issuer of an indirect CRL (RFC 5280, 4.2.1.13)."""
    own = der.sequence(place(_PLACE), der.tlv(0xA2, der.explicit(4, service.certificate.subject_der)))
    points: Extension = (oids.CRL_DISTRIBUTION_POINTS, False, der.sequence(own))
    return stage.issuing.issue("Иванов", extensions=[key_usage("digital_signature"), points])


@attack(*NO_ANSWER)
def indirect_list_signed_by_who_may_not_sign_lists(stage: Stage) -> Report:
    service = stage.root.issue("Служба отзыва", extensions=[key_usage("digital_signature")])
    signer = named_issuer(stage, service)
    crl = crl_of(stage, signer=service, extensions=[point(place(_PLACE), der.tlv(0x84, _TRUE))])
    cms = stage.signed(signer, chain=[service])
    return stage.judge(CONTENT, cms, crls=[stage.root.crl(), crl])


@attack(*NO_ANSWER)
def list_of_the_named_issuer_that_is_not_indirect(stage: Stage) -> Report:
    service = stage.root.issue("Служба отзыва", extensions=[key_usage("crl_sign")])
    signer = named_issuer(stage, service)
    crl = crl_of(stage, signer=service, extensions=[point(place(_PLACE))])
    return stage.judge(CONTENT, stage.signed(signer, chain=[service]), crls=[stage.root.crl(), crl])


# --- OCSP ---


def responder(issuer: Holder, *extensions: Extension, until: datetime | None = None) -> Holder:
    own = [key_usage("digital_signature"), extended_key_usage(oids.EKU_OCSP_SIGNING), NO_CHECK]
    return issuer.issue("Служба OCSP", extensions=extensions or own, not_after=until or NOW + 100 * DAY)


_ANSWERS = {
    "answer without the purpose": lambda stage, who: stage.issuing.ocsp(
        who, responder=responder(stage.issuing, key_usage("digital_signature"), NO_CHECK)
    ),
    "answer by a responder of another authority": lambda stage, who: stage.issuing.ocsp(
        who, responder=responder(stage.root)
    ),
    "answer by a responder with an unknown critical extension": lambda stage, who: stage.issuing.ocsp(
        who,
        responder=responder(
            stage.issuing, extended_key_usage(oids.EKU_OCSP_SIGNING), NO_CHECK, ("1.2.3", True, der.null())
        ),
    ),
    "answer by a responder whose key may not sign": lambda stage, who: stage.issuing.ocsp(
        who,
        responder=responder(
            stage.issuing, extended_key_usage(oids.EKU_OCSP_SIGNING), NO_CHECK, key_usage("key_cert_sign")
        ),
    ),
    "answer by a responder that has expired": lambda stage, who: stage.issuing.ocsp(
        who, responder=responder(stage.issuing, until=NOW - DAY)
    ),
    "answer made by an expired responder for a day of its own": lambda stage, who: stage.issuing.ocsp(
        who, at=NOW - 2 * DAY, until=NOW + 100 * DAY, responder=responder(stage.issuing, until=NOW - DAY)
    ),
    "answer by a namesake of the responder": lambda stage, who: stage.issuing.ocsp(
        who,
        responder=Holder(key=generate_private_key(), certificate=holder("ocsp").certificate),
    ),
    "answer of long ago": lambda stage, who: stage.issuing.ocsp(who, at=NOW - 30 * DAY),
    "answer of tomorrow": lambda stage, who: stage.issuing.ocsp(who, at=NOW + DAY),
    "answer about another certificate": lambda stage, _: stage.issuing.ocsp(stage.other.certificate),
    "answer about another issuer": lambda stage, who: stage.issuing.ocsp(who, name_of=stage.root.certificate),
    "answer about another key of the issuer": lambda stage, who: stage.issuing.ocsp(who, key_of=stage.root.certificate),
    "answer that names another responder": lambda stage, who: stage.issuing.ocsp(
        who, responder=responder(stage.issuing), responder_name=stage.root.certificate.subject_der
    ),
    "answer of the authority above": lambda stage, who: stage.root.ocsp(who),
    "refusal to answer": lambda *_: der.sequence(der.tlv(der.ENUMERATED, b"\x06")),
    "answer with a changed date": lambda stage, who: stage.issuing.ocsp(who, at=NOW - 30 * DAY).replace(
        der.generalized_time(NOW - 30 * DAY), der.generalized_time(NOW)
    ),
    "answer that does not know the certificate": lambda stage, who: stage.issuing.ocsp(who, status=der.tlv(0x82)),
    "answer of another form": lambda stage, who: stage.issuing.ocsp(who).replace(
        der.oid(oids.OCSP_BASIC_INFO), der.oid("1.3.6.1.5.5.7.48.1.9"), 1
    ),
}


def _only_ocsp(stage: Stage, answer: object) -> Report:
    assert isinstance(answer, bytes)
    return with_lists(stage, ocsp=[answer])


for _name, _answer in _ANSWERS.items():
    attack.add(
        _name,
        lambda stage, make=_answer: _only_ocsp(stage, make(stage, stage.signer.certificate)),  # type: ignore[misc]  # a default binds the value
        NO_ANSWER,
    )


# --- what is fine, so that the refusals above are not for nothing ---


def test_right_evidence_passes() -> None:
    stage = Stage()
    certificate = stage.signer.certificate
    service = stage.root.issue("Служба отзыва", extensions=[key_usage("crl_sign")])
    indirect = crl_of(
        stage, [(certificate.serial, [])], signer=service, extensions=[point(place(_PLACE), der.tlv(0x84, _TRUE))]
    )
    held = [(certificate.serial, [reason(6)])]
    freed = crl_of(stage, [(certificate.serial, [reason(8)])], number=6, extensions=[numbered(4)])
    others = [
        (9, [(oids.CERTIFICATE_ISSUER, True, der.sequence(der.explicit(4, stage.root.certificate.subject_der)))]),
        (certificate.serial, []),
    ]
    good = {
        "list": with_lists(stage, crl_of(stage)),
        "its own point": with_lists(stage, crl_of(stage, extensions=[point(place(_own_place(certificate)))])),
        "users": with_lists(stage, crl_of(stage, extensions=[point(der.tlv(0x81, _TRUE))])),
        "delta": with_lists(stage, crl_of(stage), crl_of(stage, number=6, extensions=[numbered(5)])),
        "hold lifted": with_lists(stage, crl_of(stage, held), freed),
        "parts of reasons": with_lists(
            stage,
            crl_of(stage, extensions=[point(der.tlv(0x83, b"\x05\x60"))]),
            crl_of(stage, extensions=[point(der.tlv(0x83, b"\x07\x1f\x80"))]),
        ),
        "of another issuer in an indirect list": with_lists(
            stage, crl_of(stage, others, extensions=[point(der.tlv(0x84, _TRUE))])
        ),
        "indirect": stage.judge(
            CONTENT,
            stage.signed(named_issuer(stage, service), chain=[service]),
            crls=[stage.root.crl(), indirect],
        ),
        "ocsp": with_lists(stage, ocsp=[stage.issuing.ocsp(certificate)]),
        "responder": with_lists(stage, ocsp=[stage.issuing.ocsp(certificate, responder=responder(stage.issuing))]),
        "declared responder": with_lists(stage, ocsp=[stage.issuing.ocsp(certificate, responder=holder("ocsp"))]),
        "hash": with_lists(stage, ocsp=[stage.issuing.ocsp(certificate, hash_name="sha256")]),
    }
    assert {name: refused(report) for name, report in good.items() if report.indication != "TOTAL-PASSED"} == {}


def _own_place(certificate: Certificate) -> bytes:
    return der.tlv(0x86, certificate.crl_urls[0].encode())


_DELTAS = {
    "its base is newer than the list": (crl_of, {"number": 9, "extensions": [numbered(6)]}),
    "it is older than the list": (crl_of, {"number": 5, "extensions": [numbered(3)]}),
    "it serves another point": (crl_of, {"number": 6, "extensions": [numbered(5), point(der.tlv(0x81, _TRUE))]}),
}


@pytest.mark.parametrize("why", _DELTAS)
def test_a_delta_that_does_not_continue_the_list_lifts_nothing(why: str) -> None:
    """A hold stays, whatever a delta of another list says (RFC 5280, 6.3.3, step c)."""
    stage = Stage()
    make, options = _DELTAS[why]
    serial = stage.signer.certificate.serial
    delta = make(stage, [(serial, [reason(8)])], **options)  # type: ignore[arg-type]  # options of two kinds
    report = with_lists(stage, crl_of(stage, [(serial, [reason(6)])]), delta)
    assert (report.indication, report.sub_indication) == (UNDECIDED, "TRY_LATER")


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_revocation_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
