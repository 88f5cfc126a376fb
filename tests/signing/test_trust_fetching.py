"""What is fetched for a certificate: every part of a partitioned CRL, deltas where they are pointed to, no more than needed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from signing import FetchingEvidence, FetchRequest, MemoryCache, Report, TrustStore, verify
from signing._internal import der, oids
from tests.signing.attack_stage import CONTENT, DAY, Stage, refused
from tests.signing.maker import NOW, Extension, Holder, key_usage
from tests.signing.test_attacks_revocation import crl_of, numbered, point, reason

_SOME, _REST = der.tlv(0x83, b"\x05\x60"), der.tlv(0x83, b"\x07\x1f\x80")


def url(name: str) -> bytes:
    return der.tlv(0x86, f"http://pki.test/{name}".encode())


def points(dotted: str, *members: bytes) -> Extension:
    return dotted, False, der.sequence(*members)


def at(*names: str) -> bytes:
    """One distribution point with several addresses of the same list."""
    return der.sequence(der.explicit(0, der.explicit(0, b"".join(map(url, names)))))


class Web:
    """The addresses of one authority; counts what is asked."""

    def __init__(self, stage: Stage, lists: dict[str, bytes]) -> None:
        self.lists = {**lists, "root": stage.root.crl()}
        self.stage = stage
        self.asked: list[str] = []

    def fetch(self, request: FetchRequest) -> bytes | None:
        name = request.url.rpartition("/")[2]
        if request.url.startswith("http://pki.demo.test/crl/root"):
            return self.lists["root"]
        if request.kind == "crl":
            self.asked.append(name)
        return self.lists.get(name)

    def judge(self, signer: Holder) -> Report:
        evidence = FetchingEvidence(self.fetch, MemoryCache(), NOW)
        trust = TrustStore([self.stage.root.certificate], [self.stage.issuing.certificate])
        return verify(CONTENT, self.stage.signed(signer), trust=trust, evidence=evidence, at=NOW)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def signer_with(stage: Stage, *extensions: Extension) -> Holder:
    return stage.issuing.issue("Иванов", extensions=[key_usage("digital_signature"), *extensions])


def listed(
    stage: Stage, *entries: tuple[int, Sequence[Extension]], extensions: Sequence[Extension] = (), number: int = 5
) -> bytes:
    return crl_of(stage, entries, number=number, extensions=extensions)


def test_the_first_complete_list_is_enough(stage: Stage) -> None:
    signer = signer_with(stage, points(oids.CRL_DISTRIBUTION_POINTS, at("one", "mirror"), at("two")))
    web = Web(stage, {"one": listed(stage), "mirror": listed(stage), "two": listed(stage)})
    assert web.judge(signer).indication == "TOTAL-PASSED"
    assert web.asked == ["one"]


def test_a_mirror_is_asked_when_the_first_address_is_silent_or_speaks_nonsense(stage: Stage) -> None:
    signer = signer_with(stage, points(oids.CRL_DISTRIBUTION_POINTS, at("one", "mirror"), at("two")))
    for silent in ({}, {"one": b"<html>"}):
        web = Web(stage, {**silent, "mirror": listed(stage)})
        assert web.judge(signer).indication == "TOTAL-PASSED"
        assert web.asked == ["one", "mirror"]


def test_all_parts_of_a_list_are_fetched(stage: Stage) -> None:
    signer = signer_with(stage, points(oids.CRL_DISTRIBUTION_POINTS, at("some"), at("rest")))
    parts = {
        "some": listed(stage, extensions=[point(_SOME)]),
        "rest": listed(stage, extensions=[point(_REST)]),
    }
    web = Web(stage, parts)
    report = web.judge(signer)
    assert report.indication == "TOTAL-PASSED", refused(report)
    assert web.asked == ["some", "rest"]
    assert set(report.signatures[0].evidence.crls) >= set(parts.values()), "both parts are evidence"
    del parts["rest"]
    lacking = Web(stage, parts).judge(signer)
    assert (lacking.indication, lacking.sub_indication) == ("INDETERMINATE", "TRY_LATER")


def test_deltas_are_fetched_where_the_certificate_or_the_list_points_to_them(stage: Stage) -> None:
    complete = points(oids.CRL_DISTRIBUTION_POINTS, at("base"))
    own = signer_with(stage, complete, points(oids.FRESHEST_CRL, at("delta")))
    plain = signer_with(stage, complete)
    for signer, extensions in ((own, []), (plain, [points(oids.FRESHEST_CRL, at("delta"))])):
        base = listed(stage, extensions=extensions)
        clean = listed(stage, number=6, extensions=[numbered(5)])
        web = Web(stage, {"base": base, "delta": clean})
        report = web.judge(signer)
        assert report.indication == "TOTAL-PASSED", refused(report)
        assert web.asked == ["base", "delta"]
        assert {base, clean} <= set(report.signatures[0].evidence.crls)
        entry = (signer.certificate.serial, [reason(1)])
        revoking = Web(stage, {"base": base, "delta": listed(stage, entry, number=6, extensions=[numbered(5)])})
        assert revoking.judge(signer).sub_indication == "REVOKED_NO_POE"
        assert Web(stage, {"base": base}).judge(signer).indication == "TOTAL-PASSED", "a silent delta leaves the base"


def test_a_delta_brings_a_stale_list_up_to_date(stage: Stage) -> None:
    signer = signer_with(
        stage, points(oids.CRL_DISTRIBUTION_POINTS, at("base")), points(oids.FRESHEST_CRL, at("delta"))
    )
    old = crl_of(stage, number=5, at=NOW - 30 * DAY)
    web = Web(stage, {"base": old, "delta": listed(stage, number=6, extensions=[numbered(5)])})
    cache_is_stale = web.judge(signer)
    assert cache_is_stale.indication == "TOTAL-PASSED", refused(cache_is_stale)
    assert Web(stage, {"base": old}).judge(signer).sub_indication == "TRY_LATER"
