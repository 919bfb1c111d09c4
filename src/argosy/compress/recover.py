"""Lets a smaller model win back what it lost: it learns what the larger one says of every text (Hinton et al. 2015)."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy.compress.layers import depth, settings
from argosy.compress.material import LEARNT, Material, Tell
from argosy.infer.session import cores
from argosy.infer.tokens import Tokenizer
from argosy.train.fit import Watch, fit
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.distil import Distil, Row
from argosy.train.recipe import Recipe

MINUTES = 3.0
_EPOCHS = (2, 10)  # at least, for what layers lack to be learnt; at most, since more gave nothing
_STEPS = 300  # at most, where rows are so few that this is more
_BATCH = 32
_RATES = (1e-4, 1e-3)  # of many layers, and of one alone: in between as many times less as there are layers


def recover(
    model: Path, material: Material, out: Path, tell: Tell, *, minutes: float = MINUTES, epochs: int = 0
) -> None:
    """Train the classifier in ``model`` on what ``material`` teaches, and write it to ``out``.

    ``epochs`` 0 are as many as ``minutes`` should allow, by the operations they take and not by the clock, so that the
    same call gives the same weights on the same machine. Texts without a label are learnt from the teacher alone.
    """
    rows = [*material.train, *((text, None) for text in dict.fromkeys(material.unlabelled))]
    learnt, held = _taught(material, rows), _taught(material, material.validation)
    recipe = Recipe(
        epochs=epochs or affordable(model, material, [text for text, _ in rows], minutes=minutes),
        batch_size=_BATCH,
        learning_rate=max(_RATES[0], _RATES[1] / depth(model)),
        max_length=material.max_length,
        seed=material.seed,
        bf16=material.bf16,
    )
    aim = Distil(inner=Classify(labels=tuple(material.labels)))
    fit(aim, model, {"train": learnt, "validation": held}, out, recipe, Watch(score=_accuracy, tell=tell))


def affordable(model: Path, material: Material, texts: Sequence[str], *, minutes: float) -> int:
    """How many times ``minutes`` should let the classifier read ``texts``."""
    read = Tokenizer.load(model, max_length=material.max_length).encode(texts)
    seconds = sum(map(len, read)) * _operations(model) / (LEARNT[material.bf16] * cores())
    least, most = _EPOCHS
    return min(max(round(60 * minutes / seconds), least), max(most, math.ceil(_STEPS * _BATCH / len(texts))))


def _accuracy(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> float:
    """What the epoch is chosen by: the loss already rises while a student still gets more answers right."""
    return float(np.mean(probabilities.argmax(axis=1) == truth))


def _operations(model: Path) -> float:
    """That the training takes for one token: two a weight forwards, four backwards.

    Of the last layer only keys and values are computed for every token.
    """
    config = settings(model)
    width = config.get("hidden_size") or config["dim"]
    inner = config.get("intermediate_size") or config["hidden_dim"]
    return float(6 * ((depth(model) - 1) * (4 * width**2 + 2 * width * inner) + 2 * width**2))


def _taught(material: Material, rows: Sequence[tuple[str, str | None]]) -> list[Row]:
    """The rows with the teacher's logits."""
    if not rows:
        return []
    said = material.teach([text for text, _ in rows])
    return [(text, label, logits) for (text, label), logits in zip(rows, said, strict=True)]
