"""What the commands about single files fetch: evidence and time-stamps, within the limits of `Outbound`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import signing
    from edo_service.adapters.outbound import Outbound


class FirstFound:
    """Evidence given on the command line first, then what the network has."""

    def __init__(self, *sources: "signing.EvidenceSource") -> None:
        self._sources = sources

    def begin(self) -> None:
        """A verification begins: told to the sources that limit what one costs."""
        for source in self._sources:
            begin = getattr(source, "begin", None)
            if begin is not None:
                begin()

    def crls(self, certificate: "signing.Certificate", issuer: "signing.Certificate") -> list[bytes]:
        """CRLs of the first source that has any."""
        return self._first("crls", certificate, issuer)

    def ocsp(self, certificate: "signing.Certificate", issuer: "signing.Certificate") -> list[bytes]:
        """OCSP answers of the first source that has any."""
        return self._first("ocsp", certificate, issuer)

    def certificates(self, issuer_of: "signing.Certificate") -> list[bytes]:
        """Certificates of the first source that has any."""
        return self._first("certificates", issuer_of)

    def _first(self, name: str, *arguments: "signing.Certificate") -> list[bytes]:
        for source in self._sources:
            found = list(getattr(source, name)(*arguments))
            if found:
                return found
        return []


def outbound() -> "Outbound":
    """The way out; the demonstration's host leads to EDO_DEMO_PKI_URL when that is set."""
    from edo_service.adapters.outbound import Outbound
    from edo_service.settings import Settings

    base = Settings().demo_pki_url
    return Outbound(mapped={"pki.demo.test": base} if base else {})


def network_evidence(moment: datetime) -> "signing.EvidenceSource":
    """Evidence from the addresses that stand in certificates."""
    import signing

    return signing.FetchingEvidence(outbound().fetch, signing.MemoryCache(), moment)


def authorities(given: Sequence[str] | None) -> list[str]:
    """Time-stamping authorities: those given, or those of EDO_TSA_URLS."""
    from edo_service.settings import Settings

    return list(given or Settings().tsa_urls)


def timestamper(urls: Sequence[str]) -> "signing.HttpTimestamper":
    """The first of these time-stamping authorities that answers."""
    import signing

    return signing.HttpTimestamper(urls, outbound().post)
