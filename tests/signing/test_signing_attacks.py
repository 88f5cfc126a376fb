"""Files that naive verifiers accept and that must not pass here."""

from __future__ import annotations

from datetime import timedelta

import pytest

from signing import Policy, Report, digest, sign_cades
from signing._internal import der, digests, oids
from signing._internal.cms import read_signed_data
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import (
    NOW,
    attribute,
    basic_constraints,
    extended_key_usage,
    key_usage,
    make_signer,
    usual_attributes,
    wrap,
)

CONTENT = b"genuine content"


def judged(
    world: World,
    attributes: list[bytes] | None,
    *,
    content: bytes = CONTENT,
    content_type: str = oids.DATA,
    algorithms: tuple[bytes, bytes] | None = None,
    policy: Policy | None = None,
    ordered: bool = True,
) -> Report:
    signer = make_signer(world.signer, content, attributes=attributes, algorithms=algorithms, ordered=ordered)
    cms = wrap([signer], content, content_type=content_type, certificates=[world.signer.certificate.der])
    return world.verify(None, cms, policy=policy or Policy())


def refused(report: Report, indication: str, sub_indication: str, check: str) -> None:
    assert (report.indication, report.sub_indication) == (indication, sub_indication), failing(report)
    assert check in failing(report)


def test_stripped_signed_attributes_are_recognised(world: World) -> None:
    genuine = sign_cades(
        CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW, detached=False
    )
    signer = read_signed_data(genuine).signers[0]
    forged_content = next(tbs for _, tbs in signer.signed_forms())
    forged = der.sequence(
        der.integer(1),
        der.sequence(signer.issuer or b"", der.integer(signer.serial or 0)),
        signer.digest_node.raw,
        signer.signature_algorithm,
        der.octet_string(signer.signature),
    )
    cms = wrap([forged], forged_content, certificates=[world.signer.certificate.der])
    refused(world.verify(None, cms), "TOTAL-FAILED", "FORMAT_FAILURE", "signed_attributes")
    lenient = Policy(require_signed_attributes=False, require_signing_certificate=False)
    refused(world.verify(None, cms, policy=lenient), "TOTAL-FAILED", "FORMAT_FAILURE", "signed_attributes")


def test_a_signature_without_signed_attributes_is_not_cades(world: World) -> None:
    refused(judged(world, None), "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", "signed_attributes")
    lenient = Policy(require_signed_attributes=False)
    report = judged(world, None, policy=lenient)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert report.signatures[0].level == "PKCS7"


def test_the_signing_certificate_must_be_signed(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    del usual["reference"]
    report = judged(world, list(usual.values()))
    refused(report, "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", "signing_certificate")
    assert report.signatures[0].level == "PKCS7"


def test_a_reference_to_another_certificate_of_the_same_key_is_refused(world: World) -> None:
    other = world.issuing.issue("Петров Пётр", key=world.signer.key)
    usual = usual_attributes(world.signer, CONTENT) | {"reference": usual_attributes(other, CONTENT)["reference"]}
    report = judged(world, list(usual.values()))
    refused(report, "INDETERMINATE", "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")


def test_a_reference_with_a_wrong_serial_is_refused(world: World) -> None:
    name = world.signer.key.digest_algorithm
    reference = der.sequence(
        digests.identifier(name),
        der.octet_string(digest(name, world.signer.certificate.der)),
        der.sequence(der.sequence(der.explicit(4, world.signer.certificate.issuer_der)), der.integer(12345)),
    )
    usual = usual_attributes(world.signer, CONTENT)
    usual["reference"] = attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(reference)))
    refused(judged(world, list(usual.values())), "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", "signing_certificate")


def test_the_content_type_attribute_must_be_the_type_of_the_content(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT, content_type=oids.TST_INFO)
    refused(judged(world, list(usual.values())), "TOTAL-FAILED", "FORMAT_FAILURE", "content_type")


@pytest.mark.parametrize("change", ["missing", "doubled", "two values", "no values", "not an octet string"])
def test_the_message_digest_stands_exactly_once(world: World, change: str) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    value = der.octet_string(digest(world.signer.key.digest_algorithm, CONTENT))
    broken = {
        "missing": [],
        "doubled": [usual["message_digest"], usual["message_digest"]],
        "two values": [attribute(oids.MESSAGE_DIGEST, value, der.octet_string(bytes(32)))],
        "no values": [attribute(oids.MESSAGE_DIGEST)],
        "not an octet string": [attribute(oids.MESSAGE_DIGEST, der.tlv(der.UTF8_STRING, value[2:]))],
    }
    kept = [encoded for name, encoded in usual.items() if name != "message_digest"]
    report = judged(world, kept + broken[change])
    refused(report, "TOTAL-FAILED", "FORMAT_FAILURE", "signed_attributes")


@pytest.mark.parametrize("name", ["content_type", "signing_time", "reference"])
def test_other_attributes_do_not_stand_twice(world: World, name: str) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    report = judged(world, [*usual.values(), usual[name]])
    assert report.indication != "TOTAL-PASSED"
    assert "signed_attributes" in failing(report)


