"""Cookies of the portal: all with the `__Host-` prefix, so Secure, of this host and the whole path (RFC 6265bis).

Browsers keep a Secure cookie from plain http only on loopback addresses, which is what `make run` serves.
"""

from starlette.responses import Response

#: The opaque id of a server-side session.
SESSION_COOKIE = "__Host-edo-session"
#: A random value of a visitor who has not logged in; forms of the log-in page are bound to it.
VISIT_COOKIE = "__Host-edo-visit"


def set_cookie(response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie that scripts cannot read; `max_age` in seconds, None ends it with the browser."""
    if not name.startswith("__Host-"):
        raise ValueError("cookies of the portal have the __Host- prefix")
    response.set_cookie(name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="lax")


def clear_cookie(response: Response, name: str) -> None:
    """Ask the browser to forget a cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
