"""What can go wrong, in the business's words.

    EdoError(code, **params)
    ├── NotFound      the thing is absent, or belongs to another entity: both look the same
    │   └── Gone          the thing was the actor's own and has been destroyed by an act
    ├── Forbidden     the actor is known and lacks the right
    │   └── NotLoggedIn   nobody is logged in, or the session has ended
    │       └── AccessOver   the last day of a visitor from outside has passed
    ├── Conflict      somebody else was faster; a status does not allow the step; a thing exists already
    ├── Rejected      the input cannot be accepted: the caller has to change it
    └── Unavailable   the service or a neighbour cannot answer now: the caller may repeat
        └── RateLimited   too many tries; `retry_after` tells when to come back

`code` is a stable lower-case word with dots (`document.not_found`); the phrase for people stands in `edo_service.texts`
under the same code and is filled with `params`. HTTP statuses are given once, in `edo_service.web.problems`.
"""

from __future__ import annotations

from datetime import timedelta


class EdoError(Exception):
    """Root of every error the service raises on purpose.

    `code` names the phrase, `params` fill it (plain values: str, int, date). Never put secrets into params: they are
    shown.
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, object] = params

    def __str__(self) -> str:
        """Return the code and its parameters, for logs (English)."""
        facts = ", ".join(f"{name}={value!r}" for name, value in sorted(self.params.items()))
        return f"{self.code}({facts})" if facts else self.code


class NotFound(EdoError):
    """The thing is absent or foreign; the caller cannot tell which."""


class Gone(NotFound):
    """The content of a thing that the actor may see has been destroyed by an act of disposal; it will not come back."""


class Forbidden(EdoError):
    """The actor lacks the right."""


class NotLoggedIn(Forbidden):
    """There is no live session."""


class AccessOver(NotLoggedIn):
    """The person's work for the company had a last day, and it has passed. Told to nobody but her.

    Params: `company`, `until` (that day as ДД.ММ.ГГГГ), `whom` (who of the company may extend it).
    """


class Conflict(EdoError):
    """The state of the thing does not allow it (any more), or such a thing exists already."""


class Rejected(EdoError):
    """The input is refused; repeating it unchanged is of no use."""


class Unavailable(EdoError):
    """Something needed does not answer; repeating later may help."""


DATABASE_AWAY = "database.unavailable"
"""Code of an Unavailable whose cause is the database itself: who tells of it asks it nothing more."""


class RateLimited(Unavailable):
    """Too many tries; come back after `retry_after`."""

    def __init__(self, code: str, *, retry_after: timedelta, **params: object) -> None:
        super().__init__(code, retry_after=int(retry_after.total_seconds()), **params)
        self.retry_after = retry_after
