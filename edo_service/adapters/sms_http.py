"""Short messages through an HTTP gateway: one POST of JSON each, with a bearer token.

The body is `{"id", "from", "to", "text"}`; any 2xx means taken. `Idempotency-Key` carries the id, so that a repetition
after a lost answer is one message at gateways that know the header.
"""

from dataclasses import dataclass, field

import httpx2

from edo_service.errors import Unavailable
from edo_service.kernel.messages import ShortMessage

_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class HttpTexter:
    """kernel.messages.Texter over the gateway of the settings; the address is ours, so it may lie in our own network."""

    url: str
    sender: str
    token: str | None = field(default=None, repr=False)

    def send(self, message: ShortMessage) -> None:
        """Hand the message to the gateway; Unavailable when it does not take it."""
        headers = {"Idempotency-Key": str(message.id)}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        body = {"id": str(message.id), "from": self.sender, "to": message.to, "text": message.text}
        try:
            with httpx2.Client(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client:
                answer = client.post(self.url, json=body, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unavailable("sms.not_sent", reason=type(error).__name__) from error
        if not answer.is_success:
            raise Unavailable("sms.not_sent", reason=str(answer.status_code))
