"""`edo trust`: a believed list is kept and shown, a replayed or forged one is not; the service asks the kept one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edo_service.cli import app
from edo_service.trust.lists import FILE, StoredList
from tests.signing.attack_stage import Stage
from tests.signing.maker import NOW, YEAR
from tests.signing.test_trust_tsl import IN_FORCE, SUSPENDED, authority, listed, publisher, sign_list


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def folder(stage: Stage, tmp_path: Path) -> Path:
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "roots.pem").write_text(stage.root.certificate.pem() + stage.issuing.certificate.pem())
    return folder


def update(stage: Stage, folder: Path, data: bytes) -> Result:
    given = folder.parent / "given.xml"
    given.write_bytes(data)
    options = ["--store", str(folder), "--at", NOW.isoformat(), "--offline"]
    for number, crl in enumerate(stage.lists()):
        path = folder.parent / f"{number}.crl"
        path.write_bytes(crl)
        options += ["--crl", str(path)]
    return CliRunner().invoke(app, ["trust", "update", str(given), *options])


def show(folder: Path, *more: str) -> str:
    result = CliRunner().invoke(app, ["trust", "list", "--store", str(folder), *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_believed_list_is_kept_and_shown(stage: Stage, folder: Path) -> None:
    assert "Списка аккредитованных УЦ нет" in show(folder)
    text = listed(authority(stage.issuing, (IN_FORCE, NOW - 2 * YEAR), (SUSPENDED, NOW - YEAR)))
    data = sign_list(text, publisher(stage))
    result = update(stage, folder, data)
    assert result.exit_code == 0, result.output
    assert (folder / FILE).read_bytes() == data
    assert f"{SUSPENDED}" in show(folder)
    told = json.loads(show(folder, "--json"))
    assert told["list"]["authorities"][0]["status"] == SUSPENDED
    assert told["anchors"][0]["sha256"] == stage.root.certificate.sha256
    assert sorted(path.name for path in folder.iterdir()) == ["roots.pem", FILE]


def test_an_older_list_does_not_replace_a_newer_one(stage: Stage, folder: Path) -> None:
    signer = publisher(stage)
    newer = sign_list(listed(authority(stage.issuing, (SUSPENDED, NOW - YEAR)), at=NOW), signer)
    older = sign_list(listed(authority(stage.issuing, (IN_FORCE, NOW - YEAR)), at=NOW - timedelta(days=3)), signer)
    assert update(stage, folder, newer).exit_code == 0
    result = update(stage, folder, older)
    assert result.exit_code == 64
    assert "старше сохранённого" in result.output
    assert (folder / FILE).read_bytes() == newer


def test_a_forged_list_is_not_kept(stage: Stage, folder: Path) -> None:
    text = listed(authority(stage.issuing, (IN_FORCE, NOW - YEAR)))
    forged = sign_list(text, publisher(stage)).replace(b"7700000048", b"7700000049")
    for data, exit_code in ((forged, 1), (sign_list(text, stage.signer), 2), (b"<a/>", 1)):
        assert update(stage, folder, data).exit_code == exit_code
        assert not (folder / FILE).exists()
    result = CliRunner().invoke(app, ["trust", "update", str(folder / "absent.xml"), "--store", str(folder)])
    assert result.exit_code == 64


def test_the_stored_list_is_read_again_only_when_it_changes(stage: Stage, folder: Path) -> None:
    stored = StoredList(folder=folder)
    assert stored.load() is None
    data = listed(authority(stage.issuing, (IN_FORCE, NOW - YEAR))).encode()
    (folder / FILE).write_bytes(data)
    first = stored.load()
    assert first is not None
    assert stored.load() is first
    (folder / FILE).write_bytes(data + b"\n\n")
    assert stored.load() is not first
