"""Evidence records: made, renewed over six years, forged; records of other makers; openssl as the second opinion."""

from __future__ import annotations

import hashlib
import random
import re
import subprocess
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import signing
from signing import BadInput, EvidenceRecord, EvidenceReport, OfflineEvidence, Policy, digest
from signing._internal import der, oids
from tests.signing.conftest import World, build_world, shared_world
from tests.signing.maker import NOW, YEAR, Holder, Tsa, extended_key_usage, key_usage

_STAMPING = [key_usage("digital_signature"), extended_key_usage(oids.EKU_TIME_STAMPING, critical=True)]
OBJECTS = (b"manifest", b"its signature", b"its time-stamp")
DAY = timedelta(days=1)


def hashes(name: str, objects: Sequence[bytes] = OBJECTS) -> tuple[bytes, ...]:
    return tuple(digest(name, one) for one in objects)


def joined(name: str, *values: bytes) -> bytes:
    return digest(name, b"".join(sorted(values)))


@dataclass
class Archive:
    """An archive over years: its authorities come and go, its record is renewed before they do."""

    world: World = field(default_factory=build_world)
    name: str = "streebog256"
    authorities: list[Holder] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.authorities = [self.world.root, self.world.issuing]

    def lists(self, at: datetime) -> OfflineEvidence:
        return OfflineEvidence(crls=[one.crl(at=at) for one in self.authorities])

    def tsa(self, at: datetime, until: datetime, *, issuer: Holder | None = None) -> Tsa:
        holder = (issuer or self.world.issuing).issue("Служба времени", extensions=_STAMPING, not_after=until)
        return Tsa(holder=holder, at=at)

    def new_authority(self, until: datetime) -> Holder:
        """A second generation of the issuing authority; the root of trust stays."""
        issuer = self.world.root.issue("Новый УЦ", extensions=self.authority_extensions(), not_after=until)
        self.authorities.append(issuer)
        return issuer

    @staticmethod
    def authority_extensions() -> list[tuple[str, bool, bytes]]:
        from tests.signing.maker import basic_constraints

        return [basic_constraints(authority=True), key_usage("key_cert_sign", "crl_sign")]

    def begin(self, tsa: Tsa | None = None, *, neighbour: bytes = b"another package") -> EvidenceRecord:
        """A day of two packages: this one, a group of three objects, and a neighbour."""
        own, other = hashes(self.name), digest(self.name, neighbour)
        token = (tsa or self.world.tsa).timestamp(self.name, joined(self.name, joined(self.name, *own), other))
        return signing.begin_evidence_record(token, [own, [other]], objects=OBJECTS)

    def seal(self, record: EvidenceRecord, at: datetime) -> EvidenceRecord:
        """What `archiving` does before a renewal: the newest token gets its evidence, the record is put together anew."""
        sealed = signing.seal_timestamp(record.newest.token, trust=self.world.trust, evidence=self.lists(at), at=at)
        from signing._internal.ers import archive_timestamp

        stamp = archive_timestamp(sealed, record.newest.tree)
        return EvidenceRecord(chains=(*record.chains[:-1], (*record.chains[-1][:-1], stamp)), extra=record.extra)

    def renew(self, record: EvidenceRecord, tsa: Tsa, *, seal: bool = True) -> EvidenceRecord:
        if seal:
            record = self.seal(record, tsa.at)
        needed, other = signing.timestamp_renewal_hash(record), digest(self.name, b"another token")
        token = tsa.timestamp(self.name, joined(self.name, needed, other))
        return signing.renew_timestamp(record, token, [[needed, other]])

    def rebuild(self, record: EvidenceRecord, tsa: Tsa, name: str) -> EvidenceRecord:
        record = self.seal(record, tsa.at)
        needed = signing.hash_tree_renewal_hashes(record, OBJECTS, name)
        token = tsa.timestamp(name, joined(name, *needed))
        self.name = name
        return signing.renew_hash_tree(record, token, [needed], objects=OBJECTS)

    def judge(
        self,
        record: EvidenceRecord | bytes,
        at: datetime = NOW,
        *,
        objects: Sequence[bytes] = OBJECTS,
        evidence: OfflineEvidence | None = None,
        policy: Policy | None = None,
    ) -> EvidenceReport:
        return signing.verify_evidence_record(
            record if isinstance(record, bytes) else record.to_der(),
            objects,
            trust=self.world.trust,
            evidence=self.lists(at) if evidence is None else evidence,
            at=at,
            policy=policy or Policy(),
        )


