"""The time in /M of a PDF signature dictionary: the signer's claim where the CMS has none, and never a proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from signing import BadInput, SignatureVerdict, countersign_cades, sign_pdf, verify_pdf
from signing._internal.pdf.dates import read_date
from signing._internal.pdf.document import Document
from signing._internal.pdf.signatures import find_signatures
from tests.signing.conftest import World
from tests.signing.maker import NOW, YEAR, make_signer, usual_attributes, wrap
from tests.signing.pdf_maker import Pdf, Signer, cades

MOSCOW = timezone(timedelta(hours=3))
CLAIMED = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
STATED = b"D:20261101123000+03'00'"


def timeless(world: World) -> Signer:
    """A CMS as PAdES wants it: no signing-time among the signed attributes (EN 319 142-1, 6.3)."""

    def sign(content: bytes) -> bytes:
        attributes = usual_attributes(world.signer, content)
        del attributes["signing_time"]
        signer = make_signer(world.signer, content, attributes=list(attributes.values()))
        return wrap([signer], None, certificates=[world.signer.certificate.der])

    return sign


def judged(world: World, pdf: bytes, *, at: datetime = NOW) -> SignatureVerdict:
    (verdict,) = verify_pdf(pdf, trust=world.trust, evidence=world.evidence, at=at).signatures
    return verdict


def told(verdict: SignatureVerdict) -> list[tuple[str, str]]:
    return [(one.outcome, one.text_ru) for one in verdict.checks if one.name == "signing_time"]


def test_what_we_write_states_its_time_in_the_pdf_alone(world: World) -> None:
    one = world.signer
    pdf = sign_pdf(
        Pdf.plain().data, key=one.key, certificate=one.certificate, signing_time=NOW.astimezone(MOSCOW), chain=()
    )
    assert find_signatures(Document(pdf))[0].dictionary["M"] == b"D:20261120150000+03'00'"
    verdict = judged(world, pdf)
    assert (verdict.indication, verdict.signing_time) == ("TOTAL-PASSED", NOW)
    assert told(verdict) == [("info", "Подписант указал время 20.11.2026 12:00:00 UTC в словаре подписи PDF (/M).")]


def test_the_claim_is_no_proof(world: World) -> None:
    """Judged after the certificate's end, a claim from before it changes nothing."""
    late = NOW + 2 * YEAR
    pdf = Pdf.plain().sign(timeless(world), extra=b"/M(" + STATED + b")").data
    world.refresh(late)
    verdict = judged(world, pdf, at=late)
    assert verdict.signing_time == CLAIMED
    assert (verdict.indication, verdict.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    assert (verdict.best_signature_time, verdict.best_time_source) == (late, "validation-time")


def test_a_claim_later_than_what_is_known_is_a_warning(world: World) -> None:
    pdf = Pdf.plain().sign(timeless(world), extra=b"/M(D:20270101000000Z)").data
    verdict = judged(world, pdf)
    assert verdict.indication == "TOTAL-PASSED"
    ((outcome, text),) = told(verdict)
    assert outcome == "warning"
    assert "позже доказанного" in text


def test_the_attribute_of_the_cms_comes_first(world: World) -> None:
    verdict = judged(world, Pdf.plain().sign(cades(world), extra=b"/M(" + STATED + b")").data)
    assert verdict.signing_time == NOW
    assert told(verdict) == [("info", "Подписант указал время 20.11.2026 12:00:00 UTC.")]


def test_a_time_that_another_object_holds_is_not_the_signers(world: World) -> None:
    """The object may be written anew after signing; only what stands in the dictionary is under the signature."""
    pdf = Pdf.plain()
    pdf.update({8: b"(" + STATED + b")"})
    verdict = judged(world, pdf.sign(timeless(world), extra=b"/M 8 0 R").data)
    assert (verdict.indication, verdict.signing_time, told(verdict)) == ("TOTAL-PASSED", None, [])


@pytest.mark.parametrize("stated", [b"(yesterday)", b"(D:20261332)", b"()", b"(D:20261101123000+99'00')"])
def test_a_time_that_cannot_be_read_is_told_and_not_guessed(world: World, stated: bytes) -> None:
    verdict = judged(world, Pdf.plain().sign(timeless(world), extra=b"/M" + stated).data)
    assert (verdict.indication, verdict.signing_time) == ("TOTAL-PASSED", None)
    assert told(verdict) == [("warning", "Время в словаре подписи PDF (/M) не читается.")]


def test_a_changed_time_breaks_the_signature(world: World) -> None:
    pdf = Pdf.plain().sign(timeless(world), extra=b"/M(" + STATED + b")").data
    verdict = judged(world, pdf.replace(STATED, b"D:20261001123000+03'00'"))
    assert (verdict.indication, verdict.sub_indication) == ("TOTAL-FAILED", "HASH_FAILURE")


def test_a_counter_signature_does_not_take_the_claim_of_the_file(world: World) -> None:
    one = world.signer

    def sign(content: bytes) -> bytes:
        plain = timeless(world)(content)
        return countersign_cades(plain, key=one.key, certificate=one.certificate, signing_time=NOW)

    pdf = Pdf.plain().sign(sign, extra=b"/M(" + STATED + b")").data
    first, counter = verify_pdf(pdf, trust=world.trust, evidence=world.evidence, at=NOW).signatures
    assert (first.signing_time, counter.signing_time) == (CLAIMED, NOW)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (b"D:20260102030405+03'00'", datetime(2026, 1, 2, 0, 4, 5, tzinfo=UTC)),
        (b"D:20260102030405-11'30", datetime(2026, 1, 2, 14, 34, 5, tzinfo=UTC)),
        (b"D:20260102030405+0330", datetime(2026, 1, 1, 23, 34, 5, tzinfo=UTC)),
        (b"D:20260102030405Z00'00'", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (b"20260102030405Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (b"D:202601020304", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        (b"D:2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("\ufeffD:20260102".encode("utf-16-be"), datetime(2026, 1, 2, tzinfo=UTC)),
    ],
)
def test_dates_of_a_pdf(stated: bytes, expected: datetime) -> None:
    assert read_date(stated) == expected


@pytest.mark.parametrize("stated", [b"D:99991231235959-14'00'", b"D:00000101", b"D:20260102 ?", None, 20260102, b"D:"])
def test_what_is_no_date_of_a_pdf(stated: bytes | int | None) -> None:
    with pytest.raises(BadInput):
        read_date(stated)
