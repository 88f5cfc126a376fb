"""`edo sign`: make a signature of a file (CAdES) or inside a PDF (PAdES), with a key in a file or on a token."""

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edo_service.cli.files import read_file, refuse
from edo_service.cli.keys import KeyFile, open_key
from edo_service.cli.network import FirstFound, authorities, network_evidence, timestamper

if TYPE_CHECKING:
    import signing

UNAVAILABLE = 69
_PASSWORD = "EDO_KEY_PASSWORD"  # noqa: S105 the name of a variable


class Level(StrEnum):
    """How much proof goes in: none, a time-stamp, evidence, an archive time-stamp."""

    BES = "BES"
    T = "T"
    XLT1 = "XLT1"
    A = "A"


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What is to be signed and how."""

    file: Path
    out: Path
    holder: KeyFile
    level: Level
    at: datetime
    tsa: list[str]
    store: "signing.TrustStore"
    evidence: "signing.EvidenceSource"

    @property
    def timestamper(self) -> "signing.HttpTimestamper | None":
        return None if self.level is Level.BES else timestamper(self.tsa)


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(sign)


def sign(
    file: Annotated[Path, typer.Argument(help="What to sign.")],
    *,
    key: Annotated[
        str, typer.Option(help="A key: PKCS#8 (PEM, DER), PKCS#12, or a PKCS#11 address (RFC 7512: pkcs11:token=…).")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to write the signature, or the signed PDF.")],
    certificate: Annotated[Path | None, typer.Option(help="The key's certificate; a container may hold it.")] = None,
    chain: Annotated[list[Path] | None, typer.Option(help="Certificates to put beside it; may be repeated.")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help=f"The key's password or PIN; otherwise {_PASSWORD} or a question.")
    ] = None,
    level: Annotated[Level, typer.Option(help="BES, T, XLT1, A; in a PDF: B, T, LT, LTA.")] = Level.BES,
    pdf: Annotated[bool, typer.Option("--pdf", help="Sign inside the PDF (PAdES).")] = False,
    stamp: Annotated[bool, typer.Option("--stamp", help="Draw the mark of the signature on the last page.")] = False,
    attached: Annotated[bool, typer.Option("--attached", help="Put the content into the signature file.")] = False,
    beside: Annotated[Path | None, typer.Option(help="Add one more signer to this signature of the file.")] = None,
    tsa: Annotated[
        list[str] | None, typer.Option(help="A time-stamping authority (URL), otherwise EDO_TSA_URLS; may be repeated.")
    ] = None,
    trust: Annotated[list[Path] | None, typer.Option(help="Trust anchors, for XLT1 and A; may be repeated.")] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="A CRL, for XLT1 and A; may be repeated.")] = None,
    offline: Annotated[bool, typer.Option(help="Fetch no evidence from the network.")] = False,
) -> None:
    """Sign a file. Exit 0 done, 64 unusable input, 69 a service (TSA, library of ГОСТ) cannot be reached."""
    import signing

    urls = authorities(tsa) if level is not Level.BES else []
    _check(pdf=pdf, stamp=stamp, attached=attached, beside=beside, level=level, tsa=urls)
    moment = datetime.now(UTC)
    try:
        given = signing.OfflineEvidence(crls=[read_file(path) for path in crl or []])
        order = _Order(
            file=file,
            out=out,
            holder=open_key(key, certificate, chain or [], _password(password_file)),
            level=level,
            at=moment,
            tsa=urls,
            store=signing.TrustStore.from_files(trust or []),
            evidence=given if offline else FirstFound(given, network_evidence(moment)),
        )
        if pdf:
            _write(out, _signed_pdf(order, stamp=stamp))
        elif beside is not None:
            _write(out, _beside(order, read_file(beside)))
        else:
            _cades(order, attached=attached)
    except (signing.TimestampFailed, signing.BackendMissing) as error:
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(UNAVAILABLE) from error
    except (signing.SigningError, OSError) as error:
        refuse(str(error))
    typer.echo(f"{out}: {order.holder.certificate.subject.rfc4514}", err=True)


def _check(*, pdf: bool, stamp: bool, attached: bool, beside: Path | None, level: Level, tsa: list[str] | None) -> None:
    if pdf and (attached or beside):
        refuse("--pdf не сочетается с --attached и --beside")
    if stamp and not pdf:
        refuse("--stamp бывает только с --pdf")
    if attached and beside:
        refuse("--attached не сочетается с --beside: новая подпись встанет в тот же файл, что и прежняя")
    if level is not Level.BES and not tsa:
        refuse(f"--level {level.value}: нужна служба штампов времени, --tsa URL или EDO_TSA_URLS")


def _password(path: Path | None) -> bytes | None:
    if path is not None:
        return read_file(path).rstrip(b"\r\n")
    given = os.environ.get(_PASSWORD)
    return given.encode() if given is not None else None


def _signed_pdf(order: _Order, *, stamp: bool) -> bytes:
    import signing

    place = signing.PdfPlace()
    if stamp:
        import fontpkg_ibm_plex_sans  # type: ignore[import-untyped]  # fontpkg publishes no types

        font = (fontpkg_ibm_plex_sans.ROOT / "files" / "IBMPlexSans[wdth,wght].ttf").read_bytes()
        place = signing.PdfPlace(stamp=signing.PdfStamp(font=font))
    holder, authority = order.holder, order.timestamper
    made = signing.sign_pdf(
        read_file(order.file),
        key=holder.key,
        certificate=holder.certificate,
        chain=holder.chain,
        signing_time=order.at.astimezone(),  # the mark shows the time of this machine's zone
        place=place,
        timestamper=authority,
    )
    if order.level in {Level.BES, Level.T}:
        return made
    return signing.extend_pdf(
        made,
        "LT" if order.level is Level.XLT1 else "LTA",
        timestamper=authority,
        trust=order.store,
        evidence=order.evidence,
        at=datetime.now(UTC),  # not before the time-stamp that has just been made
    )


def _cades(order: _Order, *, attached: bool) -> None:
    """A file of any size is signed in flat memory; XLT1 and A take it whole."""
    import signing

    part = order.out.with_name(order.out.name + ".part")
    holder = order.holder
    try:
        with order.file.open("rb") as source, part.open("wb") as target:
            signing.sign_stream(
                source,
                target,
                key=holder.key,
                certificate=holder.certificate,
                chain=holder.chain,
                signing_time=order.at,
                timestamper=order.timestamper,
                detached=not attached,
            )
        if order.level in {Level.XLT1, Level.A}:
            part.write_bytes(_raised(order, part.read_bytes()))
        part.replace(order.out)
    finally:
        part.unlink(missing_ok=True)


def _beside(order: _Order, earlier: bytes) -> bytes:
    import signing

    holder = order.holder
    with order.file.open("rb") as source:
        made = signing.cosign_cades(
            earlier,
            content=source,
            key=holder.key,
            certificate=holder.certificate,
            chain=holder.chain,
            signing_time=order.at,
            timestamper=order.timestamper,
        )
    return made if order.level in {Level.BES, Level.T} else _raised(order, made)


def _raised(order: _Order, cms: bytes) -> bytes:
    import signing

    authority = order.timestamper
    if authority is None:
        return cms
    return signing.augment(
        cms,
        "A" if order.level is Level.A else "XLT1",
        content=read_file(order.file),
        timestamper=authority,
        trust=order.store,
        evidence=order.evidence,
        at=datetime.now(UTC),  # not before the time-stamp that has just been made
    )


def _write(path: Path, content: bytes) -> None:
    """The file appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
