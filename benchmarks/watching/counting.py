"""What counting its own traffic costs a service that sells: requests a second and processor time, with it and without.

    python -m benchmarks.watching.counting [--quick]

Two services that differ in nothing else take turns, at short intervals, on the same cores; who waits is stopped. The
engine takes no time, so what is measured is the service alone and the cost is the largest share that it can be. 32 kept
connections ask again once they are answered, a text a request, of one tenant. Both start anew several times, since two
starts of one program differ by more than what is measured. A quotient is the median over the pairs of turns, with its
95 % interval by order statistics. Beside it: what the calls that count a request take by themselves.
"""

import json
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
from benchmarks.measuring import ROOT, arguments, note, program, tell
from benchmarks.serving.serving import CONNECTIONS, PLENTY, Server, awake, load
from prometheus_client import CollectorRegistry
from scipy.stats import binom

from argosy.config.schema import Project
from argosy.core.records import Prediction
from argosy.core.signals import SignalLog
from argosy.core.tenant import Tenant, Terms
from argosy.infer.batcher import Answered
from argosy.infer.recall import Answer
from argosy.project.selling.parts import open_selling
from argosy.project.selling.shop import Shop
from argosy.serve.running.edge import Visit
from argosy.serve.running.tracing import SILENT
from argosy.serve.watching.counting import Counting
from argosy.store.database import Database, sqlite_url
from argosy.store.upgrade import upgrade
from argosy.store.watching.signals import SqlSignals

NAMES = ("bare", "counted")
SEED = 8
TEXTS, WORDS = 500, 16
PROJECT = {
    "name": "counting",
    "languages": ["en"],
    "data": {"path": "rows.csv"},
    "base": {"model": "package:none"},
    "plans": {"load": {"prices": [{"unit": "texts", "per": 1000, "price": "2.00"}]}},
    "sell": {"plan": "load"},
}


def texts() -> list[str]:
    """Short texts of drawn words."""
    draw = random.Random(SEED)
    words = ["".join(draw.choices("aeioulnrst", k=draw.randint(2, 9))) for _ in range(2000)]
    return [" ".join(draw.choices(words, k=WORDS)) for _ in range(TEXTS)]


@contextmanager
def selling(name: str, folder: Path) -> Iterator[Server]:
    """A running service of that kind, at rest."""
    shop = Shop(project=Project.model_validate(PROJECT), folder=folder)
    with closing(open_selling(shop)) as parts:
        wish = Tenant(id="", name="load", plan="load", currency="CNY", limits=PLENTY)
        tenant = parts.books.accounts.create_tenant(wish, "load").result().id
        key = parts.books.accounts.create_key(tenant, Terms(scopes=frozenset({"classify"})), "load").result().secret
    kept = folder / "shop.json"
    shop.keep(kept)
    command = program("watching.counting_server", str(kept), name)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        port = int((process.stdout.readline() if process.stdout else "").rpartition(":")[2])
        server = Server(name=name, group=process.pid, seconds=0.0, port=port, path="/v1/classify", key=key)
        server.rest(on=True)
        try:
            yield server
        finally:
            server.rest(on=False)
            process.terminate()


def turn(server: Server, inputs: Sequence[str], seconds: float) -> dict[str, Any]:
    """Requests a second, how many failed, and the processor time of one in µs."""
    with awake(server):
        process = psutil.Process(server.group)
        before = process.cpu_times()
        told = load(server, inputs, loop="closed", connections=CONNECTIONS, warm=0.0, seconds=seconds)
        after = process.cpu_times()
    spent = after.user + after.system - before.user - before.system
    return {**told, "cpu_us": 1e6 * spent / max(told["per_s"] * seconds, 1)}


def against(pairs: Sequence[dict[str, dict[str, Any]]], figure: str) -> dict[str, float]:
    """The median quotient of a figure, counted against bare, with its 95 % interval."""
    found = sorted(pair["counted"][figure] / pair["bare"][figure] for pair in pairs)
    rank = max(0, int(binom.ppf(0.025, len(found), 0.5)) - 1)
    low, high = found[rank], found[len(found) - 1 - rank]
    return {"value": round(statistics.median(found), 4), "low": round(low, 4), "high": round(high, 4)}


def alone(requests: int) -> float:
    """The processor time in µs that counting one request takes until it is written: the least of five times."""
    said = Prediction(label="negative", probabilities={"negative": 0.7, "positive": 0.3})
    answered = Answered(answers=[Answer(prediction=said, tokens=90, truncated=False)])
    (text,) = texts()[:1]
    spent = []
    with tempfile.TemporaryDirectory() as folder, closing(Database(sqlite_url(Path(folder) / "a.db"))) as database:
        upgrade(database)
        for _ in range(5):
            counting = Counting(SqlSignals(database), CollectorRegistry())
            start = time.process_time()
            for number in range(requests):
                visit = Visit(
                    f"{number}", f"{number}", SILENT.start(""), tenant="load", model="mood", status=200, texts=1
                )
                counting.classified(visit, [text], answered)
                counting.request(visit, "/v1/classify", 0.0123, live=True)
            counting.start()
            counting.stop()
            spent.append(time.process_time() - start)
    return 1e6 * min(spent) / requests


def counted(log: SignalLog) -> int:
    """The requests that were counted."""
    return sum(one.counts.get("requests", 0) for one in log.between(0, 2**62))


def main(starts: int, turns: int, seconds: float) -> None:
    """Both anew, a few times; then in turns, now one first and now the other."""
    inputs, pairs = texts(), []
    seen = 0
    for start in range(starts):
        with ExitStack() as stack:
            folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in NAMES]
            with ExitStack() as running:
                servers = [running.enter_context(selling(*told)) for told in zip(NAMES, folders, strict=True)]
                for server in servers:
                    turn(server, inputs, seconds)
                for number in range(turns):
                    order = servers if number % 2 else servers[::-1]
                    pairs.append({server.name: turn(server, inputs, seconds) for server in order})
            note(f"start {start + 1}: {json.dumps(against(pairs[-turns:], 'per_s'))}")
            shop = Shop(project=Project.model_validate(PROJECT), folder=folders[1])
            with closing(open_selling(shop)) as parts:
                seen += counted(SqlSignals(parts.database))
    ratio, cpu = against(pairs, "per_s"), against(pairs, "cpu_us")
    tell(
        "counting",
        {
            "ratio": ratio,
            "cpu_ratio": cpu,
            "per_s": {name: round(statistics.median(pair[name]["per_s"] for pair in pairs), 1) for name in NAMES},
            "cpu_us": {name: round(statistics.median(pair[name]["cpu_us"] for pair in pairs), 1) for name in NAMES},
            "p99_ms": {name: round(statistics.median(pair[name]["p99"] for pair in pairs), 1) for name in NAMES},
            "us": round(alone(10_000), 2),
            "failed": sum(pair[name]["failed"] for pair in pairs for name in NAMES),
            "pairs": len(pairs),
            "counted": seen,
        },
        packages=("fastapi", "uvicorn"),
    )


if __name__ == "__main__":
    main(*((1, 8, 1.2) if arguments(__doc__).quick else (4, 16, 1.2)))
