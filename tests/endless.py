"""A generator that writes until nobody wants more, and says when it began and when it ended."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from argosy.core.engine import Deltas
from argosy.core.errors import MachineError
from argosy.core.records import Delta, Message, Settings


@dataclass
class Endless:
    """One word and one token a piece; after ``fails`` pieces the machine fails."""

    fails: int | None = None
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    name: str = "endless"
    context: int = 1_000_000
    chat: bool = True

    def generate(self, prompt: str | Sequence[Message], settings: Settings) -> Deltas:
        """Words without an end."""
        assert self.count(prompt) < settings.max_tokens

        def pieces() -> Deltas:
            told = 0
            try:
                while True:
                    if told == self.fails:
                        message = "no memory for {text}"
                        raise MachineError(message, text="the text")
                    told += 1
                    yield Delta(text="on ", tokens=1)
                    self.begun.set()
            finally:
                self.ended.set()

        return pieces()

    def count(self, prompt: str | Sequence[Message]) -> int:
        """Three."""
        return 3 if prompt else 0
