"""``argosy clean``: give back the disk that old results take."""

import shutil
from pathlib import Path

from argosy.config.places import COMPRESSION, CURVES, LOCK, MODEL, STORE, TRAINING, default_cache
from argosy.project.building import commits
from argosy.project.building.plan import read_lock
from argosy.project.building.run import alone
from argosy.ui.speech import note, t
from argosy.ui.verbs.build import say_json


def clean(folder: Path, *, everything: bool, as_json: bool) -> None:
    """Remove artifacts that the lock does not name; with ``everything`` all, with checked-out commits and bases."""
    freed = 0
    with alone(folder, wait=0):
        kept = set() if everything else {entry.artifact for entry in read_lock(folder).values()}
        doomed = [path for path in (folder / STORE).glob("*") if path.name not in kept]
        more = (default_cache(), *(folder / place for place in (commits.PLACE, TRAINING, COMPRESSION, CURVES)))
        doomed += [path for path in more if everything and path.is_dir()]
        for path in doomed:
            freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            shutil.rmtree(path)
        if everything:
            (folder / LOCK).unlink(missing_ok=True)
            (folder / MODEL).unlink(missing_ok=True)
    if as_json:
        say_json({"removed": len(doomed), "bytes": freed})
    else:
        note(t("{count} results removed, {size:.1f} MB").format(count=len(doomed), size=freed / 1e6))
