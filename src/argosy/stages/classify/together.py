"""Start a module in several processes that work on one thing, as ``torchrun`` would, and end them together.

Each process reads its standard input until it ends, so none outlives the one that started it. Ctrl-C is passed on to
each of them once, and they are waited for.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

import psutil

_HERE = "127.0.0.1"
_POLL = 0.1  # seconds between two looks at who has ended


def launch(module: str, argument: str, *, processes: int, threads: int) -> int:
    """Run ``python -m module argument`` so many times, with torchrun's variables; the first exit code that is not 0."""
    place = {"MASTER_ADDR": _HERE, "MASTER_PORT": str(_free_port()), "WORLD_SIZE": str(processes)}
    shared = {**os.environ, **place, "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, "-P", "-m", module, argument]
    crew = [
        subprocess.Popen(
            command,
            env={**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        for rank in range(processes)
    ]
    try:
        return _waited(crew)
    except KeyboardInterrupt:
        for process in crew:
            process.send_signal(signal.SIGINT)
        return _waited(crew)
    finally:
        for process in crew:
            process.kill()
            process.communicate()


def end_with_parent() -> None:
    """End this process as soon as the one that launched it is gone."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _waited(crew: Sequence["subprocess.Popen[bytes]"]) -> int:
    """Wait until all have ended well or one has not; what it ended with."""
    left = [psutil.Process(process.pid) for process in crew if process.poll() is None]
    while left and not any(process.poll() for process in crew):
        _, left = psutil.wait_procs(left, timeout=_POLL)
    return next((code for process in crew if (code := process.poll())), 0)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HERE, 0))
        return int(free.getsockname()[1])
