"""Texts on disk, read again by their places."""

from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray


class Spill:
    """Keeps eight bytes a text in memory."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb+")
        self._ends = array("q", [0])

    def add(self, texts: Iterable[str]) -> None:
        """Keep texts behind those before."""
        for text in texts:
            self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))

    def texts(self, places: NDArray[np.int64]) -> Sequence[str]:
        """The texts at some places."""
        found = []
        for place in places.tolist():
            self._file.seek(self._ends[place])
            raw = self._file.read(self._ends[place + 1] - self._ends[place])
            found.append(raw.decode("utf-8", "surrogatepass"))
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
