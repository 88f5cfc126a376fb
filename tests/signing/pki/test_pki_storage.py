import json
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edo_service.demo.make_pki import HOST, ensure_pki, main
from edo_service.kernel.clock import MovableClock
from signing.pki import (
    AlreadyRevoked,
    BadPkiDirectory,
    KeyLocked,
    Pki,
    PkiDeclaration,
    PkiExists,
    RevocationReason,
    UnknownName,
    build,
)
from tests.signing.pki.judge import OpenSsl

ROOT = Path(__file__).resolve().parents[3]


def test_what_was_saved_is_loaded(pki: Pki, own_pki: Pki, tmp_path: Path, now: datetime) -> None:
    own_pki.save(tmp_path / "pki")

    loaded = Pki.load(tmp_path / "pki")

    assert loaded.names == own_pki.names
    for name in loaded.names:
        assert loaded.entity(name).certificate == own_pki.certificate(name)
        assert loaded.entity(name).chain == own_pki.entity(name).chain
        assert loaded.entity(name).key.public_key_info == own_pki.entity(name).key.public_key_info
    assert loaded.roots() == own_pki.roots() != pki.roots()
    assert loaded.addresses == own_pki.addresses
    assert loaded.declaration == own_pki.declaration


def test_chains_and_anchors(pki: Pki) -> None:
    assert pki.roots() == (pki.certificate("root"),)
    assert pki.intermediates() == (pki.certificate("issuing"),)
    assert pki.entity("lessor_person").chain == (pki.certificate("issuing"),)
    assert pki.entity("foreign").chain == ()
    assert pki.entity("root").chain == ()
    with pytest.raises(UnknownName):
        pki.entity("nobody")


def test_keys_are_for_their_owner_only(own_pki: Pki, tmp_path: Path) -> None:
    own_pki.save(tmp_path / "pki")

    keys = sorted((tmp_path / "pki" / "keys").iterdir())

    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE((tmp_path / "pki" / "keys").stat().st_mode) == 0o700
    assert [key.stem for key in keys] == sorted(own_pki.names)
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_a_pin_protects_one_key_and_the_rest_works(own_pki: Pki, tmp_path: Path, now: datetime) -> None:
    own_pki.save(tmp_path / "pki", {"client_one_person": b"4321"})
    loaded = Pki.load(tmp_path / "pki")

    with pytest.raises(KeyLocked):
        loaded.entity("client_one_person")
    with pytest.raises(KeyLocked):
        loaded.entity("client_one_person", b"1234")
    opened = loaded.entity("client_one_person", b"4321")
    assert opened.key.public_key_info == own_pki.certificate("client_one_person").public_key_info
    assert len(opened.key.sign(b"content")) == 64
    assert loaded.certificate("client_one_person") == own_pki.certificate("client_one_person")
    assert loaded.stored_key("client_one_person") != own_pki.stored_key("client_one_person")
    assert loaded.entity("lessor_person").key
    assert loaded.crl("issuing", now=now)


def test_an_encrypted_key_stays_encrypted_when_saved_again(own_pki: Pki, tmp_path: Path) -> None:
    own_pki.save(tmp_path / "one", {"client_one_person": b"4321"})
    loaded = Pki.load(tmp_path / "one")

    loaded.save(tmp_path / "two")

    assert Pki.load(tmp_path / "two").entity("client_one_person", b"4321").key
    with pytest.raises(KeyLocked):
        loaded.save(tmp_path / "three", {"client_one_person": b"other"})


def test_openssl_opens_the_keys(own_pki: Pki, tmp_path: Path, openssl: OpenSsl) -> None:
    own_pki.save(tmp_path / "pki", {"client_one_person": "ПИН 4321".encode()})
    expected = openssl("x509", "-in", "pki/certificates/client_one_person.pem", "-noout", "-pubkey").stdout

    opened = openssl("pkey", "-in", "pki/keys/client_one_person.pem", "-passin", "pass:ПИН 4321", "-pubout")
    wrong = openssl("pkey", "-in", "pki/keys/client_one_person.pem", "-passin", "pass:1234", "-pubout")
    plain = openssl("pkey", "-in", "pki/keys/root.pem", "-noout")

    assert expected.startswith("-----BEGIN PUBLIC KEY-----")
    assert opened.stdout == expected
    assert wrong.returncode != 0
    assert plain.returncode == 0


def test_openssl_signs_with_a_key_of_ours(own_pki: Pki, tmp_path: Path, openssl: OpenSsl) -> None:
    own_pki.save(tmp_path / "pki")
    (tmp_path / "content").write_bytes(b"content")
    entity = "client_one_person"

    signed = openssl(
        *("cms", "-sign", "-in", "content", "-binary", "-outform", "DER", "-out", "content.sig", "-cades"),
        *("-signer", f"pki/certificates/{entity}.pem", "-inkey", f"pki/keys/{entity}.pem"),
        *("-certfile", "pki/intermediates.pem"),
    )
    judged = openssl(
        *("cms", "-verify", "-in", "content.sig", "-inform", "DER", "-content", "content", "-binary", "-cades"),
        *("-CAfile", "pki/roots.pem", "-purpose", "any", "-out", "out"),
    )

    assert signed.returncode == 0, signed.stderr
    assert judged.returncode == 0, judged.stderr


