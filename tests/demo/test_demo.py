"""`edo demo --json`: the road from a file to a package that a stranger verifies, on both profiles."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.services.plugin import S3Endpoint

STEPS = ["companies", "contract.send", "client.sign", "contract.signed", "archive.contract", "upload", "sign", "send"]
STEPS += ["receive", "client.sign", "answer", "archive.invoice", "archive.invoice-client", "done"]
COMMAND = [sys.executable, "-c", "from edo_service.cli import main; main()"]
SIX_YEARS = "+2200d"


@dataclass(frozen=True, kw_only=True)
class Demo:
    """What one run left: its lines and the folder of its package, unpacked."""

    lines: list[dict[str, Any]]
    package: Path
    out: Path


def run_demo(out: Path, environment: dict[str, str]) -> list[dict[str, Any]]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("EDO_")}
    run = subprocess.run(
        [*COMMAND, "demo", "--json", "--out", str(out)],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return [json.loads(line) for line in run.stdout.splitlines()]


def unpack(export: Path, folder: Path) -> Path:
    with zipfile.ZipFile(export) as bundle:
        bundle.extractall(folder)
    return folder


def verify(package: Path, *, prefix: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*prefix, "sh", "verify.sh"], cwd=package, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def demo(data_dir: Path) -> Demo:
    out = data_dir.parent / "out"
    lines = run_demo(out, {"EDO_DATA_DIR": str(data_dir)})
    return Demo(lines=lines, package=unpack(Path(lines[-1]["export"]), data_dir.parent / "package"), out=out)


def test_every_step_holds_and_the_last_line_names_the_package(demo: Demo) -> None:
    assert [line["step"] for line in demo.lines] == STEPS
    assert all(line["ok"] for line in demo.lines)
    export = Path(demo.lines[-1]["export"])
    assert export.is_absolute()
    assert export.parent == demo.out
    assert demo.lines[6]["detail"]["indication"] == "TOTAL-PASSED"


def test_every_package_verifies_with_coreutils_and_openssl_alone(demo: Demo, tmp_path: Path) -> None:
    for export in sorted(demo.out.glob("*.zip")):
        run = verify(unpack(export, tmp_path / export.stem))
        assert run.returncode == 0, run.stdout + run.stderr
        assert run.stdout.splitlines()[-1] == "Проверка пройдена"


def test_the_package_verifies_six_years_later_when_every_certificate_has_expired(demo: Demo) -> None:
    assert shutil.which("faketime"), "faketime is a system package of the tests"
    run = verify(demo.package, prefix=("faketime", "-f", SIX_YEARS))
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    "pattern", ["parts/ON_NSCHFDOPPR*.xml", "parts/*.sig", "printed/*.pdf", "revocation/*", "*.txt", "SHA256SUMS"]
)
def test_one_changed_byte_is_found_and_its_part_named(demo: Demo, tmp_path: Path, pattern: str) -> None:
    copy = Path(shutil.copytree(demo.package, tmp_path / "copy"))
    victim = min(copy.glob(pattern))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)

    run = verify(copy)

    assert run.returncode == 1
    assert victim.relative_to(copy).as_posix() in run.stdout + run.stderr


def test_the_official_schemas_accept_both_titles(demo: Demo, shared_data: Path) -> None:
    judges = {
        "ON_NSCHFDOPPR_": "ON_NSCHFDOPPR_1_997_01_05_03_05.xsd",
        "ON_NSCHFDOPPOK_": "ON_NSCHFDOPPOK_1_997_02_05_03_01.xsd",
    }
    for prefix, schema in judges.items():
        (title,) = demo.package.glob(f"parts/{prefix}*.xml")
        judge = etree.XMLSchema(etree.parse(shared_data / "formats" / "xsd" / "upd" / schema))
        document = etree.parse(title)
        assert judge.validate(document), judge.error_log
        assert document.getroot().get("ИдФайл") == title.stem


def test_it_may_be_repeated_on_the_same_data(demo: Demo, data_dir: Path, tmp_path: Path) -> None:
    assert demo.lines[-1]["ok"]
    again = run_demo(tmp_path / "again", {"EDO_DATA_DIR": str(data_dir)})
    assert [line["step"] for line in again] == STEPS


def test_only_archived_parts_are_read_only_and_scrub_finds_the_archive_sound(demo: Demo, data_dir: Path) -> None:
    assert demo.lines[-1]["ok"]
    read_only = {path for path in data_dir.rglob("*") if path.is_file() and path.stat().st_mode & 0o777 == 0o444}
    assert read_only
    assert all(path.is_relative_to(data_dir / "archive" / "parts") for path in read_only)
    scrub = subprocess.run(
        [*COMMAND, "archive", "scrub"],
        env={**os.environ, "EDO_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert scrub.returncode == 0, scrub.stdout


@pytest.fixture
def full_profile(
    tmp_path: Path, postgres_url: str, rabbitmq_url: str, redis_url: str, s3_endpoint: S3Endpoint
) -> dict[str, str]:
    return {
        "EDO_PROFILE": "full",
        "EDO_DATA_DIR": str(tmp_path / "data"),
        "EDO_DATABASE_URL": postgres_url,
        "EDO_BROKER_URL": rabbitmq_url,
        "EDO_REDIS_URL": redis_url,
        "EDO_S3_ENDPOINT": s3_endpoint.endpoint,
        "EDO_S3_ACCESS_KEY": s3_endpoint.access_key,
        "EDO_S3_SECRET_KEY": s3_endpoint.secret_key,
        "EDO_S3_REGION": s3_endpoint.region,
        "EDO_S3_SECURE": "false",
        "EDO_S3_OBJECTS_BUCKET": s3_endpoint.bucket(object_lock=False),
        "EDO_S3_ARCHIVE_BUCKET": s3_endpoint.bucket(),
        "EDO_SECRET_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


@pytest.mark.full
def test_the_same_road_on_the_full_profile(full_profile: dict[str, str], tmp_path: Path) -> None:
    lines = run_demo(tmp_path / "out", full_profile)
    assert [line["step"] for line in lines] == STEPS
    run = verify(unpack(Path(lines[-1]["export"]), tmp_path / "package"))
    assert run.returncode == 0, run.stdout + run.stderr
