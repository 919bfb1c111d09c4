"""An assistant with its log and its queue, as the service's channels and pages see it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from argosy.core.knowledge import Found
from argosy.core.support import Asked, Conversation, Correction, State, Turn


class Supported(Protocol):
    """What stands behind the channels and the desk; all of it blocks.

    Times are microseconds since the epoch. Methods that take an id raise MissingError for one that is not there.
    """

    def ask(self, asked: Asked) -> Turn:
        """What the assistant said, logged before it is returned; the same turn again for the same channel and id.

        In a conversation that a person has taken the turn is the customer's own: the person answers.
        """
        ...

    def conversation(self, name: str) -> Conversation:
        """A conversation."""
        ...

    def turns(self, conversation: str, *, after: int = -1) -> Sequence[Turn]:
        """Its turns of an index above ``after``, in order."""
        ...

    def conversations(self, *states: State, limit: int = 200) -> Sequence[Conversation]:
        """Those in these states (all without any): who waits longest first, then the last changed first."""
        ...

    def request_person(self, conversation: str) -> Conversation:
        """Put it into the queue, because the customer asked for a person."""
        ...

    def take(self, conversation: str, by: str) -> Conversation:
        """Let this person answer from now on; raises ProjectError where another one has it."""
        ...

    def say(self, conversation: str, text: str, by: str) -> Turn:
        """A person's message to the customer, sent where the channel sends by itself."""
        ...

    def close(self, conversation: str, by: str, *, resolved: bool | None) -> Conversation:
        """End it; ``resolved`` None where nobody can say."""
        ...

    def suggestions(self, conversation: str) -> Sequence[Found]:
        """What may be answered to the customer's last message, best first."""
        ...

    def correct(self, turn: str, answer: str, by: str) -> Correction:
        """What should have been said in the place of the assistant's ``turn``; it is known from now on."""
        ...

    def rate(self, turn: str, *, helped: bool) -> Turn:
        """What the customer says of the assistant's ``turn``."""
        ...

    def answers(
        self, *, approved: bool | None = None, about: str = "", limit: int = 200
    ) -> Sequence[Mapping[str, Any]]:
        """Stored answers as JSON (``id text keys slots approved agents given last conflicts expired``).

        Those approved, refused (False) or neither (None); ``about`` is searched for.
        """
        ...

    def decide(self, entry: str, *, approved: bool | None, text: str, by: str) -> None:
        """Approve a stored answer as ``text`` says it, refuse it, or leave it open again."""
        ...

    def numbers(self, days: int = 30) -> Mapping[str, Any]:
        """What the assistant achieved, by the definitions of ``project.supporting.numbers``, as JSON."""
        ...
