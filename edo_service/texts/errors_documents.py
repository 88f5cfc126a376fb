"""Phrases of documents, exchange and archiving: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "document.already_signed": ("Документ уже подписан.", "The document is signed already."),
    "document.document_absent": ("Документ не найден.", "The document was not found."),
    "document.key_absent": ("Ключ для этой подписи не найден.", "The key for this signature was not found."),
    "document.not_here": (
        "У контрагента «{name}» нет кабинета в этом сервисе: напрямую отправить нельзя.",
        "{name} has no account here: the direct route is not possible.",
    ),
    "document.not_pdf": ("Файл «{file_name}» — не PDF.", "{file_name} is not a PDF."),
    "document.not_yours_to_answer": (
        "На этот документ отвечает другая сторона.",
        "The other party answers this document.",
    ),
    "document.nothing_to_sign": ("Подписывать пока нечего.", "There is nothing to sign yet."),
    "document.part_absent": ("Файл документа не найден.", "The document's file was not found."),
    "document.person_needed": (
        "Это действие выполняет сотрудник, а не система.",
        "A person has to do this, not the system.",
    ),
    "document.reason_empty": ("Укажите причину.", "Give a reason."),
    "document.reason_too_long": ("Причина длиннее {limit} знаков.", "The reason is longer than {limit} characters."),
    "document.refusal_unwritten": (
        "Отказ для этого документа сейчас составить нельзя.",
        "A refusal of this document cannot be written now.",
    ),
    "document.signature_absent": ("Подпись не найдена.", "The signature was not found."),
    "document.signature_unreadable": (
        "Файл подписи не читается: {reason}.",
        "The signature file is unreadable: {reason}.",
    ),
    "document.title_invalid": ("Титул не прошёл проверку: {reason}.", "The title is not valid: {reason}."),
    "document.too_large": (
        "Файл «{file_name}» больше допустимых {limit} байт.",
        "{file_name} is larger than the {limit} bytes allowed.",
    ),
    "document.upd_invalid": (
        "УПД «{file_name}» не прошёл проверку: {reason}",
        "The UPD {file_name} is not valid: {reason}",
    ),
    "document.upd_not_ours": (
        "УПД «{file_name}» нельзя отправить: {obstacles}.",
        "The UPD {file_name} cannot be sent: {obstacles}.",
    ),
    "document.wrong_organization": (
        "Подпись другой организации: ожидался ИНН {expected}, в сертификате {found}.",
        "A signature of another organisation: INN {expected} expected, {found} found.",
    ),
    "exchange.kind_unknown": (
        "Оператор прислал документ неизвестного вида ({raw_type}).",
        "The operator sent a document of an unknown kind ({raw_type}).",
    ),
    "exchange.not_connected": (
        "Организация не подключена к оператору ЭДО.",
        "The organisation is not connected to an EDI operator.",
    ),
    "exchange.nothing_to_carry": ("Отправлять нечего.", "There is nothing to send."),
}
