"""Labels from raw text: the served engine against the transformers pipeline on the same model and texts, in turn.

    make demo
    python -m benchmarks.inference.inference [--quick] [PROJECT]

PROJECT is a built project (examples/reviews by default); the texts are its test rows. The pipeline is called text by
text, as its users call it, in fp32. First both get all texts (the engine in one call, since it makes its batches
itself), then both get each text alone, by turns. A ratio is the median of the rounds' ratios.
"""

import csv
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from benchmarks.measuring import arguments, note, tell
from transformers import pipeline
from transformers.utils import logging

import argosy

Answer = Callable[[Sequence[str]], list[str]]


BLOCK, WARM = 100, 50  # texts


def timed(answer: Answer, texts: Sequence[str]) -> tuple[list[str], float]:
    """The labels, and the seconds they took."""
    start = time.perf_counter()
    labels = answer(texts)
    return labels, time.perf_counter() - start


def alone(ours: Answer, theirs: Answer, texts: Sequence[str]) -> dict[str, float]:
    """Each text for itself: latencies in milliseconds, and the median of the texts' ratios.

    They take turns by the hundred, after some texts that do not count: torch's threads spin on for a while.
    """
    spent = np.empty((len(texts), 2))
    for start in range(0, len(texts), BLOCK):
        for column, answer in enumerate((ours, theirs)):
            for text in texts[:WARM]:
                answer([text])
            spent[start : start + BLOCK, column] = [timed(answer, [text])[1] for text in texts[start : start + BLOCK]]
    p50, p99 = 1000 * np.quantile(spent, 0.5, axis=0), 1000 * np.quantile(spent, 0.99, axis=0)
    return {
        "single_ratio": round(float(np.median(spent[:, 1] / spent[:, 0])), 2),
        "p50_ms": round(float(p50[0]), 2),
        "p99_ms": round(float(p99[0]), 2),
        "peer_p50_ms": round(float(p50[1]), 2),
        "peer_p99_ms": round(float(p99[1]), 2),
    }


def main(project: Path, *, rounds: int, count: int, singles: int) -> None:
    """Warm both up, then alternate."""
    logging.disable_progress_bar()
    with (project / "test.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["text"] for row in csv.DictReader(file)][:count]
    model = argosy.load(project)
    exact = argosy.load(project, "onnx-fp32")
    peer = pipeline("text-classification", str(project / "model"), truncation=True, max_length=128)
    one_by_one = lambda given: [peer(text)[0]["label"] for text in given]  # noqa: E731 - the peer's whole code
    timed(model.predict, texts[:64]), timed(one_by_one, texts[:64])
    ratios, speeds = [], []
    for number in range(rounds):
        ours, seconds = timed(model.predict, texts)
        theirs, peer_seconds = timed(one_by_one, texts)
        ratios.append(peer_seconds / seconds)
        speeds.append((len(texts) / seconds, len(texts) / peer_seconds))
        note(f"round {number + 1}: {speeds[-1][0]:.0f} and {speeds[-1][1]:.0f} texts/s, {ratios[-1]:.1f} x")
    single = alone(model.predict, one_by_one, texts[:singles])
    same = sum(a == b for a, b in zip(ours, exact.predict(texts), strict=True)) / len(texts)
    with_peer = sum(a == b for a, b in zip(ours, theirs, strict=True)) / len(texts)
    tell(
        "inference",
        {
            "ratio": round(statistics.median(ratios), 2),
            "engine": model.engine.name,
            "texts_per_s": round(statistics.median(speed for speed, _ in speeds), 1),
            "peer_texts_per_s": round(statistics.median(speed for _, speed in speeds), 1),
            **single,
            "agreement": same,
            "agreement_with_peer": with_peer,
            "texts": len(texts),
            "rounds": [round(ratio, 2) for ratio in ratios],
        },
        packages=("torch", "transformers", "onnxruntime", "tokenizers"),
    )


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    quick = chosen.quick
    main(chosen.project, rounds=1 if quick else 3, count=200 if quick else 1000, singles=50 if quick else 500)
