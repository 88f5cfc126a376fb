"""Diadoc's binary wire: bodies in protobuf (proto2) on the way in and out, the routes know JSON only (pure ASGI).

A request is protobuf by its Content-Type; without one it is when it is no JSON (an SDK logs in so). An answer is protobuf
when Accept asks for it; errors are text in any case. The binary form is the `protobuf` library's.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Part

from operators.sandbox.bodies import body_again, whole_body
from operators.sandbox.diadoc.wire_enums import ENUMS
from operators.sandbox.diadoc.wire_messages import MESSAGES

MEDIA_TYPE = "application/x-protobuf"
PACKAGE = "diadoc_sandbox"
ENUM = "Value"
Field: TypeAlias = descriptor_pb2.FieldDescriptorProto
LABELS: Mapping[str, Field.Label.ValueType] = MappingProxyType({"!": Field.LABEL_REQUIRED, "*": Field.LABEL_REPEATED})
SCALARS: Mapping[str, Field.Type.ValueType] = MappingProxyType(
    {
        "string": Field.TYPE_STRING,
        "bytes": Field.TYPE_BYTES,
        "bool": Field.TYPE_BOOL,
        "int32": Field.TYPE_INT32,
        "sfixed32": Field.TYPE_SFIXED32,
        "sfixed64": Field.TYPE_SFIXED64,
    }
)

REQUESTS: Mapping[str, str] = MappingProxyType(
    {
        "/v3/authenticate": "LoginPassword",
        "/v3/acquirecounteragent": "AcquireCounteragentRequest",
        "/v3/postmessage": "Events.MessageToPost",
        "/v4/postmessagepatch": "Events.MessagePatchToPostV2",
        "/v2/generatereceiptxml": "Invoicing.ReceiptGenerationRequestV2",
        "/v2/generatesignaturerejectionxml": "Invoicing.SignatureRejectionGenerationRequestV2",
        "/v2/generateinvoicecorrectionrequestxml": "Invoicing.InvoiceCorrectionRequestGenerationRequestV2",
    }
)
"""Path -> the message of its body."""

ANSWERS: Mapping[str, str] = MappingProxyType(
    {
        "/getmyorganizations": "OrganizationList",
        "/getorganizationsbyinnkpp": "OrganizationList",
        "/getorganization": "Organization",
        "/getbox": "Box",
        "/v3/getcounteragents": "CounteragentList",
        "/v3/getcounteragent": "Counteragent",
        "/v1/getcounteragentevents": "Events.BoxCounteragentEventList",
        "/v3/acquirecounteragent": "AsyncMethodResult",
        "/v2/acquirecounteragentresult": "AcquireCounteragentResultV2",
        "/v3/postmessage": "Events.Message",
        "/v4/postmessagepatch": "Events.MessagePatch",
        "/v7/getnewevents": "Events.BoxEventList",
        "/v8/getnewevents": "Events.BoxEventList",
        "/v6/getmessage": "Events.Message",
        "/v3/getdocument": "Documents.Document",
    }
)
"""Path -> the message of its answer."""


class Protobuf:
    """Turns protobuf bodies into JSON before the routes and JSON answers into protobuf after them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, translated where it asks for that."""
        if scope["type"] != "http" or not (scope["path"] in REQUESTS or scope["path"] in ANSWERS):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1").lower() for name, value in scope["headers"]}
        wanted = ANSWERS.get(scope["path"]) if MEDIA_TYPE in headers.get("accept", "") else None
        given = REQUESTS.get(scope["path"])
        if given is not None and scope["method"] == "POST":
            body = await whole_body(receive)
            kind = headers.get("content-type", "")
            if MEDIA_TYPE in kind or (not kind and not body.lstrip().startswith(b"{")):
                try:
                    body = read(given, body)
                except DecodeError:
                    await _refuse(send)
                    return
                scope = {**scope, "headers": _as_json(scope["headers"])}
            receive = body_again(body, receive)
        await self.app(scope, receive, send if wanted is None else _Translated(wanted, send))


class _Translated:
    """Holds an answer back until it is whole, then sends it in protobuf; what is not a JSON 200 goes as it is."""

    def __init__(self, kind: str, send: Send) -> None:
        self._kind = kind
        self._send = send
        self._start: Part = {}
        self._body = b""

    async def __call__(self, part: Part) -> None:
        if part["type"] == "http.response.start":
            self._start = part
            return
        self._body += part.get("body", b"")
        if part.get("more_body"):
            return
        headers = {name.lower(): value for name, value in self._start.get("headers", [])}
        if self._start["status"] == 200 and b"json" in headers.get(b"content-type", b""):
            self._body = write(self._kind, json.loads(self._body))
            headers |= {
                b"content-type": MEDIA_TYPE.encode(),
                b"content-length": str(len(self._body)).encode(),
            }
        await self._send({**self._start, "headers": list(headers.items())})
        await self._send({"type": "http.response.body", "body": self._body})


def read(kind: str, body: bytes) -> bytes:
    """Protobuf -> the same message in Diadoc's JSON; raises DecodeError, also when a required field is absent."""
    message = _class(kind)()
    message.ParseFromString(body)
    if not message.IsInitialized():
        raise DecodeError(f"{kind}: a required field is absent")
    value = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return json.dumps(value, ensure_ascii=False).encode()


def write(kind: str, value: Mapping[str, Any]) -> bytes:
    """Diadoc's JSON -> protobuf; names of newer values of an enumeration become its default."""
    message = _class(kind)()
    json_format.ParseDict(dict(value), message, ignore_unknown_fields=True)
    return message.SerializeToString()


def descriptors() -> descriptor_pb2.FileDescriptorProto:
    """Build the declarations as one proto2 file; an enumeration lies in a message of its own, for its values' names."""
    file = descriptor_pb2.FileDescriptorProto(name=f"{PACKAGE}.proto", package=PACKAGE, syntax="proto2")
    for kind, values in ENUMS.items():
        holder = file.message_type.add(name=_name(kind))
        enum = holder.enum_type.add(name=ENUM)
        for name, number in values.items():
            enum.value.add(name=name, number=number)
    for kind, fields in MESSAGES.items():
        message = file.message_type.add(name=_name(kind))
        for line in fields:
            name, tag, type_name = line.split()
            _declare(message.field.add(name=name, number=int(tag)), type_name)
    return file


def _declare(field: Field, type_name: str) -> None:
    bare = type_name.rstrip("!*")
    field.label = LABELS.get(type_name[-1], Field.LABEL_OPTIONAL)
    if bare in ENUMS:
        field.type = Field.TYPE_ENUM
        field.type_name = f".{PACKAGE}.{_name(bare)}.{ENUM}"
    elif bare in MESSAGES:
        field.type = Field.TYPE_MESSAGE
        field.type_name = f".{PACKAGE}.{_name(bare)}"
    else:
        field.type = SCALARS[bare]


@functools.lru_cache(maxsize=1)
def _pool() -> descriptor_pool.DescriptorPool:
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptors())
    return pool


@functools.cache
def _class(kind: str) -> type[Message]:
    found: type[Message] = message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{PACKAGE}.{_name(kind)}"))
    return found


def _name(kind: str) -> str:
    return kind.replace(".", "_")


def _as_json(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name.lower() not in {b"content-type", b"content-length"}]
    return [*kept, (b"content-type", b"application/json; charset=utf-8")]


async def _refuse(send: Send) -> None:
    body = "Тело запроса не разбирается как protobuf".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
