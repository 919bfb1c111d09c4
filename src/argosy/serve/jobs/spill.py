"""Texts on disk, read again by their places."""

from array import array
from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import Self

import numpy as np
from numpy.typing import NDArray


class Spill:
    """Keeps eight bytes a text in memory; the file has no name, so nothing is left of it whatever happens."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed with the block that this is
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
