"""Judging: evidence is fetched once and kept for a bounded time; who signed badly is told from what cannot be known."""

from datetime import timedelta

import pytest

import signing
from edo_service.demo.companies import CLIENT_ONE
from edo_service.documents.signing_desk import write_down
from edo_service.documents.tables import Signature
from edo_service.kernel.clock import MovableClock
from edo_service.kernel.database import Database
from edo_service.trust.cache import LARGEST, LONGEST, MOST, UNASKED, DatabaseCache
from signing.pki import RevocationReason
from tests.fixtures.databases import START
from tests.fixtures.road import House


def test_what_is_kept_is_given_until_it_is_stale(database: Database, clock: MovableClock) -> None:
    cache = DatabaseCache(database=database, clock=clock)
    cache.put("crl:http://a", b"one", until=START + timedelta(hours=1))
    assert cache.get("crl:http://a", now=START) == b"one"
    assert cache.get("crl:http://b", now=START) is None
    assert cache.get("crl:http://a", now=START + timedelta(hours=1)) is None
    cache.put("crl:http://a", b"two", until=START + timedelta(hours=2))
    assert cache.get("crl:http://a", now=START + timedelta(hours=1)) == b"two"


def test_an_answer_for_ever_is_kept_half_a_day(database: Database, clock: MovableClock) -> None:
    """CRLs travel over plain HTTP: a false one with a far date must not blind us for years."""
    cache = DatabaseCache(database=database, clock=clock)
    cache.put("crl:http://a", b"poison", until=START + timedelta(days=9000))
    assert cache.get("crl:http://a", now=START + LONGEST - timedelta(seconds=1)) == b"poison"
    assert cache.get("crl:http://a", now=START + LONGEST) is None


def test_what_another_process_keeps_counts_within_seconds(database: Database, clock: MovableClock) -> None:
    """What was read is not read again at once, whatever the clock does: not before it was read, not when it is stale."""
    mine, theirs = (DatabaseCache(database=database, clock=clock) for _ in range(2))
    mine.put("crl:a", b"old", until=START + timedelta(hours=1))
    assert mine.get("crl:a", now=START) == b"old"
    theirs.put("crl:a", b"new", until=START + timedelta(seconds=1))
    assert mine.get("crl:a", now=START) == b"old"
    assert mine.get("crl:a", now=START - timedelta(hours=1)) == b"new"
    assert theirs.get("crl:a", now=START) == b"new"
    assert theirs.get("crl:a", now=START + timedelta(seconds=1)) is None
    assert mine.get("crl:a", now=START + UNASKED) is None


def test_few_and_small_values_are_held(database: Database, clock: MovableClock) -> None:
    cache = DatabaseCache(database=database, clock=clock)
    cache.put("crl:large", b"x" * (LARGEST + 1), until=START + timedelta(hours=1))
    for number in range(MOST + 1):
        cache.put(f"crl:{number}", b"x", until=START + timedelta(hours=1))
    for key in ("crl:large", *(f"crl:{number}" for number in range(MOST + 1))):
        assert cache.get(key, now=START) is not None
    with database.transaction() as connection:
        connection.exec_driver_sql("delete from fetched_evidence")
    assert cache.get("crl:large", now=START) is None, "a large list is read each time"
    assert cache.get("crl:0", now=START) is None, "the oldest of too many is read again"
    assert cache.get(f"crl:{MOST}", now=START) == b"x"


def test_stale_answers_are_thrown_away(database: Database, clock: MovableClock) -> None:
    cache = DatabaseCache(database=database, clock=clock)
    for number in range(5):
        cache.put(f"ocsp:{number}", b"x", until=START + timedelta(minutes=1))
    clock.move(timedelta(hours=1))
    cache.put("ocsp:new", b"x", until=START + timedelta(days=1))
    with database.transaction(read_only=True) as connection:
        assert connection.exec_driver_sql("select count(*) from fetched_evidence").scalar_one() == 1


def test_evidence_is_asked_once(house: House) -> None:
    cms = house.cms(b"content")
    first = house.services.judge.judge(b"content", cms)
    asked = len([one for one in house.network.asked if one in {"ocsp", "crl"}])
    house.network.silent |= {"ocsp", "crl"}
    again = house.services.judge.judge(b"content", cms)
    assert first is not None
    assert again is not None
    assert first.passed
    assert again.passed
    assert len([one for one in house.network.asked if one in {"ocsp", "crl"}]) == asked > 0


def test_a_revocation_is_seen_within_half_a_day(house: House) -> None:
    assert house.services.judge.judge(b"content", house.cms(b"content"))
    house.pki.revoke("client_one_person", house.clock.now(), RevocationReason.KEY_COMPROMISE)
    house.clock.move(LONGEST + timedelta(minutes=1))
    found = house.services.judge.judge(b"content", house.cms(b"content"))
    assert found is not None
    assert found.failed or found.verdict.sub_indication == "REVOKED_NO_POE"


@pytest.mark.parametrize("garbage", [b"", b"\x30\x00", b"not a signature", b"\x30\x80\x00\x00"])
def test_garbage_never_passes_and_never_raises(house: House, garbage: bytes) -> None:
    found = house.services.judge.judge(b"content", garbage)
    assert found is None or found.failed


def test_silence_is_undecided_never_passed(house: House) -> None:
    house.network.silent |= {"ocsp", "crl", "ca"}
    found = house.services.judge.judge(b"content", house.cms(b"content"))
    assert found is not None
    assert (found.passed, found.failed, found.verdict.sub_indication) == (False, False, "TRY_LATER")


def test_the_chain_ends_below_the_anchor(house: House) -> None:
    certificate = house.pki.entity("lessor_person").certificate
    chain = house.services.judge.chain_of(certificate)
    assert [one.sha256 for one in chain] == [one.sha256 for one in house.pki.entity("lessor_person").chain]
    stranger = signing.Certificate.load(house.pki.roots()[0].der)
    assert house.services.judge.chain_of(stranger) == ()


def test_an_empty_trust_store_trusts_nobody(house: House) -> None:
    for path in (house.services.settings.root / "trust").iterdir():
        path.unlink()
    found = house.services.judge.judge(b"content", house.cms(b"content"))
    assert found is not None
    assert (found.passed, found.failed) == (False, False)


def test_a_signature_without_a_stamp_has_no_proven_time(house: House) -> None:
    """What is shown as proof of the time comes from a time-stamp, never from the moment of our own check."""
    entity, owner = house.pki.entity("client_one_person"), house.entity(CLIENT_ONE)
    desk, at = house.services.signing_desk, house.clock.now()
    row = Signature(owner_id=owner)
    for stamped in (False, True):
        cms = signing.sign_cades(
            b"content",
            key=entity.key,
            certificate=entity.certificate,
            chain=entity.chain,
            signing_time=at,
            timestamper=desk.timestamper if stamped else None,
        )
        write_down(row, desk.judge_kept(b"content", cms, owner=owner), state="received")
        assert row.indication == "TOTAL-PASSED"
        assert row.signed_at == at
        assert (row.proved_at is not None) is stamped
