"""Keys as they are kept elsewhere: PKCS#12, PKCS#8 under ГОСТ passwords, tokens."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import load_der_x509_certificate

from signing import (
    BadKey,
    PrivateKey,
    Unsupported,
    export_private_key,
    load_pkcs12,
    load_private_key,
    open_pkcs11_key,
    sign_cades,
)
from signing._internal import der, pem
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW

PASSWORD = "Пароль 1".encode()
CONTENT = b"what is signed"


def run(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run(arguments, cwd=folder, capture_output=True, check=False, timeout=240, env=environment)
    assert done.returncode == 0, done.stderr.decode()
    return done


def holds(world: World, key: PrivateKey) -> None:
    cms = sign_cades(CONTENT, key=key, certificate=world.signer.certificate, signing_time=NOW)
    report = world.verify(CONTENT, cms)
    assert report.indication == "TOTAL-PASSED", failing(report)


# --- PKCS#12 ---


@pytest.mark.parametrize("spec", ["rsa:2048", "ec:P-256", "ed25519"])
def test_a_container_of_the_usual_kind_is_opened(spec: str) -> None:
    world = build_world(spec)
    made = pkcs12.serialize_key_and_certificates(
        b"head",
        serialization.load_der_private_key(export_private_key(world.signer.key), None),  # type: ignore[arg-type]  # any kind
        load_der_x509_certificate(world.signer.certificate.der),
        [load_der_x509_certificate(one.certificate.der) for one in (world.issuing, world.root)],
        serialization.BestAvailableEncryption(PASSWORD),
    )
    opened = load_pkcs12(made, PASSWORD)
    assert opened.certificate == world.signer.certificate
    assert set(opened.chain) == {world.issuing.certificate, world.root.certificate}
    holds(world, opened.key)
    with pytest.raises(BadKey):
        load_pkcs12(made, b"wrong")


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_256:TCB", "gost2012_512:A"])
@pytest.mark.parametrize(
    "protection",
    [
        ["-macalg", "md_gost12_512", "-keypbe", "gost89", "-certpbe", "gost89"],
        ["-macalg", "md_gost12_256", "-keypbe", "aes-256-cbc", "-certpbe", "aes-256-cbc"],
        [],
    ],
)
def test_a_container_with_a_gost_key_is_opened(spec: str, protection: list[str], tmp_path: Path) -> None:
    """Р 1323565.1.041: integrity by HMAC of Streebog, as openssl with the engine makes it."""
    world = build_world(spec)
    (tmp_path / "key.pem").write_bytes(pem.encode("PRIVATE KEY", export_private_key(world.signer.key)))
    chain = "".join(one.certificate.pem() for one in (world.signer, world.issuing))
    (tmp_path / "certificates.pem").write_text(chain)
    run(
        tmp_path, "openssl", "pkcs12", "-engine", "gost", "-export", "-inkey", "key.pem", "-in", "certificates.pem",
        "-passout", f"pass:{PASSWORD.decode()}", *protection, "-out", "container.p12",
    )  # fmt: skip
    container = (tmp_path / "container.p12").read_bytes()
    opened = load_pkcs12(container, PASSWORD)
    assert opened.certificate == world.signer.certificate
    assert opened.chain == (world.issuing.certificate,)
    holds(world, opened.key)
    with pytest.raises(BadKey, match="password"):
        load_pkcs12(container, b"wrong")


def test_what_is_no_container_is_refused() -> None:
    for blob in (b"", b"not a container", der.sequence(der.integer(3)), bytes(5_000_000)):
        with pytest.raises(BadKey):
            load_pkcs12(blob, PASSWORD)
    with pytest.raises(Unsupported, match="CryptoPro"):
        load_pkcs12(der.sequence(der.oid("1.2.840.113549.1.12.1.80")), PASSWORD)


def test_a_container_without_a_key_is_refused(world: World) -> None:
    made = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(load_der_x509_certificate(world.root.certificate.der), b"root")],
        serialization.BestAvailableEncryption(PASSWORD),
    )
    with pytest.raises(BadKey, match="no private key"):
        load_pkcs12(made, PASSWORD)


# --- PKCS#8 under a password ---


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "gost2012_512:B"])
@pytest.mark.parametrize(
    "protection",
    [
        ["-v2", "gost89", "-v2prf", "id-tc26-hmac-gost-3411-2012-512"],
        ["-v2", "magma-ctr-acpkm", "-v2prf", "id-tc26-hmac-gost-3411-2012-512"],
        ["-v2", "aes-256-cbc"],
    ],
)
def test_a_gost_key_under_a_password_of_openssl_is_read(spec: str, protection: list[str], tmp_path: Path) -> None:
    """Р 1323565.1.040: PBES2 with HMAC of Streebog and a ГОСТ cipher."""
    world = build_world(spec)
    (tmp_path / "key.pem").write_bytes(pem.encode("PRIVATE KEY", export_private_key(world.signer.key)))
    run(
        tmp_path, "openssl", "pkcs8", "-engine", "gost", "-topk8", "-in", "key.pem", "-out", "sealed.pem",
        "-passout", f"pass:{PASSWORD.decode()}", *protection,
    )  # fmt: skip
    sealed = (tmp_path / "sealed.pem").read_bytes()
    holds(world, load_private_key(sealed, PASSWORD))
    with pytest.raises(BadKey):
        load_private_key(sealed, b"wrong")


# --- tokens ---

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "1234"


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[World, str], None]]:
    """A token in software; the function puts the signer's key and certificate on it under a label."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    run(folder, "softhsm2-util", "--init-token", "--free", "--label", "Lab", "--pin", PIN, "--so-pin", "5678")

    def put(world: World, label: str, *, certificate: bool = True) -> None:
        (folder / "key.pem").write_bytes(pem.encode("PRIVATE KEY", export_private_key(world.signer.key)))
        number = label.encode().hex()
        run(
            folder,
            "softhsm2-util",
            "--import",
            "key.pem",
            "--token",
            "Lab",
            "--label",
            label,
            "--id",
            number,
            "--pin",
            PIN,
        )
        if certificate:
            _put_certificate(world.signer.certificate.der, label)

    yield put
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


