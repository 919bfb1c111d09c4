"""Stage *explain*: the way of explaining that holds on validation texts, and what it says of some test answers."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.doubts.explain import most_faithful
from argosy.infer.folder import describe
from argosy.stages.classify import evaluate
from argosy.stages.classify.attribution import Explainer, trust
from argosy.stages.data import split
from argosy.stages.site import Site

FACTS = "explanations.json"
_TRIED = 8  # validation texts that every method explains
_SHOWN = 3  # test answers that are right, and as many that are wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The seed of the draw of texts and of the deletions."""

    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    packages = ("captum", "torch", "transformers", "numpy")
    inputs = ("split", "pack", "evaluate")
    return Stage(
        name="explain", params=Params(seed=project.seed), run=run, inputs=inputs, packages=packages, machine=True
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Choose the method on validation texts by the deletion test, then explain a few test answers with it."""
    explainer = Explainer(inputs["pack"], seed=params.seed)
    validation = [str(row.meta["raw"]) for row in split.load(inputs["split"])["validation"]]
    tried = random.Random(params.seed).sample(validation, min(_TRIED, len(validation)))
    found = trust(explainer, tried)
    tell(0.8, "")
    method = most_faithful(found)
    texts = _texts(inputs, params.seed)
    shown = [explainer.explain(text, method=method or explainer.methods[0]).to_json() for text in texts]
    facts = {"method": method, "trust": {name: one.to_json() for name, one in found.items()}, "texts": shown}
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """``method`` (None: none is better than chance), ``trust`` by method, and the explained ``texts``."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _texts(inputs: Inputs, seed: int) -> list[str]:
    """A few test texts that the served model answers rightly, and a few that it does not."""
    lines = (inputs["evaluate"] / evaluate.PREDICTIONS).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    served = evaluate.rung_of(describe(inputs["pack"]).served)
    random.Random(seed).shuffle(rows)
    right = [row["text"] for row in rows if row[served] == row["label"]]
    wrong = [row["text"] for row in rows if row[served] != row["label"]]
    return [*right[:_SHOWN], *wrong[:_SHOWN]]