def test_a_pki_is_not_overwritten_unless_asked(own_pki: Pki, tmp_path: Path) -> None:
    own_pki.save(tmp_path / "pki")

    with pytest.raises(PkiExists):
        own_pki.save(tmp_path / "pki")
    own_pki.save(tmp_path / "pki", replace=True)

    assert Pki.load(tmp_path / "pki").names == own_pki.names
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_what_is_not_a_pki_is_never_replaced(own_pki: Pki, tmp_path: Path) -> None:
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "letters.txt").write_text("dear")

    with pytest.raises(PkiExists):
        own_pki.save(tmp_path / "pki", replace=True)

    assert [path.name for path in (tmp_path / "pki").iterdir()] == ["letters.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_an_unknown_name_among_passwords_is_refused_before_writing(own_pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        own_pki.save(tmp_path / "pki", {"nobody": b"1"})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "pki.json").unlink(),
        lambda folder: (folder / "pki.json").write_text("[]"),
        lambda folder: (folder / "pki.json").write_text(json.dumps({"format": 2, "base": ""})),
        lambda folder: (folder / "pki.toml").write_text("x"),
        lambda folder: (folder / "keys" / "tsa.pem").unlink(),
        lambda folder: (folder / "keys" / "tsa.pem").write_text("x"),
        lambda folder: (folder / "keys" / "tsa.pem").write_bytes((folder / "keys" / "ocsp.pem").read_bytes()),
        lambda folder: (folder / "keys" / "tsa.pem").write_text(
            "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"
        ),
        lambda folder: (folder / "certificates" / "tsa.pem").write_text("x"),
    ],
)
def test_a_damaged_directory_is_refused(damage: Callable[[Path], object], own_pki: Pki, tmp_path: Path) -> None:
    own_pki.save(tmp_path / "pki")
    damage(tmp_path / "pki")

    with pytest.raises(BadPkiDirectory):
        Pki.load(tmp_path / "pki")


def test_revocations_are_seen_by_everyone_who_has_the_directory(own_pki: Pki, tmp_path: Path, now: datetime) -> None:
    own_pki.save(tmp_path / "pki")
    one, other = Pki.load(tmp_path / "pki"), Pki.load(tmp_path / "pki")
    before = other.crl("issuing", now=now)

    one.revoke("lessor_director", now, RevocationReason.AFFILIATION_CHANGED)

    assert other.crl("issuing", now=now) != before
    assert len(other.crl("issuing", now=now)) == len(own_pki.crl("issuing", now=now)) > len(before)
    with pytest.raises(AlreadyRevoked):
        other.revoke("lessor_director", now)
    with pytest.raises(AlreadyRevoked):
        own_pki.revoke("revoked", now)


def test_a_file_that_is_no_revocation_is_not_passed_over(own_pki: Pki, tmp_path: Path, now: datetime) -> None:
    own_pki.save(tmp_path / "pki")
    (tmp_path / "pki" / "revoked" / "abc.json").write_text("{}")

    with pytest.raises(BadPkiDirectory, match=r"abc\.json"):
        Pki.load(tmp_path / "pki").crl("issuing", now=now)


def test_processes_that_start_at_once_end_with_one_pki(tmp_path: Path, now: datetime) -> None:
    clock = MovableClock(now)
    made: list[Pki] = []
    threads = [
        threading.Thread(target=lambda: made.append(ensure_pki(tmp_path / "pki", clock=clock, passwords={})))
        for _ in range(4)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({pki.certificate("root").sha256 for pki in made}) == 1
    assert len(made) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_an_existing_pki_is_kept(tmp_path: Path, now: datetime) -> None:
    first = ensure_pki(tmp_path / "pki", clock=MovableClock(now), passwords={"client_one_person": b"1"})

    second = ensure_pki(
        tmp_path / "pki", clock=MovableClock(now + timedelta(days=1)), passwords={"client_one_person": b"2"}
    )

    assert second.certificate("root") == first.certificate("root")
    assert second.entity("client_one_person", b"1").key


def test_the_command_rebuilds_into_a_directory(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "edo_service.demo.make_pki", "--out", str(tmp_path / "pki"), "--host", "pki.test"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert Pki.load(tmp_path / "pki").addresses.base == "http://pki.test"


def test_the_command_says_why_it_cannot(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letters.txt").write_text("dear")
    (tmp_path / "bad.toml").write_text("[profile]\n")

    assert main(["--out", str(tmp_path / "full")]) == 1
    assert main(["--out", str(tmp_path / "pki"), "--declaration", str(tmp_path / "bad.toml")]) == 1

    said = capsys.readouterr().err.splitlines()
    assert "full" in said[0]
    assert "profile.subject_sign_tool" in said[1]


def test_two_builds_share_nothing(declaration: PkiDeclaration, now: datetime) -> None:
    one, other = (build(declaration, now=now, host=HOST) for _ in range(2))

    assert one.certificate("lessor_person").public_key_info != other.certificate("lessor_person").public_key_info
    assert one.certificate("lessor_person").serial != other.certificate("lessor_person").serial
