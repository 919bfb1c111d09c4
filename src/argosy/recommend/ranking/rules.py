"""What a seller declares of lists, whatever the models say: what is never shown, what is shown earlier, how much of it.

A rule names an item by its id, or a tag by ``tag:NAME``; a cap's ``*`` means any first tag.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TAG, _EACH = "tag:", "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the rules say of an item: whether it may be ``shown``, the logarithm of its boosts, and its caps as bits."""

    shown: bool = True
    lift: float = 0.0
    caps: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of a project file; ``diversity`` 0 orders by the score alone, near 1 by likeness alone."""

    exclude: frozenset[str] = frozenset()
    boost: Mapping[str, float] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)
    diversity: float = 0.0

    def mark(self, item: str, tags: Sequence[str]) -> Mark:
        """What they say of an item, by its id and tags."""
        names = {item, *(_TAG + tag for tag in tags)}
        return Mark(
            shown=not self.exclude & names,
            lift=sum(math.log(factor) for name, factor in self.boost.items() if name in names),
            caps=sum(1 << place for place, name in enumerate(self.limits) if name in names),
        )

    @property
    def limits(self) -> Mapping[str, int]:
        """The caps but that of any first tag; the place of each is its bit."""
        return {name: most for name, most in self.caps.items() if name != _EACH}

    @property
    def each(self) -> int | None:
        """At most so many of any one first tag; None where that does not matter."""
        return self.caps.get(_EACH)
