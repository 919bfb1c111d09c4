"""Stage *beside*: what is learnt from besides the labelled rows: texts without labels, and rows learnt before.

They are read, redacted and cleaned as all rows are; what stands (nearly) in the validation or test rows too is left
out, since nothing may be learnt from a text that is measured on. A part of the old rows is held out to see what is
forgotten; nothing near to it is learnt again.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.errors import DataError
from argosy.core.records import Dropped, Example
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.clean import clean
from argosy.data.dedupe import drop_twins
from argosy.data.examples import Columns, read_examples
from argosy.data.files.read import expand
from argosy.data.near import leaks
from argosy.data.redact import Redaction, recogniser
from argosy.data.split import Shares
from argosy.data.split import split as divide
from argosy.stages.data import clean as cleaning
from argosy.stages.data import erased, rows, split
from argosy.stages.data import read as reading
from argosy.stages.data.erased import Erased
from argosy.stages.site import Site

UNLABELLED = "unlabelled"
OLD = "old"  # rows learnt before
OLD_TEST = "old_test"  # those of them that are held out
FACTS = "facts.json"
MEASURED = "measured_on"  # why a text is left out
_EQUAL = 1.0  # the similarity of the same text, where near-duplicates are not looked for
_HELD_OUT = 0.3  # of the old rows: what was forgotten is the smaller question, but needs an interval too


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The columns, what is done to the texts, the similarity of near-duplicates, and the files by what they are."""

    columns: Columns
    steps: tuple[str, ...]
    redact: reading.Redact
    near: float
    seed: int
    erased: Erased = field(metadata=UNKEYED)
    paths: Mapping[str, Sequence[Path]] = field(metadata=UNKEYED)


def stage(project: Project, site: Site) -> Stage[Params]:
    """The stage; it leaves nothing where the project names no such file."""
    wanted = {UNLABELLED: project.data.unlabelled, OLD: project.continual.old if project.continual else None}
    paths = {name: expand(pattern, site.folder) for name, pattern in wanted.items() if pattern is not None}
    data, before = project.data, reading.stage(project, site)
    params = Params(
        columns=Columns(text=data.text, label=data.label, rename=data.labels),
        steps=cleaning.steps(project),
        redact=before.params.redact,
        near=data.near or _EQUAL,
        seed=project.seed,
        erased=before.params.erased.with_captured,
        paths=paths,
    )
    every = {f"{role}/{path.name}": path for role, found in paths.items() for path in found}
    every |= {name: path for name, path in before.files.items() if name == erased.FILE and paths}
    packages = ("polars", "fastexcel", "charset-normalizer", "python-stdnum", "phonenumbers", "ftfy", "rapidfuzz")
    return Stage(name="beside", params=params, run=run, inputs=("split",), files=every, packages=packages)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Read what is there, leave out what is measured on, and hold out a part of the old rows."""
    held = [row.text for part in (split.load(inputs["split"])["validation"], _test(inputs)) for row in part]
    facts: dict[str, object] = {}
    dropped: list[Dropped] = []
    for name, paths in params.paths.items():
        found, lost = rows.sort_out(_read(params, paths, labelled=name == OLD))
        tell(0.5, name)
        kept, more = _apart(found, held, params.near)
        if not kept:
            raise DataError(
                "No text of it can be learnt from: {reasons}.",
                where=", ".join(path.name for path in paths),
                mend="Check that [data] text names its column too, and that its texts are not those of the test.",
                reasons=", ".join(f"{why} {n}" for why, n in Counter(row.reason for row in (*lost, *more)).items()),
            )
        dropped += [*lost, *more]
        if name == OLD:
            _check_labels(kept, split.labels(inputs["split"]), paths)
            kept, tested, more = _hold_out(kept, params)
            rows.save(tested, out / OLD_TEST)
            dropped += more
            facts[OLD_TEST] = len(tested)
        rows.save(kept, out / name)
        facts[name] = len(kept)
    rows.save_dropped(dropped, out / rows.DROPPED)
    (out / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """How many rows of each kind there are, and why others were left out; nothing where no file is named."""
    facts = dict(json.loads((folder / FACTS).read_text(encoding="utf-8")))
    return {**facts, "dropped": rows.reasons(folder / rows.DROPPED)} if facts else {}


def load(folder: Path, name: str) -> list[Example]:
    """The rows of one kind, none where the project has no such file."""
    return rows.load(folder / name) if (folder / name).is_dir() else []


def _test(inputs: Inputs) -> Sequence[Example]:
    """The test rows' texts: looked at only to learn from none of them."""
    return split.load_test(inputs["split"])


def _read(params: Params, paths: Sequence[Path], *, labelled: bool) -> Iterable[Example | Dropped]:
    """Rows as the project's own: redacted first, then cleaned, each text once."""
    columns, wish = params.columns, params.redact
    label = columns.label if labelled else None
    found: Iterable[Example | Dropped] = read_examples(paths, text=columns.text, label=label, rename=columns.rename)
    found = map(params.erased, found)
    if wish.mode != "off":
        redact = Redaction(None, wish.kinds, recogniser(tuple(wish.names)))  # the model sees masks in any case
        found = (
            redact(row) if isinstance(row, Example) else Dropped(example=redact(row.example), reason=row.reason)
            for row in found
        )
    kept, lost = rows.sort_out(found)
    cleaned, more = rows.sort_out(clean(kept, params.steps))
    return chain(lost, more, drop_twins(cleaned))


def _apart(found: Sequence[Example], held: Sequence[str], near: float) -> tuple[list[Example], list[Dropped]]:
    """The rows that are near to no text in ``held``, and the others."""
    close = {leak.training for leak in leaks(held, [row.text for row in found], near)} if found and held else set()
    kept = [row for at, row in enumerate(found) if at not in close]
    return kept, [Dropped(example=found[at], reason=MEASURED) for at in sorted(close)]


def _hold_out(found: Sequence[Example], params: Params) -> tuple[list[Example], list[Example], list[Dropped]]:
    """Old rows to learn again, old rows held out, and those left out for being near to one that is held out."""
    shares = Shares(train=1 - _HELD_OUT, validation=0.0, test=_HELD_OUT)
    parts = divide(found, seed=params.seed, shares=shares)
    kept, lost = _apart(parts.train, [row.text for row in parts.test], params.near)
    return kept, list(parts.test), lost


def _check_labels(found: Sequence[Example], labels: Sequence[str], paths: Sequence[Path]) -> None:
    """Raise DataError where an old row has a label that the new rows lack: the model would have no answer for it."""
    strange = sorted({str(row.label) for row in found} - set(labels))
    if strange:
        raise DataError(
            "The old rows have labels that the new ones lack: {labels}.",
            where=", ".join(path.name for path in paths),
            mend="Map them with [data.labels], take these rows out, or add new rows with these labels.",
            labels=", ".join(strange),
        )
