"""Which of the rungs below a model it is held against."""

from collections.abc import Mapping

from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks import TASKS, Units, measured


def best_rung(task: str, truth: Units, rungs: Mapping[str, Units], metric: str) -> str:
    """The rung whose answers have the best figure, the simplest of equals; give it validation rows, simple to complex.

    A rung for which the metric is undefined is passed over, but for the first.
    """
    sign = -1 if metric in TASKS[task].lower else 1
    values = {name: measured(task, truth, answers, rung=name)[metric] for name, answers in rungs.items()}
    known = {name: sign * found.value for name, found in values.items() if not isinstance(found, Undefined)}
    return max(known, key=known.__getitem__, default=next(iter(rungs)))
