"""The canary's report: journalled when the store's protection fails or comes back, and told to those who must act."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import archive
from edo_service.kernel.actor import Actor
from edo_service.kernel.journal import PLATFORM, reading
from edo_service.kernel.letters import Letter
from edo_service.kernel.uow import UnitOfWork
from edo_service.safekeeping import rules

ACTOR = "archiving.scrub"


def note_canary(report: archive.CanaryReport, *, to: Sequence[str], uow: UnitOfWork) -> list[Letter]:
    """Record what the canary's report changes; the letters that must go out now, none when nothing new happened.

    A harmed canary is told at once and then once a day, a healed one once.
    """
    broken = [f"{name}: {detail}" for name, refused, detail in report.attempts if not refused]
    with uow:
        now = uow.clock.now()
        harmed, well = reading.last(uow, rules.CANARY_HARMED), reading.last(uow, rules.CANARY_WELL)
        alarmed = harmed is not None and (well is None or well.id < harmed.id)
        if report.ok and not alarmed:
            return []
        if not report.ok and alarmed and harmed is not None and now < harmed.at + rules.ALARM_AGAIN:
            return []
        event = rules.CANARY_WELL if report.ok else rules.CANARY_HARMED
        entry = uow.journal.write(
            event, owner_id=PLATFORM, subject="archive:store", actor=Actor.system(ACTOR), attempts=broken
        )
        uow.commit()
    return [_letter(entry, address, broken, now) for address in to]


def _letter(entry: uuid.UUID, to: str, broken: Sequence[str], now: datetime) -> Letter:
    if not broken:
        subject, text = "Архив снова защищён", "Хранилище снова отказывает во всём, в чём должно отказывать.\n"
    else:
        subject = "Архив не защищён: хранилище разрешило то, что обязано запрещать"
        lines = "\n".join(f"— {one}" for one in broken)
        text = (
            "Проверка защиты архива не прошла. Пока она не пройдёт, новые комплекты могут оказаться без защиты от "
            f"удаления.\n\nЧто не было отклонено:\n{lines}\n\n"
            "Проверьте настройки хранилища (Object Lock, режим COMPLIANCE) и выполните: edo archive canary\n"
        )
    return Letter(id=uuid.uuid5(entry, to), to=to, subject=subject, text=f"{now:%d.%m.%Y %H:%M} UTC\n\n{text}")
