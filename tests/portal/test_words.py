"""Nothing that happens or is raised is left without words on a page."""

import re
from pathlib import Path

from edo_service.accounts.pages.journal_words import EVENTS
from edo_service.documents.pages.card import SHOWN_CONFLICTS
from edo_service.documents.pages.parsed import OBSTACLES
from edo_service.documents.pages.words import ABOUT, ROLES, TROUBLES
from edo_service.documents.rules import Role
from edo_service.portal.desk import SAID
from edo_service.texts.errors import PHRASES

PACKAGE = Path(__file__).resolve().parents[2] / "edo_service"


def sources() -> dict[str, str]:
    return {
        path.relative_to(PACKAGE).as_posix(): path.read_text()
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts and "demo" not in path.parts
    }


def test_every_event_of_the_journal_has_words() -> None:
    written = set()
    for text in sources().values():
        written |= set(re.findall(r'journal\.write\(\s*"([a-z_.]+)"', text))
        written |= set(re.findall(r'_journal\(uow, \w+, "([a-z_.]+)"', text))
        written |= set(re.findall(r'_note\(uow, package, "(\w+)"', text) and ["archive.view", "archive.export"])
    assert written
    assert written - set(EVENTS) == set()


def test_every_role_of_a_file_has_words() -> None:
    assert {role.value for role in Role} == set(ROLES)
    assert set(ABOUT) <= set(ROLES)


def test_every_trouble_of_a_document_has_words() -> None:
    set_by_us = set()
    for name, text in sources().items():
        if name.startswith(("documents/", "exchange/", "archiving/")):
            set_by_us |= set(re.findall(r'\.trouble = "([a-z_]+\.[a-z_]+)"', text))
            set_by_us |= set(re.findall(r'write_trouble\("([a-z_.]+)"', text))
    assert set_by_us
    assert set_by_us - set(TROUBLES) - set(PHRASES) == set()


def test_every_obstacle_of_an_upload_has_words() -> None:
    text = (PACKAGE / "documents/use_cases/upload.py").read_text()
    named = set(re.findall(r'obstacles\.append\("(\w+)"\)', text)) | set(re.findall(r'obstacles=\("(\w+)",\)', text))
    assert named
    assert named - set(OBSTACLES) == set()


def test_what_is_said_after_an_act_is_known() -> None:
    said = set(SHOWN_CONFLICTS.values())
    for name, text in sources().items():
        if "/pages" in name:
            said |= set(re.findall(r'said="(\w+)"', text))
    assert said - set(SAID) == set()
