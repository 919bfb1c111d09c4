"""Stage *train*: fine-tune the base model; the epoch is chosen on the validation rows.

More seeds are more trainings of the same kind: the first is served, the others show what chance in training does.
Where altered copies are to be tried, both ways of training run over at least three seeds, and the copies are kept
only if the paired test over those seeds shows that they help on the validation rows.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import Interval, interval
from argosy.evaluate.metrics import Floats, Integers, Undefined
from argosy.evaluate.tasks import over_seeds
from argosy.project import rows
from argosy.project.plan import instruction_set
from argosy.project.schema import Project, resolve
from argosy.project.stages import augment, split, suspects
from argosy.train.recipe import Outcome, Recipe

OUTCOME = "outcome.json"
_LEAST_SEEDS = 3  # for a claim about ways to train
CHECKPOINT = "checkpoint"  # what goes on to be exported
SEEDS = "seeds"  # the other trainings of the same kind, one folder each


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The recipe of the first training, the metric that picks the epoch, the most rows, and how often to train."""

    recipe: Recipe
    metric: str
    rows: int
    seeds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trained:
    """One training: where it is, what came of it, and by epoch the validation figure and what was predicted."""

    folder: Path
    outcome: Outcome
    figures: tuple[Interval, ...]
    predicted: tuple[Integers, ...]

    @property
    def best(self) -> Integers:
        """Label numbers [validation rows] of the epoch that was kept."""
        return self.predicted[self.outcome.best_epoch - 1]


def stage(project: Project) -> Stage[Params]:
    """The stage with the size's settings and the overrides of ``[train]``."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        max_length=settings.max_length,
        frozen=settings.frozen,
        seed=project.seed,
        bf16="avx512_bf16" in instruction_set() or "amx_bf16" in instruction_set(),
    )
    params = Params(recipe=recipe, metric=project.metric, rows=settings.rows, seeds=project.train.seeds)
    packages = ("torch", "transformers", "tokenizers", "numpy")
    inputs = ("split", "suspects", "augment", "base")
    return Stage(name="train", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fine-tune, decide about the altered copies where there are any, and store the checkpoints that are kept."""
    learnt = split.at_most(suspects.training(inputs["suspects"]), params.rows, seed=params.recipe.seed)
    copies = augment.copies(inputs["augment"], learnt)
    arms = {"plain": learnt, "augmented": [*learnt, *copies]} if copies else {"plain": learnt}
    seeds = max(params.seeds, _LEAST_SEEDS) if copies else params.seeds
    trained: dict[str, list[_Trained]] = {arm: [] for arm in arms}
    for number, (arm, seed) in enumerate([(arm, seed) for seed in range(seeds) for arm in arms]):
        part = _part(tell, number, len(arms) * seeds)
        trained[arm].append(_finetune(params, inputs, arms[arm], seed, out / arm / str(seed), part))
    gain = _gain(params, inputs, trained) if copies else None
    kept = "augmented" if gain and gain["helps"] else "plain"
    (out / CHECKPOINT).parent.mkdir(exist_ok=True)
    for number, one in enumerate(trained[kept]):
        target = out / SEEDS / str(params.recipe.seed + number) if number else out / CHECKPOINT
        target.parent.mkdir(exist_ok=True)
        one.folder.rename(target)
    for arm in arms:
        shutil.rmtree(out / arm)
    facts = {**_facts(trained[kept], params.recipe.seed), "rows": len(arms[kept]), "augmentation": gain}
    (out / OUTCOME).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def checkpoints(folder: Path) -> list[Path]:
    """The kept trainings, the one that is served first."""
    return [folder / CHECKPOINT, *sorted((folder / SEEDS).glob("*"), key=lambda path: int(path.name))]


def _finetune(params: Params, inputs: Inputs, learnt: Sequence[Example], seed: int, out: Path, tell: Tell) -> _Trained:
    from argosy.train.fit import Watch, fit  # torch, which an install that only serves does not have
    from argosy.train.objectives.classify import Classify

    labels = split.labels(inputs["split"])
    parts = {"train": learnt, "validation": split.load(inputs["split"])["validation"]}
    given = {part: [(row.text, str(row.label)) for row in of_part] for part, of_part in parts.items()}
    figures: list[Interval] = []
    predictions: list[Integers] = []

    def score(truth: Integers, probabilities: Floats) -> float:
        predicted = probabilities.argmax(axis=1)
        figures.append(interval(params.metric, truth, predicted, len(labels), seed=params.recipe.seed))
        predictions.append(predicted)
        return figures[-1].value

    recipe = replace(params.recipe, seed=params.recipe.seed + seed)
    watch = Watch(score=score, tell=tell)
    outcome = fit(Classify(labels=tuple(labels)), inputs["base"] / "model", given, out, recipe, watch)
    return _Trained(folder=out, outcome=outcome, figures=tuple(figures), predicted=tuple(predictions))


def _gain(params: Params, inputs: Inputs, trained: dict[str, list[_Trained]]) -> dict[str, Any] | None:
    """What the altered copies did on the validation rows, over the seeds; they help when the interval lies above 0."""
    labels = split.labels(inputs["split"])
    truth = np.array(rows.as_arrays(split.load(inputs["split"])["validation"], labels)[1])
    marks = np.eye(len(labels))
    said = {arm: [marks[one.best] for one in trained[arm]] for arm in ("augmented", "plain")}
    claim = over_seeds("classify", params.metric, truth, said["augmented"], said["plain"])
    if isinstance(claim, Undefined):
        return None
    return {**asdict(claim), "helps": claim.low > 0}


def _facts(trained: Sequence[_Trained], seed: int) -> dict[str, Any]:
    first = trained[0]
    history = [
        {"loss": loss, "validation": asdict(figure)}
        for (loss, _), figure in zip(first.outcome.history, first.figures, strict=True)
    ]
    reached = [one.figures[one.outcome.best_epoch - 1] for one in trained]
    by_seed = {str(seed + number): asdict(figure) for number, figure in enumerate(reached)}
    outcome = {name: fact for name, fact in asdict(first.outcome).items() if name != "tokens_per_second"}
    return {**outcome, "history": history, "seeds": by_seed}  # a pace differs from run to run, a result must not


def _part(tell: Tell, number: int, count: int) -> Tell:
    """``tell`` for the training with this number out of ``count``."""
    return lambda share, note: tell((number + share) / count, note)
