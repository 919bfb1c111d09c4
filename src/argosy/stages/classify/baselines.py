"""Stage *baselines*: the models that the large one has to beat, fitted on the training rows alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from argosy.config.schema import Project
from argosy.core.errors import raise_all
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.clean import clean_text
from argosy.evaluate.intervals import wilson
from argosy.evaluate.metrics import Floats
from argosy.evaluate.parity import ParityReport, company, compare_logits
from argosy.evaluate.rivals.baselines import LinearModel, export_linear, fit_linear, majority
from argosy.infer.engines.linear import LinearClassifier
from argosy.stages.classify import augment, beside, suspects
from argosy.stages.data import clean, rows, split
from argosy.stages.site import Site

GRAPH = "linear.onnx"
FACTS = "baselines.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What is done to a text, how words are counted, the seed of the folds, and the gate for the exported graph."""

    text_steps: tuple[str, ...]
    stop_words: bool
    stem: bool
    seed: int
    texts: int
    tolerance: float


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(
        text_steps=clean.steps(project),
        stop_words=project.baselines.stop_words,
        stem=project.baselines.stem,
        seed=project.seed,
        texts=project.gate.texts,
        tolerance=project.gate.tolerance,
    )
    packages = ("numpy", "scikit-learn", "skl2onnx", "onnx")
    inputs = ("split", "suspects", "augment", "beside")
    return Stage(name="baselines", params=params, run=run, inputs=inputs, packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """The most frequent label, and TF-IDF of character n-grams with logistic regression, exported to ONNX.

    The graph must answer raw texts as the fitted model answers the clean ones; raises GateError where it does not.
    """
    labels = split.labels(inputs["split"])
    learnt = suspects.training(inputs["suspects"])
    copies = augment.copies(inputs["augment"], learnt, helpful=True)
    old = beside.load(inputs["beside"], beside.OLD)  # what a base that learns on knows, its rivals must know too
    texts, columns = rows.as_arrays([*learnt, *copies, *old], labels)
    truth = np.array(columns)
    linear = fit_linear(texts, truth, labels, seed=params.seed, stop_words=params.stop_words, stem=params.stem)
    export_linear(linear, out / GRAPH)
    gate = _gate(params, linear, out / GRAPH, split.raw_texts(inputs["split"], params.texts))
    facts = {
        "agreement": asdict(wilson(round(gate.agreement * gate.texts), gate.texts)),
        "gate": gate.to_json(),
        "majority": labels[majority(truth, len(labels))],
        "shares": (np.bincount(truth, minlength=len(labels)) / len(truth)).tolist(),
        "linear": {
            "longest": linear.longest,
            "strength": linear.strength,
            "trials": [asdict(trial) for trial in linear.trials],
        },
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def _gate(params: Params, linear: LinearModel, graph: Path, texts: Sequence[str]) -> ParityReport:
    engine = LinearClassifier(graph, text_steps=params.text_steps)
    reference = linear.logits([clean_text(text, params.text_steps) for text in texts])
    gate = compare_logits(texts, reference, engine.logits(texts), gate="linear", tolerance=params.tolerance)
    alone = company(engine.logits, texts, gate="linear", seed=params.seed, tolerance=params.tolerance)
    raise_all([*gate.problems, *alone.problems])
    return gate


def agreement(folder: Path) -> dict[str, float]:
    """The share of raw texts on which the graph gives the label of the fitted model."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8"))["agreement"])


def majority_scores(folder: Path, texts: int) -> Floats:
    """The share of each label among the training rows [texts, labels]: the answer that looks at no text."""
    shares = json.loads((folder / FACTS).read_text(encoding="utf-8"))["shares"]
    return np.tile(np.array(shares), (texts, 1))
