"""What stands between the network and the pages: headers, request id, limits, cookies, defence against forged requests.

`protect(app, …)` wraps an application in the right order; nothing of it needs a database.
"""

from edo_service.web.security.cookies import SESSION_COOKIE, VISIT_COOKIE, clear_cookie, set_cookie
from edo_service.web.security.forgery import TOKEN_FIELD, TOKEN_HEADER, ForgeryGuard, TokenKey, csrf_token
from edo_service.web.security.headers import HeadersMiddleware, RequestIdMiddleware, request_id
from edo_service.web.security.limits import MemoryRateLimiter, RateLimiter, client_address
from edo_service.web.security.stack import MAX_BODY, protect
from edo_service.web.security.throttle import ThrottleMiddleware

__all__ = [
    "MAX_BODY",
    "SESSION_COOKIE",
    "TOKEN_FIELD",
    "TOKEN_HEADER",
    "VISIT_COOKIE",
    "ForgeryGuard",
    "HeadersMiddleware",
    "MemoryRateLimiter",
    "RateLimiter",
    "RequestIdMiddleware",
    "ThrottleMiddleware",
    "TokenKey",
    "clear_cookie",
    "client_address",
    "csrf_token",
    "protect",
    "request_id",
    "set_cookie",
]
