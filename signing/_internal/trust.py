"""Whom we trust: anchors, and intermediate certificates that help to build paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from signing._internal import pem
from signing._internal.certificates import Certificate
from signing._internal.errors import BadCertificate, BadInput
from signing._internal.names import normal_form

if TYPE_CHECKING:
    from signing._internal.tsl import TrustedList

_SUFFIXES = {".pem", ".crt", ".cer", ".der", ".p7b"}
_LABELS = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}


class Pool:
    """Certificates found by subject; each is kept once."""

    def __init__(self, certificates: Iterable[Certificate] = ()) -> None:
        self._by_name: dict[object, list[Certificate]] = {}
        self.all: list[Certificate] = []
        for certificate in certificates:
            self.add(certificate)

    def add(self, certificate: Certificate) -> None:
        """Keep one more."""
        same = self._by_name.setdefault(_key(certificate.subject_der), [])
        if certificate not in same:
            same.append(certificate)
            self.all.append(certificate)

    def add_der(self, blobs: Iterable[bytes]) -> None:
        """Keep those of the encoded certificates that can be read."""
        for blob in blobs:
            try:
                certificate = Certificate.load(blob)
                _ = certificate.subject_key_id, certificate.authority_key_id  # paths are searched by these
            except (BadCertificate, BadInput):
                continue
            self.add(certificate)

    def named(self, name: bytes) -> Sequence[Certificate]:
        """Certificates with this subject (encoded name)."""
        return self._by_name.get(_key(name), ())


def _key(name: bytes) -> object:
    try:
        return normal_form(name)
    except BadInput:
        return name


class TrustStore:
    """Trust anchors and intermediate certificates; unchanging, may be shared between verifications and threads.

    `accredited` is the state's list of authorities, when there is one: asked for the first condition of 63-ФЗ,
    статья 11, never for trust (`TrustedList.extend` makes such a store).
    """

    def __init__(
        self,
        anchors: Iterable[Certificate] = (),
        intermediates: Iterable[Certificate] = (),
        *,
        accredited: TrustedList | None = None,
    ) -> None:
        self.accredited = accredited
        self.anchors = tuple(anchors)
        self.intermediates = tuple(intermediates)
        self._anchor_ders = frozenset(certificate.der for certificate in self.anchors)

    @classmethod
    def from_files(cls, paths: Iterable[str | Path]) -> TrustStore:
        """Read PEM bundles, DER certificates and directories of them.

        Self-signed certificates are anchors, others intermediates; a path without any self-signed certificate names
        all of its certificates as anchors. Raises BadInput (nothing to read) and BadCertificate.
        """
        anchors: list[Certificate] = []
        intermediates: list[Certificate] = []
        for path in map(Path, paths):
            found = _read_path(path)
            roots = [certificate for certificate in found if certificate.self_issued]
            anchors += roots or found
            intermediates += [certificate for certificate in found if roots and not certificate.self_issued]
        return cls(anchors, intermediates)

    def is_anchor(self, certificate: Certificate) -> bool:
        """Whether this very certificate is trusted by itself."""
        return certificate.der in self._anchor_ders

    @cached_property
    def pool(self) -> Pool:
        """Anchors and intermediates by subject."""
        return Pool((*self.anchors, *self.intermediates))


def _read_path(path: Path) -> list[Certificate]:
    if path.is_dir():
        files = sorted(item for item in path.rglob("*") if item.suffix.lower() in _SUFFIXES and item.is_file())
        return [certificate for item in files for certificate in _read_file(item)]
    return _read_file(path)


def _read_file(path: Path) -> list[Certificate]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput("the file of trusted certificates cannot be read", f"{path}: {error.strerror}") from error
    return load_certificates(data)


def load_certificates(data: bytes) -> list[Certificate]:
    """All certificates of a PEM bundle, or the one of a DER or base64 file; BadCertificate when there is none."""
    if b"-----BEGIN " in data:
        found = [Certificate.load(contents) for label, contents in pem.blocks(data) if label in _LABELS]
        if not found:
            raise BadCertificate("no certificate in the PEM file")
        return found
    return [Certificate.load(data)]
