"""Rows whose label is probably wrong, by confident learning (Northcutt, Jiang and Chuang 2021, JAIR 70).

A model that has not seen a row says how likely each label is. A row belongs to label j with confidence when its
probability of j reaches the mean that the rows labelled j have themselves. Counting the rows by given and by confident
label estimates how many labels are wrong and which way; that many rows of the largest margin are the suspects. All rows
are ranked by what the same estimate says of their own label.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from argosy.core.records import Dropped, Example

FEWEST = 5  # rows of a label from which its own mean says something; rarer labels neither accuse nor are accused
REASON = "suspect_label"
_HALF = 0.5  # of a row in every cell of the estimate: no mistake is impossible

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A row by number, the label it was given, the one that the model suggests, and the ``quality`` (0 is worst)."""

    row: int
    given: str
    suggested: str
    score: float


def quality(probabilities: Floats, given: Integers) -> Floats:
    """How likely each given label is the true one [rows], 0 to 1, smaller is more suspicious.

    Bayes' rule: the model's probability of a true label, times the share of the rows of that label that the noise
    estimate says are given the label at hand. So the usual mistakes (always this label for that one) weigh more than
    those nobody makes. ``probabilities`` [rows, labels] are those of models that did not see the row.
    """
    estimate = noise(probabilities, given) + _HALF
    mistakes = estimate / estimate.sum(axis=0)  # [given, true]
    weighed = probabilities * mistakes[given]
    return np.asarray(weighed[np.arange(len(given)), given] / weighed.sum(axis=1))


def confident_joint(probabilities: Floats, given: Integers) -> Integers:
    """Rows by given and by confident label [labels, labels]; rows that no label is confident of are in no cell."""
    labels = probabilities.shape[1]
    own = np.bincount(given, minlength=labels)
    means = np.bincount(given, weights=probabilities[np.arange(len(given)), given], minlength=labels)
    bars = np.where(own >= FEWEST, means / np.maximum(own, 1), np.inf)
    confident = np.where(probabilities >= bars - 1e-9, probabilities, -np.inf)
    counted = np.isfinite(confident).any(axis=1)
    joint = np.zeros((labels, labels), dtype=np.int64)
    np.add.at(joint, (given[counted], confident[counted].argmax(axis=1)), 1)
    return joint


def noise(probabilities: Floats, given: Integers) -> Floats:
    """The estimated rows by given and by true label [labels, labels]; each line adds up to the label's rows.

    Nothing is estimated of a label with fewer than FEWEST rows: they count as right.
    """
    joint = confident_joint(probabilities, given).astype(np.float64)
    own = np.bincount(given, minlength=len(joint))
    unknown = np.flatnonzero((joint.sum(axis=1) == 0) | (own < FEWEST))
    joint[unknown] = np.eye(len(joint))[unknown]
    return np.asarray(joint / joint.sum(axis=1, keepdims=True) * own[:, None])


def suspects(probabilities: Floats, given: Integers, labels: Sequence[str]) -> list[Suspect]:
    """As many rows as the noise estimate holds for each pair of labels, the most suspicious first.

    Of the rows given i, those with the largest probability of j less that of i are taken for the pair (i, j); a row
    whose likeliest label is the given one is never taken, nor is one of a label of fewer than FEWEST rows. No label
    loses more than half of its rows: where most labels were wrong, nothing could be learnt from them.
    """
    estimate = np.rint(noise(probabilities, given)).astype(np.int64)
    likeliest = probabilities.argmax(axis=1)
    scores = quality(probabilities, given)
    found: list[int] = []
    for i in range(len(labels)):
        rows = np.flatnonzero(given == i)
        own: set[int] = set()
        for j in np.flatnonzero(estimate[i]):
            margins = probabilities[rows, j] - probabilities[rows, i]
            own.update(rows[np.argsort(-margins, kind="stable")[: estimate[i, j]]].tolist() if i != j else ())
        found += sorted((row for row in own if likeliest[row] != i), key=scores.__getitem__)[: len(rows) // 2]
    return [
        Suspect(row=row, given=labels[given[row]], suggested=labels[likeliest[row]], score=float(scores[row]))
        for row in sorted(found, key=lambda row: (scores[row], row))
    ]


def drop(examples: Iterable[Example], suspects: Iterable[Suspect]) -> Iterator[Example | Dropped]:
    """The examples, the suspects among them dropped as ``suspect_label``; suspects count from 0."""
    rows = {suspect.row for suspect in suspects}
    for number, example in enumerate(examples):
        yield Dropped(example=example, reason=REASON) if number in rows else example


def relabel(examples: Iterable[Example], suspects: Iterable[Suspect]) -> Iterator[Example]:
    """The examples, each suspect under the suggested label; ``meta["given_label"]`` keeps what it was given."""
    suggested = {suspect.row: suspect.suggested for suspect in suspects}
    for number, example in enumerate(examples):
        if number in suggested:
            meta = {**example.meta, "given_label": example.label}
            yield replace(example, label=suggested[number], meta=meta)
        else:
            yield example


def review(examples: Sequence[Example], suspects: Iterable[Suspect]) -> list[dict[str, object]]:
    """The rows of a file for people, the most suspicious first: id, given, suggested, score, text."""
    return [
        {
            "id": examples[suspect.row].id,
            "given": suspect.given,
            "suggested": suspect.suggested,
            "score": round(suspect.score, 4),
            "text": examples[suspect.row].text,
        }
        for suspect in suspects
    ]
