"""Which of several models to serve: the simplest, unless a more complex one earns its place on the validation rows.

Let d be the metric of the more complex model less that of the simpler one, on the same rows, with its paired 95 %
interval, and let the margin be what the simpler one's simplicity is worth. One of three things holds:

- ``better``: the interval lies above 0 and d is larger than the margin. The more complex model is served.
- ``not_inferior``: the interval lies below the margin. The simpler one is not inferior; it is served.
- ``undecided``: neither. The rows don't show that the more complex model is better by more than the margin; the
  simpler one is served, since the burden of proof is on the complex one, and the report says so in these words.

"Not inferior" is the meaning of the CONSORT statement on non-inferiority trials (Piaggio et al., JAMA 2012;308:2594):
the confidence interval excludes a loss as large as the margin. That a difference was not significant is never called
so. Two-sided 95 % intervals make each claim one-sided at 2.5 %. The test rows take no part.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from argosy.core.errors import ProjectError
from argosy.evaluate.metrics import Integers, Measured, of_labels
from argosy.evaluate.paired import Difference, difference

MARGIN = 0.01
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "better": "{complex} is better than {simple} by more than the margin of {margin}.",
        "not_inferior": "{simple} is not inferior to {complex}: a loss of {margin} or more is excluded.",
        "undecided": "{complex} is not shown to be better than {simple} by more than the margin of {margin}.",
        "only": "{simple} is the only candidate.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A more complex candidate held against the one served so far; ``difference`` is complex less simple."""

    simple: str
    complex: str
    reason: str
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The candidate to serve; ``reason`` and ``difference`` are those of the last of ``steps``."""

    name: str
    reason: str
    margin: float
    difference: Difference | None
    steps: tuple[Step, ...]


def choose(
    candidates: Mapping[str, Integers],
    truth: Integers,
    classes: int,
    *,
    metric: str = "accuracy",
    margin: float = MARGIN,
    seed: int,
) -> Choice:
    """The candidate to serve, of validation predictions by name, ordered from simple to complex.

    Raises ProjectError when the margin is not between 0 and 1.
    """
    if not 0 <= margin < 1:
        raise ProjectError(
            "The margin must be at least 0 and below 1, found {margin}.",
            mend="A margin of 0.01 gives up at most one point for the simpler model.",
            margin=margin,
        )
    found = {name: of_labels(metric, truth, predicted, classes) for name, predicted in candidates.items()}
    return choose_measured(found, margin=margin, seed=seed)


def choose_measured(
    candidates: Mapping[str, Measured], *, margin: float = MARGIN, lower: bool = False, seed: int
) -> Choice:
    """The same of one metric of any task by candidate; the margin is in its unit.

    Where less is better (``lower``), a step's difference is what the more complex model takes off the figure.
    """
    names = list(candidates)
    served, steps = names[0], []
    for name in names[1:]:
        simple, other = candidates[served], candidates[name]
        gap = difference(simple, other, seed=seed) if lower else difference(other, simple, seed=seed)
        reason = judge(gap, margin)
        steps.append(Step(simple=served, complex=name, reason=reason, difference=gap))
        served = name if reason == "better" else served
    last = steps[-1] if steps else None
    return Choice(
        name=served,
        reason=last.reason if last else "only",
        margin=margin,
        difference=last.difference if last else None,
        steps=tuple(steps),
    )


def judge(difference: Difference, margin: float) -> str:
    """``better``, ``not_inferior`` or ``undecided``, for a difference of complex less simple.

    >>> judge(Difference(difference=0.03, low=0.01, high=0.05, p=0.01), 0.01)
    'better'
    >>> judge(Difference(difference=0.0, low=-0.005, high=0.005, p=1.0), 0.01)
    'not_inferior'
    """
    if difference.high < margin:
        return "not_inferior"
    return "better" if difference.low > 0 and difference.difference > margin else "undecided"
