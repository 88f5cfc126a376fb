"""Defence against forged requests: Fetch Metadata, a mandatory Origin fallback and a session-bound token.

Follows the OWASP CSRF cheat sheet of 2026.

Every unsafe method is checked, on every path, before the application sees it:

1. `Sec-Fetch-Site`, when the browser sends it, must be `same-origin` or `none`.
2. `Origin`, when sent, must name this host; when neither header is there the request is refused.
3. The token must be there, in the header `X-CSRF-Token` or in the form field `_token`. It is
   `nonce.HMAC-SHA256(key, nonce | value of the session cookie)`: bound to the session, different on every page
   (a compressed page does not leak it), compared in constant time, nothing to store.

In a multipart form the field must be the first one: only the first few kilobytes are read before the decision, and the
rest of a large upload streams on unread. A client that shows an `Authorization` header and no cookie of ours is not a
browser with ambient rights: steps 1-3 do not apply to it. Nor do they apply to a program that logs in under `/api/`:
no cookie of ours, and neither of the two headers that every browser sends.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable, Collection
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edo_service.web.security.cookies import SESSION_COOKIE, VISIT_COOKIE, set_cookie

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
TOKEN_FIELD = "_token"  # noqa: S105 (the name of a form field)
TOKEN_HEADER = "X-CSRF-Token"  # noqa: S105 (the name of a header)
PROGRAMS = "/api/"
MAX_FORM = 1024 * 1024
MAX_PREFIX = 8 * 1024
FIRST_PART = re.compile(
    rb'\A--[^\r\n]{1,100}\r\nContent-Disposition: form-data; name="_token"\r\n'
    rb"(?:Content-Type: text/plain[^\r\n]*\r\n)?\r\n([A-Za-z0-9_.\-]{1,200})\r\n--",
    re.IGNORECASE,
)

Refuse = Callable[[Request, int, str], Awaitable[Response]]


class TokenKey:
    """Makes and checks tokens. `key` is a secret of the installation, at least 32 bytes, the same in all processes."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the key of form tokens needs 32 bytes")
        self._key = key

    def issue(self, binding: str) -> str:
        """Return a new token for the session (or visit) with this cookie value."""
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._mac(nonce, binding)}"

    def fits(self, token: str, binding: str) -> bool:
        """Tell whether the token was made for this session."""
        nonce, _, mac = token.partition(".")
        return bool(mac) and hmac.compare_digest(mac.encode(), self._mac(nonce, binding).encode())

    def _mac(self, nonce: str, binding: str) -> str:
        digest = hmac.new(self._key, f"{nonce}|{binding}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def csrf_token(connection: HTTPConnection) -> str:
    """Return the token for the forms of the page being rendered. Needs ForgeryGuard around the application."""
    state = connection.scope["state"]
    state["csrf_used"] = True
    key: TokenKey = state["csrf_key"]
    return key.issue(state["csrf_binding"])


class ForgeryGuard:
    """The middleware. `refuse` renders a refusal (403, 413) in the form the caller understands.

    `hosts` adds public names that a proxy hides from us (`portal.example.ru`); the Host header is always ours.
    """

    def __init__(self, app: ASGIApp, *, key: TokenKey, refuse: Refuse, hosts: Collection[str] = ()) -> None:
        self.app = app
        self.key = key
        self.refuse = refuse
        self.hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Bind the request to its session, check unsafe methods, replay what was read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        fresh = self._bind(request)
        send = self._remember_visit(scope, send) if fresh else send
        if request.method in SAFE_METHODS or self._is_token_client(request):
            await self.app(scope, receive, send)
            return
        if not self._is_same_origin(request):
            await (await self.refuse(request, 403, "request.cross_site"))(scope, receive, send)
            return
        body = Replay(receive)
        token = await self._token(request, body)
        if body.overflown:
            await (await self.refuse(request, 413, "request.too_large"))(scope, receive, send)
            return
        if not self.key.fits(token, scope["state"]["csrf_binding"]):
            await (await self.refuse(request, 403, "request.token"))(scope, receive, send)
            return
        await self.app(scope, body.receive, send)

    def _bind(self, request: Request) -> bool:
        """Put the binding into the request's state; True when the visitor needs a new cookie."""
        known = request.cookies.get(SESSION_COOKIE) or request.cookies.get(VISIT_COOKIE)
        state = request.scope.setdefault("state", {})
        state["csrf_key"] = self.key
        state["csrf_binding"] = known or secrets.token_urlsafe(24)
        return known is None

    @staticmethod
    def _remember_visit(scope: Scope, send: Send) -> Send:
        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["state"].get("csrf_used"):
                holder = Response()
                set_cookie(holder, VISIT_COOKIE, scope["state"]["csrf_binding"])
                MutableHeaders(scope=message).append("set-cookie", holder.headers["set-cookie"])
            await send(message)

        return send_with_cookie

    @staticmethod
    def _is_token_client(request: Request) -> bool:
        if SESSION_COOKIE in request.cookies or VISIT_COOKIE in request.cookies:
            return False
        if "authorization" in request.headers:
            return True
        # A browser would name its site or origin; the log-in of a program has neither and no token yet.
        is_browser = "sec-fetch-site" in request.headers or "origin" in request.headers
        return request.url.path.startswith(PROGRAMS) and not is_browser

    def _is_same_origin(self, request: Request) -> bool:
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site is not None and site not in {"same-origin", "none"}:
            return False
        if origin is not None:
            return urlsplit(origin).netloc.lower() in {request.headers.get("host", "").lower(), *self.hosts} - {""}
        return site is not None

    async def _token(self, request: Request, body: "Replay") -> str:
        header = request.headers.get(TOKEN_HEADER)
        if header:
            return header
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            text = await body.read_all(MAX_FORM)
            return parse_qs(text.decode("utf-8", "replace")).get(TOKEN_FIELD, [""])[0]
        if kind == "multipart/form-data":
            found = FIRST_PART.match(await body.read_prefix(MAX_PREFIX))
            return found.group(1).decode() if found else ""
        return ""


class Replay:
    """Reads the beginning of a body and gives everything to the application afterwards, piece by piece."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._next = 0
        self.overflown = False

    async def read_all(self, limit: int) -> bytes:
        """Read the whole body; one longer than `limit` is no form: `overflown` is set, the rest stays unread."""
        content = await self._read(lambda size: size > limit)
        self.overflown = len(content) > limit
        return content

    async def read_prefix(self, limit: int) -> bytes:
        """Read the first `limit` bytes or less."""
        return await self._read(lambda size: size >= limit)

    async def _read(self, enough: Callable[[int], bool]) -> bytes:
        content = bytearray()
        while not enough(len(content)):
            message = await self._receive()
            self._messages.append(message)
            content += message.get("body", b"")
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        return bytes(content)

    async def receive(self) -> Message:
        """What the application reads: first what was read ahead, then the rest."""
        if self._next < len(self._messages):
            message = self._messages[self._next]
            self._next += 1
            return message
        return await self._receive()
