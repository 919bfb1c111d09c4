"""Champion and challenger on the rows that judge: old ones, new ones, and slices of both."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.data.language import detect
from argosy.evaluate.metrics import Floats, Integers, of_labels
from argosy.infer.load import load
from argosy.monitor.verdict import Shown, Verdict, decide, live_weights, shown, weighed
from argosy.project.improving.known import Pair
from argosy.serve.releases.versions import Paired

_SLICE = 20  # rows of a slice that says something
_BATCH = 1_000  # texts asked at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The metric that decides, the loss of it on old rows that would not matter, the languages, and a seed.

    ``live`` counts the champion's labels in the traffic of late; empty where it is not known. ``tried`` challengers
    were judged against this champion before.
    """

    metric: str
    margin: float
    languages: Sequence[str]
    live: Mapping[str, int]
    tried: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Both models on the rows, what follows from it, and on how many rows one was right and the other wrong."""

    metric: str
    margin: float
    new: Shown
    old: Shown
    slices: Mapping[str, Shown]
    weighed: bool
    verdict: Verdict
    paired: Paired

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def judge(champion: Path, challenger: Path, old: Sequence[Pair], new: Sequence[Pair], rule: Rule) -> Judged:
    """Both models' answers to the same labelled texts; at least one row of each kind.

    New rows are weighed to live traffic by what the champion says of them.
    """
    pairs = [*old, *new]
    said = [_said(place, [pair.text for pair in pairs]) for place in (champion, challenger)]
    labels = sorted({*said[0], *said[1], *(pair.label for pair in pairs)})
    numbers = {label: number for number, label in enumerate(labels)}
    asked = _Asked(
        truth=np.array([numbers[pair.label] for pair in pairs]),
        champion=np.array([numbers[label] for label in said[0]]),
        challenger=np.array([numbers[label] for label in said[1]]),
        labels=labels,
        seed=rule.seed,
    )
    is_new = np.arange(len(pairs)) >= len(old)
    weights = live_weights(said[0][len(old) :], rule.live)
    slices = asked.slices([pair.text for pair in pairs], rule.languages)
    shown_new = asked.shown(rule.metric, is_new, weights)
    shown_old = asked.shown(rule.metric, ~is_new)
    return Judged(
        metric=rule.metric,
        margin=rule.margin,
        new=shown_new,
        old=shown_old,
        slices=slices,
        weighed=bool(np.any(weights != 1)),
        verdict=decide(shown_new, shown_old, slices, margin=rule.margin, tried=rule.tried),
        paired=asked.paired,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The truth and both models' labels by number [rows]."""

    truth: Integers
    champion: Integers
    challenger: Integers
    labels: Sequence[str]
    seed: int

    def shown(self, metric: str, rows: np.ndarray, weights: Floats | None = None) -> Shown:
        """Both by a metric on some rows, which may be weighed."""
        sides = [of_labels(metric, self.truth[rows], side[rows], len(self.labels)) for side in self._sides]
        if weights is not None:
            sides = [weighed(side, weights) for side in sides]
        return shown(*sides, seed=self.seed)

    @property
    def paired(self) -> Paired:
        """On how many rows the challenger won, lost, and did as well."""
        mine, theirs = (side == self.truth for side in self._sides)
        won, lost = int(np.sum(theirs & ~mine)), int(np.sum(mine & ~theirs))
        return Paired(won=won, lost=lost, alike=len(self.truth) - won - lost)

    def slices(self, texts: Sequence[str], languages: Sequence[str]) -> dict[str, Shown]:
        """Accuracy on the rows of each label, and of each language where there are several."""
        masks = {f"label={label}": self.truth == number for number, label in enumerate(self.labels)}
        if len(languages) > 1:
            spoken = np.array(detect(texts, languages))
            masks |= {f"language={language}": spoken == language for language in languages}
        return {name: self.shown("accuracy", mask) for name, mask in masks.items() if mask.sum() >= _SLICE}

    @property
    def _sides(self) -> tuple[Integers, Integers]:
        return self.champion, self.challenger


def _said(place: Path, texts: Sequence[str]) -> list[str]:
    engine = load(place)
    batches = (texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH))
    return [one.label for batch in batches for one in engine.classify(batch)]