def test_the_content_type_must_be_there(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    del usual["content_type"]
    refused(judged(world, list(usual.values())), "TOTAL-FAILED", "FORMAT_FAILURE", "signed_attributes")


def test_digest_and_signature_algorithms_agree(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    usual["message_digest"] = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("sha256", CONTENT)))
    mixed = (digests.identifier("sha256"), der.sequence(der.oid(oids.GOST2012_256)))
    report = judged(world, list(usual.values()), algorithms=mixed)
    refused(report, "TOTAL-FAILED", "SIG_CRYPTO_FAILURE", "algorithms")


def test_a_key_of_another_kind_is_refused(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    usual["message_digest"] = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("streebog512", CONTENT)))
    long = (digests.identifier("streebog512"), der.sequence(der.oid(oids.GOST2012_512)))
    report = judged(world, list(usual.values()), algorithms=long)
    refused(report, "TOTAL-FAILED", "SIG_CRYPTO_FAILURE", "signature_value")


def test_algorithm_protection_is_heeded(world: World) -> None:
    usual = usual_attributes(world.signer, CONTENT)
    right = (digests.identifier("streebog256"), der.oid(oids.GOST2012_256))
    for digest_identifier, passes in ((right[0], True), (digests.identifier("sha256"), False)):
        value = der.sequence(digest_identifier, der.tlv(0xA1, right[1]))
        report = judged(world, [*usual.values(), attribute(oids.ALGORITHM_PROTECTION, value)])
        assert (report.indication == "TOTAL-PASSED") is passes, failing(report)


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_512:A"])
def test_a_gost_signature_has_its_exact_length(spec: str) -> None:
    world = build_world(spec)
    cms = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    signature = read_signed_data(cms).signers[0].signature
    for changed in (signature + b"\0", b"\0" + signature, signature[:-1], b""):
        longer = _replace_signature(cms, changed)
        report = world.verify(CONTENT, longer)
        refused(report, "TOTAL-FAILED", "SIG_CRYPTO_FAILURE", "signature_value")


def _replace_signature(cms: bytes, signature: bytes) -> bytes:
    content_type, wrapped = der.read(cms).children()
    parts = wrapped.inner().children()
    members = [child.raw for child in parts[-1].children()[0].children()]
    info = der.sequence(*members[:5], der.octet_string(signature), *members[6:])
    signed = der.sequence(*(part.raw for part in parts[:-1]), der.tlv(der.SET, info))
    return der.sequence(content_type.raw, der.explicit(0, signed))


def test_sha1_is_trusted_only_while_it_was() -> None:
    rsa = build_world("rsa:2048")
    old = Policy(digest_until={"sha256": NOW})  # the same rule that retires SHA-1, moved to our clock
    cms = sign_cades(CONTENT, key=rsa.signer.key, certificate=rsa.signer.certificate, signing_time=NOW)
    report = rsa.verify(CONTENT, cms, policy=old)
    refused(report, "INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "strength")
    assert Policy().weak_digest("sha1", NOW)
    assert Policy().weak_key("rsa", 1024, NOW)
    assert not Policy().weak_digest("sha1", NOW.replace(year=2010))


def test_bytes_after_the_signature_are_refused_and_zeros_are_told_of(world: World) -> None:
    cms = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    refused(world.verify(CONTENT, cms + b"evil"), "TOTAL-FAILED", "FORMAT_FAILURE", "format")
    padded = world.verify(CONTENT, cms + bytes(100))
    assert padded.indication == "TOTAL-PASSED"
    assert "padding" in {check.name for check in padded.signatures[0].checks}


def test_each_signer_has_his_own_verdict(world: World) -> None:
    other = world.issuing.issue("Петров Пётр")
    good = make_signer(world.signer, CONTENT, attributes=list(usual_attributes(world.signer, CONTENT).values()))
    bad = make_signer(other, CONTENT, attributes=list(usual_attributes(other, b"something else").values()))
    cms = wrap([good, bad], CONTENT, certificates=[world.signer.certificate.der, other.certificate.der])
    report = world.verify(None, cms)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED", "TOTAL-FAILED"]
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "HASH_FAILURE")


@pytest.mark.parametrize(
    ("extensions", "check"),
    [
        ([extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)], "extended_key_usage"),
        ([extended_key_usage(oids.EKU_OCSP_SIGNING)], "extended_key_usage"),
        ([key_usage("key_cert_sign")], "key_usage"),
        ([("1.2.3.4.5", True, der.null())], "critical_extensions"),
    ],
)
def test_certificates_for_other_purposes_do_not_sign_documents(world: World, extensions: list, check: str) -> None:
    world.signer = world.issuing.issue("Не тот", extensions=extensions)
    cms = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE", check)


def test_a_subscriber_does_not_issue_certificates(world: World) -> None:
    fake = world.signer.issue("Подставной")
    cms = sign_cades(
        CONTENT, key=fake.key, certificate=fake.certificate, chain=[world.signer.certificate], signing_time=NOW
    )
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE", "basic_constraints")


