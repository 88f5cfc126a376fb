"""`edo verify`: judge the signatures of a file, with trust, lists and evidence as the command line gives them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edo_service.cli.files import JsonFlag, read_file, refuse
from edo_service.cli.network import FirstFound, network_evidence

if TYPE_CHECKING:
    import signing

_PASSED, _FAILED, _UNDECIDED = "TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"
_EXITS = {_PASSED: 0, _FAILED: 1, _UNDECIDED: 2}
_CONDITIONS = {"passed": "выполнено", "failed": "не выполнено", "unknown": "не установлено"}


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(verify)


def verify(
    file: Annotated[Path, typer.Argument(help="The file.")],
    *,
    signature: Annotated[list[Path] | None, typer.Option(help="A detached signature; may be repeated.")] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(help="Trust anchors, the only ones when given: PEM, DER or a folder; may be repeated."),
    ] = None,
    tsl: Annotated[
        Path | None, typer.Option(help="The list of accredited authorities of Минцифры, believed by way of --trust.")
    ] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="A CRL; may be repeated.")] = None,
    at: Annotated[str | None, typer.Option(help="Judge as of this moment (ISO 8601); now by default.")] = None,
    offline: Annotated[bool, typer.Option(help="Fetch nothing from the network.")] = False,
    as_json: JsonFlag = False,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="Write the report: .xml (ETSI TS 119 102-2), .txt, .html or .pdf; may be repeated."),
    ] = None,
) -> None:
    """Verify signatures. Exit 0 TOTAL-PASSED, 1 TOTAL-FAILED, 2 INDETERMINATE, 64 unusable input.

    Without --trust the anchors are those of EDO_TRUST_DIR and EDO_DATA_DIR, with the list that `edo trust update`
    keeps there. The authorities of --tsl stand between the signer and an anchor of --trust and answer for accreditation; they are
    no anchors. A list that is damaged or forged is unusable input; one that is stale, or whose publisher cannot be
    proven, is left aside, and the outcome is INDETERMINATE at best.
    """
    import signing
    from edo_service.cli.reports import why_not

    moment = _moment(at)
    content = read_file(file)
    for path in report or []:
        if fault := why_not(path):
            refuse(fault)
    try:
        store = _own_trust() if trust is None else signing.TrustStore.from_files(trust)
        given = signing.OfflineEvidence(crls=[read_file(path) for path in crl or []])
        source = given if offline else FirstFound(given, network_evidence(moment))
        listed = None if tsl is None else _listed(tsl, store, source, moment)
        if listed is not None and listed.trusted_list is not None:
            store = listed.trusted_list.extend(store)
        reports = _judged(content, [read_file(path) for path in signature or []], store, source, moment)
    except signing.BackendMissing as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_EXITS[_UNDECIDED]) from error
    except signing.SigningError as error:
        refuse(str(error))
    worst = _tell(reports, listed, as_json=as_json, files=report or [], name=file.name)
    raise typer.Exit(_EXITS[worst])


def _own_trust() -> "signing.TrustStore":
    """Whom this machine trusts: EDO_TRUST_DIR and EDO_DATA_DIR, with the stored list of authorities.

    Never a folder that merely lies where the command was started: it may have come with the file.
    """
    from edo_service.settings import Settings
    from edo_service.trust.anchors import StoredTrust

    settings = Settings()
    own = settings.root / "trust" if "data_dir" in settings.model_fields_set else None
    folders = (settings.trust_dir, own)
    return StoredTrust(folders=tuple(path for path in folders if path)).load()


def _listed(
    path: Path, store: "signing.TrustStore", source: "signing.EvidenceSource", moment: datetime
) -> "signing.TslReport":
    """The verdict on the list; a damaged or forged one ends the command, one that is left aside is told of."""
    import signing

    found = signing.verify_tsl(read_file(path), trust=store, evidence=source, at=moment)
    reasons = " ".join(one.text_ru for one in found.checks if one.outcome in {"failed", "indeterminate"})
    if found.indication == _FAILED:
        refuse(f"--tsl {path}: {reasons}")
    if found.trusted_list is None:
        typer.echo(f"--tsl {path}: список не принят и не учтён. {reasons}", err=True)
    return found


def _judged(
    content: bytes,
    signatures: list[bytes],
    store: "signing.TrustStore",
    source: "signing.EvidenceSource",
    moment: datetime,
) -> list["signing.Report"]:
    """One report for each signature file, or the one about the file itself."""
    import signing

    memory = signing.Memory()
    if not signatures and b"%PDF-" in content[:1024]:
        return [signing.verify_pdf(content, trust=store, evidence=source, at=moment, memory=memory)]
    pairs: list[tuple[bytes | None, bytes]] = [(content, one) for one in signatures] or [(None, content)]
    return [signing.verify(body, cms, trust=store, evidence=source, at=moment, memory=memory) for body, cms in pairs]


def _tell(
    reports: list["signing.Report"],
    listed: "signing.TslReport | None",
    *,
    as_json: bool,
    files: list[Path],
    name: str,
) -> str:
    """Print the outcome, write the reports that were asked for; the indication that decides the exit."""
    import signing
    from edo_service.cli.reports import write_report

    merged = signing.merge_reports(reports)
    worst: str = merged.indication
    if worst == _PASSED and listed is not None and listed.trusted_list is None:
        worst = _UNDECIDED
    for path in files:
        try:
            write_report(path, merged, name)
        except OSError as error:
            refuse(f"--report {path}: {error.strerror}")
    if as_json:
        told: dict[str, Any] = {"indication": worst}
        told["signatures"] = [item for one in reports for item in _verdicts(one)]
        if listed is not None:
            told["tsl"] = _list_json(listed)
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return worst
    for one in reports:
        _show(one)
    if listed is not None and listed.trusted_list is not None:
        found = listed.trusted_list
        typer.echo(f"Список УЦ № {found.version} от {found.issued_at:%d.%m.%Y} принят.")
    typer.echo("Проверка несертифицированными средствами: техническая.")
    typer.echo(worst)
    return worst


def _verdicts(report: "signing.Report") -> list[Any]:
    found = report.to_json()["signatures"]
    return found if isinstance(found, list) else []


def _list_json(listed: "signing.TslReport") -> dict[str, Any]:
    found = listed.trusted_list
    return {
        "indication": listed.indication,
        "sub_indication": listed.sub_indication,
        "version": found.version if found else None,
        "issued_at": found.issued_at.isoformat() if found else None,
        "checks": [{"name": one.name, "outcome": one.outcome, "text": one.text_ru} for one in listed.checks],
    }


def _show(report: "signing.Report") -> None:
    if not report.signatures:
        typer.echo("В файле нет ни одной подписи.")
    for verdict in report.signatures:
        who = verdict.signer.subject.rfc4514 if verdict.signer else "подписант не найден"
        typer.echo(f"{verdict.indication} {verdict.sub_indication or ''} {verdict.level} {who}".strip())
        for item in verdict.checks:
            typer.echo(f"  {item.outcome:<14}{item.text_ru}")
        typer.echo("  Условия статьи 11 закона № 63-ФЗ, на вывод не влияют:")
        for one in verdict.conditions_63fz:
            reason = f" {one.reason_ru}" if one.reason_ru else ""
            typer.echo(f"  {one.number}. {_CONDITIONS[one.outcome]}: {one.text_ru}{reason}")


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"--at: {text!r} — это не время ISO 8601")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
