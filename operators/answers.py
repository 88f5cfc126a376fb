"""What an answer says, read without trusting it: JSON, texts in any charset, Retry-After; secrets that it echoes."""

import json
from collections.abc import Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, quote_plus

import httpx2

from operators.errors import OperatorError

RETRY_LIMIT = 86_400.0
"""Seconds; a longer Retry-After is taken for a day: whoever waits longer looks like whoever waits for ever."""
CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "windows-1251", "cp1251", "koi8-r", "iso-8859-1", "iso-8859-5", "cp866", "utf-16"}
)
"""Charsets that texts are read in; Python knows others that are no charsets (`zip`, `rot13`) or raise what it likes."""
SHORTEST_SECRET = 6
"""Shorter ones are not looked for in texts: they would take half the words away."""
MASK = "***"


def parse_json(content: bytes) -> Any:
    """Read JSON; raises ValueError, also when it is nested too deep.

    What no database keeps (U+0000, halves of surrogate pairs) becomes U+FFFD: a counterparty's file name must not stop
    the reading of a feed.
    """
    try:  # UTF-8 alone is JSON (RFC 8259, 8.1); Python would also guess at others, and let halves of pairs through
        text = content.decode("utf-8-sig", "replace")
        value = json.loads(text)
        return _storable(value) if "\\u" in text else value
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def readable(response: httpx2.Response, content: bytes) -> httpx2.Response:
    """The same answer with its whole content, its text in a charset that can be read."""
    kept = [
        (name, value)
        for name, value in response.headers.raw
        if name.lower() not in {b"content-encoding", b"transfer-encoding", b"content-length"}
    ]
    try:
        told = (response.charset_encoding or "").lower()
    except (LookupError, TypeError, ValueError):  # a Content-Type that the mail parser stumbles over
        told = ""
    made = httpx2.Response(response.status_code, headers=kept, content=content)
    made.encoding = told if told in CHARSETS else "utf-8"
    return made


def retry_after(headers: httpx2.Headers, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110, 10.2.3): seconds or a date, at most a day; anything else counts as absent.

    A date is compared with the answer's own Date where it has one: two clocks differ.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return RETRY_LIMIT if len(value) > 9 else min(float(value), RETRY_LIMIT)
    at = _date(value)
    if at is None:
        return None
    return min(max(0.0, (at - (_date(headers.get("Date", "")) or now)).total_seconds()), RETRY_LIMIT)


def hide(error: OperatorError, secrets: Iterable[str]) -> None:
    """Mask secrets of the request that the answer has echoed, in an error's words."""
    known = {form for each in secrets if len(each) >= SHORTEST_SECRET for form in _forms(each)}
    for each in sorted(known, key=len, reverse=True):
        error.args = tuple(part.replace(each, MASK) if isinstance(part, str) else part for part in error.args)
        error.raw = None if error.raw is None else error.raw.replace(each, MASK)


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, in JSON, in a form."""
    return (
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret),
        quote_plus(secret),
    )


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return None if at.tzinfo is None else at


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_storable(each) for each in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(each) for name, each in value.items()}
    return value
