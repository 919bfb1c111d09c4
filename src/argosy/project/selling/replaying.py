"""Two versions on the same labelled rows, before the second one meets a customer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy.config import file
from argosy.config.places import STORE
from argosy.core.errors import DataError, MissingError
from argosy.core.records import Example
from argosy.data.clean import clean_text
from argosy.data.dedupe import twin_key
from argosy.data.examples import read_examples
from argosy.data.files.read import expand
from argosy.infer.folder import told
from argosy.infer.load import load
from argosy.project.improving.tries import places
from argosy.project.selling.releasing import Releasing
from argosy.serve.releases.versions import Line, Paired
from argosy.stages.data import rows, split
from argosy.stages.data.parting import PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay showed, and how many rows were left out because a model knows them or they are test rows.

    ``unknown`` counts models of which it is not known what they learnt from.
    """

    paired: Paired
    left_out: int
    unknown: int


def replay(releasing: Releasing, line: Line, on: Path | None) -> Replayed:
    """Champion and challenger on rows that neither learnt from: the challenger's validation rows, or those of a file.

    Test rows are left out. Raises DataError when no row is left.
    """
    if line.challenger is None:
        raise MissingError(
            "There is no challenger of {model}.", mend="Name one: argosy release shadow VERSION", model=line.model
        )
    sides = [releasing.place(line.model, number) for number in (line.champion, line.challenger)]
    parts = [part for side in sides if (part := _split(side, releasing.folder))]
    examples, left_out = _rows(releasing.folder, parts, on)
    texts = [str(example.meta.get("raw", example.text)) for example in examples]
    truth = [example.label for example in examples]
    said = [[one.label for one in load(side).classify(texts)] for side in sides]
    first, second = ([label == true for label, true in zip(labels, truth, strict=True)] for labels in said)
    won = sum(theirs and not mine for mine, theirs in zip(first, second, strict=True))
    lost = sum(mine and not theirs for mine, theirs in zip(first, second, strict=True))
    paired = Paired(won=won, lost=lost, alike=len(texts) - won - lost)
    return Replayed(paired=paired, left_out=left_out, unknown=len(sides) - len(parts))


def _rows(folder: Path, parts: Sequence[Path], on: Path | None) -> tuple[list[Example], int]:
    known = {_key(row.text) for part in parts for row in [*split.load(part)["train"], *split.load_test(part)]}
    found = _file(folder, on) if on else [row for part in parts[-1:] for row in split.load(part)["validation"]]
    kept = [row for row in found if row.label is not None and _key(row.text) not in known]
    if not kept:
        raise DataError(
            "No labelled row is left to replay.",
            where=str(on or folder),
            mend="Name a file of labelled rows that the models did not learn from: --on FILE",
        )
    return kept, len(found) - len(kept)


def _file(folder: Path, on: Path) -> list[Example]:
    data = file.load(folder).data
    found = read_examples(
        expand(str(on.resolve()), folder), text=data.text or "text", label=data.label, rename=data.labels
    )
    return rows.sort_out(found)[0]


def _split(side: Path, folder: Path) -> Path | None:
    """The rows that a release was built from, where the project still has them."""
    name = told(side).get("lineage", {}).get("split")
    parts = (home / STORE / str(name) for home in (folder, *places(folder)))
    return next((part for part in parts if name and (part / PARTS[0]).is_dir()), None)


def _key(text: str) -> str:
    return str(twin_key(clean_text(text)))
