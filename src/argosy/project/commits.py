"""The project as it stood at a commit: checked out beside the store, built there, and kept for the next time."""

import io
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from argosy.core.errors import MissingError
from argosy.project import file
from argosy.project.build import Built, build
from argosy.project.places import LOCK, MODEL
from argosy.project.run import Progress

PLACE = ".argosy/commits"
_OURS = {".argosy", ".git", LOCK, MODEL, "report.html"}


def built(commit: str, folder: Path, tell: Callable[[Progress], None]) -> Path:
    """The folder of the project in ``folder`` as of ``commit``, built.

    What the commit does not hold, such as data that git does not keep, is taken from the folder as it is now. Raises
    MissingError when there is no such commit.
    """
    digest = _git(folder, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}").decode().strip()
    if not digest:
        raise MissingError(
            "There is no folder and no commit {name!r}.",
            where=str(folder),
            mend="Name two folders of models, or two commits of this project.",
            name=commit,
        )
    place = folder / PLACE / digest
    if not place.is_dir():
        _check_out(digest, folder, place)
    outcome = build(file.load(place), place, tell)
    return outcome.model.parent if isinstance(outcome, Built) else place


def _check_out(digest: str, folder: Path, place: Path) -> None:
    prefix = _git(folder, "rev-parse", "--show-prefix").decode().strip()
    packed = _git(folder, "archive", "--format=tar", f"{digest}:{prefix}")
    draft = place.with_name(f"{place.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(draft, filter="data")
    for path in folder.iterdir():
        if path.name not in _OURS and not (draft / path.name).exists():
            (draft / path.name).symlink_to(path.resolve(), target_is_directory=path.is_dir())
    draft.rename(place)


def _git(folder: Path, *words: str) -> bytes:
    """What git says in ``folder``; nothing where it refuses."""
    program = shutil.which("git")
    if program is None:
        raise MissingError("Comparing commits needs git.", mend="Install it: apt-get install git")
    return subprocess.run([program, *words], cwd=folder, capture_output=True, check=False).stdout
