"""Writing a container for the operator: meta.xml, card.xml, the file, its signature and, when given, warrant.xml."""

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime

from operators.port import PowerRef
from operators.taxcom import layout
from operators.taxcom.account import TaxcomCabinet
from operators.taxcom.markup import add, start, written
from operators.taxcom.moments import to_wire

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
NAME_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One document to be sent.

    `docflow` and `parent`: the docflow and the document that are answered, None for a new docflow. `content` None for
    a bare signature. `receiver`: the other side's participant id. `power`: what the signature rests on.
    """

    transaction: str
    regulation: str
    type_name: str
    external_id: str
    title: str
    receiver: str
    at: datetime
    file_name: str
    content: bytes | None = field(repr=False)
    signature: bytes = field(repr=False)
    resign: bool = False
    comment: str | None = None
    docflow: str | None = None
    parent: str | None = None
    power: PowerRef | None = None


def pack(parcel: Parcel, cabinet: TaxcomCabinet) -> bytes:
    """Write the container: the same bytes for the same parcel."""
    image = _inside(_file_name(parcel.file_name))
    signature = f"{image}.p7s"
    card_path = _inside(layout.CARD_FILE)
    files: list[tuple[str, bytes]] = [
        (layout.META_FILE, _meta(parcel, image, signature, card_path)),
        (card_path, _card(parcel, cabinet)),
    ]
    if parcel.content is not None:
        files.append((image, parcel.content))
    files.append((signature, parcel.signature))
    if parcel.power is not None:
        files.append((layout.WARRANT_FILE, _warrant(parcel.power, signature)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files:
            archive.writestr(zipfile.ZipInfo(path, ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _meta(parcel: Parcel, image: str, signature: str, card_path: str) -> bytes:
    root = start("ContainerDescription", layout.META)
    root.set("RequestDateTime", to_wire(parcel.at))
    docflow = add(root, "DocFlow", {} if parcel.docflow is None else {"Id": parcel.docflow})
    document = add(
        add(docflow, "Documents", {}),
        "Document",
        {"ReglamentCode": parcel.regulation, "TransactionCode": parcel.transaction},
    )
    files = add(document, "Files", {})
    if parcel.content is not None:
        add(files, "MainImage", {"Path": image, "Name": parcel.file_name})
    add(files, "MainImageSignature", {"Path": signature})
    add(files, "ExternalCard", {"Path": card_path})
    return written(root, "utf-8")


def _card(parcel: Parcel, cabinet: TaxcomCabinet) -> bytes:
    root = start("Card", layout.CARD)
    ids = {"ExternalIdentifier": parcel.external_id}
    if parcel.parent is not None:
        ids["ParentDocumentInternalId"] = parcel.parent
    add(root, "Identifiers", ids)
    add(root, "Type", {"Name": parcel.type_name, "ResignRequired": "true" if parcel.resign else "false"})
    said = {"Title": parcel.title, "Date": to_wire(parcel.at)}
    description = add(root, "Description", said | ({"Comment": parcel.comment} if parcel.comment else {}))
    if parcel.power is not None:
        added = {"Name": layout.WARRANT_PARAMETER, "Value": layout.WARRANT_FILE}
        add(add(description, "AdditionalData", {}), "AdditionalParameter", added)
    sender = {"Id": cabinet.participant_id, "Name": cabinet.name, "Inn": cabinet.inn, "Kpp": cabinet.kpp or ""}
    add(add(root, "Sender", {}), "Abonent", {name: value for name, value in sender.items() if value})
    add(add(root, "Receiver", {}), "Abonent", {"Id": parcel.receiver})
    return written(root, layout.CARD_ENCODING)


def _warrant(power: PowerRef, signature: str) -> bytes:
    root = start("Warrant", layout.WARRANT)
    card = add(root, "WarrantCard", {})
    meta = {
        "ID": power.number,
        "Issuer": power.issuer_inn,
        "Representative": power.representative_inn or "",
        "Link": layout.WARRANT_LINK,
    }
    add(add(card, "Description", {}), "Meta", {name: value for name, value in meta.items() if value})
    add(add(card, "ToSign", {}), "DocSign", {"File": signature})
    terms = {layout.VALID_FROM: power.valid_from, layout.VALID_TO: power.valid_to}
    known = {name: day for name, day in terms.items() if day is not None}
    if known:
        data = add(card, "AdditionalData", {})
        for name, day in known.items():
            add(data, "AdditionalParameter", {"Name": name, "Value": f"{day:%d.%m.%Y}"})
    return written(root, "utf-8")


def _file_name(name: str) -> str:
    """A name that is safe as the last part of a path; what the recipient sees is MainImage/@Name."""
    kept = "".join(each if each.isprintable() and each not in '\\/:*?"<>|' else "_" for each in name)
    return kept.strip(". ")[-NAME_LIMIT:] or "document"


def _inside(name: str) -> str:
    return f"{layout.FOLDER}/{name}"
