"""Attacks on CMS: what naive verifiers accept and what must be refused for the right reason (RFC 5652, EN 319 122-1)."""

from __future__ import annotations

import pytest

from signing import Report, digest
from signing._internal import der, digests, oids
from signing._internal.cms import read_signed_data
from tests.signing.attack_stage import (
    CONTENT,
    FAILED,
    UNDECIDED,
    Attack,
    Stage,
    Table,
    assert_refused,
    declared,
    replaced_signer,
)
from tests.signing.maker import NOW, attribute, make_signer, usual_attributes, wrap

attack = Table()
FORMAT = (FAILED, "FORMAT_FAILURE")
CRYPTO = (FAILED, "SIG_CRYPTO_FAILURE")
CONSTRAINT = (UNDECIDED, "SIG_CONSTRAINTS_FAILURE")


@attack(*FORMAT, "signed_attributes")
def signed_attributes_stripped(stage: Stage) -> Report:
    """The attributes of a genuine signature become the content of a forged one."""
    genuine = read_signed_data(stage.attached(stage.attributes())).signers[0]
    forged_content = next(tbs for _, tbs in genuine.signed_forms())
    return stage.judge(None, _without_attributes(stage, genuine.signature, forged_content))


@attack(*FORMAT, "signed_attributes")
def signed_attributes_stripped_with_their_implicit_tag(stage: Stage) -> Report:
    genuine = read_signed_data(stage.attached(stage.attributes())).signers[0]
    tagged = b"\xa0" + next(tbs for _, tbs in genuine.signed_forms())[1:]
    value = stage.signer.key.sign(tagged)
    return stage.judge(None, _without_attributes(stage, value, tagged))


def _without_attributes(stage: Stage, value: bytes, content: bytes) -> bytes:
    info = der.sequence(
        der.integer(1),
        der.sequence(stage.signer.certificate.issuer_der, der.integer(stage.signer.certificate.serial)),
        digests.identifier("streebog256"),
        der.sequence(der.oid(oids.GOST2012_256)),
        der.octet_string(value),
    )
    return wrap([info], content, certificates=[stage.signer.certificate.der])


@attack(*CONSTRAINT, "signed_attributes")
def no_signed_attributes_at_all(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(None))


# --- the reference to the signing certificate ---


def _reference(stage: Stage, **changed: object) -> bytes:
    certificate = stage.signer.certificate
    name = str(changed.get("algorithm", "streebog256"))
    issuer = changed.get("issuer", certificate.issuer_der)
    assert isinstance(issuer, bytes)
    reference = der.sequence(
        digests.identifier(name),
        der.octet_string(digest(name, certificate.der) if "hash" not in changed else bytes(32)),
        der.sequence(
            der.sequence(der.explicit(4, issuer)), der.integer(int(str(changed.get("serial", certificate.serial))))
        ),
    )
    return attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(reference)))


@attack(*CONSTRAINT, "signing_certificate")
def no_signing_certificate_attribute(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(reference=None)))


@attack(UNDECIDED, "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")
def signing_certificate_hash_of_nothing(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(reference=_reference(stage, hash="zeros"))))


@attack(UNDECIDED, "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")
def signing_certificate_of_another_person_with_the_same_key(stage: Stage) -> Report:
    twin = stage.issuing.issue("Другой владелец", key=stage.signer.key)
    reference = usual_attributes(twin, CONTENT)["reference"]
    return stage.judge(None, stage.attached(stage.attributes(reference=reference)))


@attack(*CONSTRAINT, "signing_certificate")
def signing_certificate_with_a_wrong_serial(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(reference=_reference(stage, serial=42))))


@attack(*CONSTRAINT, "signing_certificate")
def signing_certificate_with_a_wrong_issuer(stage: Stage) -> Report:
    wrong = _reference(stage, issuer=stage.root.certificate.subject_der)
    return stage.judge(None, stage.attached(stage.attributes(reference=wrong)))


@attack(UNDECIDED, "NO_SIGNING_CERTIFICATE_FOUND", "signing_certificate")
def signing_certificate_hashed_by_an_unknown_function(stage: Stage) -> Report:
    strange = der.sequence(der.sequence(der.oid("1.2.3.4")), der.octet_string(bytes(32)))
    wrong = attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(strange)))
    return stage.judge(None, stage.attached(stage.attributes(reference=wrong)))


