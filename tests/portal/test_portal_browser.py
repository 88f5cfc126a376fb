"""The whole road in real Chromium at two widths: no console error, no request off the host, nothing wider than the window.

With EDO_SCREENS=1 the screens are also written to docs/screens.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser, Page, expect

from edo_service.accounts.rules import Role
from edo_service.demo.companies import CLIENT_ONE, LESSOR
from tests.portal.conftest import ACCOUNTANT, CLIENT, COMPLIANCE, Live
from tests.portal.desk import Desk, chromium, leave, look_at
from tests.portal.person import Upload
from tests.portal.test_portal_office import buried
from tests.portal.test_road import sign_elsewhere, verify_alone
from tests.portal.waiting import until

pytestmark = pytest.mark.browser
#: Milliseconds for what the machine does in the background, signing and archiving included.
PATIENCE = 180_000


@pytest.fixture(scope="module")
def browser(unavailable: Callable[[str], NoReturn]) -> Iterator[Browser]:
    with chromium(unavailable) as made:
        yield made


@pytest.fixture(params=[1280, 390])
def desks(live: Live, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Desk]]:
    """Sits a person down at the width of this run; at the end every screen must have been clean."""
    made: list[Desk] = []

    def sit(login: str) -> Desk:
        desk = Desk(live=live, browser=browser, width=request.param, login=login)
        made.append(desk)
        desk.log_in()
        return desk

    yield sit
    for desk in made:
        desk.close()


def test_the_road_of_an_invoice(live: Live, desks: Callable[[str], Desk], tmp_path: Path, gost_openssl: str) -> None:
    number = live.number()
    accountant = desks(ACCOUNTANT)
    document = send(live, accountant, number)
    client = desks(CLIENT)
    answer(live, client, number, tmp_path)
    follow(accountant, document)
    take_out(desks(COMPLIANCE), number, tmp_path)


def send(live: Live, desk: Desk, number: str) -> str:
    """The accountant uploads, looks, keeps, signs and sends."""
    page = desk.page
    desk.see()
    page.get_by_role("link", name="Загрузить документ").first.click()
    expect(page.locator("input[type=file]")).to_be_attached()
    desk.see("new")
    file = live.invoice(number)
    page.set_input_files("input[type=file]", {"name": file.name, "mimeType": "text/xml", "buffer": file.content})
    page.get_by_role("button", name="Загрузить и проверить").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    desk.see("parsed")
    page.get_by_role("button", name="Сохранить черновик").click()
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}"))
    drawn(page)
    desk.see("draft")
    document = page.url
    page.locator("#sign").get_by_role("link", name="Подписать и отправить").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    desk.see("dialog")
    dialog.get_by_role("button", name="Подписать и отправить").click()
    page.wait_for_url(document)
    # The page renews its state by itself.
    expect(page.locator("#state")).to_contain_text("Ожидается подпись контрагента", timeout=PATIENCE)
    page.reload()
    drawn(page)
    desk.see("sent")
    return document


def drawn(page: Page) -> None:
    """The picture of the document is there, and the page shows its top again."""
    picture = page.locator(".sheet img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("image => image.decode().then(() => true)")
    page.evaluate("scrollTo(0, 0)")


def answer(live: Live, desk: Desk, number: str, folder: Path) -> None:
    """The client opens it from her home page, prepares and signs: elsewhere on a computer, by PIN on a phone."""
    page = desk.page
    page.goto(f"{live.url}/o/{live.code(CLIENT_ONE)}/")
    desk.see("home")
    todo, client = f"/o/{live.code(CLIENT_ONE)}/documents?folder=todo", live.person(CLIENT)
    until(lambda: f"№ {number} от" in client.get(todo).text, f"{number} arrives", explain=live.unfinished)
    page.goto(live.url + todo)
    desk.see("documents")
    page.get_by_role("link", name=re.compile(f"№.{number} от")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    drawn(page)
    desk.see("document")
    page.locator("#sign").get_by_role("button", name="Подготовить к подписи").click()
    page.wait_for_url(re.compile("/sign$"))
    desk.see("sign")
    if desk.width > 500:
        signature = signed_elsewhere(live, page, folder)
        page.set_input_files(
            "input[name=signature]", {"name": signature.name, "mimeType": "x/y", "buffer": signature.content}
        )
        page.get_by_role("button", name="Загрузить подпись и отправить").click()
    else:
        page.get_by_label("ПИН ключа").fill("00000000")
        page.get_by_role("button", name="Подписать и отправить", exact=True).click()
        expect(page.get_by_role("alert").first).to_be_visible()
        desk.screen.errors.clear()  # Chromium tells of the refused form's 422 itself
        desk.see("wrong-pin")
        page.get_by_label("ПИН ключа").fill(live.pin(CLIENT))
        page.get_by_role("button", name="Подписать и отправить", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text(re.compile("подписан", re.IGNORECASE))
    expect(page.locator("#state")).to_contain_text("Подписан обеими сторонами", timeout=PATIENCE)


def signed_elsewhere(live: Live, page: Page, folder: Path) -> Upload:
    """The same command as the page shows, run over the downloaded file."""
    client = live.person(CLIENT)
    return sign_elsewhere(live, client.get(page.url), folder)


def follow(desk: Desk, document: str) -> None:
    """The sender sees both signatures and the archive."""
    page = desk.page
    page.goto(document)
    expect(page.locator("#state")).to_contain_text("В архиве", timeout=PATIENCE)
    page.reload()
    page.get_by_text("Как проверено").first.click()
    expect(page.get_by_text("действительна").nth(1)).to_be_visible()
    page.locator("#h-sig").scroll_into_view_if_needed()
    desk.see("signatures")
    for path, name in (
        ("documents?folder=all", "all"),
        ("exchange", "exchange"),
        ("exchange/counterparties", ""),
        ("keys", ""),
    ):
        page.goto(re.sub(r"documents/.*", path, document))
        desk.see(name)


def take_out(desk: Desk, number: str, folder: Path) -> None:
    """Compliance finds the set, looks at it and downloads the package that verifies alone."""
    page = desk.page
    page.goto(re.sub(r"(/o/\w+/).*", r"\1archive", page.url))
    page.get_by_label("Номер", exact=True).fill(number)
    page.get_by_label("Зачем смотрите").fill("Требование ФНС № 14-2")
    page.get_by_role("button", name="Найти").click()
    found = page.get_by_role("link", name=re.compile(f"№.{number} от"))
    expect(found).to_be_visible()
    desk.see("archive")
    found.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    desk.see("set")
    with page.expect_download() as download:
        page.get_by_role("button", name="Выгрузить комплект").click()
    assert download.value.suggested_filename.endswith(".zip")
    verify_alone(Path(download.value.path()).read_bytes(), folder / "package")
    page.goto(re.sub(r"(/o/\w+/).*", r"\1office/journal", page.url))
    page.get_by_role("button", name="Проверить сейчас").click()
    expect(page.get_by_text("Записи не менялись")).to_be_visible()
    desk.see("journal")


def test_the_administrator_s_jobs_and_the_client_s_archive(live: Live, desks: Callable[[str], Desk]) -> None:
    login, password = live.newcomer(LESSOR, Role.ADMINISTRATOR)
    live.logins[login] = {"password": password}
    office = desks(login)
    with buried(live, LESSOR):
        office.screen.open(f"/o/{live.code(LESSOR)}/office/jobs")
        office.page.get_by_text("Подробности").first.click()
        expect(office.page.get_by_text("KeyError").first).to_be_visible()
        office.see("jobs")
        office.page.get_by_role("button", name=re.compile("Повторить")).first.click()
        expect(office.page.get_by_text("Задание поставлено в очередь ещё раз")).to_be_visible()
        office.see()
    client = desks(CLIENT)
    client.screen.open(f"/o/{live.code(CLIENT_ONE)}/archive")
    expect(client.page.get_by_role("heading", level=1)).to_have_text("Архив")
    client.see()


def test_pages_work_without_scripts(live: Live, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{live.url}/login")
    page.get_by_label("Электронная почта").fill(CLIENT)
    page.get_by_label("Пароль").fill(live.logins[CLIENT]["password"])
    page.get_by_role("button", name="Войти").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Главная")
    home = f"{live.url}/o/{live.code(CLIENT_ONE)}"
    page.goto(f"{home}/documents?folder=all")
    page.get_by_placeholder("Слова, номер или ИНН").fill("нет такого документа")
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("По этим отборам ничего нет")).to_be_visible()
    page.get_by_text("Лебедева А. С.").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Вход в кабинет")
    context.close()


def test_a_stranger_sees_the_log_in(live: Live, browser: Browser) -> None:
    screen = look_at(browser, live.url, 390)
    screen.open(f"/o/{live.code(LESSOR)}/documents")
    assert "/login?next=" in screen.page.url
    leave(screen)
