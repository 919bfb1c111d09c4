"""Stage *dedupe*: exact twins and texts with conflicting labels go, in each file by itself."""

from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.core.records import Dropped
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.checks import check_kept, check_labels
from argosy.data.dedupe import drop_twins
from argosy.project import rows
from argosy.project.stages import read

WHERE = {read.POOL: "the data", read.LABELLED: "the rows labelled later", read.TEST: "the test data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Nothing to set."""


def stage() -> Stage[Params]:
    """The stage."""
    return Stage(name="dedupe", params=Params(), run=run, inputs=("clean",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Drop twins and conflicts; raises DataError, or Problems, when what is left cannot be learnt from."""
    dropped: list[Dropped] = []
    problems: list[ArgosyError] = []
    for name, where in WHERE.items():
        kept, lost = rows.sort_out(drop_twins(rows.load(inputs["clean"] / f"{name}.parquet")))
        problems += check_kept(kept, lost, where) if name != read.LABELLED else []
        odd = check_labels(kept, where) if name == read.POOL and kept else []
        problems += [_few_left(len(kept), len(lost), where), *odd] if odd and lost else odd
        rows.save(kept, out / f"{name}.parquet")
        dropped += lost
    raise_all(problems)
    rows.save_dropped(dropped, out / rows.DROPPED)


def _few_left(kept: int, lost: int, where: str) -> ArgosyError:
    """Why labels that stand many times in the file have too few rows now."""
    return DataError(
        "{lost} of {total} rows repeat an earlier text or contradict it; {kept} different texts are left.",
        where=where,
        mend="Add rows with other texts; a text that is repeated teaches nothing new.",
        lost=lost,
        total=kept + lost,
        kept=kept,
    )
