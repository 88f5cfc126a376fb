"""What went wrong with a job, in Russian: the recorded error is a class, a code or a defect's own words."""

import re
from collections.abc import Mapping

from edo_service.texts.errors import PHRASES, phrase

JOBS: Mapping[str, str] = {
    "archive.clear": "Убрать вне архива то, что осталось от уничтоженных комплектов",
    "archive.dispose": "Исполнить акт об уничтожении",
    "archive.export": "Собрать выгрузку из архива",
    "archive.export_expire": "Удалить выгрузку, срок которой вышел",
    "archive.export_letter": "Сообщить, что выгрузка готова",
    "archive.index": "Прочитать слова комплектов для поиска",
    "archive.protect": "Передать хранилищу сроки и запреты",
    "evidence.stamp": "Поставить метку времени на корень дня",
    "evidence.refresh": "Обновить подписи в архиве",
    "evidence.lengthen": "Продлить хранение доказательств",
    "document.finished": "Передать комплект в архив",
    "document.late": "Дополнить комплект в архиве",
    "document.letter": "Отправить письмо",
    "document.receipt": "Подготовить извещение о получении",
    "document.sign": "Подписать документ",
    "document.signed": "Передать подписанный документ",
    "exchange.annul": "Передать оператору аннулирование",
    "exchange.recheck": "Проверить подпись ещё раз",
    "exchange.event": "Разобрать новость оператора",
    "exchange.invitations": "Пригласить компании по списку",
    "exchange.reminder": "Напомнить о сроке",
    "exchange.relation": "Передать оператору приглашение или ответ",
    "exchange.retake": "Проверить подпись под аннулированием ещё раз",
    "exchange.tell": "Отправить извещение о получении",
    "exchange.poll": "Спросить оператора о новостях",
    "journal.keep_head": "Сохранить вершину журнала в архив",
    "key.kept": "Подписать извещения новым ключом",
}
"""Job kind → what it was to do. A test compares it with the handlers that there are."""

_CLASSES: Mapping[str, str] = {
    "Conflict": "Оператор не может сделать это сейчас: состояние у него уже другое.",
    "CursorLost": "Оператор забыл наше место в ленте. Перечитываем её по времени.",
    "InProgress": "Оператор ещё работает над этим. Спросим снова сами.",
    "OutcomeUnknown": "Не знаем, дошло ли. Проверяем у оператора, второй раз не отправим.",
    "RateLimited": "Оператор просит подождать: слишком много запросов. Повторим сами.",
    "RecipientRefuses": "Получатель не принимает документы от вашей компании.",
    "RoamingUnavailable": "Путь к оператору получателя ещё не настроен.",
    "Temporary": "Оператор не отвечает. Повторим сами, делать ничего не нужно.",
    "Unsupported": "Этот оператор так не умеет.",
    "AuthExpired": "Оператор не принял логин и пароль. Проверьте подключение в «Настройках ЭДО».",
    "PersonNeeded": "Оператор просит подтвердить вход. Откройте «Настройки ЭДО» и войдите заново.",
    "NotConfirmed": "Вход у оператора ещё не подтверждён.",
    "BadAnswer": "Оператор ответил не по своему формату. Повторите позже.",
    "BadKey": "Ключ подписи не читается. Проверьте его в «Ключах и сертификатах».",
    "BadCertificate": "Сертификат не читается. Проверьте его в «Ключах и сертификатах».",
    "BadInput": "Файл или подпись повреждены.",
    "Damaged": "Хранилище архива сообщает о повреждении. Нужен администратор портала.",
    "Forbidden": "Оператор не даёт доступа к ящику. Проверьте права учётной записи у оператора.",
    "Invalid": "Оператор отказался принять файл: запрос составлен неверно.",
    "NotWorm": "Хранилище архива не защищает записанное. Нужен администратор портала.",
    "SubscriptionRequired": "У оператора не оплачен доступ к обмену.",
    "TooLarge": "Файл больше, чем принимает оператор.",
}
_FACT = re.compile(r"(\w+)=(?:'([^']*)'|([\w.-]+))")
_CODE = re.compile(r"(?:\w+: )?([a-z_]+\.[a-z_]+)(?:\((.*)\))?$", re.DOTALL)


def failure_words(error: str) -> str:
    """A sentence for a person: what happened and what to do. The recorded text itself is shown apart."""
    found = _CODE.match(error)
    if found is not None and found[1] in PHRASES:
        facts = {name: text or plain for name, text, plain in _FACT.findall(found[2] or "")}
        return phrase(found[1], **facts)
    name = error.partition(":")[0]
    if name in _CLASSES:
        return _CLASSES[name]
    if error.startswith("lease ran out") or not error:
        return "Работа прерывалась несколько раз подряд: сервер останавливали или ему не хватало памяти. Повторите."
    if error.startswith("no handler"):
        return "Эта версия портала не знает такого задания. Сообщите в поддержку."
    return "Сбой портала. Повторите; если не поможет, перешлите в поддержку текст из подробностей."
