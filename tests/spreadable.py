"""Work that tests spread over processes, which import it by this name."""

import numpy as np

from argosy.core.errors import DataError


def squared(power: float, seed: int) -> float:
    """Something that hangs on its part alone."""
    return float(np.random.default_rng(seed).standard_normal(50).sum() ** power)


def failing(part: int) -> int:
    """The second part is broken."""
    if part == 1:
        raise DataError("The part {part} is broken.", part=part)
    return part
