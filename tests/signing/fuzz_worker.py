"""One run of the fuzz in its own process, whose memory is limited: `python -m tests.signing.fuzz_worker cms 10 7`.

Arguments: cms, pdf or parts; seconds of CPU; the seed. Prints one JSON object; cases found stand in it in base64.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from signing import (
    Certificate,
    FetchingEvidence,
    MemoryCache,
    Policy,
    Report,
    SigningError,
    augment,
    inspect_cms,
    report_text,
    report_xml,
    sign_cades,
    verify,
    verify_pdf,
)
from signing._internal.crl import read_crl
from signing._internal.revocation import find_answer
from signing._internal.timestamps import read_token
from tests.signing.conftest import World, build_world
from tests.signing.fuzzing import Explorer, mutate_der, mutate_pdf
from tests.signing.maker import NOW
from tests.signing.pdf_maker import Pdf, cades, stamper

MEMORY = 500 << 20
CONTENT = b"content of the fuzz"
_FOREIGN = 60  # files of the corpus taken as seeds, when it is there
_TOLD_IN_FULL = 8  # one case in so many is told in words and XML, too
_NUMBERS = re.compile(r"[0-9a-f]{6,}|\d+|«[^»]*»|0x[0-9a-f]+")


def peak_megabytes() -> int:
    """This program's own peak: getrusage would tell that of the process it was started by, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def behaviour(report: Report) -> object:
    """Which checks ended how and why, without the particulars."""
    return tuple(
        (
            one.indication,
            one.sub_indication,
            one.level,
            *((check.name, check.outcome, _short(check.text_ru)) for check in one.checks),
        )
        for one in report.signatures[:4]
    )


def _short(text: str) -> str:
    return _NUMBERS.sub("#", text)[:120]


def cms_seeds(world: World) -> list[bytes]:
    """BES, T, X Long and A; attached and detached."""

    def signed(*, detached: bool, stamped: bool) -> bytes:
        return sign_cades(
            CONTENT,
            key=world.signer.key,
            certificate=world.signer.certificate,
            chain=[world.issuing.certificate],
            signing_time=NOW,
            timestamper=world.tsa if stamped else None,
            detached=detached,
        )

    attached = signed(detached=False, stamped=True)
    given: dict[str, Any] = {"timestamper": world.tsa, "trust": world.trust, "evidence": world.evidence, "at": NOW}
    long_term = [augment(attached, "XLT1", **given), augment(attached, "A", **given)]
    return [signed(detached=True, stamped=False), signed(detached=True, stamped=True), attached, *long_term]


def judge_cms(world: World) -> Callable[[bytes], object]:
    """Both entrances, with lists at hand and with addresses that do not answer; a pass must be of the genuine signer."""
    silent = FetchingEvidence(lambda _: None, MemoryCache(), NOW)

    def judge(case: bytes) -> object:
        report = world.verify(CONTENT, case)
        json.dumps(report.to_json(), ensure_ascii=False)
        if len(case) % _TOLD_IN_FULL == 0:
            report_text(report), report_xml(report)
        for one in report.signatures:
            if one.indication == "TOTAL-PASSED" and one.signer != world.signer.certificate:
                raise AssertionError("a pass of somebody else")
        lenient = Policy(require_signed_attributes=False, require_signing_certificate=False, check_revocation=False)
        source = world.evidence if len(case) % 2 else silent
        other = verify(None, case, trust=world.trust, evidence=source, at=NOW, policy=lenient)
        try:
            info = len(inspect_cms(case).signers)
        except SigningError as error:
            info = _short(str(error))
        return behaviour(report), other.sub_indication, info

    return judge


def pdf_seeds(world: World) -> list[bytes]:
    """Signed once, twice, stamped."""
    once = Pdf.plain().sign(cades(world)).data
    twice = Pdf.plain().sign(cades(world)).sign(cades(world), name=b"Second").data
    stamped = (
        Pdf.plain()
        .sign(cades(world))
        .sign(stamper(world), name=b"Stamp", sub_filter=b"ETSI.RFC3161", kind=b"DocTimeStamp")
    )
    return [once, twice, stamped.data]


def judge_pdf(world: World) -> Callable[[bytes], object]:
    """A pass must be over the bytes that were signed."""
    silent = FetchingEvidence(lambda _: None, MemoryCache(), NOW)

    def judge(case: bytes) -> object:
        source = world.evidence if len(case) % 4 else silent
        report = verify_pdf(case, trust=world.trust, evidence=source, at=NOW)
        json.dumps(report.to_json(), ensure_ascii=False)
        return behaviour(report)

    return judge


def part_seeds(world: World) -> list[bytes]:
    """A certificate, a list, an answer, a token."""
    leaf, issuing = world.signer, world.issuing
    return [
        leaf.certificate.der,
        issuing.certificate.der,
        issuing.crl(at=NOW),
        world.tsa.timestamp("sha256", bytes(32)),
    ]


def judge_part(world: World) -> Callable[[bytes], object]:
    """Each reader gives a value or a SigningError; a certificate's lazy parts too."""
    leaf, issuing = world.signer.certificate, world.issuing.certificate

    def certificate(data: bytes) -> object:
        one = Certificate.load(data)
        names = [name for name, kind in vars(Certificate).items() if not name.startswith("_") and not callable(kind)]
        return [
            type(getattr(one, name)).__name__ for name in names if not isinstance(vars(Certificate)[name], classmethod)
        ]

    readers: tuple[Callable[[bytes], object], ...] = (
        certificate,
        lambda data: read_crl(data).find(leaf),
        lambda data: find_answer(data, leaf, issuing),
        lambda data: read_token(data).info.version,
    )

    def judge(case: bytes) -> object:
        seen = []
        for reader in readers:
            try:
                seen.append(_short(str(reader(case))))
            except SigningError as error:
                seen.append(_short(str(error)))
        return tuple(seen)

    return judge


def foreign(kind: str, chance: random.Random) -> list[bytes]:
    """Some files of the corpus."""
    folder = Path(os.environ.get("EDO_TEST_DATA", "../shared")) / "signatures"
    if not folder.is_dir():
        return []
    entries = json.loads((folder / "manifest.json").read_text())["files"]
    wanted = [
        one for one in entries if one["kind"].startswith("pdf" if kind == "pdf" else "cms") and one["size"] < 60_000
    ]
    chance.shuffle(wanted)
    return [(folder / "corpus" / one["file"]).read_bytes() for one in wanted[:_FOREIGN]]


def run(kind: str, seconds: float, seed: int) -> dict[str, Any]:
    """Fuzz one kind of files."""
    world, chance = build_world(), random.Random(seed)
    seeds, judge, mutate = {
        "cms": (cms_seeds, judge_cms, mutate_der),
        "pdf": (pdf_seeds, judge_pdf, mutate_pdf),
        "parts": (part_seeds, judge_part, mutate_der),
    }[kind]
    own = seeds(world)
    explorer = Explorer(judge=judge(world), mutate=mutate, seeds=own + foreign(kind, chance), chance=chance)
    explorer.explore(seconds)
    return {
        "kind": kind,
        "seed": seed,
        "executions": explorer.executions,
        "behaviours": len(explorer.behaviours),
        "lines": len(explorer.lines.seen),
        "slowest_seconds": round(explorer.slowest, 2),
        "peak_megabytes": peak_megabytes(),
        "found": [(reason, base64.b64encode(case).decode()) for reason, case in explorer.found],
    }


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(json.dumps(run(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))))
