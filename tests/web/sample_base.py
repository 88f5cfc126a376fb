"""Made-up names, the menu and dates that every sample uses."""

from datetime import UTC, date, datetime

from edo_service.web.views import Deadline, Link, MenuEntry, OrganizationLink, PersonLink

AT = datetime(2026, 11, 20, 7, 42, tzinfo=UTC)
SHA = "7a1c90f43be2118d60c9a77215d0ee3f9b4471c82e07d6aa81f3c5b00d4455e2"
BASE = "/o/k7m2"
COMPANIES = (
    OrganizationLink(id="k7m2", name="ООО «Северный экспресс»", inn="7800000122", url="/", current=True),
    OrganizationLink(id="p3xq", name="ООО «Вектор»", inn="5000000031", url="/choose"),
)
PERSON = PersonLink(name="Жукова Анна Сергеевна", short_name="Жукова А. С.", position="главный бухгалтер")
COUNTERPARTY = Link(label="ООО «ЛизингПром»", url="/counterparties")
CARD = Link(label="УПД № 0417-Л от 17.11.2026", url="/card")


def menu(section: str) -> tuple[MenuEntry, ...]:
    rows = (
        ("home", "Главная", "home", "/", 0, "work", True),
        ("documents", "Документы", "document-text", "/list", 12, "work", True),
        ("archive", "Архив", "archive-box", "/search", 0, "work", True),
        ("counterparties", "Контрагенты", "users", "/counterparties", 1, "setup", True),
        ("exchange", "Настройки ЭДО", "arrows-right-left", "/exchange", 0, "setup", False),
        ("organization", "Организация", "building-office", "/organization", 0, "setup", False),
        ("journal", "Журнал", "clipboard-document-list", "/journal", 0, "setup", False),
    )
    return tuple(
        MenuEntry(key=k, label=label, icon=icon, url=url, count=n, group=g, phone=p, current=k == section)  # type: ignore[arg-type]  # literals in a table
        for k, label, icon, url, n, g, p in rows
    )


def due(day: int, nearness: str = "later", words: str = "") -> Deadline:
    return Deadline(day=date(2026, 11, day), nearness=nearness, words=words)  # type: ignore[arg-type]  # a literal by position
