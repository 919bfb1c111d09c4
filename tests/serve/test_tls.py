"""TLS by the server itself, in a process of its own: the versions it speaks, new certificates, and wrong files."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from certificates import write_pair

from argosy.core.errors import MissingError, ProjectError
from argosy.serve.running.tls import Tls, context_of
from argosy.serve.settings import Settings

SERVER = """
import logging, sys
from pathlib import Path
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings
from argosy.serve.running.tls import Tls

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
tls = Tls(certificate=Path(sys.argv[1]), key=Path(sys.argv[2]))
settings = Settings(port=0, tls=tls)
serve(create_app({"mood": EchoEngine()}, settings), settings, lambda address: print(address, flush=True))
"""

WORKER = """
import sys
from pathlib import Path
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings
from argosy.serve.running.tls import Tls
from argosy.serve.running.workers import work

tls = Tls(certificate=Path(sys.argv[3]), key=Path(sys.argv[4]))
settings = Settings(figures=Path(sys.argv[2]), tls=tls)
work(create_app({"mood": EchoEngine()}, settings), settings, int(sys.argv[1]))
"""
CREW = f"""
import sys
from pathlib import Path
from argosy.serve.settings import Settings
from argosy.serve.running.tls import Tls
from argosy.serve.running.workers import supervise

def command(number, figures):
    return [sys.executable, "-c", {WORKER!r}, str(number), str(figures), *sys.argv[1:]]

settings = Settings(port=0, tls=Tls(certificate=Path(sys.argv[1]), key=Path(sys.argv[2])))
supervise(command, 2, settings, lambda address: print(address, flush=True))
print("stopped", flush=True)
"""


@contextmanager
def running(files: tuple[Path, Path], program: str = SERVER) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server under a certificate, and its port."""
    words = [sys.executable, "-c", program, *map(str, files)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address.startswith("https://127.0.0.1:"), address
            yield process, int(address.rpartition(":")[2])
        finally:
            process.terminate()


def trusting(certificate: Path) -> ssl.SSLContext:
    """A client that trusts one certificate."""
    return ssl.create_default_context(cafile=str(certificate))


def ask(connection: HTTPSConnection) -> tuple[int, dict[str, str]]:
    """The status of an answer and the head of it."""
    connection.request("POST", "/v1/classify", json.dumps({"input": "good"}), {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def name_at(port: int) -> bytes:
    """The certificate that is shown now."""
    return ssl.get_server_certificate(("127.0.0.1", port)).encode()


def heard(process: subprocess.Popen[str], words: str) -> str:
    """The next line of the server's log that has these words."""
    assert process.stdout is not None
    return next(line for line in process.stdout if words in line)


def test_a_new_certificate_is_shown_and_no_connection_is_dropped(tmp_path: Path) -> None:
    """After SIGHUP new connections see the new certificate, of another kind; the one that stands goes on.

    Files that are no good leave the old certificate in use. Answers say that browsers must come by HTTPS.
    """
    files = write_pair(tmp_path, "old", elliptic=False)
    with running(files) as (process, port):
        connection = HTTPSConnection("127.0.0.1", port, context=trusting(files[0]), timeout=60)
        status, head = ask(connection)
        assert (status, head["strict-transport-security"]) == (200, "max-age=31536000")
        assert head["x-content-type-options"] == "nosniff"
        old = name_at(port)
        assert old == files[0].read_bytes()
        write_pair(tmp_path, "new")
        process.send_signal(signal.SIGHUP)
        heard(process, "read again")
        assert name_at(port) == files[0].read_bytes() != old
        assert ask(connection)[0] == 200
        files[1].write_text("no key")
        process.send_signal(signal.SIGHUP)
        assert "no PEM" in heard(process, str(files[0]))
        assert name_at(port) == files[0].read_bytes()
        assert ask(connection)[0] == 200
        connection.close()
        process.terminate()
        assert process.wait(60) == 0


def test_all_workers_show_a_new_certificate(tmp_path: Path) -> None:
    """The parent passes SIGHUP on, no worker ends by it, and all stop together afterwards."""
    files = write_pair(tmp_path, "old")
    with running(files, CREW) as (process, port):
        write_pair(tmp_path, "new")
        process.send_signal(signal.SIGHUP)
        fresh, in_a_row, end = files[0].read_bytes(), 0, time.monotonic() + 60
        while in_a_row < 20 and time.monotonic() < end:  # new connections go to either worker
            in_a_row = in_a_row + 1 if name_at(port) == fresh else 0
        assert in_a_row == 20
        process.terminate()
        assert heard(process, "stopped")
        assert process.wait(60) == 0


def test_old_versions_are_refused(tmp_path: Path) -> None:
    """TLS 1.2 and 1.3 are spoken, nothing older is allowed, and plain HTTP is not answered."""
    files = write_pair(tmp_path, "one")
    with running(files) as (_, port):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = trusting(files[0])
            client.minimum_version = client.maximum_version = version
            connection = HTTPSConnection("127.0.0.1", port, context=client, timeout=60)
            assert ask(connection)[0] == 200
            connection.close()
        with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            assert b"HTTP/1.1 200" not in plain.recv(1000)
    assert context_of(Tls(certificate=files[0], key=files[1])).minimum_version is ssl.TLSVersion.TLSv1_2


def test_wrong_files_are_told(tmp_path: Path) -> None:
    """A missing file, another certificate's key, a passphrase and some other file have words of their own."""
    certificate, key = write_pair(tmp_path / "a", "a")
    other = write_pair(tmp_path / "b", "b")[1]
    locked = write_pair(tmp_path / "c", "c", passphrase=b"secret")
    with pytest.raises(MissingError, match="not there"):
        context_of(Tls(certificate=certificate, key=tmp_path / "none.pem"))
    with pytest.raises(ProjectError, match="does not belong"):
        context_of(Tls(certificate=certificate, key=other))
    with pytest.raises(ProjectError, match="passphrase"):
        context_of(Tls(certificate=locked[0], key=locked[1]))
    with pytest.raises(ProjectError, match="no PEM"):
        context_of(Tls(certificate=Path(__file__), key=key))
    assert Settings().tls is None
