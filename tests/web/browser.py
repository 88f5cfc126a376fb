"""What the browser tests share: axe through the DevTools session (so the page's CSP stays on), errors, other hosts."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Page

WIDTHS = (320, 360, 390, 768, 1280)
THEMES = ("light.normal.m", "dark.normal.m", "light.more.m", "dark.more.m")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TEXT_SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-bottom: 2em !important }"  # noqa: E501 (WCAG 1.4.12 in one sheet)
COVERED = """() => {
  const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const x = Math.min(Math.max(r.left + r.width / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(r.top + r.height / 2, 1), innerHeight - 2);
  const top = document.elementFromPoint(x, y);
  const label = e.labels && e.labels[0];
  const holder = e.closest('.find') || e;
  const ring = s.outlineStyle !== 'none' || getComputedStyle(holder).outlineStyle !== 'none'
    || (label && getComputedStyle(label).outlineStyle !== 'none');
  const inView = r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth;
  const onTop = !!top && (e === top || e.contains(top) || top.contains(e) || !!(label && label.contains(top)));
  return {what: e.outerHTML.slice(0, 90), body: e === document.body, ring, inView, onTop};
}"""


@functools.cache
def axe_source() -> str:
    return next(Path(axe_playwright_python.__file__).parent.rglob("axe*.js")).read_text()


@dataclass
class Screen:
    """One page of a browser with everything that went wrong in it."""

    page: Page
    base: str
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.session = self.page.context.new_cdp_session(self.page)

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and parts.netloc != urlsplit(self.base).netloc:
            self.outside.append(url)

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)
        self.page.evaluate("document.fonts.ready")

    def axe(self, theme: str) -> list[str]:
        """Violations in words; in high contrast the stricter contrast counts too."""
        self.session.send("Runtime.evaluate", {"expression": axe_source()})
        rules = {"target-size": {"enabled": True}}
        if ".more." in theme:
            rules["color-contrast-enhanced"] = {"enabled": True}
        found = self.page.evaluate(
            "([tags, rules]) => axe.run(document, {resultTypes: ['violations'], runOnly: {type: 'tag', values: tags}, rules})",
            [TAGS, rules],
        )
        return [f"{row['id']}: {row['nodes'][0]['html'][:120]}" for row in found["violations"]]

    def overflow(self, width: int) -> int:
        """How many pixels the page is wider than the window."""
        self.page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def new_context(browser: Browser, base: str, theme: str, width: int, *, scripts: bool = True) -> BrowserContext:
    """A context with the cookie of the theme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 500 else 844}, java_script_enabled=scripts
    )
    secure = base.replace("http://", "https://")
    context.add_cookies([{"name": "__Host-edo-look", "value": theme, "url": secure, "secure": True}])
    return context
