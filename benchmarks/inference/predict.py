"""``argosy predict`` on a file against the engine asked for the whole list in memory, in turn; and its memory.

    make demo
    python -m benchmarks.inference.predict [--quick] [MODEL]

MODEL is a built project (examples/reviews by default); the file holds its test rows again and again, each with a
number behind it. The ratio is the median of the rounds' ratios of texts a second, reading and writing the file
included. Memory is the peak of a process of its own that labels 10,000 and then 100,000 rows by the linear engine.
"""

import csv
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from benchmarks.measuring import arguments, note, tell

import argosy
from argosy.project.using.labelling import label_file

_MEMORY = """
import sys
from pathlib import Path
from argosy.project.using.labelling import label_file
class Nobody:
    def look(self): pass
    def begin(self, rows, characters, standing, changed): pass
    def advance(self, characters): pass
label_file(Path(sys.argv[1]), Path(sys.argv[2]), "text", Path(sys.argv[3]), Nobody(), "linear")
words = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(int(words["VmHWM"].split()[0]) * 1024 / 1e6)
"""


class Nobody:
    """Listens to nothing."""

    def look(self) -> None:
        """Nothing."""

    def begin(self, rows: int, characters: int, standing: int, changed: str | None) -> None:
        """Nothing."""

    def advance(self, characters: int) -> None:
        """Nothing."""


def write(path: Path, texts: list[str], rows: int) -> list[str]:
    """A table of so many rows."""
    drawn = [f"{texts[number % len(texts)]} {number}" for number in range(rows)]
    pl.DataFrame({"id": range(rows), "text": drawn}).write_csv(path)
    return drawn


def peak(project: Path, source: Path, target: Path) -> float:
    """Megabytes (10⁶ bytes) that a process held at most while it labelled a file."""
    ran = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(project), str(source), str(target)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ran.stdout)


def main(project: Path, *, rounds: int, rows: int, many: int) -> None:
    """Warm up, alternate, then look at memory."""
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    model = argosy.load(project)
    ratios, speeds = [], []
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place) / "texts.csv", Path(place) / "labelled.csv"
        drawn = write(source, texts, rows)
        model.classify(drawn[:64])
        for number in range(rounds):
            start = time.perf_counter()
            known = model.classify(drawn)
            memory = rows / (time.perf_counter() - start)
            ours = label_file(project, source, "text", target, Nobody()).texts_per_s
            ratios.append(ours / memory)
            speeds.append((ours, memory))
            note(f"round {number + 1}: {ours:.0f} and {memory:.0f} texts/s, {ratios[-1]:.3f}")
        found = pl.read_csv(target, infer_schema=False)["predicted_label"].to_list()
        same = sum(one.label == label for one, label in zip(known, found, strict=True)) / rows
        peaks = []
        for count in (many // 10, many):
            write(source, texts, count)
            peaks.append(peak(project, source, target))
            note(f"{count} rows: {peaks[-1]:.0f} MB")
    tell(
        "predict",
        {
            "ratio": round(statistics.median(ratios), 3),
            "engine": model.engine.name,
            "texts_per_s": round(statistics.median(speed for speed, _ in speeds), 1),
            "peer_texts_per_s": round(statistics.median(speed for _, speed in speeds), 1),
            "agreement": same,
            "rows": rows,
            "peak_mb": {str(many // 10): round(peaks[0], 1), str(many): round(peaks[1], 1)},
        },
        packages=("onnxruntime", "tokenizers", "polars"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    if chosen.quick:
        main(chosen.project, rounds=1, rows=2_000, many=20_000)
    else:
        main(chosen.project, rounds=3, rows=8_000, many=100_000)
