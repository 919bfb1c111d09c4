"""Stage *tune* of a recommender: where the test begins, and the settings of every simple model, by validation."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.recommend import Cut
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.recommend import tuning
from argosy.recommend.interactions import Catalogue, Interactions
from argosy.recommend.protocol import cutting
from argosy.recommend.protocol.cutting import Parts
from argosy.recommend.scorer import Scorer
from argosy.recommend.spreading import Spread
from argosy.recommend.tuning import FITS, Tuned
from argosy.stages.recommend import events
from argosy.stages.site import Site

FILE = "tuned.json"
_FEWEST = 20  # users with a past, by whom models are chosen; with fewer, strangers count too


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """How the test is cut off, and the half-life of tastes where it is set."""

    how: Cut
    share: float
    repeat: bool
    half_life: float | None
    spread: str = field(default="here", metadata=UNKEYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the stage left: its ``params`` and the ``tuned`` models, from simple to complex."""

    params: Params
    tuned: tuple[Tuned, ...]

    @property
    def fitted(self) -> list[Tuned]:
        """Those that were not left out."""
        return [one for one in self.tuned if not one.why]

    @property
    def best(self) -> str:
        """The name of the best on validation; of equals the simplest."""
        return max(self.fitted, key=lambda one: one.value or 0.0).name


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    wish = project.recommend
    params = Params(
        how=wish.protocol, share=wish.test, repeat=wish.repeat, half_life=wish.half_life_days, spread=wish.spread
    )
    code = (
        tuning.__name__,
        cutting.__name__,
        "argosy.recommend.protocol.ranking",
        *(f"argosy.recommend.baselines.{name}" for name in ("pairs", "products", "ials", "plain", "weights")),
    )
    return Stage(
        name="tune", params=params, run=run, inputs=("events",), packages=("implicit", "numpy", "scipy"), code=code
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Cut twice, and try every setting on the inner cut."""
    catalogue, happened = events.load(inputs["events"])
    inner = validation(cutting.cut(happened, params.how, params.share, repeat=params.repeat).train, params)
    known = tuple(case for case in inner.cases if case.history.success.any())
    inner = replace(inner, cases=known if len(known) >= _FEWEST else inner.cases)
    tuned, spread = [], Spread.named(params.spread)
    for number, name in enumerate(FITS):
        tell(number / len(FITS), name)
        tuned.append(tuning.tune(name, inner, catalogue, params.half_life, repeat=params.repeat, spread=spread))
    told = {"params": asdict(params), "tuned": [one.to_json() for one in tuned]}
    (out / FILE).write_text(json.dumps(told, indent=1), encoding="utf-8")


def read(folder: Path) -> Known:
    """What ``run`` found."""
    told = json.loads((folder / FILE).read_text(encoding="utf-8"))
    return Known(params=Params(**told["params"]), tuned=tuple(Tuned(**one) for one in told["tuned"]))


def cut(happened: Interactions, known: Known) -> Parts:
    """What is learnt from, and the users of the test."""
    return cutting.cut(happened, known.params.how, known.params.share, repeat=known.params.repeat)


def validation(train: Interactions, params: Params) -> Parts:
    """The training part cut once more, in the same way."""
    return cutting.cut(train, params.how, params.share, repeat=params.repeat)


def fit(known: Known, happened: Interactions, catalogue: Catalogue) -> Mapping[str, Scorer]:
    """Every simple model with its settings, of what happened."""
    return {one.name: FITS[one.name](happened, catalogue, one.settings) for one in known.fitted}


def figures(known: Known) -> list[dict[str, Any]]:
    """What was tried, for the record."""
    return [one.to_json() for one in known.tuned]