@pytest.mark.parametrize("name", ["sha256", "sha512", "streebog256", "streebog512"])
@pytest.mark.parametrize("spec", ["gost2012_256:XA", "ec:P-256"])
def test_a_record_proves_a_group_of_objects(spec: str, name: str) -> None:
    archive = Archive(world=shared_world(spec), name=name)
    record = archive.begin()
    report = archive.judge(record)
    assert (report.indication, report.proven_at, report.reasons) == ("TOTAL-PASSED", NOW, ())
    assert [one.kind for one in report.timestamps] == ["initial"]
    assert signing.read_evidence_record(record.to_der()) == record
    assert report.to_json()["proven_at"] == "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    "objects",
    [
        (b"forged", *OBJECTS[1:]),
        OBJECTS[:2],
        (*OBJECTS, b"one more"),
        (b"another package",),
        (OBJECTS[0], OBJECTS[0], OBJECTS[0]),
    ],
)
def test_other_objects_fail(objects: tuple[bytes, ...]) -> None:
    archive = Archive(world=shared_world("gost2012_256:XA"))
    report = archive.judge(archive.begin(), objects=objects)
    assert (report.indication, report.sub_indication, report.proven_at) == ("TOTAL-FAILED", "HASH_FAILURE", None)


def test_one_object_of_many_and_a_lone_one() -> None:
    archive = Archive(world=shared_world("gost2012_256:XA"), name="sha256")
    tsa, one, other = archive.world.tsa, *hashes("sha256", (b"one", b"other"))
    shared = signing.begin_evidence_record(
        tsa.timestamp("sha256", joined("sha256", one, other)), [[one, other]], objects=[b"one"]
    )
    alone = signing.begin_evidence_record(tsa.timestamp("sha256", one), objects=[b"one"])
    for record in (shared, alone):
        assert archive.judge(record, objects=[b"one"]).indication == "TOTAL-PASSED"
        assert archive.judge(record, objects=[b"two"]).indication == "TOTAL-FAILED"


# --- six years ---


def test_a_record_renewed_in_time_outlives_every_certificate_and_one_that_was_not_is_no_pass() -> None:
    archive = Archive()
    soon, later, end = NOW + 270 * DAY, NOW + 4 * YEAR, NOW + 6 * YEAR
    record = archive.begin()
    once = archive.renew(record, archive.tsa(soon, NOW + 4 * YEAR + 90 * DAY))
    twice = archive.renew(once, archive.tsa(later, NOW + 9 * YEAR, issuer=archive.new_authority(NOW + 12 * YEAR)))
    assert archive.world.tsa.holder.certificate.not_after < end
    assert archive.world.issuing.certificate.not_after < end

    report = archive.judge(twice, end)
    assert (report.indication, report.proven_at, report.reasons) == ("TOTAL-PASSED", NOW, ())
    assert [one.kind for one in report.timestamps] == ["initial", "timestamp_renewal", "timestamp_renewal"]
    assert [one.judged_at for one in report.timestamps] == [soon, later, end]

    for late in (record, once):
        report = archive.judge(late, end)
        assert (report.indication, report.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
        assert report.proven_at is None
        assert any("истёк" in reason for reason in report.reasons)


def test_a_renewal_that_came_too_late_proves_nothing() -> None:
    archive = Archive()
    late, end = NOW + 2 * YEAR, NOW + 3 * YEAR
    record = archive.begin()
    with pytest.raises(BadInput, match="cannot be proven"):
        archive.seal(record, late)
    renewed = archive.renew(record, archive.tsa(late, NOW + 4 * YEAR), seal=False)
    report = archive.judge(renewed, end)
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_without_evidence_about_the_authority_the_verdict_is_open() -> None:
    archive = Archive()
    soon, end = NOW + 270 * DAY, NOW + 3 * YEAR
    unsealed = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR), seal=False)
    sealed = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR))
    nothing = OfflineEvidence()
    assert archive.judge(sealed, end).indication == "TOTAL-PASSED"
    for record in (unsealed, sealed):
        report = archive.judge(record, end, evidence=nothing)
        assert (report.indication, report.sub_indication) == ("INDETERMINATE", "TRY_LATER")


