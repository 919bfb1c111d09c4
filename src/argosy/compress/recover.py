"""Lets a smaller model win back what it lost: it learns what the larger one says of every text (Hinton et al. 2015)."""

from collections.abc import Sequence
from pathlib import Path

from argosy.compress.layers import settings
from argosy.compress.material import Material, Tell
from argosy.infer.session import cores
from argosy.infer.tokens import Tokenizer
from argosy.train.fit import Watch, fit
from argosy.train.objectives.classify import Classify
from argosy.train.objectives.distil import Distil, Row
from argosy.train.recipe import Recipe

MINUTES = 3.0
_EPOCHS = (2, 10)  # at least, for the labels to sink in; at most, since more gave nothing
_BATCH = 16
_RATE = 1e-4
_TRAINED = {True: 50e9, False: 25e9}  # operations a second that a core trains at, with bf16 products and without


def recover(
    model: Path, material: Material, out: Path, tell: Tell, *, minutes: float = MINUTES, epochs: int = 0
) -> None:
    """Train the classifier in ``model`` on what ``material`` teaches, and write it to ``out``.

    ``epochs`` 0 are as many as ``minutes`` should allow, by the operations they take and not by the clock, so that the
    same call gives the same weights on the same machine. Texts without a label are learnt from the teacher alone.
    """
    learnt = _taught(material, material.train)
    learnt += _taught(material, [(text, None) for text in dict.fromkeys(material.unlabelled)])
    held = _taught(material, material.validation)
    recipe = Recipe(
        epochs=epochs or affordable(model, material, [row[0] for row in learnt], minutes=minutes),
        batch_size=_BATCH,
        learning_rate=_RATE,
        max_length=material.max_length,
        seed=material.seed,
        bf16=material.bf16,
    )
    aim = Distil(inner=Classify(labels=tuple(material.labels)))
    fit(aim, model, {"train": learnt, "validation": held}, out, recipe, Watch(tell=tell))


def affordable(model: Path, material: Material, texts: Sequence[str], *, minutes: float) -> int:
    """How many times ``minutes`` should let the classifier read ``texts``."""
    read = Tokenizer.load(model, max_length=material.max_length).encode(texts)
    seconds = sum(map(len, read)) * _operations(model) / (_TRAINED[material.bf16] * cores())
    least, most = _EPOCHS
    return min(max(round(60 * minutes / seconds), least), most)


def _operations(model: Path) -> float:
    """That the training takes for one token: two a weight forwards, four backwards.

    Of the last layer only keys and values are computed for every token.
    """
    config = settings(model)
    width = config.get("hidden_size") or config["dim"]
    inner = config.get("intermediate_size") or config["hidden_dim"]
    layers = config.get("num_hidden_layers") or config["n_layers"]
    return float(6 * ((layers - 1) * (4 * width**2 + 2 * width * inner) + 2 * width**2))


def _taught(material: Material, rows: Sequence[tuple[str, str | None]]) -> list[Row]:
    """The rows with the teacher's logits."""
    if not rows:
        return []
    said = material.teach([text for text, _ in rows])
    return [(text, label, logits) for (text, label), logits in zip(rows, said, strict=True)]
