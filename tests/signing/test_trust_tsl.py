"""The list of accredited authorities: signed by its publisher, read, asked about the day of issue; hostile lists."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from signing import (
    BadInput,
    OfflineEvidence,
    TrustStore,
    TslReport,
    digest,
    load_certificates,
    read_tsl,
    verify,
    verify_tsl,
)
from tests.signing.attack_stage import CONTENT, DAY, Stage, holder
from tests.signing.maker import NOW, YEAR, Holder, key_usage

DS = "http://www.w3.org/2000/09/xmldsig#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
GOST = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
MINTSIFRY = "1047702026701"
IN_FORCE, SUSPENDED = "Действует", "Приостановлена"


def authority(
    issuer: Holder,
    *statuses: tuple[str, datetime],
    name: str = "Демо-УЦ",
    current: tuple[str, datetime] | None = None,
) -> str:
    def status(one: tuple[str, datetime]) -> str:
        since = one[1].strftime("%Y-%m-%dT%H:%M:%S")
        return f"<СтатусАккредитации><Статус>{one[0]}</Статус><ДействуетС>{since}</ДействуетС></СтатусАккредитации>"

    data = base64.b64encode(issuer.certificate.der).decode()
    return (
        f"<УдостоверяющийЦентр><Название>{name} (полное)</Название><КраткоеНазвание>{name}</КраткоеНазвание>"
        "<ПрограммноАппаратныеКомплексы><ПрограммноАппаратныйКомплекс><КлючиУполномоченныхЛиц><Ключ>"
        "<АдресаСписковОтзыва><Адрес>http://pki.demo.test/crl/issuing.crl</Адрес></АдресаСписковОтзыва>"
        f"<Сертификаты><ДанныеСертификата><Данные>{data}</Данные></ДанныеСертификата></Сертификаты>"
        "</Ключ></КлючиУполномоченныхЛиц></ПрограммноАппаратныйКомплекс></ПрограммноАппаратныеКомплексы>"
        "<ИНН>7700000048</ИНН><ОГРН>1997700000043</ОГРН><РеестровыйНомер>7</РеестровыйНомер>"
        f"{status(current or statuses[-1]) if statuses or current else ''}"
        f"<ИсторияСтатусовАккредитации>{''.join(map(status, statuses))}</ИсторияСтатусовАккредитации>"
        "</УдостоверяющийЦентр>"
    )


def listed(*authorities: str, at: datetime = NOW, version: str = "3") -> str:
    return (
        f"<АккредитованныеУдостоверяющиеЦентры>\n <Версия>{version}</Версия>\n <Дата>{at:%Y-%m-%dT%H:%M:%S}</Дата>\n"
        f"{''.join(authorities)}\n</АккредитованныеУдостоверяющиеЦентры>"
    )


def publisher(stage: Stage, ogrn: str = MINTSIFRY, **options: object) -> Holder:
    subject = [("country", "RU"), ("common_name", "Минцифры"), ("ogrn", ogrn)]
    return stage.issuing.issue("", subject=subject, **options)  # type: ignore[arg-type]  # options of issue


def sign_list(
    text: str,
    who: Holder,
    *,
    spaces: str = "",
    uri: str = "",
    transforms: tuple[str, ...] = (DS + "enveloped-signature", C14N),
    algorithms: tuple[str, str] = ("gostr34102012-gostr34112012-256", "gostr34112012-256"),
) -> bytes:
    """An enveloped signature, put at the end of the root."""
    root = etree.fromstring(text.encode())
    hashed = base64.b64encode(digest("streebog256", etree.tostring(root, method="c14n"))).decode()
    steps = "".join(f'<Transform Algorithm="{one}"/>' for one in transforms)
    info = (
        f'<SignedInfo xmlns="{DS}"{spaces}><CanonicalizationMethod Algorithm="{C14N}"/>'
        f'<SignatureMethod Algorithm="{GOST}{algorithms[0]}"/><Reference URI="{uri}"><Transforms>{steps}</Transforms>'
        f'<DigestMethod Algorithm="{GOST}{algorithms[1]}"/><DigestValue>{hashed}</DigestValue></Reference></SignedInfo>'
    )
    value = who.key.sign(etree.tostring(etree.fromstring(info), method="c14n"))
    certificate = base64.b64encode(who.certificate.der).decode()
    signature = (
        f'<Signature xmlns="{DS}">{info}<SignatureValue>{base64.b64encode(value).decode()}</SignatureValue>'
        f"<KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></Signature>"
    )
    root.append(etree.fromstring(signature))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def judged(stage: Stage, data: bytes, *, at: timedelta = timedelta()) -> TslReport:
    return verify_tsl(data, trust=stage.trust, evidence=OfflineEvidence(crls=stage.lists()), at=NOW + at)


def refused(report: TslReport) -> set[str]:
    return {one.name for one in report.checks if one.outcome in {"failed", "indeterminate"}}


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def text(stage: Stage) -> str:
    return listed(authority(stage.issuing, (IN_FORCE, NOW - 10 * YEAR)))


def test_a_list_of_its_publisher_is_believed(stage: Stage, text: str) -> None:
    signer = publisher(stage)
    for transforms in ((DS + "enveloped-signature", C14N), (DS + "enveloped-signature",)):
        report = judged(stage, sign_list(text, signer, transforms=transforms))
        assert report.indication == "TOTAL-PASSED", report.checks
        assert report.signer == signer.certificate
        found = report.trusted_list
        assert found is not None
        (one,) = found.authorities
        assert (found.version, found.issued_at) == (3, NOW)
        assert (one.short_name, one.inn, one.number) == ("Демо-УЦ", "7700000048", "7")
        assert one.certificates == (stage.issuing.certificate,)
        assert one.crl_urls == ("http://pki.demo.test/crl/issuing.crl",)


def test_namespaces_of_the_root_are_part_of_what_is_signed(stage: Stage, text: str) -> None:
    """Inclusive canonicalization: SignedInfo carries the namespaces in scope, whether it uses them or not."""
    spaces = ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    wider = text.replace("Центры>", f"Центры{spaces}>", 1)
    assert judged(stage, sign_list(wider, publisher(stage), spaces=spaces)).indication == "TOTAL-PASSED"
    assert refused(judged(stage, sign_list(wider, publisher(stage)))) == {"tsl_signature"}


# --- lists that must not be believed ---


def _signature(data: bytes) -> bytes:
    return data[data.index(b"<Signature ") : data.index(b"</Signature>") + len(b"</Signature>")]


Change = Callable[[bytes], bytes]
_CHANGES: dict[str, tuple[Change, str, str, set[str]]] = {
    "status changed": (
        lambda data: data.replace(b">" + IN_FORCE.encode() + b"<", b">" + SUSPENDED.encode() + b"<"),
        "TOTAL-FAILED",
        "HASH_FAILURE",
        {"tsl_digest"},
    ),
    "signature value changed": (
        lambda data: data.replace(b"<SignatureValue>", b"<SignatureValue>AAAA"),
        "TOTAL-FAILED",
        "SIG_CRYPTO_FAILURE",
        {"tsl_signature"},
    ),
    "signature removed": (
        lambda data: data.replace(_signature(data), b""),
        "TOTAL-FAILED",
        "FORMAT_FAILURE",
        {"tsl_format"},
    ),
    "second signature": (
        lambda data: data.replace(_signature(data), _signature(data) * 2),
        "TOTAL-FAILED",
        "FORMAT_FAILURE",
        {"tsl_format"},
    ),
    "signature wrapped one level down": (
        lambda data: data.replace(b"<Signature ", b"<x><Signature ").replace(b"</Signature>", b"</Signature></x>"),
        "TOTAL-FAILED",
        "FORMAT_FAILURE",
        {"tsl_format"},
    ),
    "no certificate": (
        lambda data: data.replace(b"X509Certificate>", b"X509Gertificate>"),
        "INDETERMINATE",
        "NO_SIGNING_CERTIFICATE_FOUND",
        {"tsl_signature"},
    ),
    "entities": (
        lambda data: data.replace(b"?>", b'?><!DOCTYPE a [<!ENTITY b "b">]>', 1),
        "TOTAL-FAILED",
        "FORMAT_FAILURE",
        {"tsl_format"},
    ),
    "no xml": (lambda data: data[:-20], "TOTAL-FAILED", "FORMAT_FAILURE", {"tsl_format"}),
    "another root": (
        lambda data: data.replace("АккредитованныеУдостоверяющиеЦентры>".encode(), "Список>".encode()),
        "TOTAL-FAILED",
        "FORMAT_FAILURE",
        {"tsl_format"},
    ),
    "bytes after it": (lambda data: data + b"<x/>", "TOTAL-FAILED", "FORMAT_FAILURE", {"tsl_format"}),
}


@pytest.mark.parametrize("name", _CHANGES)
def test_a_changed_list_is_refused(stage: Stage, text: str, name: str) -> None:
    change, indication, sub_indication, checks = _CHANGES[name]
    report = judged(stage, change(sign_list(text, publisher(stage))))
    assert (report.indication, report.sub_indication) == (indication, sub_indication), report.checks
    assert refused(report) == checks
    assert report.trusted_list is None


def test_a_comment_does_not_cut_a_word(stage: Stage) -> None:
    """Canonicalization leaves comments out, so they may be put in after signing; what is read stays the same."""
    text = listed(authority(stage.issuing, (SUSPENDED, NOW - YEAR)))
    signed = sign_list(text, publisher(stage)).replace(SUSPENDED.encode(), "Приоста<!-- x -->новлена".encode())
    report = judged(stage, signed)
    assert report.trusted_list is not None, report.checks
    assert [one.status for one in report.trusted_list.authorities[0].history] == [SUSPENDED]


@pytest.mark.parametrize(
    ("options", "indication", "check"),
    [
        ({"uri": "#part"}, "TOTAL-FAILED", "tsl_format"),
        ({"transforms": (C14N,)}, "TOTAL-FAILED", "tsl_format"),
        (
            {"transforms": (DS + "enveloped-signature", "urn:xslt")},
            "INDETERMINATE",
            "tsl_signature",
        ),
        ({"algorithms": ("hmac", "gostr34112012-256")}, "INDETERMINATE", "tsl_signature"),
        ({"algorithms": ("gostr34102012-gostr34112012-256", "crc")}, "INDETERMINATE", "tsl_signature"),
        ({"algorithms": ("gostr34102012-gostr34112012-512", "gostr34112012-256")}, "TOTAL-FAILED", "tsl_signature"),
    ],
)
def test_a_signature_of_another_shape_is_refused(
    stage: Stage, text: str, options: dict[str, tuple[str, str]], indication: str, check: str
) -> None:
    report = judged(stage, sign_list(text, publisher(stage), **options))  # type: ignore[arg-type]  # options of sign_list
    assert report.indication == indication
    assert refused(report) == {check}
    assert report.trusted_list is None


def test_whose_list_it_is_and_how_old(stage: Stage, text: str) -> None:
    cases = {
        "subscriber": (sign_list(text, stage.signer), 0, "tsl_publisher"),
        "other organisation": (sign_list(text, publisher(stage, ogrn="1027700000008")), 0, "tsl_publisher"),
        "stranger": (sign_list(text, holder("foreign")), 0, "certificate_chain"),
        "purpose": (
            sign_list(text, publisher(stage, extensions=[key_usage("key_cert_sign")])),
            0,
            "key_usage",
        ),
        "old": (sign_list(listed(at=NOW - 31 * DAY), publisher(stage)), 0, "tsl_freshness"),
        "future": (sign_list(listed(at=NOW + 2 * DAY), publisher(stage)), 0, "tsl_freshness"),
    }
    for name, (data, days, check) in cases.items():
        report = judged(stage, data, at=days * DAY)
        assert report.indication == "INDETERMINATE", name
        assert check in refused(report), (name, report.checks)
        assert report.trusted_list is None, name


def test_a_revoked_publisher_is_not_believed(stage: Stage, text: str) -> None:
    signer = publisher(stage)
    stage.issuing.revoke(signer.certificate, NOW - DAY)
    report = judged(stage, sign_list(text, signer))
    assert report.sub_indication == "REVOKED_NO_POE"
    assert report.trusted_list is None


@pytest.mark.parametrize(
    "text",
    [
        listed(version="x"),
        listed().replace("<Дата>", "<Дата>вчера"),
        listed().replace("<Версия>3</Версия>", "<Версия>3</Версия><Версия>4</Версия>"),
        listed(authority(holder("issuing"), (IN_FORCE, NOW), (SUSPENDED, NOW))),
        "<a" * 400,
        f"<a>{'<a>' * 300}{'</a>' * 300}</a>",
        "",
    ],
)
def test_malformed_lists_are_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        read_tsl(text.encode())


# --- what the list says of an issuer ---


@pytest.mark.parametrize(
    ("statuses", "current", "outcome"),
    [
        ([(IN_FORCE, -10)], None, "passed"),
        ([(IN_FORCE, -10), (SUSPENDED, -2)], None, "failed"),
        ([(IN_FORCE, -10), (SUSPENDED, -2), (IN_FORCE, -1.5)], None, "passed"),
        ([(IN_FORCE, -10)], (SUSPENDED, -0.1), "passed"),  # suspended after the issue
        ([(IN_FORCE, -10)], ("Прекращена", -3), "failed"),
        ([(IN_FORCE, -0.1)], None, "failed"),  # accredited after the issue
        ([("Рассматривается", -10)], None, "unknown"),
        ([], None, "unknown"),
    ],
)
def test_accreditation_on_the_day_of_issue(
    stage: Stage, statuses: list[tuple[str, float]], current: tuple[str, float] | None, outcome: str
) -> None:
    """The certificate is issued a year before NOW; instants are in years from NOW."""
    signer = stage.issuing.issue("Иванов", not_before=NOW - YEAR)
    dated = [(word, NOW + years * YEAR) for word, years in statuses]
    now = (current[0], NOW + current[1] * YEAR) if current else None
    found = read_tsl(listed(authority(stage.issuing, *dated, current=now)).encode())
    answer = found.accreditation(signer.certificate, stage.issuing.certificate, at=NOW)
    assert answer.outcome == outcome, answer
    assert answer.text_ru


def test_what_the_list_cannot_tell(stage: Stage, text: str) -> None:
    found = read_tsl(text.encode())
    certificate, issuer = stage.signer.certificate, stage.issuing.certificate
    assert found.accreditation(certificate, issuer, at=NOW).outcome == "passed"
    assert found.accreditation(certificate, issuer, at=NOW + 31 * DAY).outcome == "unknown", "a stale list"
    assert found.accreditation(certificate, stage.root.certificate, at=NOW).outcome == "failed", "not in the list"
    young = stage.issuing.issue("Иванов", not_before=NOW + 3 * DAY).certificate
    assert found.accreditation(young, issuer, at=NOW + 4 * DAY).outcome == "unknown", "issued after the list"


def test_the_list_helps_to_build_paths_and_decides_the_first_condition(stage: Stage) -> None:
    expected = {IN_FORCE: "passed", SUSPENDED: "failed"}
    for word, outcome in expected.items():
        found = read_tsl(listed(authority(stage.issuing, (word, NOW - 10 * YEAR))).encode())
        bare = TrustStore([stage.root.certificate])
        trust = found.extend(bare)
        assert set(trust.anchors) == {stage.root.certificate}, "the list never makes anchors"
        evidence = OfflineEvidence(crls=stage.lists())
        report = verify(CONTENT, stage.signed(), trust=trust, evidence=evidence, at=NOW)
        assert report.indication == "TOTAL-PASSED", "the conditions do not change the indication"
        first = report.signatures[0].conditions_63fz[0]
        assert (first.outcome, "Демо-УЦ" in first.reason_ru) == (outcome, True)
        without = verify(CONTENT, stage.signed(), trust=bare, evidence=evidence, at=NOW)
        assert without.signatures[0].conditions_63fz[0].outcome == "unknown"


def test_the_synthetic_list_with_real_authorities(shared_data: Path) -> None:
    found = read_tsl((shared_data / "formats/samples/tsl/TSLExt.synthetic.xml").read_bytes())
    first, second = found.authorities
    assert (first.short_name, second.history[-1].status) == ("ФНС России", SUSPENDED)
    real = load_certificates((shared_data / "formats/ca/fns_2024-03-06_2039-03-06.pem").read_bytes())[0]
    assert real in first.certificates
    answer = found.accreditation(real, real, at=datetime.fromisoformat("2026-11-02T00:00:00+00:00"))
    assert answer.outcome == "passed"
