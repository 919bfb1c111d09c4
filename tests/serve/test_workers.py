"""Several processes answer at one address."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from argosy.core.errors import MachineError
from argosy.serve.running.run import listen
from argosy.serve.running.workers import listen_together, supervise
from argosy.serve.settings import Settings

WORKER = """
import os, sys
from pathlib import Path
from argosy.infer.engines.echo import EchoEngine
from argosy.serve.app import create_app
from argosy.serve.settings import Settings
from argosy.serve.running.workers import work

settings = Settings(figures=Path(sys.argv[2]))
work(create_app({"m": EchoEngine(labels=("pid", str(os.getpid())))}, settings), settings, int(sys.argv[1]))
"""
PARENT = f"""
import sys
from argosy.serve.settings import Settings
from argosy.serve.running.workers import supervise

def command(number, figures):
    return [sys.executable, "-c", {WORKER!r}, str(number), str(figures)]

supervise(command, 2, Settings(port=0), lambda address: print(address, flush=True))
print("stopped", flush=True)
"""


@contextmanager
def running() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Two workers and their parent, once all answer."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def asked(address: str) -> int:
    """The process that answers a new connection; one that has just begun may not know yet that all others do."""
    with httpx2.Client(base_url=address, timeout=60) as client:
        assert client.get("/readyz").status_code in {200, 503}
        (entry,) = client.post("/v1/classify", json={"input": "pid"}).json()["data"]
    return int(next(label for label in entry["probabilities"] if label != "pid"))


def both(address: str) -> set[int]:
    """The processes that answer."""
    found: set[int] = set()
    while len(found) < 2:
        found.add(asked(address))
    return found


def lives(pid: int) -> bool:
    """Whether the process is there, or its parent does not know yet that it is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_dead_worker_is_replaced_and_all_stop_together() -> None:
    """Both answer; one that is killed is started again; any of them tells the figures of all, the dead one's too."""
    with running() as (process, address):
        first = both(address)
        os.kill(min(first), signal.SIGKILL)
        while lives(min(first)):
            pass
        second = both(address)
        assert len(first & second) == 1
        text = httpx2.get(f"{address}/metrics", timeout=60).text
        counted = re.findall(r'^argosy_texts_total\{model="m"\} (\d+)', text, re.MULTILINE)
        assert len(counted) == 1
        assert int(counted[0]) >= 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        assert process.stdout is not None
        assert process.stdout.read() == "stopped\n"
    assert not any(map(lives, second))


def test_a_worker_that_cannot_start_is_told() -> None:
    """A worker that ends before it answers is an error, not a loop, and the parent's signals are its own again."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(MachineError, match="before it answered"):
        supervise(lambda number, figures: [sys.executable, "-c", ""], 2, Settings(port=0), lambda address: None)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_port_that_somebody_has_is_not_shared() -> None:
    """Workers share a port with each other, never with another program."""
    with listen(Settings(port=0)) as taken, pytest.raises(MachineError, match="--port 0"):
        listen_together(Settings(port=taken.getsockname()[1]), 2)
    ours = listen_together(Settings(port=0), 2)
    try:
        assert len({one.getsockname() for one in ours}) == 1
        with pytest.raises(MachineError, match="--port 0"):
            listen_together(Settings(port=ours[0].getsockname()[1]), 2)
    finally:
        for one in ours:
            one.close()
