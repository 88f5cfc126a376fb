"""Phrases of the powers of attorney: code → (Russian, English)."""

PHRASES: dict[str, tuple[str, str]] = {
    "power.absent": ("Такой доверенности в реестре нет.", "There is no such power of attorney."),
    "power.does_not_allow": (
        "Доверенность сама говорит, что такие документы подписывать нельзя. Выпустите новую.",
        "The power itself says that it does not allow such documents.",
    ),
    "power.kind_unknown": ("Такого вида документов нет: {kind}.", "There is no such kind of document: {kind}."),
    "power.not_good": (
        "По доверенности подписать нельзя. {reason}. Выпустите новую или передайте документ тому, кто вправе подписать.",
        "The power of attorney does not do: {reason}.",
    ),
    "power.not_in_registry": (
        "В реестре доверенностей нет номера {number} с таким ИНН доверителя. Проверьте номер и ИНН или загрузите файл.",
        "The register knows no power {number} of this principal. Check the number or upload the file.",
    ),
    "power.other_file": (
        "Доверенность с номером {number} уже есть, и файл у неё другой. Сверьте файлы.",
        "A power with the number {number} is kept already, with another file.",
    ),
    "power.package_empty": (
        "В архиве нет доверенностей: ни одного файла XML. Ничего не сохранили.",
        "The archive holds no power of attorney: no XML file.",
    ),
    "power.package_refused": (
        "Архив не приняли: {reason}. Ничего не сохранили.",
        "The archive is refused: {reason}.",
    ),
    "power.package_too_large": ("Архив больше {limit} МБ. Разделите его.", "The archive is larger than {limit} MB."),
    "power.package_too_many": (
        "В архиве больше {limit} файлов XML. Разделите его.",
        "The archive holds more than {limit} XML files.",
    ),
    "power.registry_silent": (
        "Реестр доверенностей не отвечает: {reason}. Повторите позже или загрузите файл доверенности.",
        "The register of powers does not answer: {reason}.",
    ),
    "power.signature_failed": (
        "Подпись под доверенностью недействительна. Попросите доверителя прислать файл и подпись ещё раз.",
        "The signature of the power of attorney is not valid.",
    ),
    "power.signature_missing": (
        "В архиве нет подписи доверителя под этим файлом. Попросите прислать файл вместе с подписью.",
        "The archive holds no signature of this file.",
    ),
    "power.too_large": ("Файл доверенности больше {limit} МБ.", "The file of the power is larger than {limit} MB."),
    "power.unreadable": (
        "Это не машиночитаемая доверенность EMCHD_1: {reason}. Ничего не сохранили.",
        "This is no machine-readable power of attorney EMCHD_1: {reason}.",
    ),
    "power.unsigned": (
        "В файле подписи нет подписи. Загрузите отсоединённую подпись доверителя (.sig или .p7s).",
        "The file holds no signature. Upload the principal's detached signature.",
    ),
}
