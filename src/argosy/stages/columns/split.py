"""Stage *split* of a project over columns: the columns are checked, repeats go, and train, validation, test are made.

A number to predict has no classes to keep in proportion, so tenths of its ranks stand in for them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config.schema import FILE, Project
from argosy.core.errors import ArgosyError, DataError, ProjectError, raise_all
from argosy.core.records import Dropped, Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.dedupe import Codes, codes_of, twin_keys
from argosy.data.labels.checks import check_kept, check_labels, check_test_labels, tally
from argosy.data.numeric import (
    cells_of,
    check_columns,
    check_targets,
    drop_repeats,
    numbers_of,
    repeats_by_chance,
    targets_of,
)
from argosy.data.split import LATE, Shares, assign, assign_by_time, together
from argosy.evaluate.rivals.tabular import REGRESS, Rows
from argosy.stages.data import read, rows
from argosy.stages.data.parting import DROPS, PARTS
from argosy.stages.site import Site

FACTS = "facts.json"
_TENTHS = 10
_ROWS_PER_BIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """``leaks`` says what becomes of training rows that stand in the user's test file too."""

    task: str
    seed: int
    columns: tuple[str, ...]
    by_time: bool
    leaks: str
    shares: Shares


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage: 70/15/15, or 80/20 beside a given test file; raises ProjectError for a column in two roles."""
    raise_all(_check_roles(project))
    given = project.data.test is not None
    shares = Shares(train=0.8, validation=0.2, test=0.0) if given else Shares(train=0.7, validation=0.15, test=0.15)
    params = Params(
        task=project.task,
        seed=project.seed,
        columns=tuple(project.data.numeric),
        by_time=project.data.time is not None,
        leaks=project.data.leaks,
        shares=shares,
    )
    return Stage(name="split", params=params, run=run, inputs=("clean",), packages=("numpy",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Check the columns, drop repeats where they are no accident, take out what the test file holds, and split."""
    pool, given = (rows.load(inputs["clean"] / name) for name in (read.POOL, read.TEST))
    raise_all(_check_columns(pool, params))
    by_chance = repeats_by_chance([*pool, *given])
    dropped: list[Dropped] = []
    if not by_chance:
        pool, dropped = rows.sort_out(drop_repeats(pool))
        pool, leaks = _apart(pool, given)
        raise_all(_leaked(leaks) if params.leaks == "refuse" else [])
        dropped += leaks
    raise_all([] if params.task == REGRESS else check_labels(tally(pool), _files(pool)))
    parts = _parts(pool, params, by_chance=by_chance)
    dropped += [Dropped(example=example, reason=DROPS[LATE]) for example in parts.pop(LATE)]
    split = {name: parts[number] for number, name in enumerate(PARTS)}
    split["test"] = given or split["test"]
    raise_all(_check_parts(split, params))
    for name, examples in split.items():
        rows.save(examples, out / name)
    rows.save_dropped(dropped, out / rows.DROPPED)
    facts = {
        "labels": _labels(split, params),
        "rows": {name: len(examples) for name, examples in split.items()},
        "repeats_by_chance": by_chance,
        "columns": list(params.columns),
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path, *, texts: bool) -> tuple[Rows, Rows]:
    """The training rows and the validation rows; the test rows are read by ``load_test``, once."""
    train, validation = (_as_rows(folder, name, texts=texts) for name in PARTS[:2])
    return train, validation


def load_test(folder: Path, *, texts: bool) -> tuple[list[Example], Rows]:
    """The test rows, as examples and as arrays: for the stage *evaluate* alone."""
    return rows.load(folder / "test"), _as_rows(folder, "test", texts=texts)


def facts(folder: Path) -> dict[str, Any]:
    """Labels, rows of each part, names of the columns, and whether rows may repeat each other by chance."""
    return dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _as_rows(folder: Path, name: str, *, texts: bool) -> Rows:
    examples, known = rows.load(folder / name), facts(folder)
    place = {label: number for number, label in enumerate(known["labels"])}
    truth = [place[str(example.label)] for example in examples] if place else targets_of(examples)
    return Rows(
        columns=tuple(known["columns"]),
        numbers=numbers_of(examples).reshape(len(examples), len(known["columns"])),
        texts=tuple(example.text for example in examples) if texts else (),
        truth=np.asarray(truth, dtype=np.float64),
        labels=tuple(place),
    )


