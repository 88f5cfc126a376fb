"""Damaged files: always a verdict, never an error, and never a pass for a changed signature."""

from __future__ import annotations

import os
import random

import pytest

from signing import BadInput, Policy, Report, inspect_cms, sign_cades
from signing._internal import der
from tests.signing.conftest import World, build_world
from tests.signing.maker import NOW

CONTENT = b"content"


@pytest.fixture(scope="module")
def stage() -> tuple[World, bytes]:
    world = build_world()
    crl = world.issuing.crl()
    cms = sign_cades(
        CONTENT,
        key=world.signer.key,
        certificate=world.signer.certificate,
        chain=[world.issuing.certificate],
        signing_time=NOW,
        timestamper=world.tsa,
        detached=False,
    )
    assert crl
    return world, cms


def damaged(cms: bytes, chance: random.Random) -> bytes:
    data = bytearray(cms)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        position = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[position] ^= 1 << chance.randrange(8)
            case 1:
                data[position] = chance.choice((0, 0x30, 0x80, 0xFF, 0xA0, 0x24, 0x31))
            case 2:
                del data[position : position + chance.randrange(1, 20)]
            case 3:
                data[position:position] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
            case _:
                end = position + chance.randrange(1, 60)
                data[position:end] = data[position:end] * 2
        if not data:
            break
    return bytes(data)


def same_statement(report: Report, genuine: Report) -> bool:
    """Whether a pass says what the genuine one says: nothing signed was changed."""
    one, other = report.signatures[0], genuine.signatures[0]
    return one.signer == other.signer and one.signing_time == other.signing_time and len(report.signatures) == 1


def test_damage_gives_a_verdict_and_never_another_statement(stage: tuple[World, bytes]) -> None:
    world, cms = stage
    seed = int(os.environ.get("EDO_SOAK_SEED", "0"))  # keys are new each time anyway; the seed names a failure
    print("seed", seed)
    chance = random.Random(seed)
    genuine = world.verify(CONTENT, cms)
    seen = set()
    for _ in range(1500):
        changed = damaged(cms, chance)
        report = world.verify(CONTENT, changed)
        seen.add((report.indication, report.sub_indication))
        if report.indication == "TOTAL-PASSED":
            assert same_statement(report, genuine)
        report.to_json()
        try:
            inspect_cms(changed)
        except BadInput:
            continue
    assert {indication for indication, _ in seen} >= {"TOTAL-FAILED", "INDETERMINATE"}
    assert len(seen) >= 5


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x30\x80" * 100_000,
        b"\x30\x80\x24\x80" + b"\x24\x80" * 50_000,
        b"\x30\x84\xff\xff\xff\xff" + bytes(10),
        b"\x30\x82\x01\x00" + b"\x06\x81\xf0" + b"\xff" * 0xEF + b"\x01",
        b"MIIB" * 100_000,
    ],
)
def test_bombs_are_refused_quickly(stage: tuple[World, bytes], bomb: bytes) -> None:
    report = stage[0].verify(CONTENT, bomb)
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_deep_nesting_inside_a_good_frame_is_refused(stage: tuple[World, bytes]) -> None:
    world, cms = stage
    nested = der.octet_string(b"x")
    for _ in range(3000):
        nested = der.tlv(0x24, nested)
    content_type, wrapped = der.read(cms).children()
    parts = [part.raw for part in wrapped.inner().children()]
    parts[2] = der.sequence(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, nested))
    report = world.verify(None, der.sequence(content_type.raw, der.explicit(0, der.sequence(*parts))))
    assert (report.indication, report.sub_indication) == ("TOTAL-FAILED", "FORMAT_FAILURE")


def test_cross_certificates_without_end_do_not_hang(stage: tuple[World, bytes]) -> None:
    world, _ = stage
    one, two = world.root.authority("УЦ А"), world.root.authority("УЦ Б")
    crossed = [
        issuer.issue(name, key=subject.key, subject=[("country", "RU"), ("common_name", name)], extensions=extensions)
        for index in range(20)
        for issuer, subject, name in ((one, two, "УЦ Б"), (two, one, "УЦ А"))
        for extensions in ([("1.2.3", False, der.integer(index))],)
    ]
    stranger = build_world()
    signer = one.issue("Иванов")
    cms = sign_cades(
        CONTENT,
        key=signer.key,
        certificate=signer.certificate,
        chain=[holder.certificate for holder in crossed],
        signing_time=NOW,
    )
    report = stranger.verify(CONTENT, cms, policy=Policy(check_revocation=False))
    assert (report.indication, report.sub_indication) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
