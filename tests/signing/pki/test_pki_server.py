"""The HTTP face: in process, and once over a real socket with a timestamp client of the library."""

import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest
import uvicorn
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from starlette.testclient import TestClient

from edo_service.demo.pki_server import LONGEST_REQUEST, create_pki_app
from edo_service.kernel.clock import MovableClock
from signing.pki import BadPkiDirectory, Pki
from tests.signing.pki.asking import asked, request, token
from tests.signing.pki.judge import OpenSsl

TIMESTAMP = {"content-type": "application/timestamp-query"}
OCSP = {"content-type": "application/ocsp-request"}
# Every address, its method and the type it wants: all of them must refuse the same wrong things
POSTS = [("/tsa", TIMESTAMP), ("/ocsp", OCSP)]


@pytest.fixture
def clock(now: datetime) -> MovableClock:
    return MovableClock(now)


@pytest.fixture
def client(pki: Pki, clock: MovableClock) -> Iterator[TestClient]:
    with TestClient(create_pki_app(pki, clock)) as client:
        yield client


def test_a_timestamp_over_http(client: TestClient, clock: MovableClock, now: datetime) -> None:
    clock.move(timedelta(hours=5))

    response = client.post("/tsa", content=request(), headers=TIMESTAMP)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/timestamp-reply"
    assert response.headers["cache-control"] == "no-store"
    assert token(response.content)[1]["gen_time"].native == now + timedelta(hours=5)


def test_a_rejection_is_an_answer_too(client: TestClient) -> None:
    response = client.post("/tsa", content=b"nonsense", headers=TIMESTAMP)

    assert (response.status_code, response.headers["content-type"]) == (200, "application/timestamp-reply")


def test_ocsp_over_http(client: TestClient, pki: Pki) -> None:
    response = client.post("/ocsp", content=asked(pki, pki.certificate("revoked").serial), headers=OCSP)

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/ocsp-response"
    assert ocsp.load_der_ocsp_response(response.content).certificate_status is ocsp.OCSPCertStatus.REVOKED


def test_a_list_is_issued_when_asked_for(client: TestClient, clock: MovableClock) -> None:
    first = client.get("/crl/issuing.crl")
    moved = clock.move(timedelta(days=3))
    second = client.get("/crl/issuing.crl")

    assert first.headers["content-type"] == "application/pkix-crl"
    assert x509.load_der_x509_crl(second.content).last_update_utc == moved


def test_certificates_of_authorities(client: TestClient, pki: Pki) -> None:
    response = client.get("/ca/issuing.cer")

    assert response.headers["content-type"] == "application/pkix-cert"
    assert response.content == pki.certificate("issuing").der


def test_the_addresses_in_certificates_are_served(client: TestClient, pki: Pki) -> None:
    certificate = x509.load_der_x509_certificate(pki.certificate("lessor_person").der)
    access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    base = pki.addresses.base
    places = {item.access_method: item.access_location.value.removeprefix(base) for item in access}

    crl = client.get(points[0].full_name[0].value.removeprefix(base))
    issuer = client.get(places[AuthorityInformationAccessOID.CA_ISSUERS])
    answer = client.post(
        places[AuthorityInformationAccessOID.OCSP], content=asked(pki, certificate.serial_number), headers=OCSP
    )

    assert (crl.status_code, issuer.status_code, answer.status_code) == (200, 200, 200)
    assert ocsp.load_der_ocsp_response(answer.content).certificate_status is ocsp.OCSPCertStatus.GOOD


@pytest.mark.parametrize(
    "path",
    [
        "/crl/nobody.crl",
        "/crl/lessor_person.crl",
        "/ca/nobody.cer",
        "/ca/lessor_person.cer",
        "/keys/root.pem",
        "/crl/..%2fkeys%2froot.pem.crl",
        "/ca/tsa.cer",
        "/docs",
        "/openapi.json",
    ],
)
def test_nothing_else_is_served(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("path", "headers"), POSTS)
def test_a_body_beyond_the_limit_is_refused(path: str, headers: dict[str, str], client: TestClient) -> None:
    at_limit = client.post(path, content=bytes(LONGEST_REQUEST), headers=headers)
    beyond = client.post(path, content=bytes(LONGEST_REQUEST + 1), headers=headers)
    chunked = client.post(path, content=iter([bytes(1000)] * 20), headers=headers)

    assert (at_limit.status_code, beyond.status_code, chunked.status_code) == (200, 413, 413)


@pytest.mark.parametrize(("path", "headers"), POSTS)
@pytest.mark.parametrize("given", ["", "text/plain", "application/json"])
def test_another_content_type_is_refused(path: str, headers: dict[str, str], given: str, client: TestClient) -> None:
    assert client.post(path, content=b"1", headers={"content-type": given}).status_code == 415
    with_parameter = {"content-type": headers["content-type"].upper() + "; charset=binary"}
    assert client.post(path, content=b"1", headers=with_parameter).status_code == 200


@pytest.mark.parametrize("path", ["/tsa", "/ocsp"])
def test_questions_are_posted(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 405


def test_a_directory_is_served_and_its_revocations_show(own_pki: Pki, tmp_path: Path, clock: MovableClock) -> None:
    own_pki.save(tmp_path / "pki")
    with TestClient(create_pki_app(tmp_path / "pki", clock)) as client:
        before = client.get("/crl/issuing.crl").content

        Pki.load(tmp_path / "pki").revoke("lessor_director", clock.now())

        after = client.get("/crl/issuing.crl").content
    assert len(x509.load_der_x509_crl(after)) == len(x509.load_der_x509_crl(before)) + 1


def test_a_folder_that_is_no_pki_is_refused_at_once(tmp_path: Path, clock: MovableClock) -> None:
    with pytest.raises(BadPkiDirectory):
        create_pki_app(tmp_path, clock)


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


class ListeningServer(uvicorn.Server):
    """Tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@pytest.fixture
def address(pki: Pki, clock: MovableClock) -> Iterator[str]:
    """The address of a real server on a free port."""
    server = ListeningServer(uvicorn.Config(create_pki_app(pki, clock), port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.listening.wait(120)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(240)
    assert not thread.is_alive()


def test_openssl_believes_what_comes_over_a_socket(address: str, files: Path, openssl: OpenSsl, pki: Pki) -> None:
    (files / "content").write_bytes(b"content")
    openssl("ts", "-query", "-data", "content", "-md_gost12_256", "-cert", "-out", "query.tsq")
    with httpx2.Client(base_url=address) as http:
        reply = http.post("/tsa", content=(files / "query.tsq").read_bytes(), headers=TIMESTAMP)
        crl = http.get("/crl/issuing.crl")
    (files / "reply.tsr").write_bytes(reply.content)
    (files / "list.crl").write_bytes(crl.content)

    stamped = openssl("ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", "-CAfile", "roots.pem")
    answered = openssl(
        *("ocsp", "-issuer", "issuing.pem", "-cert", "revoked.pem", "-url", f"{address}/ocsp"),
        *("-CAfile", "roots.pem", "-verify_other", "intermediates.pem"),
    )

    assert "Verification: OK" in stamped.stdout + stamped.stderr
    assert "Response verify OK" in answered.stderr
    assert "revoked.pem: revoked" in answered.stdout
    assert len(x509.load_der_x509_crl((files / "list.crl").read_bytes())) == 1
