"""A training that has gone wrong is ended at once, with the step and the batch named."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from argosy.core.errors import ArgosyError

_STEPS = 5  # in a row: one odd batch is no explosion
_SHARE = 0.05  # of the running mean that is the newest loss
_FLOOR = 0.1  # nats a unit; a loss that starts at nothing may rise to this times the surge
_ROWS_TOLD = 8
_MEND = "Lower the learning rate (a tenth of it is a good next try), or look at these rows."


@dataclass(slots=True)
class Pulse:
    """What the loss usually is: at first, and as a running mean; and how many steps in a row it was far above."""

    first: float | None = None
    mean: float = 0.0
    surges: int = 0

    def beat(self, loss: float, norm: float, surge: float, *, step: int, epoch: int, rows: Sequence[int]) -> None:
        """Note one step's loss; raises ArgosyError when it or the gradient is not finite, or when it explodes.

        An explosion is a loss above ``surge`` times the largest of the first loss, its running mean and 0.1, five
        steps in a row (``surge`` 0: never).
        """
        where = f"step {step}, epoch {epoch}"
        told = ", ".join(map(str, rows[:_ROWS_TOLD])) + (", …" if len(rows) > _ROWS_TOLD else "")
        if not math.isfinite(loss):
            raise ArgosyError(
                "The loss is {loss}; the batch was of the training rows {rows}.",
                where=where,
                mend=_MEND,
                loss=str(loss),
                rows=told,
            )
        if not math.isfinite(norm):
            raise ArgosyError(
                "The gradient is {norm}; the batch was of the training rows {rows}.",
                where=where,
                mend=_MEND,
                norm=str(norm),
                rows=told,
            )
        usual = max(self.first if self.first is not None else loss, self.mean, _FLOOR)
        if 0 < surge * usual < loss:
            self.surges += 1
        else:
            self.first = loss if self.first is None else self.first
            self.mean, self.surges = self.mean + _SHARE * (loss - self.mean), 0
        if self.surges >= _STEPS:
            raise ArgosyError(
                "The loss exploded from {usual:.3g} to {loss:.3g}; the batch was of the training rows {rows}.",
                where=where,
                mend=_MEND,
                usual=usual,
                loss=loss,
                rows=told,
            )
