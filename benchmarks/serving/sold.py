"""A built project as a sold service: a folder that sells its model, and ``argosy serve`` with its first key."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SELL = """
[sell]
plan = "load"

[plans.load]
currency = "CNY"

[[plans.load.prices]]
unit = "texts"
per = 1000
price = "2.00"
"""
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the loopback is never behind a proxy
_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A running service: its folder, its port, the secret of its first key, and its process."""

    folder: Path
    port: int
    key: str
    process: subprocess.Popen[bytes]


@contextmanager
def sold(project: Path, *words: str, sell: str = SELL) -> Iterator[Sold]:
    """``argosy serve`` over a built project, selling by ``sell``; ``words`` are more of its options."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        text = (project / "argosy.toml").read_text(encoding="utf-8").split("[sell]")[0].split("[plans")[0]
        (folder / "argosy.toml").write_text(text + sell, encoding="utf-8")
        (folder / "model").symlink_to((project / "model").resolve(), target_is_directory=True)
        with serving(folder, *words) as running:
            yield running


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[Sold]:
    """``argosy serve`` in a folder that sells and has had no key yet; stopped at the end."""
    log = folder / "serve.log"
    command = [str(Path(sys.executable).with_name("argosy")), "serve", str(folder), "--port", "0", *words]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        port, key = _told(log, process)
        yield Sold(folder=folder, port=port, key=key, process=process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _told(log: Path, process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """The port and the key that the server says; waits until it answers."""
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        said = log.read_text(encoding="utf-8")
        port, key = re.search(r"http://127\.0\.0\.1:(\d+)", said), re.search(r"\b(ak_\w+)", said)
        if port and key and _answers(int(port[1]), key[1]):
            return int(port[1]), key[1]
        time.sleep(0.05)  # between two looks at what the server said
    sys.exit(f"the server does not answer:\n{log.read_text(encoding='utf-8')}")


def _answers(port: int, key: str) -> bool:
    """Whether the server lets the new key in, which it hears of within a second."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/v1/models", headers={"authorization": f"Bearer {key}"})
    try:
        with DIRECT.open(asked, timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
