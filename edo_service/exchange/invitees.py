"""A list of companies to invite, from the rows of a table: which column is what, and what is wrong with a row. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edo_service.exchange.sheets import Line
from edo_service.parties.rules import inn_is_valid, kpp_is_valid, participant_id_is_valid

_HEADS: Mapping[str, tuple[str, ...]] = {
    "inn": ("инн",),
    "kpp": ("кпп",),
    "name": ("название", "наименование", "контрагент", "организация", "компания"),
    "participant_id": ("идентификатор", "ид участника", "id"),
    "text": ("текст", "сообщение", "комментарий", "письмо"),
}
_USUAL = ("inn", "kpp", "name", "text")
LONGEST_NAME = 1000


@dataclass(frozen=True, kw_only=True)
class Invitee:
    """One company of the list; `fault` says why nobody can be invited by this row."""

    number: int
    inn: str
    kpp: str | None
    participant_id: str | None
    name: str
    text: str
    fault: str | None = None


def read_invitees(lines: Sequence[Line]) -> tuple[Invitee, ...]:
    """Rows below the heads; without heads the columns are ИНН, КПП, название, текст. The same company counts once."""
    heads = _heads(lines[0]) if lines else {}
    columns = heads or {name: place for place, name in enumerate(_USUAL)}
    seen: set[tuple[str, str | None, str | None]] = set()
    found = []
    for line in lines[1:] if heads else lines:
        one = _invitee(line, columns)
        key = (one.inn, one.kpp, one.participant_id)
        if one.fault is None and key in seen:
            one = _faulty(one, "Повтор: эта компания уже есть в списке выше")
        seen.add(key)
        found.append(one)
    return tuple(found)


def _heads(line: Line) -> Mapping[str, int]:
    """Column of each thing by the words of the first row; empty when that row is no head."""
    found: dict[str, int] = {}
    for place, cell in enumerate(line.cells):
        for name, words in _HEADS.items():
            if name not in found and cell.casefold().startswith(words):
                found[name] = place
                break
    return found if "inn" in found else {}


def _invitee(line: Line, columns: Mapping[str, int]) -> Invitee:
    def cell(name: str) -> str:
        place = columns.get(name)
        return line.cells[place] if place is not None and place < len(line.cells) else ""

    inn, kpp = _inn(cell("inn")), cell("kpp").replace(" ", "").upper()
    if kpp.isdecimal() and len(kpp) == 8:  # a table drops the zero in front of a number
        kpp = f"0{kpp}"
    one = Invitee(
        number=line.number,
        inn=inn[:40],
        kpp=kpp[:40] or None,
        participant_id=cell("participant_id")[:80] or None,
        name=cell("name")[:LONGEST_NAME],
        text=cell("text"),
    )
    if line.formula:
        return _faulty(one, "В строке формула: сохраните таблицу со значениями")
    if not one.inn:
        return _faulty(one, "ИНН: не заполнен")
    if not inn_is_valid(one.inn):
        return _faulty(one, "ИНН: цифры не сходятся. Проверьте, нет ли опечатки")
    if one.kpp and not kpp_is_valid(one.kpp):
        return _faulty(one, "КПП: нужно девять знаков")
    if one.participant_id and not participant_id_is_valid(one.participant_id):
        return _faulty(one, "Идентификатор участника: от 4 до 46 латинских букв, цифр и дефисов")
    return one


def _inn(text: str) -> str:
    """The digits; a table drops the zero in front of a number, so one that fits with it is given it back."""
    plain = text.replace(" ", "").replace("-", "")
    if plain.isdecimal() and len(plain) in {9, 11} and inn_is_valid(f"0{plain}"):
        return f"0{plain}"
    return plain


def _faulty(one: Invitee, fault: str) -> Invitee:
    return Invitee(
        number=one.number,
        inn=one.inn,
        kpp=one.kpp,
        participant_id=one.participant_id,
        name=one.name,
        text=one.text,
        fault=fault,
    )
