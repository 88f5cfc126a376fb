"""Signatures in PDF files: what passes, what was changed later, what is forged."""

from __future__ import annotations

import os
import random
import resource
import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from signing import Policy, Report, digest, verify_pdf
from signing._internal import der, oids
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW, YEAR, attribute, make_signer, usual_attributes, wrap
from tests.signing.pdf_maker import Pdf, cades, stamper, stream


def judge(world: World, data: bytes, *, policy: Policy = DEFAULT_POLICY) -> Report:
    return verify_pdf(data, trust=world.trust, evidence=world.evidence, at=NOW, policy=policy)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


@pytest.fixture
def signed(world: World) -> Pdf:
    return Pdf.plain().sign(cades(world))


def verdict(report: Report, index: int = 0) -> tuple[str, str | None]:
    one = report.signatures[index]
    return one.indication, one.sub_indication


CHANGED = ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")
FORMAT = ("TOTAL-FAILED", "FORMAT_FAILURE")
HASH = ("TOTAL-FAILED", "HASH_FAILURE")


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048", "ec:P-256"])
def test_a_signature_over_the_whole_file_passes(spec: str) -> None:
    world = build_world(spec)
    report = judge(world, Pdf.plain().sign(cades(world)).data)
    assert report.indication == "TOTAL-PASSED"
    assert report.signatures[0].signer == world.signer.certificate
    place = next(one for one in report.signatures[0].checks if one.name == "byte_range")
    assert place.data["covers_whole_file"]


def test_two_signatures_pass_and_the_first_is_told_that_the_second_came(world: World, signed: Pdf) -> None:
    report = judge(world, signed.sign(cades(world, stamped=True), name=b"Second").data)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED", "TOTAL-PASSED"]
    assert [one.level for one in report.signatures] == ["BES", "T"]


def test_a_visible_second_signature_is_a_warning(world: World, signed: Pdf) -> None:
    report = judge(world, signed.sign(cades(world), name=b"Second", rectangle=b"50 50 200 100").data)
    assert report.indication == "TOTAL-PASSED"
    assert "pdf_visible_stamps" in {one.name for one in report.signatures[0].checks if one.outcome == "warning"}


def test_a_document_timestamp_proves_the_time_and_the_store_gives_evidence(world: World, signed: Pdf) -> None:
    parts = {20: world.root.crl(), 21: world.issuing.crl()}
    signed.catalog_extra = b"/DSS<</CRLs[20 0 R 21 0 R]>>"
    signed.update({number: stream(body) for number, body in parts.items()})
    signed.sign(stamper(world), name=b"Time", sub_filter=b"ETSI.RFC3161", kind=b"DocTimeStamp")
    bare = build_world()
    bare.evidence = type(bare.evidence)()
    report = verify_pdf(signed.data, trust=world.trust, evidence=bare.evidence, at=NOW)
    assert report.indication == "TOTAL-PASSED"
    assert len(report.signatures) == 1
    assert report.signatures[0].best_time_source == "timestamp"


def test_a_document_timestamp_outlives_the_signers_certificate(world: World) -> None:
    early = world.issuing.issue("Петров", not_before=NOW - YEAR, not_after=NOW - timedelta(days=10))
    other = build_world()
    other.root, other.issuing, other.signer, other.tsa = world.root, world.issuing, early, world.tsa
    pdf = Pdf.plain().sign(cades(other))
    old, world.tsa.at = world.tsa.at, NOW - timedelta(days=20)
    try:
        stamped = (
            pdf.data,
            pdf.sign(stamper(world), sub_filter=b"ETSI.RFC3161", name=b"Time", kind=b"DocTimeStamp").data,
        )
    finally:
        world.tsa.at = old
    evidence_then = [world.root.crl(at=NOW - timedelta(days=15)), world.issuing.crl(at=NOW - timedelta(days=15))]
    source = type(world.evidence)(crls=[*evidence_then, world.root.crl(), world.issuing.crl()])
    without, with_stamp = (verify_pdf(one, trust=world.trust, evidence=source, at=NOW) for one in stamped)
    assert verdict(without) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    assert verdict(with_stamp) == ("TOTAL-PASSED", None)


