import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from browser import COVERED, TEXT_SPACING, THEMES, WIDTHS, Screen, new_context
from playwright.sync_api import Browser, Response, expect, sync_playwright
from samples import SCREENS

pytestmark = pytest.mark.browser
PATHS = [*SCREENS, "/_components"]
#: In the default suite each screen is seen once, in turn in each theme and width; `make soak` walks the whole matrix.
TURNS = [(path, THEMES[place % 4], (390, 1280)[place // 4 % 2]) for place, path in enumerate(PATHS)]

#: Where what one cell of a list holds lies over another cell by more than a hair.
PILED = """() => [...document.querySelectorAll('.tbl.docs tbody tr')].flatMap((row) => {
  const cells = [...row.cells].filter((cell) => cell.textContent.trim() && !cell.matches('.pick'));
  const range = document.createRange();
  const held = (cell) => { range.selectNodeContents(cell); return range.getBoundingClientRect(); };
  return cells.flatMap((one) => cells.filter((other) => {
    const p = held(one), q = other.getBoundingClientRect();
    return one !== other && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
      && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1;
  }).map((other) => one.textContent + ' / ' + other.textContent));
})"""


@pytest.fixture(scope="module")
def browser(unavailable: Callable[[str], NoReturn]) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        unavailable("chromium: not installed (apt-get install chromium)")
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
        )
        yield made
        made.close()


@pytest.fixture
def screen(browser: Browser, served: str) -> Iterator[Screen]:
    """A wide light screen."""
    context = new_context(browser, served, THEMES[0], 1280)
    yield Screen(page=context.new_page(), base=served)
    context.close()


@pytest.fixture
def phone(browser: Browser, served: str) -> Iterator[Screen]:
    context = new_context(browser, served, THEMES[0], 390)
    yield Screen(page=context.new_page(), base=served)
    context.close()


@pytest.fixture(scope="module")
def themed(browser: Browser, served: str) -> Iterator[dict[str, Screen]]:
    """One page per theme, used again and again."""
    contexts = {theme: new_context(browser, served, theme, 1280) for theme in THEMES}
    yield {theme: Screen(page=context.new_page(), base=served) for theme, context in contexts.items()}
    for context in contexts.values():
        context.close()


def check(seen: Screen, path: str, theme: str, width: int) -> None:
    seen.errors.clear()
    seen.page.set_viewport_size({"width": width, "height": 900})
    seen.open(path)
    assert seen.axe(theme) == []
    assert {size: seen.overflow(size) for size in WIDTHS} == dict.fromkeys(WIDTHS, 0)
    assert seen.errors == []
    assert seen.outside == []


@pytest.mark.parametrize(("path", "theme", "width"), TURNS, ids=[f"{p}-{t}-{w}" for p, t, w in TURNS])
def test_a_screen_is_accessible_quiet_and_fits(themed: dict[str, Screen], path: str, theme: str, width: int) -> None:
    check(themed[theme], path, theme, width)


@pytest.mark.soak
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_the_whole_matrix(themed: dict[str, Screen], path: str, theme: str, width: int) -> None:
    check(themed[theme], path, theme, width)


@pytest.mark.parametrize("path", ["/card", "/sign", "/list", "/search"])
def test_wider_text_spacing_loses_nothing_at_320(phone: Screen, path: str) -> None:
    phone.open(path)
    phone.session.send("DOM.enable")
    phone.session.send("CSS.enable")
    frame = phone.session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    sheet = phone.session.send("CSS.createStyleSheet", {"frameId": frame})["styleSheetId"]
    phone.session.send("CSS.setStyleSheetText", {"styleSheetId": sheet, "text": TEXT_SPACING})
    assert phone.overflow(320) == 0


@pytest.mark.parametrize(("path", "width"), [("/card-ready", 1280), ("/list", 390), ("/sign", 390), ("/new", 1280)])
def test_every_tab_stop_is_seen_and_nothing_covers_it(screen: Screen, path: str, width: int) -> None:
    screen.page.set_viewport_size({"width": width, "height": 844})
    screen.open(path)
    stops = 0
    for _ in range(120):
        screen.page.keyboard.press("Tab")
        stop = screen.page.evaluate(COVERED)
        if stop["body"]:
            break
        stops += 1
        assert stop["ring"], stop["what"]
        assert stop["inView"], stop["what"]
        assert stop["onTop"], stop["what"]
    assert stops >= 10


@pytest.mark.parametrize("path", ["/list", "/list-plain", "/search", "/search-own"])
def test_no_part_of_a_row_lies_on_another_on_a_phone(phone: Screen, path: str) -> None:
    phone.open(path)
    assert phone.page.evaluate(PILED) == []


def test_the_order_of_rows_can_be_changed_on_a_phone(phone: Screen) -> None:
    phone.open("/list")
    width = phone.page.locator("th .sort").evaluate("e => e.closest('thead').getBoundingClientRect().width")
    assert width > 200, "the head of the table holds a link: it is seen"


@pytest.mark.parametrize(
    ("path", "printed"),
    [("/list", ["УПД № 0417-Л от", "1 284 560,00", "Требуется подпись"]), ("/search", ["Хранить до", "В архиве"]),
     ("/card", ["Требуется подпись", "_5c1d.xml"]), ("/journal", ["Комплект выгружен"])],
)  # fmt: skip
def test_what_was_on_the_screen_is_on_paper(screen: Screen, path: str, printed: list[str]) -> None:
    screen.open(path)
    screen.page.emulate_media(media="print")
    for words in printed:
        expect(screen.page.locator("main").get_by_text(words).filter(visible=True).first).to_be_visible()
    expect(screen.page.locator("header.top")).to_be_hidden()
    expect(screen.page.locator("main button").filter(visible=True)).to_have_count(0)


def test_the_switcher_works_by_keyboard(screen: Screen) -> None:
    screen.open("/")
    summary = screen.page.locator("summary.org")
    summary.focus()
    screen.page.keyboard.press("Enter")
    screen.page.get_by_role("link", name="ООО «Вектор»").wait_for()
    assert screen.axe(THEMES[0]) == []
    screen.page.keyboard.press("Escape")
    screen.page.get_by_role("link", name="ООО «Вектор»").wait_for(state="hidden")
    expect(summary).to_be_focused()
    summary.press("Enter")
    screen.page.locator("h1").click()
    screen.page.get_by_role("link", name="ООО «Вектор»").wait_for(state="hidden")


def test_the_menu_of_a_phone_holds_every_section(phone: Screen) -> None:
    phone.open("/")
    phone.page.locator(".tabbar summary").click()
    phone.page.locator(".tabbar .pop").get_by_role("link", name="Журнал").wait_for()
    assert phone.axe(THEMES[0]) == []
    assert phone.overflow(320) == 0


def test_rows_are_chosen_by_range_and_cleared_by_escape(screen: Screen) -> None:
    screen.open("/list")
    boxes = screen.page.locator('input[name="id"]')
    bar = screen.page.get_by_role("region", name="Действия с выбранными")
    assert bar.is_hidden()
    boxes.nth(0).focus()
    screen.page.keyboard.press("Space")
    boxes.nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text(re.compile(r"Выбрано 4 · 2\s088\s999,22\s₽"))
    expect(screen.page.get_by_role("button", name="Скачать 4 документа")).to_be_visible()
    screen.page.keyboard.press("Escape")
    bar.wait_for(state="hidden")
    expect(boxes.nth(3)).to_be_focused()
    screen.page.get_by_label("Выбрать все на странице").check()
    expect(bar).to_contain_text("Выбрано 7")
    assert screen.axe(THEMES[0]) == []


def test_the_signing_dialog_keeps_the_focus_and_gives_it_back(screen: Screen) -> None:
    screen.open("/card-ready")
    opener = screen.page.get_by_role("link", name="Подписать и отправить")
    opener.focus()
    screen.page.keyboard.press("Enter")
    dialog = screen.page.get_by_role("dialog", name="Подписать УПД № 0417-Л от 17.11.2026?")
    expect(dialog).to_be_visible()
    expect(screen.page.locator("#h-dialog")).to_be_focused()
    said = dialog.inner_text().replace("\u00a0", " ")
    for words in ("1 284 560,00 ₽", "Принято без расхождений", "Жукова Анна Сергеевна", "ООО «Северный экспресс»"):
        assert words in said
    assert screen.axe(THEMES[0]) == []
    for _ in range(8):
        screen.page.keyboard.press("Tab")
        inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        assert screen.page.evaluate(inside)
    screen.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    expect(opener).to_be_focused()


def test_signing_by_a_press_sends_the_form_once(screen: Screen) -> None:
    screen.open("/card-ready")
    sent: list[str] = []
    screen.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    screen.page.get_by_role("link", name="Подписать и отправить").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Подписать и отправить").dblclick(no_wait_after=True)
    screen.page.wait_for_url("**/sign")
    assert len(sent) == 1


def test_a_refused_form_focuses_the_summary_and_leads_to_the_field(screen: Screen) -> None:
    screen.open("/new-refused")
    expect(screen.page.locator("#errors")).to_be_focused()
    screen.page.get_by_role("link", name="Дата: укажите дату").click()
    screen.page.locator("#f-day:focus").wait_for()


def test_the_name_of_the_chosen_file_is_shown(screen: Screen, tmp_path: Path) -> None:
    path = tmp_path / "счёт.xml"
    path.write_bytes(b"x" * 2048)
    screen.open("/new")
    screen.page.locator('input[type="file"]').set_input_files(path)
    expect(screen.page.locator("[data-picked]")).to_have_text(re.compile(r"^счёт\.xml,\s2\sКБ$"))


def test_filters_replace_only_the_results(screen: Screen) -> None:
    screen.open("/list")
    screen.page.evaluate("window.sameDocument = true")
    screen.page.get_by_label("Слова, номер или ИНН").fill("0417")
    with screen.page.expect_response(lambda answer: "q=0417" in answer.url):
        screen.page.get_by_role("button", name="Найти").click()
    screen.page.wait_for_url("**/list?folder=todo&q=0417*")
    assert screen.page.evaluate("window.sameDocument")
    expect(screen.page.locator("#results tbody tr")).to_have_count(7)
    assert screen.errors == []


@pytest.mark.parametrize("path", ["/card", "/list", "/"])
def test_the_first_view_weighs_little(screen: Screen, path: str) -> None:
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    screen.page.on("response", keep)
    screen.page.goto(screen.base + path, wait_until="networkidle")
    sizes = [len(answer.body()) for answer in answers]
    assert len(sizes) >= 8
    assert sum(sizes) <= 300_000


def test_a_document_that_travels_renews_its_state_by_itself(screen: Screen) -> None:
    screen.page.clock.install()
    screen.open("/card-sent")
    screen.page.locator("#state").evaluate("e => { e.dataset.old = '1' }")
    with screen.page.expect_response(lambda answer: answer.url.endswith("/card-sent")):
        screen.page.clock.fast_forward(5_500)
    screen.page.locator("#state:not([data-old])").wait_for()
    expect(screen.page.locator("#state")).to_have_count(1)
    assert screen.page.locator("#road li").count() >= 5
    assert screen.errors == []


def test_without_scripts_everything_still_works(browser: Browser, served: str, tmp_path: Path) -> None:
    context = new_context(browser, served, THEMES[0], 1280, scripts=False)
    page = context.new_page()
    page.goto(served + "/list")
    assert page.get_by_role("button", name="Скачать").is_visible()
    page.get_by_label("Слова, номер или ИНН").fill("0417")
    page.get_by_role("button", name="Найти").click()
    page.wait_for_url("**q=0417**")
    page.goto(served + "/card-ready")
    page.get_by_role("link", name="Подписать и отправить").click()
    page.get_by_role("heading", name="Подписать УПД № 0417-Л?").wait_for()
    signature = tmp_path / "a.sig"
    signature.write_bytes(b"x")
    page.locator('input[name="signature"]').set_input_files(signature)
    expect(page.get_by_text("Файл выбран")).to_be_visible()
    page.get_by_role("button", name="Загрузить подпись и отправить").click()
    page.get_by_role("heading", name="Подписать УПД № 0417-Л?").wait_for()
    context.close()


def test_forced_colours_and_quiet_motion(browser: Browser, served: str) -> None:
    context = browser.new_context(
        forced_colors="active", reduced_motion="reduce", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(served + "/card")
    border = page.locator(".chip").first.evaluate("e => getComputedStyle(e).borderTopStyle")
    assert border == "solid"
    assert page.evaluate("document.getAnimations().filter(a => a.playState === 'running').length") == 0
    context.close()


def test_the_system_chooses_when_the_person_has_not(browser: Browser, served: str) -> None:
    context = browser.new_context(color_scheme="dark", contrast="more", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(served + "/card")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    assert page.locator(".chip").first.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    context.close()
