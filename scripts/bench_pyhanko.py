"""The baseline of `make bench-signing`: the same work by pyHanko, with its validation context shared between files."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle

from asn1crypto import cms, keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import async_validate_detached_cms, async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing import export_private_key
from signing.pki import PkiEntity


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What pyHanko works with: the signer, the root, the lists and the moment."""

    signer: PkiEntity
    root: bytes
    crls: tuple[bytes, ...]
    at: datetime

    def context(self) -> ValidationContext:
        """The context that is shared between verifications."""
        return ValidationContext(
            trust_roots=[x509.Certificate.load(self.root)],
            other_certs=[x509.Certificate.load(one.der) for one in self.signer.chain],
            moment=self.at,
            crls=list(self.crls),
            revocation_mode="require",
        )

    def simple_signer(self) -> SimpleSigner:
        """PyHanko's signer over a key in memory."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        store.register_multiple([x509.Certificate.load(one.der) for one in self.signer.chain])
        return SimpleSigner(
            signing_cert=x509.Certificate.load(self.signer.certificate.der),
            signing_key=keys.PrivateKeyInfo.load(export_private_key(self.signer.key)),
            cert_registry=store,
        )


def verifier(stage: Stage, signatures: Sequence[tuple[bytes, bytes]]) -> Callable[[], object]:
    """Verify detached CAdES-BES files in turn: path and CRLs required."""
    context, loop, queue = stage.context(), asyncio.new_event_loop(), cycle(signatures)

    def work() -> object:
        content, signature = next(queue)
        signed = cms.ContentInfo.load(signature)["content"]
        return _good(loop, async_validate_detached_cms(content, signed, signer_validation_context=context))

    return work


def signer(stage: Stage, content: bytes) -> Callable[[], object]:
    """Sign a detached CAdES-BES."""
    made, loop = stage.simple_signer(), asyncio.new_event_loop()
    return lambda: loop.run_until_complete(
        made.async_sign_general_data(content, "sha256", detached=True, use_cades=True)
    ).dump()


def pdf_verifier(stage: Stage, data: bytes) -> Callable[[], object]:
    """Verify a PAdES B-B."""
    context, loop = stage.context(), asyncio.new_event_loop()

    def work() -> object:
        (embedded,) = PdfFileReader(io.BytesIO(data)).embedded_signatures
        return _good(loop, async_validate_pdf_signature(embedded, context))

    return work


def signed_pdf(stage: Stage) -> bytes:
    """One page with a PAdES B-B signature."""
    plain = io.BytesIO(_one_page())
    metadata = PdfSignatureMetadata(field_name="Signature", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    made = PdfSigner(metadata, signer=stage.simple_signer())
    out = asyncio.run(made.async_sign_pdf(IncrementalPdfFileWriter(plain)))
    return bytes(out.getvalue())


def _one_page() -> bytes:
    """A page with one line of text."""
    content = b"BT /F1 12 Tf 72 700 Td (Pay 100 roubles) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    data, table = b"%PDF-1.7\n", b"xref\n0 6\n0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        table += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return data + table + b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)


def _good(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, object]) -> object:
    """Await a verdict, which must be that the signature is good: a baseline that fails measures nothing."""
    status = loop.run_until_complete(work)
    if not getattr(status, "bottom_line", False):
        raise SystemExit(f"pyHanko refuses what it is to be compared on: {status}")
    return status
