"""What the models of a recommender learn from, whoever read it: the items, what users did, and the base."""

from dataclasses import dataclass
from pathlib import Path

from argosy.recommend.interactions import Catalogue, Interactions
from argosy.stages.support.base import Started


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """``train`` are events by positions in ``catalogue``; ``place`` keeps what a stopped training goes on from."""

    catalogue: Catalogue
    train: Interactions
    begun: Started
    place: Path