def test_an_authority_revoked_before_its_renewal_proves_nothing_and_after_it_does() -> None:
    soon, end = NOW + 270 * DAY, NOW + 3 * YEAR
    before, after = Archive(), Archive()
    renewed = {}
    for archive in (before, after):
        renewed[id(archive)] = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR), seal=archive is after)
    for archive, moment in ((before, NOW + 10 * DAY), (after, soon + 10 * DAY)):
        archive.world.issuing.revoke(archive.world.tsa.holder.certificate, moment)
    report = before.judge(renewed[id(before)], end)
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "REVOKED_NO_POE")
    assert after.judge(renewed[id(after)], end).indication == "TOTAL-PASSED"


def test_a_hash_function_that_ages_needs_a_new_tree() -> None:
    archive = Archive(name="sha256")
    soon, end = NOW + 270 * DAY, NOW + 3 * YEAR
    aged = Policy(digest_until={"sha256": NOW + 2 * YEAR})
    stamped_anew = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR))
    rebuilt = archive.rebuild(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR), "streebog512")
    report = archive.judge(stamped_anew, end, policy=aged)
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    report = archive.judge(rebuilt, end, policy=aged)
    assert (report.indication, report.proven_at, report.reasons) == ("TOTAL-PASSED", NOW, ())
    assert [(one.kind, one.digest_algorithm) for one in report.timestamps] == [
        ("initial", "sha256"),
        ("hash_tree_renewal", "streebog512"),
    ]
    assert archive.judge(rebuilt, end, objects=(b"forged", *OBJECTS[1:])).indication == "TOTAL-FAILED"
    again = archive.renew(rebuilt, archive.tsa(end, NOW + 5 * YEAR - DAY))
    assert archive.judge(again, NOW + 5 * YEAR - 30 * DAY, policy=aged).indication == "TOTAL-PASSED"


def test_the_outlook_names_what_ends_first() -> None:
    archive = Archive()
    token = archive.begin().newest.token
    judging = {"trust": archive.world.trust, "evidence": archive.lists(NOW), "at": NOW}
    outlook = signing.timestamp_outlook(token, **judging)  # type: ignore[arg-type]  # a plain dict
    certificate = archive.world.tsa.holder.certificate
    assert (outlook.at, outlook.ages_at, outlook.authority) == (NOW, certificate.not_after, certificate)
    aged = Policy(digest_until={"streebog256": NOW + 30 * DAY})
    assert signing.timestamp_outlook(token, policy=aged, **judging).ages_at == NOW + 30 * DAY  # type: ignore[arg-type]  # the same


# --- forgeries ---


def test_records_are_not_made_over_tokens_that_cover_something_else() -> None:
    archive = Archive(world=shared_world("gost2012_256:XA"))
    record = archive.begin()
    stranger = archive.world.tsa.timestamp("streebog256", digest("streebog256", b"stranger"))
    other = archive.world.tsa.timestamp("sha256", digest("sha256", record.newest.token))
    for make in (
        lambda: signing.begin_evidence_record(stranger, objects=[b"mine"]),
        lambda: signing.begin_evidence_record(stranger, [hashes("streebog256")], objects=OBJECTS),
        lambda: signing.begin_evidence_record(stranger, [[b"short"]], objects=[b"mine"]),
        lambda: signing.begin_evidence_record(b"no token", objects=[b"mine"]),
        lambda: signing.renew_timestamp(record, stranger),
        lambda: signing.renew_timestamp(record, other),
        lambda: signing.renew_hash_tree(record, stranger, objects=OBJECTS),
    ):
        with pytest.raises(BadInput):
            make()


