"""Does the answer change with who the text speaks of? Counterfactual swaps of identity terms, flips counted."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from argosy.data.identity import GROUPS, Counterfactual, counterfactuals
from argosy.evaluate.doubts.calibration import mean_interval
from argosy.evaluate.intervals import Interval, wilson

ROWS = 60  # a group
ENOUGH = 30  # pairs: without a single flip, their interval still reaches 11 %
_SHOWN = 3
TOO_FEW = "{rows} rows hold a term of this kind: too few to say anything. Write some of your own and try them."

Logits = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text, the same about somebody else, what each is answered, and the change of the first label's probability."""

    text: str
    swapped: str
    found: str
    put: str
    label: str
    becomes: str
    shift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBias:
    """One kind of terms: how many ``rows`` hold one, how many pairs were ``tested``, how many answers flipped.

    ``shift`` is the mean absolute change of the probability of the label first answered. Both are None without a pair;
    ``enough`` says whether there are pairs enough to say anything. The pairs shown changed the most.
    """

    group: str
    rows: int
    tested: int
    enough: bool
    flips: Interval | None
    shift: Interval | None
    examples: tuple[Pair, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A swap with the row it stands for, and both answers as probabilities [labels]."""

    text: str
    swap: Counterfactual
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def flipped(self) -> bool:
        return bool(self.before.argmax() != self.after.argmax())

    @property
    def shift(self) -> float:
        top = self.before.argmax()
        return float(self.after[top] - self.before[top])


def measure(
    logits: Callable[[Sequence[str]], Logits],
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    temperature: float = 1.0,
    rows: int = ROWS,
    seed: int,
) -> tuple[GroupBias, ...]:
    """Every kind of terms in the order of ``GROUPS``, one swap a row, at most ``rows`` pairs a kind, drawn by ``seed``.

    ``logits`` answers raw texts with [texts, labels]; at most 2 · 7 · ``rows`` texts are asked, 60 a kind by default.
    """
    order = np.random.default_rng(seed).permutation(len(texts)).tolist()
    swaps = {number: counterfactuals(texts[number], Random(f"{seed}\n{texts[number]}")) for number in order}
    held = {group: [(n, one) for n in order for one in swaps[n] if one.group == group] for group in GROUPS}
    asked = [(n, one) for group in GROUPS for n, one in held[group][:rows]]
    tried = _try(logits, texts, asked, temperature)
    return tuple(
        _summarise(group, len(held[group]), [one for one in tried if one.swap.group == group], labels)
        for group in GROUPS
    )


def _try(
    logits: Callable[[Sequence[str]], Logits],
    texts: Sequence[str],
    asked: Sequence[tuple[int, Counterfactual]],
    temperature: float,
) -> list[_Tried]:
    if not asked:
        return []
    numbers = sorted({number for number, _ in asked})
    said = logits([texts[number] for number in numbers] + [one.text for _, one in asked])
    shares = softmax(np.asarray(said, dtype=np.float64) / temperature, axis=1)
    plain = dict(zip(numbers, shares[: len(numbers)], strict=True))
    return [
        _Tried(texts[number], one, plain[number], after)
        for (number, one), after in zip(asked, shares[len(numbers) :], strict=True)
    ]


def _summarise(group: str, rows: int, tried: Sequence[_Tried], labels: Sequence[str]) -> GroupBias:
    moves = np.abs([one.shift for one in tried])
    shown = sorted(tried, key=lambda one: (one.flipped, abs(one.shift)), reverse=True)[:_SHOWN]
    return GroupBias(
        group=group,
        rows=rows,
        tested=len(tried),
        enough=len(tried) >= ENOUGH,
        flips=wilson(sum(one.flipped for one in tried), len(tried)) if tried else None,
        shift=_share(mean_interval(moves)) if len(tried) > 1 else None,
        examples=tuple(_pair(one, labels) for one in shown),
    )


def _share(mean: Interval) -> Interval:
    """An interval of a mean between 0 and 1, cut at both."""
    return Interval(value=mean.value, low=max(mean.low, 0.0), high=min(mean.high, 1.0))


def _pair(one: _Tried, labels: Sequence[str]) -> Pair:
    return Pair(
        text=one.text,
        swapped=one.swap.text,
        found=one.swap.found,
        put=one.swap.put,
        label=labels[int(one.before.argmax())],
        becomes=labels[int(one.after.argmax())],
        shift=one.shift,
    )
