"""When a post was published, by a clock that may be wrong."""

_YEAR_1990 = 631_152_000_000_000  # microseconds since the epoch
_AHEAD = 600_000_000  # microseconds by which an honest clock may be ahead of ours


def published(told: int | None, received: int) -> int:
    """The time that a source tells if it can be true, else when it was heard; both in microseconds since the epoch.

    Nothing was published before 1990, nor after it was heard: a clock that is minutes ahead tells the latter.

    >>> published(1_790_000_000_000_000, 1_795_000_000_000_000), published(0, 1_795_000_000_000_000)
    (1790000000000000, 1795000000000000)
    """
    return told if told is not None and _YEAR_1990 <= told <= received + _AHEAD else received