def test_chains_cut_reordered_or_taken_from_another_record_do_not_pass() -> None:
    archive = Archive()
    soon, later = NOW + 270 * DAY, NOW + 2 * YEAR
    first = archive.begin()
    renewed = archive.renew(archive.renew(first, archive.tsa(soon, NOW + 3 * YEAR)), archive.tsa(later, NOW + 4 * YEAR))
    ((one, two, three),) = renewed.chains
    stranger = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR)).newest
    at = NOW + 2 * YEAR + DAY
    assert archive.judge(renewed, at).indication == "TOTAL-PASSED"
    for chains in (((two, three),), ((one, three),), ((one, three, two),), ((one, stranger),), ((one,), (two, three))):
        report = archive.judge(EvidenceRecord(chains=chains), at)
        assert report.indication != "TOTAL-PASSED", chains
        assert report.proven_at is None
    forged = archive.tsa(NOW - DAY, NOW + 4 * YEAR)
    antedated = archive.renew(first, forged, seal=False)
    assert archive.judge(antedated).sub_indication == "TIMESTAMP_ORDER_FAILURE"


def test_a_changed_byte_in_what_is_covered_never_passes() -> None:
    archive = Archive()
    record = archive.renew(archive.begin(), archive.tsa(NOW + 270 * DAY, NOW + 4 * YEAR))
    whole, newest = record.to_der(), record.newest.token
    at, evidence = NOW + YEAR, archive.lists(NOW + YEAR)
    assert archive.judge(whole, at, evidence=evidence).indication == "TOTAL-PASSED"
    start = whole.index(record.chains[0][0].der)
    places = random.Random(4998).sample(range(start, whole.index(newest)), 60)
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        report = archive.judge(bytes(changed), at, evidence=evidence)
        assert report.indication != "TOTAL-PASSED", place
        assert report.reasons, place


def test_a_member_of_the_newest_time_stamp_that_is_not_understood_is_not_passed_over() -> None:
    """Nothing covers the newest one: its named hash function under another tag must not read as «none was named»."""
    archive = Archive()
    record = archive.begin()
    whole = record.to_der()
    assert archive.judge(whole, NOW + timedelta(days=30)).indication == "TOTAL-PASSED"
    place = whole.index(record.newest.der) + record.newest.der.index(b"\xa0")
    for tag in (0x20, 0x80, 0xA1, 0xA2, 0xA3, 0xE0):
        changed = whole[:place] + bytes([tag]) + whole[place + 1 :]
        assert archive.judge(changed, NOW + timedelta(days=30)).indication != "TOTAL-PASSED", hex(tag)


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x30\x03\x02\x01\x01", b"text", b"\x30\x80\x00\x00"])
def test_what_is_no_record_fails_with_a_reason(data: bytes) -> None:
    report = Archive(world=shared_world("gost2012_256:XA")).judge(data)
    assert (report.indication, report.sub_indication, len(report.reasons)) == ("TOTAL-FAILED", "FORMAT_FAILURE", 1)


def test_records_over_encrypted_data_and_of_another_version_are_not_judged() -> None:
    archive = Archive(world=shared_world("gost2012_256:XA"))
    version, algorithms, chains = (one.raw for one in der.read(archive.begin().to_der()).children())
    for members in (
        (version, algorithms, der.tlv(0xA1, der.sequence()), chains),
        (der.integer(2), algorithms, chains),
    ):
        assert archive.judge(der.sequence(*members)).sub_indication == "FORMAT_FAILURE"
    extra = der.tlv(0xA0, der.sequence(der.oid("1.2.3"), der.set_of([der.integer(1)])))
    with_extra = der.sequence(version, algorithms, extra, chains)
    assert archive.judge(with_extra).indication == "TOTAL-PASSED"
    assert signing.read_evidence_record(with_extra).to_der() == with_extra


# --- second opinions ---


