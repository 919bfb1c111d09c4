"""Texts that wait for a label, and what people do with them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from argosy.core.watch import Place

State = Literal["open", "disputed", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A text to label: ``wanted`` people are to, each without the others' labels; ``why`` it was chosen.

    Who labels should not see why: it holds the model's answer.
    """

    place: Place
    wanted: int = 1
    why: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A text in the queue; ``at`` is when it was asked for, in microseconds since the epoch.

    ``votes`` are the labels that people gave without knowing of each other's, by their names, the first one first.
    ``open``: more people are wanted; ``disputed``: those who gave one differ, and another one's word decides;
    ``done``: it has its ``label``.
    """

    id: str
    model: str
    place: Place
    at: int
    wanted: int
    why: Mapping[str, Any]
    state: State
    label: str | None = None
    votes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many texts of a model are in which state, whose words are gone by now, and were labelled by one person."""

    open: int
    disputed: int
    done: int
    gone: int
    own: int


class Labelling(Protocol):
    """The queue of texts to label; several people and processes may use it at once."""

    def next(self, model: str, annotator: str, *, without: Collection[str] = ()) -> Item | None:
        """A text for this person: the one that is kept for them already, or one that they did not see yet.

        It is none of the items ``without``.

        It is kept for them for some minutes, so that two people have different texts. Disputed ones come last, for
        people who have not labelled them. None where there is none.
        """
        ...

    def vote(self, item: str, annotator: str, label: str) -> Item:
        """The item with this person's label, in the place of an earlier one of theirs; a third one's word decides.

        Raises MissingError where the item is not there any more.
        """
        ...

    def skip(self, item: str, annotator: str) -> None:
        """Leave the text to others."""
        ...

    def undo(self, model: str, annotator: str) -> Item | None:
        """Take back this person's last label or skip; the text is kept for them again."""
        ...

    def waiting(self, model: str) -> Mapping[str, Place]:
        """The items of a model that are not done, and where their texts were captured."""
        ...

    def progress(self, model: str, annotator: str) -> Progress:
        """How far a model's queue is."""
        ...

    def models(self) -> Sequence[str]:
        """The models that texts were asked for."""
        ...
