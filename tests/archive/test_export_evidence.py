"""Evidence records in the exported ZIP: verify.sh climbs every tree and every renewal by coreutils and openssl alone."""

import io
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import signing
from signing import EvidenceRecord
from tests.archive.conftest import Keeper, Package, export
from tests.archive.gost_pki import GostPki
from tests.archive.test_export import bare_path, last, reseal, verify

__all__ = ["bare_path", "verify"]  # fixtures of the neighbour

RECORD = "evidence/record.er"
Verify = Callable[..., tuple[int, str]]


def unpacked(package: Package, folder: Path, record: bytes) -> Path:
    zipfile.ZipFile(io.BytesIO(export(package, evidence_record=record))).extractall(folder)
    return folder


def lines(said: str) -> list[str]:
    return [line for line in said.splitlines() if f"{RECORD}: " in line]


@pytest.fixture(scope="module")
def renewed(pki: GostPki, package: Package) -> EvidenceRecord:
    """A day's root, its renewal, a tree by another hash function, and that one's renewal: four timestamps."""
    pki.issue_tsa("lasting", days=3600)
    keeper = Keeper(pki).begin(package.sealed).renew().rebuild("sha256").renew(who="lasting")
    return keeper.record


def test_a_stranger_verifies_the_root_and_every_renewal(
    package: Package,
    renewed: EvidenceRecord,
    verify: Verify,
    tmp_path: Path,
) -> None:
    code, said = verify(unpacked(package, tmp_path / "x", renewed.to_der()))
    assert (code, last(said)) == (0, "Проверка пройдена"), said
    found = lines(said)
    assert len(found) == 4
    assert all(line.startswith(f"  [верно]    {RECORD}: метка {number} из 4") for number, line in enumerate(found, 1))
    assert [line.rsplit(" ", 1)[1] for line in found] == ["md_gost12_256"] * 2 + ["sha256"] * 2
    assert "[внимание]" not in said


def test_without_a_record_it_says_what_proves_the_time(
    package: Package,
    verify: Verify,
    tmp_path: Path,
) -> None:
    code, said = verify(unpacked(package, tmp_path / "x", b""))
    assert code == 0
    assert "ещё не вошёл в дневной корень" in said
    assert not (tmp_path / "x/evidence").exists()


def test_six_years_later_only_the_renewed_record_stands_without_a_warning(
    package: Package,
    renewed: EvidenceRecord,
    verify: Verify,
    unavailable: Callable[[str], NoReturn],
    tmp_path: Path,
) -> None:
    faketime = shutil.which("faketime")
    if faketime is None:
        unavailable("faketime is absent (apt-get install -y faketime)")
    for name, record, warned in (("renewed", renewed.to_der(), False), ("not", package.evidence, True)):
        code, said = verify(unpacked(package, tmp_path / name, record), faketime, "+6 years")
        assert (code, last(said)) == (0, "Проверка пройдена"), said
        assert ("[внимание]" in said) == warned


def test_a_changed_byte_of_the_record_is_named_also_when_the_hashes_were_recomputed(
    package: Package,
    renewed: EvidenceRecord,
    verify: Verify,
    tmp_path: Path,
) -> None:
    folder = unpacked(package, tmp_path / "x", renewed.to_der())
    whole = renewed.to_der()
    for place in random.Random(6).sample(range(len(whole)), 2):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        (folder / RECORD).write_bytes(changed)
        reseal(folder)
        code, said = verify(folder)
        assert code == 1, (place, said)
        assert f"[НАРУШЕНО] {RECORD}: файл изменён" in said
        assert last(said).startswith(f"НАРУШЕНО: {RECORD}")


def test_a_changed_byte_of_what_renewals_cover_is_found_by_the_renewals_themselves(
    package: Package, renewed: EvidenceRecord, verify: Verify, tmp_path: Path
) -> None:
    """Even a verify.sh that was written over the changed record finds it: every hash list and token is bound by the next."""
    whole = renewed.to_der()
    covered = range(whole.index(renewed.chains[0][0].der), whole.index(renewed.chains[1][0].der))
    for number, place in enumerate(random.Random(7).sample(covered, 2)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        code, said = verify(unpacked(package, tmp_path / str(number), bytes(changed)))
        assert (code, last(said)) == (1, f"НАРУШЕНО: {RECORD}"), (place, said)


def _other_tree(record: EvidenceRecord) -> EvidenceRecord:
    """The same tokens with one neighbour's hash changed in the second list of the first tree."""
    from signing._internal.ers import archive_timestamp

    first = record.chains[0][0]
    tree = (first.tree[0], (bytes(32),), *first.tree[2:])
    return EvidenceRecord(chains=((archive_timestamp(first.token, tree), *record.chains[0][1:]), *record.chains[1:]))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda pki, _package, _record: Keeper(pki).begin((b"another", b"package", b"!")).record, "не на этом пакете"),
        (lambda pki, package, _record: Keeper(pki).begin(package.sealed[:2]).record, "не на этом пакете"),
        (lambda _pki, _package, record: EvidenceRecord(chains=record.chains[1:]), "не на этом пакете"),
        (lambda _pki, _package, record: EvidenceRecord(chains=(record.chains[0][:1], record.chains[1])), "не на этом"),
        (lambda _pki, _package, record: EvidenceRecord(chains=(tuple(reversed(record.chains[0])),)), "не на этом"),
        (lambda _pki, _package, record: _other_tree(record), "неверна"),
    ],
    ids=["another package", "fewer objects", "first chain cut", "a renewal cut", "reversed", "another tree"],
)
def test_a_record_that_proves_something_else_is_refused_though_every_list_is_honest(
    package: Package,
    pki: GostPki,
    renewed: EvidenceRecord,
    verify: Verify,
    tmp_path: Path,
    make: Callable[[GostPki, Package, EvidenceRecord], EvidenceRecord],
    why: str,
) -> None:
    """The writer itself is the forger: SHA256SUMS, manifest and verify.sh know the false record."""
    code, said = verify(unpacked(package, tmp_path / "x", make(pki, package, renewed).to_der()))
    assert (code, last(said)) == (1, f"НАРУШЕНО: {RECORD}"), said
    assert any(line.startswith("  [НАРУШЕНО]") and why in line for line in lines(said)), said


def test_a_token_of_an_authority_nobody_trusts_is_refused(
    package: Package,
    verify: Verify,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    stranger = GostPki(tmp_path_factory.mktemp("stranger"), name="Чужой")
    code, said = verify(unpacked(package, tmp_path / "x", Keeper(stranger).begin(package.sealed).record.to_der()))
    assert (code, last(said)) == (1, f"НАРУШЕНО: {RECORD}"), said


def test_what_verify_sh_accepts_signing_reads_alike(package: Package, renewed: EvidenceRecord, pki: GostPki) -> None:
    """Two readers, one reading: the library climbs the same trees over the same objects."""
    report = signing.verify_evidence_record(
        renewed.to_der(),
        package.sealed,
        trust=signing.TrustStore(
            signing.load_certificates(pki.file("root.pem")), signing.load_certificates(package.chain)
        ),
        evidence=signing.OfflineEvidence(),
        at=renewed.newest.stamp.info.at,
    )
    outcomes = {(one.name, one.outcome) for stamp in report.timestamps for one in stamp.checks}
    assert {("reduced_hash_tree", "passed"), ("timestamp_imprint", "passed")} <= outcomes
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "TRY_LATER"), "nobody told of revocations"
