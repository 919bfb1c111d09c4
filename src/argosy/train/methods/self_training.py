"""Self-training (Scudder 1965; Lee 2013): what a model is sure of in unlabelled texts becomes rows to learn from.

A function of probabilities alone: the threshold comes from validation rows (``evaluate.selective.threshold``), and
whether the rows are kept is decided by training with and without them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Unlabelled ``rows`` in their order, and the label number of each."""

    rows: tuple[int, ...]
    labels: tuple[int, ...]


def choose(probabilities: Floats, threshold: float, *, shares: Floats, most: int) -> Chosen:
    """The surest rows of each label that reach ``threshold``, at most its share [labels] of ``most`` rows.

    ``probabilities`` [rows, labels] are those of the unlabelled texts, ``shares`` those of the labels among the
    labelled rows: what the model likes to say does not crowd out the rest.
    """
    said, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    surest = np.argsort(-confidence, kind="stable")
    surest = surest[confidence[surest] >= threshold]
    caps = np.floor(np.asarray(shares) * most + 0.5).astype(np.int64)
    rows = np.sort(np.concatenate([surest[said[surest] == label][:cap] for label, cap in enumerate(caps.tolist())]))
    return Chosen(rows=tuple(rows.tolist()), labels=tuple(said[rows].tolist()))
