"""The report as ETSI TS 119 102-2 v1.2.1 XML (signature validation report), written without a schema library.

Every piece of evidence is a validation object with its bytes; checks are validation constraints; the words of a check
and the conditions of 63-ФЗ stand in additional report data, under names of our own (`urn:edo:…`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from signing._internal.certificates import Certificate
from signing._internal.errors import BadCertificate
from signing._internal.names import same_name
from signing._internal.report.advice import advice
from signing._internal.verdict import Check, Report, SignatureVerdict

_VR = "http://uri.etsi.org/19102/v1.2.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_URN = "urn:etsi:019102"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_OUTCOMES = {"passed": "passed", "failed": "failed", "indeterminate": "indeterminate"}
_PROCESSES = {"A": "LTA", "XL": "LTVM", "X": "LTVM", "C": "LTVM", "LT": "LTVM", "T": "LTVM"}
_MAX_CHAIN = 12


def report_xml(report: Report) -> bytes:
    """Write a ValidationReport (UTF-8 with a declaration); a file without a signature gets one empty failed report."""
    for prefix, namespace in (("vr", _VR), ("ds", _DS)):
        register_namespace(prefix, namespace)
    root = Element(f"{{{_VR}}}ValidationReport")
    for one in report.signatures:
        _signature(_add(root, "SignatureValidationReport"), report, one)
    if not report.signatures:
        _status(_add(root, "SignatureValidationReport"), report.indication, report.sub_indication)
    objects = dict(item for one in report.signatures for item in _objects(one))
    if objects:
        listed = _add(root, "SignatureValidationObjects")
        for key, (kind, blob) in objects.items():
            _object(listed, key, kind=kind, blob=blob, at=report.at)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _signature(place: Element, report: Report, one: SignatureVerdict) -> None:
    """The order of elements is the schema's."""
    if one.signature_value:
        digest = hashlib.sha256(one.signature_value).hexdigest()
        identifier = _add(place, "SignatureIdentifier")
        identifier.set("id", f"S-{digest}-{report.signatures.index(one)}")
        _add(identifier, "SignatureValue", _base64(one.signature_value), namespace=_DS)
        _add(identifier, "HashOnly", "false")
        _add(identifier, "DocHashOnly", "false")
    constraints = _add(place, "ValidationConstraintsEvaluationReport")
    for check in one.checks:
        _constraint(constraints, check)
    _times(place, report, one)
    if report.content_sha256 and one.countersigns is None:
        document = _add(place, "SignersDocument")
        _digest(document, bytes.fromhex(report.content_sha256))
    _attributes(place, one)
    if one.signer is not None:
        who = _add(place, "SignerInformation")
        _refer(_add(who, "SignerCertificate"), _key("certificate", one.signer.der))
        _add(who, "Signer", one.signer.subject.rfc4514)
    process = _add(place, "SignatureValidationProcess")
    _add(process, "SignatureValidationProcessID", f"{_URN}:validationprocess:{_PROCESSES.get(one.level, 'Basic')}")
    status = _status(place, one.indication, one.sub_indication)
    _associated(status, one)


def _constraint(place: Element, check: Check) -> None:
    constraint = _add(place, "ValidationConstraint")
    _add(constraint, "ValidationConstraintIdentifier", f"urn:edo:check:{check.name}")
    _add(_add(constraint, "ConstraintStatus"), "Status", f"{_URN}:constraintStatus:applied")
    status = _add(constraint, "ValidationStatus")
    _add(status, "MainIndication", f"{_URN}:mainindication:{_OUTCOMES.get(check.outcome, 'passed')}")
    sub_indication = check.data.get("sub_indication")
    if sub_indication and check.outcome in {"failed", "indeterminate"}:
        _add(status, "SubIndication", f"{_URN}:subindication:{sub_indication}")
    told = [("urn:edo:text", check.text_ru)]
    if check.outcome in {"warning", "info"}:
        told.insert(0, ("urn:edo:outcome", check.outcome))
    _told(_add(status, "AssociatedValidationReportData"), told)


def _told(place: Element, pairs: list[tuple[str, str]]) -> None:
    data = _add(place, "AdditionalValidationReportData")
    for kind, text in pairs:
        item = _add(data, "ReportData")
        _add(item, "Type", kind)
        _add(item, "Value", text)


def _times(place: Element, report: Report, one: SignatureVerdict) -> None:
    times = _add(place, "ValidationTimeInfo")
    _add(times, "ValidationTime", _instant(report.at))
    best = _add(times, "BestSignatureTime")
    _proof(best, one.best_signature_time)
    if one.best_time_source == "timestamp" and one.evidence.timestamps:
        _refer(_add(best, "POEObject"), _key("timestamp", one.evidence.timestamps[0]))


def _proof(place: Element, at: datetime) -> None:
    _add(place, "POETime", _instant(at))
    _add(place, "TypeOfProof", f"{_URN}:poetype:validation")


