"""The same answers from raw text in torch, ONNX Runtime, 8 bits and over HTTP, on 10,000 texts of every kind.

    make demo
    python -m benchmarks.inference.parity [--quick] [MODEL]

MODEL is a built project (examples/reviews by default). The texts are its rows and some that were made to go wrong:
empty ones, spaces, single characters, emoji, mixed scripts, control characters, halves of surrogate pairs, 100,000
characters, repetitions, and every number of words up to the length that is read. They are asked some hundred at a time,
so memory stays bounded; torch takes minutes.
"""

import csv
import itertools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.evaluate.intervals import wilson
from argosy.evaluate.parity import TOLERANCE, company, compare_logits
from argosy.infer.answers import softmax
from argosy.infer.folder import describe
from argosy.infer.load import FP32, TORCH, load
from argosy.project.selling import aside
from argosy.stages.classify import over_http

_PART = 250  # texts at a time
_SEED = 7
_HALF = re.compile("[\ud800-\udfff]")
_HTTP = 1e-3  # a probability may differ by so much
_LONGEST = 100_000  # characters
_SCRIPTS = (
    *("good", "很好", "とても", "хорошо", "جيد", "좋아요", "🙂", "𠮷"),
    *("ﬁne", "é", "e\u0301", "10％", "０", "\u200b"),
)

Floats = NDArray[np.float32]


def main(project: Path, *, count: int) -> None:
    """Ask every engine all texts, part by part, and compare."""
    folder = (project / "model").resolve()
    model = describe(folder)
    texts = gathered(project, count)
    torch, fp32, served = (load(folder, name) for name in (TORCH, FP32, model.served))
    logits = {engine.name: asked(engine.name, engine.logits, texts) for engine in (torch, fp32, served)}
    gate = compare_logits(texts, logits[TORCH], logits[FP32], gate="torch = onnx-fp32", tolerance=TOLERANCE)
    note("company")
    beside = company(served.logits, texts, gate=model.served, seed=_SEED)
    shares = softmax(logits[model.served], model.calibrations[model.served].temperature)
    with aside.serving(folder) as address:
        said = asked("http", lambda part: over_probabilities(address, model.labels, part), texts)
    answered = ~np.isnan(said[:, 0])
    same = ~answered | (np.abs(said - shares).max(axis=1) <= _HTTP)
    made = len(odd_texts(model.max_length))
    kept = same_labels(logits[model.served], logits[FP32])
    tell(
        "parity",
        {
            "ratio": float(np.mean(kept)),
            "texts": len(texts),
            "kinds": {"rows": len(texts) - made, "made": made},
            "torch_onnx_gap": gate.gap,
            "excepted": len(gate.excepted),
            "int8_agreement": asdict(wilson(int(kept.sum()), len(texts))),
            "int8_agreement_rows": asdict(wilson(int(kept[made:].sum()), len(texts) - made)),
            "int8_agreement_made": asdict(wilson(int(kept[:made].sum()), made)),
            "http_agreement": float(np.mean(same[answered])),
            "http_refused": int(np.sum(~answered)),
            "flips_in_company": len(beside.failed),
            "gap_in_company": beside.gap,
            "failed": len(gate.failed) + len(beside.failed) + int(np.sum(~same)),
            "shown": [repr(odd.text[:60]) for odd in (*gate.failed, *beside.failed)][:10],
        },
        packages=("torch", "onnxruntime", "tokenizers", "fastapi"),
    )


def gathered(project: Path, count: int) -> list[str]:
    """``count`` texts: those made to go wrong, and rows, repeated in another case where there are too few."""
    model = describe((project / "model").resolve())
    known = [text for name in ("test.csv", "train.csv") for text in rows(project / name)]
    made = odd_texts(model.max_length)
    plenty = itertools.chain(known, map(str.upper, known), map(str.title, known), itertools.cycle(made))
    return [*made, *itertools.islice(plenty, max(0, count - len(made)))]


def rows(file: Path) -> list[str]:
    """The texts of a table."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines)]


def odd_texts(longest: int) -> list[str]:
    """Texts that have broken tokenizers, padding or servers."""
    draw = random.Random(_SEED)
    mixed = ["".join(draw.choices(_SCRIPTS, k=draw.randint(2, 40))) for _ in range(100)]
    spaced = [" ".join(draw.choices(_SCRIPTS, k=draw.randint(2, 40))) for _ in range(100)]
    codes = [chr(code) for code in itertools.chain(range(0x180), range(0x4E00, 0x4E40), range(0x1F600, 0x1F640))]
    halves = ["\ud800", "\udfff", "good \ud83d day", "很\udc00好", "\udc00\ud800"]
    long = [unit * (_LONGEST // len(unit)) for unit in ("a", "好", "very good ", "很好。", "🙂", "\n", "x\u0301")]
    blanks = ["", " ", "  ", "\t", "\n\n", "\u3000", "\u00a0", "\u200b", "\ufeff", "\x00", "\x1b[0m", "a\x00b", "\r"]
    lengths = [" ".join(["good"] * words) for words in range(1, longest + 9)]
    chinese = ["好" * words for words in range(1, longest + 9)]
    return [*blanks, *codes, *halves, *mixed, *spaced, *long, *lengths, *chinese, *["the same text"] * 50]


def asked(name: str, engine: Callable[[Sequence[str]], NDArray[Any]], texts: Sequence[str]) -> NDArray[Any]:
    """The engine's answers, a part of the texts at a time."""
    found = []
    for start in range(0, len(texts), _PART):
        found.append(engine(texts[start : start + _PART]))
        if start % (10 * _PART) == 0:
            note(f"{name}: {start}")
    return np.concatenate(found)


def over_probabilities(address: str, labels: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """What the server answers [texts, labels]; no number for what it refuses, blank texts and halves of pairs."""
    found = np.full((len(texts), len(labels)), np.nan)
    places = [place for place, text in enumerate(texts) if text.strip() and not _HALF.search(text)]
    answers = over_http.classify(address, [texts[place] for place in places])
    for place, answer in zip(places, answers, strict=True):
        found[place] = [answer["probabilities"][label] for label in labels]
    return found


def same_labels(one: Floats, other: Floats) -> NDArray[np.bool_]:
    """Where both give the same label."""
    return np.asarray(one.argmax(axis=1) == other.argmax(axis=1))


if __name__ == "__main__":
    chosen = arguments(__doc__, project=True)
    main(chosen.project, count=1_200 if chosen.quick else 10_000)
