"""Measure signatures against pyHanko, raw public-key operations and raw EVP: `make bench-signing`.

One row for each bar of issue 3, with the baseline of the same run. Rates are per second of CPU time (process_time),
the best of several rounds, so a busy machine disturbs them little; only the two-thread row is by the wall clock. It
prints, it does not judge: the exit code is 0. Inputs are the same in every run but for the keys.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import cycle

from scripts import bench_pyhanko
from signing import Memory, OfflineEvidence, Report, TrustStore, new_hash, sign_cades, verify, verify_pdf
from signing._internal import algorithms, gost, keys
from signing._internal.cms import read_signed_data
from signing._internal.crl import read_crl
from signing.pki import Pki, PkiEntity, build, load_declaration

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CONTENT = b"<document/>" * 93  # 1 KB: what is measured are signatures, not hashing
FILES = 64
ROUNDS = 8
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
    def signatures(self) -> list[tuple[bytes, bytes]]:
        """Contents and detached CAdES-BES over them, with the chain inside: one signer, different files."""
        contents = [CONTENT + b"<!-- %d -->" % number for number in range(FILES)]
        return [(content, self.sign(content)) for content in contents]

    @cached_property
    def queue(self) -> Iterator[tuple[bytes, bytes]]:
        """The same without end."""
        return cycle(self.signatures)

    def sign(self, content: bytes = CONTENT) -> bytes:
        """Sign with the chain inside."""
        one, moment = self.signer, AT - timedelta(seconds=len(content))
        return sign_cades(content, key=one.key, certificate=one.certificate, chain=one.chain, signing_time=moment)

    def verify(self, memory: Memory | None = None) -> Report:
        """Verify the next file, everything each time unless a memory is given."""
        content, signature = next(self.queue)
        report = verify(content, signature, trust=self.trust, evidence=self.evidence, at=AT, memory=memory)
        return _passed(report)

    @cached_property
    def stage(self) -> bench_pyhanko.Stage:
        """The same for pyHanko."""
        return bench_pyhanko.Stage(signer=self.signer, root=self.pki.roots()[0].der, crls=self.crls, at=AT)

    def raw_operations(self) -> list[Callable[[], bool]]:
        """The five public-key operations of a verification, and nothing else: keys loaded, inputs cut out."""
        leaf, (above,), (root,) = self.signer.certificate, self.signer.chain, self.pki.roots()
        (info,) = read_signed_data(self.signatures[0][1]).signers
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


def rates(ours: Callable[[], object], baseline: Callable[[], object], seconds: float = 0.25) -> tuple[float, float]:
    """How often a second of CPU time does each of two works: the best of rounds that take turns."""
    works, best = (ours, baseline), [0.0, 0.0]
    for work in works:
        work()
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            count, began, spent = 0, time.process_time(), 0.0
            while spent < seconds:
                work()
                count += 1
                spent = time.process_time() - began
            best[index] = max(best[index], count / spent)
    return best[0], best[1]


def row(what: str, measured: tuple[float, float], bar: float, *, against: str, unit: str = "/s") -> None:
    """Print one row: ours, the baseline of this run, the ratio and whether the bar is met."""
    ours, baseline = measured
    ratio = ours / baseline
    met = "met" if ratio >= bar else "MISSED"
    figures = f"{ours:>9,.0f}{unit:<5}{against:<20}{baseline:>9,.0f}{unit:<5}{ratio:>7.2f}  >= {bar:<5}{met}"
    print(f"{what:<54}{figures}", flush=True)


def verification(rsa: World, gost256: World) -> None:
    """CAdES-BES detached: everything each time, then with a memory."""
    theirs = bench_pyhanko.verifier(rsa.stage, rsa.signatures)
    row("CAdES-BES verify, path + 2 CRLs each time, RSA-2048", rates(rsa.verify, theirs), 10, against="pyHanko, shared")
    jobs = gost256.raw_operations()
    limit = rates(gost256.verify, lambda: [job() for job in jobs])
    row("CAdES-BES verify, path + 2 CRLs each time, GOST-256", limit, 0.6, against="5 raw verifies")
    memory = Memory()
    remembered = rates(lambda: gost256.verify(memory), jobs[0])
    row("CAdES-BES verify, path and CRLs remembered, GOST-256", remembered, 0.45, against="1 raw verify")


def creation(rsa: World, gost256: World) -> None:
    """CAdES-BES detached sign."""
    row("CAdES-BES sign, RSA-2048", rates(rsa.sign, bench_pyhanko.signer(rsa.stage, CONTENT)), 30, against="pyHanko")
    key = gost256.signer.key
    raw = rates(gost256.sign, lambda: key.sign(CONTENT))
    row("CAdES-BES sign, GOST-256 (5,000 where raw is 25,000)", raw, 0.2, against="raw sign")


def documents(rsa: World) -> None:
    """PAdES B-B."""
    data = bench_pyhanko.signed_pdf(rsa.stage)

    def ours() -> Report:
        return _passed(verify_pdf(data, trust=rsa.trust, evidence=rsa.evidence, at=AT))

    measured = rates(ours, bench_pyhanko.pdf_verifier(rsa.stage, data))
    row(f"PAdES B-B verify, RSA-2048, {len(data):,} octets", measured, 4, against="pyHanko, shared")


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
    measured = megabytes / ours, megabytes / raw
    row(f"Streebog-256, {size / GIGABYTE:g} GB streamed", measured, 0.9, against="raw EVP", unit="MB/s")
    print(f"{'':<54}memory taken by the stream: {grown:.1f} MB (<= 64: {'met' if grown <= 64 else 'MISSED'})")


def threads(gost256: World) -> None:
    """Two threads against one, each verifying so many files; by the wall clock, so only a quiet machine tells much.

    The raw operations in two threads, beside it, are what the machine had to give at that time.
    """
    jobs = gost256.raw_operations()
    raw = _in_threads(lambda: [job() for job in jobs])
    measured = _in_threads(gost256.verify)
    row("GOST-256 verify in two threads, by the wall clock", measured, 1.7, against="one thread")
    print(f"{'':<54}raw operations in two threads at that time: {raw[0] / raw[1]:.2f} of one")


def _in_threads(work: Callable[[], object], count: int = 150, turns: int = 12) -> tuple[float, float]:
    """The best rates in two threads and in one, in short turns."""

    def several() -> None:
        for _ in range(count):
            work()

    def wall(workers: int) -> float:
        started = [threading.Thread(target=several) for _ in range(workers)]
        began = time.perf_counter()
        for one in started:
            one.start()
        for one in started:
            one.join()
        return workers * count / (time.perf_counter() - began)

    pairs = [(wall(2), wall(1)) for _ in range(turns)]
    return max(two for two, _ in pairs), max(one for _, one in pairs)


def main() -> int:
    """Entry point."""
    if "--threads" in sys.argv:
        threads(World("gost2012_256:XA"))
        return 0
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
    # in a process of its own, as a worker is: the peer's objects would keep the collector, and with it the lock, busy
    return subprocess.run([sys.executable, "-m", "scripts.bench_signing", "--threads"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
