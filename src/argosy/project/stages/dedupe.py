"""Stage *dedupe*: exact twins and texts with conflicting labels go, in each file by itself."""

from dataclasses import dataclass
from pathlib import Path

from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.dedupe import drop_twins
from argosy.project import rows
from argosy.project.stages import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Nothing to set."""


def stage() -> Stage[Params]:
    """The stage."""
    return Stage(name="dedupe", params=Params(), run=run, inputs=("clean",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Drop twins and conflicts."""
    dropped = []
    for name in (read.POOL, read.TEST):
        kept, lost = rows.sort_out(drop_twins(rows.load(inputs["clean"] / name)))
        rows.save(kept, out / name)
        dropped += lost
    rows.save_dropped(dropped, out / rows.DROPPED)
