"""What the check found, beside the fields of the file: the same findings that `edo check` prints, each at its place."""

import hashlib
from collections.abc import Iterable, Sequence

from edo_service import formats
from edo_service.documents.views import FindingRow, Findings, MarkedGroup, MarkedRow
from edo_service.formats.beside import MOST_PLACES, MarkedPlace, MarkedValue, beside
from edo_service.web.views import Link

_BLOCK = 2  # «файл → документ» says nothing to people


def findings_of(file_name: str, result: formats.CheckResult, *, marked: Sequence[MarkedGroup] = ()) -> Findings:
    """What the check found, for the template; each row leads to its place where that is `marked` on the page."""
    anchors = {group.anchor for group in marked} | {row.anchor for group in marked for row in group.rows}
    return Findings(
        file_name=file_name,
        format=result.kind.name_ru if result.kind else "",
        violations=tuple(_row(one, anchors) for one in result.violations),
        remarks=tuple(_row(one, anchors) for one in result.remarks),
    )


def marked_groups(content: bytes, result: formats.CheckResult) -> tuple[tuple[MarkedGroup, ...], int]:
    """(the places of the findings with their values, how many findings have no place on the page)."""
    found = [*result.violations, *result.remarks]
    remarks = {id(one) for one in result.remarks}
    places = beside(content, found)
    shown = sum(len(place.findings) + sum(len(value.findings) for value in place.values) for place in places)
    return tuple(_group(place, remarks) for place in places[:MOST_PLACES]), len(found) - shown


def anchor_of(path: str) -> str:
    """The id of a place on the page: the same for the same path, whatever signs are in it."""
    return f"p-{hashlib.sha256(path.encode()).hexdigest()[:12]}"


def notes_at(path: str, result: formats.CheckResult) -> tuple[Link, ...]:
    """The violations in an element and below it, as links to their places on the page."""
    inside = (one for one in result.violations if one.path == path or one.path.startswith(f"{path}/"))
    return tuple(Link(label=one.message_ru, url=f"#{anchor_of(one.path)}") for one in inside)


def _row(one: formats.Finding, anchors: set[str]) -> FindingRow:
    anchor = anchor_of(one.path)
    return FindingRow(
        path=one.path,
        line=one.line,
        message=one.message_ru,
        rule=one.rule,
        anchor=anchor if anchor in anchors else "",
    )


def _group(place: MarkedPlace, remarks: set[int]) -> MarkedGroup:
    words = place.way_ru[_BLOCK:] or place.way_ru[-1:]
    title = " → ".join(words)
    return MarkedGroup(
        title=title[:1].upper() + title[1:],
        path=place.path,
        line=place.line,
        anchor=anchor_of(place.path),
        rows=tuple(_value(value, place.path, remarks) for value in _wanted(place.values)),
        violations=_told(place.findings, remarks, remark=False),
        remarks=_told(place.findings, remarks, remark=True),
    )


def _wanted(values: Sequence[MarkedValue]) -> Iterable[MarkedValue]:
    """All values with findings, and as many of the others as help to know the place."""
    neighbours = [one for one in values if not one.findings][:_NEIGHBOURS]
    return [one for one in values if one.findings or one in neighbours]


_NEIGHBOURS = 6


def _value(one: MarkedValue, owner: str, remarks: set[int]) -> MarkedRow:
    path = owner if one.name == "." else f"{owner}/{one.name}"
    named = next((finding.path for finding in one.findings), path)
    return MarkedRow(
        label=one.label_ru[:1].upper() + one.label_ru[1:],
        name=one.name,
        value=one.value,
        violations=_told(one.findings, remarks, remark=False),
        remarks=_told(one.findings, remarks, remark=True),
        anchor=anchor_of(named) if one.findings and named != owner else "",
    )


def _told(findings: Iterable[formats.Finding], remarks: set[int], *, remark: bool) -> tuple[str, ...]:
    return tuple(one.message_ru for one in findings if (id(one) in remarks) is remark)
