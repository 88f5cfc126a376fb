"""Settings: read from the environment once, frozen, refused when they do not fit together."""

import base64
from pathlib import Path

import pytest
from pydantic import ValidationError

from edo_service.settings import Profile, Settings, decode_key

KEY = base64.b64encode(b"k" * 32).decode()
FULL = {
    "EDO_PROFILE": "full",
    "EDO_DATABASE_URL": "postgresql://edo:geheim@db/edo",
    "EDO_BROKER_URL": "amqp://edo:geheim@mq//",
    "EDO_S3_ENDPOINT": "s3:9000",
    "EDO_S3_ACCESS_KEY": "access",
    "EDO_S3_SECRET_KEY": "geheim",
    "EDO_SECRET_KEYS": f"{KEY}, {base64.b64encode(b'o' * 32).decode()}",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("EDO_"):
            monkeypatch.delenv(name)


def test_the_default_is_embedded_and_lies_in_the_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert settings.is_embedded
    assert settings.root == tmp_path / "data"
    assert settings.database == f"sqlite:///{tmp_path}/data/edo.db"
    assert settings.address == "http://127.0.0.1:8000"
    assert settings.sealing_keys == ()
    paths = [settings.objects_dir, settings.archive_dir, settings.mail_dir, settings.sms_dir, settings.pki_dir]
    assert all(path.parent == settings.root for path in [*paths, settings.sandbox_dir, settings.secret_key_file])
    assert (settings.session_idle.total_seconds(), settings.session_life.total_seconds()) == (1800, 43200)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        FULL | {"EDO_TSA_URLS": "http://a/tsa, http://b/tsa", "EDO_PUBLIC_URL": "https://edo.test/"}
    ).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.profile is Profile.FULL
    assert settings.database == FULL["EDO_DATABASE_URL"]
    assert settings.sealing_keys == (b"k" * 32, b"o" * 32)
    assert settings.tsa_urls == ("http://a/tsa", "http://b/tsa")
    assert settings.address == "https://edo.test"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FULL.items():
        monkeypatch.setenv(name, value)
    assert "geheim" not in repr(Settings()) + str(Settings())
    assert KEY not in repr(Settings())


@pytest.mark.parametrize("absent", sorted(set(FULL) - {"EDO_PROFILE"}))
def test_the_full_profile_needs_its_servers(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    for name, value in FULL.items():
        if name != absent:
            monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=absent):
        Settings()


def test_codes_by_sms_need_a_gateway_in_the_full_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FULL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EDO_SMS_COMPANIES", "7707083893, *")
    with pytest.raises(ValidationError, match="EDO_SMS_GATEWAY_URL"):
        Settings()
    monkeypatch.setenv("EDO_SMS_GATEWAY_URL", "https://sms.test/messages")
    assert Settings().sms_companies == ("7707083893", "*")


def test_settings_are_frozen() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]  # the subject


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_sealing_key_is_base64_of_32_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="secret key"):
        decode_key(text)


def test_an_empty_variable_is_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDO_OPERATOR_URL", "")
    monkeypatch.setenv("EDO_SECRET_KEYS", "")
    assert Settings().operator_url is None
    assert Settings().sealing_keys == ()


def test_only_the_composition_and_the_ways_in_read_settings() -> None:
    root = Path(__file__).resolve().parents[2] / "edo_service"
    allowed = (
        "backup/restoring.py",
        "bootstrap",
        "cli/",
        "main",
        "worker/",
        "demo/",
        "settings.py",
        "health",
        "portal/",
    )
    named = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "edo_service.settings" in path.read_text(encoding="utf-8")
    ]
    assert [name for name in named if not name.startswith(allowed)] == []


@pytest.mark.parametrize("name", ["EDO_RECEIPT_DAYS", "EDO_ANSWER_DAYS"])
def test_days_of_a_deadline_are_one_to_thirty(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (Settings().receipt_days, Settings().answer_days) == (1, 5)
    monkeypatch.setenv(name, "30")
    assert 30 in {Settings().receipt_days, Settings().answer_days}
    for days in ("0", "31", "soon"):
        monkeypatch.setenv(name, days)
        with pytest.raises(ValidationError, match=name.removeprefix("EDO_").lower()):
            Settings()
