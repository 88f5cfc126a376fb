"""What people type into forms: days, sums, and refusals put beside their fields."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from uuid import UUID

from edo_service.errors import EdoError, NotFound
from edo_service.kernel.money import Money
from edo_service.texts import phrase
from edo_service.web.views import FieldError, Form


class Asked:
    """The values of a form being read; refused ones gather in `errors`, so that all are told at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = dict(values)
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str:
        """The trimmed text."""
        return self.values.get(name, "").strip()

    def needed(self, name: str, message: str) -> str:
        """The trimmed text; refused with the message when it is empty."""
        found = self.text(name)
        if not found:
            self.refuse(name, message)
        return found

    def day(self, name: str, label: str) -> date | None:
        """A date typed as ДД.ММ.ГГГГ (ГГГГ-ММ-ДД of programs too); None when empty or refused."""
        typed = self.text(name)
        if not typed:
            return None
        for shape in ("%d.%m.%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(typed, shape).date()  # noqa: DTZ007 - a calendar day has no zone
            except ValueError:
                continue
        self.refuse(name, f"{label}: напишите день как 17.11.2026")
        return None

    def sum(self, name: str, label: str) -> Money | None:
        """Roubles with kopecks, spaces and a comma allowed; None when empty or refused."""
        typed = "".join(self.text(name).replace("₽", "").split()).replace(",", ".")
        if not typed:
            return None
        try:
            found = Money.of(Decimal(typed))
        except (InvalidOperation, ValueError):
            found = None
        if found is None or found.kopecks < 0 or found.kopecks >= 10**17:
            self.refuse(name, f"{label}: напишите рубли и копейки, например 1 234,50")
            return None
        return found

    def refuse(self, name: str, message: str) -> None:
        """Put a refusal beside the field."""
        self.errors.append(FieldError(field=name, message=message))

    @property
    def form(self) -> Form:
        """What was typed and what was refused."""
        return Form(values=self.values, errors=tuple(self.errors))


def refused(error: EdoError, field: str = "", values: Mapping[str, str] | None = None) -> Form:
    """The refusal of a use case as a form with one error at the field (or at none)."""
    return Form(values=values or {}, errors=(FieldError(field=field, message=words(error)),))


def words(error: EdoError) -> str:
    """The error's phrase in Russian."""
    return phrase(error.code, "ru", **error.params)


def identifier(text: str) -> UUID:
    """An id of an address or a form; what is no id is NotFound, as an unknown one."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("request.absent") from error