# --- the signed attributes ---


@attack(*FORMAT, "content_type")
def content_type_attribute_of_another_type(stage: Stage) -> Report:
    wrong = attribute(oids.CONTENT_TYPE, der.oid(oids.TST_INFO))
    return stage.judge(None, stage.attached(stage.attributes(content_type=wrong)))


@attack(*FORMAT, "content_type")
def content_of_another_type_than_the_attribute(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(), content_type="1.2.840.113549.1.7.5"))


_DIGEST = der.octet_string(digest("streebog256", CONTENT))
_TIME = attribute(oids.SIGNING_TIME, der.time(NOW))
_TYPE = attribute(oids.CONTENT_TYPE, der.oid(oids.DATA))
_MALFORMED: dict[str, dict[str, bytes | None]] = {
    "content type missing": {"content_type": None},
    "content type twice": {"again": _TYPE},
    "content type with two values": {
        "content_type": attribute(oids.CONTENT_TYPE, der.oid(oids.DATA), der.oid(oids.TST_INFO))
    },
    "message digest missing": {"message_digest": None},
    "message digest twice": {"again": attribute(oids.MESSAGE_DIGEST, _DIGEST)},
    "message digest with two values": {
        "message_digest": attribute(oids.MESSAGE_DIGEST, _DIGEST, der.octet_string(bytes(32)))
    },
    "message digest without a value": {"message_digest": attribute(oids.MESSAGE_DIGEST)},
    "message digest that is a text": {
        "message_digest": attribute(oids.MESSAGE_DIGEST, der.tlv(der.UTF8_STRING, _DIGEST[2:]))
    },
    "signing time with two values": {"signing_time": attribute(oids.SIGNING_TIME, der.time(NOW), der.integer(1))},
    "signing time that is no time": {"signing_time": attribute(oids.SIGNING_TIME, der.tlv(der.UTC_TIME, b"later"))},
    "signing certificate that is a number": {"reference": attribute(oids.SIGNING_CERTIFICATE_V2, der.integer(1))},
}
for _name, _changed in _MALFORMED.items():
    attack.add(
        _name,
        lambda stage, changed=_changed: stage.judge(None, stage.attached(stage.attributes(**changed))),  # type: ignore[misc]  # a default binds the value
        (*FORMAT, "signed_attributes")
        if _name != "signing certificate that is a number"
        else (*FORMAT, "signed_attributes", "signing_certificate"),
    )


@attack(*CONSTRAINT, "signed_attributes")
def signing_time_twice(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(again=_TIME)))


@attack(*CONSTRAINT, "signed_attributes")
def signing_certificate_twice(stage: Stage) -> Report:
    return stage.judge(None, stage.attached(stage.attributes(again=_reference(stage))))


@attack(FAILED, "HASH_FAILURE", "message_digest")
def message_digest_cut_short(stage: Stage) -> Report:
    short = attribute(oids.MESSAGE_DIGEST, der.octet_string(digest("streebog256", CONTENT)[:31]))
    return stage.judge(None, stage.attached(stage.attributes(message_digest=short)))


@attack(*CRYPTO, "signature_value")
def signing_time_changed_after_signing(stage: Stage) -> Report:
    cms = stage.attached(stage.attributes())
    return stage.judge(None, cms.replace(der.time(NOW), der.time(NOW.replace(year=2020))))


@attack(*FORMAT, "algorithms")
def algorithm_protection_of_another_hash(stage: Stage) -> Report:
    value = der.sequence(digests.identifier("sha256"), der.tlv(0xA1, der.oid(oids.GOST2012_256)))
    protection = attribute(oids.ALGORITHM_PROTECTION, value)
    return stage.judge(None, stage.attached(stage.attributes(protection=protection)))


@attack(*FORMAT, "algorithms")
def algorithm_protection_of_another_signature(stage: Stage) -> Report:
    value = der.sequence(digests.identifier("streebog256"), der.tlv(0xA1, der.oid(oids.GOST2012_512)))
    protection = attribute(oids.ALGORITHM_PROTECTION, value)
    return stage.judge(None, stage.attached(stage.attributes(protection=protection)))


