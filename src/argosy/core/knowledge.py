"""What an assistant knows: dialogues it learns from, documents it reads, and the entries it may answer with."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Speaker = Literal["customer", "agent", "robot", "system"]
CORRECTED = "corrections/"
"""How documents begin that a person wrote in the place of a wrong answer: right for the very question they were for."""
STORED = ("answers/", CORRECTED)
"""How documents begin that are stored answers: they quote nobody, and their titles are customers' questions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One turn of a service dialogue: ``at`` in microseconds since the epoch, None where no time is told."""

    dialogue: str
    index: int
    speaker: Speaker
    text: str
    name: str = ""
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a document that can be quoted alone: characters ``start`` to ``end`` of its text.

    ``where`` tells people the place (``page 3``, a path of headings, ``row 12``); ``question`` is what the piece
    answers, where the document says so.
    """

    start: int
    end: int
    where: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as text: ``name`` is its path relative to the project, ``digest`` that of its bytes."""

    name: str
    title: str
    text: str
    digest: str
    pieces: tuple[Piece, ...]
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What may be answered with: a stored answer out of dialogues, or a piece of a document.

    ``keys`` are the texts that it is found by: the questions of a stored answer; of a piece its question or the path
    of its headings. ``text`` stands at ``start`` to ``end`` of ``document`` (a stored answer is a document of its own).
    ``slots`` are names in braces in a stored answer that must be filled; ``approved`` None: nobody decided yet.
    """

    id: str
    kind: Literal["answer", "piece"]
    text: str
    keys: tuple[str, ...]
    document: str
    title: str
    where: str = ""
    start: int = 0
    end: int = 0
    language: str = ""
    slots: tuple[str, ...] = ()
    at: int | None = None
    approved: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What ``to_json`` told."""
        return cls(**{**told, "keys": tuple(told["keys"]), "slots": tuple(told["slots"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An entry that may answer a question: ``score`` is the chance that it does, ``key`` the text that it was found by.

    ``parts`` are the scores that this comes from: ``lexical``, ``cosine``, ``relevance``, where there are such.
    """

    entry: Entry
    score: float
    key: str
    parts: Mapping[str, float] = field(default_factory=dict)


class Retrieval(Protocol):
    """Finds entries for a question; threads may call it at once."""

    @property
    def generation(self) -> int:
        """Which state of the knowledge is asked; it grows with each change."""
        ...

    def find(self, question: str, most: int = 5) -> Sequence[Found]:
        """The likeliest entries, each once, best first; none where nothing is known."""
        ...

    def entry(self, name: str) -> Entry | None:
        """The entry of this id, if it may still be quoted."""
        ...


class Knowledge(Protocol):
    """Where entries are kept, each change a generation of its own."""

    @property
    def generation(self) -> int:
        """The newest; 0 where nothing was ever put in. Blocks for a query."""
        ...

    def entries(self, generation: int | None = None) -> Sequence[Entry]:
        """Those of the newest generation, or those of an earlier one that were not purged; in the order of ids."""
        ...

    def replace(self, document: str, entries: Sequence[Entry]) -> int:
        """Let these be all entries of a document, none to remove it; the generation that this makes."""
        ...

    def purge(self, document: str) -> int:
        """Remove a document from all generations, so that no replay can show it; how many entries that were."""
        ...


class Embedded(Protocol):
    """Where vectors of texts are kept, so that each text is embedded once by each encoder; threads may use it."""

    def vectors(self, encoder: str, texts: Sequence[str]) -> Mapping[str, "NDArray[np.float32]"]:
        """Float32 [dimensions] by the digest of each text, of those that are kept."""
        ...

    def keep(self, encoder: str, vectors: Mapping[str, "NDArray[np.float32]"]) -> None:
        """Keep vectors by the digest of each text; they are there when this returns."""
        ...


class Vectors(Protocol):
    """Vectors of length 1 by name, the nearest of which are found; threads may use it at once."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def add(self, vectors: Mapping[str, "NDArray[np.float32]"]) -> None:
        """Put in float32 [dimensions] by name, those that are not there: a name stands for one vector."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Take out those of these names that are there."""
        ...

    def search(self, vector: "NDArray[np.float32]", most: int) -> list[tuple[str, float]]:
        """The nearest names with cosines to 5 decimals, highest first; of equal ones the lower name first."""
        ...

    def cosines(self, vector: "NDArray[np.float32]", names: Sequence[str]) -> "NDArray[np.float32]":
        """Float32 [names], in their order; 0 for one that is not there."""
        ...


def digest_of(text: str) -> str:
    """The digest that a text is known by."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
