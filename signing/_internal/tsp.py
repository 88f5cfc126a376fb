"""A client of time-stamping authorities (RFC 3161)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from signing._internal import der, digests
from signing._internal.errors import BadInput, SigningError, TimestampFailed
from signing._internal.evidence import OfflineEvidence
from signing._internal.policy import DEFAULT_POLICY
from signing._internal.run import Run
from signing._internal.signer import Content, examine_signer
from signing._internal.timestamps import Token, add_embedded, read_token
from signing._internal.trust import TrustStore

REQUEST_TYPE = "application/timestamp-query"
_FAILURES = {
    0: "badAlg",
    2: "badRequest",
    5: "badDataFormat",
    14: "timeNotAvailable",
    15: "unacceptedPolicy",
    16: "unacceptedExtension",
    17: "addInfoNotAvailable",
    25: "systemFailure",
}


class HttpTimestamper:
    """Asks the authorities one after another until one gives a usable token.

    `post(url, body, content_type)` does the transfer and returns the body of the answer; it raises OSError or
    SigningError when the authority cannot be reached. `policy` is the policy to ask for, dotted. Each answer is
    checked: status, imprint, nonce, policy, and the token's own signature. Whether its certificate is trusted is the
    verifier's business.
    """

    def __init__(
        self, urls: Sequence[str], post: Callable[[str, bytes, str], bytes], *, policy: str | None = None
    ) -> None:
        if not urls:
            raise BadInput("no address of a time-stamping authority", "urls")
        self._urls = tuple(urls)
        self._post = post
        self._policy = policy

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        """A TimeStampToken over the digest; TimestampFailed tells what each authority answered."""
        failures = []
        for url in self._urls:
            nonce = secrets.randbits(64)
            request = timestamp_request(digest_algorithm, digest, nonce=nonce, policy=self._policy)
            try:
                token = read_response(self._post(url, request, REQUEST_TYPE))
                self._check(token, digest_algorithm, digest, nonce)
            except (OSError, SigningError) as error:
                failures.append(f"{url}: {error}")
                continue
            return token.der
        raise TimestampFailed("no usable time-stamp: " + "; ".join(failures))

    def _check(self, token: Token, digest_algorithm: str, digest: bytes, nonce: int) -> None:
        info = token.info
        if (info.digest_algorithm, info.digest) != (digest_algorithm, digest):
            raise TimestampFailed("the token is over other data")
        if info.nonce != nonce:
            raise TimestampFailed("the nonce is not ours: an old answer")
        if self._policy is not None and info.policy != self._policy:
            raise TimestampFailed(f"the policy is {info.policy}")
        signer = token.signed.signers[0]
        at = datetime.max.replace(tzinfo=UTC)
        run = Run(trust=TrustStore(), source=OfflineEvidence(), at=at, policy=DEFAULT_POLICY)
        add_embedded(run, token.signed, (signer,))
        examined = examine_signer(run, signer, Content(token.signed.content), content_type=token.signed.content_type)
        if not examined.findings.fine:
            raise TimestampFailed(f"the signature of the token is wrong: {examined.findings.sub_indication}")


def timestamp_request(digest_algorithm: str, digest: bytes, *, nonce: int, policy: str | None = None) -> bytes:
    """DER of TimeStampReq (RFC 3161, 2.4.1) that asks for the authority's certificate."""
    return der.sequence(
        der.integer(1),
        der.sequence(digests.identifier(digest_algorithm), der.octet_string(digest)),
        der.oid(policy) if policy else b"",
        der.integer(nonce),
        der.boolean(True),
    )


def read_response(data: bytes) -> Token:
    """Read TimeStampResp (RFC 3161, 2.4.2); TimestampFailed when it is a refusal, BadInput when it is no response."""
    members = der.read_all(data, "TimeStampResp").sequence("TimeStampResp", 1)
    status = members[0].sequence("PKIStatusInfo", 1)
    if status[0].integer() not in {0, 1}:
        raise TimestampFailed(f"the authority refused: status {status[0].integer()}{_reason(status)}")
    if len(members) < 2:
        raise BadInput("the response holds no token")
    return read_token(members[1].raw)


def _reason(status: list[der.Node]) -> str:
    for member in status[1:]:
        if member.tag == der.BIT_STRING:
            bits = member.bits()
            flags = int.from_bytes(bits, "big")
            names = [text for bit, text in _FAILURES.items() if flags >> max(len(bits) * 8 - 1 - bit, 0) & 1]
            return f" ({', '.join(names)})"
    return ""
