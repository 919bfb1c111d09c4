"""Stage *train*: fine-tune the base model; what is kept is chosen on the validation rows.

More seeds are more trainings of the same kind: the first is served, the others show what chance in training does.
What is tried besides (altered copies, an adapted base, texts that the model labels itself) is trained as often as the
plain way, over at least three seeds, and is kept only if the paired test over them shows that it helps. A training that
was killed goes on where it was: its checkpoints stand outside the stage's own folder.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.places import CURVES
from argosy.config.schema import Project, resolve
from argosy.core.records import Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.evaluate.doubts.selective import threshold
from argosy.evaluate.metrics import Integers, Undefined
from argosy.evaluate.tasks.measure import over_seeds
from argosy.infer.processor import multiplies_bf16
from argosy.report.learning import ADAPTED, AUGMENTED, PLAIN, SELF_TRAINED
from argosy.stages import origin, training
from argosy.stages.classify import adapt, augment, beside, suspects
from argosy.stages.classify.finetuning import MODEL, Job, Trained, finetune
from argosy.stages.data import rows, split
from argosy.stages.site import Site
from argosy.train.methods.self_training import choose
from argosy.train.recipe import Recipe

OUTCOME = "outcome.json"
CHECKPOINT = "checkpoint"  # what goes on to be exported
SEEDS = "seeds"  # the other trainings of the same kind, one folder each
_LEAST_SEEDS = 3  # for a claim about ways to train
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The recipe of the first training, the metric that picks the epoch, the most rows, and how often to train.

    ``layers`` are the top ones that learn, instead of the recipe's share; ``error`` is the share of wrong labels that
    self-training may take in (None: it is not tried).
    """

    recipe: Recipe
    layers: int | None
    metric: str
    rows: int
    seeds: int
    error: float | None
    processes: int
    threads: int | None
    log: tuple[str, ...] = field(metadata=UNKEYED)
    inexact: bool = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage with the size's settings and those of ``[train]``."""
    settings, wish = resolve(project), project.train
    named = {one.name for one in fields(Recipe)} & set(type(wish).model_fields) - set(type(settings).model_fields)
    params = Params(
        recipe=Recipe(
            epochs=settings.epochs,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            max_length=settings.max_length,
            frozen=settings.frozen,
            seed=project.seed,
            bf16=multiplies_bf16(),
            **{name: getattr(wish, name) for name in sorted(named)},
            **_continual(project),
        ),
        layers=wish.layers,
        metric=project.metric,
        rows=settings.rows,
        seeds=wish.seeds,
        error=project.gate.error if wish.self_train else None,
        processes=wish.processes,
        threads=wish.threads,
        log=tuple(wish.log),
        inexact=site.inexact,
    )
    packages = ("torch", "transformers", "tokenizers", "numpy", "peft")
    inputs = ("split", "suspects", "augment", "base", "beside", "adapt")
    return Stage(name="train", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fine-tune every way that is to be tried, decide on the validation rows, and store the models that are kept."""
    work = _Work.load(params, inputs, training.place(out.parent, params, inputs))
    names = work.ways
    seeds = max(params.seeds, _LEAST_SEEDS) if len(names) > 1 else params.seeds
    trained: dict[str, list[Trained]] = {name: [] for name in names}
    for number, (seed, name) in enumerate([(seed, name) for seed in range(seeds) for name in names]):
        part = _part(tell, number, len(names) * seeds)
        trained[name].append(work.train(name, seed, trained[PLAIN], part))
    tried = {name: work.gain(trained[name], trained[PLAIN]) for name in names if name != PLAIN}
    helpful = {name: claim["difference"] for name, claim in tried.items() if claim and claim["helps"]}
    kept = max(helpful, key=lambda name: helpful[name]) if helpful else PLAIN
    for number, one in enumerate(trained[kept]):
        target = out / SEEDS / str(params.recipe.seed + number) if number else out / CHECKPOINT
        shutil.copytree(one.folder / MODEL, target)
    facts = {
        **_facts(trained[kept], params.recipe.seed),
        "rows": len(work.rows_of(kept, 0, trained[PLAIN])),
        "kept": kept,
        "tried": tried,
    }
    (out / OUTCOME).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def checkpoints(folder: Path) -> list[Path]:
    """The kept trainings, the one that is served first."""
    return [folder / CHECKPOINT, *sorted((folder / SEEDS).glob("*"), key=lambda path: int(path.name))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What all trainings of the stage share; ``place`` is where they are kept while they run."""

    params: Params
    inputs: Inputs
    place: Path
    labels: Sequence[str]
    learnt: Sequence[Example]
    copies: Sequence[Example]
    validation: Sequence[Example]
    unlabelled: Sequence[Example]
    old: Sequence[Example]

    @classmethod
    def load(cls, params: Params, inputs: Inputs, place: Path) -> "_Work":
        learnt = split.at_most(suspects.training(inputs["suspects"]), params.rows, seed=params.recipe.seed)
        return cls(
            params=params,
            inputs=inputs,
            place=place,
            labels=split.labels(inputs["split"]),
            learnt=learnt,
            copies=augment.copies(inputs["augment"], learnt),
            validation=split.load(inputs["split"])["validation"],
            unlabelled=beside.load(inputs["beside"], beside.UNLABELLED),
            old=beside.load(inputs["beside"], beside.OLD),
        )

    @property
    def ways(self) -> list[str]:
        """The ways to train that are tried, the plain one first."""
        asked = {
            AUGMENTED: bool(self.copies),
            ADAPTED: adapt.model(self.inputs["adapt"]) is not None,
            SELF_TRAINED: self.params.error is not None and bool(self.unlabelled),
        }
        return [PLAIN, *(name for name, wanted in asked.items() if wanted)]

    def train(self, way: str, seed: int, plain: Sequence[Trained], tell: Tell) -> Trained:
        """One training; self-training learns from what the plain model of the same seed is sure of.

        Where that is nothing, it is the plain training.
        """
        learnt = self.rows_of(way, seed, plain)
        if way == SELF_TRAINED and len(learnt) == len(self.learnt):
            return plain[seed]
        return finetune(self._job(way, seed, learnt), tell)

    def _job(self, way: str, seed: int, learnt: Pairs) -> Job:
        params = self.params
        adapted = adapt.model(self.inputs["adapt"]) if way == ADAPTED else None
        source = adapted or self.inputs["base"] / origin.MODEL
        held = {"validation": _pairs(self.validation), "old": _pairs(self.old)}
        folder = self.place / way / str(seed)
        return Job(
            folder=folder,
            base=source,
            labels=self.labels,
            rows={"train": learnt, **held},
            recipe=replace(params.recipe, seed=params.recipe.seed + seed, frozen=_frozen(params, source)),
            metric=params.metric,
            processes=params.processes,
            threads=params.threads,
            inexact=params.inexact,
            log=params.log,
            curves=self.place.parents[1] / Path(CURVES).name / self.place.name / way / str(seed),
        )

    def rows_of(self, way: str, seed: int, plain: Sequence[Trained]) -> Pairs:
        """What a way learns from."""
        learnt = _pairs(self.learnt)
        if way == AUGMENTED:
            return [*learnt, *_pairs(self.copies)]
        if way == SELF_TRAINED:
            return [*learnt, *self._sure_of(plain[seed])]
        return learnt

    def gain(self, tried: Sequence[Trained], plain: Sequence[Trained]) -> dict[str, Any] | None:
        """What a way did on the validation rows over the seeds; it helps when the interval lies above 0."""
        said = [[one.said for one in side] for side in (tried, plain)]
        claim = over_seeds("classify", self.params.metric, self._truth(), *said)
        return None if isinstance(claim, Undefined) else {**asdict(claim), "helps": claim.low > 0}

    def _truth(self) -> Integers:
        return np.array(rows.as_arrays(self.validation, self.labels)[1])

    def _sure_of(self, trained: Trained) -> Pairs:
        """Unlabelled texts with the label that a model is sure enough of, as sure as its validation rows ask for."""
        bar = threshold(trained.said, self._truth(), self.params.error or 0.0).threshold
        if bar is None:
            return []
        texts = [row.text for row in self.unlabelled]
        counts = np.bincount(rows.as_arrays(self.learnt, self.labels)[1], minlength=len(self.labels))
        said = _answers(trained.folder / MODEL, texts, self.labels, self.params.recipe.max_length)
        sure = choose(said, bar, shares=counts / counts.sum(), most=len(self.learnt))
        return [(texts[row], self.labels[label]) for row, label in zip(sure.rows, sure.labels, strict=True)]


def _continual(project: Project) -> dict[str, Any]:
    """What the recipe says of a base that learns on."""
    wish = project.continual
    return {} if wish is None else {"continual": wish.method, "share": wish.share, "strength": wish.strength}


def _answers(folder: Path, texts: Sequence[str], labels: Sequence[str], max_length: int) -> Any:
    """Probabilities [texts, labels]."""
    from argosy.infer.answers import softmax
    from argosy.infer.engines.torch_engine import open_torch
    from argosy.infer.tokens import Tokenizer

    tokenizer = Tokenizer.load(folder, max_length=max_length)
    return softmax(open_torch(folder, tokenizer=tokenizer, labels=labels, text_steps=()).logits(texts))


def _frozen(params: Params, folder: Path) -> float:
    """The share of the lower layers that stay."""
    if params.layers is None:
        return params.recipe.frozen
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    count = int(config.get("num_hidden_layers") or config.get("n_layers") or params.layers or 1)
    return 1 - min(params.layers, count) / count


def _pairs(examples: Sequence[Example]) -> Pairs:
    return [(row.text, str(row.label)) for row in examples]


def _facts(trained: Sequence[Trained], seed: int) -> Mapping[str, Any]:
    first = trained[0]
    history = [
        {"loss": loss, "validation": asdict(figure)}
        for (loss, _), figure in zip(first.outcome.history, first.figures.values(), strict=True)
    ]
    by_seed = {str(seed + number): asdict(one.best) for number, one in enumerate(trained)}
    outcome = {name: fact for name, fact in asdict(first.outcome).items() if name != "tokens_per_second"}
    return {**outcome, "history": history, "seeds": by_seed}  # a pace differs from run to run, a result must not


def _part(tell: Tell, number: int, count: int) -> Tell:
    """``tell`` for the training with this number out of ``count``."""
    return lambda share, note: tell((number + share) / count, note)
