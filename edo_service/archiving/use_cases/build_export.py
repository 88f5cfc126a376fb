"""Build an ordered export: set by set into one ZIP on the disk, then onto the shelf. Memory does not grow with the sets."""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import select

import archive
from edo_service.archiving import registers
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.desk_tables import ArchiveCheck, ArchiveExportSet
from edo_service.archiving.registers import Cell
from edo_service.archiving.retention import TERMS
from edo_service.archiving.rules import EXPORT, EXPORT_LIFE, ExportEvent
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.supplement_tables import PackageSupplement
from edo_service.archiving.tables import ArchiveAccess, Package, PackagePart
from edo_service.archiving.taking import parts_of, supplements_of, take, take_export
from edo_service.archiving.use_cases.export import EXPIRE, name_of
from edo_service.archiving.use_cases.supplement import own_name
from edo_service.archiving.use_cases.take_out import write_set
from edo_service.errors import Unavailable
from edo_service.kernel import workflow
from edo_service.kernel.actor import Actor
from edo_service.kernel.calendar import moscow_date
from edo_service.kernel.uow import UnitOfWork

LETTER = "archive.export_letter"
_PIECE = 1024 * 1024
_TELL_EVERY = timedelta(seconds=2)
_FOR_TAX = frozenset({"title", "document", "service", "signature"})
_WORDS = {"title": "титул", "document": "документ", "service": "служебное сообщение", "signature": "подпись"}
HEAD = ("№", "Папка или архив", "Вид", "Документ", "Номер", "Дата", "Контрагент", "ИНН", "Сумма, ₽", "SHA-256 описи")
FILES_HEAD = ("№ комплекта", "Роль", "Файл", "Что подписывает", "Размер, байт", "SHA-256")
README = """Выгрузка из архива электронных документов.

Реестр.xlsx и Реестр.csv: что здесь лежит, по строке на комплект.
{files}
Опись по формату ФНС сюда не входит: её составляет программа отчётности по своему формату.
"""
_README_FILES = {
    "verified": "Каждый комплект лежит в своём архиве ZIP. Как его проверить без портала, сказано внутри, в файле ПРОЧТИ.txt.",
    "audit": (
        "Каждый комплект лежит в своём архиве ZIP, проверка описана внутри, в файле ПРОЧТИ.txt.\n"
        "Доступ.csv: кто и зачем смотрел комплекты. Сроки.csv: до какого дня и по какому закону они хранятся. "
        "Проверки.csv: что показали проверки целости."
    ),
    "tax": "Папка на комплект: файлы обмена как есть и подписи к ним. Файлы.csv: все файлы с ролями и SHA-256.",
}


def build_export(export_id: UUID, *, actor: Actor, uow: UnitOfWork, desk: ArchiveDesk, shelf: ExportShelf) -> None:
    """Build the export, put it on the shelf, promise the letter and the end of its life. Done already: nothing.

    Unavailable when a store does not answer (the job tries again from the beginning); archive.ArchiveError for damage.
    """
    with uow:
        export = take_export(uow, export_id)
        if export.state not in {"queued", "building"}:
            return
        if export.state == "queued":
            workflow.move(uow.session, export, "state", ExportEvent.BUILD, EXPORT, actor=actor, at=uow.clock.now())
        export.done = 0
        uow.commit()
    with tempfile.TemporaryFile() as file:  # without a name: whole sets go with this process, however that ends
        try:
            _Builder(export_id=export_id, kind=export.kind, uow=uow, desk=desk).write(file)
        except archive.StoreUnavailable as error:
            raise Unavailable("archive.store_silent", reason=str(error)) from error
        file.flush()
        path = Path(f"/proc/self/fd/{file.fileno()}")
        sha256, size = _measure(path)
        shelf.put(name_of(export_id), path)
    with uow:
        export = take_export(uow, export_id)
        now = uow.clock.now()
        export.size, export.sha256, export.done = size, sha256, export.sets
        export.ready_at, export.expires_at = now, now + EXPORT_LIFE
        workflow.move(uow.session, export, "state", ExportEvent.READY, EXPORT, actor=actor, at=now)
        about = {"export_id": str(export_id)}
        uow.jobs.put(LETTER, owner_id=export.owner_id, key=str(export_id), queue="mail", payload=about)
        uow.jobs.put(
            EXPIRE,
            owner_id=export.owner_id,
            key=str(export_id),
            queue="archive",
            payload=about,
            run_after=export.expires_at,
        )
        uow.commit()


