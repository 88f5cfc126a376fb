"""Characters that no text of ours may hold, refused in words at the door of every route: U+0000 and lone surrogates.

PostgreSQL keeps neither, SQLite keeps both; without the door the same request would be an error 500 on one and pass on the
other. Contents of files are left as they are; their names are cleaned, a person does not choose those letter by letter.
"""

import json
import re
from collections.abc import Iterator

from starlette.datastructures import UploadFile
from starlette.requests import Request

from edo_service.errors import NotFound, Rejected

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def is_clean(text: str) -> bool:
    """Whether the text holds neither U+0000 nor half of a surrogate pair."""
    return _NO_TEXT.search(text) is None


def cleaned(text: str) -> str:
    """The text without them."""
    return _NO_TEXT.sub("", text)


async def refuse_odd_characters(request: Request) -> None:
    """A dependency of the application, before any other: what was sent is text that can be kept.

    Raises NotFound for an address, Rejected `request.characters` for a query, a header, a field of a form, a value of JSON.
    The body of an API request that is a file is not looked into, a form is read once and kept by the request.
    """
    if not is_clean(request.scope["path"]):
        raise NotFound("request.absent")
    if not all(
        is_clean(one) for pair in (*request.query_params.multi_items(), *request.headers.items()) for one in pair
    ):
        raise Rejected("request.characters")
    if request.method in {"GET", "HEAD"}:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _FORMS and not request.scope["path"].startswith("/api/"):
        await _refuse_in_form(request)
    elif kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json")):
        _refuse_in_json(await request.body())


async def _refuse_in_form(request: Request) -> None:
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            value.filename = None if value.filename is None else cleaned(value.filename)
        if not is_clean(name) or (isinstance(value, str) and not is_clean(value)):
            raise Rejected("request.characters")


def _refuse_in_json(body: bytes) -> None:
    """What is no JSON is refused by whoever reads it."""
    if b"\\u" not in body and body.isascii() and b"\x00" not in body:
        return
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return
    if not all(is_clean(text) for text in _texts(read)):
        raise Rejected("request.characters")


def _texts(read: object) -> Iterator[str]:
    waiting = [read]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += (*one.keys(), *one.values())
        elif isinstance(one, list):
            waiting += one
