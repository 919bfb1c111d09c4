"""Requests a second on one machine: ``argosy serve`` against FastAPI with the pipeline, and against LitServe tuned.

    make demo
    pip install 'litserve>=0.2.19'
    python -m benchmarks.serving.serving [--quick] [PROJECT]

PROJECT is a built one (examples/reviews by default); its test rows, one a request, are what is asked. The load
generator is a process of its own, the servers take turns on the same cores, and who waits is stopped meanwhile.

- Closed loop: 32 kept connections, each of which asks again once it is answered.
- Open loop: requests come by chance; the highest rate, found by bisection, at which 99 of 100 are answered within
  100 ms of the moment they came.
- Selling: the same, once open and once with keys, limits and charges on (SQLite, every charge durable before its
  answer); and 1,000 clients that keep their connections and ask now and then, at 60 % of what the service can.
- No head-of-line blocking: short texts by chance, alone and beside a client that asks for 1,000 long texts at once,
  again and again, with one of 100,000 characters among them.
"""

import csv
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.measuring import arguments, note, tell

from argosy.config.file import load as load_project
from argosy.core.account import Limits
from argosy.core.tenant import Tenant, Terms
from argosy.project.selling.shop import Shop, currency_of, open_store
from argosy.store.tenants.accounts import SqlAccounts