def fail_export(export_id: UUID, trouble: str, *, actor: Actor, uow: UnitOfWork) -> None:
    """Show that the export could not be built, and why. Ended already: nothing."""
    with uow:
        export = take_export(uow, export_id)
        if EXPORT.allows(export.state, ExportEvent.FAIL):
            export.trouble = trouble
            workflow.move(uow.session, export, "state", ExportEvent.FAIL, EXPORT, actor=actor, at=uow.clock.now())
            uow.commit()


class _Builder:
    """One run over the sets of an export."""

    def __init__(self, *, export_id: UUID, kind: str, uow: UnitOfWork, desk: ArchiveDesk) -> None:
        self._export_id = export_id
        self._kind = kind
        self._uow = uow
        self._desk = desk
        self._told = desk.now()

    def write(self, file: IO[bytes]) -> None:
        """Write the whole ZIP."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as bundle:
            bundle.writestr("ПРОЧТИ.txt", README.format(files=_README_FILES[self._kind]))
            for place, package_id in self._sets():
                with self._uow.reading() as reading:
                    package, parts = take(reading, package_id), parts_of(reading, package_id)
                    late = supplements_of(reading, package_id)
                self._one(bundle, place, package, parts, late)
                self._tell(place)
            self._register(bundle, "Реестр", HEAD, self._lines)
            if self._kind == "tax":
                self._table(bundle, "Файлы.csv", FILES_HEAD, self._files())
            if self._kind == "audit":
                head = ("№ комплекта", "Когда, МСК", "Кто", "Что сделал", "Зачем")
                self._table(bundle, "Доступ.csv", head, self._accesses())
                self._table(
                    bundle, "Сроки.csv", ("№ комплекта", "Хранить до", "Срок", "Закон", "Запрет"), self._terms()
                )
                self._table(bundle, "Проверки.csv", ("№ комплекта", "Когда, МСК", "Кто", "Повреждено"), self._checks())

    def _one(
        self,
        bundle: zipfile.ZipFile,
        place: int,
        package: Package,
        parts: Sequence[PackagePart],
        late: Sequence[PackageSupplement],
    ) -> None:
        name = folder_of(place, package)
        if self._kind != "tax":
            with bundle.open(f"{name}.zip", "w", force_zip64=True) as inner:
                write_set(package, parts, inner, desk=self._desk, supplements=late)  # type: ignore[arg-type]  # it writes only
            return
        for part, file_name in _named(parts):
            with (
                bundle.open(f"{name}/{file_name}", "w", force_zip64=True) as target,
                self._desk.store.open(f"{package.owner_id}/{part.sha256}") as source,
            ):
                while piece := source.read(_PIECE):
                    target.write(piece)

    def _sets(self) -> Sequence[tuple[int, UUID]]:
        query = select(ArchiveExportSet.position, ArchiveExportSet.package_id)
        with self._uow.reading() as reading:
            rows = reading.session.execute(
                query.where(ArchiveExportSet.export_id == self._export_id).order_by(ArchiveExportSet.position)
            )
            return [(place, package_id) for place, package_id in rows]

    def _packages(self) -> Iterator[tuple[int, Package]]:
        for place, package_id in self._sets():
            with self._uow.reading() as reading:
                package = take(reading, package_id)
            yield place, package

    def _lines(self) -> Iterator[Sequence[Cell]]:
        for place, one in self._packages():
            total = None if one.total is None else one.total.rubles
            where = folder_of(place, one) + ("" if self._kind == "tax" else ".zip")
            names = TERMS[one.kind].name if one.kind in TERMS else one.kind
            yield (
                place, where, names, one.title, one.number, one.dated, one.counterparty_name, one.counterparty_inn,
                total, one.manifest_sha256,
            )  # fmt: skip

    def _files(self) -> Iterator[Sequence[Cell]]:
        for place, one in self._packages():
            with self._uow.reading() as reading:
                parts = parts_of(reading, one.id)
            files = _named(parts)
            known = {(part.sha256, own_name(part)): file_name for part, file_name in files}
            names = {part.name: known.get((part.sha256, own_name(part)), part.name) for part in parts}
            for part, file_name in files:
                where, of_name = f"{folder_of(place, one)}/{file_name}", part.of_name or ""
                yield place, _WORDS[part.role], where, names.get(of_name, of_name), part.size, part.sha256

    def _accesses(self) -> Iterator[Sequence[Cell]]:
        for place, one in self._packages():
            query = select(ArchiveAccess).where(ArchiveAccess.package_id == one.id).order_by(ArchiveAccess.at)
            with self._uow.reading() as reading:
                rows = reading.session.scalars(query).all()
            for row in rows:
                yield place, _moment(row.at), row.person_name, row.act, row.purpose

    def _terms(self) -> Iterator[Sequence[Cell]]:
        for place, one in self._packages():
            term = TERMS.get(one.retention_kind)
            words, law = (term.words, term.law) if term else ("", "")
            yield place, moscow_date(one.retain_until), words, law, "да" if one.held else "нет"

    def _checks(self) -> Iterator[Sequence[Cell]]:
        for place, one in self._packages():
            query = select(ArchiveCheck).where(ArchiveCheck.package_id == one.id).order_by(ArchiveCheck.at)
            with self._uow.reading() as reading:
                rows = reading.session.scalars(query).all()
            for row in rows:
                yield place, _moment(row.at), row.person_name, ", ".join(row.damaged.get("parts", ())) or "нет"

    def _register(
        self,
        bundle: zipfile.ZipFile,
        name: str,
        head: Sequence[str],
        rows: Callable[[], Iterator[Sequence[Cell]]],
    ) -> None:
        self._table(bundle, f"{name}.csv", head, rows())
        with bundle.open(f"{name}.xlsx", "w", force_zip64=True) as target:
            registers.write_xlsx(target, head, rows())  # type: ignore[arg-type]  # it writes only

    def _table(self, bundle: zipfile.ZipFile, name: str, head: Sequence[str], rows: Iterator[Sequence[Cell]]) -> None:
        with bundle.open(name, "w", force_zip64=True) as target:
            registers.write_csv(target, head, rows)  # type: ignore[arg-type]  # it writes only

    def _tell(self, done: int) -> None:
        """Progress, every two seconds at most."""
        now = self._desk.now()
        if now - self._told < _TELL_EVERY:
            return
        self._told = now
        with self._uow as uow:
            take_export(uow, self._export_id).done = done
            uow.commit()


def folder_of(place: int, package: Package) -> str:
    """Name of a set within an export: its place and title, safe as a file's name."""
    return f"{place:04d} {safe(package.title)[:80].strip('. ')}"


