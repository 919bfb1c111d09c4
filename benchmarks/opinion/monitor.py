"""A monitor over real texts, whole: how right it is in each language, how many texts a second, how soon on the page.

    python -m benchmarks.opinion.monitor [--place FOLDER] [--quick]

The project of ``project.py`` is built in FOLDER (kept, so that a run that was stopped goes on). Its posts are then
taken in from two files by one process, in event time, as `argosy serve` does it: language, personal data, sketch,
sentiment by the served model, topic, entities, story, Parquet and counts. Last, `argosy serve` runs as a process of
its own, 50 texts a second are sent to its webhook, and the page of what is said is asked for by a browser's way, each
second: a text is there when the page counts it. ``--quick`` trains nothing but words and sends for ten seconds.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.opinion import project

from argosy.config import file
from argosy.config.places import OPINIONS
from argosy.project.building import build as building
from argosy.project.opining.live import opined_of
from argosy.project.selling.shop import Shop

PORT = 8793
RATE, SECONDS = 50, 60
_EACH = 1.0  # s between two looks of a page
_TEXTS = re.compile(r"([\d,]+) texts with reposts")


def main() -> None:
    """Build, take in, serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--place", type=Path)
    parser.add_argument("--quick", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        folder = (told.place or Path(aside) / "monitor").resolve()
        if told.quick:
            project.write(folder, labelled=400, test=200, posts=1000, base="scratch")
        else:
            project.write(folder)
        building.build(file.load(folder), folder, _news)
        record = building.results(folder)
        intake = _intake(folder)
        note(json.dumps(intake))
        figures = {
            "quick": told.quick,
            "sentiment": _sentiment(record),
            "served": record["choice"] | {"engine_facts": record["engines"]},
            "intake": intake,
            "page": _page(folder, seconds=10 if told.quick else SECONDS),
        }
    tell("monitor", figures, packages=("torch", "transformers", "onnxruntime", "duckdb", "polars"))


def _news(news: Any) -> None:
    if news.seconds and not news.hit:
        note(f"{news.stage} {news.seconds:.0f} s")


def _sentiment(results: dict[str, Any]) -> dict[str, Any]:
    """By language: accuracy and macro F1 of what serves, of the tuned model, of TF-IDF, with intervals."""
    served = results["choice"]["served"]
    found = {}
    for language, part in results["slices"].items():
        rungs = {"tfidf": part["baselines"]["linear"], "student": part["metrics"], "tuned": part["model"]}
        rungs["served"] = part["baselines"].get(served, part["metrics"])
        found[language] = {"rows": part["rows"], **rungs, **results["opinion"]["sentiment"][language]}
    return found


def _intake(folder: Path) -> dict[str, Any]:
    """Texts a second from two files, read at the same time, into counts, by one process."""
    home = Shop(project=file.load(folder), folder=folder)
    shutil.rmtree(folder / OPINIONS, ignore_errors=True)  # of a run before
    for store in (folder / ".argosy").glob("store.db*"):
        store.unlink()
    with opined_of(home, (folder / "model").resolve()) as live:
        began = time.perf_counter()
        with live.listening():
            while live.looking.behind():
                time.sleep(0.05)  # until all that waits was read
            seconds = time.perf_counter() - began
        heard = live.log.heard(0, live.clock())
        new = sum(one.published for one in heard)
        look = time.perf_counter()
        live.looking.look(live.clock(), since=live.clock())
        return {"new": new, "seconds": seconds, "per_second": new / seconds, "look_s": time.perf_counter() - look}


def _page(folder: Path, *, seconds: int) -> dict[str, Any]:
    """Seconds from the arrival of a text at the webhook until the page counts it."""
    lines = (folder / "live.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    with _served(folder) as (address, key, admin):
        browser = httpx.Client(base_url=address, timeout=30, follow_redirects=True)
        browser.post("/admin/sign-in?lang=en", data={"key": admin}).raise_for_status()
        browser.headers["cookie"] = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)  # as of a
        browser.cookies.clear()  # browser, to which this machine is as safe as HTTPS
        base = _counted(browser)
        sent: list[float] = []
        seen: list[tuple[float, int]] = []
        ended = threading.Event()
        looking = threading.Thread(target=_look, args=(browser, seen, ended))
        looking.start()
        _send(address, key, texts[: RATE * seconds], sent)
        time.sleep(5 * _EACH)  # for the last ones to appear
        ended.set()
        looking.join()
    waits = [_shown(at, number, base, seen) for number, at in enumerate(sent, 1)]
    known = [wait for wait in waits if wait is not None]
    if not known:
        message = "the page told of none of the texts"
        raise ValueError(message)
    return {
        "sent": len(sent),
        "rate": len(sent) / (sent[-1] - sent[0]),
        "missing": len(waits) - len(known),
        "p50_s": float(np.quantile(known, 0.5)),
        "p99_s": float(np.quantile(known, 0.99)),
    }


def _send(address: str, key: str, texts: list[str], sent: list[float]) -> None:
    """One text a request, evenly."""
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=30) as client:
        began = time.perf_counter()
        for number, text in enumerate(texts):
            pause = began + number / RATE - time.perf_counter()
            if pause > 0:
                time.sleep(pause)  # to keep the rate
            at = time.perf_counter()
            client.post("/v1/opinion/texts", json={"id": f"live-{number}", "text": text}).raise_for_status()
            sent.append(at)


def _look(browser: httpx.Client, seen: list[tuple[float, int]], ended: threading.Event) -> None:
    while not ended.is_set():
        texts = _counted(browser)
        seen.append((time.perf_counter(), texts))
        ended.wait(_EACH)


def _counted(browser: httpx.Client) -> int:
    """How many texts of the last day the page tells of."""
    page = browser.get("/admin/opinion?hours=24&lang=en").raise_for_status().text
    found = _TEXTS.search(page)
    return int(found[1].replace(",", "")) if found else 0  # where there is none the page has no figures


def _shown(at: float, number: int, base: int, seen: list[tuple[float, int]]) -> float | None:
    return next((when - at for when, texts in seen if texts >= base + number), None)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The service: its address, a key of a tenant, one of the admin side."""
    address = f"http://127.0.0.1:{PORT}"
    command = [sys.executable, "-m", "argosy", "serve", str(folder), "--port", str(PORT)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            key, said = "", server.stderr or ()
            for line in said:
                if found := re.search(r"first key\s+(\S+)", line):
                    key = found[1]
                    break
            threading.Thread(target=list, args=(said,), daemon=True).start()
            made = subprocess.run(
                [sys.executable, "-m", "argosy", "key", "create", "--role", "viewer", "--in", str(folder), "--json"],
                capture_output=True,
                text=True,
                check=True,
            )
            yield address, key, json.loads(made.stdout)["secret"]
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
