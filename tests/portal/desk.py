"""A person at a screen: real Chromium over the running portal, every console error and every foreign request kept."""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.portal.conftest import Live
from tests.web.browser import Screen

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / "docs/screens"
#: Milliseconds after which something is taken never to come: no test depends on how busy the machine is.
PATIENCE = 60_000
#: The screens that are kept in the repository.
SHOWN = {
    "home-1280", "documents-1280", "document-1280", "sign-1280", "signatures-1280", "archive-1280", "set-1280",
    "journal-1280", "home-390", "document-390", "sign-390", "dialog-390", "operator-consent-1280",
    "operator-code-390", "operator-invited-1280",
}  # fmt: skip
#: A page that is all there with its fonts and no wider than the window; asked again while the next one comes.
FITS = """() => document.readyState === 'complete' && document.fonts.status === 'loaded'
  && document.documentElement.scrollWidth <= innerWidth"""
#: No background networking, no first-run pages: every request is one of ours.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-sync",
]  # fmt: skip


@dataclass
class Desk:
    """One person at a screen of her own."""

    live: Live
    browser: Browser
    width: int
    login: str
    screen: Screen = field(init=False)

    def __post_init__(self) -> None:
        self.screen = look_at(self.browser, self.live.url, self.width)

    @property
    def page(self) -> Page:
        return self.screen.page

    def log_in(self) -> None:
        self.screen.open("/login")
        self.page.get_by_label("Электронная почта").fill(self.login)
        self.page.get_by_label("Пароль").fill(self.live.logins[self.login]["password"])
        self.page.get_by_role("button", name="Войти").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Главная")

    def see(self, name: str = "") -> None:
        """What stands here is as wide as the window; with a name it is kept as a screen.

        Whoever calls it has waited for something of this page: a click alone may leave the one before on the screen.

        With EDO_SCREENS=1 the shown ones go to docs/screens, with EDO_SCREENS=<folder> all go there.
        """
        self.page.wait_for_function(FITS)
        wanted = os.environ.get("EDO_SCREENS", "")
        if wanted == "1" and f"{name}-{self.width}" in SHOWN:
            keep(self.page, SCREENS / f"{name}-{self.width}.png")
        elif wanted not in {"", "1"} and name:
            self.page.screenshot(path=Path(wanted) / f"{name}-{self.width}.png", full_page=True, animations="disabled")

    def close(self) -> None:
        leave(self.screen)


def look_at(browser: Browser, base: str, width: int) -> Screen:
    """A screen of its own on a server."""
    height = 900 if width > 500 else 844
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
    context.set_default_timeout(PATIENCE)
    return Screen(page=context.new_page(), base=base)


def leave(screen: Screen) -> None:
    """Close it; nothing must have gone wrong on it."""
    errors, outside = screen.errors, screen.outside
    screen.page.context.close()
    assert errors == []
    assert outside == []


def keep(page: Page, path: Path) -> None:
    """The visible part as a PNG of few colours, 150 kB at most."""
    page.wait_for_load_state("networkidle")
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        image.quantize(colours).save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= 150_000:
            break
    path.write_bytes(out.getvalue())


@contextmanager
def chromium(unavailable: Callable[[str], NoReturn]) -> Iterator[Browser]:
    """A running Chromium; without one the test is skipped loudly.

    For one module at a time: playwright's loop must not outlive the tests that use it.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        unavailable("chromium: not installed (apt-get install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield made
        made.close()
