"""The pasted command works with Debian's openssl, and its signature passes here."""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing import export_private_key, openssl_sign_command
from signing._internal import pem
from tests.signing.conftest import build_world
from tests.signing.maker import NOW

CONTENT = "Договор аренды\r\nс переводами строк\n".encode()


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_512:A"])
def test_the_command_signs_and_the_signature_passes(spec: str, tmp_path: Path) -> None:
    world = build_world(spec)
    names = ("ON_NSCHFDOPPOK 'тест'.xml", "my key.pem", "-cert.pem", "out put.sig")
    (tmp_path / names[0]).write_bytes(CONTENT)
    (tmp_path / names[1]).write_bytes(pem.encode("PRIVATE KEY", export_private_key(world.signer.key)))
    (tmp_path / names[2]).write_text(world.signer.certificate.pem())
    command = openssl_sign_command(*names)
    assert command.startswith("openssl cms -sign -engine gost")
    assert shlex.split(command)[0] == "openssl"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr.decode()
    signature = (tmp_path / names[3]).read_bytes()
    now = datetime.now(UTC)  # openssl writes the real time as signing time
    world.refresh(at=now)
    report = world.verify(CONTENT, signature, at=max(now, NOW))
    assert report.indication == "TOTAL-PASSED", report.to_json()
    assert report.signatures[0].level == "BES"
    assert world.verify(CONTENT + b"\n", signature, at=max(now, NOW)).sub_indication == "HASH_FAILURE"
