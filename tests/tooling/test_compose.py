"""docker-compose.yml: it cannot be run here, so everything about it that can be known without running is checked."""

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import yaml

from edo_service.settings import Profile, Settings
from scripts import secret_files

BUILT = {"migrate", "web", "worker-signing", "worker-exchange", "worker-archive", "worker-mail", "beat"}
SERVERS = {"postgres", "rabbitmq", "redis", "s3", "proxy"}
ENDS_BY_ITSELF = {"migrate"}
# These have no port to ask; a worker that ends is started again, and its jobs are handed out anew.
NO_PORT = {"worker-signing", "worker-exchange", "worker-archive", "worker-mail", "beat"}


@pytest.fixture(scope="module")
def compose(root: Path) -> dict[str, Any]:
    parsed = yaml.safe_load((root / "docker-compose.yml").read_text(encoding="utf-8"))
    assert isinstance(parsed, dict)
    return parsed


@pytest.fixture
def secret_folder(tmp_path: Path) -> Path:
    """Gives fresh secrets as the script makes them."""
    secret_files.make(tmp_path / "secrets", "localhost")
    return tmp_path / "secrets"


def environment(service: dict[str, Any]) -> dict[str, str]:
    """What the container gets, with compose's own defaults filled in."""
    given = service.get("environment", {})
    return {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value)) for name, value in given.items()}


def of_settings(name: str) -> bool:
    return name.lower().startswith("edo_") and name.lower().removeprefix("edo_") in Settings.model_fields


def secret_names(service: dict[str, Any]) -> set[str]:
    return {entry if isinstance(entry, str) else entry["source"] for entry in service.get("secrets", [])}


def test_the_full_profile_is_all_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == BUILT | SERVERS


