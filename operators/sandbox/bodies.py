"""Bodies of requests that are read before the application sees them (pure ASGI)."""

from starlette.types import Message, Receive


async def whole_body(receive: Receive) -> bytes:
    """Read a request's body."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return b"".join(parts)


def body_again(body: bytes, receive: Receive) -> Receive:
    """Give a body that has been read already to an application."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
