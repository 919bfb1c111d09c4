"""Stage *rank* of a recommender: all parts together, learnt from the past, and whether they beat a simple model.

The ranker learns from lists at moments of the training part, by models of what was before each. On validation all parts
together are held against the best simple model, which serves unless they are clearly better.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.metrics import mean
from argosy.evaluate.paired import difference
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.protocol.cutting import Parts
from argosy.recommend.protocol.ranking import evaluate
from argosy.recommend.ranking import system
from argosy.recommend.ranking.examples import Learning, Make, Past
from argosy.recommend.ranking.looking import Looking
from argosy.recommend.ranking.ranker import Chosen
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System
from argosy.recommend.tuning import FITS, METRIC
from argosy.report.recommend_verdict import SYSTEM
from argosy.stages.recommend import events, text, tune
from argosy.stages.recommend.tune import Known
from argosy.stages.site import Site

FACTS = "rank.json"
TEXT = "text"
_POPULAR = "popularity"  # a count that the ranker has already
_FEWEST = 20  # users of validation that it takes to choose


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How lists are made, and the seed of the tests."""

    looking: Looking
    seed: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    wish = project.recommend
    looking = Looking(
        candidates=wish.candidates, remember=wish.remember, fresh_days=wish.fresh_days, repeat=wish.repeat
    )
    parts = ("blend", "candidates", "examples", "features", "learning", "looking", "ranker", "standing", "trees")
    return Stage(
        name="rank",
        params=Params(looking=looking, seed=project.seed),
        run=run,
        inputs=("events", "tune", "interest"),
        packages=("lightgbm", "implicit", "numpy", "scipy"),
        code=(system.__name__, *(f"argosy.recommend.ranking.{name}" for name in parts)),
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Learn on the inner training part, hold against the best simple model on validation, say what serves."""
    catalogue, happened = events.load(inputs["events"])
    known = tune.read(inputs["tune"])
    inner = tune.validation(tune.cut(happened, known).train, known.params)
    makes = makes_of(inputs, known, catalogue)
    tell(0.1, "lists")
    made, chosen = fit(params, known, inner.train, catalogue, makes)
    tell(0.8, "validation")
    told = _held(params, known, inner, catalogue, made)
    (out / FACTS).write_text(json.dumps({**told, **_ranker(chosen)}, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """What ``run`` found: ``served``, the ``difference`` on validation, and how the ranker was chosen."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def makes_of(inputs: Inputs, known: Known, catalogue: Catalogue, *, texts: bool = True) -> dict[str, Make]:
    """What fits each model that proposes: the tuned ones but the popular, and the text model."""
    makes: dict[str, Make] = {
        one.name: partial(_fit, one.name, one.settings, catalogue) for one in known.fitted if one.name != _POPULAR
    }
    words = text.makes(inputs["interest"]) if texts else None
    return {**makes, TEXT: words} if words else makes


def fit(
    params: Params, known: Known, happened: Interactions, catalogue: Catalogue, makes: Mapping[str, Make]
) -> tuple[System, Chosen]:
    """All parts together, of what happened."""
    past = Past(events=happened, catalogue=catalogue, makes=makes, how=params.looking)
    return system.fit(past, Learning(cut=known.params.how, seed=params.seed))


def _fit(name: str, settings: Mapping[str, float], catalogue: Catalogue, happened: Interactions) -> Any:
    return FITS[name](happened, catalogue, settings)


def _held(params: Params, known: Known, inner: Parts, catalogue: Catalogue, made: System) -> dict[str, Any]:
    """All parts together against the best simple model, for users of validation with a past."""
    cases = [case for case in inner.cases if case.history.success.any()]
    if len(cases) < _FEWEST:
        return {"served": SYSTEM, "best": known.best, "difference": None, "users": len(cases), "reason": "too_few"}
    standing = Standing.of(inner.train, catalogue)
    best = next(one for one in known.fitted if one.name == known.best)
    simple = FITS[best.name](inner.train, catalogue, best.settings)
    size, repeat = len(catalogue), known.params.repeat
    ours = evaluate(lambda some: made.scores(some, standing), cases, size, repeat=repeat).figures[METRIC]
    theirs = evaluate(simple.scores, cases, size, repeat=repeat).figures[METRIC]
    found = difference(mean(np.nan_to_num(ours)), mean(np.nan_to_num(theirs)), seed=params.seed)
    return {
        "served": SYSTEM if found.low > 0 else best.name,
        "best": best.name,
        "difference": asdict(found),
        "users": len(cases),
        "reason": "better" if found.low > 0 else "no_better",
    }


def _ranker(chosen: Chosen) -> dict[str, Any]:
    ahead = asdict(chosen.ahead) if chosen.ahead else None
    told = {"kept": chosen.ranker.name, "penalty": chosen.penalty, "blend": chosen.blend, "trees": chosen.trees}
    return {"ranker": {**told, "ahead": ahead}}
