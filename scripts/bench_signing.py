"""Measure signatures against pyHanko, raw public-key operations and raw EVP: `make bench-signing`.

One row for each bar of issue 3, with the baseline of the same run. Rates are per second of CPU time (process_time),
the best of several rounds, so a busy machine disturbs them little; only the two-thread row is by the wall clock. It
prints, it does not judge: the exit code is 0. Inputs are the same in every run but for the keys.
"""

from __future__ import annotations

import os
import platform
import resource
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from scripts import bench_pyhanko
from signing import Memory, OfflineEvidence, Report, TrustStore, new_hash, sign_cades, verify, verify_pdf
from signing._internal import algorithms, gost, keys
from signing._internal.cms import read_signed_data
from signing._internal.crl import read_crl
from signing.pki import Pki, PkiEntity, build, load_declaration

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONTENT = b"<document/>" * 93  # 1 KB: what is measured are signatures, not hashing
GIGABYTE = 1 << 30
PIECE = 1 << 20
DECLARATION = """
[profile]
subject_sign_tool = "Тест"
sign_tool = "Тест"
ca_tool = "Тест"
sign_tool_certificate = "Нет"
ca_tool_certificate = "Нет"
[authorities.root]
key = "{key}"
policies = ["1.2.643.100.113.1"]
from = "-3y"
until = "+10y"
trusted = true
crl_days = 7
subject = {{ common_name = "Корень", organization = "УЦ", country = "RU" }}
[authorities.issuing]
issuer = "root"
key = "{key}"
policies = ["1.2.643.100.113.1"]
from = "-3y"
until = "+10y"
crl_days = 7
subject = {{ common_name = "Издатель", organization = "УЦ", country = "RU" }}
[companies.lessor]
name = "ООО «ЛизингПром»"
inn = "7700000016"
kpp = "770001001"
ogrn = "1997700000010"
region = "77 г. Москва"
locality = "г. Москва"
street = "Промышленная улица, д. 3"
[people.sokolova]
surname = "Соколова"
given_name = "Марина Андреевна"
inn = "770000000156"
snils = "90000000182"
email = "sokolova@lizingprom.demo.test"
[subjects.signer]
key = "{key}"
issuer = "issuing"
company = "lessor"
person = "sokolova"
title = "Главный бухгалтер"
"""


@dataclass(frozen=True)
class World:
    """A root, an issuing authority and a signer with keys of one kind; lists of both authorities."""

    spec: str

    @cached_property
    def pki(self) -> Pki:
        """Built when first asked for."""
        return build(load_declaration(DECLARATION.format(key=self.spec).encode()), now=AT, host="pki.demo.test")

    @cached_property
    def signer(self) -> PkiEntity:
        """Who signs."""
        return self.pki.entity("signer")

    @cached_property
    def crls(self) -> tuple[bytes, ...]:
        """The two lists."""
        return tuple(self.pki.crl(name, now=AT) for name in ("root", "issuing"))

    @cached_property
    def trust(self) -> TrustStore:
        """The root; intermediates come with the signature."""
        return TrustStore(self.pki.roots())

    @cached_property
    def evidence(self) -> OfflineEvidence:
        """The lists as evidence."""
        return OfflineEvidence(crls=self.crls)

    @cached_property
    def signature(self) -> bytes:
        """A detached CAdES-BES over CONTENT, with the chain inside."""
        return self.sign()

    def sign(self) -> bytes:
        """Sign CONTENT."""
        one = self.signer
        return sign_cades(CONTENT, key=one.key, certificate=one.certificate, chain=one.chain, signing_time=AT)

    def verify(self, memory: Memory | None = None) -> Report:
        """Verify the signature, everything each time unless a memory is given."""
        report = verify(CONTENT, self.signature, trust=self.trust, evidence=self.evidence, at=AT, memory=memory)
        return _passed(report)

    @cached_property
    def stage(self) -> bench_pyhanko.Stage:
        """The same for pyHanko."""
        return bench_pyhanko.Stage(signer=self.signer, root=self.pki.roots()[0].der, crls=self.crls, at=AT)

    def raw_operations(self) -> list[Callable[[], bool]]:
        """The five public-key operations of a verification, and nothing else: keys loaded, inputs cut out."""
        leaf, (above,), (root,) = self.signer.certificate, self.signer.chain, self.pki.roots()
        (info,) = read_signed_data(self.signature).signers
        (_, attributes), *_ = info.signed_forms()
        scheme = algorithms.scheme(info.signature_algorithm, self.signer.key.digest_algorithm)
        jobs = [(leaf.public_key_info, scheme, attributes, info.signature)]
        for one, issuer in ((leaf, above), (above, root)):
            jobs.append((issuer.public_key_info, algorithms.scheme(one.signature_algorithm), one.tbs, one.signature))
        for blob, issuer in zip(self.crls, (root, above), strict=True):
            signed = read_crl(blob).signed
            jobs.append((issuer.public_key_info, algorithms.scheme(signed.algorithm), signed.data, signed.signature))
        return [_operation(*job) for job in jobs]


def _operation(key: bytes, scheme: algorithms.SignatureScheme, data: bytes, signature: bytes) -> Callable[[], bool]:
    loaded = keys.public_key(key)

    def work() -> bool:
        if not loaded.verify(scheme, data, signature):
            raise SystemExit("a raw operation fails: the row would measure nothing")
        return True

    return work


def _passed(report: Report) -> Report:
    if report.indication != "TOTAL-PASSED":
        raise SystemExit(f"the signature must pass: {report.to_json()}")
    return report


