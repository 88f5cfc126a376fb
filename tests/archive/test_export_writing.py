"""How an export is written: names, constant memory, damage on the way, what cannot make a package."""

import hashlib
import io
import json
from datetime import UTC, datetime

import pytest

from archive import BadPackage, Damaged, ManifestPart, Part, Supplement, build_manifest, write_export
from tests.archive.conftest import EngineDigests, Package, export
from tests.archive.gost_pki import GostPki


def test_names_are_safe_and_unique(package: Package) -> None:
    names = [
        "a/../../etc/passwd",
        "A.xml",
        "a.xml",
        "...",
        "CON",
        "con.xml",
        "\u202egpj.exe",
        "x" * 300 + ".pdf",
        "я" * 150 + ".xml",
        "tab\tname",
    ]
    parts = [Part(role="document", name=name, media_type="x/y", content=b"") for name in names]
    manifest = build_manifest(parts, package_id="p", facts={}, digests=EngineDigests(), created_at=datetime.now(UTC))
    paths = [part["path"] for part in json.loads(manifest)["parts"]]
    assert paths == [
        "parts/passwd",
        "parts/A.xml",
        "parts/a.2.xml",
        "parts/file",
        "parts/_CON",
        "parts/_con.xml",
        "parts/_gpj.exe",
        f"parts/{'x' * 196}.pdf",
        f"parts/{'я' * 98}.xml",
        "parts/tab_name",
    ]


def test_the_zip_is_written_to_a_pipe_in_constant_memory(package: Package) -> None:
    """One part of 200 MB: what is held never grows beyond a few chunks."""
    import tracemalloc

    size = 200 * 1024 * 1024
    digest = hashlib.sha256()
    for _ in range(200):
        digest.update(bytes(1024 * 1024))
    manifest = json.loads(package.manifest)
    part = manifest["parts"][1] | {"size": size, "sha256": digest.hexdigest()}
    manifest["parts"] = [part]
    from archive import canonical_json

    class Zeros(io.RawIOBase):
        left = size

        def read(self, size: int = -1) -> bytes:
            chunk = bytes(min(size, self.left))
            self.left -= len(chunk)
            return chunk

    class Pipe(io.RawIOBase):
        count = 0

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            length = len(memoryview(data))  # type: ignore[arg-type]  # the test only writes buffers
            self.count += length
            return length

    pipe = Pipe()
    tracemalloc.start()
    write_export(
        pipe,  # type: ignore[arg-type]  # a raw stream is not BinaryIO to the checker
        manifest=canonical_json(manifest),
        manifest_signature=package.signature,
        manifest_timestamp=package.timestamp,
        open_part=lambda _part: Zeros(),  # type: ignore[arg-type, return-value]  # as above, a raw stream
        trust_pem=package.trust,
    )
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert pipe.count > 0
    assert peak < 16 * 1024 * 1024


def test_a_part_that_changed_in_the_store_stops_the_export(package: Package) -> None:
    def spoiled(part: ManifestPart) -> io.BytesIO:
        return io.BytesIO(package.contents[part.sha256] + b" ")

    with pytest.raises(Damaged):
        export(package, open_part=spoiled)


def test_what_cannot_make_a_package_is_refused(package: Package, pki: GostPki) -> None:
    for changes in (
        {"manifest": b"{}"},
        {"manifest": package.manifest + b"\n"},
        {"manifest": package.manifest.replace("parts/УПД".encode(), b"parts/../x")},
        {"manifest": package.manifest.replace("parts/УПД".encode(), "parts/'УПД".encode())},
        {"trust_pem": b""},
        {"chain_pem": pki.file("root.pem")},
    ):
        with pytest.raises(BadPackage):
            export(package, **changes)
    with pytest.raises(BadPackage):
        build_manifest(
            [Part(role="signature", name="s", media_type="x/y", content=b"", of="nothing")],
            package_id="p",
            facts={},
            digests=EngineDigests(),
            created_at=datetime.now(UTC),
        )
    for role in ("timestamp", "signature_value", "unknown"):
        with pytest.raises(BadPackage):
            build_manifest(
                [Part(role=role, name="s", media_type="x/y", content=b"")],
                package_id="p",
                facts={},
                digests=EngineDigests(),
                created_at=datetime.now(UTC),
            )


def test_a_supplement_of_another_package_is_refused_before_anything_is_written(package: Package) -> None:
    ties: tuple[dict[str, object], ...] = (
        {},
        {"supplements": {"manifest_sha256": "0" * 64}},
        {"supplements": "this one"},
    )
    for tie in ties:
        late = build_manifest(
            [Part(role="service", name="a.xml", media_type="x/y", content=b"a")],
            package_id="late",
            facts=tie,
            digests=EngineDigests(),
            created_at=datetime.now(UTC),
        )
        one = Supplement(number=1, manifest=late, manifest_signature=b"s", manifest_timestamp=b"t")
        with pytest.raises(BadPackage, match="belongs to another package"):
            export(package, supplements=[one])