def safe(name: str) -> str:
    """The name without what file systems take amiss; never empty."""
    kept = "".join("_" if letter in '\\/:*?"<>|' or not letter.isprintable() else letter for letter in name)
    return kept.strip(". ") or "_"


def file_names(names: Sequence[str]) -> Sequence[str]:
    """Safe names for files of one folder, each once, whatever the letters' case: «a.xml», «a (2).xml»."""
    taken: set[str] = set()
    found = []
    for name in names:
        first = one = safe(name)
        stem, dot, ending = first.rpartition(".")
        number = 2
        while one.casefold() in taken:
            one = f"{stem} ({number}){dot}{ending}" if stem else f"{first} ({number})"
            number += 1
        taken.add(one.casefold())
        found.append(one)
    return found


def _named(parts: Sequence[PackagePart]) -> Sequence[tuple[PackagePart, str]]:
    """The parts that a tax office is given, with their names in the folder of the set.

    Those of supplements go by their own names; a file that stands in one only with a late signature is given once.
    """
    given: dict[tuple[str, str], PackagePart] = {}
    for part in parts:
        if part.role in _FOR_TAX:
            given.setdefault((part.sha256, own_name(part)), part)
    return list(zip(given.values(), file_names([own_name(part) for part in given.values()]), strict=True))


def _moment(at: object) -> str:
    from edo_service.web.filters import moment

    return moment(at)  # type: ignore[arg-type]  # a moment of a row


def _measure(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
