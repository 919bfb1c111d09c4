"""What the training of a language model is told about time, and what it tells on its way: records without torch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from argosy.train.checkpoints import Checkpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long to train: so many ``steps``, else ``epochs``, else what ``minutes`` allow; 0: not set.

    ``evaluations`` are spread evenly over the steps.
    """

    steps: int = 0
    epochs: int = 0
    minutes: float = 0.0
    evaluations: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was foretold before the first step: ``flops`` by 6ND (Kaplan et al. 2020), ``seconds`` by a short trial.

    ``most_epochs`` is how often the texts may be read before more of them would help more than more time.
    """

    steps: int
    tokens: int
    epochs: float
    most_epochs: int
    tokens_per_second: float
    flops: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One evaluation: the mean training ``loss`` in nats a token since the last, and ``nats`` [validation texts].

    ``seconds`` is what it took, as far as that was measured.
    """

    step: int
    loss: float
    nats: NDArray[np.float64]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who looks on: ``expected`` hears of the time, ``read`` of evaluations, ``stepped`` of a step and its seconds.

    ``keep`` stores checkpoints to go on from, and what was decided.
    """

    keep: "Checkpoints"
    expected: Callable[[Expected], None]
    read: Callable[[Reading], None]
    stepped: Callable[[int, float], None]
    tell: Callable[[float, str], None]
