"""Where the stages that tests make are built."""

from pathlib import Path

from argosy.config.places import default_cache
from argosy.project.selling import aside
from argosy.stages.site import Site


def site(folder: Path, *, explore: float | None = None) -> Site:
    """The project in ``folder``, with the machine's own cache."""
    return Site(folder=folder, cache=default_cache(), serving=aside.serving, explore=explore)
