"""An УКД in the portal: read and shown with what it corrects, sent, agreed to; both cards name each other."""

from edo_service.demo.companies import CLIENT_ONE, LESSOR
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.clock import SystemClock
from tests.fixtures.ukd import ukd_189, ukd_736
from tests.portal.conftest import ACCOUNTANT, CLIENT, Live
from tests.portal.person import Upload
from tests.portal.test_road import own_form


def test_an_ukd_is_shown_with_its_original_sent_and_agreed_to(live: Live) -> None:
    number, own = live.number(), live.number()
    sent = live.send(number)
    theirs = live.arrived(number)
    client, accountant = live.person(CLIENT), live.person(ACCOUNTANT)
    now = SystemClock().now()
    of = [(number, moscow_date(now))]
    form = accountant.get(f"/o/{live.code(LESSOR)}/documents/new")

    old = ukd_189(LESSOR, CLIENT_ONE, of=of, at=now, number=own)
    refused = accountant.submit(
        form, "/documents/new", {"kind": "upd"}, files={"file": Upload(old.file_name, old.content)}
    )
    assert refused.status == 422
    assert "736@" in refused.text

    file = ukd_736(LESSOR, CLIENT_ONE, of=of, at=now, number=own)
    parsed = accountant.submit(
        form, "/documents/new", {"kind": "upd"}, files={"file": Upload(file.file_name, file.content)}
    )
    assert parsed.status == 200, parsed.text
    assert parsed.link(f"УПД № {number}").endswith(sent.rpartition("/")[2])
    for words in ("К уменьшению", "По схеме не проверен", "после изменения"):
        assert words in parsed.text
    draft = accountant.submit(parsed, "/new/save")
    assert draft.link(f"УПД № {number}").endswith(sent.rpartition("/")[2])
    accountant.submit(draft, "/send")

    card = live.arrived(own)
    assert "Корректирует" in card.text
    assert card.link(f"УПД № {number}").endswith(theirs.path.rpartition("/")[2])
    live.said(CLIENT, theirs.path, "Есть корректировка, см.")
    frozen = client.submit(card, "/prepare")
    assert frozen.path == f"{card.path}/sign", frozen.text
    client.submit(frozen, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(frozen))
    live.said(ACCOUNTANT, draft.path, "Контрагент подписал")
    listed = accountant.get(f"/o/{live.code(LESSOR)}/documents?folder=all&kind=ukd&q={own}")
    assert f"УКД № {own}" in listed.text
