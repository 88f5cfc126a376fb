"""Signatures are raised again before they age: beside the original, once whatever dies on the way, and they hold years later."""

import hashlib
import io
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import archive
import signing
from edo_service.archiving.evidence_desk import EvidenceDesk, EvidencePolicy
from edo_service.archiving.evidence_handlers import EvidenceHandlers
from edo_service.archiving.evidence_views import evidence_chain
from edo_service.archiving.pages import describing
from edo_service.archiving.promises import all_promises
from edo_service.archiving.refresh_tables import PackageRefresh
from edo_service.archiving.sealing import MANIFEST, MANIFEST_SIGNATURE, MANIFEST_TIMESTAMP
from edo_service.archiving.tables import Package, PackagePart
from edo_service.archiving.use_cases.check import check_set
from edo_service.archiving.use_cases.refresh import REFRESHED, REFUSED
from edo_service.archiving.use_cases.take_out import take_out
from edo_service.archiving.views import ChainLink
from edo_service.demo.companies import LESSOR
from edo_service.errors import Unavailable
from edo_service.kernel.ids import new_id
from tests.archiving.test_archiving_evidence import DAY, YEAR, _package, day, events, scoped
from tests.archiving.test_archiving_evidence_years import LaterTsa
from tests.fixtures.road import COMPLIANCE, House
from tests.signing.pdf_maker import Pdf

SIGNATURE, IN_EXPORT = "d.txt.1.sig", "d.txt.sig"


def signed_text(house: House) -> list[archive.Part]:
    """A document with a detached CAdES-T."""
    entity = house.pki.entity("lessor_organization")
    cms = signing.sign_cades(
        b"the text",
        key=entity.key,
        certificate=entity.certificate,
        chain=entity.chain,
        signing_time=house.clock.now(),
        timestamper=house.services.timestamper,
    )
    return [
        archive.Part(role="document", name="d.txt", media_type="text/plain", content=b"the text"),
        archive.Part(role="signature", name=SIGNATURE, media_type="x/y", content=cms, of="d.txt"),
    ]


def signed_pdf(house: House) -> list[archive.Part]:
    """A PDF with a PAdES B-T inside."""
    entity = house.pki.entity("lessor_organization")
    pdf = signing.sign_pdf(
        Pdf.plain().data,
        key=entity.key,
        certificate=entity.certificate,
        chain=entity.chain,
        signing_time=house.clock.now(),
        timestamper=house.services.timestamper,
    )
    return [archive.Part(role="document", name="d.pdf", media_type="application/pdf", content=pdf)]


def keep_signed(house: House, signed: Callable[[House], list[archive.Part]] = signed_text, number: str = "1") -> UUID:
    """A kept set of one signed document; its id."""
    services, owner, package_id = house.services, house.entity(LESSOR), new_id()
    desk, parts = services.archive_desk, signed(house)
    manifest = archive.build_manifest(
        parts, package_id=str(package_id), facts={}, digests=desk.digests, created_at=house.clock.now()
    )
    signature = desk.sign_manifest(manifest, owner)
    seal = {
        MANIFEST: ("manifest", manifest),
        MANIFEST_SIGNATURE: ("manifest_signature", signature),
        MANIFEST_TIMESTAMP: ("manifest_timestamp", desk.stamp(signature)),
    }
    parts += [archive.Part(role=role, name=name, media_type="x/y", content=one) for name, (role, one) in seal.items()]
    until = house.clock.now() + 20 * YEAR
    with scoped(house) as uow:
        package = _package(house, package_id, number, hashlib.sha256(manifest).hexdigest())
        package.retain_until = until
        uow.session.add(package)
        uow.session.flush()
        for position, part in enumerate(parts):
            stored = services.store.put(archive.key_of(str(owner), part.content), part.content, retain_until=until)
            uow.session.add(
                PackagePart(
                    owner_id=owner, package_id=package_id, position=position, role=part.role, name=part.name,
                    media_type=part.media_type, sha256=stored.sha256, size=len(part.content), of_name=part.of,
                    source="test",
                )
            )  # fmt: skip
        uow.commit()
    return package_id