HERE = Path(__file__).parent
CONNECTIONS = 32
BOUND_MS = 100.0
CLIENTS, LOAD = 1000, 0.6  # that ask now and then, and how much of the highest rate they come to
SCRIPTS = {
    "pipeline": ("serving_pipeline.py",),
    "litserve": ("serving_litserve.py", "torch"),
    "litserve-onnx": ("serving_litserve.py", "argosy"),
}
SELL = """
[sell]

[plans.standard]
prices = [{unit = "texts", per = 1000, price = "2.00"}, {unit = "tokens", per = 1000000, price = "1.00"}]
"""
PLENTY = Limits(
    requests_per_minute=10**6,
    tokens_per_minute=10**9,
    concurrent=10**5,
    quota={"texts": 10**12},
    budget=10**15,
)
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the loopback is never behind a proxy
PEERS = {
    "pipeline": "FastAPI + transformers pipeline, torch fp32",
    "litserve": "LitServe, batches of 32, sorted padding, torch fp32",
    "litserve-onnx": "LitServe, batches of 32, around the same engine",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: its process group, where it answers, and the seconds from its start to its first answer."""

    name: str
    group: int
    seconds: float
    port: int
    path: str
    key: str = ""

    def rest(self, *, on: bool) -> None:
        """Stop it, or let it go on."""
        os.killpg(self.group, signal.SIGSTOP if on else signal.SIGCONT)

    def ask(self, given: str | Sequence[str]) -> Any:
        """One answer."""
        body = json.dumps({"input": given}).encode()
        address = f"http://127.0.0.1:{self.port}{self.path}"
        head = {"content-type": "application/json"} | ({"authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(address, body, head)
        with DIRECT.open(request, timeout=120) as answer:
            return json.load(answer)


@contextmanager
def running(name: str, project: Path, shelf: Path) -> Iterator[Server]:
    """The server, once it has answered; at rest. What sells has its store in the folder ``shelf``."""
    port, key = free_port(), ""
    if name.startswith("argosy"):
        if name == "argosy-sold":
            project, key = stocked(project, shelf)
        command, path = [Path(sys.executable).with_name("argosy"), "serve", project, "--port", port], "/v1/classify"
        command += [] if key else ["--open"]
    else:
        command, path = (
            [sys.executable, HERE / SCRIPTS[name][0], *SCRIPTS[name][1:], project / "model", port],
            "/predict",
        )
    with tempfile.TemporaryFile() as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            server = Server(name=name, group=process.pid, seconds=0.0, port=port, path=path, key=key)
            until_answered(server, process)
            server = replace(server, seconds=time.perf_counter() - start)
            server.rest(on=True)
            yield server
        finally:
            with suppress(ProcessLookupError):
                server.rest(on=False)
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def stocked(project: Path, shelf: Path) -> tuple[Path, str]:
    """The project again, selling, and the key of a tenant with every kind of limit, none of which it reaches."""
    text = (project / "argosy.toml").read_text(encoding="utf-8").split("[sell]")[0].split("[plans")[0]
    (shelf / "argosy.toml").write_text(text + SELL, encoding="utf-8")
    (shelf / "model").symlink_to((project / "model").resolve(), target_is_directory=True)
    shop = Shop(project=load_project(shelf), folder=shelf)
    with open_store(shop.sell, shelf) as database:
        accounts = SqlAccounts(database)
        wish = Tenant(id="", name="load", plan=shop.sell.plan, currency=currency_of(shop), limits=PLENTY)
        tenant = accounts.create_tenant(wish, "benchmark").result()
        terms = Terms(scopes=frozenset({"classify"}))
        return shelf, accounts.create_key(tenant.id, terms, "benchmark").result().secret


def free_port() -> int:
    """One that nobody listens on just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def until_answered(server: Server, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer."""
    while True:
        if process.poll() is not None:
            sys.exit(f"{server.name} ended at once")
        try:
            server.ask("warm")
        except OSError:
            time.sleep(0.01)  # between two tries to connect; how long it takes is what is measured
        else:
            return


def load(server: Server, inputs: Sequence[str | Sequence[str]], **plan: Any) -> dict[str, Any]:
    """What the load generator measured: requests a second, and percentiles in ms."""
    with generator(server, inputs, **plan) as process:
        said, _ = process.communicate()
    told = json.loads(said)
    times = sorted(told["ms"]) or [1000 * told["seconds"]]  # nothing was answered in that time
    ranks = {f"p{rank}": round(times[min(len(times) * rank // 100, len(times) - 1)], 1) for rank in (50, 99)}
    return {"per_s": round(len(told["ms"]) / told["seconds"], 1), "failed": told["failed"], **ranks}


@contextmanager
def generator(server: Server, inputs: Sequence[str | Sequence[str]], **plan: Any) -> Iterator[subprocess.Popen[str]]:
    """A load generator at work."""
    plan |= {"host": "127.0.0.1", "port": server.port, "path": server.path, "key": server.key, "inputs": list(inputs)}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        json.dump(plan, told)
        told.seek(0)
        with subprocess.Popen(
            [sys.executable, "-m", "argosy.project.using.arrivals"], stdin=told, stdout=subprocess.PIPE, text=True
        ) as process:
            yield process


def closed_loop(servers: Sequence[Server], texts: Sequence[str], seconds: float, rounds: int) -> list[dict[str, Any]]:
    """Each round's figures by server."""
    found = []
    for number in range(rounds):
        told = {}
        for server in servers:
            with awake(server):
                told[server.name] = load(
                    server, texts, loop="closed", connections=CONNECTIONS, warm=1.0, seconds=seconds
                )
        found.append(told)
        note(
            f"round {number + 1}: "
            + ", ".join(f"{name} {one['per_s']}/s p99 {one['p99']}" for name, one in told.items())
        )
    return found


@contextmanager
def awake(server: Server) -> Iterator[None]:
    """It alone works meanwhile."""
    server.rest(on=False)
    try:
        yield
    finally:
        server.rest(on=True)


def highest_rate(server: Server, texts: Sequence[str], most: float, seconds: float, steps: int) -> float:
    """The highest rate with p99 within the bound, by bisection between nothing and ``most``."""
    low, high = 0.0, most
    with awake(server):
        for step in range(steps):
            rate = max((low + high) / 2, 0.1)  # a peer may have answered nothing
            told = load(server, texts, loop="open", rate=rate, connections=64, seconds=seconds, patience=5.0, seed=step)
            good = not told["failed"] and told["p99"] <= BOUND_MS
            note(f"{server.name}: {rate:.0f}/s gives p99 {told['p99']} ms, {told['failed']} failed")
            low, high = (rate, high) if good else (low, rate)
    return round(low, 1)


def many_clients(servers: Sequence[Server], texts: Sequence[str], rate: float, seconds: float) -> dict[str, Any]:
    """What 1,000 clients see who come to ``rate`` requests a second together."""
    found = {}
    for server in servers:
        with awake(server):
            found[server.name] = load(
                server, texts, loop="closed", connections=CLIENTS, warm=2.0, seconds=seconds, think=CLIENTS / rate
            )
    return {"clients": CLIENTS, "asked_per_s": round(rate, 1), **found}


def head_of_line(server: Server, texts: Sequence[str], rate: float, seconds: float) -> dict[str, float]:
    """p99 of short texts alone, and beside a client that asks for 1,000 long ones again and again."""
    short = sorted(texts, key=len)[: len(texts) // 4]
    whole = " ".join(texts)
    long = [whole[start : start + 800] for start in range(0, 999 * 50, 50)] + [(whole * 9)[:100_000]]
    plan = {"loop": "open", "rate": rate, "connections": 16, "seconds": seconds, "patience": 10.0, "seed": 0}
    with awake(server):
        alone = load(server, short, **plan)
        with generator(server, [long], loop="closed", connections=1, warm=0.0, seconds=seconds + 3) as other:
            time.sleep(1.0)  # a load is measured, not a condition: the long requests must fill the server first
            beside = load(server, short, **plan)
            other.terminate()
            other.communicate()
    return {"short_p99_alone": alone["p99"], "short_p99_beside_long": beside["p99"], "rate": round(rate, 1)}


def label(answer: Any) -> str:
    """The label in an answer, whatever its shape."""
    if isinstance(answer, list):
        first = answer[0] if isinstance(answer[0], dict) else answer[0][0]
        return str(first["label"])
    return str(answer["label"] if "label" in answer else answer["data"][0]["label"])


def agreement(ours: Server, peer: Server, texts: Sequence[str]) -> float:
    """The share of texts with the same label."""
    told = []
    for server in (ours, peer):
        with awake(server):
            told.append([label(server.ask(text)) for text in texts])
    return sum(one == other for one, other in zip(*told, strict=True)) / len(texts)


def median(rounds: Sequence[Mapping[str, Any]], name: str, figure: str) -> float:
    """Of the rounds."""
    return round(statistics.median(one[name][figure] for one in rounds), 1)


def quotients(rounds: Sequence[Mapping[str, Any]], name: str, peer: str) -> list[float]:
    """Requests a second against a peer's, of each round."""
    return [round(one[name]["per_s"] / max(one[peer]["per_s"], 0.1), 3) for one in rounds]


def main(project: Path, *, quick: bool) -> None:
    """Start all, let them work in turn."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["text"].strip()][:1000]
    seconds, rounds, steps = (4.0, 1, 3) if quick else (8.0, 3, 5)
    with ExitStack() as stack:
        shelf = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [stack.enter_context(running(name, project, shelf)) for name in ("argosy", "argosy-sold", *PEERS)]
        closed = closed_loop(servers, texts, seconds, rounds)
        clients = many_clients(servers[:2], texts, LOAD * median(closed, "argosy-sold", "per_s"), 2 * seconds)
        ratios = {
            peer: round(statistics.median(quotients(closed, "argosy", peer)), 2) for peer in ("argosy-sold", *PEERS)
        }
        speeds = {server.name: median(closed, server.name, "per_s") for server in servers}
        rates = {
            server.name: highest_rate(server, texts, 1.1 * speeds[server.name], seconds, steps) for server in servers
        }
        blocking = head_of_line(servers[0], texts, 0.25 * speeds["argosy"], 1.5 * seconds)
        same = agreement(servers[0], servers[2], texts[:200])
    tell(
        "serving",
        {
            "ratio": ratios["litserve"],
            "pipeline_ratio": ratios["pipeline"],
            "same_engine_ratio": ratios["litserve-onnx"],
            "sold_pipeline_ratio": round(statistics.median(quotients(closed, "argosy-sold", "pipeline")), 2),
            "rounds": {peer: quotients(closed, "argosy", peer) for peer in ("argosy-sold", *PEERS)},
            "sold_share": round(1 / ratios["argosy-sold"], 2),
            "sold_adds_ms": {
                rank: round(statistics.median(one["argosy-sold"][rank] - one["argosy"][rank] for one in closed), 1)
                for rank in ("p50", "p99")
            },
            "many_clients": clients,
            "peers": PEERS,
            "per_s": speeds,
            "p50_ms": {server.name: median(closed, server.name, "p50") for server in servers},
            "p99_ms": {server.name: median(closed, server.name, "p99") for server in servers},
            "failed": sum(one[server.name]["failed"] for one in closed for server in servers),
            "open_loop": {"bound_ms": BOUND_MS, "per_s": rates},
            "head_of_line": blocking,
            "agreement_with_peer": same,
        },
        packages=("fastapi", "uvicorn", "litserve", "onnxruntime", "torch", "transformers"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, quick=chosen.quick)
