"""Sets on their way out: one ZIP for one set, a ZIP of such ZIPs for several."""

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

from starlette.responses import Response

from edo_service.archiving import queries
from edo_service.archiving.desk import ArchiveDesk
from edo_service.archiving.shelf import ExportShelf
from edo_service.archiving.use_cases.take_out import take_out
from edo_service.portal import Viewer
from edo_service.portal.downloads import stream

ZIP = "application/zip"
_PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class ArchivePorts:
    """What the pages need from outside; given by `main`."""

    desk: ArchiveDesk
    shelf: ExportShelf


def send_out(packages: Sequence[UUID], purpose: str, *, viewer: Viewer, ports: ArchivePorts) -> Response:
    """The download. Each set is journalled with the purpose. NotFound, Forbidden, Conflict before anything is sent."""

    def write_one(out: BinaryIO, package: UUID) -> str:
        return take_out(package, out, purpose=purpose, actor=viewer.actor, uow=viewer.uow(), desk=ports.desk)

    def write_all(out: BinaryIO) -> str:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as bundle:
            for number, package in enumerate(packages, start=1):
                with tempfile.TemporaryFile() as one:
                    name = write_one(one, package).replace("/", "_")
                    one.seek(0)
                    with bundle.open(f"{number:02d} {name}", "w", force_zip64=True) as target:
                        while piece := one.read(_PIECE):
                            target.write(piece)
        return f"Комплекты {len(packages)}.zip"

    for package in packages:
        queries.set_card(package, uow=viewer.uow().reading())
    return stream(lambda out: write_one(out, packages[0]) if len(packages) == 1 else write_all(out), media_type=ZIP)
