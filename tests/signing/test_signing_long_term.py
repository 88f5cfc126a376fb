"""X Long Type 1 and A: made here, judged years later, forged in every part."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing import BadInput, OfflineEvidence, Report, augment, sign_cades, verify
from signing._internal import der, digests, oids
from signing._internal.cms import read_signed_data
from signing._internal.timestamps import read_token
from tests.signing.conftest import World, build_world
from tests.signing.maker import NOW, YEAR, Tsa, attribute, extended_key_usage, key_usage
from tests.signing.test_signing_round_trip import CONTENT, openssl_verify

_STAMPING = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]
NOTHING = OfflineEvidence()


def lists(world: World, at: datetime = NOW) -> OfflineEvidence:
    return OfflineEvidence(crls=[world.root.crl(at=at), world.issuing.crl(at=at)])


def make(world: World, level: str, *, detached: bool = True, at: datetime = NOW) -> bytes:
    bes = sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        detached=detached,
    )
    return raised(world, bes, level, at=at)


def raised(world: World, cms: bytes, level: str, *, at: datetime = NOW, tsa: Tsa | None = None) -> bytes:
    return augment(
        cms,
        level,  # type: ignore[arg-type]  # a parameter of tests
        content=CONTENT,
        timestamper=tsa or world.tsa,
        trust=world.trust,
        evidence=lists(world, at),
        at=at,
    )


def later_tsa(world: World, at: datetime, until: datetime) -> Tsa:
    holder = world.issuing.issue("Служба времени позже", extensions=_STAMPING, not_after=until)
    return Tsa(holder=holder, at=at)


def judge(world: World, cms: bytes, at: datetime = NOW, *, evidence: OfflineEvidence = NOTHING) -> Report:
    return verify(CONTENT, cms, trust=world.trust, evidence=evidence, at=at)


def outcome(report: Report, name: str) -> list[str]:
    return [one.outcome for one in report.signatures[0].checks if one.name == name]


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_512:A", "rsa:2048", "ec:P-256"])
@pytest.mark.parametrize(("level", "shown"), [("XLT1", "XL"), ("A", "A")])
def test_what_we_raise_needs_no_other_evidence_and_openssl_takes_it(
    spec: str, level: str, shown: str, tmp_path: Path
) -> None:
    world = build_world(spec)
    cms = make(world, level)
    report = judge(world, cms)
    assert (report.indication, report.signatures[0].level) == ("TOTAL-PASSED", shown)
    assert outcome(report, "signature_timestamp") == outcome(report, "references_timestamp") == ["passed"]
    assert outcome(report, "archive_timestamp") == (["passed"] if level == "A" else [])
    done = openssl_verify(world, cms, tmp_path)
    assert done.returncode == 0, done.stderr.decode()


def test_raising_keeps_what_was_signed_and_attached_content_needs_no_file(world: World) -> None:
    bes = make(world, "T", detached=False)
    raised_twice = raised(world, raised(world, bes, "XLT1"), "XLT1")
    before, after = (read_signed_data(one).signers[0] for one in (bes, raised_twice))
    assert list(before.signed_forms()) == list(after.signed_forms())
    assert len(after.unsigned(oids.CADES_C_TIMESTAMP)) == 1
    report = verify(None, raised(world, bes, "A"), trust=world.trust, evidence=NOTHING, at=NOW)
    assert report.indication == "TOTAL-PASSED"


def test_a_detached_signature_needs_its_file_for_an_archive_timestamp(world: World) -> None:
    with pytest.raises(BadInput, match="content"):
        augment(make(world, "XLT1"), "A", timestamper=world.tsa, trust=world.trust, evidence=lists(world), at=NOW)


def test_without_evidence_or_with_a_broken_signature_nothing_is_raised(world: World) -> None:
    bes = make(world, "T")
    arguments = {"timestamper": world.tsa, "trust": world.trust, "at": NOW}
    with pytest.raises(BadInput):
        augment(bes, "XLT1", content=CONTENT, evidence=NOTHING, **arguments)  # type: ignore[arg-type]  # a plain dict
    with pytest.raises(BadInput):
        augment(bes, "XLT1", content=b"other", evidence=lists(world), **arguments)  # type: ignore[arg-type]  # the same


def test_ocsp_answers_are_kept_as_evidence(world: World) -> None:
    holders = (world.signer, world.tsa.holder)
    answers = [world.issuing.ocsp(one.certificate) for one in holders]
    source = OfflineEvidence(ocsp=answers, crls=[world.root.crl()])
    cms = augment(
        make(world, "T"), "A", content=CONTENT, timestamper=world.tsa, trust=world.trust, evidence=source, at=NOW
    )
    assert judge(world, cms).indication == "TOTAL-PASSED"
    assert len(read_signed_data(cms).ocsps) == 2


def test_every_signer_is_raised(world: World) -> None:
    one, two = (read_signed_data(make(world, "T")) for _ in range(2))
    infos = [one.signers[0].node.raw, two.signers[0].node.raw]
    content_type, body = der.read(one.raw).children()
    parts = [part.raw for part in body.inner().children()]
    both = der.sequence(content_type.raw, der.explicit(0, der.sequence(*parts[:-1], der.set_of(infos))))
    report = judge(world, raised(world, both, "A"))
    assert [(item.indication, item.level) for item in report.signatures] == [("TOTAL-PASSED", "A")] * 2


# --- years later ---


def test_an_archive_timestamp_outlives_certificates_and_a_renewed_one_outlives_it(world: World) -> None:
    soon, moment, end = NOW + timedelta(days=1), NOW + 3 * YEAR, NOW + 5 * YEAR - timedelta(days=30)
    long_term = make(world, "XLT1")
    archived = raised(world, long_term, "A", at=soon, tsa=later_tsa(world, soon, NOW + 4 * YEAR))
    now = lists(world, moment)
    for cms in (make(world, "T"), long_term):
        report = judge(world, cms, moment, evidence=now)
        assert (report.indication, report.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    report = judge(world, archived, moment, evidence=now)
    assert report.indication == "TOTAL-PASSED"
    assert report.signatures[0].best_signature_time == NOW

    assert judge(world, archived, end, evidence=lists(world, end)).indication == "INDETERMINATE"
    renewed = raised(world, archived, "A", at=moment, tsa=later_tsa(world, moment, NOW + 5 * YEAR))
    report = judge(world, renewed, end, evidence=lists(world, end))
    assert report.indication == "TOTAL-PASSED"
    assert outcome(report, "archive_timestamp") == ["passed", "passed"]
    assert report.signatures[0].best_signature_time == NOW


def test_revoked_after_the_time_proven_passes_and_before_it_does_not(world: World) -> None:
    cms = make(world, "A")
    at = NOW + timedelta(days=30)
    world.issuing.revoke(world.signer.certificate, NOW + timedelta(days=1))
    assert judge(world, cms, at, evidence=lists(world, at)).indication == "TOTAL-PASSED"
    world.issuing.revoke(world.signer.certificate, NOW - timedelta(days=1))
    report = judge(world, cms, at, evidence=lists(world, at))
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "REVOKED_NO_POE")


# --- forged ---


def with_unsigned(cms: bytes, change: dict[str, list[bytes]], drop: frozenset[str] = frozenset()) -> bytes:
    """Replace unsigned attributes of the first signer by others; values are given encoded."""
    signed = read_signed_data(cms)
    info = signed.signers[0].node
    kept = [part.raw for part in info.children() if part.tag != 0xA1]
    old = [one.node.raw for one in signed.signers[0].unsigned_attributes if one.oid not in {*drop, *change}]
    new = [attribute(dotted, value) for dotted, values in change.items() for value in values]
    changed = der.sequence(*kept, der.set_of([*old, *new], tag=0xA1))
    content_type, body = der.read(cms).children()
    parts = [part.raw for part in body.inner().children()]
    return der.sequence(content_type.raw, der.explicit(0, der.sequence(*parts[:-1], der.set_of([changed]))))


def values(cms: bytes, dotted: str) -> list[bytes]:
    return [value.raw for value in read_signed_data(cms).signers[0].unsigned(dotted)]


def test_a_timestamp_of_another_signature_proves_nothing(world: World) -> None:
    mine, other = make(world, "A"), make(world, "A")
    for dotted, name in (
        (oids.SIGNATURE_TIMESTAMP, "signature_timestamp"),
        (oids.CADES_C_TIMESTAMP, "references_timestamp"),
        (oids.ARCHIVE_TIMESTAMP_V3, "archive_timestamp"),
    ):
        report = judge(world, with_unsigned(mine, {dotted: values(other, dotted)}))
        assert outcome(report, name) == ["warning"], name


@pytest.mark.parametrize("dotted", [oids.CERTIFICATE_REFS, oids.REVOCATION_REFS])
def test_changed_references_break_the_timestamp_over_them(world: World, dotted: str) -> None:
    cms = make(world, "XLT1")
    report = judge(world, with_unsigned(cms, {dotted: [der.sequence()]}))
    assert outcome(report, "references_timestamp") == ["warning"]
    assert outcome(report, "signature_timestamp") == ["passed"]


@pytest.mark.parametrize("dotted", [oids.CERTIFICATE_VALUES, oids.REVOCATION_VALUES])
def test_an_index_that_names_what_is_gone_is_invalid(world: World, dotted: str) -> None:
    report = judge(world, with_unsigned(make(world, "A"), {}, frozenset({dotted})), evidence=lists(world))
    assert outcome(report, "archive_timestamp") == ["warning"]


def forged_archive(world: World, cms: bytes, *, skip: set[str], at: datetime, tsa: Tsa) -> bytes:
    """A genuine archive time-stamp whose index leaves out the attributes `skip`."""
    signed = read_signed_data(raised(world, cms, "A", at=at, tsa=tsa))
    signer = signed.signers[0]
    left = [one for one in signer.unsigned_attributes if one.oid not in {*skip, oids.ARCHIVE_TIMESTAMP_V3}]
    name = "streebog256"
    hashed = [
        der.octet_string(digests.digest(name, one.node.children()[0].raw + value.raw))
        for one in left
        for value in one.values
    ]
    index = der.sequence(digests.identifier(name), der.sequence(), der.sequence(), der.sequence(*hashed))
    fixed = [part.raw for part in signer.node.children() if part.tag != 0xA1]
    data = b"".join((der.oid(oids.DATA), digests.digest(name, CONTENT), *fixed, index))
    token = read_token(tsa.timestamp(name, digests.digest(name, data)))
    stamped = with_unsigned(token.der, {oids.ATS_HASH_INDEX_V3: [index]})
    return with_unsigned(signed.raw, {oids.ARCHIVE_TIMESTAMP_V3: [stamped]})


def test_a_timestamp_that_the_index_leaves_out_is_not_carried_over_the_years(world: World) -> None:
    soon, moment = NOW + timedelta(days=1), NOW + 3 * YEAR
    tsa = later_tsa(world, soon, NOW + 4 * YEAR)
    inner = {oids.SIGNATURE_TIMESTAMP, oids.CADES_C_TIMESTAMP}
    for skip, best, expected in (
        (inner, soon, ["warning"]),
        ({oids.CADES_C_TIMESTAMP}, NOW, ["passed"]),
        (set(), NOW, ["passed"]),
    ):
        cms = forged_archive(world, make(world, "XLT1"), skip=skip, at=soon, tsa=tsa)
        report = judge(world, cms, moment, evidence=lists(world, moment))
        assert outcome(report, "archive_timestamp") == ["passed"]
        assert outcome(report, "signature_timestamp") == expected
        # the signature value itself is always under the archive time-stamp
        assert (report.indication, report.signatures[0].best_signature_time) == ("TOTAL-PASSED", best)


def test_an_archive_timestamp_without_its_index_is_refused(world: World) -> None:
    cms = make(world, "A")
    token = read_token(values(cms, oids.ARCHIVE_TIMESTAMP_V3)[0])
    bare = with_unsigned(token.der, {}, frozenset({oids.ATS_HASH_INDEX_V3}))
    doubled = with_unsigned(token.der, {oids.ATS_HASH_INDEX: values(token.der, oids.ATS_HASH_INDEX_V3)})
    for one in (bare, doubled):
        report = judge(world, with_unsigned(cms, {oids.ARCHIVE_TIMESTAMP_V3: [one]}))
        assert outcome(report, "archive_timestamp") == ["warning"]


def test_a_token_later_than_the_one_over_it_is_out_of_order(world: World) -> None:
    world.tsa.at = NOW + timedelta(hours=2)
    late = make(world, "XLT1", at=NOW + timedelta(hours=3))
    archived = raised(world, late, "A", at=NOW + timedelta(hours=3), tsa=later_tsa(world, NOW, NOW + 4 * YEAR))
    report = judge(world, archived, NOW + timedelta(hours=4), evidence=lists(world, NOW + timedelta(hours=4)))
    assert outcome(report, "signature_timestamp") == ["warning"]
