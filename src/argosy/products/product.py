"""What a product is: a short declaration of what is built, and of what is served and shown of it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy.config.schema import Project
from argosy.core.stage import Stage
from argosy.stages.classify.over_http import Serving


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where and how a project is built.

    ``folder`` holds the project and ``cache`` converted base models; ``serving`` serves a model to be asked over HTTP.
    A stopped training goes on only where its bits stay the same, unless ``inexact``; ``explore`` is the minutes to try
    smaller models in, where the project does not say.
    """

    folder: Path
    cache: Path
    serving: Serving
    inexact: bool = False
    explore: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product: ``rows`` makes its stages from the files to the split, ``stages`` all of them, in their order.

    ``figures`` tells what the stages of the rows found (stage → artifact's folder). Building needs the modules
    ``needs``, which ``argosy[extra]`` brings.
    """

    name: str
    rows: Callable[[Project, Path], list[Stage[Any]]]
    stages: Callable[[Project, Site], list[Stage[Any]]]
    figures: Callable[[dict[str, Path]], dict[str, Any]]
    needs: tuple[str, ...]
    extra: str
