"""What a metric is: a mean of ratios of sums over units, or a statistic of ranks; and the two of labels.

A unit is what was drawn from the world and could be drawn again: a row, a sentence, a query.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError, ProjectError
from argosy.core.extension import blaming, find, owners

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """Why a metric has no value on some rows: a template in English."""

    reason: str


class Form(StrEnum):
    """What is told of the mean ratio r: r itself, where it lies in 0 … 1 or above 0; its square root; or 1 - r."""

    SHARE = "share"
    POSITIVE = "positive"
    ROOT = "root"
    COMPLEMENT = "complement"

    def of(self, ratio: Floats) -> Floats:
        """The told figure of mean ratios."""
        if self is Form.ROOT:
            return np.asarray(np.sqrt(ratio))
        return 1 - ratio if self is Form.COMPLEMENT else ratio

    def slope(self, ratio: Floats) -> Floats:
        """How fast the told figure moves with the ratio."""
        if self is Form.ROOT:
            return 0.5 / np.sqrt(np.where(ratio > 0, ratio, 1.0))
        return np.full_like(ratio, -1.0 if self is Form.COMPLEMENT else 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """A metric that is the mean of ratios of sums over the units: ``over`` and ``under`` are [units, ratios].

    Accuracy is one ratio with 1 under each row; macro F1 has one a class (2 · hit over true + predicted); NDCG, mean
    absolute error, entity F1 and bits per byte have one. A ratio whose lower sum is 0 does not count. The figure is a
    function of sums over the units alone, so that bootstrap, jackknife and permutation are sums over other units.
    """

    over: Floats
    under: Floats
    form: Form = Form.SHARE

    @property
    def units(self) -> int:
        """How many units were measured."""
        return len(self.over)

    @property
    def value(self) -> float:
        """The figure on the units as they are."""
        return float(self.figures(self.over.sum(axis=0), self.under.sum(axis=0)))

    def figures(self, over: Floats, under: Floats) -> Floats:
        """The figure of sums [..., ratios]."""
        return self.form.of(_mean_ratio(over, under))

    def changes(self) -> Floats:
        """What each unit adds to the figure [units]: the jackknife (figure less the figure without it)."""
        return self.value - self.figures(self.over.sum(axis=0) - self.over, self.under.sum(axis=0) - self.under)

    def gradients(self, over: Floats, under: Floats) -> tuple[Floats, Floats]:
        """The figure's slopes in the two sums, at sums [..., ratios]."""
        counted = under > 0
        below = np.where(counted, under, 1.0)
        ratio = np.where(counted, over / below, 0.0)
        share = counted / (below * np.maximum(counted.sum(axis=-1, keepdims=True), 1))
        steep = self.form.slope(_mean_ratio(over, under))[..., None]
        return steep * share, -steep * share * ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A metric of ranks or moments: its value and its first-order change with each unit [units].

    ``least`` is the size of the smallest group it stands on (the rarer class, say), ``expected`` its variance by a
    model that fits such areas; ``correlation`` tells a figure between -1 and 1 from a share. The changes are those of
    the infinitesimal jackknife; for ROC-AUC they are the structural components of DeLong et al. (Biometrics
    1988;44:837).
    """

    value: float
    influence: Floats
    least: int
    freedom: float
    expected: float | None = None
    correlation: bool = False

    @property
    def units(self) -> int:
        """How many units were measured."""
        return len(self.influence)

    def changes(self) -> Floats:
        """What each unit adds to the figure [units]."""
        return np.asarray(self.influence / max(self.units - 1, 1))


Measured = Ratios | Ranked


def spread(changes: Floats) -> float:
    """The standard error from the changes [units] (Tukey's jackknife)."""
    rows = len(changes)
    return float(np.sqrt((rows - 1) / rows * np.sum((changes - changes.mean()) ** 2)))


def mean(values: Floats, form: Form = Form.SHARE) -> Ratios:
    """The mean of one value a unit."""
    column = np.asarray(values, dtype=np.float64)[:, None]
    return Ratios(over=column, under=np.ones_like(column), form=form)


def _mean_ratio(over: Floats, under: Floats) -> Floats:
    counted = under > 0
    ratios = np.where(counted, over, 0.0) / np.where(counted, under, 1.0)
    return np.asarray(ratios.sum(axis=-1) / np.maximum(counted.sum(axis=-1), 1))


def accuracy(truth: Integers, scores: Floats) -> Ratios:
    """The share of rows whose highest score is the true label's."""
    return mean(truth == scores.argmax(axis=1))


def macro_f1(truth: Integers, scores: Floats) -> Ratios:
    """The mean F1 of the labels that occur or are predicted (as scikit-learn counts it)."""
    labels = np.arange(scores.shape[1])
    return f1(truth[:, None] == labels, scores.argmax(axis=1)[:, None] == labels)


def f1(truth: NDArray[np.bool_], predicted: NDArray[np.bool_]) -> Ratios:
    """The F1 of each column of marks [units, classes], 2 · both / (true + predicted), the mean of those that occur."""
    under = truth.astype(np.float64) + predicted
    return Ratios(over=(truth & predicted) * np.float64(2), under=under)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric of a task (a name of ``tasks.measure.TASKS``), which may decide: ``of`` the truth and a model's answers.

    Of labels (``classify``) it is a mean of ratios in which more is better, and the highest score alone counts, since
    gates ask for labels. Elsewhere less may be better: ``lower``.
    """

    task: str
    of: Callable[[Any, Any], Measured | Undefined]
    lower: bool = False


METRICS: Mapping[str, Metric] = MappingProxyType(
    {"accuracy": Metric(task="classify", of=accuracy), "macro_f1": Metric(task="classify", of=macro_f1)}
)


def measure_by(name: str, metric: Metric, truth: Any, answers: Any) -> Measured | Undefined:
    """What the metric of an extension finds; raises ProjectError where it fails, or gives no figure of these units."""
    with blaming(name):
        found = metric.of(truth, answers)
    if isinstance(found, Undefined):
        return found
    if not isinstance(found, Measured) or found.units != len(truth) or not math.isfinite(found.value):
        raise ProjectError(
            "The metric {name!r} gives {found} on {units} units; expected a number, by one row a unit.",
            where="extensions",
            mend="This shows more: argosy extension check {module}",
            name=name,
            found=f"{found.value:g} ({found.units})" if isinstance(found, Measured) else type(found).__name__,
            units=len(truth),
            module=", ".join(owners([name])),
        )
    return found


def of_labels(metric: str, truth: Integers, predicted: Integers, classes: int) -> Ratios:
    """A metric of label numbers [rows]; raises DataError where these rows cannot have it."""
    scores = (predicted[:, None] == np.arange(classes)).astype(np.float64)
    one = find("metrics", metric, METRICS)
    found = one.of(truth, scores) if metric in METRICS else measure_by(metric, one, truth, scores)
    if isinstance(found, Ratios):
        return found
    raise DataError(
        "The metric {metric} cannot be measured: {reason}",
        mend="Choose another metric, or give more and more varied validation rows.",
        metric=metric,
        reason=found.reason if isinstance(found, Undefined) else type(found).__name__,
    )
