"""One trust store while the files of trust stay; another anchor, list or answer counts at the next judgement."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

import signing
from edo_service.trust.anchors import StoredTrust
from edo_service.trust.cache import UNASKED
from edo_service.trust.lists import FILE
from signing.pki import RevocationReason
from tests.fixtures.road import House
from tests.signing.conftest import shared_world
from tests.signing.maker import NOW, make_root
from tests.signing.test_trust_tsl import IN_FORCE, authority, listed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "root.pem").write_text(shared_world("gost2012_256:XA").root.certificate.pem())
    return folder


def names(store: signing.TrustStore) -> list[str]:
    return sorted(one.subject.common_name for one in store.anchors)


def test_the_same_files_are_the_same_store(folder: Path) -> None:
    stored = StoredTrust(folders=(folder,))
    first = stored.load()
    assert names(first) == ["Тестовый корень"]
    assert stored.load() is first


def test_an_anchor_added_replaced_or_taken_away_counts_at_once(folder: Path) -> None:
    stored = StoredTrust(folders=(folder.parent / "absent", folder))
    first = stored.load()
    (folder / "second.crt").write_text(make_root("Второй").certificate.pem())
    assert names(stored.load()) == ["Второй", "Тестовый корень"]
    other = folder.parent / "other"
    other.write_text(make_root("Третий").certificate.pem())
    other.replace(folder / "second.crt")
    assert names(stored.load()) == ["Тестовый корень", "Третий"]
    (folder / "second.crt").unlink()
    last = stored.load()
    assert names(last) == names(first)
    assert last is not first


def test_a_file_of_the_same_size_and_time_is_still_another_file(folder: Path) -> None:
    stored, path = StoredTrust(folders=(folder,)), folder / "root.pem"
    first, facts = stored.load(), path.stat()
    text = path.read_text()
    twin = folder.parent / "twin"
    twin.write_text(text)
    os.utime(twin, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    twin.replace(path)
    assert path.stat().st_size == facts.st_size
    assert path.stat().st_mtime_ns == facts.st_mtime_ns
    assert stored.load() is not first


def test_a_folder_may_come_later_and_its_list_may_too(folder: Path) -> None:
    late = folder.parent / "late"
    stored = StoredTrust(folders=(late, folder))
    assert names(stored.load()) == ["Тестовый корень"]
    late.mkdir()
    (late / "late.pem").write_text(make_root("Поздний").certificate.pem())
    assert names(stored.load()) == ["Поздний", "Тестовый корень"]
    assert stored.load().accredited is None
    world = shared_world("gost2012_256:XA")
    (late / FILE).write_bytes(listed(authority(world.issuing, (IN_FORCE, NOW))).encode())
    found = stored.load()
    assert found.accredited is not None
    assert world.issuing.certificate in found.intermediates


def test_a_damaged_file_is_told_each_time_until_it_is_mended(folder: Path) -> None:
    stored, path = StoredTrust(folders=(folder,)), folder / "broken.pem"
    path.write_text("not a certificate")
    for _ in range(2):
        with pytest.raises(signing.BadCertificate):
            stored.load()
    path.unlink()
    assert names(stored.load()) == ["Тестовый корень"]


def test_the_service_remembers_and_still_sees_a_fresh_revocation(house: House) -> None:
    """Everything about chains is remembered; evidence that was fetched anew counts as soon as it is read, within `UNASKED`."""
    judge, content = house.services.judge, b"content"
    assert judge.load_trust() is judge.load_trust()
    for _ in range(2):
        found = judge.judge(content, house.cms(content))
        assert found is not None
        assert found.passed
    assert judge.memory.answers, "issuers' signatures are known"
    house.pki.revoke("client_one_person", house.clock.now() - timedelta(seconds=1), RevocationReason.KEY_COMPROMISE)
    with house.services.database.transaction() as connection:
        connection.exec_driver_sql("delete from fetched_evidence")
    house.clock.move(UNASKED)
    found = judge.judge(content, house.cms(content))
    assert found is not None
    assert not found.passed
    assert found.verdict.sub_indication == "REVOKED_NO_POE"


def test_an_anchor_taken_away_counts_at_once_for_what_was_remembered(house: House) -> None:
    judge, content = house.services.judge, b"content"
    before = judge.judge(content, house.cms(content))
    for path in (house.services.settings.root / "trust").iterdir():
        path.unlink()
    after = judge.judge(content, house.cms(content))
    assert before is not None
    assert after is not None
    assert (before.passed, after.passed) == (True, False)
