"""Clocks, stores, a ГОСТ PKI and one archived package for the archive's tests."""

import hashlib
import io
import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn, Self

import pytest

import signing
from archive import FileStore, HashTree, MirrorStore, Part, build_manifest, write_export
from archive.store import Store
from tests.archive.gost_pki import GostPki, signature_value

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved; `run` makes it go from the real present."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._runs = False

    def now(self) -> datetime:
        return self._now + (datetime.now(UTC) - NOW if self._runs else timedelta(0))

    def run(self) -> None:
        self._now, self._runs = NOW, True

    def move(self, by: timedelta) -> None:
        self._now += by


class EngineDigests:
    """Streebog by the openssl command line."""

    def streebog256(self, data: bytes) -> bytes:
        command = ["openssl", "dgst", "-engine", "gost", "-md_gost12_256", "-binary"]
        return subprocess.run(command, input=data, capture_output=True, check=True).stdout


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def file_store(tmp_path: Path, clock: Clock) -> FileStore:
    return FileStore(tmp_path / "archive", clock)


@pytest.fixture
def mirror(tmp_path: Path, clock: Clock) -> MirrorStore:
    return MirrorStore(FileStore(tmp_path / "archive", clock), FileStore(tmp_path / "second", clock), clock)


@pytest.fixture(params=["files", "mirror", pytest.param("s3", marks=pytest.mark.full)])
def store(request: pytest.FixtureRequest, clock: Clock) -> Store:
    """Every store: one contract. S3 judges retention by its own clock, so there the tests' clock goes with the real one."""
    if request.param in {"files", "mirror"}:
        return request.getfixturevalue("file_store" if request.param == "files" else "mirror")
    from archive.s3 import S3Store

    endpoint = request.getfixturevalue("s3_endpoint")
    clock.run()
    return S3Store(endpoint.client(), endpoint.bucket(), clock)


@pytest.fixture(scope="session")
def engine(unavailable: Callable[[str], NoReturn]) -> None:
    """openssl with its ГОСТ engine."""
    command = ["openssl", "dgst", "-engine", "gost", "-md_gost12_256", os.devnull]
    if shutil.which("openssl") is None or subprocess.run(command, capture_output=True, check=False).returncode != 0:
        unavailable("openssl with the ГОСТ engine is absent (apt-get install -y openssl libengine-gost-openssl)")


@pytest.fixture(scope="session")
def pki(engine: None, tmp_path_factory: pytest.TempPathFactory) -> GostPki:
    return GostPki(tmp_path_factory.mktemp("pki"))


class Package:
    """A package with two signed documents, everything an export needs and the parts' contents."""

    def __init__(self, pki: GostPki) -> None:
        title, contract = "<Файл>УПД</Файл>".encode("cp1251"), b"%PDF-1.7 contract"
        with_stamp, plain = pki.sign(title), pki.sign(contract)
        value = signature_value(with_stamp)
        self.parts = (
            Part(role="title", name="УПД № 5 от 22.11.2026.xml", media_type="application/xml", content=title),
            Part(
                role="document", name="-rf $(touch 'x') \"договор\".pdf", media_type="application/pdf", content=contract
            ),
            _of("signature", "подпись продавца", with_stamp, "УПД № 5 от 22.11.2026.xml"),
            _of("signature", "подпись договора", plain, "-rf $(touch 'x') \"договор\".pdf"),
            _of("signature_value", "значение", value, "подпись продавца"),
            _of("timestamp", "метка", pki.stamp(value), "значение"),
            Part(role="certificate", name="Иванов.cer", media_type="application/pkix-cert", content=pki.der("signer")),
            Part(role="protocol", name="protocol.pdf", media_type="application/pdf", content=b"%PDF-1.7 protocol"),
        )
        self.manifest = build_manifest(
            self.parts,
            package_id="0193-5e",
            facts={"number": "5", "sum": "1200.00"},
            digests=EngineDigests(),
            created_at=datetime.now(UTC),
        )
        self.signature = pki.sign(self.manifest)
        self.timestamp = pki.stamp(self.signature)
        self.trust = pki.file("root.pem")
        self.chain = pki.file("issuing.pem")
        self.evidence = Keeper(pki).begin(self.sealed, name="sha256").record.to_der()
        self.contents = {hashlib.sha256(part.content).hexdigest(): part.content for part in self.parts}

    @property
    def sealed(self) -> tuple[bytes, bytes, bytes]:
        """The data objects of its evidence record."""
        return self.manifest, self.signature, self.timestamp


class Keeper:
    """Makes evidence records as `archiving` does: archive's hash trees, signing's records, openssl's timestamps."""

    def __init__(self, pki: GostPki) -> None:
        self._pki = pki
        self.record = signing.EvidenceRecord(chains=())
        self._objects: tuple[bytes, ...] = ()

    def begin(self, objects: tuple[bytes, ...], *, name: str = "streebog256") -> Self:
        """A root over this package and its neighbours of the day."""
        self._objects = objects
        groups = [tuple(signing.digest(name, one) for one in objects)]
        token, tree = self._stamp(groups[0], name)
        self.record = signing.begin_evidence_record(token, tree, objects=objects)
        return self

    def renew(self, *, who: str = "tsa") -> Self:
        """A timestamp over the newest one and its neighbours."""
        name = self.record.newest.digest_algorithm
        token, tree = self._stamp((signing.timestamp_renewal_hash(self.record),), name, who=who)
        self.record = signing.renew_timestamp(self.record, token, tree)
        return self

    def rebuild(self, name: str, *, who: str = "tsa") -> Self:
        """A tree by another hash function over this package, its record and their neighbours."""
        group = signing.hash_tree_renewal_hashes(self.record, self._objects, name)
        token, tree = self._stamp(group, name, who=who)
        self.record = signing.renew_hash_tree(self.record, token, tree, objects=self._objects)
        return self

    def _stamp(
        self, group: tuple[bytes, ...], name: str, *, who: str = "tsa"
    ) -> tuple[bytes, tuple[tuple[bytes, ...], ...]]:
        """Token over the root of five leaves, of which the third is ours, and its reduced tree."""

        def hashed(data: bytes) -> bytes:
            inputs[digest := signing.digest(name, data)] = data
            return digest

        inputs: dict[bytes, bytes] = {}
        tree = HashTree([(hashed(bytes([one])),) if one != 2 else group for one in range(5)], hashed=hashed)
        md = {"streebog256": "md_gost12_256", "streebog512": "md_gost12_512"}.get(name, name)
        return self._pki.stamp(inputs[tree.root], who=who, md=md), tree.reduced(2)


def _of(role: str, name: str, content: bytes, of: str) -> Part:
    return Part(role=role, name=name, media_type="application/octet-stream", content=content, of=of)


@pytest.fixture(scope="session")
def package(pki: GostPki) -> Package:
    return Package(pki)


def export(package: Package, **changes: object) -> bytes:
    out = io.BytesIO()
    values: dict[str, object] = {
        "manifest": package.manifest,
        "manifest_signature": package.signature,
        "manifest_timestamp": package.timestamp,
        "open_part": lambda part: io.BytesIO(package.contents[part.sha256]),
        "trust_pem": package.trust,
        "chain_pem": package.chain,
        "evidence_record": b"" if "manifest" in changes else package.evidence,
    }
    write_export(out, **(values | changes))  # type: ignore[arg-type]  # the pieces are varied on purpose
    return out.getvalue()
