"""The whole road over HTTP, with forms as a browser without JavaScript sends them."""

import io
import re
import shlex
import subprocess
import zipfile
from pathlib import Path
from urllib.parse import urlencode

import pytest

import signing
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.person import Page, Upload


def sign_elsewhere(live: Live, page: Page, folder: Path, *, entity: str = "client_one_person") -> Upload:
    """Download the frozen file and run the command of the page beside it, as she would."""
    client = live.person(CLIENT)
    command = shlex.split(page.command())
    name = command[command.index("-in") + 1]
    frozen = client.get(page.link(name))
    assert "attachment" in frozen.headers["content-disposition"]
    (folder / name).write_bytes(frozen.content)
    live.write_key(folder, entity)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    out = command[command.index("-out") + 1]
    return Upload(out, (folder / out).read_bytes())


def take_out(live: Live, number: str, purpose: str = "Требование ФНС № 14-2") -> bytes:
    """Compliance searches by counterparty, period, kind, number and sum, opens the set and downloads it."""
    officer, home = live.person(COMPLIANCE), f"/o/{live.code(LESSOR)}"
    wish = urlencode(
        {
            "counterparty": "северный",
            "since": "01.01.2020",
            "until": "31.12.2049",
            "kind": "upd",
            "number": number,
            "sum_from": "1 284 560,00",
            "sum_to": "1284560",
        }
    )
    officer.say_why(live.code(LESSOR), purpose)
    found = officer.get(f"{home}/archive?{wish}")
    assert found.status == 200
    assert "1 комплект" in found.text.replace("\xa0", " ")
    kept = officer.get(found.link(f"№ {number} от"))
    assert purpose in kept.text
    answer = officer.submit(kept, "/export", {"purpose": purpose})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/zip"
    return answer.content


def verify_alone(package: bytes, folder: Path) -> None:
    """`sh verify.sh` with nothing of ours."""
    with zipfile.ZipFile(io.BytesIO(package)) as bundle:
        bundle.extractall(folder)
    script = next(folder.rglob("verify.sh"))
    done = subprocess.run(["sh", script.name], cwd=script.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-500:]


def test_an_invoice_is_sent_signed_in_another_program_and_taken_out_of_the_archive(
    live: Live, tmp_path: Path, gost_openssl: str
) -> None:
    number = live.number()
    sent = live.send(number)
    client = live.person(CLIENT)
    card = live.arrived(number)
    assert "требуется подпись" in card.title
    assert "1 284 560,00" in card.text.replace("\xa0", " ")
    prepared = client.submit(card, "/prepare", {"answer": "accepted"})
    assert prepared.path.endswith("/sign")
    signature = sign_elsewhere(live, prepared, tmp_path)

    other = client.submit(
        prepared,
        "/sign",
        files={"signature": Upload("a.sig", other_signature(live, tmp_path))},
        form=upload_form(prepared),
    )
    assert other.status == 422
    assert "Подпись сделана под другим файлом" in other.text

    done = client.submit(prepared, "/sign", files={"signature": signature}, form=upload_form(prepared))
    assert done.path == card.path
    again = client.submit(prepared, "/sign", files={"signature": signature}, form=upload_form(prepared))
    assert again.path == card.path
    assert again.status == 200

    live.said(CLIENT, card.path, "В архиве")
    kept = live.said(ACCOUNTANT, sent, "В архиве")
    assert "Подпись ООО «Северный экспресс» действительна" in kept.text
    package = take_out(live, number)
    verify_alone(package, tmp_path / "package")
    names = zipfile.ZipFile(io.BytesIO(package)).namelist()
    assert [name for name in names if name.endswith("manifest.json")]
    assert [name for name in names if "ON_NSCHFDOPPOK" in name and name.endswith(".sig")]


def test_she_signs_with_her_own_key_by_its_pin(live: Live) -> None:
    number = live.number()
    sent = live.send(number)
    client = live.person(CLIENT)
    card = live.arrived(number)
    prepared = client.submit(card, "/prepare", {"answer": "accepted_with_remarks", "remark": "Не хватает одной строки"})
    own = own_form(prepared)
    wrong = client.submit(prepared, "/sign", {"pin": "00000000"}, form=own)
    assert wrong.status == 422
    assert "ПИН" in wrong.text
    empty = client.submit(prepared, "/sign", {"pin": ""}, form=own)
    assert empty.status == 422
    done = client.submit(prepared, "/sign", {"pin": live.pin(CLIENT)}, form=own)
    assert done.path == card.path
    again = client.submit(prepared, "/sign", {"pin": live.pin(CLIENT)}, form=own)
    assert again.status == 200
    kept = live.said(ACCOUNTANT, sent, "В архиве")
    assert "Контрагент принял с расхождениями" in kept.text


