"""What the tests of the verdict logic build files of: signers and counter-signers with chosen attributes, stamps."""

from __future__ import annotations

from datetime import datetime, timedelta

from signing import Policy, Report, SignatureVerdict, digest
from signing._internal import der, oids
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.conftest import World
from tests.signing.maker import NOW, Tsa, make_signer, usual_attributes, wrap

CONTENT = b"content"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def signer_of(world: World, *, content: bytes = CONTENT, extra: tuple[bytes, ...] = (), **unsigned: bytes) -> bytes:
    """A SignerInfo with unsigned attributes by the names of `oids`."""
    attributes = [*usual_attributes(world.signer, content).values(), *extra]
    named = {getattr(oids, name.upper()): value for name, value in unsigned.items()}
    return make_signer(world.signer, content, attributes=attributes, unsigned=named)


def counter_of(world: World, signer: bytes, **unsigned: bytes) -> bytes:
    """A counter-signature over the value of a SignerInfo: no content type."""
    value = der.read(signer).children()[5].value
    attributes = usual_attributes(world.signer, value)
    attributes.pop("content_type")
    named = {getattr(oids, name.upper()): one for name, one in unsigned.items()}
    return make_signer(world.signer, value, attributes=list(attributes.values()), unsigned=named)


def with_unsigned(signer: bytes, *attributes: bytes) -> bytes:
    members = [one.raw for one in der.read(signer).children()]
    return der.sequence(*members, der.set_of(attributes, tag=0xA1))


def judged(world: World, *signers: bytes, at: datetime = NOW, policy: Policy = DEFAULT_POLICY) -> Report:
    cms = wrap(signers, None, certificates=[world.signer.certificate.der])
    return world.verify(CONTENT, cms, at=at, policy=policy)


def outcome(one: SignatureVerdict | Report) -> tuple[str, str | None]:
    return one.indication, one.sub_indication


def stamp(world: World, at: datetime, over: bytes) -> bytes:
    tsa = Tsa(holder=world.tsa.holder, at=at)
    return tsa.timestamp("streebog256", digest("streebog256", over))