def test_openssl_reads_the_record_and_verifies_its_tokens(tmp_path: Path) -> None:
    """Walk the DER with `openssl asn1parse`, climb the tree with hashlib, verify the sealed tokens with `openssl ts`."""
    archive = Archive(name="sha256")
    soon = NOW + 270 * DAY
    record = archive.renew(archive.begin(), archive.tsa(soon, NOW + 4 * YEAR))
    (tmp_path / "record").write_bytes(record.to_der())
    (tmp_path / "trust").write_text(archive.world.root.certificate.pem() + archive.world.issuing.certificate.pem())
    said = _openssl(tmp_path, "asn1parse", "-inform", "DER", "-in", "record")
    rows = re.findall(r"(\d+):d=(\d+) +hl=(\d+) l= *(\d+) \w+: (\w+[^:\n]*?) *(?::(.*))?\n", said)
    lists = [bytes.fromhex(text) for _, depth, _, _, kind, text in rows if depth == "6" and kind.startswith("OCTET")]
    spans = [
        (int(at), int(head) + int(size))
        for at, depth, head, size, kind, _ in rows
        if (depth, kind) == ("4", "SEQUENCE")
    ]
    whole = record.to_der()
    tokens = [whole[at : at + size] for at, size in spans]
    assert tokens == [one.token for one in record.chains[0]]
    own, other = lists[:3], lists[3]
    assert sorted(own) == sorted(hashlib.sha256(one).digest() for one in OBJECTS)
    assert hashlib.sha256(tokens[0]).digest() in lists[4:]
    covered = [
        b"".join(sorted((hashlib.sha256(b"".join(own)).digest(), other))),
        b"".join(lists[4:]),
    ]
    for token, data, moment in zip(tokens, covered, (soon, soon), strict=True):
        (tmp_path / "token").write_bytes(token)
        (tmp_path / "data").write_bytes(data)
        arguments = ["-token_in", "-in", "token", "-data", "data", "-CAfile", "trust"]
        assert "OK" in _openssl(tmp_path, "ts", "-verify", *arguments, "-attime", str(int(moment.timestamp())))


def _openssl(folder: Path, *words: str) -> str:
    (folder / "cnf").write_text(
        "openssl_conf=t\n[t]\nengines=e\n[e]\ngost=g\n[g]\nengine_id=gost\ndefault_algorithms=ALL\n"
    )
    env = {"OPENSSL_CONF": str(folder / "cnf"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["openssl", *words], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


_FOREIGN = {
    "er-asn1-chain-renewal.asice": ["initial", "hash_tree_renewal"],
    "er-asn1-full-renewal.asics": ["initial", "timestamp_renewal", "hash_tree_renewal"],
    "er-asn1-no-hashtree-full-renewal.sce": ["initial", "timestamp_renewal", "hash_tree_renewal"],
    "er-asn1-tst-renewal.asice": ["initial", "timestamp_renewal"],
    "er-asn1-multi-files.asice": ["initial"],
    "tst-with-asn1-er.sce": ["initial"],
}


@pytest.mark.parametrize("name", _FOREIGN)
def test_records_of_other_makers_hold_in_every_hash_and_rest_on_nobody_we_trust(shared_data: Path, name: str) -> None:
    file = shared_data / "signatures/corpus/dss/dss-asic-cades/evidencerecord" / name
    with zipfile.ZipFile(file) as container:
        names = container.namelist()
        (record,) = (container.read(one) for one in names if one.endswith(".ers"))
        manifests = [one for one in names if re.search(r"(?i)evidencerecord\w*manifest\w*\.xml$", one)]
        text = container.read(manifests[0]).decode() if manifests else ""
        named = re.findall(r'DataObjectReference[^>]*URI="([^"]+)"', text)
        content = [one for one in names if one != "mimetype" and not one.startswith("META-INF/")]
        objects = [container.read(one) for one in named or content]
    assert signing.read_evidence_record(record).to_der() == record
    archive = Archive(world=shared_world("gost2012_256:XA"))
    report = archive.judge(record, NOW, objects=objects)
    assert [one.kind for one in report.timestamps] == _FOREIGN[name]
    outcomes = [(check.name, check.outcome) for one in report.timestamps for check in one.checks]
    assert [
        one for one in outcomes if one[0] in ("reduced_hash_tree", "timestamp_imprint") and one[1] != "passed"
    ] == []
    assert report.indication == "INDETERMINATE"
    assert archive.judge(record, NOW, objects=[b"forged", *objects[1:]]).indication == "TOTAL-FAILED"
