"""Why a text is read so: what the chance loses without each of its words (occlusion; Zeiler and Fergus 2014).

The model itself is asked, once with all the texts that lack a word, so this holds of whatever model serves.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Chances = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]
"""The chance of each label, by text."""
_PIECE = re.compile(r"[a-z0-9][\w'’-]*|[㐀-鿿]{1,2}|[^\s]", re.IGNORECASE)
_MOST = 80  # words that are tried: later ones weigh 0


def explained(text: str, chances: Chances) -> dict[str, Any]:
    """The label of a text, its chances, and its words, each with ``begin``, ``end`` and ``weight``, in their order.

    A weight is the chance of the label with the word less that without it: above 0 it speaks for the label.
    """
    places = [found.span() for found in _PIECE.finditer(text) if found.group()[0].isalnum()][:_MOST]
    whole, *without = chances([text, *(f"{text[:begin]} {text[end:]}" for begin, end in places)])
    label = max(whole, key=lambda name: whole[name])
    words = [
        {"word": text[begin:end], "begin": begin, "end": end, "weight": round(whole[label] - one[label], 4)}
        for (begin, end), one in zip(places, without, strict=True)
    ]
    return {"label": label, "chances": dict(whole), "words": words}
