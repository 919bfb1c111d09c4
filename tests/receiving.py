"""Who receives alarms in tests: a web server and a mail server of the loopback, that refuse where they are told to."""

import http.server
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default

OK = (200, b"ok")
Answer = tuple[int, bytes]


@dataclass
class Receiver:
    """What arrived, request by request; ``answers`` are given in turn, the last one for ever."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [OK])
    paths: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[dict[str, object]] = field(default_factory=list)
    taken: list[dict[str, object]] = field(default_factory=list)
    wait: Callable[[], object] = bool

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def hear(self, path: str, body: bytes) -> Answer:
        """Note a request, and say what it is answered with."""
        self.wait()
        told = json.loads(body)
        self.paths.append(path)
        self.bodies.append(told)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == OK:
            self.taken.append(told)
        return answer


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """A web server that takes JSON; another one may follow it at its port."""
    known = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known.heads.append({name.lower(): value for name, value in self.headers.items()})
            status, said = known.hear(self.path, self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing: pytest shows what fails."""

    with _serving(http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)) as bound:
        known.url = f"http://127.0.0.1:{bound}"
        yield known


@contextmanager
def mailbox() -> Iterator[tuple[int, list[Message]]]:
    """A mail server's port, and the letters that it took."""
    letters: list[Message] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 mail")
            while line := self.rfile.readline():
                word = line[:4].strip().upper()
                if word == b"DATA":
                    self._say("354 go on")
                    body = b"".join(iter(self.rfile.readline, b".\r\n"))
                    letters.append(message_from_bytes(body, policy=default))
                self._say("221 bye" if word == b"QUIT" else "250 ok")

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        yield port, letters


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()
