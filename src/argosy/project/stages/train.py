"""Stage *train*: fine-tune the base model; the epoch is chosen on the validation rows."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import METRICS
from argosy.project import rows
from argosy.project.file import Project, resolve
from argosy.project.plan import instruction_set
from argosy.project.stages import split
from argosy.train.recipe import Recipe

OUTCOME = "outcome.json"
CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The recipe, the metric that picks the epoch, and the most rows to train on."""

    recipe: Recipe
    metric: str
    rows: int


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
    params = Params(recipe=recipe, metric=project.metric, rows=settings.rows)
    packages = ("torch", "transformers", "tokenizers", "numpy")
    return Stage(name="train", params=params, run=run, inputs=("split", "base"), packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fine-tune and store the checkpoint with what came of each epoch."""
    from argosy.train.finetune import finetune  # torch, which an install that only serves does not have

    parts = split.load(inputs["split"])
    labels = split.labels(inputs["split"])
    train_rows = split.at_most(parts["train"], params.rows, seed=params.recipe.seed)
    given = {"train": rows.as_arrays(train_rows, labels), "validation": rows.as_arrays(parts["validation"], labels)}
    metric = METRICS[params.metric]
    outcome = finetune(
        inputs["base"] / "model",
        out / CHECKPOINT,
        labels,
        given,
        lambda truth, predicted: metric(truth, predicted, len(labels)),
        params.recipe,
        tell,
    )
    (out / OUTCOME).write_text(json.dumps({**asdict(outcome), "rows": len(train_rows)}, indent=1), encoding="utf-8")
