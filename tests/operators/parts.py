"""Honest small parts for the sandbox's tests: companies, a notary with a real key, papers, files, a server on loopback."""

import socket
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import uvicorn
from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from starlette.types import Receive, Scope
from starlette.types import Send as SendMessage

from operators.port import OutgoingDocument, Send
from operators.sandbox import ConfirmationFacts, Faults, PaperFile, SandboxOrganization, create_app

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

SELLER = SandboxOrganization(
    name="ООО «ЛизингПром»",
    inn="7700000016",
    kpp="770001001",
    ogrn="1027700000010",
    participant_id="2XX-7700000016-770001001-1",
    box_id="11111111111111111111111111111111@diadoc.ru",
)
BUYER = SandboxOrganization(
    name="ООО «Северный экспресс»",
    inn="7800000019",
    kpp="780001001",
    ogrn="1027800000019",
    participant_id="2XX-7800000019-780001001-2",
    box_id="22222222222222222222222222222222@diadoc.ru",
)
BRANCH = SandboxOrganization(
    name="Филиал ООО «Северный экспресс»",
    inn="7800000019",
    kpp="780002001",
    ogrn="1027800000019",
    participant_id="2XX-7800000019-780002001-3",
    box_id="33333333-3333-3333-3333-333333333333",
)
COMPANIES = (SELLER, BUYER, BRANCH)


class HandClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, step: timedelta) -> None:
        self._now += step


class KeyNotary:
    """A notary with an EC key of its own; it judges a signature by the certificate that travels in it."""

    def __init__(self, name: str = "Оператор") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(START - timedelta(days=1))
            .not_valid_after(START + timedelta(days=365))
            .sign(self._key, hashes.SHA256())
        )

    def sign(self, content: bytes) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
        signer = builder.add_signer(self._certificate, self._key, hashes.SHA256())
        options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
        return signer.sign(Encoding.DER, options)

    def check(self, content: bytes, signature: bytes) -> bool:
        signed = cms.ContentInfo.load(signature)["content"]
        signer = signed["signer_infos"][0]
        attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
        if attributes["message_digest"][0].native != sha256(content).digest():
            return False
        certificate = x509.load_der_x509_certificate(signed["certificates"][0].chosen.dump())
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        try:
            key.verify(signer["signature"].native, signer["signed_attrs"].untag().dump(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class PlainPapers:
    """Writes confirmations with the same facts as the real ones, in a form of its own."""

    def receipt_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        return self._paper("DP_PDPOL", facts.sender_id, facts)

    def dispatch_confirmation(self, facts: ConfirmationFacts) -> PaperFile:
        return self._paper("DP_PDOTPR", facts.recipient_id, facts)

    def _paper(self, prefix: str, reader: str, facts: ConfirmationFacts) -> PaperFile:
        name = f"{prefix}_{reader}_{facts.operator.code}_{facts.at:%Y%m%d}_{uuid.uuid4()}"
        signatures = "".join(f"<ЭП>{signature.hex()}</ЭП>" for signature in facts.signatures)
        text = f'<Файл ИдФайл="{name}"><О ИмяФайла="{facts.file_id}">{signatures}</О></Файл>'
        return PaperFile(file_name=name, content=text.encode("windows-1251"))


def xml_file(prefix: str, sender: SandboxOrganization, recipient: SandboxOrganization, body: str) -> tuple[str, bytes]:
    """Make a file of the tax service's family: its name and its bytes."""
    name = f"{prefix}_{recipient.participant_id}_{sender.participant_id}_20261122_{uuid.uuid4()}"
    text = f'<?xml version="1.0" encoding="windows-1251"?><Файл ИдФайл="{name}" ВерсФорм="5.03">{body}</Файл>'
    return f"{name}.xml", text.encode("windows-1251")


def upd(function: str = "СЧФДОП") -> tuple[str, bytes]:
    """Make the seller's title (only the facts that an operator reads)."""
    body = (
        f'<Документ Функция="{function}"><СвСчФакт НомерДок="17" ДатаДок="22.11.2026"><ДенИзм КодОКВ="643"/></СвСчФакт>'
        '<ТаблСчФакт><ВсегоОпл СтТовУчНалВсего="1200.00"><СумНалВсего><СумНал>200.00</СумНал></СумНалВсего></ВсегоОпл>'
        "</ТаблСчФакт></Документ>"
    )
    return xml_file("ON_NSCHFDOPPR", SELLER, BUYER, body)


def buyer_title(outcome: int = 1) -> tuple[str, bytes]:
    """Make the buyer's title with its КодИтога."""
    body = f'<ИнфПок><СодФХЖ4><СвПрин><КодСодОпер КодИтога="{outcome}"/></СвПрин></СодФХЖ4></ИнфПок>'
    return xml_file("ON_NSCHFDOPPOK", BUYER, SELLER, body)


def service_file(prefix: str) -> tuple[str, bytes]:
    """Make ИоП (DP_IZVPOL), УоУ or a refusal (DP_UVUTOCH)."""
    return xml_file(prefix, BUYER, SELLER, "<Документ/>")


def upd_to_send(function: str = "СЧФДОП") -> Send:
    """Make the action of sending a УПД from the seller to the buyer."""
    name, content = upd(function)
    document = OutgoingDocument(kind="upd", content=content, file_name=name, function=function)
    return Send(from_box=SELLER.box_id, to_box=BUYER.box_id, document=document, own_id=str(uuid.uuid4()))


def contract_to_send(*, needs_answer: bool = True, size: int = 100) -> Send:
    """Make the action of sending a plain file that asks for a signature."""
    content = b"%PDF-1.7 " + uuid.uuid4().bytes + b"\n" * size
    document = OutgoingDocument(
        kind="nonformalized", content=content, file_name="Договор.pdf", needs_answer=needs_answer
    )
    return Send(from_box=SELLER.box_id, to_box=BUYER.box_id, document=document, own_id=str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A running sandbox."""

    url: str
    faults: Faults
    clock: HandClock


class Stage:
    """A server on a free port of loopback whose sandbox is changed between tests: starting a server costs more."""

    def __init__(self) -> None:
        # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for the delayed ACK.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        config = uvicorn.Config(
            self._play, interface="asgi3", log_level="warning", lifespan="off", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self._app: FastAPI | None = None
        self._thread.start()

    def open(self, state: Path, *, face: Callable[..., FastAPI] = create_app, acquainted: bool = True) -> Sandbox:
        """Serve a new sandbox over a file."""
        faults, clock = Faults(), HandClock()
        self._app = face(
            state=state,
            organizations=COMPANIES,
            notary=KeyNotary(),
            papers=PlainPapers(),
            clock=clock,
            faults=faults,
            acquainted=acquainted,
        )
        return Sandbox(url=f"http://127.0.0.1:{self._listener.getsockname()[1]}", faults=faults, clock=clock)

    def close(self) -> None:
        """End the server."""
        self._server.should_exit = True
        self._thread.join(timeout=240)
        self._listener.close()

    async def _play(self, scope: Scope, receive: Receive, send: SendMessage) -> None:
        assert self._app is not None
        await self._app(scope, receive, send)
