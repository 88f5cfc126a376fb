"""A correction in the portal: the client asks for it with a text, the seller reads that and sends an исправление."""

from edo_service.demo.companies import LESSOR
from edo_service.formats import WrittenFile
from tests.exchange.roads import corrected
from tests.portal.conftest import ACCOUNTANT, CLIENT, Live
from tests.portal.person import Upload
from tests.portal.test_road import own_form


def test_a_correction_is_asked_for_signed_and_answered(live: Live) -> None:
    number = live.number()
    sent = live.send(number)
    client, accountant = live.person(CLIENT), live.person(ACCOUNTANT)
    card = live.arrived(number)
    form = client.get(card.link("Запросить уточнение"))
    empty = client.submit(form, "/clarify", {"reason": " "})
    assert (empty.status, empty.title.startswith("Ошибка")) == (422, True)
    text = "Вторая строка: цена не по договору"
    frozen = client.submit(form, "/clarify", {"reason": text})
    assert frozen.path == f"{card.path}/sign"
    assert text in frozen.text
    back = client.submit(frozen, "/change-mind")
    assert back.has_form("/prepare")
    again = client.submit(client.get(back.link("Запросить уточнение")), "/clarify", {"reason": text})
    client.submit(again, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(again))
    live.said(CLIENT, card.path, "Запрошено уточнение")
    assert client.get(f"{card.path}/clarify").path == card.path, "asked once"

    asked = live.said(ACCOUNTANT, sent, "Требуется уточнение")
    assert text in asked.text
    title = WrittenFile(file_name="", content=client.get(card.link("Титул продавца")).content)
    newer = corrected(title)
    upload = Upload(newer.file_name, newer.content)
    parsed = accountant.submit(
        accountant.get(asked.link("Загрузить исправление")), "/documents/new", {"kind": "upd"}, files={"file": upload}
    )
    assert "Исправляет" in parsed.text
    draft = accountant.submit(parsed, "/new/save")
    assert f"УПД № {number}" in draft.text
    accountant.submit(draft, "/send")
    replaced = live.said(ACCOUNTANT, sent, "Исправлен, см.")
    assert replaced.link("исправление № 1").endswith(draft.path.rpartition("/")[2])
    theirs = live.said(CLIENT, card.path, "Исправлен, см.")
    assert not theirs.has_form("/prepare")
    assert "Исправляет" in client.get(theirs.link("исправление № 1")).text
    listed = accountant.get(f"/o/{live.code(LESSOR)}/documents?folder=all&q={number}")
    assert "Исправлен" in listed.text
