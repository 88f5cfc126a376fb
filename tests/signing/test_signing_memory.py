"""A memory shared between verifications: the same verdicts with less work, and never a verdict past its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from signing import Certificate, EvidenceSource, Memory, Policy, Report, TrustStore, sign_cades, verify
from signing._internal.policy import DEFAULT_POLICY
from tests.signing.conftest import World, build_world, failing
from tests.signing.maker import NOW, YEAR, basic_constraints, key_usage

CONTENT = b"content"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class Counting:
    """Evidence that counts how often it is asked for lists, and may change."""

    def __init__(self, *crls: bytes) -> None:
        self.lists = list(crls)
        self.answers: list[bytes] = []
        self.asked = 0

    def crls(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        self.asked += 1
        return self.lists

    def ocsp(self, certificate: Certificate, issuer: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        return self.answers

    def certificates(self, issuer_of: Certificate) -> Sequence[bytes]:  # noqa: ARG002 the port's shape
        return []


@pytest.fixture
def source(world: World) -> Counting:
    return Counting(world.root.crl(at=NOW), world.issuing.crl(at=NOW))


@pytest.fixture
def trust(world: World) -> TrustStore:
    return world.trust


def judge(
    world: World,
    trust: TrustStore,
    source: EvidenceSource,
    memory: Memory,
    *,
    at: datetime = NOW,
    policy: Policy = DEFAULT_POLICY,
    chain: Sequence[Certificate] = (),
) -> Report:
    one = world.signer
    cms = sign_cades(CONTENT, key=one.key, certificate=one.certificate, chain=chain, signing_time=NOW)
    return verify(CONTENT, cms, trust=trust, evidence=source, at=at, policy=policy, memory=memory)


def test_a_chain_is_judged_once_and_told_alike(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory()
    first, second = (judge(world, trust, source, memory) for _ in range(2))
    assert first.indication == second.indication == "TOTAL-PASSED"
    assert source.asked == 2  # the signer and its issuer, once
    assert [one.text_ru for one in first.signatures[0].checks] == [one.text_ru for one in second.signatures[0].checks]
    assert first.signatures[0].evidence == second.signatures[0].evidence
    assert first.signatures[0].conditions_63fz == second.signatures[0].conditions_63fz


def test_the_signature_itself_is_never_taken_from_memory(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory()
    judge(world, trust, source, memory)
    one = world.signer
    cms = bytearray(sign_cades(CONTENT, key=one.key, certificate=one.certificate, signing_time=NOW))
    cms[-1] ^= 1
    report = verify(CONTENT, bytes(cms), trust=trust, evidence=source, at=NOW, memory=memory)
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "SIG_CRYPTO_FAILURE")


def test_a_revocation_is_seen_when_the_memory_has_aged(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory(max_age=5 * MINUTE)
    judge(world, trust, source, memory)
    world.issuing.revoke(world.signer.certificate, NOW + MINUTE)
    source.lists = [world.root.crl(at=NOW), world.issuing.crl(at=NOW + 2 * MINUTE)]
    unasked = judge(world, trust, source, memory, at=NOW + 5 * MINUTE - timedelta.resolution)
    assert unasked.indication == "TOTAL-PASSED"
    late = judge(world, trust, source, memory, at=NOW + 5 * MINUTE)
    assert (late.indication, late.sub_indication) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_a_memory_that_always_asks_sees_a_revocation_at_once(world: World, trust: TrustStore, source: Counting) -> None:
    """At the very moment of the first judgement: nothing of the clock's grain is lent to the one who revokes."""
    memory = Memory(max_age=timedelta(0))
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    world.issuing.revoke(world.signer.certificate, NOW)
    source.lists = [world.root.crl(at=NOW), world.issuing.crl(at=NOW)]
    found = judge(world, trust, source, memory)
    assert (found.indication, found.sub_indication) == ("INDETERMINATE", "REVOKED_NO_POE")


def test_a_memory_that_always_asks_judges_once_while_the_answers_stay(
    world: World, trust: TrustStore, source: Counting
) -> None:
    memory, kept = Memory(max_age=timedelta(0)), []
    for second in range(5):
        assert judge(world, trust, source, memory, at=NOW + second * SECOND).indication == "TOTAL-PASSED"
        kept += [known.verdict for known in memory._chains.values()]
        source.lists = [bytes(bytearray(one)) for one in source.lists]  # a database gives other objects each time
    assert all(one is kept[0] for one in kept)
    assert source.asked == 5 * 2
    source.lists = [world.root.crl(at=NOW), world.issuing.crl(at=NOW)]
    assert judge(world, trust, source, memory, at=NOW + 9 * SECOND).indication == "TOTAL-PASSED"
    (known,) = memory._chains.values()
    assert known.verdict is not kept[0], "refreshed lists are weighed anew"


