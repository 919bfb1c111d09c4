"""``xz`` as a language model: the bytes that held-out text adds to the compressed training text."""

import lzma
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import DataError

_LEAST, _MOST = 1 << 12, (1 << 32) - (1 << 20)  # bytes of dictionary that the format allows
_CONTEXTS = ({"lc": 3, "lp": 0, "pb": 2}, {"lc": 4, "lp": 0, "pb": 0})  # xz's own, and one that suits text better


@dataclass(frozen=True, slots=True, kw_only=True)
class Xz:
    """Bits per UTF-8 byte: ``alone`` the held-out text by itself; ``behind`` what it adds behind the training text.

    ``behind`` is the stronger one as a rule, and favours xz: it also learns from the held-out documents before each.
    """

    alone: float
    behind: float

    @property
    def bits_per_byte(self) -> float:
        """The smaller of the two."""
        return min(self.alone, self.behind)


def xz(train: Sequence[str], texts: Sequence[str]) -> Xz:
    """Compress at preset 9 extreme, with a dictionary as large as all of the text and without the format's headers.

    Of two settings of the literals the better counts. About 2 s a megabyte. Raises DataError when there is no text.
    """
    known, new = (b"\0".join(text.encode() for text in part) for part in (train, texts))
    size = sum(len(text.encode()) for text in texts)
    if not size:
        raise DataError(
            "No held-out text to compress: all {count} documents are empty.",
            mend="Give more documents, or a larger share for validation.",
            count=len(texts),
        )
    alone = min(_compressed(new, context) for context in _CONTEXTS)
    behind = min(_compressed(known + b"\0" + new, context) - _compressed(known, context) for context in _CONTEXTS)
    return Xz(alone=8 * alone / size, behind=8 * max(behind, 0) / size)


def nats(train: Sequence[str], texts: Sequence[str]) -> NDArray[np.float64]:
    """The surprise of each text in nats [texts]: what they add together, laid on each by what it compresses to alone.

    Raises DataError when there is no text.
    """
    size = sum(len(text.encode()) for text in texts)
    total = xz(train, texts).bits_per_byte * size * math.log(2)
    own = np.array([_compressed(text.encode(), _CONTEXTS[0]) if text else 0 for text in texts], dtype=np.float64)
    return np.asarray(total * own / own.sum())


def _compressed(content: bytes, context: dict[str, int]) -> int:
    """The size in bytes."""
    dictionary = min(max(len(content), _LEAST), _MOST)
    filters: list[dict[str, Any]] = [
        {"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary, **context}
    ]
    return len(lzma.compress(content, format=lzma.FORMAT_RAW, filters=filters))
