"""Stage *split*: train, validation and test, stratified or in the order of time, with no text in two of them.

Of the rows only digests and numbers are in memory at once; texts are read where two of them are compared.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from argosy.config.schema import Project
from argosy.core.errors import raise_all
from argosy.core.records import Example
from argosy.core.stage import Inputs, Stage, Tell
from argosy.data.labels.checks import check_test_labels
from argosy.data.profile import profile
from argosy.data.split import Shares
from argosy.stages.data import dedupe, read, rows
from argosy.stages.data.index import Index, Names, read_index, tally_at
from argosy.stages.data.parting import DROPS, PARTS, Parted, Rule, part_rows
from argosy.stages.data.split_facts import gather
from argosy.stages.site import Site

FACTS = "facts.json"
_SHARES = {  # by whether texts are to be continued, and whether test rows are given
    (False, False): Shares(train=0.7, validation=0.15, test=0.15),
    (False, True): Shares(train=0.8, validation=0.2, test=0.0),
    (True, False): Shares(train=0.8, validation=0.1, test=0.1),
    (True, True): Shares(train=0.9, validation=0.1, test=0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The rule by which rows are divided, and the languages of their texts."""

    seed: int
    languages: tuple[str, ...]
    rule: Rule


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage: 70/15/15, or 80/20 beside a given test file: what is chosen on validation needs rows to show it.

    Of texts to be continued 80/10/10, or 90/10: every byte of them is measured, so that fewer show as much.
    """
    shares = _SHARES[project.generates, project.data.test is not None]
    rule = Rule(
        shares=shares,
        near=project.data.near,
        drop=project.data.leaks == "drop",
        timed=project.data.time is not None,
    )
    params = Params(seed=project.seed, languages=tuple(project.languages), rule=rule)
    inputs = ("read", "clean", "dedupe")
    return Stage(
        name="split", params=params, run=run, inputs=inputs, packages=("numpy", "py3langid", "rapidfuzz", "opencc")
    )


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Split, note each row's language, and say what is known of the parts."""
    folder, names = inputs["dedupe"], Names()
    compared = bool(params.rule.near) and any(len(rows.Stored(folder / name)) for name in (read.LABELLED, read.TEST))
    indexes: dict[str, Index] = {}
    for number, (name, where) in enumerate(dedupe.WHERE.items()):
        tell(number / 4, where)
        columns = [one.name for one in fields(Index) if one.name != "sketches" or compared]
        indexes[name] = read_index(
            folder / name, out / "index", names, columns, seed=params.seed, languages=params.languages
        )
    tell(0.75, "")
    parted = part_rows({name: folder / name for name in indexes}, indexes, names, params.rule)
    _check_labels(folder, indexes, parted, names)
    _write(folder, indexes, parted, names, out)
    steps = {
        name: json.loads((inputs[name] / FACTS).read_text(encoding="utf-8")) for name in ("read", "clean", "dedupe")
    }
    facts: dict[str, Any] = gather(indexes, parted, names, params.rule, steps)
    scripts = "zh" in params.languages and find_spec("opencc") is not None
    facts["profile"] = profile(_brief(out / PARTS[0]), seed=params.seed, with_scripts=scripts).to_json()
    (out / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder: Path) -> dict[str, Sequence[Example]]:
    """Train and validation, read as they are asked for; the test rows are read by ``load_test``, once."""
    return {name: rows.Stored(folder / name) for name in PARTS[:2]}


def load_test(folder: Path) -> Sequence[Example]:
    """The test rows: for the stage *evaluate* alone."""
    return rows.Stored(folder / PARTS[2])


def labels(folder: Path) -> list[str]:
    """The labels in the order of the scores' columns."""
    return list(json.loads((folder / FACTS).read_text(encoding="utf-8"))["labels"])


def at_most(examples: Sequence[Example], count: int, *, seed: int) -> list[Example]:
    """At most ``count`` rows, every label keeping its share."""
    if len(examples) <= count:
        return list(examples)
    given = [example.label for example in examples]
    groups: defaultdict[str | None, list[int]] = defaultdict(list)
    for place in random.Random(seed).sample(range(len(given)), len(given)):
        groups[given[place]].append(place)
    chosen = [at for group in groups.values() for at in group[: max(1, round(count * len(group) / len(given)))]]
    found = {at: examples[at] for at in sorted(chosen)}
    return [found[at] for at in chosen]


def raw_texts(folder: Path, count: int) -> list[str]:
    """Texts as they stood in the user's file: validation rows first, then training rows, never test rows."""
    parts = load(folder)
    examples = (example for name in ("validation", "train") for example in parts[name])
    return [str(example.meta["raw"]) for example in islice(examples, count)]


def _brief(path: Path) -> Iterator[Example]:
    """The examples of a folder with nothing beside text, label and language."""
    for file in rows.files(path):
        frame = pl.read_parquet(file)
        columns = (frame["text"], frame["label"], rows.noted_in(frame, "language"))
        for text, label, language in zip(*columns, strict=True):
            yield Example(id="", text=text, label=label, meta={"language": language})


def _check_labels(folder: Path, indexes: dict[str, Index], parted: dict[str, Parted], names: Names) -> None:
    """Raise what is wrong with the labels of the test rows."""
    known = list(names.labels)
    taught = [indexes[name].labels[found == 0] for name, found in parted.items()]
    train = [known[code] for code in np.unique(np.concatenate(taught)) if code >= 0]
    problems = []
    for name, found in parted.items():
        held = np.flatnonzero(found == PARTS.index("test"))
        problems += check_test_labels(train, tally_at(folder / name, held, indexes[name].labels, names))
    raise_all(problems)


def _write(folder: Path, indexes: dict[str, Index], parted: dict[str, Parted], names: Names, out: Path) -> None:
    """Write every row to its part, the languages noted, and those that are in none to the list of drops."""
    languages = [*names.languages, None]
    written = [0, 0, 0]
    with (out / rows.DROPPED).open("w", encoding="utf-8") as dropped:
        for name, found in parted.items():
            start = 0
            for file in rows.files(folder / name):
                frame = pl.read_parquet(file)
                codes = found[start : start + frame.height]
                spoken = [languages[code] for code in indexes[name].languages[start : start + frame.height]]
                frame = rows.with_note(frame, "language", pl.Series(spoken, dtype=pl.String))
                for part, title in enumerate(PARTS):
                    if (chosen := codes == part).any():
                        rows.save_frame(frame.filter(chosen), out / title, written[part])
                        written[part] += 1
                out_of_all = frame.filter(codes < 0)
                dropped.writelines(rows.dropped_lines(out_of_all, (DROPS[code] for code in codes[codes < 0].tolist())))
                start += len(codes)
    for part, title in enumerate(PARTS):
        if not written[part]:
            rows.save([], out / title)
