"""Stage *measure* of a recommender: the test, opened once, for every model, every kind of user, and new items."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import mean
from argosy.evaluate.paired import difference
from argosy.evaluate.power import detectable
from argosy.recommend.baselines.plain import chance
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.protocol import audit
from argosy.recommend.protocol.cutting import Case, Parts
from argosy.recommend.protocol.ranking import Ranks, Scores, evaluate
from argosy.recommend.protocol.slices import slices
from argosy.recommend.ranking.standing import Standing
from argosy.recommend.ranking.system import System
from argosy.recommend.tuning import METRIC
from argosy.report.recommend_verdict import SYSTEM
from argosy.stages.recommend import events, rank, text, tune
from argosy.stages.recommend.rank import TEXT
from argosy.stages.recommend.tune import Known
from argosy.stages.site import Site

FIGURES = "figures.json"
CHANCE, CONTENT, INTEREST, NO_TEXT = "chance", "content", "interest", "no_text"
_SHOWN = ("ndcg@10", "hit@10", "recall@10", "mrr")
_TIMED = 300  # lists
_FEWEST = 20  # users with new items


def stage(project: Project, site: Site) -> Stage[rank.Params]:
    """The stage."""
    ranked = rank.stage(project, site)
    code = (*ranked.code, rank.__name__, audit.__name__, "argosy.recommend.protocol.slices")
    return Stage(
        name="measure",
        params=ranked.params,
        run=run,
        inputs=(*ranked.inputs, "rank"),
        packages=ranked.packages,
        code=code,
        machine=True,
    )


def run(params: rank.Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Fit everything on what was before the test, and rank all items for each of its users."""
    test = _Test.of(params, inputs, tell)
    tell(0.7, "test")
    told = {
        **_shape(test),
        "recommend": {
            "protocol": test.known.params.how,
            "at": _iso(test.parts.moment),
            "users": {"warm": int(test.warm.sum()), "cold": int((~test.warm).sum())},
            "text": _text(test, inputs),
            "audit": _audit(test, params.seed),
            "slices": _slices(test),
            "tuned": tune.figures(test.known),
            "shown": float(test.ranks[test.served].shown.mean()) if len(test.catalogue) else 0.0,
            "ranker": rank.read(inputs["rank"])["ranker"],
        },
        "engines": _speeds(test),
    }
    (out / FIGURES).write_text(json.dumps(told, indent=1), encoding="utf-8")


