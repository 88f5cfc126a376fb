"""Files of any size are signed in flat memory; what is written, OpenSSL and we read."""

from __future__ import annotations

import hashlib
import io
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from signing import BadInput, TrustStore, sign_stream, verify
from signing._internal.cms import read_signed_data
from tests.signing.conftest import World, failing, shared_world
from tests.signing.maker import NOW
from tests.signing.test_signing_round_trip import CONTENT, openssl_verify

MEGABYTE = 1 << 20


class Pipe(io.RawIOBase):
    """A source that cannot seek, as a socket or a pipe."""

    def __init__(self, content: bytes) -> None:
        self.inner = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self.inner.read(min(size, 1000) if size >= 0 else size)


def write(world: World, source: object, *, detached: bool = False, stamped: bool = False) -> bytes:
    out = io.BytesIO()
    sign_stream(
        source,  # type: ignore[arg-type]  # a raw stream is enough
        out,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        timestamper=world.tsa if stamped else None,
        detached=detached,
    )
    return out.getvalue()


@pytest.mark.parametrize("spec", ["gost2012_256:XA", "rsa:2048", "ec:P-256"])
@pytest.mark.parametrize("source", [io.BytesIO, Pipe])
@pytest.mark.parametrize("stamped", [True, False])
def test_a_streamed_signature_is_taken_by_us_and_by_openssl(
    spec: str, source: Callable[[bytes], object], tmp_path: Path, *, stamped: bool
) -> None:
    world = shared_world(spec)
    cms = write(world, source(CONTENT * 300), stamped=stamped)
    signed = read_signed_data(cms)
    assert signed.form == ("der" if source is io.BytesIO else "ber")
    assert signed.content == CONTENT * 300
    report = world.verify(None, cms)
    assert report.indication == "TOTAL-PASSED", failing(report)
    (tmp_path / "cms").write_bytes(cms)
    (tmp_path / "root.pem").write_text(world.root.certificate.pem())
    command = ["openssl", "cms", "-verify", "-engine", "gost", "-cades", "-binary", "-inform", "DER", "-in", "cms"]
    command += ["-CAfile", "root.pem", "-purpose", "any", "-out", "out", "-attime", str(int(NOW.timestamp()))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out").read_bytes() == CONTENT * 300


def test_a_detached_signature_is_made_in_one_reading_from_where_the_source_stands(world: World, tmp_path: Path) -> None:
    source = io.BytesIO(b"a header that is not signed" + CONTENT)
    source.seek(len(b"a header that is not signed"))
    assert openssl_verify(world, write(world, source, detached=True), tmp_path).returncode == 0
    assert world.verify(CONTENT, write(world, Pipe(CONTENT), detached=True)).indication == "TOTAL-PASSED"


def test_nothing_at_all_may_be_signed(world: World) -> None:
    for source in (io.BytesIO(), Pipe(b"")):
        assert world.verify(None, write(world, source)).indication == "TOTAL-PASSED"


def test_a_source_that_changes_while_it_is_signed_is_told_of(world: World) -> None:
    class Restless(io.BytesIO):
        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.getbuffer()[:1] = b"?"
            return super().seek(offset, whence)

    with pytest.raises(BadInput, match="changed"):
        write(world, Restless(CONTENT))


_CHILD = """
import resource, sys
from datetime import UTC, datetime
import signing
key = signing.load_private_key(open(sys.argv[1], "rb").read())
certificate = signing.Certificate.load(open(sys.argv[2], "rb").read())
now = datetime(2026, 11, 20, 12, tzinfo=UTC)
signing.sign_cades(b"warm", key=key, certificate=certificate, signing_time=now)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[3], "rb") as source, open(sys.argv[4], "wb") as out:
    signing.sign_stream(source, out, key=key, certificate=certificate, signing_time=now)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def _grown(world: World, folder: Path, size: int) -> int:
    """Kilobytes by which the memory of a process grows while it signs a file of `size` octets, attached."""
    from signing import export_private_key

    (folder / "key").write_bytes(export_private_key(world.signer.key))
    (folder / "certificate").write_bytes(world.signer.certificate.der)
    with (folder / "big").open("wb") as big:
        big.truncate(size)
    names = [str(folder / name) for name in ("key", "certificate", "big", "signed")]
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *names],
        capture_output=True,
        text=True,
        check=True,
        timeout=250,
        env={**os.environ},
    )
    return int(done.stdout)


def test_memory_does_not_grow_with_the_file(world: World, tmp_path: Path) -> None:
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0  # the unit is known: Linux tells kilobytes
    assert _grown(world, tmp_path, 64 * MEGABYTE) < 8 * 1024
    cms = (tmp_path / "signed").read_bytes()
    report = verify(
        None,
        cms,
        trust=TrustStore([world.root.certificate], [world.issuing.certificate]),
        evidence=world.evidence,
        at=NOW,
    )
    assert report.indication == "TOTAL-PASSED", failing(report)
    assert report.content_sha256 == hashlib.sha256(bytes(64 * MEGABYTE)).hexdigest()


@pytest.mark.soak
def test_gigabytes_are_signed_in_the_same_memory(
    world: World, tmp_path: Path, record_property: Callable[..., None]
) -> None:
    grown = _grown(world, tmp_path, 3 << 30)
    (tmp_path / "signed").unlink()
    record_property("streamed_gigabytes", 3)
    record_property("grown_kilobytes", grown)
    assert grown < 8 * 1024
