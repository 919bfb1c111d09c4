"""Vectors near the centre of their label: the definition by hand, and what is learnt and stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

WORDS = {"one": "一", "two": "二", "red": "红", "blue": "蓝"}
ROWS = [
    (f"the {word} {noun}", en) for en, zh in WORDS.items() for word in (en, zh) for noun in ("film", "food", "book")
]


def test_the_loss_is_that_of_sharpened_cosines(tmp_path: Path) -> None:
    """By hand: a centre begins at the mean of its label's vectors, and lengths do not count."""
    from argosy.train.objectives.centre import Centre
    from argosy.train.objectives.feed import Fed
    from argosy.train.objectives.reader import Reader

    base = tiny_bases.write_encoder(tmp_path / "base", layers=2)
    reader = Reader.load(base, max_length=16)
    aim = Centre(sharpness=5.0).fitted(ROWS, reader, Recipe())
    model: Any = aim.open(base, 1).model.eval().requires_grad_(False)
    fed = Fed(aim=aim, items=aim.items(ROWS, reader, held_out=False), batch_size=4, pad=reader.pad, seed=1)
    batch = fed.batch((0, 7, 13, 20), 0)
    centres = model.centres.double().numpy()
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    from argosy.train.embed import Encoder

    picked = [ROWS[place] for place in (0, 7, 13, 20)]
    scores = 5.0 * Encoder(base, max_length=16).embed([text for text, _ in picked]) @ centres.T
    numbers = [aim.labels.index(label) for _, label in picked]
    expected = sum(np.log(np.exp(row).sum()) - row[number] for row, number in zip(scores, numbers, strict=True))
    assert float(aim.loss(model, batch)) == pytest.approx(expected, rel=1e-4)
    assert aim.labels == tuple(sorted(WORDS))


def test_labels_come_apart_and_an_encoder_is_stored(tmp_path: Path) -> None:
    """What was learnt serves without the centres, which the folder does not hold."""
    from argosy.train.embed import Encoder
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.centre import Centre

    base = tiny_bases.write_encoder(tmp_path / "base", layers=2, pooler=False)
    recipe = Recipe(epochs=8, batch_size=8, learning_rate=5e-3, max_length=16, frozen_embeddings=False, bf16=True)
    score = lambda truth, said: float(np.mean(said.argmax(axis=1) == truth))  # noqa: E731 - in a word
    outcome = fit(Centre(), base, {"train": ROWS, "validation": ROWS}, tmp_path / "out", recipe, Watch(score=score))
    assert outcome.history[outcome.best_epoch - 1][1] > 0.9
    assert b"centres" not in (tmp_path / "out" / "model.safetensors").read_bytes()
    found = Encoder(tmp_path / "out", max_length=16).embed([text for text, _ in ROWS])
    same = np.array([[one == other for _, other in ROWS] for _, one in ROWS])
    cosines = found @ found.T
    assert cosines[same].mean() > cosines[~same].mean() + 0.3
