"""The compliance desk by hand: a search is narrowed and kept, a hold set and lifted by two people, an export fetched."""

import io
import zipfile
from urllib.parse import quote

from edo_service.accounts.rules import Role
from edo_service.demo.companies import LESSOR
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.person import Page, Person
from tests.portal.test_road import own_form
from tests.portal.waiting import until

PURPOSE = "Требование ФНС № 14-2"


def archived(live: Live) -> str:
    """The number of an invoice that lies in the lessor's archive: the way there is long, one serves all."""
    if live.kept_number:
        return live.kept_number
    number = live.number()
    sent = live.send(number)
    client = live.person(CLIENT)
    card = client.submit(live.arrived(number), "/prepare", {"answer": "accepted"})
    client.submit(card, "/sign", {"pin": live.pin(CLIENT)}, form=own_form(card))
    live.said(ACCOUNTANT, sent, "В архиве")
    live.kept_number = number
    return number


def ticks(page: Page) -> list[str]:
    assert page.tree is not None
    return [str(one) for one in page.tree.xpath("//input[@name='id']/@value")]


def test_control_searches_holds_exports_and_another_person_lifts(live: Live) -> None:
    number = archived(live)
    control, home = live.person(COMPLIANCE), f"/o/{live.code(LESSOR)}/archive"
    control.say_why(live.code(LESSOR), PURPOSE)
    found = control.get(f"{home}?number={quote(number)}&status=kept")
    assert found.status == 200
    assert "Найдено: 1 комплект" in found.text.replace("\xa0", " ")
    assert "Состояние: В архиве" in found.text
    dropped = control.get(found.link("Состояние: В архиве"))
    assert "Состояние: В архиве" not in dropped.text

    kept = control.submit(found, "/archive/searches", {"name": f"Поиск {number}"})
    assert kept.status == 200
    assert control.get(kept.link(f"Поиск {number}")).status == 200
    again = control.submit(kept, "/archive/searches", {"name": f"Поиск {number}"})
    assert again.status == 422
    assert "уже сохранён" in again.text

    (package,) = ticks(found)
    hold(live, control, found, package)
    export(live, control, found, package)
    card = control.get(found.link(f"№ {number} от"))
    assert "Цепь доказательств" in card.text
    assert PURPOSE in card.text
    copy = control.submit(card, "/export", {"purpose": PURPOSE}, form=turned(card, "/copy"))
    assert copy.headers["content-type"] == "application/pdf"
    assert (
        control.submit(card, "/term", {"kind": "leasing", "counted_from": "01.05.2031", "reason": "Договор"}).status
        == 200
    )
    assert control.submit(card, "/term", {"kind": "upd", "counted_from": "", "reason": "x"}).status == 422
    report = control.submit(control.get(f"{home}/report"), "/report")
    assert report.content.startswith(b"%PDF")
    assert control.get(f"{home}/incomplete").status == 200
    nothing = control.get(f"{home}/disposal")
    assert not nothing.has_form("/disposal"), "no term is over yet"


def hold(live: Live, control: Person, found: Page, package: str) -> None:
    """Set by one, refused to the same one, lifted by the other."""
    form = control.post("/".join([*found.path.split("/"), "holds", "new"]), {"id": package}, token=control.token())
    refused = control.submit(form, "/archive/holds", {"ground": "", "reason": ""})
    assert refused.status == 422
    one = control.submit(refused, "/archive/holds", {"ground": "Определение суда", "reason": "Спор"})
    assert "Действует" in one.text or "Ставится" in one.text
    assert not one.has_form("/lift")
    assert control.post(f"{one.path}/lift", {"reason": "x"}, token=control.token()).status == 403
    head = live.enter(*live.newcomer(LESSOR, Role.CONTROLLER))
    lifted = head.submit(head.get(one.path), "/lift", {"reason": "Спор окончен"})
    assert lifted.status == 200
    until(lambda: "Снят" in head.get(one.path).text.split("Основание")[0], "the store is told")


def export(live: Live, control: Person, found: Page, package: str) -> None:
    """Ordered, built in the background, downloaded, noted."""
    assert control.submit(found, "/archive/export", {"variant": "tax"}).status == 422, "nothing was ticked"
    ordered = control.submit(found, "/archive/export", {"variant": "tax", "id": package})
    assert ordered.path.endswith("/archive/exports")
    assert PURPOSE in ordered.text
    until(lambda: "Готова" in words(ours(control, ordered.path)), "the export is built")
    packed = control.get(str(ours(control, ordered.path).xpath(".//a[contains(., 'Скачать')]/@href")[0]))
    with zipfile.ZipFile(io.BytesIO(packed.content)) as bundle:
        assert {"Реестр.csv", "Реестр.xlsx", "Файлы.csv", "ПРОЧТИ.txt"} <= set(bundle.namelist())
    assert "Скачивали: 1" in words(ours(control, ordered.path))


def ours(control: Person, path: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - lxml publishes no types
    """The row of the one export with our purpose: other tests have exports in this list too."""
    tree = control.get(path).tree
    assert tree is not None
    (row,) = [row for row in tree.xpath("//tbody/tr") if PURPOSE in words(row)]
    return row


def words(row) -> str:  # type: ignore[no-untyped-def]  # noqa: ANN001 - the same
    """What a row says."""
    return " ".join(row.text_content().split())


def turned(page: Page, action: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - lxml publishes no types
    """The card's form as its other button sends it."""
    form = page.form("/export")
    form.action = form.action.replace("/export", action)
    return form
