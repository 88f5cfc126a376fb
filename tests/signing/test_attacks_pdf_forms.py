"""Attacks on forms and certifications of signed PDF files (ISO 32000-1, 12.8.2): DocMDP, FieldMDP, looks of fields.

"Shadow Attacks" change what a field shows, "Breaking the Specification: PDF Certification" writes over a certified page.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from signing import Report
from tests.signing.attack_stage import UNDECIDED, Attack, Stage, Table, assert_refused, refused
from tests.signing.pdf_maker import Pdf, stamper, stream
from tests.signing.test_attacks_pdf import judged, signed, signer_of

attack = Table()
CHANGED = (UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_changes")

_LOOK = stream(b"(100) Tj", b"/Type/XObject/Subtype/Form/BBox[0 0 90 9]")


def text_field(value: bytes, *, look: bytes = b"21 0 R", extra: bytes = b"", name: bytes = b"Sum") -> bytes:
    return b"<</Type/Annot/Subtype/Widget/FT/Tx/T(%s)/V(%s)/Rect[0 0 90 9]/AP<</N %s>>%s>>" % (name, value, look, extra)


def form(stage: Stage, *, transform: bytes = b"", certified: bool = False, lock: bytes = b"", **more: bytes) -> Pdf:
    """A form with a text field (20) and, on demand, a certification or locked fields; signed."""
    pdf = Pdf.plain()
    pdf.fields.append(20)
    if certified:
        pdf.catalog_extra = b"/Perms<</DocMDP 11 0 R>>"
    objects = {3: pdf.page(), 20: text_field(b"100", **more), 21: _LOOK}  # type: ignore[arg-type]  # names of options
    pdf.update(objects)
    extra = b"/Reference[<</Type/SigRef%s>>]" % transform if transform else b""
    return pdf.sign(signer_of(stage), extra=extra, field_extra=lock)


def docmdp(level: int) -> bytes:
    return b"/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P %d>>" % level


def fieldmdp(action: bytes, *names: bytes) -> bytes:
    listed = b"/Fields[" + b" ".join(b"(%s)" % name for name in names) + b"]" if names else b""
    return b"/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/%s%s>>" % (action, listed)


def filled(pdf: Pdf, **changed: bytes) -> bytes:
    look = stream(b"(900) Tj", b"/Type/XObject/Subtype/Form/BBox[0 0 90 9]")
    return pdf.update({20: text_field(b"900", look=b"22 0 R", **changed), 22: look}).data  # type: ignore[arg-type]  # names of options


@attack(*CHANGED)
def field_filled_after_a_plain_signature(stage: Stage) -> Report:
    return judged(stage, filled(form(stage)))


@attack(*CHANGED)
def field_added(stage: Stage) -> Report:
    pdf = signed(stage)
    pdf.fields.append(40)
    return judged(stage, pdf.update({3: pdf.page(), 40: text_field(b"900", name=b"New")}).data)


@attack(*CHANGED)
def look_of_a_field_replaced_in_place(stage: Stage) -> Report:
    return judged(
        stage, form(stage).update({21: stream(b"(900) Tj", b"/Type/XObject/Subtype/Form/BBox[0 0 90 9]")}).data
    )


@attack(*CHANGED)
def field_written_inside_the_catalogue_changed(stage: Stage) -> Report:
    """A field without an object of its own: only the catalogue changes, which every signing changes too."""
    pdf = Pdf.plain()
    inside = b"<</FT/Tx/T(Sum)/V(100)/Rect[0 0 90 9]>>"
    pdf.catalog = lambda: Pdf.catalog(pdf).replace(b"/Fields[", b"/Fields[" + inside)  # type: ignore[method-assign]  # every catalogue of this file
    pdf.sign(signer_of(stage))
    assert judged(stage, pdf.data).indication == "TOTAL-PASSED"
    pdf.catalog = lambda: Pdf.catalog(pdf).replace(b"/Fields[", b"/Fields[" + inside.replace(b"100", b"900"))  # type: ignore[method-assign]  # the changed one
    return judged(stage, pdf.update({}).data)


def acroform(extra: bytes) -> Callable[[Stage], Report]:
    def build(stage: Stage) -> Report:
        pdf = form(stage)
        pdf.catalog = lambda: Pdf.catalog(pdf).replace(b"/SigFlags 3", b"/SigFlags 3" + extra)  # type: ignore[method-assign]  # the last one
        return judged(stage, pdf.update({}).data)

    return build


attack.add("looks to be built anew", acroform(b"/NeedAppearances true"), CHANGED)
attack.add("another form in xml", acroform(b"/XFA(900)"), CHANGED)
attack.add("another order of calculation", acroform(b"/CO[20 0 R]"), CHANGED)


# --- certifications ---


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_docmdp")
def second_signature_after_a_certification_that_allows_nothing(stage: Stage) -> Report:
    return judged(stage, form(stage, transform=docmdp(1), certified=True).sign(signer_of(stage), name=b"Second").data)


@attack(UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_docmdp")
def second_signature_after_a_certification_of_an_unknown_level(stage: Stage) -> Report:
    return judged(stage, form(stage, transform=docmdp(7), certified=True).sign(signer_of(stage), name=b"Second").data)


@attack(*CHANGED)
def field_filled_after_a_certification_that_allows_nothing(stage: Stage) -> Report:
    return judged(stage, filled(form(stage, transform=docmdp(1), certified=True)))


@attack(*CHANGED)
def field_filled_after_a_certification_that_the_catalogue_does_not_name(stage: Stage) -> Report:
    return judged(stage, filled(form(stage, transform=docmdp(2))))


@attack(*CHANGED)
def look_without_a_value_in_a_certified_form(stage: Stage) -> Report:
    pdf = form(stage, transform=docmdp(2), certified=True)
    return judged(stage, pdf.update({20: text_field(b"100", look=b"22 0 R"), 22: _LOOK}).data)


@attack(*CHANGED)
def field_moved_over_the_text_in_a_certified_form(stage: Stage) -> Report:
    pdf = form(stage, transform=docmdp(2), certified=True)
    return judged(stage, pdf.update({20: text_field(b"900").replace(b"[0 0 90 9]", b"[0 0 595 842]")}).data)


@attack(*CHANGED)
def field_with_a_script_in_a_certified_form(stage: Stage) -> Report:
    pdf = form(stage, transform=docmdp(2), certified=True)
    return judged(stage, filled(pdf, extra=b"/AA<</K<</S/JavaScript/JS(app.alert)>>>>"))


@attack(*CHANGED)
def page_changed_in_a_certified_form(stage: Stage) -> Report:
    pdf = form(stage, transform=docmdp(3), certified=True)
    return judged(stage, pdf.update({4: stream(b"(Pay 900) Tj")}).data)


def annotated(pdf: Pdf, subtype: bytes) -> bytes:
    listed = b" ".join(b"%d 0 R" % one for one in pdf.fields) + b" 40 0 R"
    note = b"<</Type/Annot/Subtype/%s/Rect[0 0 9 9]/Contents(note)>>" % subtype
    return pdf.update({3: pdf.page(annotations=listed), 40: note}).data


@attack(*CHANGED)
def highlight_where_only_filling_is_allowed(stage: Stage) -> Report:
    return judged(stage, annotated(form(stage, transform=docmdp(2), certified=True), b"Highlight"))


for _kind in ("FreeText", "Stamp", "Redact", "Square"):
    attack.add(
        f"{_kind} over a page that may be annotated",
        lambda stage, kind=_kind: judged(  # type: ignore[misc]  # a default binds the value
            stage, annotated(form(stage, transform=docmdp(3), certified=True), kind.encode())
        ),
        CHANGED,
    )

_LOCKS = {
    "all fields are locked": {"transform": fieldmdp(b"All")},
    "the field is locked by name": {"transform": fieldmdp(b"Include", b"Other", b"Sum")},
    "the field is locked with its parent": {"transform": fieldmdp(b"Include", b"Group"), "name": b"Group.Sum"},
    "the field is not among the free ones": {"transform": fieldmdp(b"Exclude", b"Other")},
    "the field of the signature locks it": {"lock": b"/Lock<</Type/SigFieldLock/Action/Include/Fields[(Sum)]>>"},
    "the lock is of an unknown kind": {"transform": fieldmdp(b"Perhaps", b"Other")},
}
for _name, _options in _LOCKS.items():
    attack.add(
        f"field filled though {_name}",
        lambda stage, options=_options: judged(  # type: ignore[misc]  # a default binds the value
            stage, filled(form(stage, **options), **{key: options[key] for key in ("name",) if key in options})
        ),
        (UNDECIDED, "SIG_CONSTRAINTS_FAILURE", "pdf_fieldmdp"),
    )


@attack(*CHANGED)
def field_filled_though_the_lock_narrows_the_document(stage: Stage) -> Report:
    lock = b"/Lock<</Type/SigFieldLock/Action/Include/Fields[(Other)]/P 1>>"
    return judged(stage, filled(form(stage, lock=lock)))


# --- what is allowed, so that the refusals above are not for nothing ---


def test_what_a_signature_allows_passes_and_is_told_of() -> None:
    stage = Stage()
    certified = {level: form(stage, transform=docmdp(level), certified=True) for level in (1, 2, 3)}
    stamped = certified[1].sign(stamper(stage), name=b"Stamp", kind=b"DocTimeStamp", sub_filter=b"ETSI.RFC3161")  # type: ignore[arg-type]  # a stage has what a world has
    in_place = form(stage, transform=docmdp(2), certified=True)
    good = {
        "time-stamp": (stamped.data, "pdf_changes"),
        "filled": (filled(certified[2]), "pdf_form_filled"),
        "look in place": (
            in_place.update({20: text_field(b"900"), 21: _LOOK.replace(b"100", b"900")}).data,
            "pdf_form_filled",
        ),
        "filled and annotated": (annotated(certified[3], b"Highlight"), "pdf_annotations"),
        "free field": (filled(form(stage, transform=fieldmdp(b"Include", b"Other"))), "pdf_form_filled"),
        "free by exclusion": (filled(form(stage, transform=fieldmdp(b"Exclude", b"Sum"))), "pdf_form_filled"),
        "second signature": (signed(stage).sign(signer_of(stage), name=b"Second").data, "pdf_changes"),
    }
    for name, (data, told) in good.items():
        report = judged(stage, data)
        assert report.indication == "TOTAL-PASSED", (name, [one.text_ru for one in report.signatures[0].checks])
        assert told in {one.name for one in report.signatures[0].checks}, name
        assert refused(report) == frozenset(), name


@pytest.mark.parametrize("attack", attack.attacks, ids=str)
def test_pdf_form_attack(attack: Attack) -> None:
    assert_refused(attack, Stage())
