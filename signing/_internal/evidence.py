"""Where revocation data and missing certificates come from: a port, an offline source and a fetching one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypeVar

from signing._internal import pem
from signing._internal.certificates import ALL_REASONS, Certificate, DistributionPoint
from signing._internal.crl import Crl, may_speak, read_crl, scope_of
from signing._internal.errors import BadInput, SigningError
from signing._internal.patience import DEFAULT_PATIENCE, Patience, Spending
from signing._internal.revocation import find_answer, ocsp_request

_Place = TypeVar("_Place")
_MAX_URLS = 4
_MAX_POINTS = 8
_SHORT_LIFE = timedelta(minutes=5)


class EvidenceSource(Protocol):
    """Gives evidence for a certificate; what it gives is checked by the verifier, so it may be anything.

    A source with a method `begin()` is told by it that a verification begins in this thread, so that it can limit what
    one verification costs.
    """

    def crls(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """DER CRLs that may tell about the certificate."""

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """DER OCSP responses that may tell about the certificate."""

    def certificates(self, issuer_of: Certificate) -> Sequence[bytes]:
        """DER certificates that may be the issuer's."""


def to_der(data: bytes) -> list[bytes]:
    """The binary values in DER, PEM (a bundle gives several) or bare base64."""
    if data[:1] == b"\x30":
        return [data]
    return [contents for _, contents in pem.blocks(data)] or [pem.decode_base64(data) or data]