def test_every_variable_is_a_setting(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        given = [variable for variable in environment(service) if variable.startswith("EDO_")]
        given += [secret for secret in secret_names(service) if secret.startswith("edo_")]
        assert [variable for variable in given if not of_settings(variable)] == [], name


def test_every_setting_that_is_interpolated_exists(root: Path) -> None:
    text = (root / "docker-compose.yml").read_text(encoding="utf-8")
    names = set(re.findall(r"\$\{(EDO_\w+)", text)) | set(re.findall(r"\bEDO_[A-Z0-9_]+", text))

    assert names
    assert [name for name in sorted(names) if not of_settings(name)] == []


@pytest.mark.parametrize("name", sorted(BUILT))
def test_the_settings_class_accepts_what_each_process_gets(
    compose: dict[str, Any], secret_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in [variable for variable in os.environ if variable.startswith("EDO_")]:
        monkeypatch.delenv(variable)
    service = compose["services"][name]
    for variable, value in environment(service).items():
        monkeypatch.setenv(variable, value)
    for secret in secret_names(service):
        monkeypatch.setenv(secret.upper(), (secret_folder / secret).read_text(encoding="ascii"))

    settings = Settings()

    assert settings.profile is Profile.FULL
    assert settings.demo is False


def test_every_secret_is_made_by_the_script(compose: dict[str, Any], secret_folder: Path) -> None:
    declared = {Path(entry["file"]).name for entry in compose["secrets"].values()}
    used = set().union(*(secret_names(service) for service in compose["services"].values()))

    assert used == set(compose["secrets"])
    assert declared <= {path.name for path in secret_folder.iterdir()}


def test_secrets_are_made_once_and_stay_closed_to_others(secret_folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in secret_folder.iterdir()}

    secret_files.make(secret_folder, "localhost")

    assert {path.name: path.read_bytes() for path in secret_folder.iterdir()} == before
    assert stat.S_IMODE(secret_folder.stat().st_mode) == 0o700
    password = before["postgres_edo_password"].decode()
    assert password in before["edo_database_url"].decode(), "the service and the database share one password"


def test_no_secret_stands_in_the_file_itself(compose: dict[str, Any]) -> None:
    secret = re.compile(r"(PASSWORD|SECRET|TOKEN|KEY)S?$")
    for name, service in compose["services"].items():
        found = [variable for variable in environment(service) if secret.search(variable)]
        assert found == [], name


def test_images_are_pinned_and_none_is_dead(compose: dict[str, Any], root: Path) -> None:
    images = [service["image"] for service in compose["services"].values()]
    bases = [
        line.split()[1]
        for path in (root / "deploy").rglob("Dockerfile")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("FROM ") and line.split()[1] != "base"
    ]

    assert bases
    for image in images + bases:
        assert re.search(r":\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$", image), image
        assert "minio" not in image


def test_processes_are_not_root_and_cannot_change_their_files(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        user = str(service["user"]).split(":")[0]
        assert user.isdigit(), name
        assert int(user) > 0, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name


def test_whatever_listens_has_a_health_check(compose: dict[str, Any]) -> None:
    without = {name for name, service in compose["services"].items() if "healthcheck" not in service}

    assert without == NO_PORT | ENDS_BY_ITSELF
    for name, service in compose["services"].items():
        for other, wanted in service.get("depends_on", {}).items():
            target = compose["services"][other]
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in target, (name, other)


def test_only_the_proxy_can_be_reached(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]
    assert compose["networks"]["inside"]["internal"] is True


def test_the_service_trusts_the_address_of_its_own_proxy(compose: dict[str, Any]) -> None:
    services = compose["services"]

    trusted = environment(services["web"])["EDO_TRUSTED_PROXIES"]

    assert trusted == services["proxy"]["networks"]["inside"]["ipv4_address"]


def test_every_queue_that_is_written_to_is_consumed(compose: dict[str, Any], tracked: dict[str, str]) -> None:
    written = {"default"}
    for name, text in tracked.items():
        if name.startswith("edo_service/") and name.endswith(".py"):
            written |= set(re.findall(r'\bqueue="(\w+)"', text))
    consumed: set[str] = set()
    for service in compose["services"].values():
        command = service.get("command", [])
        if "--queues" in command:
            consumed |= set(command[command.index("--queues") + 1].split(","))

    assert {"signing", "exchange", "archive"} <= written
    assert written <= consumed
    assert {"signing", "exchange", "archive", "mail"} <= consumed


def test_every_file_that_is_mounted_or_built_from_exists(compose: dict[str, Any], root: Path) -> None:
    wanted = set()
    for service in compose["services"].values():
        if "build" in service:
            wanted.add(service["build"]["dockerfile"])
        for volume in service.get("volumes", []):
            source = volume["source"] if isinstance(volume, dict) else volume.split(":")[0]
            wanted |= {source} if source.startswith("./") else set()

    assert [path for path in sorted(wanted) if not (root / path).exists()] == []


def test_every_process_reads_decrees_and_counts_its_calls_with_the_others(compose: dict[str, Any], root: Path) -> None:
    """The data folder is each container's own; these two are not."""
    data = compose["services"]["web"]["environment"].get("EDO_DATA_DIR", "/var/lib/edo")
    settings = Settings(data_dir=Path(data))
    assert "limits" in compose["volumes"]
    for name in BUILT & set(compose["services"]):
        volumes = compose["services"][name]["volumes"]
        bound = {one["target"]: one for one in volumes if isinstance(one, dict)}
        assert bound[str(settings.calendar_dir)]["read_only"], name
        assert f"limits:{settings.limits_dir}" in volumes, name
    assert f"-m 0700 {settings.limits_dir}" in (root / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_what_the_images_copy_exists(root: Path) -> None:
    for dockerfile in (root / "deploy").rglob("Dockerfile"):
        text = dockerfile.read_text(encoding="utf-8")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, flags=re.MULTILINE):
            assert [source for source in line.split() if not (root / source).exists()] == [], dockerfile


def test_secret_files_become_settings(secret_folder: Path, root: Path) -> None:
    command = [str(root / "deploy" / "entrypoint.sh"), "env"]
    given = {"PATH": os.environ["PATH"], "SECRETS_DIR": str(secret_folder)}

    shown = subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout

    url = (secret_folder / "edo_database_url").read_text(encoding="ascii")
    assert f"EDO_DATABASE_URL={url}" in shown.splitlines()
    assert "postgres_superuser_password" not in shown.lower()


def test_a_secret_that_cannot_be_read_stops_the_start(tmp_path: Path, root: Path) -> None:
    (tmp_path / "edo_database_url").mkdir()  # not even root can read a folder as a file
    given = {"PATH": os.environ["PATH"], "SECRETS_DIR": str(tmp_path)}

    done = subprocess.run(
        [str(root / "deploy" / "entrypoint.sh"), "echo", "started"], env=given, capture_output=True, check=False
    )

    assert done.returncode != 0
    assert b"started" not in done.stdout


def test_nginx_accepts_its_configuration(
    secret_folder: Path, tmp_path: Path, root: Path, unavailable: Callable[[str], NoReturn]
) -> None:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        unavailable("nginx is not installed (make setup)")
    place = tmp_path / "nginx"
    (place / "servers").mkdir(parents=True)
    for name, target in (("nginx.conf", "."), ("proxy.conf", "."), ("tls.conf", "servers")):
        text = (root / "deploy" / "nginx" / name).read_text(encoding="utf-8")
        for inside, here in ((" /tmp/", f" {place}/"), ("/run/secrets", str(secret_folder)), ("web:", "127.0.0.1:")):
            text = text.replace(inside, here)
        (place / target / name).write_text(text, encoding="utf-8")

    done = subprocess.run([program, "-t", "-e", "stderr", "-c", place / "nginx.conf"], capture_output=True, check=False)

    assert done.returncode == 0, done.stderr.decode()


def test_the_role_script_is_sound_shell(root: Path) -> None:
    scripts = [root / "deploy" / "entrypoint.sh", root / "deploy" / "postgres" / "10-role.sh"]

    for script in scripts:
        assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
        assert os.access(script, os.X_OK), f"{script.name} must be executable"