def test_timestamps_alone_are_told_of_as_such(world: World) -> None:
    pdf = Pdf.plain().sign(stamper(world), sub_filter=b"ETSI.RFC3161", kind=b"DocTimeStamp")
    report = judge(world, pdf.data)
    assert [(one.level, one.indication) for one in report.signatures] == [("TIMESTAMP", "TOTAL-PASSED")]


def test_a_file_without_signatures_is_not_passed_and_names_none(world: World) -> None:
    report = judge(world, Pdf.plain().data)
    assert (report.indication, report.signatures) == ("TOTAL-FAILED", ())


# --- the form of the CMS ---


def bare_pkcs7(world: World, content: bytes) -> bytes:
    return wrap(
        [make_signer(world.signer, content, attributes=None)], None, certificates=[world.signer.certificate.der]
    )


def test_pkcs7_without_signed_attributes_passes_for_adobe_and_not_for_cades(world: World) -> None:
    plain = Pdf.plain().sign(lambda content: bare_pkcs7(world, content), sub_filter=b"adbe.pkcs7.detached")
    report = judge(world, plain.data)
    assert report.indication == "TOTAL-PASSED"
    assert report.signatures[0].level == "PKCS7"
    named = Pdf.plain().sign(lambda content: bare_pkcs7(world, content))
    assert verdict(judge(world, named.data)) == CHANGED


def test_stripped_attributes_do_not_make_a_pdf_signature(world: World, signed: Pdf) -> None:
    """The value over the attributes put where the value over the content belongs."""

    def strip(content: bytes) -> bytes:
        attributes = list(usual_attributes(world.signer, content).values())
        info = der.read(make_signer(world.signer, content, attributes=attributes)).children()
        kept = [part.raw for part in info if part.tag != 0xA0]
        return wrap([der.sequence(*kept)], None, certificates=[world.signer.certificate.der])

    pdf = Pdf.plain().sign(strip, sub_filter=b"adbe.pkcs7.detached")
    assert verdict(judge(world, pdf.data)) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")


def test_cades_without_the_signed_certificate_is_not_passed(world: World) -> None:
    def without(content: bytes) -> bytes:
        attributes = usual_attributes(world.signer, content)
        del attributes["reference"]
        info = make_signer(world.signer, content, attributes=list(attributes.values()))
        return wrap([info], None, certificates=[world.signer.certificate.der])

    assert verdict(judge(world, Pdf.plain().sign(without).data)) == CHANGED
    adobe = Pdf.plain().sign(without, sub_filter=b"adbe.pkcs7.detached")
    assert judge(world, adobe.data).indication == "TOTAL-PASSED"


def test_sha1_container_holds_and_breaks_by_its_content(world: World) -> None:
    def enclose(content: bytes, name: str = "sha1") -> bytes:
        inner = digest(name, content)
        info = make_signer(world.signer, inner, attributes=list(usual_attributes(world.signer, inner).values()))
        return wrap([info], inner, certificates=[world.signer.certificate.der])

    pdf = Pdf.plain().sign(enclose, sub_filter=b"adbe.pkcs7.sha1")
    assert judge(world, pdf.data, policy=Policy(digest_until={})).indication == "TOTAL-PASSED"
    today = judge(world, pdf.data)
    assert verdict(today) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"), "two documents can have one SHA-1"
    wrong = Pdf.plain().sign(lambda content: enclose(content + b"!"), sub_filter=b"adbe.pkcs7.sha1")
    assert verdict(judge(world, wrong.data)) == HASH


