"""Papers of the archive desk as PDF/A: the act of disposal, the report about integrity. WeasyPrint runs here."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

import archive
from edo_service.archiving.evidence_views import EvidenceState
from edo_service.archiving.queries_desk import Period
from edo_service.archiving.queries_disposal import Act, ActLine

MOSCOW = ZoneInfo("Europe/Moscow")
SPARED = {
    "held": "под запретом уничтожения",
    "term": "срок хранения ещё идёт",
    "store": "хранилище не разрешило",
    "rejected": "акт отклонён",
    "half": "часть файлов уже удалена, остальные хранилище пока защищает; удалим их, когда защита кончится",
}
"""Why a set on an act was not deleted."""


def act_pdf(act: Act, lines: list[ActLine], *, company: str) -> bytes:
    """The act for people. The same rows give the same bytes."""
    deleted = sum(line.deleted_at is not None for line in lines)
    return _pdf(
        "act.html", title=f"Акт № {act.number}", act=act, lines=lines, company=company, deleted=deleted, spared=SPARED
    )


def act_register(act: Act, lines: list[ActLine], *, company: str) -> bytes:
    """The act for programs: canonical JSON (RFC 8785) of its rows."""
    return archive.canonical_json(
        {
            "format": "edo-disposal-act/1",
            "number": act.number,
            "company": company,
            "law": act.law,
            "reason": act.reason,
            "proposed": {"by": act.proposed_by_name, "at": _iso(act.proposed_at)},
            "approved": [
                {"by": act.first_by_name, "person": str(act.first_by), "at": _iso(act.first_at)},
                {"by": act.second_by_name, "person": str(act.second_by), "at": _iso(act.second_at)},
            ],
            "sets": [
                {
                    "package": str(line.package_id),
                    "title": line.title,
                    "counterparty": line.counterparty,
                    "date": line.dated.isoformat(),
                    "kind": line.kind,
                    "law": line.law,
                    "retain_until": _iso(line.retain_until),
                    "manifest_sha256": line.manifest_sha256,
                    "deleted_at": _iso(line.deleted_at),
                    "spared": line.spared,
                }
                for line in lines
            ],
        }
    )


def integrity_pdf(
    found: Period, evidence: EvidenceState, *, since: date, until: date, company: str, at: datetime
) -> bytes:
    """What the checks of a period said, and how the archive and its evidence stand at the moment of the report."""
    title = f"Отчёт о целости архива {since:%d.%m.%Y}–{until:%d.%m.%Y}"
    about = {"found": found, "evidence": evidence}
    return _pdf("integrity.html", title=title, **about, since=since, until=until, company=company, at=at)


def _pdf(template: str, *, title: str, **values: object) -> bytes:
    from edo_service.formats.printing import html_to_pdf

    environment = Environment(
        loader=PackageLoader("edo_service.archiving", "paper"), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["msk"] = _msk
    return html_to_pdf(environment.get_template(template).render(**values), title=title)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _msk(moment: datetime | None) -> str:
    return "—" if moment is None else f"{moment.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S} МСК"
