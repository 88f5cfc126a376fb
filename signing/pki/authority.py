"""A whole PKI at work: what was issued, and the services that answer questions about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from signing import Certificate
from signing._internal.errors import BadKey
from signing._internal.keys import PrivateKey, export_private_key, generate_private_key, load_private_key
from signing.pki.certificates import Addresses, Issuer, encode_name, issue_certificate
from signing.pki.crl import issue_crl
from signing.pki.declaration import Authority, Issued, PkiDeclaration, RevocationReason, Signer
from signing.pki.errors import BadPkiDirectory, KeyLocked, PkiError, UnknownName
from signing.pki.ocsp import OcspService, answer_ocsp
from signing.pki.revocations import FolderBook, MemoryBook, Revocation, RevocationBook
from signing.pki.storage import REVOKED, StoredMember, StoredPki, read_pki, write_pki
from signing.pki.timestamps import TimestampService, answer_timestamp


@dataclass(frozen=True, kw_only=True)
class PkiEntity:
    """Someone who can sign: key, certificate and the intermediates above it (nearest first, without the root)."""

    name: str
    key: PrivateKey
    certificate: Certificate
    chain: tuple[Certificate, ...]


@dataclass(frozen=True, kw_only=True)
class _Member:
    """One issued certificate with its key; `key` is None while `stored_key` (PKCS#8 DER) is encrypted."""

    issued: Issued
    certificate: Certificate
    stored_key: bytes
    key: PrivateKey | None


class Pki:
    """Keys, certificates and revocations of one declaration; made by `build` or `Pki.load`.

    Safe to use from several threads. Several processes may load one directory: they see each other's revocations.
    """

    def __init__(
        self, declaration: PkiDeclaration, members: Mapping[str, _Member], book: RevocationBook, addresses: Addresses
    ) -> None:
        self.declaration = declaration
        self.addresses = addresses
        self._members = dict(members)
        self._book = book
        self._ocsp_services = tuple(self._services())

    @property
    def names(self) -> tuple[str, ...]:
        """Every name: authorities, services, subjects."""
        return tuple(self._members)

    def entity(self, name: str, password: bytes | None = None) -> PkiEntity:
        """The entity of that name; UnknownName, or KeyLocked when its key needs a password and it is not this one."""
        member = self._member(name)
        key = member.key
        if key is None:
            if password is None:
                raise KeyLocked(name)
            try:
                key = load_private_key(member.stored_key, password)
            except BadKey as error:
                raise KeyLocked(f"{name}: {error}") from error
        return PkiEntity(name=name, key=key, certificate=member.certificate, chain=self.chain(name))

    def certificate(self, name: str) -> Certificate:
        """The certificate of that name; needs no password."""
        return self._member(name).certificate

    def stored_key(self, name: str) -> bytes:
        """The private key as it is kept: PKCS#8 DER, encrypted if it was saved with a password."""
        return self._member(name).stored_key

    def chain(self, name: str) -> tuple[Certificate, ...]:
        """The intermediates above that name, nearest first, without the root."""
        found = []
        issuer = self._member(name).issued.issuer
        while issuer is not None:
            above = self._members[issuer]
            if above.issued.issuer is not None:
                found.append(above.certificate)
            issuer = above.issued.issuer
        return tuple(found)

    def roots(self) -> tuple[Certificate, ...]:
        """The trusted roots; a root declared without `trusted` is not among them."""
        return tuple(
            member.certificate
            for member in self._members.values()
            if isinstance(member.issued, Authority) and member.issued.trusted
        )

    def intermediates(self) -> tuple[Certificate, ...]:
        """The authorities below a root."""
        return tuple(
            member.certificate
            for member in self._members.values()
            if isinstance(member.issued, Authority) and member.issued.issuer is not None
        )

    def crl(self, issuer_name: str, *, now: datetime) -> bytes:
        """Issue the DER revocation list of an authority as of `now`; UnknownName if it is not an authority."""
        issued = self._member(issuer_name).issued
        if not isinstance(issued, Authority):
            raise UnknownName(f"{issuer_name} is not an authority")
        return issue_crl(self._issuer(issuer_name), self._revoked(issuer_name), now=_whole(now), days=issued.crl_days)

    def ocsp(self, request: bytes, *, now: datetime) -> bytes:
        """Answer a DER OCSPRequest (RFC 6960); bad requests get an answer that says so."""
        return answer_ocsp(request, self._ocsp_services, self._revoked, now=_whole(now))

    def timestamp(self, request: bytes, *, now: datetime, name: str | None = None) -> bytes:
        """Answer a DER TimeStampReq (RFC 3161) as the authority `name`, by default the first declared."""
        declared = self.declaration.timestampers
        chosen = name or next(iter(declared), "")
        if chosen not in declared:
            raise UnknownName(f"no timestamping authority {chosen!r}")
        member = self._member(chosen)
        service = TimestampService(
            key=self._key(chosen),
            certificate=member.certificate,
            chain=self.chain(chosen),
            policy=declared[chosen].policy,
            accuracy_seconds=declared[chosen].accuracy_seconds,
        )
        return answer_timestamp(request, service, now=_whole(now))

    def revoke(self, name: str, at: datetime, reason: RevocationReason = RevocationReason.UNSPECIFIED) -> None:
        """Revoke the certificate of that name from `at` on; AlreadyRevoked the second time, UnknownName."""
        member = self._member(name)
        if member.issued.issuer is None:
            raise PkiError(f"{name} is a root: nobody can revoke it")
        serial = member.certificate.serial
        self._book.add(Revocation(issuer=member.issued.issuer, serial=serial, at=_whole(at), reason=reason))

    def save(self, directory: Path, passwords: Mapping[str, bytes] | None = None, *, replace: bool = False) -> None:
        """Write everything into a new directory (see `storage`); the keys named in `passwords` are encrypted.

        The directory appears whole or not at all. PkiExists if it is there and `replace` is false. From then on this
        object keeps its revocations there, where other processes see them.
        """
        secrets = dict(passwords or {})
        stored = StoredPki(
            base=self.addresses.base,
            declaration=self.declaration.source,
            members=tuple(self._stored(name, secrets.pop(name, None)) for name in self._members),
            revocations=self._book.entries(),
            roots=self.roots(),
            intermediates=self.intermediates(),
        )
        for unknown in secrets:
            raise UnknownName(unknown)
        write_pki(directory, stored, replace=replace)
        self._book = FolderBook(directory / REVOKED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what `save` wrote; encrypted keys stay locked until `entity` gets their password. BadPkiDirectory."""
        declaration, stored = read_pki(directory)
        members = {}
        for issued, member in zip(declaration.issued(), stored.members, strict=True):
            members[issued.name] = _Member(
                issued=issued,
                certificate=member.certificate,
                stored_key=member.key,
                key=None if member.encrypted else _own_key(member),
            )
        return cls(declaration, members, FolderBook(directory / REVOKED), Addresses(base=stored.base))

    def _member(self, name: str) -> _Member:
        try:
            return self._members[name]
        except KeyError:
            raise UnknownName(name) from None

    def _key(self, name: str) -> PrivateKey:
        key = self._member(name).key
        if key is None:
            raise KeyLocked(f"{name}: a service signs without a password")
        return key

    def _issuer(self, name: str) -> Issuer:
        return Issuer(
            name=name,
            subject_der=self._member(name).certificate.subject_der,
            key=self._key(name),
            responder=self.declaration.authorities[name].responder,
        )

    def _revoked(self, issuer: str) -> tuple[Revocation, ...]:
        return tuple(entry for entry in self._book.entries() if entry.issuer == issuer)

    def _services(self) -> Iterable[OcspService]:
        for authority in self.declaration.authorities.values():
            if authority.responder is None:
                continue
            issued = [m for m in self._members.values() if m.issued.issuer == authority.name]
            yield OcspService(
                issuer=self._issuer(authority.name),
                serials=frozenset(member.certificate.serial for member in issued),
                key=self._key(authority.responder),
                certificate=self.certificate(authority.responder),
                answer_hours=self.declaration.responders[authority.responder].answer_hours,
            )

    def _stored(self, name: str, password: bytes | None) -> StoredMember:
        member = self._members[name]
        key, encrypted = member.stored_key, member.key is None
        if password is not None:
            if member.key is None:
                raise KeyLocked(f"{name} is encrypted already")
            key, encrypted = export_private_key(member.key, password), True
        return StoredMember(name=name, certificate=member.certificate, key=key, encrypted=encrypted)


def build(declaration: PkiDeclaration, *, now: datetime, host: str) -> Pki:
    """Issue everything that is declared: fresh keys, certificates valid from `now` by their offsets, revocations.

    `host` (with a port if need be) goes into the CRL, AIA and OCSP addresses of the certificates. Nothing is written.
    """
    at = _whole(now)
    addresses = Addresses(base=f"http://{host}")
    members: dict[str, _Member] = {}
    book = MemoryBook()
    for issued in declaration.issued():
        key = generate_private_key(issued.key)
        issuer = _issuer_of(issued, key, declaration, members)
        certificate = Certificate.load(
            issue_certificate(
                issued, key.public_key_info, issuer=issuer, now=at, tools=declaration.tools, addresses=addresses
            )
        )
        members[issued.name] = _Member(
            issued=issued, certificate=certificate, stored_key=export_private_key(key), key=key
        )
        if isinstance(issued, Signer) and issued.revoked_at is not None and issued.issuer is not None:
            moment, reason = issued.revoked_at.after(at), issued.revocation_reason
            book.add(Revocation(issuer=issued.issuer, serial=certificate.serial, at=moment, reason=reason))
    return Pki(declaration, members, book, addresses)


def _issuer_of(
    issued: Issued, own_key: PrivateKey, declaration: PkiDeclaration, members: Mapping[str, _Member]
) -> Issuer:
    if issued.issuer is None:
        return Issuer(name=issued.name, subject_der=encode_name(issued.subject), key=own_key, responder=None)
    above = members[issued.issuer]
    if above.key is None:
        raise KeyLocked(issued.issuer)
    return Issuer(
        name=issued.issuer,
        subject_der=above.certificate.subject_der,
        key=above.key,
        responder=declaration.authorities[issued.issuer].responder,
    )


def _own_key(member: StoredMember) -> PrivateKey:
    """The stored plain key, which must be the certificate's."""
    try:
        key = load_private_key(member.key)
    except BadKey as error:
        raise BadPkiDirectory(f"keys/{member.name}.pem: {error}") from error
    if key.public_key_info != member.certificate.public_key_info:
        raise BadPkiDirectory(f"keys/{member.name}.pem is the key of another certificate")
    return key


def _whole(moment: datetime) -> datetime:
    """The aware moment in UTC without its fraction of a second, as certificates tell time."""
    if moment.tzinfo is None:
        raise PkiError("an aware time is expected")
    return moment.astimezone(UTC).replace(microsecond=0)