def test_evidence_of_adobe_is_read_from_the_signed_attribute(world: World) -> None:
    def with_evidence(content: bytes) -> bytes:
        lists = der.explicit(0, der.sequence(world.root.crl(), world.issuing.crl()))
        archived = attribute(oids.ADBE_REVOCATION, der.sequence(lists))
        attributes = [*usual_attributes(world.signer, content).values(), archived]
        info = make_signer(world.signer, content, attributes=attributes)
        return wrap([info], None, certificates=[world.signer.certificate.der])

    pdf = Pdf.plain().sign(with_evidence, sub_filter=b"adbe.pkcs7.detached")
    report = verify_pdf(pdf.data, trust=world.trust, evidence=type(world.evidence)(), at=NOW)
    assert report.indication == "TOTAL-PASSED"


def test_an_unknown_kind_and_an_attached_content_are_not_passed(world: World) -> None:
    other = Pdf.plain().sign(cades(world), sub_filter=b"adbe.x509.rsa_sha1")
    assert verdict(judge(world, other.data)) == CHANGED

    def attach(content: bytes) -> bytes:
        info = make_signer(world.signer, content, attributes=list(usual_attributes(world.signer, content).values()))
        return wrap([info], b"", certificates=[world.signer.certificate.der])

    assert verdict(judge(world, Pdf.plain().sign(attach).data)) == CHANGED


# --- ByteRange ---


def patched(pdf: Pdf, change: Callable[[list[int]], list[int]]) -> bytes:
    at = pdf.data.index(b"/ByteRange[") + len(b"/ByteRange[")
    stop = pdf.data.index(b"]", at)
    numbers = change([int(one) for one in pdf.data[at:stop].split()])
    return pdf.data[:at] + b" ".join(b"%d" % one for one in numbers).ljust(stop - at) + pdf.data[stop:]


@pytest.mark.parametrize(
    "change",
    [
        lambda r: [r[0], r[1] - 1, r[2], r[3]],
        lambda r: [r[0], r[1], r[2] + 1, r[3] - 1],
        lambda r: [r[0], r[1], r[2], r[3] - 1_000_000],
        lambda r: [r[0], r[1], r[2], r[3] + 1],
        lambda r: [r[0], r[2] + 5, r[1], r[3]],
        lambda r: [1, r[1] - 1, r[2], r[3]],
        lambda r: [r[0], r[1], r[2], 3],
        lambda r: r[:2],
    ],
)
def test_ranges_that_are_not_exactly_around_the_value_are_refused(
    world: World, signed: Pdf, change: Callable[[list[int]], list[int]]
) -> None:
    report = judge(world, patched(signed, change))
    assert verdict(report) == FORMAT
    assert {"byte_range", "format"} & failing(report)


def test_a_changed_byte_breaks_the_digest(world: World, signed: Pdf) -> None:
    assert verdict(judge(world, signed.data.replace(b"Pay 100", b"Pay 900"))) == HASH


def test_a_hole_larger_than_the_value_hides_nothing(world: World) -> None:
    """SWA: the hole is wide, the value is short, what stands between is not signed."""
    pdf = Pdf.plain().sign(cades(world))
    at = pdf.data.rindex(b"0" * 400 + b">")
    hidden = b">/Hidden(" + b"x" * 389 + b")"
    data = pdf.data[:at] + hidden + pdf.data[at + len(hidden) + 1 :]
    report = judge(world, data)
    assert report.indication != "TOTAL-PASSED"


# --- what came later ---


def test_bytes_behind_the_signed_revision_are_told_of(world: World, signed: Pdf) -> None:
    assert judge(world, signed.data + b"\n\n").indication == "TOTAL-PASSED"
    report = judge(world, signed.data + b"junk")
    assert verdict(report) == CHANGED
    assert "pdf_bytes" in failing(report)


def test_an_object_that_no_section_names_is_told_of(world: World, signed: Pdf) -> None:
    report = judge(world, signed.update({40: b"(ghost)"}, forget={40}).data)
    assert "pdf_bytes" in failing(report)


