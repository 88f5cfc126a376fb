"""The pages of the register of powers: kept by an administrator, seen by all, revoked for good."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest

import signing
from edo_service.accounts.rules import Role
from edo_service.demo.companies import CLIENT_ONE, CLIENT_TWO
from edo_service.demo.power import demo_power, person
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import SystemClock
from edo_service.powers import pages
from edo_service.powers.use_cases import KINDS
from tests.portal.conftest import CLIENT, OTHER, Live
from tests.portal.person import Page, Person, Upload


@pytest.fixture(scope="module")
def administrator(live: Live) -> Person:
    return live.enter(*live.newcomer(CLIENT_ONE, Role.ADMINISTRATOR))


def papers(live: Live) -> tuple[Upload, Upload]:
    """A good power and the head's signature on it."""
    agent = person("Петрова", "Ольга", "Николаевна", inn="780000000240", snils="90000000586")
    now = SystemClock().now()
    today = moscow_date(now)
    file = demo_power(CLIENT_ONE, agent, number=uuid4(), issued=today, expires=today + timedelta(days=300))
    head = live.pki.entity("client_one_person")
    cms = signing.sign_cades(
        file.content, key=head.key, certificate=head.certificate, chain=head.chain, signing_time=now
    )
    return (
        Upload(file.file_name, file.content, "application/xml"),
        Upload(f"{file.file_name}.sig", cms, "application/pkcs7-signature"),
    )


def test_a_power_is_kept_decided_on_and_revoked(live: Live, administrator: Person) -> None:
    place = f"/o/{live.code(CLIENT_ONE)}/powers"
    file, signature = papers(live)
    shown = administrator.submit(
        administrator.get(place), "/powers/upload", files={"file": file, "signature": signature}
    )
    assert shown.status == 200, shown.text
    assert "Доверенность № " in shown.text
    assert "Реестр доверенностей не ответил" in shown.text, "no register is connected: told, never a pass"
    for name in ("Формат", "Подпись доверителя", "Отзыв", "Передоверие"):
        assert name in shown.text
    assert "Снять подтверждение" in administrator.submit(shown, "/decide", {"kind": "upd"}).text
    listed = live.person(CLIENT).get(place)
    assert "Петрова Ольга Николаевна" in listed.text
    assert "Загрузить и проверить" not in listed.text, "only an administrator adds powers"
    assert live.person(CLIENT).get(f"{shown.path}/file").content == file.content
    revoked = administrator.submit(administrator.get(shown.path), "/revoke")
    assert "Отозвана" in revoked.text
    assert "Отметить отзыв" not in revoked.text
    foreign = f"/o/{live.code(CLIENT_TWO)}/powers/{shown.path.rpartition('/')[2]}"
    assert live.person(OTHER).get(foreign).status == 404
    assert live.person(OTHER).get(shown.path).status == 404


def test_every_kind_that_may_be_decided_on_has_its_words() -> None:
    assert set(pages.KINDS) == KINDS


def test_a_wrong_file_is_told_at_its_field(live: Live, administrator: Person) -> None:
    place = f"/o/{live.code(CLIENT_ONE)}/powers"
    file, signature = papers(live)
    form = administrator.get(place)
    empty = administrator.submit(form, "/powers/upload")
    assert (empty.status, "выберите файл" in empty.text) == (422, True)
    bad = Upload(file.name, b"<Other/>", "application/xml")
    page = administrator.submit(form, "/powers/upload", files={"file": bad, "signature": signature})
    assert page.status == 422
    assert "Это не машиночитаемая доверенность" in page.text
    other = Upload(signature.name, papers(live)[1].content, signature.media_type)
    page = administrator.submit(form, "/powers/upload", files={"file": file, "signature": other})
    assert page.status == 422
    assert "Подпись под доверенностью недействительна" in page.text
    page = administrator.submit(form, "/powers/fetch", {"number": "nothing", "principal_inn": "7800000010"})
    assert page.status == 422
    assert "В реестре доверенностей нет номера" in page.text


def test_a_package_shows_its_power_or_tells_of_each_file(live: Live, administrator: Person) -> None:
    place = f"/o/{live.code(CLIENT_ONE)}/powers"
    file, signature = papers(live)
    lone, _ = papers(live)

    def send(*files: Upload) -> Page:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for one in files:
                archive.writestr(one.name, one.content)
        package = Upload("мчд.zip", packed.getvalue(), "application/zip")
        return administrator.submit(administrator.get(place), "/powers/upload", files={"package": package})

    assert "Доверенность № " in send(file, signature).text
    several = send(file, signature, lone)
    assert several.status == 200
    assert "Что в пакете" in several.text
    assert "нет подписи доверителя под этим файлом" in several.text
    none = send(lone)
    assert (none.status, "не сохранили ни одной" in none.text) == (422, True)
    assert "Архив не приняли" in send(Upload("../a.xml", b"<a/>", "application/xml")).text
