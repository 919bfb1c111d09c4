"""Stage *frozen*: a linear model over the embeddings of the base as it comes, to see what tuning adds."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from argosy.config.schema import Project, resolve
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import Floats
from argosy.evaluate.rivals.baselines import fit_frozen
from argosy.infer.engines.linear import log_softmax
from argosy.infer.processor import multiplies_bf16
from argosy.stages import origin
from argosy.stages.classify import suspects
from argosy.stages.data import rows, split
from argosy.stages.site import Site

HEAD = "head.npz"
FACTS = "frozen.json"
VALIDATION = "validation.npy"  # logits [validation rows, labels]
_ROWS = 5_000  # training rows to embed: a layer of some hundred weights a label learns little from more


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Tokens of a text that are read, whether in bfloat16, and the seed of the folds."""

    max_length: int
    bf16: bool
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    bf16 = multiplies_bf16()
    params = Params(max_length=resolve(project).max_length, bf16=bf16, seed=project.seed)
    packages = ("torch", "transformers", "tokenizers", "scikit-learn", "numpy")
    inputs = ("split", "suspects", "base")
    return Stage(name="frozen", params=params, run=run, inputs=inputs, packages=packages, machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Embed, fit the layer on the training rows, and store it with its scores of the validation rows."""
    labels = split.labels(inputs["split"])
    learnt = split.at_most(suspects.training(inputs["suspects"]), _ROWS, seed=params.seed)
    texts, columns = rows.as_arrays(learnt, labels)
    held, _ = rows.as_arrays(split.load(inputs["split"])["validation"], labels)
    vectors = _embed(inputs["base"], texts, max_length=params.max_length, bf16=params.bf16)
    tell(0.7, f"{len(texts)}")
    head = fit_frozen(vectors, np.array(columns), labels, seed=params.seed)
    np.savez(out / HEAD, weights=head.weights, bias=head.bias, max_length=params.max_length, bf16=params.bf16)
    np.save(out / VALIDATION, logits(out, inputs["base"], held))
    facts = {"rows": len(texts), "strength": head.strength, "trials": [asdict(trial) for trial in head.trials]}
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def logits(folder: Path, base_folder: Path, texts: Sequence[str]) -> Floats:
    """Log-probabilities [texts, labels] of clean texts."""
    with np.load(folder / HEAD) as head:
        max_length, bf16 = int(head["max_length"]), bool(head["bf16"])
        vectors = _embed(base_folder, texts, max_length=max_length, bf16=bf16).astype(np.float64)
        return np.asarray(log_softmax(vectors @ head["weights"].T + head["bias"]), dtype=np.float64)


def _embed(base_folder: Path, texts: Sequence[str], *, max_length: int, bf16: bool) -> Floats:
    from argosy.train.embed import Encoder, prefix  # torch, which an install that only serves does not have

    began = origin.read(base_folder) or {"name": "", "origin": []}
    names = [began["name"], *(step["what"] for step in began["origin"])]
    wanted = next((found for name in names if (found := prefix(name.partition("@")[0]))), "")
    encoder = Encoder(base_folder / origin.MODEL, max_length=max_length, prefix=wanted, bf16=bf16)
    return np.asarray(encoder.embed(texts))