def test_an_authority_keeps_within_its_path_length(world: World) -> None:
    limited = world.root.authority("Короткий УЦ", length=0)
    below = limited.authority("Лишний УЦ")
    signer = below.issue("Иванов")
    cms = sign_cades(CONTENT, key=signer.key, certificate=signer.certificate, chain=signer.chain, signing_time=NOW)
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE", "path_length")


def test_an_authority_that_may_not_sign_certificates_does_not(world: World) -> None:
    weak = world.root.issue("УЦ без права", extensions=[basic_constraints(authority=True), key_usage("crl_sign")])
    signer = weak.issue("Иванов")
    cms = sign_cades(CONTENT, key=signer.key, certificate=signer.certificate, chain=signer.chain, signing_time=NOW)
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "CHAIN_CONSTRAINTS_FAILURE", "key_usage")


def test_a_stranger_root_inside_the_file_is_not_trusted(world: World) -> None:
    stranger = build_world()
    cms = sign_cades(
        CONTENT,
        key=stranger.signer.key,
        certificate=stranger.signer.certificate,
        chain=[stranger.issuing.certificate, stranger.root.certificate],
        signing_time=NOW,
    )
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", "certificate_chain")


def test_a_certificate_signed_by_a_namesake_of_the_authority_is_refused(world: World) -> None:
    stranger = build_world()  # the same names, other keys
    cms = sign_cades(CONTENT, key=stranger.signer.key, certificate=stranger.signer.certificate, signing_time=NOW)
    assert stranger.signer.certificate.issuer_der == world.issuing.certificate.subject_der
    refused(world.verify(CONTENT, cms), "INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND", "certificate_chain")


def test_expired_and_future_certificates(world: World) -> None:
    cms = sign_cades(CONTENT, key=world.signer.key, certificate=world.signer.certificate, signing_time=NOW)
    for at in (world.signer.certificate.not_after, world.signer.certificate.not_before - timedelta(days=2)):
        moment = at + timedelta(days=1)
        world.refresh(at=moment)
        report = world.verify(CONTENT, cms, at=moment)
        refused(report, "INDETERMINATE", "OUT_OF_BOUNDS_NO_POE", "certificate_validity")


def test_attributes_out_of_order_are_accepted_and_told_of(world: World) -> None:
    attributes = sorted(usual_attributes(world.signer, CONTENT).values(), reverse=True)
    report = judged(world, attributes, ordered=False)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert "signed_attributes_order" in {check.name for check in report.signatures[0].checks}
    strict = judged(world, attributes, ordered=False, policy=Policy(accept_unsorted_attributes=False))
    refused(strict, "INDETERMINATE", "SIG_CONSTRAINTS_FAILURE", "signed_attributes_order")


def test_a_counter_signature_over_another_signature_is_refused(world: World) -> None:
    notary = world.issuing.issue("Нотариус")
    attributes = list(usual_attributes(world.signer, CONTENT).values())
    genuine = make_signer(world.signer, CONTENT, attributes=attributes)
    value = read_signed_data(wrap([genuine], CONTENT)).signers[0].signature
    for over, passes in ((value, True), (bytes(64), False)):
        counter_attributes = usual_attributes(notary, over)
        del counter_attributes["content_type"]  # RFC 5652, 11.4: a counter-signature has no content type
        counter = make_signer(notary, over, attributes=list(counter_attributes.values()))
        members = [child.raw for child in der.read(genuine).children()]
        signer = der.sequence(*members, der.set_of([attribute(oids.COUNTER_SIGNATURE, counter)], tag=0xA1))
        cms = wrap([signer], CONTENT, certificates=[world.signer.certificate.der, notary.certificate.der])
        report = world.verify(None, cms)
        assert report.signatures[0].indication == "TOTAL-PASSED"
        assert report.signatures[1].countersigns == 0
        assert (report.signatures[1].indication == "TOTAL-PASSED") is passes, failing(report, 1)
        assert (report.indication == "TOTAL-PASSED") is passes


@pytest.mark.parametrize("junk", [b"", b"0", b"\x30\x80", b"hello", b"\x30\x03\x02\x01\x01", b"\x00" * 50])
def test_what_is_no_signature_is_a_verdict_not_an_error(world: World, junk: bytes) -> None:
    report = world.verify(CONTENT, junk)
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "FORMAT_FAILURE")
    assert report.signatures[0].sub_indication == "FORMAT_FAILURE"


def test_a_file_without_signers_is_refused(world: World) -> None:
    refused(world.verify(CONTENT, wrap([], CONTENT)), "TOTAL-FAILED", "FORMAT_FAILURE", "format")


def test_a_crowd_of_signers_is_refused_before_it_costs_time(world: World) -> None:
    signer = make_signer(world.signer, CONTENT, attributes=list(usual_attributes(world.signer, CONTENT).values()))
    cms = wrap([signer] * 1001, CONTENT, certificates=[world.signer.certificate.der])
    refused(world.verify(None, cms), "TOTAL-FAILED", "FORMAT_FAILURE", "format")
