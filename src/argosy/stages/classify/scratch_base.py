"""Stage *base* where nothing is pretrained: an encoder learns to fill gaps in the project's texts, from nothing."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from argosy.config.schema import SCRATCH, Project, Size, resolve
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.infer.processor import multiplies_bf16
from argosy.models.licence import judge
from argosy.models.source import Step
from argosy.stages import origin, training
from argosy.stages.classify import beside
from argosy.stages.data import split
from argosy.stages.site import Site
from argosy.train.recipe import Recipe

_EPOCHS: dict[Size, int] = {"tiny": 3, "small": 10, "base": 20, "large": 20}
_RATES: dict[Size, float] = {"tiny": 1e-3, "small": 1e-3, "base": 5e-4, "large": 3e-4}
_SAVED_EVERY = 120  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The dial, how the gaps are learnt, and the licence of the texts, which is the base's too."""

    size: Size
    recipe: Recipe
    licence: str | None
    inexact: bool = field(default=False, metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    settings = resolve(project)
    recipe = Recipe(
        epochs=_EPOCHS[project.size],
        batch_size=settings.batch_size,
        learning_rate=_RATES[project.size],
        max_length=settings.max_length,
        seed=project.seed,
        bf16=multiplies_bf16(),
        device=project.train.device,
    )
    params = Params(size=project.size, recipe=recipe, licence=project.data.licence, inexact=site.inexact)
    packages = ("torch", "transformers", "tokenizers", "numpy")
    return Stage(name="base", params=params, run=run, inputs=("split", "beside"), packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Learn a tokenizer and an encoder from the training texts and the unlabelled ones; validation texts choose."""
    from argosy.train.checkpoints import Checkpoints
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.mask import Mask

    parts = {name: [row.text for row in part] for name, part in split.load(inputs["split"]).items()}
    parts["train"] += [row.text for row in beside.load(inputs["beside"], beside.UNLABELLED)]
    place = training.place(out.parent, params, inputs)
    watch = Watch(tell=tell, keep=Checkpoints(place, seconds=_SAVED_EVERY, inexact=params.inexact))
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".aside-") as drawn:
        _draw(params, parts["train"], Path(drawn))
        outcome = fit(Mask(), Path(drawn), parts, out / origin.MODEL, params.recipe, watch)
    licence = judge(params.licence)
    step = Step(what=SCRATCH, digest="", by=f"{len(parts['train']):,} texts of the project")
    record = {
        "name": SCRATCH,
        "licence": licence.name,
        "non_commercial": licence.non_commercial,
        "origin": [asdict(step)],
        "digest": "",
        "trim": None,
        "training": asdict(outcome),
    }
    origin.write_record(out, record)


def _draw(params: Params, texts: Sequence[str], folder: Path) -> None:
    """A tokenizer of these texts and an encoder with drawn weights."""
    from argosy.models import scratch
    from argosy.models.byte_pairs import BytePairs

    shape = scratch.fitted(params.size, sum(len(text.encode()) for text in texts))
    tokenizer = BytePairs.train(texts, size=shape.vocabulary)
    scratch.save(scratch.encoder(shape, tokenizer, seed=params.recipe.seed), tokenizer, folder)
