"""Letters: the same letter is one letter, on paper and on the wire."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from pathlib import Path
from uuid import UUID

import pytest

from edo_service.adapters.mail_folder import FolderMailer
from edo_service.adapters.mail_smtp import SmtpMailer
from edo_service.errors import Unavailable
from edo_service.kernel.letters import Letter

LETTER = Letter(
    id=UUID(int=7), to="anna@client.test", subject="УПД № 1 ждёт вашей подписи", text="Откройте документ.\n"
)


def test_a_letter_sent_twice_is_one_file_that_only_we_may_read(tmp_path: Path) -> None:
    mailer = FolderMailer(folder=tmp_path / "mail", sender="edo@lessor.test")
    mailer.send(LETTER)
    mailer.send(LETTER)
    (file,) = (tmp_path / "mail").iterdir()
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == LETTER.subject
    assert message["Message-ID"] == f"<{LETTER.id}@lessor.test>"
    body = message.get_body()
    assert body is not None
    assert body.get_content() == LETTER.text
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_line_break_in_a_subject_adds_no_header(tmp_path: Path) -> None:
    bad = Letter(id=UUID(int=8), to="a@b.test", subject="Тема\r\nBcc: evil@x.test", text="x")
    with pytest.raises(ValueError, match=r"[Hh]eader"):
        FolderMailer(folder=tmp_path, sender="edo@lessor.test").send(bad)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_takes_the_letter_gets_it_whole() -> None:
    server = OneLetterServer()
    SmtpMailer(host="127.0.0.1", port=server.port, sender="edo@lessor.test", starttls=False).send(LETTER)
    message = email.message_from_bytes(server.received(), policy=email.policy.default)
    assert message["To"] == LETTER.to
    assert message["Subject"] == LETTER.subject


def test_a_server_that_is_away_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        mailer = SmtpMailer(host="127.0.0.1", port=taken.getsockname()[1], sender="edo@lessor.test", starttls=False)
        with pytest.raises(Unavailable):
            mailer.send(LETTER)


class OneLetterServer:
    """Takes one letter by RFC 5321 and keeps its bytes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._content = bytearray()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def received(self) -> bytes:
        self._thread.join(120)
        assert not self._thread.is_alive()
        return bytes(self._content)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with self._listener, connection, connection.makefile("rwb", buffering=0) as wire:
            wire.write(b"220 ready\r\n")
            while line := wire.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    wire.write(b"354 go on\r\n")
                    while (row := wire.readline()) != b".\r\n":
                        self._content += row
                elif verb == b"QUIT":
                    wire.write(b"221 bye\r\n")
                    return
                wire.write(b"250 ok\r\n")
