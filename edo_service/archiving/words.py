"""What a set is found by: its words, and exact things (ИНН, number, contract, VIN, signer, certificate) as marks among them.

A mark is a word that nobody writes, `zz`, a letter for the field and the folded value: one full text answers everything.
SQLite keeps it in `package_fts` (FTS5, prefixes; endings are cut from the question), PostgreSQL in `package.text_vector`
(the dictionary `russian` for words, `simple` for marks).
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import REGCONFIG

from edo_service import formats
from edo_service.archiving.late import AnnulmentPaper
from edo_service.archiving.tables import Package
from edo_service.documents.queries import Card, PartCard
from edo_service.documents.stamps import certificate_of
from edo_service.errors import Unavailable
from edo_service.kernel.objects import ObjectStore
from edo_service.kernel.tables import fold
from edo_service.kernel.uow import UnitOfWork
from edo_service.portal.pictures import draw

LONGEST_TEXT = 200_000
LONGEST_WORD = 80
FIELDS: Mapping[str, str] = {
    "counterparty": "c", "inn": "i", "number": "n", "contract": "k", "vin": "v", "signer": "s", "certificate": "f",
}  # fmt: skip
BY_WORDS = frozenset({"counterparty", "signer"})
"""Fields whose value is several words, each found by its beginning; the others are found by the beginning of the whole."""
_WORD = re.compile(r"[^\W_]+")
_VIN = re.compile(r"(?<![A-Z0-9])(?=[A-Z0-9]*[0-9])(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])")
_NUMBERED = re.compile(r"№\s*([^\s,;]+)")
_ENDING_WORDS = (
    "ами ями ого его ому ему ыми ими ия ие ии ию ией иям иях ый ий ой ая яя ое ее ые ую юю ых их ым им ом ем ах ях "
    "ов ев ей ам ям а я о е ы и у ю ь й"
)
_ENDINGS = tuple(sorted(_ENDING_WORDS.split(), key=len, reverse=True))
_SHORTEST_STEM = 4


@dataclass(frozen=True, kw_only=True)
class Words:
    """Plain words and marks of one set, each separated by spaces."""

    text: str
    marks: str


def tokens(said: str) -> list[str]:
    """The words of a text as they are kept and asked for: folded letters and digits only."""
    return [one[:LONGEST_WORD] for one in _WORD.findall(fold(said))]


def marks(field: str, value: str) -> list[str]:
    """The marks of a value: of each of its words, or of all its letters and digits in one."""
    head = f"zz{FIELDS[field]}"
    found = tokens(value)
    if field in BY_WORDS:
        return [head + one for one in found]
    return [(head + "".join(found))[:LONGEST_WORD]] if found else []


def words_of(card: Card, objects: ObjectStore, *, annulments: Sequence[AnnulmentPaper] = ()) -> Words:
    """Words of the document's facts and of its files: XML by its reading, PDF by its text. What cannot be read adds none.

    `annulments`: papers that are no files of the document; their names and what they say are words of the set too.
    """
    line = card.line
    said = [
        line.title, card.number, line.counterparty_name, line.counterparty_inn, card.refusal_reason or "",
        *_strings(card.facts), *(part.file_name for part in card.parts),
        *(said for paper in annulments for said in (paper.name, paper.text)),
    ]  # fmt: skip
    for part in card.parts:
        said.extend(_said_in(part, objects.get(card.owner_id, part.sha256)))
    whole = " ".join(said)[:LONGEST_TEXT]
    found = [
        *marks("counterparty", line.counterparty_name), *marks("inn", line.counterparty_inn),
        *marks("number", card.number), *_contracts(card),
        *(mark for vin in _VIN.findall(whole.upper()) for mark in marks("vin", vin)), *_signers(card),
    ]  # fmt: skip
    return Words(text=" ".join(dict.fromkeys(tokens(whole))), marks=" ".join(dict.fromkeys(found)))


def write_words(uow: UnitOfWork, package: Package, words: Words) -> None:
    """Put the words of a set of this unit of work in place of those that were there."""
    session = uow.session
    package.indexed_at = uow.clock.now()
    session.flush()
    if uow.database.is_sqlite:
        forget_words(uow, package)
        put = text("INSERT INTO package_fts(words) VALUES (:words)")
        package.text_row = session.connection().execute(put, {"words": f"{words.text} {words.marks}"}).lastrowid
        session.flush()
        return
    vector = func.to_tsvector(_config("russian"), words.text).op("||")(func.to_tsvector(_config("simple"), words.marks))
    _set_vector(uow, package, vector)


def forget_words(uow: UnitOfWork, package: Package) -> None:
    """Take the words of a set away: nothing of its content is found any more."""
    if not uow.database.is_sqlite:
        _set_vector(uow, package, None)
    elif package.text_row is not None:
        uow.session.execute(text("DELETE FROM package_fts WHERE rowid = :row"), {"row": package.text_row})
        package.text_row = None


def condition(question: str, fields: Mapping[str, str], *, is_sqlite: bool) -> ColumnElement[bool] | None:
    """Sets that hold every word of the question and of the fields, by their beginnings. None when nothing is asked."""
    plain = tokens(question)
    exact = [mark for name, value in fields.items() for mark in marks(name, value)]
    if not plain and not exact:
        return None
    if is_sqlite:
        asked = " ".join(f'"{one}"*' for one in (*(stem(word) for word in plain), *exact))
        rows = text("SELECT rowid FROM package_fts WHERE package_fts MATCH :asked").bindparams(asked=asked)
        return Package.text_row.in_(rows.columns(Package.text_row))
    queries = [
        func.to_tsquery(_config(dictionary), " & ".join(f"{one}:*" for one in found))
        for dictionary, found in (("russian", plain), ("simple", exact))
        if found
    ]
    query = queries[0] if len(queries) == 1 else queries[0].op("&&")(queries[1])
    return Package.text_vector.op("@@")(query)


def stem(word: str) -> str:
    """The word without its ending, to be asked for by its beginning: «договора» finds «договором». Numbers stay whole."""
    if word.isalpha():
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
                return word[: -len(ending)]
    return word


def _set_vector(uow: UnitOfWork, package: Package, vector: Any) -> None:
    uow.session.execute(
        update(Package)
        .where(Package.id == package.id, Package.owner_id == package.owner_id)
        .values(text_vector=vector)
        .execution_options(synchronize_session=False)
    )


def _config(name: str) -> ColumnElement[Any]:
    return cast(literal_column(f"'{name}'"), REGCONFIG)


def _said_in(part: PartCard, content: bytes) -> Iterable[str]:
    if part.media_type == "application/xml":
        try:
            return _strings(formats.read_any(content))
        except formats.FormatError:
            return ()
    if part.media_type == "application/pdf" and content.startswith(b"%PDF"):
        try:
            return [page.text for page in draw(content, width=16).pages]
        except Unavailable:
            return ()
    return ()


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for one in value:
            yield from _strings(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _strings(getattr(value, field.name))


def _contracts(card: Card) -> Iterator[str]:
    if card.line.kind == "contract":
        yield from marks("contract", card.number)
    basis = card.facts.get("basis") or ()
    for one in basis if isinstance(basis, list | tuple) else ():
        for number in _NUMBERED.findall(str(one)):
            yield from marks("contract", number)


def _signers(card: Card) -> Iterator[str]:
    for part in card.parts:
        for row in part.signatures:
            certificate = certificate_of(row)
            yield from marks(
                "signer", f"{row.signer_name or ''} {row.signer_organization or ''} {row.signer_inn or ''}"
            )
            for name in ("serial", "sha256"):
                yield from marks("certificate", str(certificate.get(name) or ""))


def unindexed(uow: UnitOfWork, *, limit: int) -> Sequence[Package]:
    """Sets of the scope whose words have not been written yet (they came before the full text), oldest first."""
    query = select(Package).where(Package.indexed_at.is_(None), Package.state != "disposed")
    return uow.session.scalars(query.order_by(Package.id).limit(limit)).all()