def rate(work: Callable[[], object], seconds: float = 0.7, rounds: int = 4) -> float:
    """How often a second of CPU time does the work: the best of several rounds after one that warms up."""
    work()
    best = 0.0
    for _ in range(rounds):
        count, began, spent = 0, time.process_time(), 0.0
        while spent < seconds:
            for _ in range(4):
                work()
            count += 4
            spent = time.process_time() - began
        best = max(best, count / spent)
    return best


def row(what: str, ours: float, baseline: float, bar: float, *, against: str, unit: str = "/s") -> None:
    """Print one row: ours, the baseline of this run, the ratio and whether the bar is met."""
    ratio = ours / baseline if baseline else 0.0
    met = "met" if ratio >= bar else "MISSED"
    print(f"{what:<52}{ours:>9,.0f}{unit:<5}{against:<22}{baseline:>9,.0f}{unit:<5}{ratio:>7.2f}  >= {bar:<5} {met}")
    sys.stdout.flush()


def verification(rsa: World, gost256: World) -> None:
    """CAdES-BES detached: everything each time, then with a memory."""
    rsa.verify()
    theirs = rate(bench_pyhanko.verifier(rsa.stage, CONTENT, rsa.signature))
    row(
        "CAdES-BES verify, path + 2 CRLs each time, RSA-2048",
        rate(rsa.verify),
        theirs,
        10,
        against="pyHanko, shared ctx",
    )
    jobs = gost256.raw_operations()
    limit = rate(lambda: [job() for job in jobs])
    row(
        "CAdES-BES verify, path + 2 CRLs each time, GOST-256",
        rate(gost256.verify),
        limit,
        0.6,
        against="5 raw verifies",
    )
    memory, single = Memory(), rate(jobs[0])
    ours = rate(lambda: gost256.verify(memory))
    row("CAdES-BES verify, path and CRLs remembered, GOST-256", ours, single, 0.45, against="1 raw verify")


def creation(rsa: World, gost256: World) -> None:
    """CAdES-BES detached sign."""
    theirs = rate(bench_pyhanko.signer(rsa.stage, CONTENT))
    row("CAdES-BES sign, RSA-2048", rate(rsa.sign), theirs, 30, against="pyHanko")
    key = gost256.signer.key
    raw = rate(lambda: key.sign(CONTENT))
    row("CAdES-BES sign, GOST-256 (5,000 where raw is 25,000)", rate(gost256.sign), raw, 0.2, against="raw sign")


def documents(rsa: World) -> None:
    """PAdES B-B."""
    data = bench_pyhanko.signed_pdf(rsa.stage)

    def ours() -> Report:
        return _passed(verify_pdf(data, trust=rsa.trust, evidence=rsa.evidence, at=AT))

    theirs = rate(bench_pyhanko.pdf_verifier(rsa.stage, data))
    row(f"PAdES B-B verify, RSA-2048, {len(data):,} bytes", rate(ours), theirs, 4, against="pyHanko, shared ctx")


def hashing(size: int) -> None:
    """Streebog-256 over a stream of `size` bytes, ours and raw EVP in turns, piece by piece."""
    loaded = gost.library()
    ffi, lib = loaded.ffi, loaded.lib
    piece = bytes(range(256)) * (PIECE // 256)
    context = ffi.gc(lib.EVP_MD_CTX_new(), lib.EVP_MD_CTX_free)
    lib.EVP_DigestInit_ex(context, loaded.digests["streebog256"], ffi.NULL)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    running, ours, raw = new_hash("streebog256"), 0.0, 0.0
    for _ in range(size // PIECE):
        began = time.process_time()
        running.update(piece)
        middle = time.process_time()
        lib.EVP_DigestUpdate(context, piece, PIECE)
        ours, raw = ours + middle - began, raw + time.process_time() - middle
    out = ffi.new("unsigned char[64]")
    lib.EVP_DigestFinal_ex(context, out, ffi.NULL)
    if bytes(ffi.buffer(out, 32)) != running.digest():
        raise SystemExit("the hashes differ")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    megabytes = size / 1e6
    row(
        f"Streebog-256, {size / GIGABYTE:g} GB streamed",
        megabytes / ours,
        megabytes / raw,
        0.9,
        against="raw EVP",
        unit="MB/s",
    )
    print(f"{'':<52}memory taken by the stream: {grown:.1f} MB (<= 64: {'met' if grown <= 64 else 'MISSED'})")


def threads(gost256: World, count: int = 1500) -> None:
    """Two threads that verify each `count` signatures, against one thread that does; by the wall clock."""

    def work() -> None:
        for _ in range(count):
            gost256.verify()

    def wall(workers: int) -> float:
        started = [threading.Thread(target=work) for _ in range(workers)]
        began = time.perf_counter()
        for one in started:
            one.start()
        for one in started:
            one.join()
        return workers * count / (time.perf_counter() - began)

    single = max(wall(1) for _ in range(3))
    double = max(wall(2) for _ in range(3))
    row("GOST-256 verify in two threads, by the wall clock", double, single, 1.7, against="one thread")


def main() -> int:
    """Entry point."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores, load {load}"
    )
    print("per second of CPU time; baselines measured in this run")
    rsa, gost256 = World("rsa:2048"), World("gost2012_256:XA")
    verification(rsa, gost256)
    creation(rsa, gost256)
    documents(rsa)
    hashing(GIGABYTE if "--quick" not in sys.argv else GIGABYTE // 16)
    threads(gost256)
    return 0


if __name__ == "__main__":
    sys.exit(main())