def test_a_refusal_travels_with_its_reason(live: Live) -> None:
    number = live.number()
    sent = live.send(number)
    client = live.person(CLIENT)
    card = live.arrived(number)
    form = client.get(card.link("Отказать"))
    empty = client.submit(form, "/reject", {"reason": "  "})
    assert empty.status == 422
    assert empty.title.startswith("Ошибка")
    reason = "Сумма второй строки не по договору"
    frozen = client.submit(form, "/reject", {"reason": reason})
    assert frozen.path.endswith("/sign")
    assert reason in frozen.text
    done = client.submit(frozen, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(frozen))
    assert done.status == 200
    refused = live.said(ACCOUNTANT, sent, "Контрагент отказал")
    assert reason in refused.text


def test_she_changes_her_mind_before_signing(live: Live) -> None:
    number = live.number()
    live.send(number)
    client = live.person(CLIENT)
    card = live.arrived(number)
    prepared = client.submit(card, "/prepare", {"answer": "accepted"})
    back = client.submit(prepared, "/change-mind")
    assert back.path == card.path
    assert back.has_form("/prepare")
    once_more = client.submit(prepared, "/change-mind")
    assert once_more.status == 200
    stale = client.submit(prepared, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(prepared))
    assert stale.status == 200
    assert stale.has_form("/prepare")


def test_a_contract_goes_directly_and_both_sign(live: Live) -> None:
    number = live.number()
    accountant, home = live.person(ACCOUNTANT), f"/o/{live.code(LESSOR)}"
    form = accountant.get(f"{home}/documents/new")
    values = {"kind": "contract", "number": number, "day": "17.11.2026", "sum": "1 200 000,50"}
    values["counterparty"] = option(form, "Северный экспресс")
    file = live.contract(number)
    draft = accountant.submit(form, "/documents/new", values, files={"file": file})
    assert draft.status == 200
    assert "1 200 000,50" in draft.text.replace("\xa0", " ")
    twice = accountant.submit(form, "/documents/new", values, files={"file": file})
    assert twice.path == draft.path
    sent = accountant.submit(draft, "/send")
    assert sent.status == 200
    client = live.person(CLIENT)
    card = live.arrived(number)
    assert "Напрямую" in card.text
    prepared = client.submit(card, "/prepare")
    client.submit(prepared, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(prepared))
    live.said(ACCOUNTANT, draft.path, "В архиве")
    live.said(CLIENT, card.path, "В архиве")
    text = client.get(f"{card.path}/text")
    assert "Лизингополучатель" in text.text


def test_a_queued_document_can_be_taken_back_or_is_shown_as_it_is(live: Live) -> None:
    number = live.number()
    accountant = live.person(ACCOUNTANT)
    draft = live.upload(number)
    first = accountant.submit(draft, "/send")
    second = accountant.submit(draft, "/send")
    assert (first.status, second.status) == (200, 200)
    back = accountant.post(f"{draft.path}/take-back", token=accountant.token())
    assert back.status == 200
    assert back.path == draft.path


@pytest.mark.parametrize(
    ("path", "media_type", "beginning"),
    [
        ("/download", "application/zip", b"PK"),
        ("/print.pdf", "application/pdf", b"%PDF-"),
        ("/protocol.pdf", "application/pdf", b"%PDF-"),
        ("/page/1", "image/png", b"\x89PNG"),
    ],
)
def test_a_card_hands_out_its_papers(live: Live, path: str, media_type: str, beginning: bytes) -> None:
    accountant = live.person(ACCOUNTANT)
    listed = accountant.get(f"/o/{live.code(LESSOR)}/documents?folder=all")
    card = accountant.get(listed.link("УПД № "))
    answer = accountant.get(card.path + path)
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    assert answer.content.startswith(beginning)
    if media_type == "image/png":
        assert len(answer.content) < 150_000


def other_signature(live: Live, folder: Path) -> bytes:
    """Her signature over something else."""
    (folder / "other.txt").write_bytes(b"something else")
    live.write_key(folder, "client_one_person")
    command = signing.openssl_sign_command("other.txt", "key.pem", "certificate.pem", "other.sig")
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    return (folder / "other.sig").read_bytes()


def upload_form(page: Page):  # type: ignore[no-untyped-def]  # noqa: ANN201 - lxml publishes no name for a form
    """The form of the way «в другой программе»."""
    assert page.tree is not None
    return next(form for form in page.tree.forms if form.fields.get("way") == "upload")


def own_form(page: Page):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as above
    """The form of the way «вашим ключом»."""
    assert page.tree is not None
    return next(form for form in page.tree.forms if "way" in form.fields and form.fields.get("way") == "own")


def option(page: Page, text: str) -> str:
    """Value of the option with this text."""
    assert page.tree is not None
    found = [one.get("value") for one in page.tree.xpath("//option") if re.search(text, one.text_content())]
    assert found
    return str(found[0])


def test_the_client_of_the_other_company_sees_nothing_of_it(live: Live) -> None:
    number = live.number()
    live.send(number)
    live.arrived(number)
    page = live.person("belov@vektor.demo.test").get(f"/o/{live.code(LESSOR)}/documents")
    assert page.status == 404
    assert CLIENT_ONE.name not in page.text
