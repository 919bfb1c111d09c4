"""What the columns of service dialogues mean, and the account of what was left out while they were read."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which column names a turn's dialogue, its speaker, its text and its time (None: no time is told).

    ``agents`` are the speakers who are people of the house and ``robots`` those who are machines, as the files spell
    them; none: the usual words of both languages tell. With ``agents`` everybody who is neither is a customer.
    """

    dialogue: str = "dialogue"
    speaker: str = "speaker"
    text: str = "text"
    time: str | None = None
    agents: tuple[str, ...] = ()
    robots: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Account:
    """What reading found: dialogues, turns, and the turns that were left out by reason.

    The reasons are ``empty``, ``media`` (a picture or a voice message without words), ``notice`` (a line of the chat
    program), ``no_dialogue``, ``no_speaker``, ``too_long`` and ``duplicate``.
    """

    dialogues: int = 0
    turns: int = 0
    left: Counter[str] = field(default_factory=Counter)
