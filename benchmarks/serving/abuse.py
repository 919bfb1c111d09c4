"""What good clients feel while others abuse the service: latency and answers beside each kind of attack.

    make demo
    python -m benchmarks.serving.abuse [--quick] [PROJECT]

A sold service (keys, limits and the meter at work) answers good clients who come by chance at a fixed rate, alone and
beside one attacker at a time; both are processes of their own on the same cores as the server, so that the attacker's
own work slows the good ones too. Before and after each attack the service must be alive, and none of its answers may be
a 500.
"""

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import arguments, note, tell
from benchmarks.serving.abuse_attacks import ATTACKS, RATE
from benchmarks.serving.sold import DIRECT, Sold, sold

HERE = Path(__file__).parent


@contextmanager
def attacked(server: Sold, name: str) -> Iterator[dict[str, int]]:
    """The attack at work in a process of its own; what it saw is told at the end."""
    seen: dict[str, int] = {}
    plan = json.dumps({"attack": name, "port": server.port, "key": server.key})
    with subprocess.Popen(
        [sys.executable, HERE / "abuse_attacks.py", plan], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout:
            process.stdout.readline()  # it has begun
        yield seen
        said, _ = process.communicate()
    seen.update(json.loads(said.splitlines()[-1]))


def good(server: Sold, texts: list[str], seconds: float) -> dict[str, float]:
    """What good clients get."""
    plan = {"loop": "open", "rate": RATE, "connections": 16, "seconds": seconds, "patience": 10.0, "seed": 1}
    plan |= {"host": "127.0.0.1", "port": server.port, "path": "/v1/classify", "inputs": texts, "key": server.key}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        json.dump(plan, told)
        told.seek(0)
        done = subprocess.run(
            [sys.executable, "-m", "argosy.project.using.arrivals"],
            stdin=told,
            capture_output=True,
            text=True,
            check=True,
        )
    found = json.loads(done.stdout)
    times = sorted(found["ms"])
    ranks = {f"p{rank}_ms": round(times[min(len(times) * rank // 100, len(times) - 1)], 1) for rank in (50, 99)}
    return {"per_s": round(len(times) / seconds, 1), "failed": found["failed"], **ranks}


def alive(server: Sold) -> bool:
    """Whether the server lives."""
    with DIRECT.open(f"http://127.0.0.1:{server.port}/healthz", timeout=10) as told:
        return bool(told.status == 200)  # noqa: PLR2004 - HTTP's OK


def main(project: Path, *, quick: bool) -> None:
    """Every attack in turn."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file) if row["text"].strip()][:500]
    seconds = 4.0 if quick else 15.0
    with sold(project) as server:
        good(server, texts, 2.0)
        alone = good(server, texts, seconds)
        note(f"alone: {alone}")
        told = {}
        for name in ATTACKS:
            with attacked(server, name) as seen:
                beside = good(server, texts, seconds)
            told[name] = {**beside, "attacker": seen, "alive": alive(server)}
            note(f"{name}: {told[name]}")
        after = good(server, texts, seconds)
        log = (server.folder / "serve.log").read_text(encoding="utf-8")
    tell(
        "abuse",
        {
            "ratio": round(max(one["p99_ms"] for one in told.values()) / alone["p99_ms"], 2),
            "good_per_s": RATE,
            "alone": alone,
            "after": after,
            "attacks": told,
            "failed": sum(int(one["failed"]) for one in told.values()),
            "internal_errors": log.count('"status": 500'),
            "alive": all(one["alive"] for one in told.values()),
        },
        packages=("fastapi", "uvicorn", "onnxruntime"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, quick=chosen.quick)
