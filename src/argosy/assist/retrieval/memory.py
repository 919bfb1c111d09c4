"""A knowledge and its vectors in memory, for who has no database."""

import threading
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.core.knowledge import Entry

Floats = NDArray[np.float32]


class KeptKnowledge:
    """Knowledge that begins with these entries as its first generation, and ends with the process."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        first = {entry.id: entry for entry in entries}
        self._states = [{}, first] if first else [first]
        self._changing = threading.Lock()

    @property
    def generation(self) -> int:
        """The newest; 0 where nothing was ever put in."""
        return len(self._states) - 1

    def entries(self, generation: int | None = None) -> list[Entry]:
        """Those of a generation, in the order of ids."""
        state = self._states[self.generation if generation is None else max(0, min(generation, self.generation))]
        return [state[name] for name in sorted(state)]

    def replace(self, document: str, entries: Sequence[Entry]) -> int:
        """Let these be all entries of a document."""
        with self._changing:
            newest = self._states[-1]
            others = {name: entry for name, entry in newest.items() if entry.document != document}
            changed = others | {entry.id: entry for entry in entries}
            if changed != newest:
                self._states.append(changed)
            return self.generation

    def purge(self, document: str) -> int:
        """Remove a document from all generations; how many entries that were."""
        with self._changing:
            gone = {name for state in self._states for name, one in state.items() if one.document == document}
            if gone:
                left = [{name: one for name, one in each.items() if one.document != document} for each in self._states]
                self._states = [*left, left[-1]]
            return len(gone)


class KeptVectors:
    """Vectors of texts, by encoder."""

    def __init__(self) -> None:
        self._vectors: dict[tuple[str, str], Floats] = {}

    def vectors(self, encoder: str, texts: Sequence[str]) -> dict[str, Floats]:
        """Those that are kept, by the digest of each text."""
        return {text: self._vectors[encoder, text] for text in texts if (encoder, text) in self._vectors}

    def keep(self, encoder: str, vectors: Mapping[str, Floats]) -> None:
        """Keep them."""
        self._vectors.update({(encoder, text): vector for text, vector in vectors.items()})