def _put_certificate(content: bytes, label: str) -> None:
    import pkcs11
    from pkcs11.util.x509 import decode_x509_certificate

    with pkcs11.lib(MODULE).get_token(token_label="Lab").open(rw=True, user_pin=PIN) as session:
        template = decode_x509_certificate(content)
        template |= {pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.ID: label.encode(), pkcs11.Attribute.LABEL: label}
        session.create_object(template)


@pytest.mark.parametrize("spec", ["rsa:2048", "ec:P-256", "ec:P-384", "ed25519"])
def test_a_key_on_a_token_signs(spec: str, token: Callable[[World, str], None]) -> None:
    world = build_world(spec)
    token(world, spec)
    key = open_pkcs11_key(MODULE, token="Lab", label=spec, pin=PIN)
    assert key.certificate == world.signer.certificate
    holds(world, key)
    with pytest.raises(BadKey, match="exported"):
        export_private_key(key)
    key.close()


def test_what_the_token_refuses_is_told(token: Callable[..., None]) -> None:
    world, other = build_world("ec:P-256"), build_world("ec:P-256")
    token(world, "bare", certificate=False)
    with pytest.raises(BadKey, match="no certificate"):
        open_pkcs11_key(MODULE, token="Lab", label="bare", pin=PIN)
    with pytest.raises(BadKey, match="PinIncorrect"):
        open_pkcs11_key(MODULE, token="Lab", label="bare", pin="0000")
    with pytest.raises(BadKey, match="NoSuchKey"):
        open_pkcs11_key(MODULE, token="Lab", label="nobody", pin=PIN)
    with pytest.raises(BadKey, match="NoSuchToken"):
        open_pkcs11_key(MODULE, token="Other", label="bare", pin=PIN)
    with pytest.raises(BadKey, match="library"):
        open_pkcs11_key("/nowhere/library.so", token="Lab", label="bare", pin=PIN)
    key = open_pkcs11_key(MODULE, token="Lab", label="bare", pin=PIN, certificate=other.signer.certificate)
    with pytest.raises(BadKey, match="not the key of the certificate"):
        key.sign(CONTENT)
    key.close()
    with pytest.raises(Unsupported, match="two phases"):
        open_pkcs11_key(MODULE, token="Lab", label="bare", pin=PIN, certificate=build_world().signer.certificate)
