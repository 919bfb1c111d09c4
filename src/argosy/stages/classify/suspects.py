"""Stage *suspects*: training rows whose label is probably wrong, ranked for a person, and what becomes of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from argosy.config.schema import Project
from argosy.core.records import Dropped, Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.files.write import write_table
from argosy.data.labels.mislabelled import REASON, Suspect, review, suspects
from argosy.evaluate.ablation import label_numbers, linear_like
from argosy.evaluate.label_effect import TREATMENTS, label_effects
from argosy.evaluate.rivals.baselines import LinearModel, fit_linear
from argosy.evaluate.rivals.out_of_fold import out_of_fold, refit
from argosy.stages.data import rows, split
from argosy.stages.site import Site

TABLE = "suspects.csv"
FACTS = "suspects.json"
_TRAIN = "train"
_SHOWN = 10  # in the report
_COLUMNS = {"id": pl.String, "given": pl.String, "suggested": pl.String, "score": pl.Float64, "text": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What becomes of the suspects, the metric by which their effect is told, and the seed of the folds."""

    treatment: str
    metric: str
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(treatment=project.data.suspects, metric=project.metric, seed=project.seed)
    packages = ("numpy", "scikit-learn", "scipy")
    return Stage(name="suspects", params=params, run=run, inputs=("split",), packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Rank the training rows by models that have not seen them, tell what each treatment does, and apply the one asked.

    The validation and test rows stay as they are: what is measured on must not be bent to what is measured.
    """
    labels = split.labels(inputs["split"])
    parts = split.load(inputs["split"])
    train = parts["train"]
    found, model = _find(train, labels, params.seed)
    tell(0.5, f"{len(found)}")
    fit, held, metric, seed = linear_like(model), parts["validation"], params.metric, params.seed
    effects = label_effects(fit, train, found, held, labels, metric=metric, seed=seed) if found else []
    treated = TREATMENTS[params.treatment](train, found)
    kept = {row.id for row in treated}
    rows.save(treated, out / _TRAIN)
    rows.save_dropped((Dropped(example=row, reason=REASON) for row in train if row.id not in kept), out / rows.DROPPED)
    write_table(pl.DataFrame(review(train, found), schema=_COLUMNS), out / TABLE)
    facts = {
        "rows": len(found),
        "of": len(train),
        "treatment": params.treatment,
        "effects": {
            effect.treatment: {"rows": effect.rows, **asdict(effect.difference), "helps": effect.helps}
            for effect in effects
            if effect.difference is not None
        },
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def training(folder: Path) -> list[Example]:
    """The rows to learn from."""
    return rows.load(folder / _TRAIN)


def read(folder: Path) -> dict[str, Any]:
    """How many rows are suspected, what each treatment does, and the worst of them as ``examples``."""
    facts = dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))
    worst = pl.read_csv(folder / TABLE, schema_overrides=_COLUMNS, n_rows=_SHOWN)
    return {**facts, "examples": worst.to_dicts()}


def _find(train: Sequence[Example], labels: Sequence[str], seed: int) -> tuple[list[Suspect], LinearModel]:
    """The suspects, worst first, and the small model whose refits found them."""
    texts = [row.text for row in train]
    truth = label_numbers([str(row.label) for row in train], labels)
    groups = [str(row.meta["group"]) for row in train] if train and "group" in train[0].meta else None
    model = fit_linear(texts, truth, labels, seed=seed)
    probabilities = out_of_fold(refit(model), texts, truth, seed=seed, groups=groups)
    return suspects(probabilities, truth, labels), model