def handlers(house: House, **policy: object) -> EvidenceHandlers:
    """The evidence's jobs with refreshing switched on and authorities that come and go."""
    chosen = EvidencePolicy(refresh=True, **policy)  # type: ignore[arg-type]  # fields of the policy
    desk = replace(house.services.evidence_desk, timestamper=LaterTsa(house=house), policy=chosen)
    return EvidenceHandlers(uow=house.services.uow, desk=desk)


def parts(house: House, package: UUID) -> dict[str, PackagePart]:
    with scoped(house) as uow:
        rows = uow.session.scalars(
            select(PackagePart).where(PackagePart.package_id == package).order_by(PackagePart.position)
        )
        return {row.name: row for row in rows}


def state(house: House, package: UUID) -> PackageRefresh:
    with scoped(house) as uow:
        return uow.session.scalars(select(PackageRefresh).where(PackageRefresh.package_id == package)).one()


def content(house: House, row: PackagePart) -> bytes:
    return house.services.store.get(f"{row.owner_id}/{row.sha256}")


def judged(house: House, signature: bytes) -> signing.SignatureVerdict:
    (found,) = signing.verify(
        b"the text",
        signature,
        trust=house.services.load_trust(),
        evidence=house.services.judge.evidence,
        at=house.clock.now(),
    ).signatures
    return found


def described(house: House, package: UUID) -> ChainLink:
    """What the card's chain says of the set's own signatures."""
    return describing.chain(evidence_chain(package, uow=house.uow(house.actor(COMPLIANCE))))[-1]


def near_the_end(house: House, package: UUID) -> None:
    """The clock goes to thirty days before the signature ages."""
    due = state(house, package).due_at
    assert due is not None
    house.clock.set(due - 30 * DAY)


