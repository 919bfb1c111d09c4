"""Stage *baselines* of a language model: what foretells a text without any training of weights, on validation."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import Floats
from argosy.evaluate.rivals import byte_models, kneser_ney
from argosy.evaluate.rivals.kneser_ney import KneserNey
from argosy.evaluate.tasks.measure import best_rung, measure, plain
from argosy.stages.data import dialogue, split
from argosy.stages.site import Site

FACTS = "baselines.json"
TASK, METRIC = "language_model", "bits_per_byte"
KNESER_NEY, XZ = "kneser_ney", "xz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The seed of the bootstrap."""

    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(seed=project.seed)
    return Stage(name="baselines", params=params, run=run, inputs=("split",), packages=("numpy", "scipy"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit on the training texts, choose the best baseline on the validation texts."""
    parts = split.load(inputs["split"])
    train, validation = [row.text for row in parts["train"]], list(parts["validation"])
    start = time.perf_counter()
    model = kneser_ney.best(train, [row.text for row in validation])
    fitted = time.perf_counter() - start
    tell(0.5, KNESER_NEY)
    said, seconds = _answers(model, train, validation)
    answers = [dialogue.parted(row)[1] for row in validation]
    best = best_rung(TASK, METRIC, answers, said)
    sheets = measure(TASK, answers, said, best=best, seed=params.seed)
    facts = {
        "best": best,
        "level": model.level,
        "order": kneser_ney.ORDER,
        "seconds": {XZ: seconds[XZ], KNESER_NEY: fitted},
        "validation": {name: plain(sheet).get(METRIC) for name, sheet in sheets.items()},
    }
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def facts(folder: Path) -> dict[str, Any]:
    """What ``run`` found."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def surprises(inputs: Inputs, rows: Sequence[Example]) -> tuple[dict[str, Floats], dict[str, float]]:
    """What each baseline, fitted on the training texts, finds surprising in other rows [rows], and the seconds."""
    train = [row.text for row in split.load(inputs["split"])["train"]]
    return _answers(kneser_ney.fit(train, level=facts(inputs["baselines"])["level"]), train, rows)


def _answers(
    model: KneserNey, train: Sequence[str], rows: Sequence[Example]
) -> tuple[dict[str, Floats], dict[str, float]]:
    """Of each baseline the surprise of every row, or of its answer behind its question, in nats.

    xz tells one figure of all rows together, which is laid on them by what each compresses to alone.
    """
    answers = [dialogue.parted(row)[1] for row in rows]
    before = [row.text.removesuffix(answer) for row, answer in zip(rows, answers, strict=True)]
    start = time.perf_counter()
    packed = byte_models.nats(train, answers)
    between = time.perf_counter()
    counted = model.nats([row.text for row in rows]) - (model.nats(before) if any(before) else 0)
    stop = time.perf_counter()
    return {XZ: packed, KNESER_NEY: counted}, {XZ: between - start, KNESER_NEY: stop - between}
