"""Attacks on certificates and paths (RFC 5280, 6.1): who may issue, for what; encoding, validity and strength."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signing import Certificate, Policy, Report, signature_algorithm
from signing._internal import der, oids
from tests.signing.attack_stage import (
    AUTHORITY,
    CHAIN,
    CONTENT,
    DAY,
    GENERAL,
    MAY_SIGN,
    NO_CHAIN,
    UNDECIDED,
    Attack,
    Stage,
    Table,
    assert_refused,
    below,
    declared,
    holder,
    judged,
    under,
)
from tests.signing.maker import (
    NOW,
    Extension,
    Holder,
    basic_constraints,
    encode_extensions,
    extended_key_usage,
    key_usage,
    make_root,
    make_signer,
    usual_attributes,
    wrap,
)

attack = Table()
CRITICAL: Extension = ("1.2.3.4.5", True, der.null())


# --- who may issue ---


@attack(*CHAIN, "basic_constraints", "key_usage", "path_length")
def certificate_issued_by_a_subscriber(stage: Stage) -> Report:
    return judged(stage, stage.signer.issue("Подставной"), stage.signer)


@attack(*CHAIN, "basic_constraints")
def authority_that_says_it_is_none(stage: Stage) -> Report:
    authority = below(stage, basic_constraints(authority=False), key_usage("key_cert_sign", "crl_sign"))
    return judged(stage, authority.issue("Иванов"), authority)


@attack(*CHAIN, "basic_constraints")
def authority_without_basic_constraints(stage: Stage) -> Report:
    authority = below(stage, key_usage("key_cert_sign", "crl_sign"))
    return judged(stage, authority.issue("Иванов"), authority)


@attack(*CHAIN, "basic_constraints")
def authority_of_version_one(stage: Stage) -> Report:
    authority = remade(stage.root, below(stage), lambda tbs: tbs[1:])
    assert authority.certificate.version == 1
    return judged(stage, authority.issue("Иванов"), authority)


@attack(*CHAIN, "key_usage")
def authority_that_may_not_sign_certificates(stage: Stage) -> Report:
    authority = below(stage, basic_constraints(authority=True), key_usage("crl_sign"))
    return judged(stage, authority.issue("Иванов"), authority)


@attack(*CHAIN, "path_length")
def path_longer_than_the_first_authority_allows(stage: Stage) -> Report:
    short = stage.root.authority("Короткий УЦ", length=0)
    second = short.authority("Лишний УЦ")
    return judged(stage, second.issue("Иванов"), short, second)


@attack(*CHAIN, "path_length")
def path_longer_than_the_second_authority_allows(stage: Stage) -> Report:
    first = stage.root.authority("Первый УЦ", length=5)
    second = first.authority("Второй УЦ", length=0)
    third = second.authority("Третий УЦ")
    return judged(stage, third.issue("Иванов"), first, second, third)


@attack(*NO_CHAIN, "certificate_chain")
def certificate_signed_by_a_namesake_of_the_authority(stage: Stage) -> Report:
    namesake = Holder(key=stage.other.key, certificate=stage.issuing.certificate)
    return judged(stage, namesake.issue("Иванов"))


@attack(*NO_CHAIN, "certificate_chain")
def root_of_a_stranger_inside_the_file(stage: Stage) -> Report:
    stranger = make_root("Чужой корень")
    return judged(stage, stranger.issue("Иванов"), stranger)


@attack(*NO_CHAIN, "certificate_chain")
def root_with_the_name_of_the_trusted_one(stage: Stage) -> Report:
    key = stage.other.key
    stranger = Holder(key=key, certificate=stage.root.certificate).issue(
        "", key=key, extensions=AUTHORITY, subject=_names(stage.root.certificate)
    )
    assert stranger.certificate.self_issued
    return judged(stage, stranger.issue("Иванов"), stranger)


def _names(certificate: Certificate) -> list[tuple[str, str]]:
    pairs = [
        pair.sequence("pair") for rdn in der.read(certificate.subject_der).sequence("Name") for pair in rdn.children()
    ]
    return [(pair[0].oid(), pair[1].text()) for pair in pairs]


@attack(*NO_CHAIN, "certificate_chain")
def self_signed_signer(stage: Stage) -> Report:
    made = make_root("Сам себе УЦ")
    return judged(stage, made)


@attack(*NO_CHAIN, "certificate_chain")
def authorities_that_certify_each_other_in_a_circle(stage: Stage) -> Report:
    one, two = make_root("Первый в круге"), make_root("Второй в круге")
    subject = [[("country", "RU"), ("common_name", name)] for name in ("Первый в круге", "Второй в круге")]
    first = two.issue("", key=one.key, extensions=AUTHORITY, subject=subject[0])
    second = one.issue("", key=two.key, extensions=AUTHORITY, subject=subject[1])
    return judged(stage, first.issue("Иванов"), first, second)


# --- for what the certificate is ---


@attack(*CHAIN, "key_usage")
def key_that_is_only_for_key_agreement(stage: Stage) -> Report:
    usage = (oids.KEY_USAGE, True, der.tlv(der.BIT_STRING, b"\x03\x08"))
    return judged(stage, stage.issuing.issue("Иванов", extensions=[usage]))


@attack(*CHAIN, "key_usage")
def key_that_is_only_for_certificates(stage: Stage) -> Report:
    return judged(stage, stage.issuing.issue("Иванов", extensions=[key_usage("key_cert_sign")]))


_PURPOSES = {
    "time stamping certificate": oids.EKU_TIME_STAMPING,
    "ocsp certificate": oids.EKU_OCSP_SIGNING,
    "server certificate": oids.EKU_SERVER_AUTH,
    "code signing certificate": oids.EKU_CODE_SIGNING,
}
for _name, _purpose in _PURPOSES.items():
    attack.add(
        _name,
        lambda stage, purpose=_purpose: judged(  # type: ignore[misc]  # a default binds the value
            stage, stage.issuing.issue("Не тот", extensions=[MAY_SIGN, extended_key_usage(purpose)])
        ),
        (*CHAIN, "extended_key_usage"),
    )


@attack(*CHAIN, "critical_extensions")
def unknown_critical_extension_of_the_signer(stage: Stage) -> Report:
    return judged(stage, stage.issuing.issue("Иванов", extensions=[MAY_SIGN, CRITICAL]))


@attack(*CHAIN, "critical_extensions")
def unknown_critical_extension_of_the_authority(stage: Stage) -> Report:
    return under(stage, CRITICAL)


# --- the encoding ---


def remade(issuer: Holder, made: Holder, change) -> Holder:  # type: ignore[no-untyped-def]  # noqa: ANN001 a function over the members of TBSCertificate
    """The certificate with the members of its TBSCertificate changed, signed again."""
    tbs, algorithm, _ = der.read(made.certificate.der).children()
    body = der.sequence(*change([child.raw for child in tbs.children()]))
    blob = der.sequence(body, algorithm.raw, der.bit_string(issuer.key.sign(body)))
    return Holder(key=made.key, certificate=Certificate.load(blob), chain=made.chain)


@attack(*GENERAL, "certificate_chain")
def signature_algorithm_inside_is_another(stage: Stage) -> Report:
    long = holder("root")
    signer = remade(
        stage.issuing,
        stage.issuing.issue("Иванов"),
        lambda tbs: [*tbs[:2], signature_algorithm(long.key), *tbs[3:]],
    )
    return judged(stage, signer)


@attack(*GENERAL, "certificate_chain")
def extensions_in_a_certificate_of_version_one(stage: Stage) -> Report:
    return judged(stage, remade(stage.issuing, stage.issuing.issue("Иванов"), lambda tbs: tbs[1:]))


@attack(*NO_CHAIN, "certificate_chain")
def serial_number_changed_after_issue(stage: Stage) -> Report:
    made = stage.issuing.issue("Иванов")
    changed = made.certificate.der.replace(made.certificate.serial_der, der.integer(made.certificate.serial ^ 1), 1)
    return judged(stage, Holder(key=made.key, certificate=Certificate.load(changed)))


@attack(UNDECIDED, "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")
def extension_that_stands_twice(stage: Stage) -> Report:
    signer = stage.issuing.issue("Иванов")
    doubled = der.explicit(3, encode_extensions([MAY_SIGN, MAY_SIGN]))
    tbs, algorithm, _ = der.read(signer.certificate.der).children()
    body = der.sequence(*[child.raw for child in tbs.children()][:-1], doubled)
    blob = der.sequence(body, algorithm.raw, der.bit_string(stage.issuing.key.sign(body)))
    info = make_signer(signer, CONTENT, attributes=list(usual_attributes(signer, CONTENT).values()))
    return stage.judge(None, wrap([info], CONTENT, certificates=[blob]))


# --- validity and strength ---


@attack(UNDECIDED, "OUT_OF_BOUNDS_NO_POE", "certificate_validity")
def declared_certificate_that_has_expired(stage: Stage) -> Report:
    return judged(stage, holder("expired"))


@attack(UNDECIDED, "OUT_OF_BOUNDS_NO_POE", "certificate_validity")
def declared_certificate_that_begins_later(stage: Stage) -> Report:
    return judged(stage, holder("not_yet_valid"))


@attack(*NO_CHAIN, "certificate_chain")
def declared_certificate_of_a_root_that_nobody_trusts(stage: Stage) -> Report:
    return judged(stage, holder("foreign"), holder("foreign_root"))


@attack(UNDECIDED, "OUT_OF_BOUNDS_NO_POE", "certificate_validity")
def authority_that_has_expired_under_a_valid_signer(stage: Stage) -> Report:
    authority = stage.root.issue("Старый УЦ", extensions=AUTHORITY, not_after=NOW - DAY)
    return judged(stage, authority.issue("Иванов"), authority)


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "certificate_strength")
def authority_that_signs_with_a_hash_of_the_past(stage: Stage) -> Report:
    old = Policy(digest_until={"streebog512": NOW - DAY})  # the root's hash, retired by the rule that retires SHA-1
    return stage.judge(CONTENT, stage.signed(), policy=old)


# --- what is fine, so that the refusals above are not for nothing ---


def test_the_same_constructions_pass_when_they_are_right() -> None:
    stage = Stage()
    good: dict[str, Report] = {
        "authority": judged(stage, (one := below(stage, *AUTHORITY)).issue("Иванов"), one),
        "length": judged(stage, (two := stage.root.authority("УЦ", length=0)).issue("Иванов"), two),
        "purpose": judged(
            stage,
            stage.issuing.issue(
                "Иванов", extensions=[MAY_SIGN, extended_key_usage(oids.EKU_SERVER_AUTH, "1.2.643.2.2.34.6")]
            ),
        ),
    }
    assert {name: report.sub_indication for name, report in good.items() if report.indication != "TOTAL-PASSED"} == {}
    assert declared().certificate("root") == stage.root.certificate
    assert stage.judge(CONTENT, stage.signed(), at=timedelta(days=1)).indication == "TOTAL-PASSED"


def test_a_broken_double_of_the_certificate_changes_nothing() -> None:
    """By the signer's issuer and serial number, unreadable where its issuer is told, put before the signer's own."""
    stage = Stage()
    broken = stage.issuing.issue("Двойник", extensions=[(oids.AUTHORITY_KEY_ID, False, der.null())])
    double = remade(stage.other, broken, lambda tbs: [tbs[0], stage.signer.certificate.serial_der, *tbs[2:]])
    info = make_signer(stage.signer, CONTENT, attributes=stage.attributes())
    cms = wrap([info], CONTENT, certificates=[double.certificate.der, stage.signer.certificate.der])
    report = stage.judge(None, cms)
    assert report.indication == "TOTAL-PASSED", report.to_json()
    assert report.signatures[0].signer == stage.signer.certificate


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_certificate_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