class OfflineEvidence:
    """Evidence given beforehand: CRLs, OCSP responses, certificates (DER, PEM, base64); nothing is fetched."""

    def __init__(
        self, crls: Iterable[bytes] = (), ocsp: Iterable[bytes] = (), certificates: Iterable[bytes] = ()
    ) -> None:
        self._crls = [(crl, item) for data in crls for item in to_der(data) for crl in _readable(item)]
        self._ocsp = [item for data in ocsp for item in to_der(data)]
        self._certificates = [item for data in certificates for item in to_der(data)]

    def crls(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        """CRLs whose issuer is the certificate's issuer, or one that its distribution points name."""
        try:
            return [item for crl, item in self._crls if may_speak(crl, certificate)]
        except BadInput:  # malformed distribution points; the verifier looks at each list and tells of them
            return [item for _, item in self._crls]

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """OCSP responses that speak of the certificate."""
        return [item for item in self._ocsp if _answers(item, certificate, issuer)]

    def certificates(self, issuer_of: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        """All the certificates given."""
        return self._certificates


def _readable(blob: bytes) -> list[Crl]:
    try:
        return [read_crl(blob)]
    except BadInput:
        return []


def _answers(response: bytes, certificate: Certificate, issuer: Certificate) -> bool:
    try:
        return find_answer(response, certificate, issuer) is not None
    except SigningError:
        return False


@dataclass(frozen=True, kw_only=True)
class FetchRequest:
    """What to fetch: GET when `body` is None, else POST of `content_type`; `url` is http or https.

    `seconds`: how long all of it may take, from the name to the last octet; None when the caller does not limit it.
    """

    kind: Literal["crl", "ocsp", "certificate"]
    url: str
    body: bytes | None = None
    content_type: str | None = None
    seconds: float | None = None


class EvidenceCache(Protocol):
    """Keeps what was fetched (CRL, OCSP, certificates; DER under the key of the request) until it is stale.

    A missing or stale entry is None, never an error: then it is fetched anew.
    """

    def get(self, key: str, *, now: datetime) -> bytes | None:
        """What was kept under `key`, if it is still good at `now`."""

    def put(self, key: str, value: bytes, *, until: datetime) -> None:
        """Keep `value` until the instant `until`."""


class MemoryCache:
    """A cache in memory that forgets what is stale, then the oldest entries when there are too many."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._kept: dict[str, tuple[bytes, datetime]] = {}

    def get(self, key: str, *, now: datetime) -> bytes | None:
        """What was kept under `key`, if it is still good at `now`."""
        value, until = self._kept.get(key, (None, now))
        return value if until > now else None

    def put(self, key: str, value: bytes, *, until: datetime) -> None:
        """Keep `value` until the instant `until`."""
        self._kept[key] = (value, until)
        while len(self._kept) > self._limit:
            self._kept.pop(next(iter(self._kept)))


class FetchingEvidence:
    """Evidence from the addresses in certificates: CRL distribution points, OCSP, caIssuers.

    `fetch` does the transfer and gives None when the other side does not answer; it must not raise. It also decides
    which hosts may be asked (the addresses come from certificates, that is from strangers). Fresh answers are taken
    from `cache`. `now` is the instant for the cache. One verification waits no longer than `patience` says, provided
    that `fetch` keeps to the seconds of a request; `ticks` is the clock for that (seconds, monotonic).
    """

    def __init__(
        self,
        fetch: Callable[[FetchRequest], bytes | None],
        cache: EvidenceCache,
        now: Callable[[], datetime] | datetime,
        *,
        patience: Patience = DEFAULT_PATIENCE,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._cache = cache
        self._now = now
        self._spending = Spending(patience, ticks)

    def begin(self) -> None:
        """A verification begins in this thread: its patience is whole again."""
        self._spending.begin()

    def crls(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        """A CRL of each distribution point until one speaks for all reasons, and the delta CRLs that they point to."""
        found: list[bytes] = []
        for point in _stated(lambda: certificate.distribution_points)[:_MAX_POINTS]:
            blob = self._list(point)
            if blob is not None and blob not in found:
                found.append(blob)
            if blob is not None and _speaks_for_all(blob, certificate):
                break
        fresher = list(_stated(lambda: certificate.freshest_crl))
        for blob in found:
            fresher += _stated(lambda blob=blob: read_crl(blob).freshest_crl)  # type: ignore[misc]  # a default binds the value
        deltas = [self._list(point) for point in dict.fromkeys(fresher[:_MAX_POINTS])]
        return [*found, *(blob for blob in deltas if blob is not None)]

    def _list(self, point: DistributionPoint) -> bytes | None:
        answers = (self._get(request, _crl_until) for request in _requests("crl", point.urls))
        return next((blob for blob in answers if blob is not None), None)

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:
        """The answer of the first responder that knows the certificate."""
        body = ocsp_request(certificate, issuer)

        def until(response: bytes) -> datetime | None:
            answer = find_answer(response, certificate, issuer)
            return (answer.next_update or answer.this_update + _SHORT_LIFE) if answer else None

        addresses = _stated(lambda: certificate.ocsp_urls)
        for request in _requests("ocsp", addresses, body=body, content_type="application/ocsp-request"):
            found = self._get(request, until)
            if found is not None:
                return [found]
        return []

    def certificates(self, issuer_of: Certificate) -> Sequence[bytes]:
        """Certificates of the issuer from caIssuers."""
        addresses = _stated(lambda: issuer_of.issuer_urls)
        found = (self._get(request, self._certificate_until) for request in _requests("certificate", addresses))
        return [blob for blob in found if blob is not None]

    def _get(self, request: FetchRequest, until: Callable[[bytes], datetime | None]) -> bytes | None:
        digest = hashlib.sha256(request.body or b"").hexdigest()
        key, now = f"{request.kind}:{request.url}:{digest}", self._moment()
        kept = self._cache.get(key, now=now)
        if kept is not None:
            return kept
        fetch = self._fetch
        answer = self._spending.ask(key, request.kind, lambda seconds: fetch(replace(request, seconds=seconds)))
        if answer is None:
            return None
        try:
            value = to_der(answer)[0]
            end = until(value)
        except SigningError:
            return None
        if end is None:
            return None
        self._cache.put(key, value, until=end)
        return value

    def _moment(self) -> datetime:
        return self._now if isinstance(self._now, datetime) else self._now()

    def _certificate_until(self, value: bytes) -> datetime:
        Certificate.load(value)
        return self._moment() + timedelta(days=1)


def _stated(read: Callable[[], Sequence[_Place]]) -> Sequence[_Place]:
    """Places that a certificate or a list names; none when they are malformed: there is nowhere to ask then."""
    try:
        return read()
    except BadInput:
        return ()


def _speaks_for_all(blob: bytes, certificate: Certificate) -> bool:
    try:
        return scope_of(read_crl(blob), certificate).reasons == ALL_REASONS
    except BadInput:
        return False


def _crl_until(value: bytes) -> datetime:
    crl = read_crl(value)
    return crl.next_update or crl.this_update + _SHORT_LIFE


def _requests(
    kind: Literal["crl", "ocsp", "certificate"],
    urls: Sequence[str],
    *,
    body: bytes | None = None,
    content_type: str | None = None,
) -> list[FetchRequest]:
    good = [url for url in urls if url.lower().startswith(("http://", "https://"))][:_MAX_URLS]
    return [FetchRequest(kind=kind, url=url, body=body, content_type=content_type) for url in good]
