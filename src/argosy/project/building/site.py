"""Where a project is built, with what its stages are handed because they may not know it."""

from pathlib import Path

from argosy.config.places import STORE, default_cache
from argosy.project.building.plan import read_lock
from argosy.project.selling import aside
from argosy.stages.site import Site


def site_of(folder: Path, cache: Path | None = None, *, inexact: bool = False, explore: float | None = None) -> Site:
    """The site of the project in ``folder``; without ``cache`` the machine's own."""
    return Site(
        folder=folder,
        cache=cache or default_cache(),
        serving=aside.serving,
        row_secret=_row_secret,
        artifact=_artifact,
        inexact=inexact,
        explore=explore,
    )


def _artifact(folder: Path, stage: str) -> Path | None:
    entry = read_lock(folder).get(stage)
    place = folder / STORE / entry.artifact if entry else None
    return place if place and place.is_dir() else None


def _row_secret(keys: Path) -> bytes:
    from argosy.store.persons.keyring import read_keyring  # only a project with erased persons needs it

    return read_keyring(keys).rows
