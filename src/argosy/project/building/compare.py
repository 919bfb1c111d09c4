"""Two models on the same rows: the paired test, and what may be said after it.

The rows are those of both test parts, which neither model learnt from or was chosen on, or a file named for it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.config import file, schema
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError, raise_all
from argosy.core.records import Example
from argosy.data.clean import clean
from argosy.data.dedupe import drop_twins
from argosy.data.examples import read_examples
from argosy.data.files.header import nearest
from argosy.data.files.read import expand
from argosy.data.labels.checks import check_kept
from argosy.data.near import THRESHOLD, leaks
from argosy.data.numeric import drop_repeats, targets_of
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.paired import Difference
from argosy.evaluate.tasks.measure import Sheet, added, is_lower, measure, over_seeds, plain
from argosy.products.catalogue import products
from argosy.project.building import commits
from argosy.project.building.build import product_of
from argosy.project.building.run import Progress
from argosy.project.building.sides import Side, Table, by_seed, keys, open_side
from argosy.stages.data import rows

FEWEST = 30  # rows below which no paired test says anything worth reading
_LEAST_SEEDS = 3  # trainings of each side for a claim about the methods


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """What several trainings of both sides show of ``metric`` of a less that of b."""

    trainings: tuple[int, int]
    difference: float
    low: float
    high: float
    p: float
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``verdict`` tells of the trained model a against b in ``metric``: better, worse or not shown.

    ``left_out`` counts rows that one of the two knows, ``disputed`` those with different labels on the two sides, and
    ``unknown`` names sides of which it is not known what they learnt from. ``methods`` is None with fewer than three
    trainings of a side.
    """

    a: str
    b: str
    task: str
    rows: int
    left_out: int
    disputed: int
    unknown: tuple[str, ...]
    metric: str
    verdict: str
    sheets: dict[str, Sheet]
    methods: Methods | None

    def to_json(self) -> dict[str, Any]:
        """Plain values: ``models`` has metrics, undefined and detectable of both."""
        told = {name: getattr(self, name) for name in ("a", "b", "task", "rows", "left_out", "disputed")}
        models = {
            name: {"metrics": plain(sheet), "undefined": dict(sheet.undefined), "detectable": dict(sheet.detectable)}
            for name, sheet in self.sheets.items()
        }
        methods = asdict(self.methods) if self.methods else None
        return {
            **told,
            "unknown": list(self.unknown),
            "metric": self.metric,
            "verdict": self.verdict,
            "models": models,
            "methods": methods,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """The rows to compare on, and how many of them were not taken for which reason."""

    table: Table
    left_out: int
    disputed: int


def compare(
    a: str,
    b: str,
    *,
    folder: Path = Path(),
    on: Path | None = None,
    metric: str | None = None,
    seed: int = 7,
    tell: Callable[[Progress], None] = lambda _: None,
) -> Comparison:
    """``a`` against ``b``: folders of projects or models, or commits of the project in ``folder`` (built when needed).

    Raises ProjectError when the two do not answer the same question, DataError when too few rows are new to both,
    MissingError when a commit, a model or git is not there.
    """
    first, second = _sides(a, b, folder, tell)
    drawn = _from_file(on, (first, second), folder) if on else _common(first, second)
    if len(drawn.table.examples) < FEWEST:
        raise DataError(
            "Only {rows} labelled rows are new to both models; {least} are needed.",
            where=on.name if on else "",
            mend="Name a file of labelled rows that neither has seen: --on FILE",
            rows=len(drawn.table.examples),
            least=FEWEST,
        )
    truth = _truth(first, drawn.table)
    said = {side.name: side.answer(drawn.table) for side in (first, second)}
    sheets = measure(first.task, truth, said, best=b, seed=seed, more=added(first.task))
    metric = metric or _leading(first, sheets[a])
    for sheet in sheets.values():
        _check_metric(metric, sheet, first.task)
    return Comparison(
        a=a,
        b=b,
        task=first.task,
        rows=len(drawn.table.examples),
        left_out=drawn.left_out,
        disputed=drawn.disputed,
        unknown=tuple(side.name for side in (first, second) if side.known is None),
        metric=metric,
        verdict=_verdict(sheets[a].figures[metric].versus, first.task, metric),
        sheets=sheets,
        methods=_methods(first, second, drawn.table, truth, metric),
    )


def _sides(a: str, b: str, folder: Path, tell: Callable[[Progress], None]) -> tuple[Side, Side]:
    """Both, opened; they answer the same question."""
    if a == b:
        raise ProjectError("Both sides are {name!r}.", mend="Name two models, projects or commits.", name=a)
    for word in (a, b):  # both are looked for before one of them is built, which takes its time
        if not Path(word).is_dir():
            commits.find(word, folder.resolve())
    first, second = (open_side(word, _place(word, folder, tell)) for word in (a, b))
    raise_all(_unlike(first, second))
    return first, second


def _place(word: str, folder: Path, tell: Callable[[Progress], None]) -> Path:
    return Path(word) if Path(word).is_dir() else commits.built(word, folder, tell)


def _leading(side: Side, sheet: Sheet) -> str:
    """The first metric that the side's product is judged by; of a model alone, that of its task's usual product."""
    if (side.place / schema.FILE).is_file():
        product = product_of(file.load(side.place))
    else:
        product = next(one for one in products().values() if side.task in one.tasks)
    known = [*sheet.figures, *sheet.undefined]
    return next((number.name for number in product.numbers if number.name in known), known[0])


def _verdict(difference: Any, task: str, metric: str) -> str:
    """Better, worse or not shown, whatever way the metric is better."""
    sign = -1 if is_lower(task, metric) else 1
    low, high = sorted((sign * difference.low, sign * difference.high)) if difference else (0.0, 0.0)
    return "better" if low > 0 else "worse" if high < 0 else "not shown"


def _methods(first: Side, second: Side, table: Table, truth: np.ndarray, metric: str) -> Methods | None:
    """The claim about the two ways of training, where both were trained often enough."""
    counts = (len(first.trainings), len(second.trainings))
    if min(counts) < _LEAST_SEEDS:
        return None
    found: Difference | Undefined = over_seeds(first.task, metric, truth, by_seed(first, table), by_seed(second, table))
    if isinstance(found, Undefined):
        return None
    return Methods(trainings=counts, verdict=_verdict(found, first.task, metric), **asdict(found))


def _unlike(first: Side, second: Side) -> list[ArgosyError]:
    """Why the two cannot be compared at all."""
    if (first.task, first.text and not first.numeric) != (second.task, second.text and not second.numeric):
        return [
            ProjectError(
                "The two models answer different questions: {a} is for {first}, {b} for {second}.",
                mend="Compare models of one task that read the same kind of rows.",
                a=first.name,
                first=_kind(first),
                b=second.name,
                second=_kind(second),
            )
        ]
    if first.labels != second.labels:
        return [
            ProjectError(
                "The two models know different labels: {only} stand in one of them alone.",
                mend="Compare models of one set of labels.",
                only=", ".join(sorted({*first.labels} ^ {*second.labels})),
            )
        ]
    return []


def _kind(side: Side) -> str:
    return f"{side.task} ({', '.join(side.numeric) or 'text'})"


def _common(first: Side, second: Side) -> _Drawn:
    """The rows of both test parts."""
    for side in (first, second):
        if side.test is None:
            raise MissingError(
                "It is not known which rows {name} learnt from: its project's results are not beside it.",
                where=side.name,
                mend="Name its project's folder, or a file of labelled rows that neither has seen: --on FILE",
                name=side.name,
            )
    one, other = (side.test or Table(examples=()) for side in (first, second))
    if {*one.numeric} != {*other.numeric}:
        raise ProjectError(
            "The two projects read different columns: {only} stand in one of them alone.",
            mend="Name a file that has the columns of both, and rows that neither has seen: --on FILE",
            only=", ".join(sorted({*one.numeric} ^ {*other.numeric})),
        )
    by_chance = first.by_chance or second.by_chance
    labels = dict(zip(keys(other, by_chance=by_chance), (row.label for row in other.examples), strict=True))
    pairs = zip(keys(one, by_chance=by_chance), one.examples, strict=True)
    shared = {key: row for key, row in pairs if key in labels}
    agreed = [row for key, row in shared.items() if row.label == labels[key]]
    left_out = len(one.examples) + len(other.examples) - 2 * len(shared)
    table = Table(examples=agreed, numeric=one.numeric)
    return _Drawn(table=table, left_out=left_out, disputed=len(shared) - len(agreed))


def _from_file(on: Path, sides: Sequence[Side], folder: Path) -> _Drawn:
    """The rows of a file that neither side knows, exactly or nearly, in the columns that the sides name."""
    table = _read(on, sides, folder)
    known = [side.known for side in sides if side.known is not None]
    by_chance = any(side.by_chance for side in sides)
    taken: set[int] = set()
    if not by_chance and all({*other.numeric} == {*table.numeric} for other in known):
        learnt = {key for other in known for key in keys(other, by_chance=False)}
        taken |= {place for place, key in enumerate(keys(table, by_chance=False)) if key in learnt}
    if not table.numeric:
        taken |= {leak.held_out for other in known for leak in leaks(table.texts, other.texts, THRESHOLD)}
    kept = [row for place, row in enumerate(table.examples) if place not in taken]
    raise_all(_strange(kept, sides[0].labels, on.name))
    return _Drawn(table=Table(examples=kept, numeric=table.numeric), left_out=len(taken), disputed=0)


def _read(on: Path, sides: Sequence[Side], folder: Path) -> Table:
    """The rows of a file without repeats; personal data and marks are the models' to clean."""
    data = _columns_of(sides, folder)
    numeric = tuple(dict.fromkeys(name for side in sides for name in side.numeric))
    texts = any(side.text for side in sides)
    found = read_examples(
        expand(str(on.resolve()), folder),
        text=(data.text if data and data.text else "text") if texts else None,
        label=data.label if data else "label",
        rename=data.labels if data else {},
        numeric=numeric,
    )
    read, lost = rows.sort_out(found)
    cleaned, spoilt = rows.sort_out(clean(read)) if texts else (read, [])
    kept, twins = rows.sort_out((drop_repeats if numeric else drop_twins)(cleaned))
    raise_all(check_kept(len(kept), Counter(row.reason for row in (*lost, *spoilt, *twins)), on.name))
    return Table(examples=kept, numeric=numeric)


def _columns_of(sides: Sequence[Side], folder: Path) -> schema.Data | None:
    """What the first project at hand calls its columns: that of a side, or of the folder we are in."""
    starts = [start for side in sides for start in (side.place.absolute(), side.place.resolve())]
    places = [place for start in starts for place in (start, *start.parents)]
    found = [place for place in (*places, folder) if (place / schema.FILE).is_file()]
    return file.load(found[0]).data if found else None


def _strange(examples: Sequence[Example], labels: Sequence[str], where: str) -> list[ArgosyError]:
    """Labels of the file that the models cannot give."""
    counts = Counter(str(row.label) for row in examples if labels and row.label not in labels)
    return [
        DataError(
            "The label {label!r} ({count} rows) is none of the models'; the nearest is {near!r}.",
            where=where,
            mend="Write it as the models do, or leave these rows out.",
            label=label,
            count=count,
            near=nearest(label, labels, 0.0),
        )
        for label, count in counts.items()
    ]


def _truth(side: Side, table: Table) -> np.ndarray:
    """Label numbers [rows] in the order of the side's labels, or the numbers to predict [rows]."""
    if not side.labels:
        return targets_of(table.examples)
    return np.array([side.labels.index(str(row.label)) for row in table.examples])


def _check_metric(metric: str, sheet: Sheet, task: str) -> None:
    """Raise where the verdict's metric is none of the task, or undefined on these rows."""
    if metric in sheet.undefined:
        raise DataError(
            "The metric {metric} cannot be measured: {reason}",
            mend="Choose another metric, or give more and more varied rows: --on FILE",
            metric=metric,
            reason=sheet.undefined[metric],
        )
    if metric not in sheet.figures:
        raise ProjectError(
            "The task {task} has no metric {metric!r}.",
            where="--metric",
            mend="There are: {known}.",
            task=task,
            metric=metric,
            known=", ".join([*sheet.figures, *sheet.undefined]),
        )
