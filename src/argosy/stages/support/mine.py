"""Stage *mine*: questions and their best answers out of dialogues, and what is wrong with these answers."""

import json
from dataclasses import dataclass
from pathlib import Path

from argosy.assist.mining.mine import mine
from argosy.assist.mining.mined import Mined
from argosy.config.schema import Project
from argosy.core.stage import Inputs, Stage, Tell
from argosy.stages.site import Site
from argosy.stages.support import read

MINED = "mined.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Days after which an answer that nobody gave again counts as expired."""

    stale_days: int


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(stale_days=project.support.stale_days)
    return Stage(name="mine", params=params, run=run, inputs=("read",), packages=("rapidfuzz", "numpy"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Mine the turns; what is old is told by the newest turn, not by the day of the build."""
    turns = read.turns(inputs["read"])
    now = max((turn.at for turn in turns if turn.at is not None), default=None)
    mined = mine(turns, stale_days=params.stale_days, now=now)
    (out / MINED).write_text(json.dumps(mined.to_json(), ensure_ascii=False), encoding="utf-8")


def load(folder: Path) -> Mined:
    """What ``run`` found."""
    return Mined.from_json(json.loads((folder / MINED).read_text(encoding="utf-8")))
