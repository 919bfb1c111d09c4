"""Letters: in the outbox always, by SMTP where a server is named."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from argosy.core.errors import MachineError
from argosy.project.selling.post import Letter, put, send

LETTER = Letter(
    id="INV-2026-000001-sent",
    sender="billing@shop.example",
    to="pay@acme.example",
    subject="账单 INV-2026-000001",
    text="应付：¥96.72",
    page="<p>¥96.72</p>".encode(),
    at=1_793_462_400_000_000,
)


class _Sink(socketserver.StreamRequestHandler):
    """Takes a letter in, as a server of mail does (RFC 5321)."""

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self._say("354 go on")
                self.server.taken.append(self._data())  # type: ignore[attr-defined]
                self._say("250 taken")
            elif word == "QUIT":
                self._say("221 bye")
                return
            elif word == "RCPT" and "refused@" in line:
                self._say("550 no such user")
            else:
                self._say("250 ok")

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@pytest.fixture
def server() -> Iterator[socketserver.TCPServer]:
    """A server of mail on the loopback; ``taken`` are the letters."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Sink) as sink:
        sink.taken = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=sink.serve_forever)
        thread.start()
        yield sink
        sink.shutdown()
        thread.join()


def test_the_same_letter_is_the_same_file(tmp_path: Path) -> None:
    """Written again, not a byte differs, and nothing else lies in the outbox."""
    path = put(LETTER, tmp_path / "outbox")
    first = path.read_bytes()
    assert put(LETTER, tmp_path / "outbox").read_bytes() == first
    assert [one.name for one in path.parent.iterdir()] == ["INV-2026-000001-sent.eml"]
    mail = message_from_bytes(first, policy=default)
    assert mail["subject"] == "账单 INV-2026-000001"
    body = mail.get_body()
    assert body is not None
    assert body.get_content().strip() == "应付：¥96.72"


def test_a_letter_goes_out_by_smtp(server: socketserver.TCPServer) -> None:
    """What the server takes is what was written, page and all."""
    send(LETTER, f"smtp://127.0.0.1:{server.server_address[1]}")
    (taken,) = server.taken  # type: ignore[attr-defined]
    mail = message_from_bytes(taken, policy=default)
    assert (mail["to"], mail["from"], mail["message-id"]) == (LETTER.to, LETTER.sender, f"<{LETTER.id}@argosy>")
    (page,) = mail.iter_attachments()
    assert page.get_content().strip() == "<p>¥96.72</p>"


def test_a_refused_letter_is_told(server: socketserver.TCPServer) -> None:
    """The error names the letter and what to do; no password, no address."""
    letter = Letter(id="x", sender="a@b.example", to="refused@b.example", subject="s", text="t")
    with pytest.raises(MachineError, match="letter x could not be sent") as refused:
        send(letter, f"smtp://127.0.0.1:{server.server_address[1]}")
    assert "refused@" not in str(refused.value)


def test_a_server_that_is_not_there_is_told() -> None:
    """Nothing listens at the port."""
    with pytest.raises(MachineError, match="ARGOSY_SMTP_PASSWORD"):
        send(LETTER, "smtp://127.0.0.1:9")
