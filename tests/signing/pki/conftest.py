"""One demo PKI for all tests that only read it, and openssl with the ГОСТ engine as the second opinion."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edo_service.demo.make_pki import HOST, demo_declaration
from signing.pki import Pki, PkiDeclaration, build
from tests.signing.pki.judge import OpenSsl, openssl_in

# openssl judges by the machine's clock, so the PKI of the tests is built at the machine's time
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def declaration() -> PkiDeclaration:
    return demo_declaration()


@pytest.fixture(scope="session")
def pki(declaration: PkiDeclaration) -> Pki:
    """Shared: nobody may revoke in it."""
    return build(declaration, now=NOW, host=HOST)


@pytest.fixture
def own_pki(declaration: PkiDeclaration) -> Pki:
    """For those who change it."""
    return build(declaration, now=NOW, host=HOST)


@pytest.fixture
def files(pki: Pki, tmp_path: Path) -> Path:
    """Certificates, roots and intermediates as PEM files for openssl."""
    for name in pki.names:
        (tmp_path / f"{name}.pem").write_text(pki.certificate(name).pem())
    (tmp_path / "roots.pem").write_text("".join(certificate.pem() for certificate in pki.roots()))
    (tmp_path / "intermediates.pem").write_text("".join(certificate.pem() for certificate in pki.intermediates()))
    return tmp_path


@pytest.fixture
def openssl(tmp_path: Path) -> OpenSsl:
    return openssl_in(tmp_path)
