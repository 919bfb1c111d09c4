"""iALS: alternating least squares on implicit feedback (Hu, Koren and Volinsky 2008), by the package ``implicit``.

Only the items' factors are kept: a history's vector is solved for when it is asked, by the same normal equations.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Self

import numpy as np

from argosy.core.errors import MissingError
from argosy.evaluate.rivals.one_thread import one_thread
from argosy.recommend.baselines.weights import tastes
from argosy.recommend.interactions import Catalogue, Floats, History, Interactions
from argosy.recommend.scorer import Settings

_FILE, _FACTS = "factors.npy", "ials.json"
_EXACT = 20_000  # items up to which steps are solved exactly; beyond by conjugate gradients, five times as fast


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """``items`` [items, factors]; ``alpha``: how much more a success counts; ``penalty``: of the squares."""

    items: Floats
    alpha: float
    penalty: float
    half_life: float = 0.0
    hint: float = 0.0
    name: str = "ials"
    _gram: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Reckon once what every history's vector needs."""
        object.__setattr__(self, "_gram", self.items.T @ self.items)

    def scores(self, histories: Sequence[History]) -> Floats:
        """Shape (histories, items)."""
        vectors = [self.user_vector(history) for history in histories]
        return np.stack(vectors) @ self.items.T if vectors else np.empty((0, len(self.items)), np.float32)

    def user_vector(self, history: History) -> Floats:
        """The vector of a history [factors]; zeros where nothing is known."""
        items, worth = tastes(history, len(self.items), self.half_life, self.hint)
        if not len(items):
            return np.zeros(self.items.shape[1], np.float32)
        known = self.items[items]
        trust = self.alpha * worth
        left = self._gram + known.T @ (known * trust[:, None]) + self.penalty * np.eye(known.shape[1], dtype=np.float32)
        return np.linalg.solve(left, known.T @ (1 + trust)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write what ``load`` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / _FILE, self.items)
        told = {"alpha": self.alpha, "penalty": self.penalty, "half_life": self.half_life, "hint": self.hint}
        (folder / _FACTS).write_text(json.dumps(told), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What ``save`` wrote."""
        told = json.loads((folder / _FACTS).read_text(encoding="utf-8"))
        return cls(items=np.load(folder / _FILE), **told)


def ials(events: Interactions, catalogue: Catalogue, settings: Settings) -> Factors:
    """The factors by one thread from a seed: the same bits for the same events."""
    try:
        solver = import_module("implicit.cpu.als")
    except ModuleNotFoundError as error:
        raise MissingError(
            "iALS needs the package {package!r}.", mend="pip install 'argosy[recommend]'", package=str(error.name)
        ) from error
    successes = events.matrix()
    successes.data[:] = 1 + settings["alpha"]
    with one_thread():  # which implicit asks for; the same bits on any machine
        model = solver.AlternatingLeastSquares(
            factors=int(settings["factors"]),
            regularization=settings["penalty"],
            alpha=1.0,
            iterations=int(settings.get("rounds", 15)),
            random_state=7,
            num_threads=1,
            use_cg=events.size > _EXACT,
        )
        model.fit(successes, show_progress=False)
    return Factors(
        items=np.asarray(model.item_factors, np.float32),
        alpha=settings["alpha"],
        penalty=settings["penalty"],
        half_life=settings.get("half_life", 0.0),
        hint=settings.get("hint", 0.0),
    )