def test_an_update_without_a_table_is_told_of(world: World, signed: Pdf) -> None:
    """ISA: viewers that repair files would show the second page."""
    evil = b"3 0 obj\n" + signed.page(extra=b"/Rotate 180") + b"\nendobj\nstartxref\n9\n%%EOF\n"
    assert judge(world, signed.data + evil).indication != "TOTAL-PASSED"


@pytest.mark.parametrize(
    ("number", "body"),
    [
        (4, stream(b"BT /F1 12 Tf 72 700 Td (Pay 900 roubles) Tj ET")),
        (2, b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"),
        (5, b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 40 0 R/Annots[10 0 R]>>"),
        (
            3,
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[]>>",
        ),
    ],
    ids=["text", "pages", "font", "page", "widget removed"],
)
def test_changes_of_what_is_shown_are_told_of(world: World, signed: Pdf, number: int, body: bytes) -> None:
    report = judge(world, signed.update({number: body, 40: stream(b"other")}).data)
    assert verdict(report) == CHANGED
    assert "pdf_changes" in failing(report)


def test_the_same_object_written_again_is_no_change(world: World, signed: Pdf) -> None:
    report = judge(world, signed.update({5: b"<< /BaseFont /Helvetica /Type /Font\n/Subtype /Type1 >>"}).data)
    assert report.indication == "TOTAL-PASSED"


def test_new_annotations_and_fields_are_told_of(world: World, signed: Pdf) -> None:
    note = signed.update({3: signed.page(annotations=b"10 0 R 40 0 R"), 40: b"<</Type/Annot/Subtype/FreeText>>"})
    assert "pdf_changes" in failing(judge(world, note.data))
    form = Pdf.plain().sign(cades(world))
    form.fields.append(40)
    form.update({3: form.page(), 40: b"<</Type/Annot/Subtype/Widget/FT/Tx/T(Sum)/V(900)>>"})
    assert "pdf_changes" in failing(judge(world, form.data))


def test_a_removed_signature_is_not_forgotten(world: World, signed: Pdf) -> None:
    signed.fields.clear()
    report = judge(world, signed.update({3: signed.page()}).data)
    assert verdict(report) == CHANGED
    assert {"pdf_structure", "pdf_changes"} <= failing(report)


def test_a_certification_that_allows_nothing_is_kept(world: World) -> None:
    lock = b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1>>>>]"
    pdf = Pdf.plain().sign(cades(world), extra=lock)
    assert judge(world, pdf.data).indication == "TOTAL-PASSED"
    report = judge(world, pdf.sign(cades(world), name=b"Second").data)
    assert "pdf_docmdp" in failing(report)
    assert report.signatures[1].indication == "TOTAL-PASSED"


def test_a_doubled_field_name_is_told_of(world: World, signed: Pdf) -> None:
    report = judge(world, signed.sign(cades(world), name=b"Signature").data)
    assert [verdict(report, index) for index in (0, 1)] == [CHANGED, CHANGED]


def test_another_catalogue_is_told_of(world: World, signed: Pdf) -> None:
    data = signed.update({50: b"<</Type/Catalog/Pages 2 0 R>>"}).data
    head, _, tail = data.rpartition(b"/Root 1 0 R")
    report = judge(world, head + b"/Root 50 0 R" + tail)
    assert report.indication != "TOTAL-PASSED"


def test_a_field_that_points_to_nothing_readable_is_a_format_failure(world: World, signed: Pdf) -> None:
    signed.fields.append(60)
    broken = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Bad)/P 3 0 R/V 61 0 R>>"
    report = judge(world, signed.update({3: signed.page(), 60: broken, 61: b"<</Type/Sig /Contents <zz>>>"}).data)
    assert FORMAT in {verdict(report, index) for index in range(len(report.signatures))}


# --- hostile files ---


