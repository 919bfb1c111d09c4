"""Stage *clean*: the text steps that the model is trained behind, the same that ``predict`` and ``serve`` apply."""

from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import ArgosyError, raise_all
from argosy.core.records import Dropped
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.checks import check_kept
from argosy.data.clean import DEFAULT_STEPS, clean
from argosy.project import rows
from argosy.project.stages import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Names of the text steps, in order."""

    steps: tuple[str, ...] = DEFAULT_STEPS


def stage() -> Stage[Params]:
    """The stage, with the default text steps."""
    return Stage(name="clean", params=Params(), run=run, inputs=("read",), packages=("ftfy",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Clean the rows of every file; raises DataError when no row is left."""
    dropped: list[Dropped] = []
    problems: list[ArgosyError] = []
    for name in (read.POOL, read.LABELLED, read.TEST):
        kept, lost = rows.sort_out(clean(rows.load(inputs["read"] / f"{name}.parquet"), params.steps))
        problems += check_kept(kept, lost, "the data")
        rows.save(kept, out / f"{name}.parquet")
        dropped += lost
    raise_all(problems)
    rows.save_dropped(dropped, out / rows.DROPPED)
