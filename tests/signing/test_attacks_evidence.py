"""Evidence by those who have no say: responders and lists in the authority's name; what is heard beside a clean list."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from signing import Report, load_private_key
from signing._internal import der, oids
from tests.signing.attack_stage import (
    AUTHORITY,
    CONTENT,
    DAY,
    NO_CHECK,
    UNDECIDED,
    Attack,
    Stage,
    Table,
    assert_refused,
)
from tests.signing.maker import NOW, Extension, Holder, addresses, extended_key_usage, key_usage
from tests.signing.test_attacks_revocation import (
    NO_ANSWER,
    crl_of,
    numbered,
    place,
    point,
    reason,
    responder,
    with_lists,
)

attack = Table()
_ELSEWHERE = "http://pki.demo.test/crl/responders.crl"
_PART = point(place(b"\x86" + bytes([len(_ELSEWHERE)]) + _ELSEWHERE.encode()))


def _looked_up() -> tuple[Extension, ...]:
    """A responder whose own revocation has to be looked up in a list that says nothing of signers."""
    return key_usage("digital_signature"), extended_key_usage(oids.EKU_OCSP_SIGNING), *addresses(crl=_ELSEWHERE)


def _second_key(stage: Stage) -> Holder:
    """Another certificate of the issuing authority, with a key of its own."""
    name = der.read(stage.issuing.certificate.subject_der)
    pairs = [pair.sequence("pair") for rdn in name.sequence("Name") for pair in rdn.children()]
    made = stage.root.issue("", extensions=AUTHORITY, subject=[(one[0].oid(), one[1].text()) for one in pairs])
    assert made.certificate.subject.rfc4514 == stage.issuing.certificate.subject.rfc4514
    return made


@attack(*NO_ANSWER)
def answer_by_a_responder_whom_a_namesake_of_the_authority_made(stage: Stage) -> Report:
    namesake = Holder(key=stage.other.key, certificate=stage.issuing.certificate)
    answer = stage.issuing.ocsp(stage.signer.certificate, responder=responder(namesake))
    return with_lists(stage, ocsp=[answer])


@attack(*NO_ANSWER)
def answer_by_a_responder_that_is_revoked_beside_an_older_clean_list(stage: Stage) -> Report:
    who = responder(stage.issuing, *_looked_up())
    clean = crl_of(stage, extensions=[_PART])
    newer = crl_of(stage, [(who.certificate.serial, [])], number=6, extensions=[_PART])
    answer = stage.issuing.ocsp(stage.signer.certificate, responder=who)
    return with_lists(stage, clean, newer, ocsp=[answer])


@attack(*NO_ANSWER)
def answer_by_a_responder_that_is_suspended_beside_an_older_clean_list(stage: Stage) -> Report:
    who = responder(stage.issuing, *_looked_up())
    newer = crl_of(stage, [(who.certificate.serial, [reason(6)])], number=6, extensions=[_PART])
    answer = stage.issuing.ocsp(stage.signer.certificate, responder=who)
    return with_lists(stage, crl_of(stage, extensions=[_PART]), newer, ocsp=[answer])


@attack(*NO_ANSWER)
def answer_by_a_responder_of_whom_no_list_tells(stage: Stage) -> Report:
    who = responder(stage.issuing, *_looked_up())
    return with_lists(stage, ocsp=[stage.issuing.ocsp(stage.signer.certificate, responder=who)])


@attack(*NO_ANSWER)
def answer_by_a_responder_without_addresses_that_a_list_at_hand_revokes(stage: Stage) -> Report:
    """The list is too old to say that anybody is good; that the responder is revoked it may still say."""
    who = responder(stage.issuing, *_looked_up()[:2])
    old = crl_of(stage, [(who.certificate.serial, [])], at=NOW - 30 * DAY)
    return with_lists(stage, old, ocsp=[stage.issuing.ocsp(stage.signer.certificate, responder=who)])


@attack(*NO_ANSWER)
def answer_by_a_responder_whose_key_can_be_broken(stage: Stage) -> Report:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 the weakness is the test
    key = load_private_key(short.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    own = [*_looked_up()[:2], NO_CHECK]
    who = stage.issuing.issue("Служба OCSP", extensions=own, key=key)
    return with_lists(stage, ocsp=[stage.issuing.ocsp(stage.signer.certificate, responder=who)])


@attack(*NO_ANSWER)
def list_of_a_stranger_where_the_authority_has_two_keys(stage: Stage) -> Report:
    second = _second_key(stage)
    forged = crl_of(stage, signer=Holder(key=stage.other.key, certificate=stage.issuing.certificate))
    cms = stage.signed(chain=[stage.issuing, second])
    return stage.judge(CONTENT, cms, crls=[stage.root.crl(), forged])


@attack(*NO_ANSWER)
def suspension_beside_an_older_clean_list(stage: Stage) -> Report:
    clean = crl_of(stage)
    return with_lists(stage, clean, crl_of(stage, [(stage.signer.certificate.serial, [reason(6)])], number=6))


def test_the_same_evidence_by_the_right_ones_passes() -> None:
    stage = Stage()
    who = responder(stage.issuing, *_looked_up())
    answer = stage.issuing.ocsp(stage.signer.certificate, responder=who)
    assert with_lists(stage, crl_of(stage, extensions=[_PART]), ocsp=[answer]).indication == "TOTAL-PASSED"
    plain = responder(stage.issuing, *_looked_up()[:2])
    answer = stage.issuing.ocsp(stage.signer.certificate, responder=plain)
    for lists in ([], [crl_of(stage, at=NOW - 30 * DAY)]):
        assert with_lists(stage, *lists, ocsp=[answer]).indication == "TOTAL-PASSED", "of whom no list tells"
    second = _second_key(stage)
    own = crl_of(stage, signer=second)
    cms = stage.signed(chain=[stage.issuing, second])
    assert stage.judge(CONTENT, cms, crls=[stage.root.crl(), own]).indication == "TOTAL-PASSED"


def revocation_of(report: Report) -> dict[str, object]:
    """What the check of the signer's own revocation has for machines."""
    return dict(next(one.data for one in report.signatures[0].checks if one.name == "revocation"))


def test_each_piece_that_could_not_be_used_is_told_of_beside_the_one_that_could() -> None:
    stage = Stage()
    forged = crl_of(stage, signer=Holder(key=stage.other.key, certificate=stage.issuing.certificate))
    other = crl_of(stage, extensions=[_PART])
    for more, indication in (((), UNDECIDED), ((crl_of(stage),), "TOTAL-PASSED")):
        report = with_lists(stage, forged, other, *more)
        assert report.indication == indication
        assert revocation_of(report)["unusable"] == [
            "подпись списка отзыва не подтверждена ключом издателя",
            "список относится к другой точке распространения",
        ]


def test_a_hold_that_was_lifted_leaves_no_trace_of_a_revocation() -> None:
    stage = Stage()
    serial = stage.signer.certificate.serial
    held = crl_of(stage, [(serial, [reason(6)])])
    lifted = crl_of(stage, [(serial, [reason(8)])], number=6, extensions=[numbered(5)])
    report = with_lists(stage, held, lifted)
    assert report.indication == "TOTAL-PASSED"
    assert "revoked_at" not in revocation_of(report)
    newest = crl_of(stage, [(serial, [reason(1)])], number=7, extensions=[numbered(5)])
    for order in ((held, lifted, newest), (held, newest, lifted)):
        assert with_lists(stage, *order).sub_indication == "REVOKED_NO_POE"


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_evidence_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
