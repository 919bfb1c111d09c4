"""What every model of a recommender is, from a popularity count to a text encoder: scores of items for histories."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from argosy.recommend.interactions import Catalogue, Floats, History, Interactions

Settings = Mapping[str, float]


class Scorer(Protocol):
    """A model that was fitted; it knows no user, only what a history holds: forgotten ones leave nothing in it."""

    @property
    def name(self) -> str:
        """What it is called in reports: ``ease``, ``ials``, …."""
        ...

    def scores(self, histories: Sequence[History]) -> Floats:
        """Shape (histories, items), float32: larger is better; what is seen already is not left out."""
        ...

    def save(self, folder: Path) -> None:
        """Write what ``load`` of its module reads; no pickle."""
        ...


Fit = Callable[[Interactions, Catalogue, Settings], Scorer]
"""Fits a model on what happened, with settings such as ``{"ridge": 500.0}``; the same input gives the same bits."""
Load = Callable[[Path], Scorer]
Told = Mapping[str, Any]