def _labels(split: Mapping[str, Sequence[Example]], params: Params) -> list[str]:
    """The labels of the rows that may be learnt from, sorted; none where a number is predicted."""
    known = {str(example.label) for name in PARTS[:2] for example in split[name]}
    return [] if params.task == REGRESS else sorted(known)


def _check_roles(project: Project) -> list[ArgosyError]:
    data = project.data
    names = list(data.numeric)
    twice = [(name, "numeric") for name in sorted(set(names)) if names.count(name) > 1]
    roles = [*twice, *((name, role) for name, role in ((data.label, "label"), (data.text, "text")) if name in names)]
    return [
        ProjectError(
            "The column {name!r} is named in numeric and again as {role}.",
            where=f"{FILE}, [data]",
            mend="Name it once: what is predicted is no column to predict from.",
            name=name,
            role=role,
        )
        for name, role in roles
    ]


def _check_columns(pool: Sequence[Example], params: Params) -> list[ArgosyError]:
    where, truth = _files(pool), [str(example.label) for example in pool]
    targets = check_targets(targets_of(pool), where) if params.task == REGRESS else []
    columns = check_columns(numbers_of(pool), params.columns, truth, where) if params.columns else []
    return [*check_kept(len(pool), {}, where), *targets, *columns]


def _check_parts(split: Mapping[str, Sequence[Example]], params: Params) -> list[ArgosyError]:
    """Labels of the test rows that are not to be learnt, and those that no training row has."""
    if params.task == REGRESS:
        return []
    train = [str(example.label) for example in split["train"]]
    unknown = set(_labels(split, params)) - set(train)
    return [
        *check_test_labels(train, tally(split["test"])),
        *(
            DataError(
                "The label {label!r} stands on no training row, only on later ones.",
                mend="Add earlier rows of this class, or leave it out.",
                label=label,
            )
            for label in sorted(unknown)
        ),
    ]


def _parts(pool: Sequence[Example], params: Params, *, by_chance: bool) -> dict[int, list[Example]]:
    """The rows of each part by its number, and those of none; groups stay whole, and rows that hold the same."""
    held = [repr((example.id if by_chance else "", cells_of(example)[:-1])) for example in pool]
    groups = codes_of([str(example.meta["group"]) if "group" in example.meta else None for example in pool], {})
    units = together(codes_of(held, {}), groups)
    if params.by_time:
        times = np.array([str(example.meta["time"]) for example in pool], dtype="datetime64[us]")
        found = assign_by_time(times, units, params.shares)
    else:
        found = assign(twin_keys(held, params.seed), units, _strata(pool, params), params.shares)
    numbered = list(zip(pool, found.tolist(), strict=True))
    return {part: [row for row, at in numbered if at == part] for part in (LATE, *range(len(PARTS)))}


def _strata(pool: Sequence[Example], params: Params) -> Codes:
    """The label of each row, or the tenth of the ranks that its target lies in (fewer where the rows are few)."""
    if params.task != REGRESS:
        return codes_of([str(example.label) for example in pool], {})
    targets = targets_of(pool)
    count = min(_TENTHS, max(1, len(targets) // _ROWS_PER_BIN))
    return np.searchsorted(np.quantile(targets, np.arange(1, count) / count), targets, side="right").astype(np.int64)


def _apart(pool: Sequence[Example], given: Sequence[Example]) -> tuple[list[Example], list[Dropped]]:
    held = {cells_of(example) for example in given}
    return rows.sort_out(
        Dropped(example=example, reason="in_test") if cells_of(example) in held else example for example in pool
    )


def _leaked(leaks: Sequence[Dropped]) -> list[ArgosyError]:
    if not leaks:
        return []
    first = leaks[0].example.meta
    return [
        DataError(
            "{count} training rows stand in the test file too: what is measured there would be known by heart.",
            where=f"{first['file']}, row {first['row']}",
            mend='Take them out of one of the files, or write [data] leaks = "drop" to learn without them.',
            count=len(leaks),
        )
    ]


def _files(examples: Sequence[Example]) -> str:
    return ", ".join(dict.fromkeys(str(example.meta["file"]) for example in examples))