def test_an_answer_where_there_was_silence_is_heard(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory(max_age=timedelta(0))
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    certificate = world.signer.certificate
    world.issuing.revoke(certificate, NOW - MINUTE)
    source.answers = [world.issuing.ocsp(certificate, at=NOW)]
    assert judge(world, trust, source, memory, at=NOW + SECOND).sub_indication == "REVOKED_NO_POE"


def test_a_proven_time_that_never_changes_does_not_keep_the_chain_young(
    world: World, trust: TrustStore, source: Counting
) -> None:
    """The control time of a stamped signature stays; what is learnt years later about that time must count."""
    memory, one = Memory(max_age=5 * MINUTE), world.signer
    world.tsa.at = NOW
    cms = sign_cades(CONTENT, key=one.key, certificate=one.certificate, signing_time=NOW, timestamper=world.tsa)

    def at(moment: datetime) -> Report:
        return verify(CONTENT, cms, trust=trust, evidence=source, at=moment, memory=memory)

    assert at(NOW).indication == "TOTAL-PASSED"
    world.issuing.revoke(one.certificate, NOW - MINUTE)
    source.lists = [world.root.crl(at=NOW), world.issuing.crl(at=NOW + MINUTE)]
    assert at(NOW + 6 * MINUTE).sub_indication == "REVOKED_NO_POE"


def test_lists_of_the_future_are_not_remembered_into_the_past(world: World, trust: TrustStore) -> None:
    """A verdict of today on a proven moment rests on today's lists; who asks as of that moment has none."""
    old = world.root.crl(at=NOW + YEAR / 4), world.issuing.crl(at=NOW + YEAR / 4)
    source, memory, one = Counting(*old), Memory(max_age=YEAR), world.signer
    cms = sign_cades(CONTENT, key=one.key, certificate=one.certificate, signing_time=NOW, timestamper=world.tsa)
    today = verify(CONTENT, cms, trust=trust, evidence=source, at=NOW + YEAR / 4, memory=memory)
    assert today.indication == "TOTAL-PASSED"
    then = verify(CONTENT, cms, trust=trust, evidence=source, at=NOW, memory=memory)
    assert then.sub_indication == "TRY_LATER"


def test_a_list_by_a_key_that_may_run_out_is_weighed_each_time(world: World) -> None:
    """Another key of the issuer signs the list; its own certificate ends sooner than the list."""
    usages = [basic_constraints(authority=True), key_usage("crl_sign")]
    subject = [("country", "RU"), ("common_name", "Тестовый УЦ")]
    signer = world.root.issue("", extensions=usages, subject=subject, not_after=NOW + 2 * MINUTE)
    crl = world.issuing.crl(at=NOW, until=NOW + YEAR, signer=signer)
    source, memory = Counting(world.root.crl(at=NOW, until=NOW + YEAR), crl), Memory(max_age=YEAR)
    trust = TrustStore([world.root.certificate], [world.issuing.certificate, signer.certificate])
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert judge(world, trust, source, memory, at=NOW + 3 * MINUTE).sub_indication == "TRY_LATER"


def test_a_coming_revocation_beside_a_plain_list_is_not_slept_through(world: World, trust: TrustStore) -> None:
    plain = world.issuing.crl(at=NOW - MINUTE, until=NOW + YEAR)
    world.issuing.revoke(world.signer.certificate, NOW + MINUTE)
    source = Counting(world.root.crl(at=NOW, until=NOW + YEAR), plain, world.issuing.crl(at=NOW, until=NOW + YEAR))
    memory = Memory(max_age=YEAR)
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert judge(world, trust, source, memory, at=NOW + 2 * MINUTE).sub_indication == "REVOKED_NO_POE"


def test_equal_lists_are_kept_once(world: World, trust: TrustStore, source: Counting) -> None:
    memory, first = Memory(max_age=timedelta(0)), source.lists
    judge(world, trust, source, memory)
    holder = world.signer
    world.signer = world.issuing.issue("Петров Пётр")
    source.lists = [bytes(bytearray(one)) for one in first]
    judge(world, trust, source, memory)
    world.signer = holder
    kept = {id(blob) for known in memory._chains.values() for _, said in known.heard for blob in said}
    assert len(memory._chains) == 2
    assert len(kept) == 2


def test_nothing_outlives_its_list(world: World, trust: TrustStore) -> None:
    lists = [one.crl(at=NOW - timedelta(days=1), until=NOW + 2 * MINUTE) for one in (world.root, world.issuing)]
    source, memory = Counting(*lists), Memory(max_age=YEAR)
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert judge(world, trust, source, memory, at=NOW + 2 * MINUTE).indication == "TOTAL-PASSED"
    assert source.asked == 2
    late = judge(world, trust, source, memory, at=NOW + 3 * MINUTE)
    assert (late.indication, late.sub_indication) == ("INDETERMINATE", "TRY_LATER")


def test_nothing_outlives_its_certificate(world: World) -> None:
    holder = world.issuing.issue("Ненадолго", not_after=NOW + 2 * MINUTE)
    world.signer = holder
    lists = [one.crl(at=NOW, until=NOW + YEAR) for one in (world.root, world.issuing)]
    source, memory, trust = Counting(*lists), Memory(max_age=YEAR), world.trust
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert judge(world, trust, source, memory, at=NOW + 3 * MINUTE).sub_indication == "OUT_OF_BOUNDS_NO_POE"


def test_nothing_outlives_its_algorithm(world: World, trust: TrustStore) -> None:
    lists = [one.crl(at=NOW, until=NOW + YEAR) for one in (world.root, world.issuing)]
    source, memory = Counting(*lists), Memory(max_age=YEAR)
    policy = replace(DEFAULT_POLICY, digest_until={"streebog256": NOW + 2 * MINUTE})
    assert judge(world, trust, source, memory, policy=policy).indication == "TOTAL-PASSED"
    late = judge(world, trust, source, memory, policy=policy, at=NOW + 2 * MINUTE)
    assert failing(late) >= {"certificate_strength", "strength"}, "the signature's own hash, and its authorities'"


def test_an_earlier_moment_is_judged_anew(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory()
    judge(world, trust, source, memory)
    judge(world, trust, source, memory, at=NOW - MINUTE)
    assert source.asked == 4


def test_other_trust_source_policy_or_company_is_another_question(
    world: World, trust: TrustStore, source: Counting
) -> None:
    memory = Memory()
    judge(world, trust, source, memory)
    assert judge(world, TrustStore(), source, memory).sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
    empty = Counting()
    assert judge(world, trust, empty, memory).sub_indication == "TRY_LATER"
    judge(world, trust, source, memory, policy=replace(DEFAULT_POLICY))
    judge(world, trust, source, memory, chain=[world.issuing.certificate])
    assert source.asked == 6  # the first, another policy, other certificates beside it: two lists each


def test_what_does_not_hold_is_judged_anew(world: World, trust: TrustStore) -> None:
    source, memory = Counting(), Memory()
    assert judge(world, trust, source, memory).sub_indication == "TRY_LATER"
    source.lists = [world.root.crl(at=NOW), world.issuing.crl(at=NOW)]
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"


def test_a_coming_revocation_is_not_slept_through(world: World, trust: TrustStore) -> None:
    """A list may name a date that is still to come: such a chain is judged each time."""
    world.issuing.revoke(world.signer.certificate, NOW + MINUTE)
    source, memory = Counting(world.root.crl(at=NOW), world.issuing.crl(at=NOW)), Memory(max_age=YEAR)
    assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert judge(world, trust, source, memory, at=NOW + 2 * MINUTE).sub_indication == "REVOKED_NO_POE"


def test_a_list_without_an_end_is_not_remembered(world: World, trust: TrustStore, source: Counting) -> None:
    memory = Memory()
    policy = replace(DEFAULT_POLICY, check_revocation=False)
    for _ in range(2):
        assert judge(world, trust, source, memory, policy=policy).indication == "TOTAL-PASSED"
    assert source.asked == 0


def test_the_memory_is_bounded() -> None:
    memory = Memory(limit=3)
    for number in range(10):
        memory.answers[bytes([number]), b"", b"", b""] = True
    assert len(memory.answers) == 3
    assert (b"\x09", b"", b"", b"") in memory.answers
    memory.answers[b"\x09", b"", b"", b""] = False
    assert len(memory.answers) == 3


def test_one_memory_serves_several_companies() -> None:
    memory, worlds = Memory(), [build_world() for _ in range(3)]
    sources = [Counting(one.root.crl(at=NOW), one.issuing.crl(at=NOW)) for one in worlds]
    trusts = [one.trust for one in worlds]
    for _ in range(2):
        for world, source, trust in zip(worlds, sources, trusts, strict=True):
            assert judge(world, trust, source, memory).indication == "TOTAL-PASSED"
    assert [source.asked for source in sources] == [2, 2, 2]
