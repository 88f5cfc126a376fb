"""`edo verify --tsl`: the list is judged first; believed it leads to anchors and answers for accreditation, else not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from edo_service.cli import app
from tests.signing.attack_stage import CONTENT, Stage
from tests.signing.maker import NOW, YEAR
from tests.signing.test_trust_tsl import IN_FORCE, SUSPENDED, authority, listed, publisher, sign_list


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def folder(stage: Stage, tmp_path: Path) -> Path:
    """A signed file whose signature names no issuer, an anchor that did not issue it, and both lists of revocation."""
    (tmp_path / "doc.txt").write_bytes(CONTENT)
    (tmp_path / "doc.sig").write_bytes(stage.signed())
    (tmp_path / "root.pem").write_text(stage.root.certificate.pem())
    for number, crl in enumerate(stage.lists()):
        (tmp_path / f"{number}.crl").write_bytes(crl)
    return tmp_path


def run(folder: Path, data: bytes | None, *more: str, at: datetime = NOW) -> Result:
    options = ["--signature", "doc.sig", "--trust", "root.pem", "--crl", "0.crl", "--crl", "1.crl"]
    given = [str(folder / one) if one.endswith((".sig", ".pem", ".crl")) else one for one in options]
    if data is not None:
        (folder / "list.xml").write_bytes(data)
        given += ["--tsl", str(folder / "list.xml")]
    command = ["verify", str(folder / "doc.txt"), *given, "--offline", "--at", at.isoformat(), *more]
    return CliRunner().invoke(app, command)


def read(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def accreditation(result: Result) -> tuple[str, str]:
    condition = read(result)["signatures"][0]["conditions_63fz"][0]
    return condition["outcome"], condition["reason"]


def good_list(stage: Stage, *, status: str = IN_FORCE, at: datetime = NOW) -> bytes:
    text = listed(authority(stage.issuing, (status, NOW - 10 * YEAR)), at=at)
    return sign_list(text, publisher(stage))


def test_the_list_leads_to_the_anchor_and_tells_of_accreditation(stage: Stage, folder: Path) -> None:
    without = run(folder, None, "--json")
    assert (without.exit_code, read(without)["signatures"][0]["sub_indication"]) == (2, "NO_CERTIFICATE_CHAIN_FOUND")
    assert "tsl" not in read(without)
    result = run(folder, good_list(stage), "--json")
    assert result.exit_code == 0, result.output
    assert (read(result)["indication"], read(result)["tsl"]["indication"]) == ("TOTAL-PASSED", "TOTAL-PASSED")
    assert (read(result)["tsl"]["version"], read(result)["tsl"]["issued_at"]) == (3, NOW.isoformat())
    outcome, reason = accreditation(result)
    assert outcome == "passed"
    assert "Демо-УЦ" in reason


def test_an_authority_that_was_suspended_on_the_day_of_issue_changes_the_condition_alone(
    stage: Stage, folder: Path
) -> None:
    result = run(folder, good_list(stage, status=SUSPENDED), "--json")
    assert (result.exit_code, accreditation(result)[0]) == (0, "failed")
    words = run(folder, good_list(stage, status=SUSPENDED)).output
    assert "Список УЦ № 3 от 20.11.2026 принят." in words
    assert "1. не выполнено: Квалифицированный сертификат выдан" in words
    assert f"«{SUSPENDED}»" in words
    assert words.splitlines()[-2:] == ["Проверка несертифицированными средствами: техническая.", "TOTAL-PASSED"]


def test_a_list_that_has_aged_is_left_aside_and_the_outcome_is_undecided(stage: Stage, folder: Path) -> None:
    chained = stage.signed(chain=[stage.issuing])
    (folder / "doc.sig").write_bytes(chained)
    assert run(folder, None).exit_code == 0
    result = run(folder, good_list(stage, at=NOW - timedelta(days=31)), "--json")
    assert result.exit_code == 2
    told = read(result)
    assert (told["indication"], told["signatures"][0]["indication"]) == ("INDETERMINATE", "TOTAL-PASSED")
    assert (told["tsl"]["indication"], told["tsl"]["sub_indication"]) == ("INDETERMINATE", "TRY_LATER")
    assert told["tsl"]["version"] is None, "what is not believed is not told as if it were"
    assert "список не принят" in result.stderr
    assert "устарел" in result.stderr
    assert accreditation(result)[0] == "unknown"


def test_a_list_of_another_publisher_is_left_aside(stage: Stage, folder: Path) -> None:
    text = listed(authority(stage.issuing, (IN_FORCE, NOW - YEAR)))
    result = run(folder, sign_list(text, stage.signer))
    assert result.exit_code == 2
    assert "подписал не тот" in result.stderr


def test_a_bad_signature_stays_bad_beside_a_list_that_is_left_aside(stage: Stage, folder: Path) -> None:
    (folder / "doc.txt").write_bytes(b"another content")
    result = run(folder, good_list(stage, at=NOW - timedelta(days=31)), "--json")
    assert (result.exit_code, read(result)["indication"]) == (1, "TOTAL-FAILED")


@pytest.mark.parametrize("kind", ["forged", "no list", "no xml", "absent"])
def test_a_list_that_is_forged_or_none_is_unusable_input(stage: Stage, folder: Path, kind: str) -> None:
    forged = good_list(stage).replace(b"7700000048", b"7700000049")
    data = {"forged": forged, "no list": b"<a/>", "no xml": b"no xml at all", "absent": b""}[kind]
    result = run(folder, data)
    if kind == "absent":
        (folder / "list.xml").unlink()
        result = run(folder, None, "--tsl", str(folder / "list.xml"))
    assert result.exit_code == 64
    assert "list.xml" in result.stderr
    assert "Traceback" not in result.output


def test_the_list_alone_makes_nobody_trusted(stage: Stage, folder: Path) -> None:
    (folder / "root.pem").write_text(stage.other.certificate.pem())
    result = run(folder, good_list(stage), "--json")
    assert result.exit_code == 2
    assert read(result)["signatures"][0]["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert read(result)["tsl"]["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"


def test_without_trust_the_machines_own_anchors_and_list_are_asked(
    stage: Stage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder / "own"
    own.mkdir()
    (own / "root.pem").write_text(stage.root.certificate.pem())
    (own / "tsl.xml").write_bytes(good_list(stage))
    command = ["verify", str(folder / "doc.txt"), "--signature", str(folder / "doc.sig"), "--offline", "--json"]
    command += ["--crl", str(folder / "0.crl"), "--crl", str(folder / "1.crl"), "--at", NOW.isoformat()]
    monkeypatch.chdir(folder)
    (folder / "data").mkdir()
    (folder / "data/trust").symlink_to(own)
    stranger = CliRunner().invoke(app, command)
    assert stranger.exit_code == 2, "a folder that came with the file makes nobody trusted"
    monkeypatch.setenv("EDO_TRUST_DIR", str(own))
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, accreditation(result)[0]) == (0, "passed")
    given = CliRunner().invoke(app, [*command, "--trust", str(folder / "doc.pem")])
    assert given.exit_code == 64
    (folder / "doc.pem").write_text(stage.other.certificate.pem())
    assert CliRunner().invoke(app, [*command, "--trust", str(folder / "doc.pem")]).exit_code == 2, "the only anchors"
