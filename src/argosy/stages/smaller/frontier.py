"""Stage *frontier*: smaller models are made and measured within a budget, where the project or a person asks for it.

Everything is measured on the validation rows; which of the points serves is for the stage *pick* to say. What was made
before a stop stands beside the artifacts, so the same command goes on.
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from argosy.compress.material import Material
from argosy.config.places import COMPRESSION
from argosy.config.schema import Project, resolve
from argosy.core.extension import named
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.frontier import afford
from argosy.evaluate.intervals import interval
from argosy.evaluate.metrics import Integers
from argosy.evaluate.paired import compare
from argosy.infer.engines.linear import LinearClassifier
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.folder import ONNXRUNTIME
from argosy.infer.load import FP32, LINEAR, LogitClassifier
from argosy.infer.processor import multiplies_bf16
from argosy.infer.tokens import Tokenizer
from argosy.stages import training
from argosy.stages.classify import baselines, beside, export, quantise, suspects, train
from argosy.stages.data import clean, split
from argosy.stages.links import link_tree
from argosy.stages.site import Site
from argosy.stages.smaller import students
from argosy.stages.smaller.exploring import Explorer, Made
from argosy.stages.smaller.judging import Floats, Gates, Judge
from argosy.stages.smaller.racing import Pace, race
from argosy.stages.smaller.teacher import Teacher

NAME = "frontier"
FACTS = "frontier.json"
MODELS = "models"  # one folder each
BUDGET = "budget"  # why a model was not tried
_LABELLED, _UNLABELLED = 0.25, 0.15  # of the time is what the teacher may read such rows for


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Minutes to make and measure in (None: nobody asked), by what, and how texts are read, judged and learnt from."""

    minutes: float | None
    compressors: tuple[str, ...]
    metric: str
    gates: Gates
    rows: int
    max_length: int
    text_steps: tuple[str, ...]
    languages: tuple[str, ...]
    bf16: bool


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; it does nothing unless the project has a ``[target]`` or somebody asks to explore."""
    settings = resolve(project)
    params = Params(
        minutes=site.explore or (project.target.minutes if project.target else None),
        compressors=tuple(named("compressors", students.COMPRESSORS)),
        metric=project.metric,
        gates=quantise.gates(project),
        rows=settings.rows,
        max_length=settings.max_length,
        text_steps=clean.steps(project),
        languages=tuple(project.languages),
        bf16=multiplies_bf16(),
    )
    packages = ("torch", "transformers", "onnx", "onnxruntime", "openvino", "numpy", "scipy")
    inputs = ("split", "suspects", "beside", "baselines", "train", "export", "quantise")
    return Stage(name=NAME, params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Make what the budget affords, hold it to its gates, time all of it in turn, and store it."""
    facts: dict[str, Any] = {"asked": params.minutes is not None, "points": [], "not_tried": []}
    if params.minutes is not None:
        facts |= _Exploration.load(params, inputs, out.parent).run(60 * params.minutes, out, tell)
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """``asked``, the ``points``, and what was ``not_tried``."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def logits(folder: Path, point: Mapping[str, Any]) -> Floats:
    """What a point answers to the validation rows [rows, labels]."""
    return np.asarray(np.load(folder / MODELS / point["folder"] / f"{point['engine']}.npy"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Exploration:
    """All that is explored with; ``place`` outlives a stop."""

    params: Params
    inputs: Inputs
    place: Path
    judge: Judge
    teacher: Teacher

    @classmethod
    def load(cls, params: Params, inputs: Inputs, store: Path) -> "_Exploration":
        place = training.place(store, replace(params, minutes=None), inputs, COMPRESSION)
        for other in place.parent.iterdir():
            if other != place:  # of other rows or another model
                shutil.rmtree(other)
        judge = Judge.load(inputs["split"], params.gates)
        return cls(
            params=params,
            inputs=inputs,
            place=place,
            judge=judge,
            teacher=Teacher(place, _models(params, inputs, judge.labels)),
        )

    def run(self, seconds: float, out: Path, tell: Tell) -> dict[str, Any]:
        """The points, the most promising models first, and what was not tried."""
        work = self._work(seconds)
        fixed = students.reading(work, len(work.material.train) + 3 * len(self.judge.texts))
        wanted = students.students(work, self.params.compressors)
        afforded = set(afford({one.name: one.seconds for one in wanted}, seconds - fixed))
        explorer = Explorer(
            place=self.place,
            judge=self.judge,
            text_steps=self.params.text_steps,
            max_length=self.params.max_length,
        )
        trying = [students.tuned(work), *(one for one in wanted if one.name in afforded)]
        made, left = explorer.explore(trying, seconds, lambda share, note: tell(0.9 * share, note))
        not_tried: list[dict[str, Any]] = [
            {"name": one.name, "reason": BUDGET} for one in wanted if one.name not in afforded
        ]
        tell(0.9, "")
        linear = LinearClassifier(self.inputs["baselines"] / baselines.GRAPH, text_steps=self.params.text_steps)
        engines: dict[str, LogitClassifier] = {one.name: explorer.open(one) for one in made}
        paces = race({**engines, LINEAR: linear}, self.judge.texts)
        for folder in dict.fromkeys(one.folder for one in made):
            link_tree(folder, out / MODELS / folder.name)
        (out / MODELS / LINEAR).mkdir()
        np.save(out / MODELS / LINEAR / f"{LINEAR}.npy", linear.logits(self.judge.texts[: len(self.judge.truth)]))
        return {"points": self._points(made, paces, out), "not_tried": [*not_tried, *left]}

    def _work(self, seconds: float) -> students.Work:
        params, inputs = self.params, self.inputs
        learnt = split.at_most(suspects.training(inputs["suspects"]), params.rows, seed=params.gates.seed)
        chosen = quantise.chosen(inputs["quantise"])
        checkpoint = inputs["train"] / train.CHECKPOINT
        material = Material(
            labels=self.judge.labels,
            teach=self.teacher,
            train=[(row.text, str(row.label)) for row in learnt],
            validation=[(row.text, str(row.label)) for row in split.load(inputs["split"])["validation"]],
            languages=params.languages,
            max_length=params.max_length,
            seed=params.gates.seed,
            bf16=params.bf16,
        )
        work = students.Work(
            checkpoint=checkpoint,
            graph=inputs["export"] / export.GRAPH,
            chosen=None if chosen.file is None else inputs["quantise"] / chosen.file,
            material=material,
            seconds=seconds,
            texts=len(self.judge.texts),
        )
        each = students.reading(work, 1)
        some = split.at_most(learnt, int(_LABELLED * seconds / each), seed=params.gates.seed)
        texts = [row.text for row in beside.load(inputs["beside"], beside.UNLABELLED)]
        taught = replace(
            material,
            train=[(row.text, str(row.label)) for row in some],
            unlabelled=texts[: int(_UNLABELLED * seconds / each)],
        )
        return replace(work, material=taught)

    def _points(self, made: Sequence[Made], paces: Mapping[str, Pace], out: Path) -> list[dict[str, Any]]:
        said = {one.name: one.logits.argmax(axis=1) for one in made}
        linear = np.load(out / MODELS / LINEAR / f"{LINEAR}.npy").argmax(axis=1)
        before = said[made[0].name]
        size = (self.inputs["baselines"] / baselines.GRAPH).stat().st_size / 1e6
        return [
            *(
                {
                    "name": one.name,
                    "model": one.model,
                    "steps": one.steps,
                    "folder": one.folder.name,
                    "engine": one.engine,
                    "runtime": one.runtime,
                    "file": one.file,
                    "torch": one.torch,
                    **self._quality(said[one.name], before),
                    **asdict(paces[one.name]),
                    "size_mb": one.size_mb,
                    "seconds": one.seconds,
                    "reasons": one.reasons,
                }
                for one in made
            ),
            {
                "name": LINEAR,
                "model": LINEAR,
                "steps": (),
                "folder": LINEAR,
                "engine": LINEAR,
                "runtime": ONNXRUNTIME,
                **self._quality(linear, before),
                **asdict(paces[LINEAR]),
                "size_mb": size,
                "seconds": 0.0,
                "reasons": (),
            },
        ]

    def _quality(self, said: Integers, before: Integers) -> dict[str, Any]:
        """The metric with its interval, and what it lost against the model before."""
        metric, truth, classes, seed = (
            self.params.metric,
            self.judge.truth,
            len(self.judge.labels),
            self.params.gates.seed,
        )
        return {
            "quality": asdict(interval(metric, truth, said, classes, seed=seed)),
            "loss": asdict(compare(metric, truth, before, said, classes, seed=seed)),
        }


def _models(params: Params, inputs: Inputs, labels: Sequence[str]) -> list[Callable[[Sequence[str]], Floats]]:
    """The teachers: the tuned model's graph, and with it every other training of the same kind that was kept."""
    first, *others = train.checkpoints(inputs["train"])
    tokenizer = Tokenizer.load(first, max_length=params.max_length)
    graph = inputs["export"] / export.GRAPH
    engines: list[LogitClassifier] = [
        open_onnx(graph, name=FP32, tokenizer=tokenizer, labels=labels, text_steps=params.text_steps)
    ]
    for folder in others:
        from argosy.infer.engines.torch_engine import open_torch

        engines.append(open_torch(folder, tokenizer=tokenizer, labels=labels, text_steps=params.text_steps))
    return [engine.logits for engine in engines]
