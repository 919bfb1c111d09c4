"""Stage *evaluate*: the test rows are opened, once; everything was chosen before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts import slices
from argosy.evaluate.doubts.calibration import calibration
from argosy.evaluate.doubts.errors import analyse
from argosy.evaluate.doubts.selective import CAVEAT, answered, curve
from argosy.evaluate.metrics import Floats, Integers, Undefined
from argosy.evaluate.tasks.measure import Sheet, measure, measure_slices, over_seeds, plain
from argosy.infer.answers import softmax
from argosy.infer.engines.onnx import open_onnx
from argosy.infer.engines.transformer import TransformerClassifier
from argosy.infer.load import FP32, LINEAR, LogitClassifier, load
from argosy.infer.tokens import Tokenizer
from argosy.stages.classify import baselines, calibrate, export, frozen, select, train
from argosy.stages.data import rows, split
from argosy.stages.site import Site
from argosy.stages.smaller import pick
from argosy.stages.smaller.students import TUNED

FIGURES = "figures.json"
PREDICTIONS = "predictions.jsonl"
MODEL = "model"  # the tuned Transformer in fp32
ENGINE = "engine"  # what was picked of it, behind the engine that compression chose
_LEAST_SEEDS = 3  # for a claim about ways to train


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The metric of the comparison, tokens of a text that are read, and the seed of the bootstrap."""

    metric: str
    max_length: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """The test rows, and of each rung the scores [rows, labels]: probabilities, but for the frozen rung's logits."""

    examples: Sequence[Example]
    texts: Sequence[str]
    truth: Integers
    labels: Sequence[str]
    scores: Mapping[str, Floats]
    logits: Floats  # [rows, labels] of the model that is served


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; it waits for the parity gate, so that only what passed is measured."""
    params = Params(metric=project.metric, max_length=resolve(project).max_length, seed=project.seed)
    inputs = (
        *("split", "base", "baselines", "frozen", "train", "export", "pick", "select", "calibrate"),
        *("pack", "parity"),
    )
    return Stage(name="evaluate", params=params, run=run, inputs=inputs, packages=("numpy", "scipy"), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Every metric of every rung, whole and by language; calibration, certain answers, weak spots and errors."""
    test = _open(inputs, params.max_length, tell)
    best = select.best_baseline(inputs["select"])
    sheets = measure("classify", test.truth, test.scores, best=best, seed=params.seed, more=[params.metric])
    served = rung_of(select.served(inputs["select"]))
    figures = {
        **_shape(sheets),
        "detectable": dict(sheets[ENGINE].detectable),
        "undefined": dict(sheets[ENGINE].undefined),
        "versus_best_baseline": {"metric": params.metric, **_versus(sheets[ENGINE], params.metric)},
        "slices": _by_language(test, best, params),
        "weak_spots": slices.measure(test.examples, test.truth, test.scores[served].argmax(axis=1)).to_json(),
        **_certainty(test, inputs, params),
        "errors": analyse(test.texts, test.truth, test.scores[served], test.labels).to_json(),
        "seeds": _seeds(params, test, inputs, best),
    }
    (out / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    _store(test, out / PREDICTIONS)


def rung_of(engine: str) -> str:
    """The rung whose answers are those of the engine that serves."""
    return LINEAR if engine == LINEAR else ENGINE


def _open(inputs: Inputs, max_length: int, tell: Tell) -> _Test:
    """Ask every rung; the texts are clean already, and cleaning twice changes nothing."""
    labels = split.labels(inputs["split"])
    examples = split.load_test(inputs["split"])
    texts, columns = rows.as_arrays(examples, labels)
    chosen = pick.chosen(inputs["pick"]).name
    engines: dict[str, LogitClassifier] = {
        LINEAR: load(inputs["pack"], LINEAR),
        MODEL: _tuned(inputs, labels, max_length),
    }
    engines[ENGINE] = load(inputs["pack"], chosen)
    logits: dict[str, Floats] = {}
    for share, (rung, engine) in enumerate(engines.items(), start=1):
        logits[rung] = engine.logits(texts).astype(np.float64)
        tell(share / 5, engine.name)
    warmth = {
        rung: calibrate.temperature(inputs["calibrate"], name)
        for rung, name in ((LINEAR, LINEAR), (MODEL, TUNED), (ENGINE, chosen))
    }
    scores = {
        select.MAJORITY: baselines.majority_scores(inputs["baselines"], len(texts)),
        LINEAR: softmax(logits[LINEAR], warmth[LINEAR]),
        select.FROZEN: frozen.logits(inputs["frozen"], inputs["base"], texts),
        **{rung: softmax(logits[rung], warmth[rung]) for rung in (MODEL, ENGINE)},
    }
    served = logits[rung_of(select.served(inputs["select"]))]
    return _Test(examples=examples, texts=texts, truth=np.array(columns), labels=labels, scores=scores, logits=served)


def _tuned(inputs: Inputs, labels: Sequence[str], max_length: int) -> TransformerClassifier:
    """The tuned model in fp32, whatever was picked to serve in its place."""
    tokenizer = Tokenizer.load(inputs["train"] / train.CHECKPOINT, max_length=max_length)
    return open_onnx(inputs["export"] / export.GRAPH, name=FP32, tokenizer=tokenizer, labels=labels, text_steps=())


def _shape(sheets: Mapping[str, Sheet]) -> dict[str, Any]:
    """The Transformer as its engine answers, the baselines, and the Transformer before compression."""
    return {
        "metrics": plain(sheets[ENGINE]),
        "baselines": {name: plain(sheets[name]) for name in select.BASELINES},
        "model": plain(sheets[MODEL]),
    }


def _versus(sheet: Sheet, metric: str) -> dict[str, Any]:
    versus = sheet.figures[metric].versus
    return asdict(versus) if versus else {}


def _by_language(test: _Test, best: str, params: Params) -> dict[str, Any]:
    languages = np.array([str(example.meta["language"]) for example in test.examples])
    masks = {str(language): languages == language for language in np.unique(languages)}
    more = [params.metric]
    parts = measure_slices("classify", test.truth, test.scores, masks, best=best, seed=params.seed, more=more)
    return {
        name: {"rows": sheets[ENGINE].units, **_shape(sheets), "undefined": dict(sheets[ENGINE].undefined)}
        for name, sheets in parts.items()
    }


def _certainty(test: _Test, inputs: Inputs, params: Params) -> dict[str, Any]:
    """Whether the probabilities are true, and what the threshold that validation gave does on the test rows."""
    facts = calibrate.read(inputs["calibrate"])
    served = select.served(inputs["select"])
    warmth = float(facts["temperatures"][served]["temperature"])
    shares = softmax(test.logits, warmth)
    points = [asdict(point) for point in curve(shares, test.truth)]
    selective = {**facts["selective"], "curve": points, "caveat": CAVEAT}
    if selective["threshold"] is not None:
        covered, wrong = answered(shares, test.truth, selective["threshold"])
        selective["test"] = {"coverage": asdict(covered), "error": asdict(wrong) if wrong else None}
    return {
        "calibration": calibration(test.logits, test.truth, warmth, seed=params.seed).to_json(),
        "selective": selective,
    }


def _seeds(params: Params, test: _Test, inputs: Inputs, best: str) -> dict[str, Any] | None:
    """Whether tuning as such beats the best baseline: a claim that takes several trainings; None with fewer."""
    folders = train.checkpoints(inputs["train"])
    if len(folders) < _LEAST_SEEDS:
        return None
    from argosy.infer.engines.torch_engine import open_torch

    said = []
    for folder in folders:
        tokenizer = Tokenizer.load(folder, max_length=params.max_length)
        engine = open_torch(folder, tokenizer=tokenizer, labels=test.labels, text_steps=())
        said.append(softmax(engine.logits(test.texts)))
    claim = over_seeds("classify", params.metric, test.truth, said, [test.scores[best]] * len(said))
    if isinstance(claim, Undefined):
        return None
    return {"trainings": len(said), "baseline": best, "metric": params.metric, **asdict(claim)}


def _store(test: _Test, path: Path) -> None:
    """One line a test row with what each rung said, for whoever wants to read the errors."""
    said = {rung: scores.argmax(axis=1).tolist() for rung, scores in test.scores.items()}
    with path.open("w", encoding="utf-8") as file:
        for index, example in enumerate(test.examples):
            answers = {rung: test.labels[columns[index]] for rung, columns in said.items()}
            row = {"id": example.id, "label": example.label, **answers, "text": example.text}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
