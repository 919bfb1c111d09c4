"""Stage *split*: train, validation and test, stratified, with no text in two of them."""

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from argosy.core.errors import raise_all
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.checks import check_test_labels
from argosy.data.dedupe import drop_twins
from argosy.data.language import association, detect
from argosy.data.split import Shares, drop_shared, split
from argosy.project import rows
from argosy.project.file import Project
from argosy.project.stages import dedupe

PARTS = ("train", "validation", "test")
FACTS = "facts.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Shares of train, validation and test; beside a test file of the user's the last is 0."""

    seed: int
    languages: tuple[str, ...]
    shares: Shares


def stage(project: Project) -> Stage[Params]:
    """The stage: 70/15/15, or 80/20 beside a given test file: what is chosen on validation needs rows to show it."""
    shares = (
        Shares(train=0.8, validation=0.2, test=0.0)
        if project.data.test
        else Shares(train=0.7, validation=0.15, test=0.15)
    )
    params = Params(seed=project.seed, languages=tuple(project.languages), shares=shares)
    return Stage(name="split", params=params, run=run, inputs=("dedupe",), packages=("py3langid",))


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Split, note each row's language, and say what the languages tell about the labels."""
    pool, later, given = (_read(inputs["dedupe"], name, params.languages) for name in dedupe.WHERE)
    pool, dropped = rows.sort_out(drop_shared(pool, given))
    parts = split(pool, seed=params.seed, shares=params.shares)
    parts = replace(parts, test=tuple(given)) if given else parts
    later, held_out = rows.sort_out(drop_shared(later, [*parts.validation, *parts.test]))
    train, twins = rows.sort_out(drop_twins([*parts.train, *later]))
    parts = replace(parts, train=tuple(train))
    raise_all(check_test_labels(parts.train, parts.test, "the test data"))
    for name in PARTS:
        rows.save(getattr(parts, name), out / f"{name}.parquet")
    rows.save_dropped([*dropped, *held_out, *twins], out / rows.DROPPED)
    known = [*parts.train, *parts.validation]
    facts = {
        "labels": sorted({str(example.label) for example in known}),
        "rows": {name: len(getattr(parts, name)) for name in PARTS},
        "languages": {name: _count_languages(getattr(parts, name)) for name in PARTS},
        "association": asdict(
            association([str(row.meta["language"]) for row in known], [str(row.label) for row in known])
        ),
    }
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, list[Example]]:
    """Train and validation; the test rows are read by ``load_test``, once."""
    return {name: rows.load(folder / f"{name}.parquet") for name in PARTS[:2]}


def load_test(folder: Path) -> list[Example]:
    """The test rows: for the stage *evaluate* alone."""
    return rows.load(folder / "test.parquet")


def labels(folder: Path) -> list[str]:
    """The labels in the order of the scores' columns."""
    return list(json.loads((folder / FACTS).read_text(encoding="utf-8"))["labels"])


def at_most(examples: Sequence[Example], count: int, *, seed: int) -> list[Example]:
    """At most ``count`` rows, every label keeping its share."""
    if len(examples) <= count:
        return list(examples)
    groups: defaultdict[str | None, list[Example]] = defaultdict(list)
    for example in random.Random(seed).sample(examples, len(examples)):
        groups[example.label].append(example)
    return [row for group in groups.values() for row in group[: max(1, round(count * len(group) / len(examples)))]]


def raw_texts(folder: Path, count: int) -> list[str]:
    """Texts as they stood in the user's file: validation rows first, then training rows, never test rows."""
    parts = load(folder)
    raw = [str(example.meta["raw"]) for name in ("validation", "train") for example in parts[name]]
    return raw[:count]


def _read(folder: Path, name: str, languages: Sequence[str]) -> list[Example]:
    """The rows of a file, each with its language."""
    examples = rows.load(folder / f"{name}.parquet")
    found = detect([example.text for example in examples], languages)
    return [
        replace(example, meta={**example.meta, "language": language})
        for example, language in zip(examples, found, strict=True)
    ]


def _count_languages(examples: Sequence[Example]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for example in examples:
        counts[str(example.meta["language"])] += 1
    return dict(sorted(counts.items()))
