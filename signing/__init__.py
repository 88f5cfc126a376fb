"""Electronic signatures for Russian law and ETSI: keys, CAdES, timestamps, revocation, verdicts.

The package knows nothing of the rest of the product. Names are loaded when first used, so `import signing` is cheap.
Everything it raises is a `SigningError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signing._internal.augment import augment
    from signing._internal.certificates import Certificate
    from signing._internal.command import openssl_sign_command
    from signing._internal.cosign import cosign_cades, countersign_cades
    from signing._internal.describe import describe_certificate
    from signing._internal.digests import HashObject, digest, new_hash
    from signing._internal.errors import (
        BackendMissing,
        BadCertificate,
        BadInput,
        BadKey,
        SigningError,
        TimestampFailed,
        Unsupported,
    )
    from signing._internal.ers import EvidenceRecord, read_evidence_record
    from signing._internal.ers_renew import (
        TimestampOutlook,
        begin_evidence_record,
        hash_tree_renewal_hashes,
        renew_hash_tree,
        renew_timestamp,
        seal_timestamp,
        timestamp_outlook,
        timestamp_renewal_hash,
    )
    from signing._internal.ers_verify import ArchiveTimestampVerdict, EvidenceReport, verify_evidence_record
    from signing._internal.evidence import (
        EvidenceCache,
        EvidenceSource,
        FetchingEvidence,
        FetchRequest,
        MemoryCache,
        OfflineEvidence,
    )
    from signing._internal.inspect import CmsInfo, SignerDescription, inspect_cms
    from signing._internal.keys import (
        PrivateKey,
        export_private_key,
        generate_private_key,
        load_private_key,
        signature_algorithm,
    )
    from signing._internal.keys_pkcs11 import Pkcs11Key, open_pkcs11_key
    from signing._internal.keys_pkcs12 import KeyContainer, load_pkcs12
    from signing._internal.memory import Memory
    from signing._internal.names import Subject
    from signing._internal.patience import Patience
    from signing._internal.pdf.extend import extend_pdf
    from signing._internal.pdf.sign import PreparedPdf, complete_pdf, prepare_pdf, sign_pdf
    from signing._internal.pdf.stamp import PdfStamp
    from signing._internal.pdf.tokens import pdf_timestamps
    from signing._internal.pdf.verify import verify_pdf
    from signing._internal.pdf.writing import PdfPlace
    from signing._internal.policy import DEFAULT_POLICY, Policy
    from signing._internal.qualified import QualifiedFields, qualified_fields
    from signing._internal.remote import RemoteKey, RemoteSigner
    from signing._internal.report.etsi import report_xml
    from signing._internal.report.text import report_html, report_text
    from signing._internal.sign import Timestamper, add_signature_timestamp, sign_cades
    from signing._internal.stream import sign_stream
    from signing._internal.trust import TrustStore, load_certificates
    from signing._internal.tsl import Accreditation, Authority, TrustedList, read_tsl
    from signing._internal.tsl_judge import TslReport, verify_tsl
    from signing._internal.tsp import HttpTimestamper
    from signing._internal.two_phase import PreparedSignature, complete_signature, prepare_signature
    from signing._internal.verdict import Check, Condition, Evidence, Report, SignatureVerdict
    from signing._internal.verify import merge_reports, verify

_HOMES = {
    "augment": ("augment",),
    "certificates": ("Certificate",),
    "command": ("openssl_sign_command",),
    "cosign": (
        "cosign_cades",
        "countersign_cades",
    ),
    "describe": ("describe_certificate",),
    "digests": (
        "HashObject",
        "digest",
        "new_hash",
    ),
    "errors": (
        "BackendMissing",
        "BadCertificate",
        "BadInput",
        "BadKey",
        "SigningError",
        "TimestampFailed",
        "Unsupported",
    ),
    "ers": ("EvidenceRecord", "read_evidence_record"),
    "ers_renew": (
        "TimestampOutlook",
        "begin_evidence_record",
        "hash_tree_renewal_hashes",
        "renew_hash_tree",
        "renew_timestamp",
        "seal_timestamp",
        "timestamp_outlook",
        "timestamp_renewal_hash",
    ),
    "ers_verify": ("ArchiveTimestampVerdict", "EvidenceReport", "verify_evidence_record"),
    "evidence": (
        "EvidenceCache",
        "EvidenceSource",
        "FetchRequest",
        "FetchingEvidence",
        "MemoryCache",
        "OfflineEvidence",
    ),
    "inspect": (
        "CmsInfo",
        "SignerDescription",
        "inspect_cms",
    ),
    "keys": (
        "PrivateKey",
        "export_private_key",
        "generate_private_key",
        "load_private_key",
        "signature_algorithm",
    ),
    "memory": ("Memory",),
    "keys_pkcs11": (
        "Pkcs11Key",
        "open_pkcs11_key",
    ),
    "keys_pkcs12": (
        "KeyContainer",
        "load_pkcs12",
    ),
    "names": ("Subject",),
    "patience": ("Patience",),
    "pdf.extend": ("extend_pdf",),
    "pdf.sign": (
        "PreparedPdf",
        "complete_pdf",
        "prepare_pdf",
        "sign_pdf",
    ),
    "pdf.stamp": ("PdfStamp",),
    "pdf.tokens": ("pdf_timestamps",),
    "pdf.verify": ("verify_pdf",),
    "pdf.writing": ("PdfPlace",),
    "policy": (
        "DEFAULT_POLICY",
        "Policy",
    ),
    "remote": (
        "RemoteKey",
        "RemoteSigner",
    ),
    "report.etsi": ("report_xml",),
    "report.text": (
        "report_html",
        "report_text",
    ),
    "sign": (
        "Timestamper",
        "add_signature_timestamp",
        "sign_cades",
    ),
    "stream": ("sign_stream",),
    "trust": (
        "TrustStore",
        "load_certificates",
    ),
    "qualified": ("QualifiedFields", "qualified_fields"),
    "tsl": (
        "Accreditation",
        "Authority",
        "TrustedList",
        "read_tsl",
    ),
    "tsl_judge": ("TslReport", "verify_tsl"),
    "tsp": ("HttpTimestamper",),
    "two_phase": (
        "PreparedSignature",
        "complete_signature",
        "prepare_signature",
    ),
    "verdict": (
        "Check",
        "Condition",
        "Evidence",
        "Report",
        "SignatureVerdict",
    ),
    "verify": (
        "merge_reports",
        "verify",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "DEFAULT_POLICY",
    "Accreditation",
    "ArchiveTimestampVerdict",
    "Authority",
    "BackendMissing",
    "BadCertificate",
    "BadInput",
    "BadKey",
    "Certificate",
    "Check",
    "CmsInfo",
    "Condition",
    "Evidence",
    "EvidenceCache",
    "EvidenceRecord",
    "EvidenceReport",
    "EvidenceSource",
    "FetchRequest",
    "FetchingEvidence",
    "HashObject",
    "HttpTimestamper",
    "KeyContainer",
    "Memory",
    "MemoryCache",
    "OfflineEvidence",
    "Patience",
    "PdfPlace",
    "PdfStamp",
    "Pkcs11Key",
    "Policy",
    "PreparedPdf",
    "PreparedSignature",
    "PrivateKey",
    "QualifiedFields",
    "RemoteKey",
    "RemoteSigner",
    "Report",
    "SignatureVerdict",
    "SignerDescription",
    "SigningError",
    "Subject",
    "TimestampFailed",
    "TimestampOutlook",
    "Timestamper",
    "TrustStore",
    "TrustedList",
    "TslReport",
    "Unsupported",
    "add_signature_timestamp",
    "augment",
    "begin_evidence_record",
    "complete_pdf",
    "complete_signature",
    "cosign_cades",
    "countersign_cades",
    "describe_certificate",
    "digest",
    "export_private_key",
    "extend_pdf",
    "generate_private_key",
    "hash_tree_renewal_hashes",
    "inspect_cms",
    "load_certificates",
    "load_pkcs12",
    "load_private_key",
    "merge_reports",
    "new_hash",
    "open_pkcs11_key",
    "openssl_sign_command",
    "pdf_timestamps",
    "prepare_pdf",
    "prepare_signature",
    "qualified_fields",
    "read_evidence_record",
    "read_tsl",
    "renew_hash_tree",
    "renew_timestamp",
    "report_html",
    "report_text",
    "report_xml",
    "seal_timestamp",
    "sign_cades",
    "sign_pdf",
    "sign_stream",
    "signature_algorithm",
    "timestamp_outlook",
    "timestamp_renewal_hash",
    "verify",
    "verify_evidence_record",
    "verify_pdf",
    "verify_tsl",
]

if not TYPE_CHECKING:  # the type checker sees the imports above instead

    def __getattr__(name):  # noqa: ANN001, ANN202 hidden from the type checker
        """Load a public name from its home on first use."""
        if name not in _HOME_OF:
            raise AttributeError(f"module 'signing' has no attribute {name!r}")
        value = getattr(import_module(f"signing._internal.{_HOME_OF[name]}"), name)
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202 hidden from the type checker
        """The public names."""
        return __all__
