"""The demo PKI over HTTP: timestamps, OCSP, revocation lists and the authorities' certificates.

It holds no session and no secret of a user; who can reach it may ask it. The service reaches it through
`EDO_DEMO_PKI_URL`, because the certificates name a host that no resolver knows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from fastapi import Depends, FastAPI, HTTPException, Request, Response

from edo_service.kernel.clock import Clock
from signing.pki import Pki, UnknownName

LONGEST_REQUEST: Final = 16 * 1024  # octets; a timestamp request has about 100, fifty OCSP questions 6,000
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"  # RFC 3161, 3.4
_OCSP_REQUEST, _OCSP_RESPONSE = "application/ocsp-request", "application/ocsp-response"  # RFC 6960, A
_CRL, _CERTIFICATE = "application/pkix-crl", "application/pkix-cert"  # RFC 2585, 4
_FRESH = {"Cache-Control": "no-store"}


async def _body(request: Request) -> bytes:
    """The body, read no further than the limit: 413 beyond it."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LONGEST_REQUEST:
            raise HTTPException(413, "the request is too large")
    return bytes(content)


_Body = Annotated[bytes, Depends(_body)]


def create_pki_app(pki: Pki | Path, clock: Clock) -> FastAPI:
    """Serve a PKI, or the directory of one (`Pki.save`), which other processes may serve at the same time.

    POST /tsa (RFC 3161), POST /ocsp (RFC 6960), GET /crl/{name}.crl, GET /ca/{name}.cer, GET /health.
    A body over 16 KiB answers 413, another content type 415, an unknown name 404. BadPkiDirectory at once if the
    directory is not a PKI.
    """
    served = Pki.load(pki) if isinstance(pki, Path) else pki
    app = FastAPI(title="Demo PKI", docs_url=None, redoc_url=None, openapi_url=None)

    @app.post("/tsa")
    def timestamp(request: Request, body: _Body) -> Response:
        _expect(request, _QUERY)
        return Response(served.timestamp(body, now=clock.now()), media_type=_REPLY, headers=_FRESH)

    @app.post("/ocsp")
    def ocsp(request: Request, body: _Body) -> Response:
        _expect(request, _OCSP_REQUEST)
        return Response(served.ocsp(body, now=clock.now()), media_type=_OCSP_RESPONSE, headers=_FRESH)

    @app.get("/crl/{name}.crl")
    def revocation_list(name: str) -> Response:
        try:
            content = served.crl(name, now=clock.now())
        except UnknownName:
            raise HTTPException(404, "no such authority") from None
        return Response(content, media_type=_CRL, headers=_FRESH)

    @app.get("/ca/{name}.cer")
    def certificate(name: str) -> Response:
        if name not in served.declaration.authorities:
            raise HTTPException(404, "no such authority")
        return Response(served.certificate(name).der, media_type=_CERTIFICATE)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _expect(request: Request, media_type: str) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != media_type:
        raise HTTPException(415, f"the body must be {media_type}")