@pytest.mark.parametrize("hidden", [b"77 0 obj", b"77 0\x00obj", b"77\x00\x0c0\x00obj"])
def test_a_signature_that_no_table_names_is_found_and_not_passed(world: World, hidden: bytes) -> None:
    pdf = Pdf.plain().sign(cades(world))
    start = pdf.data.index(b"11 0 obj")
    stop = pdf.data.index(b"endobj", start) + 7
    report = judge(world, pdf.data + pdf.data[start:stop].replace(b"11 0 obj", hidden))
    assert len(report.signatures) == 2
    assert {one.indication for one in report.signatures} == {"INDETERMINATE", "TOTAL-FAILED"}


@pytest.mark.parametrize(
    "bomb",
    [
        b"",
        b"%PDF-1.7",
        b"%PDF-1.7\nstartxref\n0\n%%EOF",
        b"%PDF-1.7\n" + b"[" * 200_000 + b"\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n1 0 obj\n"
        + b"<</A" * 100_000
        + b"\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n"
        + b"<</A" * 100_000
        + b"\nstartxref\n400025\n%%EOF",
        b"%PDF-1.7\nxref\n0 0\ntrailer\n<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\nxref\n1 9999999999\ntrailer\n<</Root 1 0 R>>\nstartxref\n9\n%%EOF",
        b"%PDF-1.7\n/ByteRange [" * 20_000,
        b"%PDF-1.7\n1 0 obj <</ByteRange [0 1 2 3] /Contents <00>>> endobj" * 2_000,
    ],
)
def test_bombs_are_refused_quickly(world: World, bomb: bytes) -> None:
    assert judge(world, bomb).indication == "TOTAL-FAILED"


def test_streams_that_swell_are_bounded_together(world: World, signed: Pdf) -> None:
    swollen = stream(zlib.compress(bytes(60 * 1024 * 1024), 9), b"/Filter/FlateDecode")
    signed.catalog_extra = b"/DSS<</CRLs[" + b"".join(b" %d 0 R" % one for one in range(20, 60)) + b"]>>"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = judge(world, signed.update(dict.fromkeys(range(20, 60), swollen)).data)
    assert report.indication == "TOTAL-PASSED"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400 * 1024


def digests_of(report: Report) -> set[object]:
    """What was signed, by the digests that held."""
    checks = [check for one in report.signatures for check in one.checks]
    return {check.data["digest"] for check in checks if (check.name, check.outcome) == ("message_digest", "passed")}


def test_damage_gives_a_verdict_and_never_a_pass_for_other_bytes(world: World) -> None:
    pdf = Pdf.plain().sign(cades(world)).sign(cades(world), name=b"Second")
    seed = int(os.environ.get("EDO_SOAK_SEED", "0"))  # keys are new each time anyway; the seed names a failure
    print("seed", seed)
    chance = random.Random(seed)
    policy = Policy(check_revocation=False)
    holes = [index for index in range(len(pdf.data)) if pdf.data[index : index + 1] != b"0"]
    genuine = judge(world, pdf.data, policy=policy)
    assert len(digests_of(genuine)) == 2
    seen = set()
    for _ in range(400):
        data = bytearray(pdf.data)
        for _ in range(chance.choice((1, 1, 2, 6))):
            position = min(chance.choice(holes), len(data) - 1)
            match chance.randrange(4):
                case 0:
                    data[position] = chance.choice(b"0<>[]()/ R9%")
                case 1:
                    del data[position : position + chance.randrange(1, 30)]
                case 2:
                    data[position:position] = bytes(chance.choice(b"<>[](/ 0R") for _ in range(chance.randrange(1, 9)))
                case _:
                    data[position] ^= 1 << chance.randrange(8)
        report = judge(world, bytes(data), policy=policy)
        seen.add((report.indication, report.sub_indication))
        report.to_json()
        if report.indication == "TOTAL-PASSED":
            assert digests_of(report) <= digests_of(genuine)
    assert len(seen) >= 3
