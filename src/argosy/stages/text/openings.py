"""Where what a model writes begins: the first words of a document."""

import math

from argosy.core.records import Example

_SHARE = 0.25  # of a document that is given to go on from
_LONGEST = 60  # characters


def opening(row: Example) -> str:
    """The first quarter of a document, so much that a person sees what is to be continued."""
    return row.text[: max(1, min(_LONGEST, math.ceil(len(row.text) * _SHARE)))]
