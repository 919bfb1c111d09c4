"""Stage *augment*: altered copies of the training rows, and by an ablation what each kind of them does."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from argosy.config.schema import Project
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.augment import MASK_METHOD, Fill, augment
from argosy.evaluate.ablation import SEEDS, Variant, ablate, linear
from argosy.stages import origin
from argosy.stages.classify import suspects
from argosy.stages.data import rows, split
from argosy.stages.site import Site

FACTS = "augmentation.json"
_COPIES = "copies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The methods to try, the metric that says whether they help, and the seed of the copies."""

    methods: tuple[str, ...]
    metric: str
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; without methods it leaves nothing."""
    params = Params(methods=tuple(project.train.augment), metric=project.metric, seed=project.seed)
    packages = ("numpy", "scikit-learn", "scipy", "pypinyin")
    return Stage(name="augment", params=params, run=run, inputs=("split", "suspects", "base"), packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Make the copies, and try each method on the small linear model over several seeds, on the validation rows."""
    train = suspects.training(inputs["suspects"])
    fill = _fill(inputs, params.seed) if MASK_METHOD in params.methods else None
    validation = split.load(inputs["split"])["validation"]
    seeds = [params.seed + seed for seed in SEEDS]
    variants = {method: _variant(train, method, fill) for method in params.methods}
    found = ablate(linear, variants, train, validation, params.metric, seeds=seeds) if variants else []
    rows.save(augment(train, params.methods, seed=params.seed, fill=fill), out / _COPIES)
    facts = {"methods": [{**asdict(one), "helps": one.helps} for one in found]}
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def copies(folder: Path, parents: Sequence[Example], *, helpful: bool = False) -> list[Example]:
    """The altered copies of these rows; only those of methods that help the linear model where ``helpful``."""
    known = {row.id for row in parents}
    methods = {one["method"] for one in read(folder)["methods"] if one["helps"] or not helpful}
    found = rows.load(folder / _COPIES)
    return [row for row in found if row.meta["parent"] in known and row.meta["augmented"] in methods]


def read(folder: Path) -> Mapping[str, list[dict[str, object]]]:
    """What the ablation found."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _variant(train: Sequence[Example], method: str, fill: Fill | None) -> Variant:
    return lambda seed: [*train, *augment(train, [method], seed=seed, fill=fill)]


def _fill(inputs: Inputs, seed: int) -> Fill:
    from argosy.train.fill_mask import fill_mask  # torch, which an install that only serves does not have

    return fill_mask(inputs["base"] / origin.MODEL, seed=seed)
