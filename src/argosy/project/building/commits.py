"""The project as it stood at a commit: checked out beside the store, built there, and kept for the next time."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from argosy.config import file
from argosy.config.places import LOCK, MODEL, STORE
from argosy.core.artifact import machine_error
from argosy.core.errors import MissingError
from argosy.project.building.build import build
from argosy.project.building.run import Progress, alone

PLACE = ".argosy/commits"
_MADE = frozenset({".argosy", ".git", LOCK, MODEL, "report.html"})  # by Argosy or git, not by the user
_PATHS = (("data", "path"), ("data", "train"), ("data", "test"), ("base", "model"))


def built(commit: str, folder: Path, tell: Callable[[Progress], None]) -> Path:
    """The folder of the project in ``folder`` as of ``commit``, built.

    What git does not keep, such as data that it ignores, is taken from the folder as it is now. Results that the
    project has already are used again. Raises MissingError when there is no such commit, or no git.
    """
    folder = folder.resolve()
    top, digest = find(commit, folder)
    tree = folder / PLACE / digest
    place = tree / folder.relative_to(top)
    with alone(folder, wait=0):
        try:
            if not tree.is_dir():
                _check_out(digest, top, tree)
            _link(top, folder, tree)
            _share_results(folder, tree, place)
        except OSError as error:
            raise machine_error(error, tree) from error
        build(file.load(place, [*_moved(folder, place, top)]), place, tell)
    return place


def find(commit: str, folder: Path) -> tuple[Path, str]:
    """The top of the repository around ``folder``, and the digest of the commit; raises MissingError without one."""
    nowhere = MissingError(
        "There is no folder {name!r}, and {folder} is in no git repository that could have such a commit.",
        mend="Name two folders of projects or models, or call this in a project that git keeps.",
        name=commit,
        folder=folder,
    )
    top = _git(folder, "rev-parse", "--show-toplevel") if folder.is_dir() else None
    if top is None:
        raise nowhere
    digest = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    if digest is None:
        raise MissingError(
            "There is no folder and no commit {name!r}.",
            where=str(folder),
            mend="Name two folders of projects or models, or two commits of this project: git log --oneline",
            name=commit,
        )
    return Path(top.strip()), digest.strip()


def _check_out(digest: str, top: Path, tree: Path) -> None:
    """Every file of the commit below ``tree``, by way of an index of its own, so that the user's stays as it is."""
    draft = tree.with_name(f"{tree.name}.part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    index = draft.with_suffix(".index")
    for words in (("read-tree", digest), ("checkout-index", "--all", "--force", f"--prefix={draft}/")):
        if _git(top, *words, index=index) is None:
            raise MissingError(
                "git cannot check out the commit {commit}.",
                where=str(top),
                mend="Look whether the repository is whole: git fsck",
                commit=digest,
            )
    index.unlink()
    draft.rename(tree)


def _link(top: Path, folder: Path, tree: Path) -> None:
    """Let links in ``tree`` stand for what git does not keep."""
    listed = _git(top, "ls-files", "--others", "--directory", "-z") or ""
    for name in filter(None, listed.split("\0")):
        path = top / name
        made = path.is_relative_to(folder) and _MADE.intersection(path.relative_to(folder).parts[:1])
        target = tree / name.rstrip("/")
        if not made and path not in (folder, *folder.parents) and not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve(), target_is_directory=path.is_dir())


def _share_results(folder: Path, tree: Path, place: Path) -> None:
    """One store for all; a commit without a lock begins with the newest one, of the project or another commit."""
    (folder / STORE).mkdir(parents=True, exist_ok=True)
    store = place / STORE
    store.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(store):
        store.symlink_to(os.path.relpath(folder / STORE, store.parent), target_is_directory=True)
    others = (folder / PLACE).glob(str("*" / place.relative_to(tree) / LOCK))
    locks = [path for path in (folder / LOCK, *others) if path.is_file()]
    if locks and not (place / LOCK).exists():
        shutil.copyfile(max(locks, key=lambda path: path.stat().st_mtime), place / LOCK)


def _moved(folder: Path, place: Path, top: Path) -> Iterator[str]:
    """Overrides for the paths of the project that lead out of the repository, which hold from the folder only."""
    project = file.load(place).model_dump()
    for table, key in _PATHS:
        found = (project[table] or {})[key] if project[table] else None
        if not found or not os.path.normpath(found).startswith(".."):
            continue
        meant = Path(os.path.normpath(folder / found))
        if not meant.is_relative_to(top):
            yield f"{table}.{key}={json.dumps(str(meant), ensure_ascii=False)}"


def _git(folder: Path, *words: str, index: Path | None = None) -> str | None:
    """What git says in ``folder``; None where it refuses."""
    program = shutil.which("git")
    if program is None:
        raise MissingError("Comparing commits needs git.", mend="Install it: apt-get install git")
    at = {"GIT_INDEX_FILE": str(index)} if index else {}
    said = subprocess.run(
        [program, "-c", "core.quotePath=false", *words],
        cwd=folder,
        capture_output=True,
        check=False,
        env=os.environ | at,
    )
    return said.stdout.decode("utf-8", "surrogateescape") if said.returncode == 0 else None
