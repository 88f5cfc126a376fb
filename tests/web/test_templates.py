import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from samples import SCREENS
from starlette.testclient import TestClient

import edo_service
from edo_service.web.environment import make_environment
from edo_service.web.slots import MenuSlot, Slots
from edo_service.web.static_files import StaticFiles
from edo_service.web.views import Panel, Todo

ROOT = Path(edo_service.__file__).parent
SOURCES = sorted(ROOT.glob("*/templates/**/*.html"))
ENGLISH = re.compile(r"[A-Za-z]{3,}")
#: Names of formats, algorithms, programs and outside words, addresses and file names: they are not translated.
FOREIGN = re.compile(
    r"\S*[_./@]\S*|CAdES\S*|SHA-256|TOTAL-PASSED|TOTAL-FAILED|INDETERMINATE|TRY_LATER|REVOKED|PDF|XML|ZIP|VIN|JPEG|PNG|DOCX|"
    r"openssl|cms|sign|binary|engine|gost|inkey|signer|outform|DER|cades|Linux|libengine-gost-openssl|verify|Chromium|"
    r"Safari|iPhone|ReceiptWaiting|Volvo|Schmitz|SCB|HX220|X9FMXXEEBDBA12345|[0-9a-f]{8}|md|out|"
    r"delivery|receipt|response|correction|annulment|archive|verdict|certificate|power_of_attorney|operator|relation|"
    r"person|export|integrity|journal|queue|run_item|legal_hold|disposal|disposal_line|heic|invitation|Saby|XLSX|CSV|Temporary|[1-9A-Z]{3}-[-0-9]+…?"
)