def test_a_signature_is_refreshed_before_it_ages_and_holds_years_later_beside_its_untouched_original(
    house: House,
) -> None:
    package, clock = keep_signed(house), handlers(house)
    before = {name: row.sha256 for name, row in parts(house, package).items()}
    signed_at = house.clock.now()
    day(house)
    with scoped(house) as uow:
        assert uow.session.scalars(select(PackageRefresh)).all() == [], "the setting is off"
    house.clock.move(DAY)
    day(house, clock)
    assert (len(parts(house, package)), state(house, package).trouble) == (5, None), "looked at, nothing is due"
    while house.clock.now() < signed_at + 6 * YEAR:
        near_the_end(house, package)
        day(house, clock)
    found = parts(house, package)
    assert {name: found[name].sha256 for name in before} == before, "the original set keeps its bytes"
    raised = [row for row in found.values() if row.role == archive.REFRESHED]
    assert len(raised) >= 3
    assert {(row.of_name, row.name) for row in raised} >= {(SIGNATURE, f"refreshed-1/{SIGNATURE}")}
    newest, original = judged(house, content(house, raised[-1])), judged(house, content(house, found[SIGNATURE]))
    assert (newest.indication, newest.level) == ("TOTAL-PASSED", "A")
    assert newest.best_signature_time - signed_at < DAY, "it existed when it was first stamped"
    assert (original.indication, original.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    stat = house.services.store.stat(f"{raised[-1].owner_id}/{raised[-1].sha256}")
    assert stat is not None
    assert stat.retain_until is not None
    assert stat.retain_until - house.clock.now() > 10 * YEAR, "protected as long as the set"
    assert len(events(house, REFRESHED)) == len(raised)

    actor = house.actor(COMPLIANCE)
    assert check_set(package, purpose="x", actor=actor, uow=house.uow(actor), desk=house.services.archive_desk) == ()


def test_an_export_carries_both_and_anybody_verifies_them(house: House, tmp_path: Path) -> None:
    package, clock = keep_signed(house), handlers(house)
    day(house, clock)
    near_the_end(house, package)
    day(house, clock)
    out, actor = io.BytesIO(), house.actor(COMPLIANCE)
    take_out(package, out, purpose="x", actor=actor, uow=house.uow(actor), desk=house.services.archive_desk)
    folder = tmp_path / "x"
    zipfile.ZipFile(out).extractall(folder)
    found = parts(house, package)
    assert (folder / f"parts/{IN_EXPORT}").read_bytes() == content(house, found[SIGNATURE])
    assert (folder / f"refreshed/{IN_EXPORT}").read_bytes() == content(house, found[f"refreshed-1/{SIGNATURE}"])
    done = subprocess.run(["sh", "verify.sh"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert f"[верно]    refreshed/{IN_EXPORT}: та же подпись, что parts/{IN_EXPORT}" in done.stdout


def test_a_signed_pdf_gets_a_document_time_stamp_after_its_own_bytes(house: House, tmp_path: Path) -> None:
    package, clock = keep_signed(house, signed_pdf), handlers(house)
    signed_at = house.clock.now()
    day(house, clock)
    for _ in range(2):
        near_the_end(house, package)
        day(house, clock)
    assert house.clock.now() - signed_at > YEAR
    found = parts(house, package)
    original, newest = content(house, found["d.pdf"]), content(house, found["refreshed-2/d.pdf"])
    assert newest.startswith(original)
    trust, evidence = house.services.load_trust(), house.services.judge.evidence
    report = signing.verify_pdf(newest, trust=trust, evidence=evidence, at=house.clock.now())
    assert report.indication == "TOTAL-PASSED"
    assert report.signatures[0].best_signature_time - signed_at < DAY

    out, actor = io.BytesIO(), house.actor(COMPLIANCE)
    take_out(package, out, purpose="x", actor=actor, uow=house.uow(actor), desk=house.services.archive_desk)
    zipfile.ZipFile(out).extractall(tmp_path / "x")
    done = subprocess.run(["sh", "verify.sh"], cwd=tmp_path / "x", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "[верно]    refreshed/d.pdf: начинается с parts/d.pdf, байт в байт" in done.stdout


def test_a_put_that_fails_is_repeated_with_the_same_bytes_and_nothing_is_an_orphan(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, clock = keep_signed(house), handlers(house)
    day(house, clock)
    near_the_end(house, package)

    def silent(*_args: object, **_named: object) -> None:
        raise Unavailable("archive.store_silent", reason="told to be")

    with monkeypatch.context() as patched:
        patched.setattr(type(clock.desk), "put_part", silent)
        day(house, clock)
    made = state(house, package).made
    assert (list(made), len(parts(house, package))) == ([SIGNATURE], 5)
    promises = all_promises(lambda: house.services.system_uow("archiving.scrub"))
    key = f"{house.entity(LESSOR)}/{made[SIGNATURE]['sha256']}"
    expected = promises.of(key)
    assert expected is not None
    assert expected.underway, "what dies between put and row is no orphan"
    house.clock.move(DAY)
    day(house, clock)
    found = parts(house, package)[f"refreshed-1/{SIGNATURE}"]
    assert found.sha256 == made[SIGNATURE]["sha256"]
    assert (state(house, package).underway, len(events(house, REFRESHED))) == (False, 1)
    report = house.services.scrub()
    assert not [one for one in report.findings if found.sha256 in one.key]


def test_what_cannot_be_proven_is_told_once_and_asked_again_until_it_has_aged(house: House) -> None:
    package, clock = keep_signed(house), handlers(house)
    day(house, clock)
    near_the_end(house, package)
    broken = replace(clock, desk=replace(clock.desk, load_trust=lambda: signing.TrustStore((), ())))
    for _ in range(3):
        day(house, broken)
        house.clock.move(2 * DAY)
    assert len(parts(house, package)) == 5
    assert len(events(house, REFUSED)) == 1
    assert SIGNATURE in (state(house, package).trouble or "")
    assert "INDETERMINATE" in (state(house, package).trouble or "")
    assert state(house, package).due_at is not None, "asked again"
    shown = described(house, package)
    assert (shown.done, "проверить до конца не удалось, доказательством не считаем" in shown.text) == (False, True)
    day(house, clock)
    assert described(house, package).done
    assert f"refreshed-1/{SIGNATURE}" in parts(house, package), "trust is back in time"


def unreadable(house: House) -> list[archive.Part]:
    """The same document with a signature that is none."""
    document, signature = signed_text(house)
    return [document, replace(signature, content=b"junk")]


def test_what_can_never_be_read_is_asked_again_ever_more_rarely(house: House) -> None:
    package, clock = keep_signed(house, unreadable), handlers(house)
    looks = []
    for days in (0, 1, 2, 3, 1):
        house.clock.move(days * DAY)
        day(house, clock)
        looks.append(state(house, package).looked_at)
    gaps = [round((later - one) / DAY) for one, later in pairwise(looks)]
    assert gaps == [1, 2, 0, 4], "after a day, then two; three days later not yet, after four"
    assert len(events(house, REFUSED)) == 1


def test_a_set_that_goes_meanwhile_gets_no_part(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    package, clock = keep_signed(house), handlers(house)
    day(house, clock)
    near_the_end(house, package)
    put = type(clock.desk).put_part

    def disposed(*args: object, **named: object) -> None:
        with scoped(house) as uow:
            uow.session.get_one(Package, package).state = "disposing"
            uow.commit()
        put(*args, **named)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(type(clock.desk), "put_part", disposed)
    day(house, clock)
    assert len(parts(house, package)) == 5


def test_a_damaged_set_is_told_and_asked_again_and_stops_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged, other = sorted(keep_signed(house, number=one) for one in "12")
    clock = handlers(house)
    row, read = parts(house, damaged)[SIGNATURE], type(clock.desk).from_store

    def bitten(desk: EvidenceDesk, key: str) -> bytes:
        if key.endswith(row.sha256):
            raise archive.Damaged(key, "bitten")
        return read(desk, key)

    with monkeypatch.context() as patched:
        patched.setattr(type(clock.desk), "from_store", bitten)
        for _ in range(2):
            day(house, clock)
            house.clock.move(2 * DAY)
    assert "bitten" in (state(house, damaged).trouble or "")
    assert len(events(house, REFUSED)) == 1
    assert state(house, other).trouble is None
    day(house, clock)
    assert state(house, damaged).trouble is None, "it was mended"


def test_a_set_whose_term_is_over_is_not_looked_at(house: House) -> None:
    package, clock = keep_signed(house), handlers(house)
    with scoped(house) as uow:
        uow.session.get_one(Package, package).retain_until = house.clock.now() + timedelta(hours=1)
        uow.commit()
    day(house, clock)
    with scoped(house) as uow:
        assert uow.session.scalars(select(PackageRefresh)).all() == []


def test_a_set_that_is_held_or_kept_longer_meanwhile_protects_its_new_part_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, clock = keep_signed(house), handlers(house)
    day(house, clock)
    near_the_end(house, package)
    until, put = house.clock.now() + 30 * YEAR, type(clock.desk).put_part

    def meanwhile(*args: object, **named: object) -> None:
        put(*args, **named)  # type: ignore[arg-type]  # passed on
        with scoped(house) as uow:
            row = uow.session.get_one(Package, package)
            row.retain_until, row.held = until, True
            uow.commit()

    with monkeypatch.context() as patched:
        patched.setattr(type(clock.desk), "put_part", meanwhile)
        day(house, clock)
    assert (len(parts(house, package)), state(house, package).underway) == (5, True)
    house.clock.move(DAY)
    day(house, clock)
    row = parts(house, package)[f"refreshed-1/{SIGNATURE}"]
    stat = house.services.store.stat(f"{row.owner_id}/{row.sha256}")
    assert stat is not None
    assert (stat.retain_until, stat.hold) == (until, True)
