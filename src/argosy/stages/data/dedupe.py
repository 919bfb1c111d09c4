"""Stage *dedupe*: exact twins, conflicting labels and near-twins go, in each file by itself.

Of the rows only digests, sketches and labels are in memory at once.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from argosy.config.schema import Project
from argosy.core.errors import ArgosyError, DataError, raise_all
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.dedupe import DROPS, Codes, near_twins, twins
from argosy.data.labels.checks import check_kept, check_labels
from argosy.data.near import clusters
from argosy.stages.data import read, rows
from argosy.stages.data.index import Names, read_index, tally_at
from argosy.stages.data.tallies import Tallies
from argosy.stages.site import Site

WHERE = {read.POOL: "the data", read.LABELLED: "the rows labelled later", read.TEST: "the test data"}
FACTS = "facts.json"
_MOVED = 2**16  # sketches at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """From which similarity two texts are near (0: never)."""

    near: float


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage."""
    params = Params(near=project.data.near)
    return Stage(name="dedupe", params=params, run=run, inputs=("clean",), packages=("numpy", "rapidfuzz"))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Drop twins and conflicts; raises DataError, or Problems, when what is left cannot be learnt from."""
    problems: list[ArgosyError] = []
    facts: dict[str, Any] = {}
    with (out / rows.DROPPED).open("w", encoding="utf-8") as dropped:
        for number, (name, where) in enumerate(WHERE.items()):
            tell(number / len(WHERE), where)
            source, target = inputs["clean"] / name, out / name
            near = params.near if name == read.POOL else 0.0
            tallies, mixed = _texts(source, target, near, dropped.write)
            lost = tallies.reasons.total()
            problems += check_kept(tallies.kept, tallies.reasons, where) if name != read.LABELLED else []
            odd = check_labels(tallies.labels, where) if name == read.POOL and tallies.kept else []
            problems += [_few_left(tallies.kept, lost, where), *odd] if odd and lost else odd
            facts[name] = {**tallies.facts(), "disagreeing_clusters": mixed}
    raise_all(problems)
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def _texts(source: Path, target: Path, near: float, write: rows.Write) -> tuple[Tallies, int]:
    """Compare the texts of a folder; the tallies, and how many clusters of near-twins disagree on the label."""
    names = Names()
    columns = ("keys", "labels", "sketches") if near else ("keys", "labels")
    index = read_index(source, target.with_suffix(".index"), names, columns)
    reason = twins(index.keys, index.labels)
    cluster = np.full(len(index), -1, np.int64)
    if near:
        kept = np.flatnonzero(reason == 0)
        texts = rows.texts_at(source)
        first = clusters(_moved_up(index.sketches, kept), lambda places: texts(kept[places]), near)
        reason[kept], together = near_twins(first, index.labels[kept])
        mixed = together >= 0
        cluster[kept[mixed]] = kept[together[mixed]]
    _write(source, target, reason, cluster, write)
    tallies = Tallies(
        kept=int((reason == 0).sum()), labels=tally_at(source, np.flatnonzero(reason == 0), index.labels, names)
    )
    tallies.reasons.update({DROPS[code]: int((reason == code).sum()) for code in np.unique(reason[reason > 0])})
    return tallies, len(np.unique(cluster[cluster >= 0]))


def _moved_up(sketches: NDArray[np.void], kept: Codes) -> NDArray[np.void]:
    """The sketches at these ascending places, in the memory of all of them: there is no room for two."""
    for start in range(0, len(kept), _MOVED):
        chosen = kept[start : start + _MOVED]
        sketches[start : start + len(chosen)] = sketches[chosen]
    return sketches[: len(kept)]


def _write(source: Path, target: Path, reason: NDArray[np.int8], cluster: Codes, write: rows.Write) -> None:
    start = 0
    for file in rows.files(source):
        frame = pl.read_parquet(file)
        stop = start + frame.height
        codes, name = reason[start:stop], pl.Series(cluster[start:stop])
        noted = rows.with_note(frame, "cluster", name.set(name < 0, None))
        rows.save_frame(noted.filter(codes == 0), target, int(file.stem))
        for line in rows.dropped_lines(frame.filter(codes > 0), (DROPS[code] for code in codes[codes > 0])):
            write(line)
        start = stop


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