def figures(folder: Path) -> dict[str, Any]:
    """What ``run`` measured."""
    return dict(json.loads((folder / FIGURES).read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """The users of the test, ``warm`` those with a past success, and how every model ranks for them."""

    params: rank.Params
    known: Known
    catalogue: Catalogue
    happened: Interactions
    parts: Parts
    warm: NDArray[np.bool_]
    served: str
    chosen: Mapping[str, Any]
    system: System
    standing: Standing
    models: Mapping[str, Scores]
    ranks: Mapping[str, Ranks]

    @classmethod
    def of(cls, params: rank.Params, inputs: Inputs, tell: Tell) -> "_Test":
        catalogue, happened = events.load(inputs["events"])
        known = tune.read(inputs["tune"])
        parts = tune.cut(happened, known)
        standing = Standing.of(parts.train, catalogue)
        tell(0.1, "models")
        simple = tune.fit(known, parts.train, catalogue)
        models: dict[str, Scores] = {CHANCE: chance(parts.train, catalogue, {"seed": params.seed}).scores}
        models |= {name: one.scores for name, one in simple.items()}
        words = text.load(inputs["interest"])
        if words is not None:
            models |= {CONTENT: text.content(inputs["interest"]).scores, INTEREST: words.scores}
        tell(0.3, "system")
        makes = rank.makes_of(inputs, known, catalogue)
        system, _ = rank.fit(params, known, parts.train, catalogue, makes)
        if TEXT in makes:
            without, _ = rank.fit(
                params, known, parts.train, catalogue, rank.makes_of(inputs, known, catalogue, texts=False)
            )
            models[NO_TEXT] = _with(without, standing)
        models[SYSTEM] = _with(system, standing)
        repeat = known.params.repeat
        ranks = {name: evaluate(one, parts.cases, len(catalogue), repeat=repeat) for name, one in models.items()}
        chosen = rank.read(inputs["rank"])
        warm = np.array([case.history.success.any() for case in parts.cases], bool)
        return cls(
            params=params,
            known=known,
            catalogue=catalogue,
            happened=happened,
            parts=parts,
            warm=warm,
            served=chosen["served"],
            chosen=chosen,
            system=system,
            standing=standing,
            models=models,
            ranks=ranks,
        )

    def figures(self, name: str, metric: str, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """By user, those of the mask."""
        return self.ranks[name].figures[metric][mask]


def _with(system: System, standing: Standing) -> Scores:
    return lambda histories: system.scores(histories, standing)


def _shape(test: _Test) -> dict[str, Any]:
    """The figures as every project's record has them: of users with a past."""
    seed, best = test.params.seed, test.chosen["best"]
    told: dict[str, dict[str, Any]] = {}
    for name in test.models:
        told[name] = {metric: _figure(test, name, metric, test.warm, best, seed) for metric in _SHOWN}
    asked = int(test.warm.sum())
    baselines = {name: one for name, one in told.items() if asked}
    versus = baselines.get(test.served if test.served != best else SYSTEM, {}).get(METRIC, {}).get("versus")
    pair = [mean(test.figures(name, METRIC, test.warm)) for name in (SYSTEM, best)] if asked > 1 else []
    return {
        "asked": asked,
        "choice": {
            "served": test.served,
            "engine": SYSTEM,
            "reason": test.chosen["reason"],
            "metric": METRIC,
            "lower": False,
            "margin": 0.0,
            "difference": test.chosen["difference"],
            "best_baseline": best,
        },
        "metrics": baselines.get(test.served, {}),
        "baselines": baselines if asked else {name: {} for name in told},
        "slices": {},
        "detectable": {METRIC: detectable(*pair)} if pair else {},
        "versus_best_baseline": {"metric": METRIC, "rung": SYSTEM, **versus} if versus else None,
        "rungs": [{"name": name, "seconds": None} for name in told],
    }


def _figure(test: _Test, name: str, metric: str, mask: NDArray[np.bool_], best: str, seed: int) -> dict[str, Any]:
    """A figure with its interval, and the difference to the best simple model."""
    ours = mean(test.figures(name, metric, mask))
    told = asdict(around(ours, seed=seed)) if mask.any() else {"value": 0.0, "low": 0.0, "high": 1.0}
    if name == best or not mask.any():
        return {**told, "versus": None}
    other = difference(ours, mean(test.figures(best, metric, mask)), seed=seed)
    return {**told, "versus": {**asdict(other), "baseline": best}}


def _slices(test: _Test) -> dict[str, Any]:
    """The deciding metric by kind of user, for what serves, the best simple model and all parts together."""
    shown = list(dict.fromkeys([test.chosen["best"], SYSTEM]))
    told = {}
    for part, mask in slices(test.parts, test.warm).items():
        if mask.any():
            figures = {
                name: asdict(around(mean(test.figures(name, METRIC, mask)), seed=test.params.seed)) for name in shown
            }
            told[part] = {"users": int(mask.sum()), "figures": figures}
    return told


def _text(test: _Test, inputs: Inputs) -> dict[str, Any] | None:
    """What texts add: to all parts together for users with a past, and alone for new items."""
    if NO_TEXT not in test.models:
        return None
    warm = None
    if test.warm.any():
        pair = [mean(test.figures(name, METRIC, test.warm)) for name in (SYSTEM, NO_TEXT)]
        warm = asdict(difference(*pair, seed=test.params.seed))
    return {"warm": warm, "cold": _cold(test), "facts": text.facts(inputs["interest"])}


def _cold(test: _Test) -> dict[str, Any] | None:
    """How new items, which nobody touched before the test, are ranked among themselves."""
    new = np.bincount(test.parts.train.items, minlength=len(test.catalogue)) == 0
    cases: Sequence[Case] = [case for case, warm in zip(test.parts.cases, test.warm, strict=True) if warm]
    found = {
        name: evaluate(test.models[kept], cases, len(test.catalogue), among=new).figures[METRIC]
        for name, kept in (("text", INTEREST), ("content", CONTENT), ("random", CHANCE))
    }
    asked = ~np.isnan(found["text"])
    if int(asked.sum()) < _FEWEST:
        return None
    told = {name: mean(one[asked]) for name, one in found.items()}
    seed = test.params.seed
    return {
        "users": int(asked.sum()),
        "items": int(new.sum()),
        **{name: asdict(around(one, seed=seed)) for name, one in told.items()},
        "versus_content": asdict(difference(told["text"], told["content"], seed=seed)),
        "versus_random": asdict(difference(told["text"], told["random"], seed=seed)),
    }


def _audit(test: _Test, seed: int) -> dict[str, Any] | None:
    """What a random split would have claimed of the simple models."""
    if not test.warm.any():
        return None
    known, catalogue = test.known, test.catalogue
    fitted = tune.fit(known, test.parts.train, catalogue)
    found = audit.audit(
        test.parts,
        fitted,
        test.happened,
        lambda learnt: tune.fit(known, learnt, catalogue),
        known.params.share,
        seed=seed,
    )
    best = test.chosen["best"]
    return {
        "model": best,
        "random": found.random[best],
        "honest": found.honest[best],
        "before": found.before,
        "before_item": found.before_item,
        "models": [
            {
                "name": name,
                "honest": found.honest[name],
                "random": found.random[name],
                "sampled": found.sampled[name],
                "full": found.full[name],
            }
            for name in found.honest
        ],
    }


def _speeds(test: _Test) -> dict[str, Any]:
    """Milliseconds of a list, one after the other."""
    taken = []
    for case in (test.parts.cases * (1 + _TIMED // max(len(test.parts.cases), 1)))[:_TIMED]:
        begun = time.perf_counter()
        test.system.best(case.history, test.standing, 10)
        taken.append(1_000 * (time.perf_counter() - begun))
    p50, p99 = (float(np.percentile(taken, at)) for at in (50, 99)) if taken else (None, None)
    told = {"p50_ms": p50, "p99_ms": p99, "texts_per_s": 1_000 / p50 if p50 else None, "size_mb": None}
    nothing = {"texts_per_s": None, "size_mb": None}
    return {**dict.fromkeys(test.models, nothing), SYSTEM: told}


def _iso(at: int | None) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat(timespec="minutes") if at else ""
