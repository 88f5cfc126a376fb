"""The report as plain text and as a page for the protocol (HTML without scripts and outside references)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from html import escape

from signing._internal.report.told import TECHNICAL, Row, ToldSignature, tell, tell_facts
from signing._internal.verdict import Report

_WIDTH = 110
_TITLE = "Протокол проверки электронной подписи"
_STYLE = (
    "body{font-size:10pt;line-height:1.35}h1{font-size:15pt}h2{font-size:12pt;margin-top:14pt}"
    "h3{font-size:10.5pt;margin:8pt 0 2pt}table{border-collapse:collapse;width:100%}"
    "td{border-bottom:.5pt solid #bbb;padding:2pt 4pt;vertical-align:top}td:first-child{width:30%;color:#444}"
    ".verdict{font-weight:bold}.technical{margin-top:14pt;color:#444}"
)


def report_text(report: Report, *, file_name: str = "") -> str:
    """Tell a report in Russian words: who signed, when and how it is known, what was checked, what would help."""
    lines = [_TITLE, "=" * len(_TITLE), *_rows(tell_facts(report, file_name))]
    for one in tell(report):
        lines += ["", one.title, "-" * len(one.title), *_rows(one.facts)]
        for title, rows in _tables(one):
            lines += ["", f"{title}:", *_marked(rows)]
        if one.advice:
            lines += ["", "Чего не хватает и что поможет:", *_marked(("", text) for text in one.advice)]
    return "\n".join([*lines, "", *textwrap.wrap(TECHNICAL, _WIDTH)]) + "\n"


def _tables(one: ToldSignature) -> list[tuple[str, tuple[Row, ...]]]:
    tables = [("Что проверено", one.checks)]
    if one.conditions:
        tables.append(("Условия признания квалифицированной подписи (63-ФЗ, статья 11)", one.conditions))
    return tables


def _rows(rows: Iterable[Row]) -> list[str]:
    return [
        line for title, text in rows for line in textwrap.wrap(f"{title}: {text}", _WIDTH, subsequent_indent="    ")
    ]


def _marked(rows: Iterable[Row]) -> list[str]:
    lines = []
    for mark, text in rows:
        head = f"  [{mark}] " if mark else "  - "
        lines += textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * 4)
    return lines


def report_html(report: Report, *, file_name: str = "") -> str:
    """The same as a page: input of the PDF protocol. Everything that came from files is escaped."""
    body = [f"<h1>{_TITLE}</h1>", _table(tell_facts(report, file_name))]
    for one in tell(report):
        body += [f"<h2>{escape(one.title)}</h2>", _table(one.facts, verdict=True)]
        for title, rows in _tables(one):
            body += [f"<h3>{escape(title)}</h3>", _table(rows)]
        if one.advice:
            items = "".join(f"<li>{escape(text)}</li>" for text in one.advice)
            body += ["<h3>Чего не хватает и что поможет</h3>", f"<ul>{items}</ul>"]
    body.append(f'<p class="technical">{TECHNICAL}</p>')
    head = f'<meta charset="utf-8"><title>{_TITLE}</title><style>{_STYLE}</style>'
    return f'<!DOCTYPE html><html lang="ru"><head>{head}</head><body>{"".join(body)}</body></html>'


def _table(rows: Iterable[Row], *, verdict: bool = False) -> str:
    lines = []
    for number, (title, text) in enumerate(rows):
        kind = ' class="verdict"' if verdict and number == 0 else ""
        lines.append(f"<tr><td>{escape(title)}</td><td{kind}>{escape(text)}</td></tr>")
    return f"<table>{''.join(lines)}</table>"
