"""`edo trust`: whom we trust, and the state's list of accredited authorities."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    import signing

app = typer.Typer(no_args_is_help=True, help="Trust anchors and the list of accredited authorities.")
UNUSABLE = 64
PUBLISHED = "https://e-trust.gosuslugi.ru/app/scc/portal/api/v1/portal/ca/getxml"
_EXITS = {"TOTAL-PASSED": 0, "TOTAL-FAILED": 1, "INDETERMINATE": 2}

StoreOption = Annotated[Path | None, typer.Option(help="The folder of trust; EDO_TRUST_DIR or the data folder's own.")]


@app.command()
def update(
    source: Annotated[
        str, typer.Argument(help="Address or file of the list; the published one by default.")
    ] = PUBLISHED,
    trust: Annotated[
        list[Path] | None, typer.Option(help="Anchors for the list's signer; the folder's own by default.")
    ] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="A CRL; may be repeated.")] = None,
    store: StoreOption = None,
    at: Annotated[str | None, typer.Option(help="Judge as of this moment (ISO 8601); now by default.")] = None,
    offline: Annotated[bool, typer.Option(help="Fetch nothing but the list itself.")] = False,
) -> None:
    """Take a new list of accredited authorities: judged first, kept when believed. Exit 0, 1 refused, 2 undecided, 64."""
    import signing
    from edo_service.errors import EdoError
    from edo_service.texts.errors import phrase
    from edo_service.trust.anchors import certificate_files
    from edo_service.trust.lists import StoredList

    folder = _folder(store)
    moment = _moment(at)
    data = _data(source)
    try:
        anchors = signing.TrustStore.from_files(trust or certificate_files(folder))
        given = signing.OfflineEvidence(crls=[_bytes(path) for path in crl or []])
        evidence = given if offline or crl else _network(moment)
        report = signing.verify_tsl(data, trust=anchors, evidence=evidence, at=moment)
        for check in report.checks:
            typer.echo(f"  {check.outcome:<14}{check.text_ru}")
        if report.trusted_list is not None:
            StoredList(folder=folder).keep(data, report.trusted_list)
            typer.echo(f"Список сохранён: {folder}")
    except signing.BackendMissing as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(_EXITS["INDETERMINATE"]) from error
    except signing.SigningError as error:
        _refuse(str(error))
    except EdoError as error:
        _refuse(phrase(error.code, "ru", **error.params))
    typer.echo(report.indication)
    raise typer.Exit(_EXITS[report.indication])


@app.command("list")
def show(
    store: StoreOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of words.")] = False,
) -> None:
    """Print the anchors and the authorities of the stored list with their present status. Exit 0, or 64."""
    import signing
    from edo_service.trust.anchors import certificate_files
    from edo_service.trust.lists import StoredList

    folder = _folder(store)
    try:
        trust = signing.TrustStore.from_files(certificate_files(folder))
        found = StoredList(folder=folder).load()
    except signing.SigningError as error:
        _refuse(str(error))
    anchors = [
        {"subject": one.subject.rfc4514, "not_after": one.not_after.isoformat(), "sha256": one.sha256}
        for one in trust.anchors
    ]
    authorities = [_authority(one) for one in found.authorities] if found else []
    if as_json:
        listed = (
            {"version": found.version, "issued_at": found.issued_at.isoformat(), "authorities": authorities}
            if found
            else None
        )
        typer.echo(json.dumps({"anchors": anchors, "list": listed}, ensure_ascii=False, indent=1))
        return
    for one in anchors:
        typer.echo(f"корень  {one['not_after'][:10]}  {one['subject']}")
    if found is None:
        typer.echo("Списка аккредитованных УЦ нет: edo trust update")
        return
    typer.echo(f"Список УЦ № {found.version} от {found.issued_at:%d.%m.%Y}, УЦ: {len(authorities)}")
    for item in authorities:
        typer.echo(f"{item['status']:<14} {item['since'][:10]:<10}  {item['name']}")


def _authority(one: "signing.Authority") -> dict[str, str]:
    last = one.history[-1] if one.history else None
    return {
        "name": one.short_name or one.name,
        "inn": one.inn,
        "ogrn": one.ogrn,
        "status": last.status if last else "неизвестно",
        "since": last.since.isoformat() if last else "",
    }


def _folder(store: Path | None) -> Path:
    from edo_service.settings import Settings

    settings = Settings()
    return store or settings.trust_dir or settings.root / "trust"


def _data(source: str) -> bytes:
    if not source.lower().startswith(("http://", "https://")):
        return _bytes(Path(source))
    import signing
    from edo_service.adapters.outbound import Outbound

    found = Outbound(deadline=120).fetch(signing.FetchRequest(kind="certificate", url=source))
    if found is None:
        _refuse(f"{source}: не отвечает")
    return found


def _network(moment: datetime) -> "signing.EvidenceSource":
    import signing
    from edo_service.adapters.outbound import Outbound
    from edo_service.settings import Settings

    base = Settings().demo_pki_url
    outbound = Outbound(mapped={"pki.demo.test": base} if base else {})
    return signing.FetchingEvidence(outbound.fetch, signing.MemoryCache(), moment)


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f"--at: {text!r} — это не время ISO 8601")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")


def _refuse(why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    raise typer.Exit(UNUSABLE)
