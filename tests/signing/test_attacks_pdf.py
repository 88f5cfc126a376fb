"""Attacks on signed PDF files: universal forgery, wrapping, incremental saving, shadows, certifications.

Names after "How to Break PDF Signatures" (USF, ISA, SWA), "Shadow Attacks" (hide, replace, hide and replace) and
"Breaking the Specification: PDF Certification" (annotations and signatures over a certified page). Every file is made
here from the declared demo PKI.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signing import OfflineEvidence, Report, digest, verify_pdf
from signing._internal import der
from tests.signing.attack_stage import FAILED, UNDECIDED, Attack, Stage, Table, assert_refused
from tests.signing.maker import NOW, make_signer, usual_attributes, wrap
from tests.signing.pdf_maker import Pdf, Ranges, Signer, cades, stream

attack = Table()
FORMAT = (FAILED, "FORMAT_FAILURE")
CHANGED = (UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_changes")
_OVERLAY = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]>>"


def judged(stage: Stage, data: bytes) -> Report:
    return verify_pdf(data, trust=stage.trust, evidence=OfflineEvidence(crls=stage.lists()), at=NOW)


def signer_of(stage: Stage) -> Signer:
    return cades(stage)  # type: ignore[arg-type]  # a stage has the signer and the authority that a world has


def signed(stage: Stage, **options: bytes) -> Pdf:
    return Pdf.plain().sign(signer_of(stage), **options)  # type: ignore[arg-type]  # names of options


# --- universal signature forgery: the dictionary is made unreadable ---


def contents(value: bytes) -> Callable[[bytes], bytes]:
    """Another value of /Contents of the same length in the file."""

    def patched(data: bytes) -> bytes:
        start = data.index(b"/Contents<") + len(b"/Contents")
        stop = data.index(b">", start) + 1
        return data[:start] + value.ljust(stop - start) + data[stop:]

    return patched


def renamed(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old, new, 1)


_RANGES: dict[str, Ranges] = {
    "range that leaves out a byte before the value": lambda r: [0, r[1] - 1, *r[2:]],
    "range that leaves out bytes after the value": lambda r: [0, r[1], r[2] + 9, r[3] - 9],
    "range that does not begin at the beginning": lambda r: [9, r[1] - 9, *r[2:]],
    "range beyond the end": lambda r: [*r[:3], r[3] + 1],
    "range that ends inside the signature": lambda r: [*r[:3], 1],
    "range of nothing": lambda _: [0, 0, 0, 0],
}
for _name, _change in _RANGES.items():  # the signer means it: the digest over such a range is right
    attack.add(
        _name,
        lambda stage, change=_change: judged(stage, Pdf.plain().sign(signer_of(stage), change=change).data),  # type: ignore[misc]  # a default binds the value
        (*FORMAT, "byte_range"),
    )

attack.add(
    "range that overlaps itself",
    lambda stage: judged(stage, Pdf.plain().sign(signer_of(stage), change=lambda r: [0, r[2] + 9, *r[2:]]).data),
    (*FORMAT, "byte_range", "message_digest"),
)
attack.add(
    "range with a negative length",
    lambda stage: judged(stage, signed(stage).data.replace(b"/ByteRange[0 ", b"/ByteRange[0-", 1)),
    (*FORMAT, "byte_range", "message_digest"),
)
_UNREADABLE = {
    "range that is missing": renamed(b"/ByteRange[", b"/BiteRange["),
    "range of five numbers": lambda data: data.replace(b"/ByteRange[0 ", b"/ByteRange[0 0 ", 1).replace(
        b"0 0 0 ]", b"0 0]"
    ),
    "value that is empty": contents(b"<>"),
    "value of one zero": contents(b"<00>"),
    "value that is null": contents(b"null"),
    "value that is missing": renamed(b"/Contents<", b"/Kontents<"),
}
for _name, _patch in _UNREADABLE.items():
    attack.add(
        _name,
        lambda stage, patch=_patch: judged(stage, patch(signed(stage).data)),  # type: ignore[misc]  # a default binds the value
        (*FORMAT, "byte_range", "format"),
    )


@attack(UNDECIDED, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "strength")
def document_of_which_only_the_sha1_is_signed(stage: Stage) -> Report:
    """Two documents with one SHA-1 can be made; the strong hash that the signer used is over those twenty octets alone."""

    def enclose(content: bytes) -> bytes:
        inner = digest("sha1", content)
        info = make_signer(stage.signer, inner, attributes=list(usual_attributes(stage.signer, inner).values()))
        return wrap([info], inner, certificates=[stage.signer.certificate.der])

    return judged(stage, Pdf.plain().sign(enclose, sub_filter=b"adbe.pkcs7.sha1").data)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "sub_filter")
def bare_rsa_signature_of_a_withdrawn_kind(stage: Stage) -> Report:
    """adbe.x509.rsa_sha1 is no CMS: not supported is not the same as broken, and not passed either."""
    return judged(
        stage, Pdf.plain().sign(lambda _: der.octet_string(bytes(256)), sub_filter=b"adbe.x509.rsa_sha1").data
    )


@attack(FAILED, "HASH_FAILURE", "message_digest")
def text_changed_in_the_signed_bytes(stage: Stage) -> Report:
    return judged(stage, signed(stage).data.replace(b"Pay 100", b"Pay 900"))


# --- signature wrapping ---


@attack(*FORMAT, "byte_range", "format")
def signed_part_moved_behind_what_was_put_in(stage: Stage) -> Report:
    """SWA: both signed parts stay as they are; the zeros of the value give way to another page and another table."""
    pdf = signed(stage)
    hole = pdf.data.index(b"/Contents<") + len(b"/Contents")
    stop = pdf.data.index(b">", hole) + 1
    cms = der.read(bytes.fromhex(pdf.data[hole + 1 : stop - 1].decode())).raw
    first, value, second = pdf.data[:hole], b"<%s>" % cms.hex().encode(), pdf.data[stop:]
    where = pdf.data.index(b"startxref\n", stop) + 10
    table = int(pdf.data[where : pdf.data.index(b"\n", where)])
    ranges = b"/ByteRange[0 %d %010d %d]>>\nendobj\n"
    evil = first + value + ranges % (hole, 0, len(second))
    offset = len(evil)
    evil += b"4 0 obj\n" + stream(b"BT /F1 12 Tf 72 700 Td (Pay 900) Tj ET") + b"\nendobj\n"
    assert len(evil) < table
    evil = evil.ljust(table) + b"xref\n"
    for number, at in sorted({**pdf.offsets, 4: offset}.items()):
        evil += b"%d 1\n%010d 00000 n \n" % (number, at)
    evil += b"trailer\n<</Size 200/Root 1 0 R>>\n"
    evil = evil.replace(ranges % (hole, 0, len(second)), ranges % (hole, len(evil), len(second)))
    return judged(stage, evil + second)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_fields")
def two_fields_with_one_value(stage: Stage) -> Report:
    pdf = signed(stage)
    pdf.fields.append(40)
    body = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Again)/P 3 0 R/Rect[0 0 0 0]/V 11 0 R>>"
    return judged(stage, pdf.update({3: pdf.page(), 40: body}).data)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_fields")
def two_fields_with_one_name(stage: Stage) -> Report:
    return judged(stage, signed(stage).sign(signer_of(stage), name=b"Signature").data)


# --- incremental saving ---


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_bytes")
def bytes_behind_the_signed_revision(stage: Stage) -> Report:
    return judged(stage, signed(stage).data + b"junk")


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_bytes")
def update_without_a_table(stage: Stage) -> Report:
    pdf = signed(stage)
    return judged(stage, pdf.data + b"4 0 obj\n" + stream(b"(Pay 900) Tj") + b"\nendobj\n")


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_bytes")
def update_with_an_object_that_its_table_leaves_out(stage: Stage) -> Report:
    return judged(stage, signed(stage).update({4: stream(b"(Pay 900) Tj")}, forget={4}).data)


@attack(*FORMAT, "byte_range", "pdf_bytes")
def update_with_a_copy_of_the_signature(stage: Stage) -> Report:
    data = signed(stage).data
    copy = data[data.index(b"11 0 obj") : data.index(b"endobj", data.index(b"11 0 obj")) + 7]
    report = judged(stage, data + copy.replace(b"11 0 obj", b"77 0 obj"))
    assert len(report.signatures) == 2
    return report


# --- shadows: what is shown is replaced by means that look harmless ---


def updated(objects: dict[int, bytes]) -> Callable[[Stage], Report]:
    return lambda stage: judged(stage, signed(stage).update(objects).data)


_PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[10 0 R]"
_SHADOWS = {
    "text of the page replaced": {4: stream(b"BT /F1 12 Tf (Pay 900) Tj ET")},
    "text hidden by an empty stream": {4: stream(b"")},
    "font replaced": {5: b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"},
    "page shown twice": {2: b"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"},
    "another page put in": {2: b"<</Type/Pages/Kids[40 0 R]/Count 1>>", 40: _PAGE + b">>"},
    "page turned": {3: _PAGE + b"/Rotate 180>>"},
    "page cropped": {3: _PAGE + b"/CropBox[0 0 9 9]>>"},
    "action on the page": {3: _PAGE + b"/AA<</O<</S/JavaScript/JS(app.alert)>>>>>>"},
    "text box over the page": {3: _PAGE[:-1] + b" 40 0 R]>>", 40: b"<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]>>"},
    "highlight over the page": {
        3: _PAGE[:-1] + b" 40 0 R]>>",
        40: b"<</Type/Annot/Subtype/Highlight/Rect[0 0 9 9]>>",
    },
    "mark of the signature taken off the page": {3: _PAGE[:-8] + b"[]>>"},
}
for _name, _objects in _SHADOWS.items():
    attack.add(_name, updated(_objects), CHANGED)


@attack(*CHANGED)
def object_marked_as_free(stage: Stage) -> Report:
    """Hide: the overlay that the signer saw is struck off the table."""
    pdf = Pdf.plain()
    pdf.update({6: stream(b"", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"), 3: pdf.page(extra=b"/Overlay 6 0 R")})
    pdf.page = lambda **options: Pdf.page(pdf, **{"extra": b"/Overlay 6 0 R", **options})  # type: ignore[method-assign]  # every page of this file
    pdf.sign(signer_of(stage))
    start = len(pdf.data)
    table = b"xref\n6 1\n0000000000 00001 f \ntrailer\n<</Size 200/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return judged(stage, pdf.data + table % (pdf.start, start))


def catalogue(extra: bytes) -> Callable[[Stage], Report]:
    def build(stage: Stage) -> Report:
        pdf = signed(stage)
        pdf.catalog_extra = extra
        return judged(stage, pdf.update({}).data)

    return build


_CATALOGUES = {
    "script on opening": b"/OpenAction<</S/JavaScript/JS(app.alert)>>",
    "names of scripts": b"/Names<</JavaScript<<>>>>",
    "layers switched": b"/OCProperties<</D<</OFF[4 0 R]>>>>",
    "certification put in afterwards": b"/Perms<</DocMDP 11 0 R>>",
    "pages in another order of reading": b"/ViewerPreferences<</Direction/R2L>>",
}
for _name, _extra in _CATALOGUES.items():
    attack.add(_name, catalogue(_extra), CHANGED)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_structure", "pdf_changes")
def catalogue_replaced_by_another(stage: Stage) -> Report:
    """Hide and replace: a second catalogue, with its own pages, waits in the signed file."""
    data = signed(stage).update({50: b"<</Type/Catalog/Pages 2 0 R>>"}).data
    head, _, tail = data.rpartition(b"/Root 1 0 R")
    return judged(stage, head + b"/Root 50 0 R" + tail)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_structure", "pdf_changes")
def signature_removed(stage: Stage) -> Report:
    pdf = signed(stage)
    pdf.fields.clear()
    return judged(stage, pdf.update({3: pdf.page()}).data)


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_pdf_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
