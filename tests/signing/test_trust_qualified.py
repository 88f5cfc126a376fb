"""Fields of приказ 795 and the four conditions of 63-ФЗ, статья 11: told beside the indication, never changing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing import (
    OfflineEvidence,
    Policy,
    QualifiedFields,
    Report,
    load_certificates,
    qualified_fields,
    read_tsl,
    verify,
)
from signing._internal import der, oids
from signing._internal.qualified import owner_of
from tests.signing.attack_stage import AUTHORITY, CONTENT, DAY, Stage, declared, replaced_signer
from tests.signing.maker import (
    NOW,
    YEAR,
    Extension,
    Holder,
    attribute,
    extended_key_usage,
    key_usage,
    make_signer,
    wrap,
)
from tests.signing.test_trust_tsl import IN_FORCE, authority, listed

_SIGN = key_usage("digital_signature")
_PERSON = [("surname", "Иванов"), ("given_name", "Иван Иванович"), ("snils", "90000000123"), ("inn", "770000000012")]
_FIRM = [("organization", "ООО «Проба»"), ("inn_le", "7700000016"), ("ogrn", "1027700000008")]


def sign_tools(*texts: str) -> list[Extension]:
    listed = [der.tlv(der.UTF8_STRING, text.encode()) for text in texts or ("Средство", "УЦ", "№ 1", "№ 2")]
    classes = der.sequence(*(der.sequence(der.oid(f"1.2.643.100.113.{number}")) for number in (1, 2)))
    return [
        (oids.SUBJECT_SIGN_TOOL, False, der.tlv(der.UTF8_STRING, "КриптоПро CSP".encode())),
        (oids.ISSUER_SIGN_TOOL, False, der.sequence(*listed)),
        (oids.CERTIFICATE_POLICIES, False, classes),
    ]


def made(
    stage: Stage, *extensions: Extension, subject: Sequence[tuple[str, str]] = (*_PERSON, *_FIRM), **options: datetime
) -> Holder:
    return stage.issuing.issue("", subject=subject, extensions=[_SIGN, *extensions], **options)  # type: ignore[arg-type]  # options of issue


def fields(stage: Stage, *extensions: Extension, subject: Sequence[tuple[str, str]] = _PERSON) -> QualifiedFields:
    return qualified_fields(made(stage, *extensions, subject=subject).certificate)


@pytest.fixture
def stage() -> Stage:
    return Stage()


# --- the fields ---


def test_a_declared_certificate_is_read_whole() -> None:
    found = qualified_fields(declared().certificate("lessor_person"))
    assert found.owner == "representative"
    assert found.qualified
    assert found.tool_classes == ("КС1",)
    assert found.subject_sign_tool.startswith("Демонстрационное средство ЭП")
    assert len(found.issuer_sign_tool) == 4
    assert (found.identification, found.identification_ru) == (0, "личное присутствие")
    assert found.faults == ()


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("client_one_organization", "organization"),
        ("client_two_person", "representative"),
        ("issuing", "authority"),
    ],
)
def test_owners_of_the_declared_pki(name: str, owner: str) -> None:
    found = qualified_fields(declared().certificate(name))
    assert (found.owner, found.faults) == (owner, ())


@pytest.mark.parametrize(
    ("subject", "owner", "faults"),
    [
        (_PERSON, "person", ()),
        ([*_PERSON, ("ogrnip", "304770000000001")], "entrepreneur", ()),
        ([*_PERSON, *_FIRM], "representative", ()),
        (_FIRM, "organization", ()),
        ([("organization", "ООО"), ("ogrn", "1027700000008"), ("inn", "007700000016")], "organization", ()),
        ([("common_name", "Сервер")], "unknown", ()),
        (_PERSON[:2], "person", ("нет поля СНИЛС", "нет поля ИНН")),
        (_FIRM[:2], "organization", ("нет поля ОГРН",)),
        (
            [*_PERSON[:2], ("snils", "123"), ("inn", "77000000001x")],
            "person",
            ("ИНН не из 12 цифр", "СНИЛС не из 11 цифр"),
        ),
    ],
)
def test_owner_and_breaches_of_the_form(
    stage: Stage, subject: list[tuple[str, str]], owner: str, faults: tuple[str, ...]
) -> None:
    found = fields(stage, subject=subject)
    assert (found.owner, found.faults) == (owner, faults)


def test_marks_limits_and_periods(stage: Stage) -> None:
    period = der.sequence(
        der.tlv(0x80, der.read(der.generalized_time(NOW - YEAR)).value),
        der.tlv(0x81, der.read(der.generalized_time(NOW + DAY)).value),
    )
    found = fields(
        stage,
        *sign_tools(),
        (oids.IDENTIFICATION_KIND, False, der.integer(3)),
        (oids.PRIVATE_KEY_USAGE_PERIOD, False, period),
        extended_key_usage("1.2.643.2.2.34.6", "1.3.6.1.5.5.7.3.4"),
    )
    assert found.tool_classes == ("КС1", "КС2")
    assert found.subject_sign_tool == "КриптоПро CSP"
    assert found.issuer_sign_tool == ("Средство", "УЦ", "№ 1", "№ 2")
    assert found.identification_ru == "ЕСИА и единая биометрическая система"
    assert (found.key_from, found.key_until) == (NOW - YEAR, NOW + DAY)
    assert found.purposes == ("1.2.643.2.2.34.6", "1.3.6.1.5.5.7.3.4")
    assert found.faults == ()


@pytest.mark.parametrize(
    ("extensions", "fault"),
    [
        (sign_tools("одно"), "в issuerSignTool 1 строк вместо четырёх"),
        ([(oids.IDENTIFICATION_KIND, False, der.integer(9))], "неизвестный способ идентификации 9"),
        ([(oids.IDENTIFICATION_KIND, False, der.null())], "identificationKind не читается"),
        ([(oids.SUBJECT_SIGN_TOOL, False, der.null())], "subjectSignTool не читается"),
        ([(oids.ISSUER_SIGN_TOOL, False, der.null())], "issuerSignTool не читается"),
        (
            [(oids.PRIVATE_KEY_USAGE_PERIOD, False, der.sequence(der.tlv(0x80, b"x")))],
            "privateKeyUsagePeriod не читается",
        ),
        ([(oids.CERTIFICATE_POLICIES, False, der.null())], "certificatePolicies не читается"),
        ([(oids.EXTENDED_KEY_USAGE, False, der.null())], "extendedKeyUsage не читается"),
    ],
)
def test_malformed_extensions_are_faults_and_not_errors(stage: Stage, extensions: list[Extension], fault: str) -> None:
    (told,) = fields(stage, *extensions).faults
    assert told.startswith(fault)


def test_policies_of_others_are_no_class_of_tools(stage: Stage) -> None:
    policies = der.sequence(*(der.sequence(der.oid(one)) for one in ("1.2.643.100.113.9", "1.2.3.1")))
    found = fields(stage, *sign_tools()[:2], (oids.CERTIFICATE_POLICIES, False, policies))
    assert found.tool_classes == ()
    assert not found.qualified


def test_real_authorities_keep_to_the_form(shared_data: Path) -> None:
    certificates = [
        one
        for path in sorted((shared_data / "formats/ca").glob("*.pem"))
        for one in load_certificates(path.read_bytes())
    ]
    assert {owner_of(one) for one in certificates} == {"authority"}
    assert {fault for one in certificates for fault in qualified_fields(one).faults} <= {"ИНН не из 12 цифр"}


# --- the conditions ---


def conditions(report: Report) -> list[str]:
    return [one.outcome for one in report.signatures[0].conditions_63fz]


def reasons(report: Report) -> list[str]:
    return [one.reason_ru for one in report.signatures[0].conditions_63fz]


def test_a_certificate_that_is_not_qualified_fails_the_first_condition_alone(stage: Stage) -> None:
    report = stage.judge(CONTENT, stage.signed(made(stage)))
    assert report.indication == "TOTAL-PASSED"
    assert conditions(report) == ["failed", "passed", "passed", "passed"]
    assert "795" in report.signatures[0].conditions_63fz[0].reason_ru


def test_each_condition_fails_for_its_own_reason(stage: Stage) -> None:
    signer = made(stage, *sign_tools())
    good = stage.signed(signer)
    assert conditions(stage.judge(CONTENT, good)) == ["unknown", "passed", "passed", "passed"]
    assert conditions(stage.judge(b"another", good)) == ["unknown", "passed", "failed", "passed"]
    assert conditions(stage.judge(None, good)) == ["unknown", "passed", "unknown", "passed"]
    assert conditions(stage.judge(CONTENT, good, crls=[])) == ["unknown", "unknown", "passed", "passed"]
    wrong = made(stage, *sign_tools(), extended_key_usage(oids.EKU_SERVER_AUTH))
    assert conditions(stage.judge(CONTENT, stage.signed(wrong))) == ["unknown", "unknown", "passed", "failed"]
    unchecked = stage.judge(CONTENT, good, policy=Policy(check_revocation=False))
    assert conditions(unchecked) == ["unknown", "unknown", "passed", "passed"]
    stage.issuing.revoke(signer.certificate, NOW - DAY)
    report = stage.judge(CONTENT, good)
    assert conditions(report) == ["unknown", "failed", "passed", "passed"]
    assert "отозван" in reasons(report)[1]


def test_validity_is_asked_at_the_proven_moment_or_on_the_day_of_the_check(stage: Stage) -> None:
    """63-ФЗ, статья 11, пункт 2; the indication, which allows that the signature is older, stays undecided."""
    signer = made(stage, *sign_tools(), not_after=NOW + DAY)
    plain, stamped = stage.signed(signer), stage.signed(signer, stamped=True)
    late = {"crls": stage.lists(), "at": 2 * DAY}
    expired = stage.judge(CONTENT, plain, **late)  # type: ignore[arg-type]  # options of two kinds
    assert (expired.indication, conditions(expired)[1]) == ("INDETERMINATE", "failed")
    assert "истёк" in reasons(expired)[1]
    proven = stage.judge(CONTENT, stamped, **late)  # type: ignore[arg-type]  # options of two kinds
    assert (proven.indication, conditions(proven)[1]) == ("TOTAL-PASSED", "passed")
    early = made(stage, *sign_tools(), not_before=NOW + DAY, not_after=NOW + YEAR)
    assert conditions(stage.judge(CONTENT, stage.signed(early)))[1] == "failed"
    before = stage.judge(CONTENT, stage.signed(early, stamped=True))
    assert (before.sub_indication, conditions(before)[1]) == ("NOT_YET_VALID", "failed")
    assert "ещё не действовал" in reasons(before)[1]
    stage.root.revoke(stage.issuing.certificate, NOW - DAY)  # not the signer's own: another matter
    above = stage.judge(CONTENT, plain)
    assert (above.sub_indication, conditions(above)[1]) == ("REVOKED_CA_NO_POE", "unknown")


def test_an_authority_that_has_expired_leaves_the_second_condition_open(stage: Stage) -> None:
    authority = stage.root.issue("Старый УЦ", extensions=AUTHORITY, not_after=NOW - DAY)
    signer = authority.issue("", subject=(*_PERSON, *_FIRM), extensions=[_SIGN, *sign_tools()])
    report = stage.judge(CONTENT, stage.signed(signer, chain=[authority]), crls=stage.lists(authority))
    assert (report.sub_indication, conditions(report)[1]) == ("OUT_OF_BOUNDS_NO_POE", "unknown")


def test_each_condition_says_why(stage: Stage) -> None:
    signer = made(stage, *sign_tools())
    report = stage.judge(CONTENT, stage.signed(signer))
    assert [one.number for one in report.signatures[0].conditions_63fz] == [1, 2, 3, 4]
    first, second, third, fourth = reasons(report)
    assert "Списка аккредитованных УЦ нет" in first
    assert second.startswith("Цепочка сертификатов построена до доверенного корня. Сертификат «")
    assert "SN=Иванов» не был отозван" in second
    assert "не был отозван на 20.11.2026 12:00 UTC" in second
    assert third == "Содержимое не изменилось после подписания. Значение подписи верно."
    assert fourth == "Назначение ключа допускает подпись документов, других ограничений в сертификате не найдено."
    period = der.sequence(der.tlv(0x81, der.read(der.generalized_time(NOW + DAY)).value))
    limited = made(stage, *sign_tools(), (oids.PRIVATE_KEY_USAGE_PERIOD, False, period))
    last = stage.judge(CONTENT, stage.signed(limited), at=DAY)
    assert conditions(last)[3] == "passed", "the period holds to its very end"
    assert conditions(stage.judge(CONTENT, stage.signed(limited), at=DAY + timedelta(seconds=1)))[3] == "unknown"
    assert reasons(stage.judge(CONTENT, stage.signed(limited)))[3].endswith("ключ подписи действует до 21.11.2026.")
    for junk in (b"junk", wrap([make_signer(signer, CONTENT, attributes=None)], CONTENT)):
        assert all(reasons(stage.judge(CONTENT, junk))), "nothing is left unsaid"
    assert reasons(stage.judge(CONTENT, b"junk"))[1] == "Сертификат подписанта не установлен."


def test_the_period_of_the_private_key_is_a_limit(stage: Stage) -> None:
    """privateKeyUsagePeriod ended before the signature: proven by a time-stamp, or only possible without one."""
    period = der.sequence(der.tlv(0x81, der.read(der.generalized_time(NOW - DAY)).value))
    signer = made(stage, *sign_tools(), (oids.PRIVATE_KEY_USAGE_PERIOD, False, period))
    plain = stage.signed(signer)
    assert conditions(stage.judge(CONTENT, plain)) == ["unknown", "passed", "passed", "unknown"]
    stamped = stage.signed(signer, stamped=True)
    assert conditions(stage.judge(CONTENT, stamped)) == ["unknown", "passed", "passed", "failed"]
    assert stage.judge(CONTENT, stamped).indication == "TOTAL-PASSED"


def test_conditions_of_an_unreadable_file_are_unknown_or_failed(stage: Stage) -> None:
    assert conditions(stage.judge(CONTENT, b"junk")) == ["unknown", "unknown", "failed", "unknown"]
    cms = replaced_signer(
        stage.signed(), lambda members: [*members, der.set_of([attribute("1.2.3", der.null())], tag=0xA1)]
    )
    assert conditions(stage.judge(CONTENT, cms)) == ["unknown", "passed", "passed", "passed"]


def test_an_anchor_that_issues_to_signers_itself_is_asked_about(stage: Stage) -> None:
    """A path of two certificates: the issuer is the anchor, and the list may name it or not."""
    subject = (*_PERSON, *_FIRM)
    signer = stage.root.issue("", subject=subject, extensions=[_SIGN, *sign_tools()])
    found = read_tsl(listed(authority(stage.root, (IN_FORCE, NOW - 10 * YEAR))).encode())
    other = read_tsl(listed(authority(stage.issuing, (IN_FORCE, NOW - 10 * YEAR))).encode())
    for known, expected in ((found, "passed"), (other, "failed")):
        report = verify(
            CONTENT,
            stage.signed(signer),
            trust=known.extend(stage.trust),
            evidence=OfflineEvidence(crls=stage.lists()),
            at=NOW,
        )
        assert conditions(report) == [expected, "passed", "passed", "passed"]
