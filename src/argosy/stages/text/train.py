"""Stage *train* of a language model: from nothing on the project's texts, or a pretrained one tuned on them.

Checkpoints lie beside the artifacts while it runs, so that a run that was stopped or killed goes on where it was.
"""

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.config.schema import Project
from argosy.core.records import Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.measure import measured
from argosy.infer.processor import multiplies_bf16
from argosy.stages import origin, training
from argosy.stages.data import dialogue, split
from argosy.stages.site import Site
from argosy.stages.text import base as text_base
from argosy.stages.text.baselines import METRIC, TASK
from argosy.stages.training import Journal
from argosy.train.recipe import Outcome, Recipe

if TYPE_CHECKING:
    from argosy.models.scratch import Shape
    from argosy.train.checkpoints import Checkpoints
    from argosy.train.language.watch import Expected, Reading, Watch

Parts = Mapping[str, Sequence[Example]]
OUTCOME = "outcome.json"
CHECKPOINT = "checkpoint"  # what goes on to be measured
_JOURNAL = "journal.jsonl"
_EVALUATIONS = 10
_VALIDATED = 200_000  # characters that each evaluation reads at most
_SAVED_EVERY = 120  # seconds
_MINUTES = {"tiny": 2.0, "small": 30.0, "base": 240.0, "large": 1_440.0}
_EPOCHS = {"tiny": 1, "small": 3, "base": 3, "large": 3}  # of a tuning
_ROWS = {"tiny": 500, "small": 10_000, "base": 50_000, "large": 500_000}
_CONTEXT = {"tiny": 128, "small": 256, "base": 512, "large": 1_024}
_TUNED = {"full": 2e-5, "head": 1e-3, "lora": 2e-4}  # learning rates
_LAST = 2**62  # every step
_SCHEDULED = ("warmup", "weight_decay", "decay", "clip", "accumulate", "ema", "patience")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How to train: the recipe, and how long; ``given`` names what ``[train]`` says itself."""

    recipe: Recipe
    minutes: float
    steps: int
    rows: int
    given: tuple[str, ...]
    dialogue: bool
    threads: int | None
    inexact: bool = field(default=False, metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage with what the dial sets and the overrides of ``[train]``."""
    wish, given = project.train, tuple(sorted(project.train.model_fields_set))
    trains = wish.trains if project.from_scratch or "trains" in given else "lora"
    known = {one.name for one in fields(Recipe)}
    chosen = {name: getattr(wish, name) for name in given if name in known and getattr(wish, name) is not None}
    defaults = {
        "epochs": _EPOCHS[project.size],
        "batch_size": 8,
        "learning_rate": _TUNED[trains],
        "max_length": _CONTEXT[project.size],
    }
    bf16 = multiplies_bf16()
    recipe = Recipe(**{**defaults, **chosen, "trains": trains, "seed": project.seed, "bf16": bf16})
    params = Params(
        recipe=recipe,
        minutes=wish.minutes or _MINUTES[project.size],
        steps=wish.steps or 0,
        rows=wish.rows or _ROWS[project.size],
        given=tuple(name for name in given if name in known),
        dialogue=project.data.answer is not None,
        threads=wish.threads,
        inexact=site.inexact,
    )
    packages = ("torch", "transformers", "tokenizers", "peft", "numpy")
    return Stage(name="train", params=params, run=run, inputs=("split", "base"), packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Train, or go on training, and store the model with the curve of its loss and of the validation texts."""
    place = training.place(out.parent, params, inputs)
    parts = split.load(inputs["split"])
    held_out = shortened(list(parts["validation"]), params.recipe.seed, _VALIDATED)
    record = _Record(Journal(place / _JOURNAL), [dialogue.parted(row)[1] for row in held_out], params.recipe.seed)
    watch, base = record.watch(place, tell, inexact=params.inexact), inputs["base"] / origin.MODEL
    shape = text_base.shape(inputs["base"])
    learnt = parts["train"] if shape else _drawn(parts["train"], params.rows, params.recipe.seed)
    rows = {"train": learnt, "validation": held_out}
    with _threads(params, shape, base, watch.keep):
        if shape is not None:
            came = _from_scratch(params, shape, base, rows, out / CHECKPOINT, watch)
        else:
            came = _tuned(params, base, rows, out / CHECKPOINT, watch)
    facts = {**asdict(came), **record.told(came), "rows": len(learnt), "validated": len(held_out)}
    (out / OUTCOME).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def outcome(folder: Path) -> dict[str, Any]:
    """What came of it."""
    return dict(json.loads((folder / OUTCOME).read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Record:
    """What the training tells, on the disk at once; ``texts`` are those that each evaluation reads."""

    journal: Journal
    texts: Sequence[str]
    seed: int

    def watch(self, place: Path, tell: Tell, *, inexact: bool) -> "Watch":
        """Who looks on; the training is kept so often that two minutes of work are lost at most."""
        from argosy.train.checkpoints import Checkpoints
        from argosy.train.language.watch import Watch

        keep = Checkpoints(place / CHECKPOINT, seconds=_SAVED_EVERY, inexact=inexact)

        def expect(found: "Expected") -> None:
            self.journal.write("expected", 0, **asdict(found))
            minutes = found.seconds / 60
            tell(0, f"about {minutes:.1f} min: {found.steps:,} steps, {found.tokens:,} tokens")

        return Watch(keep=keep, expected=expect, read=self.read, stepped=self.stepped, tell=tell)

    def stepped(self, step: int, seconds: float) -> None:
        """A step, and what it took."""
        self.journal.write("step", step, seconds=seconds)

    def read(self, found: "Reading") -> None:
        """An evaluation, as bits per byte of the validation texts."""
        measure = measured(TASK, self.texts, found.nats, rung="language_model")[METRIC]
        told = {} if isinstance(measure, Undefined) else asdict(around(measure, seed=self.seed))
        bits = float(found.nats.sum() / math.log(2) / sum(len(text.encode()) for text in self.texts))
        self.journal.write(
            "evaluation",
            found.step,
            **{"value": bits, "low": bits, "high": bits, **told},
            loss=found.loss,
            seconds=found.seconds,
        )

    def told(self, came: Outcome) -> dict[str, Any]:
        """The curve, and the time against what was foretold; seconds are those of what counts."""
        read = self.journal.read("evaluation", _LAST)
        history = [
            {
                "step": one["step"],
                "loss": one["loss"],
                "validation": {end: one[end] for end in ("value", "low", "high")},
            }
            for one in read
        ]
        best = next((number for number, one in enumerate(read, 1) if one["step"] == came.best_step), len(read))
        steps = self.journal.read("step", _LAST)
        expected = (self.journal.read("expected", _LAST) or [{}])[-1]
        return {
            "history": history,
            "best_epoch": best,
            "steps": len(steps),
            "seconds": sum(one["seconds"] for one in [*steps, *read]),
            "expected": {name: value for name, value in expected.items() if name not in ("kind", "step")} or None,
        }


@contextmanager
def _threads(params: Params, shape: "Shape | None", base: Path, keep: "Checkpoints") -> Iterator[None]:
    """The number of threads that ``[train]`` says or a short trial finds fastest, until the block ends."""
    import torch  # an install that only serves does not have it

    from argosy.train import threads

    before = torch.get_num_threads()

    def choose() -> int:
        if shape is not None:
            work = (shape.batch_tokens, shape.width, shape.ffn)
        else:
            config = json.loads((base / "config.json").read_text(encoding="utf-8"))
            work = (
                params.recipe.batch_size * params.recipe.max_length,
                config["hidden_size"],
                config["intermediate_size"],
            )
        tokens, width, inner = work
        return threads.choose(
            threads.Shape(tokens=tokens, width=width, inner=inner, bf16=params.recipe.bf16), cores=before
        )

    try:
        chosen = keep.once("threads", choose) if params.threads == 0 else params.threads
        torch.set_num_threads(chosen or before)
        yield
    finally:
        torch.set_num_threads(before)


def _from_scratch(params: Params, shape: "Shape", base: Path, rows: Parts, out: Path, watch: "Watch") -> Outcome:
    from argosy.train.language.corpus import schedule
    from argosy.train.language.pretrain import Plan, pretrain
    from argosy.train.language.watch import Budget

    recipe, given = params.recipe, params.given
    if "max_length" in given:
        shape = replace(shape, context=recipe.max_length)
    if "batch_size" in given:
        shape = replace(shape, batch_tokens=recipe.batch_size * shape.context)
    if "learning_rate" in given:
        shape = replace(shape, learning_rate=recipe.learning_rate)
    usual = schedule(shape, steps=1, bf16=recipe.bf16)  # the budget decides about steps
    planned = replace(usual, **{name: getattr(recipe, name) for name in given if name in _SCHEDULED})
    epochs = recipe.epochs if "epochs" in given else 0
    budget = Budget(steps=params.steps, epochs=epochs, minutes=params.minutes, evaluations=_EVALUATIONS)
    texts = {part: [row.text for row in some] for part, some in rows.items()}
    plan = Plan(shape=shape, schedule=planned, budget=budget, seed=recipe.seed)
    return pretrain(base, texts, out, plan, watch)


def _tuned(params: Params, base: Path, rows: Parts, out: Path, watch: "Watch") -> Outcome:
    from argosy.train.language.tune import tune

    pairs = {part: [dialogue.parted(row) for row in some] for part, some in rows.items()}
    return tune(base, pairs, out, params.recipe, watch, dialogue=params.dialogue)


def _drawn(rows: Sequence[Example], most: int, seed: int) -> Sequence[Example]:
    """At most so many rows, drawn at random, in their order."""
    if len(rows) <= most:
        return rows
    places = sorted(random.Random(seed).sample(range(len(rows)), most))
    return [rows[place] for place in places]


def shortened(rows: Sequence[Example], seed: int, most: int) -> list[Example]:
    """Rows drawn at random that have ``most`` characters together: every evaluation reads them all."""
    drawn = random.Random(seed).sample(range(len(rows)), len(rows))
    ends = accumulate(len(rows[place].text) for place in drawn)
    kept = [place for place, end in zip(drawn, ends, strict=True) if end <= most] or drawn[:1]
    return [rows[place] for place in sorted(kept)]
