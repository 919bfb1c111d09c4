"""What a server does with connections that send too little, too late or too much."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest

# with bounds that a test can reach; the text "slow" is answered once a line comes in
SERVER = """
import sys
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.running import door
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings

door.HEAD_SECONDS, door.CONNECTIONS, door.REST_BYTES = 0.5, 4, 100_000
settings = Settings(port=0, max_body_bytes=50_000)
serve(create_app({"mood": EchoEngine()}, settings), settings, lambda address: print(address, flush=True))
"""
ASK = b"POST /v1/classify HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
GOOD = ASK + b'content-length: 14\r\n\r\n{"input": "a"}'


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server in a process of its own, which has said nothing wrong at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline().rsplit(":", 1)[1])
        finally:
            process.terminate()
            _, said = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in said


def opened(port: int) -> socket.socket:
    """A connection."""
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def status(door: socket.socket) -> int:
    """The status of one answer, read whole."""
    file = door.makefile("rb")
    line = file.readline()
    head = {name.lower(): value for name, _, value in (row.partition(b":") for row in iter(file.readline, b"\r\n"))}
    file.read(int(head[b"content-length"]))
    return int(line.split()[1])


def cut(door: socket.socket) -> bool:
    """Whether the server hangs up, whatever it says before; waits for it."""
    try:
        while door.recv(65_536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_a_head_that_does_not_end_is_hung_up_on(port: int) -> None:
    """Neither silence, nor half a head, nor half of the second head on a connection keeps it open."""
    with closing(opened(port)) as silent, closing(opened(port)) as slow, closing(opened(port)) as second:
        slow.sendall(ASK)
        second.sendall(GOOD)
        assert status(second) == 200
        second.sendall(ASK)
        assert cut(silent)
        assert cut(slow)
        assert cut(second)


def test_the_longest_waiting_one_makes_room(port: int) -> None:
    """Where all places are taken, a new client is let in, and the one who has waited longest is hung up on."""
    waiting = [opened(port) for _ in range(4)]
    for door in waiting[1:]:
        door.sendall(GOOD)
        assert status(door) == 200
    with closing(opened(port)) as new:
        new.sendall(GOOD)
        assert status(new) == 200
        assert cut(waiting[0])
        waiting[3].sendall(GOOD)
        assert status(waiting[3]) == 200
    for door in waiting:
        door.close()


def test_what_follows_a_refusal_is_not_read_for_ever(port: int) -> None:
    """A body that goes on after its refusal is cut off; the refusal has been told."""
    with closing(opened(port)) as door:
        door.sendall(ASK + b"content-length: 64000000\r\n\r\n")
        assert status(door) == 413
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(640):
                door.sendall(b"a" * 100_000)


def test_a_short_rest_keeps_the_connection(port: int) -> None:
    """Who sends the rest of a small refused body may ask again on the same connection."""
    with closing(opened(port)) as door:
        door.sendall(ASK + b"content-length: 60000\r\n\r\n")
        assert status(door) == 413
        door.sendall(b"a" * 60_000 + GOOD)
        assert status(door) == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 100_000,
        b"POST /v1/classify HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        ASK + b"transfer-encoding: gzip\r\n\r\n",
    ],
    ids=["no HTTP", "no host", "endless", "two lengths", "unknown encoding"],
)
def test_what_is_no_http_is_refused_in_the_usual_shape(port: int, sent: bytes) -> None:
    """A head that is none is a 400 with the body that every error has, and the end of the connection."""
    with closing(opened(port)) as door:
        door.sendall(sent)
        told = b"".join(iter(lambda: door.recv(65_536), b""))
    assert b" 400 " in told.split(b"\r\n")[0] or b" 501 " in told.split(b"\r\n")[0]
    assert b'"code": "bad_request"' in told


def test_many_pieces_of_some_size_are_read(port: int) -> None:
    """A body in hundreds of chunks is read as one."""
    body = b'{"input": "' + b"a" * 40_000 + b'"}'
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[at : at + 30] for at in range(0, 40_014, 30))
    )
    with closing(opened(port)) as door:
        door.sendall(ASK + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        assert status(door) == 200


@pytest.mark.parametrize("path", [b"/v1/classify", b"/v1/none", b"/healthz"])
def test_a_broken_body_ends_alone(port: int, path: bytes) -> None:
    """A chunk that is none, or far too many chunks, end the connection; the next client is answered."""
    head = ASK.replace(b"/v1/classify", path) + b"transfer-encoding: chunked\r\n\r\n"
    for body in (b"zz\r\n", b"1\r\na\r\n" * 9_000):
        with closing(opened(port)) as door:
            try:
                door.sendall(head + body)
            except (ConnectionResetError, BrokenPipeError):
                continue
            assert cut(door)
    answer = httpx2.post(f"http://127.0.0.1:{port}/v1/classify", json={"input": "a"})
    assert answer.status_code == 200
