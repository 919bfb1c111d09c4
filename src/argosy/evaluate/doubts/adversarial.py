"""How little it takes to turn an answer: a greedy search for small changes that leave a reader's label as it is.

After Jin et al. (2020) and Li et al. (2019): the places whose loss hurts the right answer most are changed first, each
by the typo, homophone or look-alike that hurts most. A search that stops short has found no proof of safety: the
accuracy under attack is an upper bound.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from argosy.data.perturb import places, variants
from argosy.evaluate.doubts.calibration import mean_interval
from argosy.evaluate.intervals import Interval, wilson
from argosy.evaluate.metrics import Integers

ROWS = 40
BUDGET = 40  # questions a text
_EACH = 2  # variants of a kind at a place
_SHARE = 0.15  # of the places may change, at least one
_SHOWN = 3

Engine = Callable[[Sequence[str]], NDArray[np.floating]]
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A text that was answered rightly, and what ``edits`` changes made of the answer."""

    text: str
    attacked: str
    label: str
    becomes: str
    edits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """The accuracy on ``rows`` before and under attack, and the share turned of the ``attacked`` right ones.

    ``edits`` is the mean number of changes where the answer turned. Both are None where there is nothing to count.
    The examples took the fewest changes.
    """

    rows: int
    attacked: int
    budget: int
    accuracy: Interval
    accuracy_under_attack: Interval
    success: Interval | None
    edits: Interval | None
    examples: tuple[Turned, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Where the search for one text stands: its best text so far and the right answer's probability there."""

    first: str
    text: str
    truth: int
    share: float
    said: int
    left: int
    edits: int = 0
    places: tuple[Place, ...] = field(default=())

    @property
    def open(self) -> bool:
        return self.said == self.truth and self.left > 0 and bool(self.places)


def attack(
    logits: Engine,
    texts: Sequence[str],
    truth: Integers,
    labels: Sequence[str],
    *,
    rows: int = ROWS,
    budget: int = BUDGET,
    seed: int,
) -> Attack:
    """Attack ``rows`` texts drawn by ``seed`` with ``budget`` questions each; all texts are asked side by side.

    Raises MissingError where Chinese texts are attacked without pypinyin.
    """
    drawn = np.random.default_rng(seed).permutation(len(texts))[:rows].tolist()
    shares = _ask(logits, [texts[n] for n in drawn])
    searches = [
        _Search(
            first=texts[n],
            text=texts[n],
            truth=int(truth[n]),
            share=float(row[truth[n]]),
            said=int(row.argmax()),
            left=budget,
        )
        for n, row in zip(drawn, shares, strict=True)
    ]
    rng = Random(seed)
    begun = _weigh(logits, [one for one in searches if one.said == one.truth], rng)
    done = [one for one in begun if not one.open]
    going = [one for one in begun if one.open]
    while going:
        going = _advance(logits, going, rng)
        done += [one for one in going if not one.open]
        going = [one for one in going if one.open]
    return _report(searches, done, labels, budget)


def _weigh(logits: Engine, searches: Sequence[_Search], rng: Random) -> list[_Search]:
    """Order each text's places by what the right answer loses without them; half the budget is left."""
    found = [(one, _some(places(one.text), one.left // 2, rng)) for one in searches]
    asked = [one.text[:start] + one.text[end:] for one, spots in found for start, end in spots]
    shares = iter(_ask(logits, asked))
    weighed = []
    for one, spots in found:
        losses = {spot: one.share - float(next(shares)[one.truth]) for spot in spots}
        allowed = max(1, round(_SHARE * len(places(one.text))))
        best = sorted(losses, key=losses.__getitem__, reverse=True)[:allowed]
        weighed.append(replace(one, left=one.left - len(spots), places=tuple(best)))
    return weighed


def _some(spots: Sequence[Place], most: int, rng: Random) -> list[Place]:
    return sorted(rng.sample(list(spots), min(most, len(spots))))


def _advance(logits: Engine, searches: Sequence[_Search], rng: Random) -> list[_Search]:
    """Every text takes the change at its next place that hurts most, if any does; changes keep all other places."""
    tried = [(one, variants(one.text, one.places[0], rng, each=_EACH)[: one.left]) for one in searches]
    shares = iter(_ask(logits, [text for _, made in tried for text in made]))
    moved = []
    for one, made in tried:
        answers = [(next(shares), text) for text in made]
        hurt = [float(row[one.truth]) for row, _ in answers]
        spent = replace(one, left=one.left - len(made), places=one.places[1:])
        if min(hurt, default=one.share) < one.share:
            row, text = answers[hurt.index(min(hurt))]
            spent = replace(spent, text=text, share=min(hurt), said=int(row.argmax()), edits=one.edits + 1)
        moved.append(spent)
    return moved


def _ask(logits: Engine, texts: Sequence[str]) -> NDArray[np.float64]:
    """Probabilities [texts, labels]; no text, no question."""
    return np.asarray(softmax(np.asarray(logits(texts), dtype=np.float64), axis=1)) if texts else np.empty((0, 0))


def _report(searches: Sequence[_Search], done: Sequence[_Search], labels: Sequence[str], budget: int) -> Attack:
    turned = sorted((one for one in done if one.said != one.truth), key=lambda one: one.edits)
    edits = np.array([float(one.edits) for one in turned])
    return Attack(
        rows=len(searches),
        attacked=len(done),
        budget=budget,
        accuracy=wilson(len(done), len(searches)),
        accuracy_under_attack=wilson(len(done) - len(turned), len(searches)),
        success=wilson(len(turned), len(done)) if done else None,
        edits=_at_least_one(mean_interval(edits)) if len(edits) > 1 else None,
        examples=tuple(
            Turned(
                text=one.first, attacked=one.text, label=labels[one.truth], becomes=labels[one.said], edits=one.edits
            )
            for one in turned[:_SHOWN]
        ),
    )


def _at_least_one(mean: Interval) -> Interval:
    """The interval of a mean number of edits: no answer turns without one."""
    return replace(mean, low=max(mean.low, 1.0))