def _attributes(place: Element, one: SignatureVerdict) -> None:
    stamps = [check for check in one.checks if check.name == "signature_timestamp" and "time" in check.data]
    if one.signing_time is None and not stamps:
        return
    attributes = _add(place, "SignatureAttributes")
    if one.signing_time is not None:
        _add(_add(attributes, "SigningTime", Signed="true"), "Time", _instant(one.signing_time))
    for check in stamps:
        _add(_add(attributes, "SignatureTimeStamp", Signed="false"), "TimeStampValue", str(check.data["time"]))


def _status(place: Element, indication: str, sub_indication: str | None) -> Element:
    status = _add(place, "SignatureValidationStatus")
    _add(status, "MainIndication", f"{_URN}:mainindication:{indication.lower()}")
    if sub_indication:
        _add(status, "SubIndication", f"{_URN}:subindication:{sub_indication}")
    return status


def _associated(status: Element, one: SignatureVerdict) -> None:
    data = _add(status, "AssociatedValidationReportData")
    chain = _chain(one)
    if chain:
        _write_chain(data, chain, anchored=any(_anchored(check) for check in one.checks))
    for check in one.checks:
        revoked_at = check.data.get("revoked_at")
        if check.name == "revocation" and revoked_at:
            revocation = _add(data, "RevocationStatusInformation")
            _refer(_add(revocation, "ValidationObjectId"), f"V-certificate-{check.data['certificate']}")
            _add(revocation, "RevocationTime", str(revoked_at))
            _add(revocation, "RevocationReason", f"{_URN}:revocationReason:{check.data.get('reason', 'unspecified')}")
            break
    _told(
        data,
        [
            ("urn:edo:level", one.level or "none"),
            *(
                (f"urn:edo:63fz:11:{item.number}", f"{item.outcome}: {item.text_ru} {item.reason_ru}".rstrip())
                for item in one.conditions_63fz
            ),
            *(("urn:edo:advice", text) for text in advice(one)),
        ],
    )


def _anchored(check: Check) -> bool:
    return check.name == "certificate_chain" and check.outcome == "passed"


def _write_chain(place: Element, chain: list[Certificate], *, anchored: bool) -> None:
    """The anchor is named last, and as one only when the path got there."""
    anchor = chain[-1] if anchored and len(chain) > 1 else None
    written = _add(place, "CertificateChain")
    _refer(_add(written, "SigningCertificate"), _key("certificate", chain[0].der))
    for one in chain[1 : -1 if anchor else None]:
        _refer(_add(written, "IntermediateCertificate"), _key("certificate", one.der))
    if anchor:
        _refer(_add(written, "TrustAnchor"), _key("certificate", anchor.der))


def _chain(one: SignatureVerdict) -> list[Certificate]:
    """The signer's certificate and the issuers above it among the evidence."""
    if one.signer is None:
        return []
    known = []
    for blob in one.evidence.certificates:
        try:
            known.append(Certificate.load(blob))
        except BadCertificate:
            continue
    chain = [one.signer]
    while len(chain) < _MAX_CHAIN and not chain[-1].self_issued:
        issuer = next((item for item in known if same_name(item.subject_der, chain[-1].issuer_der)), None)
        if issuer is None or issuer in chain:
            break
        chain.append(issuer)
    return chain


def _objects(one: SignatureVerdict) -> Iterator[tuple[str, tuple[str, bytes]]]:
    evidence = one.evidence
    signer = (one.signer.der,) if one.signer else ()
    groups = (
        ("certificate", (*signer, *evidence.certificates)),
        ("CRL", evidence.crls),
        ("OCSPResponse", evidence.ocsps),
        ("timestamp", evidence.timestamps),
    )
    for kind, blobs in groups:
        for blob in blobs:
            yield _key(kind, blob), (kind, blob)


def _key(kind: str, blob: bytes) -> str:
    return f"V-{kind}-{hashlib.sha256(blob).hexdigest()}"


def _object(place: Element, key: str, *, kind: str, blob: bytes, at: datetime) -> None:
    item = _add(place, "ValidationObject")
    item.set("id", key)
    _add(item, "ObjectType", f"{_URN}:validationObject:{kind}")
    _add(_add(item, "ValidationObjectRepresentation"), "base64", _base64(blob))
    _proof(_add(item, "POE"), at)


def _digest(place: Element, digest: bytes) -> None:
    pair = _add(place, "DigestAlgAndValue")
    _add(pair, "DigestMethod", namespace=_DS).set("Algorithm", _SHA256)
    _add(pair, "DigestValue", _base64(digest), namespace=_DS)


def _refer(place: Element, key: str) -> None:
    place.set("VOReference", key)


def _add(place: Element, name: str, text: str | None = None, *, namespace: str = _VR, **attributes: str) -> Element:
    element = SubElement(place, f"{{{namespace}}}{name}", attributes)
    if text is not None:
        element.text = "".join(char if char.isprintable() or char in "\t\n" else "�" for char in text)
    return element


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _base64(blob: bytes) -> str:
    return base64.b64encode(blob).decode("ascii")
