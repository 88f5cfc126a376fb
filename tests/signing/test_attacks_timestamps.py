"""Attacks on time-stamps (RFC 3161, EN 319 102-1, 5.4): a forged one must not carry a signature over a revocation.

The signer's certificate is revoked ten days after signing and the file is judged twenty days after: with a genuine
time-stamp it passes, with a forged one it must be refused as revoked, and the time-stamp must be told of as refused
for its own reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from signing import Report, digest
from signing._internal import der, digests, oids
from tests.signing.attack_stage import CONTENT, DAY, UNDECIDED, Stage, refused, replaced_signer
from tests.signing.maker import (
    NOW,
    YEAR,
    Extension,
    Holder,
    Tsa,
    attribute,
    extended_key_usage,
    key_usage,
    make_cms,
    make_root,
    make_signer,
    usual_attributes,
    wrap,
)

LATER = 20 * DAY
_USAGE = key_usage("digital_signature")
_STAMPING = extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)
# makes the forged token over the signature value
Forge = Callable[[Stage, bytes], bytes]


@dataclass(frozen=True, kw_only=True)
class Forgery:
    """A forged token and what must be told of it."""

    name: str
    forge: Forge
    sub_indication: str
    checks: frozenset[str]

    def __str__(self) -> str:
        return self.name


FORGERIES: list[Forgery] = []


def forgery(sub_indication: str, *checks: str) -> Callable[[Forge], Forge]:
    def keep(forge: Forge) -> Forge:
        name = forge.__name__.replace("_", " ")
        FORGERIES.append(Forgery(name=name, forge=forge, sub_indication=sub_indication, checks=frozenset(checks)))
        return forge

    return keep


def judged(stage: Stage, forge: Forge) -> Report:
    cms = replaced_signer(
        stage.signed(),
        lambda members: [
            *members,
            der.set_of([attribute(oids.SIGNATURE_TIMESTAMP, forge(stage, der.read(members[5]).value))], tag=0xA1),
        ],
    )
    stage.issuing.revoke(stage.signer.certificate, NOW + 10 * DAY)
    fresh = [stage.root.crl(at=NOW + LATER), stage.issuing.crl(at=NOW + LATER)]
    return stage.judge(CONTENT, cms, crls=fresh, at=LATER)


def stamp(stage: Stage, value: bytes, **changed: object) -> bytes:
    tsa = replace(stage.tsa, **changed)  # type: ignore[arg-type]  # fields of Tsa
    return tsa.timestamp("streebog256", digest("streebog256", value))


def authority(stage: Stage, *extensions: Extension, issuer: Holder | None = None, **options: object) -> Holder:
    return (issuer or stage.issuing).issue("Служба", extensions=extensions or [_USAGE, _STAMPING], **options)  # type: ignore[arg-type]  # options of issue


@forgery("HASH_FAILURE", "timestamp_imprint")
def over_zeros(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, wrong_imprint=True)


@forgery("HASH_FAILURE", "timestamp_imprint")
def over_the_content_instead_of_the_signature(stage: Stage, _: bytes) -> bytes:
    return stamp(stage, CONTENT)


@forgery("HASH_FAILURE", "timestamp_imprint")
def of_another_signature(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value[::-1])


@forgery("HASH_FAILURE", "message_digest")
def with_its_time_moved(stage: Stage, value: bytes) -> bytes:
    token = stamp(stage, value, at=NOW + 15 * DAY)
    return token.replace(der.generalized_time(NOW + 15 * DAY), der.generalized_time(NOW), 1)


@forgery("TIMESTAMP_ORDER_FAILURE", "timestamp_time")
def from_the_future(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, at=NOW + 30 * DAY)


@forgery("SIG_CRYPTO_FAILURE", "signature_value")
def by_a_stranger_in_the_name_of_the_authority(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=replace(stage.tsa.holder, key=stage.other.key))


@forgery("NO_CERTIFICATE_CHAIN_FOUND", "certificate_chain")
def by_an_authority_that_nobody_trusts(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=authority(stage, issuer=make_root("Чужой УЦ")))


@forgery("CHAIN_CONSTRAINTS_FAILURE", "extended_key_usage")
def by_the_signer_herself(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=stage.other)


@forgery("CHAIN_CONSTRAINTS_FAILURE", "extended_key_usage")
def by_an_authority_whose_purpose_is_not_critical(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=authority(stage, _USAGE, extended_key_usage(oids.EKU_TIME_STAMPING)))


@forgery("CHAIN_CONSTRAINTS_FAILURE", "extended_key_usage")
def by_an_authority_with_two_purposes(stage: Stage, value: bytes) -> bytes:
    both = extended_key_usage(oids.EKU_TIME_STAMPING, oids.EKU_OCSP_SIGNING, critical=True)
    return stamp(stage, value, holder=authority(stage, _USAGE, both))


@forgery("CHAIN_CONSTRAINTS_FAILURE", "key_usage")
def by_an_authority_whose_key_may_not_sign(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=authority(stage, key_usage("key_cert_sign"), _STAMPING))


@forgery("CHAIN_CONSTRAINTS_FAILURE", "critical_extensions")
def by_an_authority_with_an_unknown_critical_extension(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=authority(stage, _USAGE, _STAMPING, ("1.2.3", True, der.null())))


@forgery("OUT_OF_BOUNDS_NO_POE", "certificate_validity")
def by_an_authority_that_has_expired(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, holder=authority(stage, not_after=NOW + 5 * DAY))


@forgery("OUT_OF_BOUNDS_NO_POE", "timestamp_time")
def of_a_time_before_the_authority(stage: Stage, value: bytes) -> bytes:
    return stamp(stage, value, at=NOW - 3 * YEAR)


@forgery("REVOKED_NO_POE", "revocation")
def by_an_authority_that_is_revoked(stage: Stage, value: bytes) -> bytes:
    stage.issuing.revoke(stage.tsa.holder.certificate, NOW + 5 * DAY, reason=1)
    return stamp(stage, value)


@forgery("FORMAT_FAILURE", "timestamp_format")
def that_is_a_document_signature(stage: Stage, value: bytes) -> bytes:
    return make_cms(stage.tsa.holder, value)


@forgery("FORMAT_FAILURE", "timestamp_format")
def with_two_signers(stage: Stage, value: bytes) -> bytes:
    info = _info(value)
    signer = make_signer(stage.tsa.holder, info, attributes=_attributes(stage.tsa, info))
    return wrap([signer, signer], info, content_type=oids.TST_INFO, certificates=_certificates(stage.tsa))


@forgery("FORMAT_FAILURE", "timestamp_format")
def with_a_time_of_another_kind(stage: Stage, value: bytes) -> bytes:
    return _token(stage, _info(value, time=der.tlv(der.UTC_TIME, b"261120120000Z")))


@forgery("FORMAT_FAILURE", "timestamp_format")
def with_an_unknown_hash(stage: Stage, value: bytes) -> bytes:
    return _token(stage, _info(value, hash_identifier=der.sequence(der.oid("1.2.3.4"))))


@forgery("SIG_CONSTRAINTS_FAILURE", "signing_certificate")
def without_a_reference_to_its_certificate(stage: Stage, value: bytes) -> bytes:
    return _token(stage, _info(value), leave="reference")


@forgery("FORMAT_FAILURE", "signed_attributes")
def without_its_message_digest(stage: Stage, value: bytes) -> bytes:
    return _token(stage, _info(value), leave="message_digest")


@forgery("FORMAT_FAILURE", "content_type")
def with_a_content_type_of_data(stage: Stage, value: bytes) -> bytes:
    info = _info(value)
    attributes = usual_attributes(stage.tsa.holder, info, content_type=oids.DATA)
    signer = make_signer(stage.tsa.holder, info, attributes=list(attributes.values()))
    return wrap([signer], info, content_type=oids.TST_INFO, certificates=_certificates(stage.tsa))


@forgery("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "timestamp_strength")
def over_a_sha1(stage: Stage, value: bytes) -> bytes:
    return stage.tsa.timestamp("sha1", digest("sha1", value))


def _info(value: bytes, *, time: bytes | None = None, hash_identifier: bytes | None = None) -> bytes:
    return der.sequence(
        der.integer(1),
        der.oid("1.3.6.1.4.1.32473.2.1"),
        der.sequence(
            hash_identifier or digests.identifier("streebog256"), der.octet_string(digest("streebog256", value))
        ),
        der.integer(7),
        time or der.generalized_time(NOW),
    )


def _certificates(tsa: Tsa) -> list[bytes]:
    return [tsa.holder.certificate.der, *(one.der for one in tsa.holder.chain)]


def _attributes(tsa: Tsa, info: bytes, leave: str = "") -> list[bytes]:
    usual = usual_attributes(tsa.holder, info, content_type=oids.TST_INFO)
    return [encoded for name, encoded in usual.items() if name != leave]


def _token(stage: Stage, info: bytes, *, leave: str = "") -> bytes:
    signer = make_signer(stage.tsa.holder, info, attributes=_attributes(stage.tsa, info, leave))
    return wrap([signer], info, content_type=oids.TST_INFO, certificates=_certificates(stage.tsa))


def test_genuine_timestamps_carry_the_signature_over_the_revocation() -> None:
    for forge in (stamp, lambda stage, value: _token(stage, _info(value))):
        report = judged(Stage(), forge)
        assert report.indication == "TOTAL-PASSED", report.to_json()
        assert report.signatures[0].best_signature_time == NOW
    bare = Stage()
    bare.issuing.revoke(bare.signer.certificate, NOW + 10 * DAY)
    fresh = [bare.root.crl(at=NOW + LATER), bare.issuing.crl(at=NOW + LATER)]
    assert bare.judge(CONTENT, bare.signed(), crls=fresh, at=LATER).sub_indication == "REVOKED_NO_POE"


@pytest.mark.parametrize("forgery", FORGERIES, ids=str)
def test_timestamp_attack(forgery: Forgery) -> None:
    report = judged(Stage(), forgery.forge)
    (verdict,) = report.signatures
    told = {one.name: one for one in verdict.checks}["signature_timestamp"]
    assert told.outcome == "warning", told.text_ru
    assert told.data["sub_indication"] == forgery.sub_indication, told.text_ru
    inner = told.data["checks"]
    assert isinstance(inner, list)
    assert {one["name"] for one in inner if one["outcome"] in {"failed", "indeterminate"}} == forgery.checks, inner
    assert (report.indication, report.sub_indication) == (UNDECIDED, "REVOKED_NO_POE")
    assert refused(report) == {"revocation"}
    assert (verdict.best_time_source, verdict.best_signature_time) == ("validation-time", NOW + LATER)


def test_a_content_timestamp_later_than_the_signature_is_out_of_order() -> None:
    stage = Stage()
    late = replace(stage.tsa, at=NOW + DAY).timestamp("streebog256", digest("streebog256", CONTENT))
    attributes = stage.attributes(stamped=attribute(oids.CONTENT_TIMESTAMP, late))
    cms = replaced_signer(
        stage.attached(attributes),
        lambda members: [
            *members,
            der.set_of([attribute(oids.SIGNATURE_TIMESTAMP, stamp(stage, der.read(members[5]).value))], tag=0xA1),
        ],
    )
    report = stage.judge(None, cms, at=2 * DAY)
    assert (report.indication, report.sub_indication) == (UNDECIDED, "TIMESTAMP_ORDER_FAILURE")
    assert refused(report) == {"timestamp_order"}
