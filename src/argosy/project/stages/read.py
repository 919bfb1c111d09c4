"""Stage *read*: the user's files as examples, each with the file and the row it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argosy.core.errors import ArgosyError, raise_all
from argosy.core.records import Dropped
from argosy.core.stage import UNKEYED, Inputs, Stage, Tell
from argosy.data.checks import check_kept, check_labels
from argosy.data.read import expand, read_examples
from argosy.project import rows
from argosy.project.file import Project

POOL = "pool"  # rows to split
LABELLED = "labelled"  # rows from `argosy label`: chosen for being hard, so they are learnt from and never measured on
TEST = "test"  # rows of a test file, when one is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The columns, the spellings to map, and the files by role (which count by their digests)."""

    text: str
    label: str
    rename: Mapping[str, str]
    paths: Mapping[str, Sequence[Path]] = field(metadata=UNKEYED)


def stage(project: Project, folder: Path) -> Stage[Params]:
    """The stage for a project; raises DataError where a named file is not there."""
    paths = files(project, folder)
    params = Params(
        text=project.data.text,
        label=project.data.label,
        rename=project.data.labels,
        paths=paths,
    )
    every = {f"{role}/{path.name}": path for role, found in paths.items() for path in found}
    return Stage(
        name="read", params=params, run=run, files=every, packages=("polars", "fastexcel", "charset-normalizer")
    )


def files(project: Project, folder: Path) -> dict[str, list[Path]]:
    """The project's data files by role."""
    data = project.data
    found = {POOL: expand(data.path or data.train or "", folder), LABELLED: sorted(folder.glob(data.labelled))}
    if data.test is not None:
        found[TEST] = expand(data.test, folder)
    return found


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Read both files and store rows and dropped rows; what is wrong with the labels is told all at once."""
    dropped: list[Dropped] = []
    problems: list[ArgosyError] = []
    for name in (POOL, LABELLED, TEST):
        paths = params.paths.get(name, ())
        found = read_examples(paths, text=params.text, label=params.label, rename=params.rename)
        kept, lost = rows.sort_out(found)
        where = ", ".join(path.name for path in paths)
        problems += check_kept(kept, lost, where)
        problems += check_labels(kept, where) if name == POOL and kept else []
        rows.save(kept, out / f"{name}.parquet")
        dropped += lost
    raise_all(problems)
    rows.save_dropped(dropped, out / rows.DROPPED)
