"""«Выгрузка готова»: a letter to whoever ordered it."""

import uuid
from uuid import UUID

from edo_service.accounts import queries as accounts
from edo_service.archiving.taking import take_export
from edo_service.errors import NotFound
from edo_service.kernel.letters import Letter
from edo_service.kernel.uow import UnitOfWork
from edo_service.web.filters import day, plural


def write_letter(export_id: UUID, *, address: str, uow: UnitOfWork) -> Letter | None:
    """The letter, always the same one; None when nobody can get it: the person has left, or logs in by a phone."""
    with uow.reading() as reading:
        export = take_export(reading, export_id)
        company = accounts.entity(reading, export.owner_id)
        try:
            member = accounts.member(reading, export.person_id, export.owner_id) if export.person_id else None
        except NotFound:
            member = None
    if member is None or "@" not in member.login or export.state != "ready":
        return None
    sets = plural(export.sets, "комплект", "комплекта", "комплектов").replace("\u00a0", " ")
    return Letter(
        id=uuid.uuid5(export.id, "ready"),
        to=member.login,
        subject=" ".join(f"Выгрузка из архива готова: {export.title}".split()),
        text=(
            f"{member.given_name} {member.patronymic}".strip() + ",\n\n"
            f"выгрузка «{export.title}» готова: {sets}, {company.name}. Скачать её можно до {day(export.expires_at)}.\n\n"
            f"Открыть: {address}/o/{company.code}/archive/exports\n\n"
            f"SHA-256 файла: {export.sha256}\n\n"
            "Письмо отправлено автоматически, отвечать на него не нужно.\n"
        ),
    )
