"""Two models on the same rows: the paired test, and what may be said after it.

The rows are those of both test parts that neither model learnt from or was chosen on, or a file named for it.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.errors import DataError, ProjectError, raise_all
from argosy.core.records import Example
from argosy.data.checks import check_kept
from argosy.data.clean import clean
from argosy.data.dedupe import drop_twins, twin_key
from argosy.data.examples import read_examples
from argosy.data.read import expand
from argosy.evaluate.tasks import Versus, measure, plain
from argosy.infer.load import LogitClassifier, load
from argosy.project import commits, file, rows
from argosy.project.places import STORE, find_model
from argosy.project.plan import read_lock
from argosy.project.run import Progress
from argosy.project.stages import split

FEWEST = 30  # rows below which no paired test says anything worth reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``figures`` holds {metric: figure} of both; ``verdict`` tells of a against b: better, worse or undecided.

    ``detectable`` is the smallest difference of each metric that these rows could show; ``excluded`` counts common test
    rows that one of the two had learnt from or was chosen on.
    """

    a: str
    b: str
    rows: int
    excluded: int
    metric: str
    verdict: str
    figures: dict[str, dict[str, Any]]
    detectable: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    name: str
    engine: LogitClassifier
    test: dict[str, Example]
    known: frozenset[str]


def compare(
    a: str,
    b: str,
    folder: Path,
    tell: Callable[[Progress], None],
    *,
    on: Path | None = None,
    metric: str = "macro_f1",
    seed: int = 7,
) -> Comparison:
    """``a`` against ``b``: folders of projects or models, or commits of the project in ``folder`` (built when needed).

    Raises DataError when too few rows are common to both tests, ProjectError when the labels differ.
    """
    sides = [_side(word, folder, tell) for word in (a, b)]
    examples, excluded = (_from_file(on, folder), 0) if on else _common(*sides)
    if len(examples) < FEWEST:
        raise DataError(
            "Only {rows} labelled rows are new to both models; {least} are needed.",
            mend="Name a file of labelled rows that neither has seen: --on FILE",
            rows=len(examples),
            least=FEWEST,
        )
    labels = _labels(sides)
    texts, columns = rows.as_arrays(examples, labels)
    truth = np.array(columns)
    said = {side.name: _probabilities(side.engine, texts, labels) for side in sides}
    first, second = said
    sheets = measure("classify", truth, said, best=second, seed=seed)
    versus = sheets[first].figures[metric].versus
    return Comparison(
        a=first,
        b=second,
        rows=len(examples),
        excluded=excluded,
        metric=metric,
        verdict=_verdict(versus),
        figures={name: plain(sheet) for name, sheet in sheets.items()},
        detectable=dict(sheets[first].detectable),
    )


def _verdict(versus: Versus | None) -> str:
    if versus is None or versus.low <= 0 <= versus.high:
        return "undecided"
    return "better" if versus.low > 0 else "worse"


def _side(word: str, folder: Path, tell: Callable[[Progress], None]) -> _Side:
    place = Path(word) if Path(word).is_dir() else commits.built(word, folder, tell)
    parts = _parts(place)
    known = frozenset(twin_key(row.text) for name in ("train", "validation") for row in parts.get(name, ()))
    test = {twin_key(row.text): row for row in parts.get("test", ())}
    return _Side(name=word, engine=load(find_model(place)), test=test, known=known)


def _parts(place: Path) -> dict[str, Sequence[Example]]:
    """The rows of a project's parts; none for a model's folder without its project."""
    entry = read_lock(place).get("split")
    stored = place / STORE / entry.artifact if entry else None
    if stored is None or not stored.is_dir():
        return {}
    return {**split.load(stored), "test": split.load_test(stored)}


def _common(a: _Side, b: _Side) -> tuple[list[Example], int]:
    """Test rows of both that neither knows, and how many are left out since one does."""
    shared = [row for key, row in a.test.items() if key in b.test or (not b.test and key not in b.known)]
    kept = [row for row in shared if twin_key(row.text) not in a.known | b.known]
    return kept, len(shared) - len(kept)


def _from_file(on: Path, folder: Path) -> list[Example]:
    """The rows of a file, in the columns that the project names."""
    data = file.load(folder).data if (folder / file.FILE).is_file() else None
    found = read_examples(
        expand(str(on.resolve()), folder),
        text=(data.text if data else None) or "text",
        label=data.label if data else "label",
        rename=data.labels if data else {},
    )
    read, lost = rows.sort_out(found)
    cleaned, spoilt = rows.sort_out(clean(read))
    kept, twins = rows.sort_out(drop_twins(cleaned))
    raise_all(check_kept(len(kept), Counter(row.reason for row in (*lost, *spoilt, *twins)), on.name))
    return kept


def _labels(sides: Sequence[_Side]) -> list[str]:
    first, second = ({*side.engine.labels} for side in sides)
    if first != second:
        raise ProjectError(
            "The two models know other labels: {only} stand in one of them alone.",
            mend="Compare models of one set of labels.",
            only=", ".join(sorted(first ^ second)),
        )
    return sorted(first)


def _probabilities(engine: LogitClassifier, texts: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """Calibrated probabilities [texts, labels] in the order of ``labels``."""
    answers = engine.classify(texts)
    return np.array([[answer.probabilities[label] for label in labels] for answer in answers])
