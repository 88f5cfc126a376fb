"""Why a file is not taken, as people are told it: its name, what is wrong, what to do."""

from __future__ import annotations

from typing import Final

from edo_service.formats.unformalised import FileReport

_PICTURES: Final = frozenset({"heic", "heif", "webp", "tif", "tiff", "gif", "bmp", "avif", "jp2", "svg", "psd"})
_TEXTS: Final = frozenset({"doc", "docb", "odt", "rtf", "txt", "pages", "wpd", "md"})
_TABLES: Final = frozenset({"xls", "csv", "ods", "numbers"})
_PACKED: Final = frozenset({"rar", "7z", "gz", "tgz", "tar", "bz2", "xz", "zst", "arj"})
_KINDS: Final = "Принимаем PDF, JPEG, PNG, DOCX, XML и ZIP"
_ADVICE: Final = {
    "mismatch": "Дайте файлу его настоящее расширение",
    "extension": f"{_KINDS}",
    "encrypted": "Снимите пароль и упакуйте заново",
    "bomb": "Упакуйте файлы заново обычным способом",
    "nested": "Упакуйте файлы в один архив",
    "files": "Разделите архив на несколько",
    "path": "Упакуйте файлы заново без путей к папкам",
    "twice": "Переименуйте один из файлов и упакуйте заново",
    "broken": "Сохраните файл заново и попробуйте ещё раз",
    "xml": "Сохраните файл заново в программе, где он создан",
    "pixels": "Уменьшите картинку или сохраните её как PDF",
}


def refusal_ru(report: FileReport) -> str | None:
    """«scan.heic принять нельзя. Сохраните его как PDF или JPEG»; None for a file that may be taken."""
    if report.ok:
        return None
    name, trouble = report.file_name or "Файл", report.refusals[0]
    if trouble.code == "empty":
        return f"{name} пуст. Выберите другой файл"
    if trouble.code == "too-large":
        limit = trouble.text_ru.removeprefix("Файл ")
        return f"{name} {limit}. Уменьшите его или разделите"
    if trouble.code == "unknown":
        return f"{name} принять нельзя. {_by_name(name)}"
    why = trouble.text_ru[:1].lower() + trouble.text_ru[1:] if trouble.text_ru[:2].istitle() else trouble.text_ru
    advice = _ADVICE.get(trouble.code, _KINDS)
    return f"{name} принять нельзя: {why}. {advice}"


def _by_name(name: str) -> str:
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension in _PICTURES:
        return "Сохраните его как PDF или JPEG"
    if extension in _TEXTS:
        return "Сохраните его как PDF или DOCX"
    if extension in _TABLES:
        return "Сохраните его как PDF"
    if extension in _PACKED:
        return "Упакуйте файлы в ZIP"
    return _KINDS