# --- the content ---


@attack(FAILED, "HASH_FAILURE", "message_digest")
def signature_of_another_document(stage: Stage) -> Report:
    return stage.judge(b"another content", stage.signed())


@attack(FAILED, "HASH_FAILURE", "attached_content")
def file_that_is_not_the_attached_content(stage: Stage) -> Report:
    return stage.judge(b"another content", stage.attached(stage.attributes()))


@attack(FAILED, "HASH_FAILURE", "message_digest")
def attached_content_replaced(stage: Stage) -> Report:
    cms = stage.attached(stage.attributes())
    return stage.judge(None, cms.replace(CONTENT, b"GENUINE content"))


@attack(UNDECIDED, "SIGNED_DATA_NOT_FOUND", "message_digest")
def detached_signature_shown_without_its_file(stage: Stage) -> Report:
    return stage.judge(None, stage.signed())


@attack(*FORMAT, "format")
def bytes_after_the_signature(stage: Stage) -> Report:
    return stage.judge(CONTENT, stage.signed() + b"evil")


@attack(*FORMAT, "format")
def second_signature_file_after_the_first(stage: Stage) -> Report:
    return stage.judge(CONTENT, stage.signed() + stage.signed(stage.other))


@attack(*FORMAT, "format")
def no_signers(stage: Stage) -> Report:
    return stage.judge(None, wrap([], CONTENT, certificates=[stage.signer.certificate.der]))


@attack(*FORMAT, "format")
def cms_of_another_kind(stage: Stage) -> Report:
    return stage.judge(CONTENT, stage.signed().replace(der.oid(oids.SIGNED_DATA), der.oid("1.2.840.113549.1.7.3"), 1))


@attack(FAILED, "HASH_FAILURE", "message_digest")
def second_signer_who_signed_something_else(stage: Stage) -> Report:
    good = make_signer(stage.signer, CONTENT, attributes=stage.attributes())
    bad = make_signer(stage.other, CONTENT, attributes=list(usual_attributes(stage.other, b"else").values()))
    certificates = [stage.signer.certificate.der, stage.other.certificate.der]
    report = stage.judge(None, wrap([good, bad], CONTENT, certificates=certificates))
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED", FAILED]
    return report


@attack(FAILED, "HASH_FAILURE", "message_digest")
def counter_signature_over_another_signature(stage: Stage) -> Report:
    return _counter_signed(stage, "content_type")


@attack(*FORMAT, "signed_attributes")
def counter_signature_that_is_bound_to_nothing(stage: Stage) -> Report:
    """Its attributes name no hash of what it is over: it would fit every signature."""
    return _counter_signed(stage, "content_type", "message_digest")


def _counter_signed(stage: Stage, *without: str) -> Report:
    attributes = [one for name, one in usual_attributes(stage.other, bytes(64)).items() if name not in without]
    counter = make_signer(stage.other, bytes(64), attributes=attributes)
    cms = replaced_signer(
        stage.attached(stage.attributes()),
        lambda members: [*members, der.set_of([attribute(oids.COUNTER_SIGNATURE, counter)], tag=0xA1)],
    )
    cms = _with_certificates(cms, [stage.signer.certificate.der, stage.other.certificate.der])
    report = stage.judge(None, cms)
    assert [one.countersigns for one in report.signatures] == [None, 0]
    return report


def _with_certificates(cms: bytes, certificates: list[bytes]) -> bytes:
    signer = der.read(cms).children()[1].inner().children()[-1].children()[0].raw
    return wrap([signer], CONTENT, certificates=certificates)


@attack(UNDECIDED, "CHAIN_CONSTRAINTS_FAILURE", "extended_key_usage")
def timestamp_token_shown_as_a_signature(stage: Stage) -> Report:
    return stage.judge(None, stage.tsa.timestamp("streebog256", digest("streebog256", CONTENT)))


def test_the_genuine_signature_passes() -> None:
    stage = Stage()
    for cms, content in ((stage.signed(), CONTENT), (stage.attached(stage.attributes()), None)):
        report = stage.judge(content, cms)
        assert report.indication == "TOTAL-PASSED", report.to_json()
        assert report.signatures[0].signer == declared().certificate("lessor_person")


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_cms_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
