"""`edo company`, `edo person`, `edo key`: a company gets to work without the demonstration."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import signing
from edo_service import bootstrap
from edo_service.accounts import queries as accounts
from edo_service.cli import app
from edo_service.demo.make_pki import demo_declaration
from signing.pki import Pki, build

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LOGIN, INN = "sokolova@example.test", "7700000016"
PERSON = ("person", "add", LOGIN, "--company", INN, "--surname", "Соколова", "--given-name", "Марина")


@pytest.fixture(scope="module")
def pki() -> Pki:
    return build(demo_declaration(), now=NOW, host="pki.demo.test")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty service: the schema and nothing else."""
    monkeypatch.setenv("EDO_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("EDO_DEMO", raising=False)
    done("migrate")
    return tmp_path


def edo(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def done(*arguments: str | Path) -> str:
    result = edo(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def key_file(pki: Pki, name: str, folder: Path) -> tuple[Path, Path]:
    """A key in PKCS#8 and its certificate, as files."""
    who = pki.entity(name)
    key, certificate = folder / f"{name}.der", folder / f"{name}.cer"
    key.write_bytes(signing.export_private_key(who.key))
    certificate.write_bytes(who.certificate.der)
    return key, certificate


@pytest.mark.usefixtures("data")
def test_a_company_and_a_person_come_in_and_go() -> None:
    code = done("company", "add", "ООО «ЛизингПром»", "--inn", INN, "--kpp", "770001001")
    assert done("company", "list").split("\t") == [INN, "770001001", code, "ООО «ЛизингПром»"]
    password = done(*PERSON, "--role", "accountant", "--position", "Бухгалтер", "--head")
    assert len(password) == 23
    assert done(*PERSON, "--role", "administrator") == "", "who is here keeps her password and changes the role"

    services = bootstrap.build()
    with services.system_uow("accounts.set_up").reading() as uow:
        entity_id = next(one.id for one in accounts.entities(uow))
        (member,) = accounts.members(uow, entity_id)
        assert (member.full_name, "key.manage" in member.rights) == ("Соколова Марина", True)
        assert (member.position, member.head) == ("Бухгалтер", True), "what is not named again stays"
    assert done("person", "password", LOGIN) not in {"", password}
    done("person", "end", LOGIN, "--company", INN)
    with services.system_uow("accounts.set_up").reading() as uow:
        assert not accounts.members(uow, entity_id)
    services.close()


def test_keys_are_kept_listed_and_retired(pki: Pki, data: Path) -> None:
    done("company", "add", "ООО «ЛизингПром»", "--inn", INN, "--kpp", "770001001")
    done(*PERSON, "--role", "accountant")
    key, certificate = key_file(pki, "lessor_organization", data)
    kept = done("key", "add", key, "--company", INN, "--purpose", "organization", "--certificate", certificate)
    key, certificate = key_file(pki, "lessor_person", data)
    pin = data / "pin"
    pin.write_text("27318030\n")
    personal = ("key", "add", key, "--company", INN, "--purpose", "person", "--certificate", certificate)
    assert edo(*personal, "--pin-file", pin).exit_code == 64, "a person's key is somebody's"
    hers = done(*personal, "--pin-file", pin, "--person", LOGIN)
    listed = [line.split("\t")[:2] for line in done("key", "list", "--company", INN).splitlines()]
    assert listed == [[hers, "person"], [kept, "organization"]]
    done("key", "retire", kept, "--company", INN)
    assert [line.split("\t")[0] for line in done("key", "list", "--company", INN).splitlines()] == [hers]


@pytest.mark.usefixtures("data")
def test_refusals_say_why() -> None:
    assert "7700000017" in edo("company", "add", "ООО", "--inn", "7700000017", "--kpp", "770001001").stderr
    done("company", "add", "ООО «Один»", "--inn", INN, "--kpp", "770001001")
    done("company", "add", "ООО «Один», филиал", "--inn", INN, "--kpp", "770045001")
    doubtful = edo(*PERSON, "--role", "auditor")
    assert (doubtful.exit_code, "ИНН/КПП" in doubtful.stderr) == (64, True)
    absent = edo("person", "end", "nobody@example.test", "--company", f"{INN}/770001001")
    assert (absent.exit_code, "такого входа нет" in absent.stderr) == (64, True)
