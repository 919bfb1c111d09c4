"""What was said in the market, by whom, of whom; and what a mining of it found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
"""Unit vectors of texts, float32 [texts, dimension]."""
Feel = Callable[[Sequence[str]], Floats]
"""The sentiment of texts, from -1 (negative) to 1 [texts]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One text of the market: a review, a ticket, a post.

    ``rating`` is on the scale of the whole corpus, higher is better; ``customer`` holds what is known of who speaks.
    """

    id: str
    text: str
    brand: str | None = None
    rating: float | None = None
    time: datetime | None = None
    customer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that customers speak of: a readable name, its telling words, and ids of texts that show it.

    ``quote`` is the clause that is most typical of it, and ``named`` whether the owner named it.
    """

    name: str
    words: tuple[str, ...]
    shown: tuple[str, ...]
    quote: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mined:
    """The voices, their needs, and where each is spoken of.

    ``spoken`` [voices, needs] is whether a voice speaks of a need, ``felt`` [voices, needs] its sentiment there, from
    -1 (negative) to 1, NaN where it does not speak of it or where no sentiment can be told.
    """

    voices: tuple[Voice, ...]
    needs: tuple[Need, ...]
    spoken: NDArray[np.bool_]
    felt: Floats
    rated: NDArray[np.float64]
    doubt: Floats | None = None
    notes: tuple[str, ...] = ()
