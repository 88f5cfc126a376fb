"""HTTP to addresses that stand in foreign certificates and settings: bounded, no redirects, never into our own network.

The address is resolved once, every answer must be public, and the connection goes to the checked address (no rebinding;
OWASP ASVS 5.0 1.3.6). Hosts of `mapped` are the exception: names of the demonstration led to a base URL of ours.
"""

import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

import signing
from edo_service.errors import Unavailable

MAX_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """GET and POST with a time-out in seconds and a limit on the answer; Unavailable for everything that fails."""

    mapped: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 10.0

    def fetch(self, request: signing.FetchRequest) -> bytes | None:
        """Fetch evidence for `signing`: None when it cannot be had, since missing evidence is a verdict, not an error."""
        try:
            return self._call(request.url, request.body, request.content_type)
        except Unavailable:
            return None

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        """POST, as the RFC 3161 client needs it. Raises signing.TimestampFailed when the TSA cannot be reached."""
        try:
            return self._call(url, body, content_type)
        except Unavailable as error:
            raise signing.TimestampFailed(str(error)) from error

    def _call(self, url: str, body: bytes | None, content_type: str | None) -> bytes:
        target, headers, extensions = self._target(url)
        if content_type:
            headers["Content-Type"] = content_type
        try:
            with (
                httpx2.Client(timeout=self.timeout, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "GET" if body is None else "POST", target, content=body, headers=headers, extensions=extensions
                ) as answer,
            ):
                if answer.status_code != 200:
                    raise Unavailable("outbound.refused", url=url, status=answer.status_code)
                return _bounded(answer, url)
        except httpx2.HTTPError as error:
            raise Unavailable("outbound.silent", url=url, reason=type(error).__name__) from error

    def _target(self, url: str) -> tuple[httpx2.URL, dict[str, str], dict[str, str]]:
        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL as error:
            raise Unavailable("outbound.bad_url", url=url) from error
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise Unavailable("outbound.bad_url", url=url)
        base = self.mapped.get(parsed.host)
        if base is not None:
            return httpx2.URL(base.rstrip("/") + parsed.raw_path.decode("ascii")), {}, {}
        address = _public_address(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80))
        return parsed.copy_with(host=address), {"Host": parsed.netloc.decode("ascii")}, {"sni_hostname": parsed.host}


def _public_address(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable("outbound.unknown_host", host=host) from error
    addresses = [str(item[4][0]) for item in found]
    if not addresses or not all(_is_public(address) for address in addresses):
        raise Unavailable("outbound.inner_address", host=host)
    return addresses[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    inner = getattr(parsed, "ipv4_mapped", None) or parsed
    return inner.is_global and not inner.is_multicast


def _bounded(answer: httpx2.Response, url: str) -> bytes:
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES:
            raise Unavailable("outbound.too_large", url=url, limit=MAX_BYTES)
    return bytes(content)
