"""How a training steps: how long, how fast, how much at once; readable without torch."""

import math
from dataclasses import dataclass
from typing import Literal

from argosy.core.errors import ArgosyError, ProjectError, raise_all

_BOUNDS = (  # both ends may be meant
    ("warmup", 0, 1),
    ("weight_decay", 0, math.inf),
    ("clip", 0, math.inf),
    ("accumulate", 1, math.inf),
    ("ema", 0, 0.999999),
    ("patience", 0, math.inf),
    ("evaluate_every", 0, math.inf),
    ("surge", 0, math.inf),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the loop steps: ``epochs`` or ``steps``; linear warm-up over ``warmup`` of all steps, then a cosine to 0.

    ``evaluate_every`` counts steps (0: at the end of each epoch). ``decay`` "decoupled" shrinks the weights beside the
    step (Loshchilov & Hutter 2019), "l2" adds to the gradient. ``optimiser`` "muon" is for training from random
    weights (``train/muon.py``; its decay is always decoupled). ``clip`` is the largest norm of the gradient (0: off).
    ``accumulate`` is the number of parts that a batch is computed in: less memory, the same step. ``ema`` is what the
    average of the weights keeps at each step (0: off); it is the average that is evaluated and kept then. ``patience``
    is the number of evaluations without a gain after which training ends (0: never). ``surge``: a loss this many times
    above what it was, five steps in a row, ends it too (0: never).
    """

    epochs: int = 0
    steps: int = 0
    learning_rate: float
    warmup: float = 0.1
    weight_decay: float = 0.01
    decay: Literal["decoupled", "l2"] = "decoupled"
    optimiser: Literal["adam", "muon"] = "adam"
    clip: float = 1.0
    bf16: bool = False
    accumulate: int = 1
    ema: float = 0.0
    patience: int = 0
    evaluate_every: int = 0
    surge: float = 10.0

    def rate(self, step: int, steps: int) -> float:
        """The factor on the learning rate at ``step`` (from 0) out of ``steps``, between 0 and 1."""
        rising = max(1, round(steps * self.warmup))
        if step < rising:
            return (step + 1) / rising
        return 0.5 * (1 + math.cos(math.pi * (step - rising) / max(1, steps - rising)))

    def check(self) -> None:
        """Raise ProjectError with every setting that cannot be meant."""
        problems: list[ArgosyError] = []
        if not 0 < self.learning_rate < math.inf:
            problems.append(ProjectError("Expected a learning rate above 0, found {found}.", found=self.learning_rate))
        if (self.epochs > 0) == (self.steps > 0):
            problems.append(
                ProjectError(
                    "Expected either epochs or steps, found {epochs} and {steps}.",
                    epochs=self.epochs,
                    steps=self.steps,
                )
            )
        for name, least, most in _BOUNDS:
            if not least <= getattr(self, name) <= most:
                problems.append(
                    ProjectError(
                        "Expected {least} to {most}, found {found}.",
                        where=name,
                        least=least,
                        most=most,
                        found=getattr(self, name),
                    )
                )
        raise_all(problems)
