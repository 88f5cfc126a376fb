"""The user's manual says what the screens say: its quoted words stand in the product, its pages are all there are."""

import re
from pathlib import Path

import pytest

from tests.portal.test_rights import COMPANY

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "docs" / "manual").glob("*.md"))
#: What the manual quotes that is no word of a screen of ours, or one put together when it is shown.
ELSEWHERE = {"ёлочках", "ЛизингПром", "требование ФНС № 14-2", "Войти без пароля, через Контур"}
#: A page's address -> where the manual has it, when another line covers it.
WITHIN = {
    "/documents/{document}/": "/documents/{document}",  # files, signatures, printed form: links of the card
    "/exchange/setup/": "/exchange/setup",
    "/exchange/counterparties/": "/exchange/counterparties",
    "/exchange/invitations/": "/exchange/invitations",
    "/archive/exports/": "/archive/exports",
    "/archive/holds/": "/archive/holds",
    "/archive/disposal/": "/archive/disposal",
    "/archive/{package}": "/archive",
    "/keys/": "/keys",
    "/powers/": "/powers",
}


def squeezed(text: str) -> str:
    """Without line ends inside of Python's strings and runs of blanks."""
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", text)).casefold()


@pytest.fixture(scope="module")
def product() -> str:
    """Everything that the product may print."""
    files = [one for end in ("py", "html", "js") for one in (ROOT / "edo_service").rglob(f"*.{end}")]
    files += (ROOT / "archive").rglob("*.sh")
    return " ".join(squeezed(one.read_text(encoding="utf-8")) for one in sorted(files) if "generated" not in one.parts)


def quoted(chapter: Path) -> set[str]:
    """Words in «ёлочки» outside of code, cut where the manual leaves something out."""
    text = re.sub(r"```.*?```|`[^`]*`", "", chapter.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = {re.sub(r"\s+", " ", one) for one in re.findall(r"«([^«»]+)»", text)} - ELSEWHERE
    pieces = {piece.strip(" .,") for one in found for piece in re.split(r"…|№", one)}
    return {one for one in pieces if len(one) > 1}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.stem)
def test_quoted_words_stand_on_a_screen(chapter: Path, product: str) -> None:
    absent = sorted(one for one in quoted(chapter) if squeezed(one).strip() not in product)
    assert not absent, f"{chapter.name} quotes what no screen says: {absent}"


def test_every_page_has_a_line_in_the_manual() -> None:
    index = (ROOT / "docs" / "manual" / "README.md").read_text(encoding="utf-8")
    pages = {
        path.removeprefix("/o/{org}") or "/" for method, path in COMPANY if method == "GET" and "/api/" not in path
    }
    for page in sorted(pages):
        named = f"`{page}`" in index
        covered = next((line for begin, line in WITHIN.items() if page.startswith(begin)), None)
        assert named or (covered and f"`{covered}`" in index), f"docs/manual/README.md does not say what {page} is"


def test_chapters_are_linked_and_links_lead_somewhere() -> None:
    index = (ROOT / "docs" / "manual" / "README.md").read_text(encoding="utf-8")
    for chapter in CHAPTERS:
        assert chapter.name == "README.md" or f"({chapter.name})" in index, chapter.name
        for target in re.findall(r"\]\(([^)#]+)\)", chapter.read_text(encoding="utf-8")):
            assert (chapter.parent / target).exists(), f"{chapter.name}: {target}"