class Page(HTMLParser):
    """What a rendered page holds: texts, attributes, forms, ids."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"script", "style", "pre", "code"}:
            self.skip += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "pre", "code"}:
            self.skip -= 1

    def handle_data(self, data: str) -> None:
        if not self.skip and data.strip():
            self.texts.append(data.strip())


OpenPage = Callable[[str], tuple[str, Page]]
PATHS = [*SCREENS, "/_components"]


@pytest.fixture
def page(client: TestClient) -> OpenPage:
    def open_page(path: str) -> tuple[str, Page]:
        answer = client.get(path)
        assert answer.status_code == 200
        parsed = Page()
        parsed.feed(answer.text)
        return answer.text, parsed

    return open_page


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_policy_would_block(source: Path) -> None:
    text = source.read_text()
    assert not re.search(r"\sstyle=", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text
    assert "|safe" not in re.sub(r"'[^']*'\|safe", "", text), "only constants of the template are safe"


@pytest.mark.parametrize("path", PATHS)
def test_every_form_that_changes_something_begins_with_its_token(page: OpenPage, path: str) -> None:
    text, _ = page(path)
    for form in re.findall(r"<form[^>]*method=\"post\"[^>]*>(.*?)</form>", text, re.DOTALL):
        first = re.search(r"<input[^>]*>", form)
        assert first is not None
        assert 'name="_token"' in first.group(0)
        assert re.search(r'value="[\w-]{16}\.[\w-]{43}"', first.group(0))


@pytest.mark.parametrize("path", PATHS)
def test_ids_are_unique_and_labels_find_their_fields(page: OpenPage, path: str) -> None:
    _, parsed = page(path)
    ids = [attrs["id"] for _, attrs in parsed.tags if "id" in attrs]
    assert sorted(ids) == sorted(set(ids))
    for tag, attrs in parsed.tags:
        if tag == "label" and "for" in attrs:
            assert attrs["for"] in ids
        for name in ("aria-describedby", "aria-labelledby"):
            for target in (attrs.get(name) or "").split():
                assert target in ids, f"{name} of {tag}"
        if tag == "a" and (attrs.get("href") or "").startswith("#f-"):
            assert attrs["href"][1:] in ids


@pytest.mark.parametrize("path", PATHS)
def test_a_page_speaks_russian(page: OpenPage, path: str) -> None:
    _, parsed = page(path)
    said = parsed.texts + [
        value or ""
        for _, attrs in parsed.tags
        for name, value in attrs.items()
        if name in {"aria-label", "alt", "placeholder", "title", "data-busy", "data-bulk-label"}
    ]
    for text in said:
        assert not ENGLISH.search(FOREIGN.sub("", text)), text


@pytest.mark.parametrize("path", PATHS)
def test_a_page_has_one_heading_one_title_and_at_most_one_primary_button_a_form(page: OpenPage, path: str) -> None:
    text, parsed = page(path)
    assert text.lstrip().startswith("<!doctype html>")
    assert '<html lang="ru"' in text
    assert sum(tag == "h1" for tag, _ in parsed.tags) == 1
    title = re.search("<title>(.*?)</title>", text, re.DOTALL)
    assert title is not None
    assert len(title.group(1).strip()) > 10
    assert "None" not in parsed.texts
    assert len(text.encode()) <= (90_000 if path == "/_components" else 60_000)  # the guide shows every piece at once


def test_titles_tell_pages_apart(page: OpenPage) -> None:
    paths = ("/", "/list", "/card", "/card-sent", "/sign", "/login")
    titles = [re.search("<title>(.*?)</title>", page(path)[0], re.DOTALL).group(1) for path in paths]
    assert len(set(titles)) == len(titles)
    assert "требуется подпись" in titles[2]


def test_a_refused_form_says_so_in_the_title_and_keeps_what_was_typed(page: OpenPage) -> None:
    text, _ = page("/new-refused")
    assert "<title>Ошибка: Новый документ" in text
    assert 'value="15"' in text
    text, _ = page("/login-refused")
    assert 'value="zhukova@"' in text


def test_a_password_is_never_printed_back(page: OpenPage) -> None:
    for path in ("/login-refused", "/sign-refused"):
        for tag, attrs in page(path)[1].tags:
            if tag == "input" and attrs.get("type") == "password":
                assert "value" not in attrs


def test_what_a_user_wrote_is_escaped() -> None:
    environment = make_environment(StaticFiles())
    chip = environment.from_string('{% from "macros/chip.html" import chip %}{{ chip(status("delivery", evil)) }}')
    assert "<script" not in chip.render(evil="<script>alert(1)</script>")


def test_slots_give_a_menu_to_those_who_may() -> None:
    slots: Slots[str] = Slots()
    slots.add_menu(
        MenuSlot(
            key="journal", label="Журнал", icon="home", path="/journal", order=9, allowed=lambda who: who == "audit"
        ),
        MenuSlot(key="home", label="Главная", icon="home", path="/", order=1, phone=True),
        MenuSlot(key="docs", label="Документы", icon="home", path="/documents", order=2, count=lambda _who: 3),
    )
    menu = slots.menu("clerk", organization="k7", section="docs")
    assert [(entry.key, entry.url, entry.count, entry.current) for entry in menu] == [
        ("home", "/o/k7/", 0, False),
        ("docs", "/o/k7/documents", 3, True),
    ]
    assert [entry.key for entry in slots.menu("audit", organization="k7", section="")][-1] == "journal"
    with pytest.raises(ValueError, match="home"):
        slots.add_menu(MenuSlot(key="home", label="Ещё", icon="home", path="/x", order=3))


def test_slots_keep_the_order_of_panels_and_things_to_do() -> None:
    slots: Slots[str] = Slots()
    slots.add_todo(20, lambda _who: [Todo(text="потом", url="/", button="Открыть")])
    slots.add_todo(10, lambda who: [Todo(text=f"сначала {who}", url="/", button="Открыть")])
    assert [row.text for row in slots.todo("я")] == ["сначала я", "потом"]
    slots.add_panel(2, lambda _who, document: Panel(template="b.html", view=document))
    slots.add_panel(1, lambda _who, _document: None)
    assert [panel.view for panel in slots.panels("я", "d1")] == ["d1"]


def test_a_queued_document_is_taken_back_by_a_form_of_its_own(page: OpenPage) -> None:
    """It stands in what is read anew every five seconds, so it is gone as soon as the document is signed."""
    source, found = page("/card-queued")
    (form,) = [attrs for tag, attrs in found.tags if tag == "form" and attrs.get("action") == "/card-queued"]
    assert form["method"] == "post"
    act = source[source.index('id="act"') : source.index("Ход документа")]
    assert 'action="/card-queued"' in act
    assert 'name="_token"' in act
    assert "Вернуть в черновики" in act
    assert "Вернуть в черновики" not in page("/card-sent")[0]
