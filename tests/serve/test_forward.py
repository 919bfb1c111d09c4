"""Workers and a desk as processes of their own: what is charged when one of them is killed, and who may listen."""

import os
import signal
import stat
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from shops import TEXT, Stand, shop_in, stand_in

from argosy.core.account import Limits
from argosy.serve.running.workers import desk_socket

WORKER = """
import json, sys
from contextlib import closing
from pathlib import Path
from argosy.infer.engines.echo import EchoEngine
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.settings import Settings
from argosy.serve.running.workers import work

told = json.loads(sys.argv[1])
settings = Settings(figures=Path(told["figures"]))
with closing(open_selling(Shop.kept(Path(told["shop"])), desk=Path(told["desk"]))) as selling:
    work(selling.app({"mood": EchoEngine()}, settings), settings, told["socket"])
"""
PARENT = f"""
import json, sys
from pathlib import Path
from argosy.project.selling.desk import post
from argosy.serve.settings import Settings
from argosy.serve.running.workers import desk_socket, supervise

with desk_socket() as (path, listening):
    def command(number, figures):
        told = {{"socket": number, "figures": str(figures), "shop": sys.argv[1], "desk": str(path)}}
        return [sys.executable, "-c", {WORKER!r}, json.dumps(told)]

    desk = post(Path(sys.argv[1]), listening)
    supervise(command, 2, Settings(port=0), lambda address: print(address, flush=True), desk=desk)
print("stopped", flush=True)
"""
CLIENTS, REQUESTS, KILLS = 6, 20, 5


@dataclass
class Seen:
    """What the clients were told, by idempotency key or by number."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    acknowledged: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    progress: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Two workers, their desk and their parent, once all answer."""
    kept = folder / "shop.json"
    shop_in(folder, settle_seconds=20).keep(kept)
    with subprocess.Popen([sys.executable, "-c", PARENT, str(kept)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def children(parent: int) -> dict[bool, list[int]]:
    """The processes of a parent: whether they are the desk."""
    found: dict[bool, list[int]] = {True: [], False: []}
    for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split():
        found[b"argosy.project.selling.desk" in Path(f"/proc/{pid}/cmdline").read_bytes()].append(int(pid))
    return found


def buy(address: str, head: dict[str, str], name: str, seen: Seen) -> None:
    """Ask again and again; every second time with a key, and again until it is answered."""
    for number in range(REQUESTS):
        key = {"idempotency-key": f"{name}-{number}"} if number % 2 else {}
        while True:
            status = _ask(address, head | key)
            with seen.lock:
                seen.statuses[status] += 1
                if status == 200 and key:
                    seen.acknowledged[f"{name}-{number}"] += 1
                elif status == 200:
                    seen.acknowledged["without"] += 1
                elif status == 0 and not key:
                    seen.unknown += 1
            if status == 200 or not key:
                break
        seen.progress.release()


def _ask(address: str, head: dict[str, str]) -> int:
    """The status; 0 where the connection broke."""
    try:
        return httpx2.post(f"{address}/v1/classify", json={"input": "good"}, headers=head, timeout=60).status_code
    except httpx2.TransportError:
        return 0


@pytest.mark.slow
def test_killed_processes_charge_what_was_acknowledged(tmp_path: Path) -> None:
    """Workers and desk are killed by turns: what was acknowledged is charged once, what was not at most once."""
    with stand_in(tmp_path) as stand:
        tenant, head = stand.buyer(Limits(budget=10**9, concurrent=100))
    seen = Seen()
    with running(tmp_path) as (process, address):
        clients = [threading.Thread(target=buy, args=(address, head, f"c{number}", seen)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        for kill in range(KILLS):
            for _ in range(CLIENTS * REQUESTS // (KILLS + 1)):
                seen.progress.acquire()
            os.kill(children(process.pid)[kill % 2 == 0][0], signal.SIGKILL)
        for client in clients:
            client.join()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    with stand_in(tmp_path) as stand:
        _check(stand, tenant, seen)


def _check(stand: Stand, tenant: str, seen: Seen) -> None:
    lines = stand.lines(tenant)
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    net = Counter[str]()
    for line in lines:
        net[line.event] += 1 if line.kind == "charge" else -1
    assert set(net.values()) <= {0, 1}
    charged = [event for event, count in net.items() if count]
    keyed = sum(event.startswith("idem_") for event in charged)
    assert keyed == CLIENTS * REQUESTS // 2 == len(seen.acknowledged) - 1
    assert max(count for key, count in seen.acknowledged.items() if key != "without") == 1
    acknowledged = seen.acknowledged["without"]
    assert acknowledged <= len(charged) - keyed <= acknowledged + seen.unknown
    assert sum(line.amount for line in lines) == TEXT * len(charged)


def test_nobody_else_may_ask_the_desk() -> None:
    """The socket and its folder are the owner's alone, and gone afterwards."""
    with desk_socket() as (path, _):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert not path.parent.exists()
