"""An answer that the operator refused and that is held: somebody has to send it again (`exchange.refusals` holds it)."""

from sqlalchemy import ColumnElement, func, or_, select

from edo_service.documents.tables import Document
from edo_service.kernel.uow import UnitOfWork

HELD = "exchange.answer_held"
"""Code of the trouble that says so on the document."""
ON_ITS_WAY = ("signing", "refusing")
"""Responses that an answer has while it is carried, or held."""


def is_told(trouble: str | None) -> bool:
    """Whether a trouble says that an answer is held."""
    return (trouble or "").partition(" ")[0] == HELD


def is_held(response: str, trouble: str | None) -> bool:
    """Whether a document's answer is held."""
    return response in ON_ITS_WAY and is_told(trouble)


def say(document: Document, trouble: str | None) -> None:
    """Put another trouble on the card, or take it off. That an answer is held stays said until somebody has sent it."""
    if not is_held(document.response, document.trouble):
        document.trouble = trouble


def shown_response(response: str, trouble: str | None) -> str:
    """The response as people are told of it: one that is held does not go out by itself."""
    return f"{response}_held" if is_held(response, trouble) else response


def condition() -> ColumnElement[bool]:
    """As `is_held`."""
    told = or_(Document.trouble == HELD, Document.trouble.startswith(f"{HELD} ", autoescape=True))
    return Document.response.in_(ON_ITS_WAY) & told


def count_held(*, uow: UnitOfWork) -> int:
    """How many answers of the viewer's company are held."""
    with uow:
        return uow.session.execute(select(func.count(Document.id)).where(condition())).scalar_one()
