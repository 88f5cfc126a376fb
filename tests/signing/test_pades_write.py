"""PAdES made here: taken by ourselves, by OpenSSL, by pyHanko; seen by a reader; renewed over the years."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing import (
    BadInput,
    OfflineEvidence,
    PdfPlace,
    PdfStamp,
    complete_pdf,
    prepare_pdf,
)
from signing._internal import der, oids
from signing._internal.pdf.document import Document
from tests.signing.conftest import World, build_world, failing, shared_world
from tests.signing.maker import NOW, YEAR, Tsa
from tests.signing.pades_stage import (
    NOTHING,
    PLAIN,
    SANS,
    STAMPING,
    extend,
    judge,
    openssl,
    signatures,
    words,
    write,
)


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_512:A", "rsa:2048", "ec:P-256", "ec:P-384"])
@pytest.mark.parametrize("stamped", [True, False])
def test_what_we_write_we_and_openssl_take(spec: str, tmp_path: Path, *, stamped: bool) -> None:
    world = shared_world(spec)
    pdf = write(world, stamped=stamped)
    assert pdf.startswith(PLAIN)
    report = judge(world, pdf)
    assert report.indication == "TOTAL-PASSED", failing(report)
    (verdict,) = report.signatures
    assert verdict.signer == world.signer.certificate
    assert verdict.level == ("T" if stamped else "BES")
    assert signatures(pdf)[0].format == "ETSI.CAdES.detached"
    done = openssl(world, pdf, tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert judge(world, pdf.replace(b"Pay 100", b"Pay 900")).indication == "TOTAL-FAILED"


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048"])
def test_evidence_inside_is_enough_and_renewal_carries_it_over_the_years(spec: str) -> None:
    world = build_world(spec)
    lt = extend(world, write(world, stamped=True), "LT")
    alone = judge(world, lt, evidence=NOTHING)
    assert (alone.indication, alone.signatures[0].level) == ("TOTAL-PASSED", "LT")
    lta = extend(world, lt, "LTA")
    assert judge(world, lta, evidence=NOTHING).signatures[0].level == "LTA"
    assert [one.format for one in signatures(lta)] == ["ETSI.CAdES.detached", "ETSI.RFC3161"]
    later, much_later = NOW + timedelta(days=300), NOW + 3 * YEAR
    holder = world.issuing.issue("Служба времени 2", spec=spec, extensions=STAMPING, not_after=NOW + 4 * YEAR)
    world.refresh(later)
    renewed = extend(world, lta, "LTA", at=later, tsa=Tsa(holder=holder, at=later))
    world.refresh(much_later)
    report = judge(world, renewed, at=much_later)  # signer and first authority have expired
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert judge(world, lta, at=much_later).indication == "INDETERMINATE"


def test_the_store_keeps_each_piece_once_and_names_what_each_signature_needs(world: World) -> None:
    second = world.issuing.issue("Пётр Петров")
    pdf = extend(world, write(world, stamped=True), "LT")
    pdf = extend(world, write(world, pdf, stamped=True, who=second), "LTA")
    document = Document(pdf)
    store = document.dictionary(document.catalog["DSS"])
    streams = [document.decode(document.resolve(one)) for one in document.array(store["Certs"])]  # type: ignore[arg-type]  # streams
    assert len(streams) == len(set(streams)) == 5
    related = document.dictionary(store["VRI"])
    values = [one.contents for one in signatures(pdf) if one.format != "ETSI.RFC3161"]
    assert set(related) == {hashlib.sha1(one, usedforsecurity=False).hexdigest().upper() for one in values}
    report = judge(world, pdf, evidence=NOTHING)
    assert [one.indication for one in report.signatures] == ["TOTAL-PASSED"] * 2


def test_answers_of_ocsp_are_kept_too(world: World) -> None:
    answers = [world.issuing.ocsp(one.certificate) for one in (world.signer, world.tsa.holder)]
    world.evidence = OfflineEvidence(ocsp=answers, crls=[world.root.crl()])
    lt = extend(world, write(world, stamped=True), "LT")
    document = Document(lt)
    assert len(document.array(document.dictionary(document.catalog["DSS"])["OCSPs"])) == 2
    assert judge(world, lt, evidence=NOTHING).indication == "TOTAL-PASSED"


def test_what_cannot_be_proven_is_not_raised(world: World) -> None:
    with pytest.raises(BadInput, match="no time-stamp"):
        extend(world, write(world), "LT")
    with pytest.raises(BadInput, match="no signature"):
        extend(world, PLAIN, "LT")
    with pytest.raises(BadInput, match="does not hold"):
        extend(world, write(world, stamped=True).replace(b"Pay 100", b"Pay 900"), "LT")
    world.evidence = NOTHING
    with pytest.raises(BadInput, match="TRY_LATER"):
        extend(world, write(world, stamped=True), "LT")


# --- what is seen ---


def test_a_certified_document_takes_further_signatures_only_where_it_allows_them(world: World) -> None:
    free = write(world, place=PdfPlace(certify=2))
    assert judge(world, write(world, free)).indication == "TOTAL-PASSED"
    locked = write(world, place=PdfPlace(certify=1))
    assert judge(world, locked).indication == "TOTAL-PASSED"
    assert judge(world, write(world, locked)).indication == "INDETERMINATE"
    with pytest.raises(BadInput, match="first"):
        write(world, free, place=PdfPlace(certify=2))


def test_fields_are_named_and_a_signed_one_is_not_signed_again(world: World) -> None:
    pdf = write(world, write(world, place=PdfPlace(field="Подпись")))
    assert {one.name for one in signatures(pdf)} == {"Подпись", "Signature1"}
    with pytest.raises(BadInput, match="signed already"):
        write(world, pdf, place=PdfPlace(field="Подпись"))


def test_an_empty_field_of_the_document_is_filled(world: World) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    writer = IncrementalPdfFileWriter(io.BytesIO(PLAIN))
    append_signature_field(writer, SigFieldSpec("Buyer", box=(20, 20, 280, 120)))
    out = io.BytesIO()
    writer.write(out)
    pdf = write(world, out.getvalue(), place=PdfPlace(field="Buyer", stamp=PdfStamp(font=SANS)))
    assert [one.name for one in signatures(pdf)] == ["Buyer"]
    assert judge(world, pdf).indication == "TOTAL-PASSED"


def test_a_printed_form_of_ours_is_signed_and_stays_readable(world: World, tmp_path: Path) -> None:
    from edo_service.formats.printing import html_to_pdf

    form = html_to_pdf("<h1>Акт № 1</h1><p>Работы приняты.</p>", title="Акт")
    pdf = extend(world, write(world, form, stamped=True, place=PdfPlace(stamp=PdfStamp(font=SANS))), "LTA")
    report = judge(world, pdf, evidence=NOTHING)
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert "Работы приняты." in words(pdf, tmp_path)


def test_a_file_with_a_cross_reference_stream_is_signed(world: World) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(PLAIN)), writer_kwargs={"stream_xrefs": True})
    out = io.BytesIO()
    writer.write(out)
    pdf = extend(world, write(world, out.getvalue(), stamped=True), "LTA")
    assert judge(world, pdf, evidence=NOTHING).indication == "TOTAL-PASSED"


@pytest.mark.parametrize("pdf", [b"", b"%PDF-1.7\nnothing else", b"not a pdf", PLAIN[: len(PLAIN) // 2]])
def test_what_is_no_pdf_is_refused(world: World, pdf: bytes) -> None:
    with pytest.raises(BadInput, match="PDF"):
        write(world, pdf)


def test_an_encrypted_file_is_refused(world: World) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(PLAIN)))
    writer.encrypt("owner", "user")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(BadInput, match="encrypted"):
        write(world, out.getvalue())


def test_a_token_with_a_long_chain_finds_room(world: World) -> None:
    world.tsa.unsigned = {oids.CERTIFICATE_VALUES: der.sequence(*([world.root.certificate.der] * 60))}
    assert judge(world, extend(world, write(world, stamped=True), "LTA")).indication == "TOTAL-PASSED"


# --- two phases ---


def test_a_key_elsewhere_signs_a_prepared_pdf(world: World) -> None:
    prepared = prepare_pdf(
        PLAIN, certificate=world.signer.certificate, signing_time=NOW, place=PdfPlace(stamp=PdfStamp(font=SANS))
    )
    value = world.signer.key.sign(prepared.signature.to_sign)
    pdf = complete_pdf(prepared, value, timestamper=world.tsa)
    report = judge(world, pdf)
    assert (report.indication, report.signatures[0].level) == ("TOTAL-PASSED", "T"), failing(report)
    with pytest.raises(BadInput, match="signature"):
        complete_pdf(prepared, bytes(64))
    with pytest.raises(BadInput, match="not the one"):
        complete_pdf(replace(prepared, data=prepared.data.replace(b"Pay 100", b"Pay 900")), value)
    with pytest.raises(BadInput, match="room"):
        complete_pdf(replace(prepared, start=prepared.start + 2), value)
    small = prepare_pdf(PLAIN, certificate=world.signer.certificate, signing_time=NOW, reserve=100)
    value = world.signer.key.sign(small.signature.to_sign)
    with pytest.raises(BadInput, match="octets"):
        complete_pdf(small, value)


# --- the foreign judge ---


def _pyhanko(world: World, pdf: bytes) -> Sequence[object]:
    import asyncio

    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=[x509.Certificate.load(world.root.certificate.der)],
        other_certs=[x509.Certificate.load(world.issuing.certificate.der)],
        moment=NOW,
        best_signature_time=NOW,
    )
    reader = PdfFileReader(io.BytesIO(pdf))
    judged = [
        asyncio.run(async_validate_pdf_signature(one, context, ts_validation_context=context))
        for one in reader.embedded_regular_signatures
    ]
    stamps = [one.compute_integrity_info() or one for one in reader.embedded_timestamp_signatures]
    assert all(one.coverage is not None for one in stamps)
    return judged


@pytest.mark.parametrize("level", ["B", "T", "LT", "LTA"])
@pytest.mark.parametrize("spec", ["rsa:2048", "ec:P-256"])
def test_pyhanko_takes_what_we_write(spec: str, level: str) -> None:
    world = shared_world(spec)
    pdf = write(world, stamped=level != "B", place=PdfPlace(stamp=PdfStamp(font=SANS)))
    if level in {"LT", "LTA"}:
        pdf = extend(world, pdf, level)
    (status,) = _pyhanko(world, pdf)
    assert status.bottom_line, status.pretty_print_details()  # type: ignore[attr-defined]  # pyHanko's own type
    assert status.intact  # type: ignore[attr-defined]  # the same
    assert status.trusted  # type: ignore[attr-defined]  # the same


@pytest.mark.parametrize("spec", ["rsa:2048"])
def test_pyhanko_signs_and_we_take_it(spec: str, tmp_path: Path) -> None:
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    from signing import export_private_key

    world = shared_world(spec)
    store = SimpleCertificateStore()
    store.register(x509.Certificate.load(world.issuing.certificate.der))
    signer = signers.SimpleSigner(
        signing_cert=x509.Certificate.load(world.signer.certificate.der),
        signing_key=asn1_keys.PrivateKeyInfo.load(export_private_key(world.signer.key)),
        cert_registry=store,
    )
    meta = signers.PdfSignatureMetadata(field_name="S", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    out = signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(PLAIN)), meta, signer=signer)
    report = judge(world, out.getvalue())
    assert report.indication == "TOTAL-PASSED", failing(report)


# --- files of others ---


def _sign_foreign(world: World, path: Path) -> str:
    """Sign somebody's file: "taken" when our verifier takes the new signature, "refused" when it was not made."""
    try:
        pdf = write(world, path.read_bytes(), stamped=True, place=PdfPlace(stamp=PdfStamp(font=SANS, page=0)))
    except BadInput:
        return "refused"
    own = [one for one in judge(world, pdf).signatures if one.signer == world.signer.certificate]
    return "taken" if [one.indication for one in own] == ["TOTAL-PASSED"] else "not taken"


def _foreign(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "signatures" / "corpus").rglob("*.pdf"))


def test_files_of_others_are_signed_well_or_not_at_all(world: World, shared_data: Path) -> None:
    files = _foreign(shared_data)
    chosen = [*files[::16], *(one for one in files if one.name == "test-SHA256_RSA-signed-cms.pdf")]
    outcomes = {path.name: _sign_foreign(world, path) for path in chosen}
    assert outcomes.pop("test-SHA256_RSA-signed-cms.pdf") == "refused"  # its form does not lead to its fields
    assert "not taken" not in outcomes.values()
    assert list(outcomes.values()).count("taken") >= len(outcomes) * 2 // 3


@pytest.mark.soak
def test_all_files_of_others_are_signed_well_or_not_at_all(
    world: World, shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    outcomes = [_sign_foreign(world, path) for path in _foreign(shared_data)]
    record_property("foreign_pdfs_signed", outcomes.count("taken"))
    record_property("foreign_pdfs_refused", outcomes.count("refused"))
    assert "not taken" not in outcomes
    assert outcomes.count("taken") > outcomes.count("refused") * 5
