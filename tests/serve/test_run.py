"""A server in a process of its own: start, answer, stop."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from argosy.core.errors import MachineError
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.running.run import listen, serve
from argosy.serve.settings import Settings

# The text "slow" is answered once a line comes in; the last line out tells whether torch was imported.
SERVER = """
import sys
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.running.run import serve
from argosy.serve.settings import Settings

class Slow(EchoEngine):
    __slots__ = ()

    def classify(self, texts):
        if "slow" in texts:
            print("working", flush=True)
            sys.stdin.readline()
        return EchoEngine().classify(texts)

settings = Settings(port=0, drain_seconds=float(sys.argv[1]), stop_seconds=int(sys.argv[2]))
serve(create_app({"slow": Slow()}, settings), settings, lambda address: print(address, flush=True))
print([name for name in ("torch", "transformers") if name in sys.modules])
"""


@contextmanager
def running(*, drain_seconds: float = 0, stop_seconds: int = 30) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and its address."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(drain_seconds), str(stop_seconds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def classify(address: str, text: str) -> int:
    """The status of one answer."""
    return httpx2.post(f"{address}/v1/classify", json={"input": text}, timeout=60).status_code


def refuses(address: str) -> bool:
    """Whether nobody listens at the address any more."""
    host, port = address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=60).close()
    except ConnectionRefusedError:
        return True
    except ConnectionResetError:  # the door closed upon us
        return False
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_finishes_what_is_in_flight(number: signal.Signals) -> None:
    """After a signal no new connection is taken, the request in flight gets its answer, and the process ends with 0.

    It has imported no torch by then.
    """
    answers = []
    with running() as (process, address):
        assert process.stdin is not None
        assert process.stdout is not None
        asking = threading.Thread(target=lambda: answers.append(classify(address, "slow")))
        asking.start()
        assert process.stdout.readline() == "working\n"
        process.send_signal(number)
        while not refuses(address):
            pass
        assert not answers
        process.stdin.write("go on\n")
        process.stdin.flush()
        asking.join(timeout=60)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "[]\n"
    assert answers == [200]


def test_a_draining_server_says_so_and_still_answers() -> None:
    """After a stop signal with time to drain, ``/readyz`` says no while late requests are still answered."""
    with running(drain_seconds=600) as (process, address), httpx2.Client(base_url=address, timeout=60) as client:
        assert client.get("/readyz").status_code == 200
        process.send_signal(signal.SIGTERM)
        while client.get("/readyz").status_code == 200:
            pass
        assert client.get("/readyz").json()["error"]["code"] == "not_ready"
        assert client.post("/v1/classify", json={"input": "a late one"}).status_code == 200


def test_a_text_in_the_engine_holds_up_nobody_else() -> None:
    """While the engine works, the server still answers what needs no engine."""
    with running() as (process, address):
        assert process.stdin is not None
        assert process.stdout is not None
        asking = threading.Thread(target=classify, args=(address, "slow"))
        asking.start()
        assert process.stdout.readline() == "working\n"
        assert httpx2.get(f"{address}/healthz", timeout=60).status_code == 200
        process.stdin.write("go on\n")
        process.stdin.flush()
        asking.join(timeout=60)


def test_an_engine_that_hangs_does_not_keep_the_process() -> None:
    """After the time to stop, the process ends though a text never leaves the engine; who asked is told of an error."""
    answers = []
    with running(stop_seconds=1) as (process, address):
        asking = threading.Thread(target=lambda: answers.append(classify(address, "slow")))
        asking.start()
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        asking.join(timeout=60)
    assert answers == [500]


def test_the_openai_client_lists_the_models() -> None:
    """The client that users have already finds the models, and raises its own error for one that is not there."""
    openai = pytest.importorskip("openai")
    with running() as (_, address), openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["slow"]
        with pytest.raises(openai.NotFoundError) as caught:
            client.post("/classify", body={"input": "a", "model": "other"}, cast_to=object)
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    """A port that another program has is an error with the port and what to do; the callback is not called."""
    with listen(Settings(port=0)) as taken:
        settings = Settings(port=taken.getsockname()[1])
        called: list[str] = []
        with pytest.raises(MachineError, match="--port 0") as caught:
            serve(create_app({"m": EchoEngine()}, settings), settings, called.append)
    assert str(settings.port) in str(caught.value)
    assert not called


@pytest.mark.parametrize(
    ("settings", "mend"),
    [
        (Settings(host="192.0.2.1"), "127.0.0.1"),
        (Settings(host="no host"), "127.0.0.1"),
        (Settings(port=70_000), "65535"),
        (Settings(port=-1), "65535"),
    ],
    ids=["host of another machine", "no host", "too high", "too low"],
)
def test_an_address_that_cannot_be_had_is_explained(settings: Settings, mend: str) -> None:
    """A host of another machine, or a port out of range, is an error that says what to use."""
    with pytest.raises(MachineError) as caught:
        listen(settings)
    assert mend in caught.value.mend


def test_loopback_is_the_default() -> None:
    """Nobody on the network reaches a server that was not told to listen there."""
    with listen(Settings(port=0)) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_small_answers_leave_at_once() -> None:
    """The socket is named TCP, without which asyncio leaves Nagle's delay on and each answer waits 40 ms."""
    with listen(Settings(port=0)) as listening:
        assert listening.proto == socket.IPPROTO_TCP


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_who_reads_nothing_is_hung_up_on_by_the_system() -> None:
    """Connections inherit the time after which the system gives up an answer that is not taken."""
    with listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert 0 < accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 60_000
