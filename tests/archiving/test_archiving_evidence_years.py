"""Six years of evidence: authorities come and go, hash functions age, and what was not renewed is no pass."""

from dataclasses import dataclass, field, replace

import archive
import signing
from edo_service.archiving.evidence_desk import EvidencePolicy, Trees
from edo_service.archiving.evidence_handlers import EvidenceHandlers
from edo_service.archiving.evidence_views import evidence_state
from edo_service.archiving.use_cases.prove import evidence_of, verify_evidence
from edo_service.archiving.use_cases.stamp_evidence import RENEWED
from signing._internal import oids
from tests.archiving.test_archiving_evidence import DAY, YEAR, chain, day, events, expected, keep, scoped, shelf
from tests.fixtures.road import House
from tests.signing.maker import Holder, Tsa, addresses, extended_key_usage, key_usage


@dataclass(kw_only=True)
class LaterTsa:
    """The demonstration's issuing authority gives out a new time service every year and a half."""

    house: House
    holder: Holder | None = None
    made: list[Holder] = field(default_factory=list)

    def timestamp(self, digest_algorithm: str, digest: bytes) -> bytes:
        now = self.house.clock.now()
        if self.holder is None or self.holder.certificate.not_after < now + 180 * DAY:
            issuing = self.house.pki.entity("issuing")
            extensions = [
                key_usage("digital_signature"),
                extended_key_usage(oids.EKU_TIME_STAMPING, critical=True),
                *addresses(crl="http://pki.demo.test/crl/issuing.crl"),
            ]
            authority = Holder(key=issuing.key, certificate=issuing.certificate, chain=issuing.chain)
            self.holder = authority.issue(
                f"Служба времени {now.year}", extensions=extensions, not_before=now - DAY, not_after=now + 2 * YEAR
            )
            self.made.append(self.holder)
        return Tsa(holder=self.holder, at=now).timestamp(digest_algorithm, digest)


def years(house: House, **policy: object) -> EvidenceHandlers:
    """The evidence's jobs with authorities that come and go."""
    desk = replace(
        house.services.evidence_desk,
        timestamper=LaterTsa(house=house),
        policy=EvidencePolicy(**policy),  # type: ignore[arg-type]  # fields of the policy
    )
    return EvidenceHandlers(uow=house.services.uow, desk=desk)


def test_six_years_on_the_renewed_evidence_holds_and_the_first_alone_is_no_pass(house: House) -> None:
    package = keep(house)
    handlers = years(house, quiet=20 * YEAR)
    day(house, handlers)
    first = evidence_of(package, uow=scoped(house), desk=handlers.desk)
    start = house.clock.now()
    while house.clock.now() < start + 6 * YEAR:
        house.clock.move(80 * DAY)
        day(house, handlers)
    found = chain(house, package)
    assert (found.state, found.aged) == ("renewed", False)
    kinds = [one.kind for one in found.stamps]
    assert kinds == ["day", *["timestamp_renewal"] * (len(kinds) - 1)]
    assert len(kinds) >= 4
    assert all(later.at < one.ages_at for one, later in zip(found.stamps, found.stamps[1:], strict=False)), "in time"
    report = verify_evidence(package, uow=scoped(house), desk=handlers.desk)
    assert (report.indication, report.reasons) == ("TOTAL-PASSED", ())
    assert report.proven_at == found.stamps[0].at
    assert report.proven_at < start + DAY
    assert found.stamps[0].ages_at < house.clock.now() - 3 * YEAR, "the first authority has expired long ago"

    alone = handlers.desk.verify(first.record, first.objects)
    assert (alone.indication, alone.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    assert alone.proven_at is None
    assert shelf(house) == expected(house)
    assert len(events(house, RENEWED)) >= len(kinds) - 1


def test_without_renewal_the_chain_says_that_it_has_aged(house: House) -> None:
    package = keep(house)
    handlers = years(house)
    day(house, handlers)
    house.clock.move(6 * YEAR)
    day(house, handlers)
    found = chain(house, package)
    assert (found.state, found.aged) == ("rooted", True), "beyond renewal: nothing is stamped that proves nothing"
    report = verify_evidence(package, uow=scoped(house), desk=handlers.desk)
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    assert evidence_state(uow=scoped(house)).aged >= 1


def test_a_hash_function_that_ages_is_replaced_for_every_package_in_time(house: House) -> None:
    one, other = keep(house), keep(house, "Л-2")
    handlers = years(house, digest="sha256")
    day(house, handlers)
    start = house.clock.now()
    ends = signing.Policy(digest_until={"sha256": start + YEAR})
    handlers = years(house, digest="streebog512", algorithms=ends, most_leaves=1)
    for _ in range(3):
        house.clock.move(300 * DAY if house.clock.now() == start else DAY)
        day(house, handlers)
    house.clock.move(YEAR)
    for package in (one, other):
        found = chain(house, package)
        assert [(root.kind, root.digest) for root in found.roots] == [
            ("day", "sha256"),
            ("hash_tree_renewal", "streebog512"),
        ]
        report = verify_evidence(package, uow=scoped(house), desk=handlers.desk)
        assert (report.indication, report.reasons) == ("TOTAL-PASSED", ())
    assert shelf(house) == expected(house)


def test_many_sets_of_a_day_need_its_list_once_and_few_lists_are_held() -> None:
    read: list[str] = []

    def load(number: int) -> bytes:
        read.append(str(number))
        leaves = tuple(archive.Leaf(subject=f"package:{one}", hashes=(bytes([one]) * 32,)) for one in range(10))
        return archive.write_tree(
            archive.TreeList(owner=str(number), kind="day", day="2026-11-20", digest="sha256", leaves=leaves)
        )

    trees = Trees(most_leaves=25)
    for number in (1, 1, 2, 1, 2, 3, 3, 2, 1):
        places, tree = trees.get(str(number), lambda number=number: load(number))
        assert (places["package:9"], len(tree)) == (9, 10)
    assert read == ["1", "2", "3", "1"], "the third tree pushed out the first"
