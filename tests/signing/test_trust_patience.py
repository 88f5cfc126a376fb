"""How long one verification waits for the network, by a fake clock: addresses that answer slowly or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from signing import (
    FetchingEvidence,
    FetchRequest,
    Memory,
    MemoryCache,
    Patience,
    Report,
    TrustStore,
    verify,
    verify_pdf,
)
from signing._internal import der, oids
from tests.signing.attack_stage import CONTENT, Stage
from tests.signing.conftest import World
from tests.signing.maker import NOW, Extension, Holder, addresses, key_usage, make_root, make_signer, usual_attributes
from tests.signing.maker import wrap as wrapped
from tests.signing.pades_stage import PLAIN, write

WHOLE, SMALL = 20.0, 5.0
MAY_SIGN = key_usage("digital_signature")


def four(kind: str) -> list[str]:
    return [f"http://slow{number}.test/{kind}" for number in range(4)]


def point(*urls: str) -> bytes:
    names = b"".join(der.tlv(0x86, url.encode()) for url in urls)
    return der.sequence(der.explicit(0, der.explicit(0, names)))


def access(method: str, urls: Sequence[str]) -> Extension:
    entries = [der.sequence(der.oid(method), der.tlv(0x86, url.encode())) for url in urls]
    return oids.AUTHORITY_INFO_ACCESS, False, der.sequence(*entries)


class Slow:
    """A network on its own clock: every address takes all the time that it is given and says nothing, or `answers`."""

    def __init__(self, answers: dict[str, Callable[[], bytes]] | None = None, *, takes: float = 1.0) -> None:
        self.answers = answers or {}
        self.takes = takes
        self.ticks = 0.0
        self.asked: list[FetchRequest] = []
        self.evidence = FetchingEvidence(self.fetch, MemoryCache(), NOW, ticks=lambda: self.ticks)

    def fetch(self, request: FetchRequest) -> bytes | None:
        assert request.seconds is not None
        assert request.seconds > 0
        self.asked.append(request)
        answer = self.answers.get(request.url)
        self.ticks += request.seconds if answer is None else self.takes
        return answer() if answer else None

    def judge(self, cms: bytes, trust: TrustStore, *, memory: Memory | None = None) -> tuple[Report, float]:
        """The report, and how many seconds of waiting it took."""
        began = self.ticks
        report = verify(CONTENT, cms, trust=trust, evidence=self.evidence, at=NOW, memory=memory)
        return report, self.ticks - began


@pytest.fixture
def stage() -> Stage:
    return Stage()


def signed_by(*holders: Holder) -> bytes:
    infos = [make_signer(one, CONTENT, attributes=list(usual_attributes(one, CONTENT).values())) for one in holders]
    return wrapped(infos, None, certificates=[one.certificate.der for one in holders])


def test_the_documented_limits_are_the_defaults() -> None:
    assert Patience() == Patience(whole=WHOLE, small=SMALL)


def test_strangers_get_five_seconds_together(stage: Stage) -> None:
    """Certificates that lead nowhere, each with four addresses of its own where its issuer is said to be."""
    strangers = [
        make_root(f"Никто {number}").issue(
            f"Чужой {number}",
            extensions=[MAY_SIGN, access(oids.ACCESS_CA_ISSUERS, [f"{url}{number}" for url in four("ca")])],
        )
        for number in range(6)
    ]
    slow = Slow()
    report, waited = slow.judge(signed_by(*strangers), stage.trust)
    assert report.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    assert len(report.signatures) == 6
    assert waited == SMALL
    quick = Slow({request.url: lambda: b"nonsense" for request in slow.asked}, takes=0.1)
    assert quick.judge(signed_by(*strangers), stage.trust)[1] <= SMALL
    assert len(quick.asked) > len(slow.asked), "while time is left, further addresses are asked"


def test_revocation_gets_twenty_seconds_whatever_the_certificates_name(stage: Stage) -> None:
    lists = der.sequence(*(point(*(f"{url}{number}" for url in four("crl"))) for number in range(8)))
    extensions = [
        MAY_SIGN,
        access(oids.ACCESS_OCSP, four("ocsp")),
        (oids.CRL_DISTRIBUTION_POINTS, False, lists),
        (oids.FRESHEST_CRL, False, lists),
    ]
    signers = [stage.issuing.issue(f"Свой {number}", extensions=extensions) for number in range(3)]
    slow = Slow()
    report, waited = slow.judge(signed_by(*signers), stage.trust)
    assert report.sub_indication == "TRY_LATER"
    assert waited == WHOLE
    assert [one.seconds for one in slow.asked if one.kind == "ocsp"] == [SMALL] * 4
    # strangers in the same file have no seconds of their own
    mixed = [*signers, make_root("Никто").issue("Чужой", extensions=[MAY_SIGN, *addresses(issuer="http://x.test/ca")])]
    assert slow.judge(signed_by(*mixed), stage.trust)[1] == WHOLE


def test_a_dead_responder_leaves_time_for_the_list(stage: Stage) -> None:
    links = addresses(crl="http://pki.test/list", ocsp="http://dead.test/ocsp")
    signer = stage.issuing.issue("Иванов", extensions=[MAY_SIGN, *links])
    root = "http://pki.demo.test/crl/root.crl"
    slow = Slow({"http://pki.test/list": stage.issuing.crl, root: stage.root.crl}, takes=10.0)
    report, waited = slow.judge(signed_by(signer), TrustStore([stage.issuing.certificate]))
    assert report.indication == "TOTAL-PASSED", report.signatures[0].checks
    assert waited == SMALL + 10
    assert [(one.kind, one.seconds) for one in slow.asked] == [("ocsp", SMALL), ("crl", WHOLE - SMALL)]


def test_a_silent_address_is_asked_once_a_verification_and_again_in_the_next(stage: Stage) -> None:
    signer = stage.issuing.issue("Иванов", extensions=[MAY_SIGN, *addresses(ocsp="http://dead.test/ocsp")])
    slow = Slow()
    trust = TrustStore([stage.issuing.certificate])
    twice = signed_by(signer, signer)
    for asked in (1, 2):
        report, waited = slow.judge(twice, trust)
        assert len(report.signatures) == 2
        assert report.sub_indication == "TRY_LATER"
        assert waited == SMALL
        assert len(slow.asked) == asked


def test_what_a_memory_asks_again_is_counted_too(stage: Stage) -> None:
    """A chain that held is asked for anew, octet by octet, within the patience of the verification that needs it."""
    links = addresses(crl="http://pki.test/list", ocsp="http://dead.test/ocsp")
    signer = stage.issuing.issue("Иванов", extensions=[MAY_SIGN, *links])
    slow = Slow({"http://pki.test/list": stage.issuing.crl})
    trust, memory = TrustStore([stage.issuing.certificate]), Memory(max_age=timedelta(0))
    for expected in (SMALL + 1, SMALL):  # the list is kept by the cache, the responder is hoped for each time
        report, waited = slow.judge(signed_by(signer), trust, memory=memory)
        assert report.indication == "TOTAL-PASSED"
        assert waited == expected


def test_the_signatures_of_one_pdf_share_the_patience(world: World) -> None:
    pdf = PLAIN
    for number in range(3):
        extensions = [MAY_SIGN, access(oids.ACCESS_CA_ISSUERS, [f"{url}{number}" for url in four("ca")])]
        pdf = write(world, pdf, who=make_root(f"Никто {number}").issue(f"Чужой {number}", extensions=extensions))
    slow = Slow()
    report = verify_pdf(pdf, trust=world.trust, evidence=slow.evidence, at=NOW)
    assert [one.sub_indication for one in report.signatures] == ["NO_CERTIFICATE_CHAIN_FOUND"] * 3
    assert slow.ticks == SMALL
