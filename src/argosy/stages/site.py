"""Where and how a project is built."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

Serving = Callable[[Path], AbstractContextManager[str]]
"""Serves the model in a folder while a block runs, and gives the address; raises GateError when it will not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """``folder`` holds the project and ``cache`` converted base models; ``serving`` is asked over HTTP.

    ``artifact`` gives what a stage of another project, by its folder and the stage's name, left; None where nothing is.
    ``row_secret`` reads from a file of keys the secret that knows the rows of erased persons; MissingError without it.
    A stopped training goes on only where its bits stay the same, unless ``inexact``; ``explore`` is the minutes to try
    smaller models in, where the project does not say.
    """

    folder: Path
    cache: Path
    serving: Serving
    row_secret: Callable[[Path], bytes]
    artifact: Callable[[Path, str], Path | None]
    inexact: bool = False
    explore: float | None = None
