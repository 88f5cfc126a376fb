"""`edo secrets rotate`: afterwards the old secret is not needed any more, wherever a run was cut off."""

import base64
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from edo_service.exchange.tables import OperatorAccount
from edo_service.exchange.use_cases.connect import seal_context
from edo_service.kernel import rotation
from edo_service.kernel.actor import Actor
from edo_service.kernel.scope import Scope
from edo_service.kernel.secrets import SecretBox, SecretUnreadable
from edo_service.keys import queries as keys
from edo_service.keys.tables import SigningKey
from tests.fixtures.road import ACCOUNTANT, House

COMMAND = [sys.executable, "-c", "from edo_service.cli import main; main()", "secrets", "rotate"]
NEW = b"n" * 32


def run(house: House, *options: str, secrets: tuple[bytes, ...]) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "EDO_DATA_DIR": str(house.services.settings.root),
        "EDO_SECRET_KEYS": ",".join(base64.b64encode(one).decode() for one in secrets),
    }
    return subprocess.run(
        [*COMMAND, *options], capture_output=True, text=True, check=False, timeout=240, env=environment
    )


def opens(house: House, secret: bytes) -> tuple[int, int]:
    """How many keys and passwords open with this secret alone."""
    box = SecretBox([secret])
    uow = house.services.system_uow("keys.rotate")
    with uow:
        sealed = [
            (row.sealed_key, f"signing_key:{row.id}")
            for row in uow.session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None)))
        ]
        passwords = [
            (row.sealed_password, seal_context(row.owner_id, row.operator))
            for row in uow.session.scalars(select(OperatorAccount))
        ]
    return _count(box, sealed), _count(box, passwords)


def _count(box: SecretBox, values: list[tuple[bytes, str]]) -> int:
    found = 0
    for value, context in values:
        try:
            box.open(value, context)
        except SecretUnreadable:
            continue
        found += 1
    return found


def test_after_a_rotation_the_old_secret_can_go(house: House) -> None:
    old = house.services.settings.secret_key_file.read_bytes()
    keys_before, passwords_before = opens(house, old)
    assert keys_before >= 4
    assert passwords_before >= 2

    asked = run(house, "--check", secrets=(NEW, old))
    assert asked.returncode == 1, asked.stderr
    assert f"signing keys: {keys_before} to be sealed anew, 0 current, 0 unreadable" in asked.stdout
    assert opens(house, old) == (keys_before, passwords_before), "asking changes nothing"

    done = run(house, secrets=(NEW, old))
    assert done.returncode == 0, done.stderr
    assert f"operator passwords: {passwords_before} sealed anew, 0 current, 0 unreadable" in done.stdout
    assert opens(house, old) == (0, 0)
    assert opens(house, NEW) == (keys_before, passwords_before)
    assert run(house, "--check", secrets=(NEW,)).returncode == 0

    without_old = replace(house.services, secrets=SecretBox([NEW]), _operators={})
    entity = house.actor(ACCOUNTANT).entity
    uow = without_old.uow(Scope.of(entity))
    with uow:
        key = keys.automatic_key(uow)
    assert key is not None
    assert without_old.keys.unlock_server_key(key.id, actor=Actor.automatic("test", entity), uow=uow).key


def test_a_rotation_that_was_cut_off_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    old = house.services.settings.secret_key_file.read_bytes()
    total, _ = opens(house, old)
    both = replace(house.services, secrets=SecretBox([NEW, old]))
    monkeypatch.setattr(rotation, "PAGE", 1)
    pages = iter(range(2))
    whole = SecretBox.reseal

    def cut(box: SecretBox, sealed: bytes, context: str) -> bytes:
        next(pages)
        return whole(box, sealed, context)

    monkeypatch.setattr(SecretBox, "reseal", cut)
    with pytest.raises(StopIteration):
        both.rotate_secrets()
    monkeypatch.undo()
    assert opens(house, NEW)[0] == 2, "what was done before the cut stays done"
    done = both.rotate_secrets()["signing keys"]
    assert (done.resealed, done.current) == (total - 2, 2)
    (entry,) = house.journal("secrets.rotated")
    assert '"signing_keys":' in entry.facts


def test_what_does_not_open_is_named_and_left(house: House) -> None:
    old = house.services.settings.secret_key_file.read_bytes()
    uow = house.services.system_uow("keys.rotate")
    with uow:
        victim = uow.session.scalars(select(SigningKey.id).order_by(SigningKey.id)).first()
        uow.session.execute(update(SigningKey).where(SigningKey.id == victim).values(sealed_key=b"\x01" + b"x" * 60))
        uow.commit()
    done = run(house, secrets=(NEW, old))
    assert done.returncode == 1
    assert f"unreadable\tsigning keys\t{victim}" in done.stderr
    assert "1 unreadable" in done.stdout
