"""What the service desk of an assistant tells: who waits, a conversation, stored answers, what it all achieved."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from argosy.core.support import Conversation, Turn
from argosy.serve.gate.supported import Supported
from argosy.serve.pages.listing import Listing
from argosy.serve.pages.shown import translate

Told = Mapping[str, Any]
DECISIONS: Mapping[str, bool | None] = {"open": None, "approved": True, "refused": False}
"""The lists of stored answers."""
_MOST = 1000  # stored answers that are looked through
_SHOWN = 50  # conversations that nobody waits in
_NO_ANSWERS = ("hand_over", "small_talk")  # no question was asked that an answer could be taught to
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400  # seconds


def queue(supported: Supported, language: str) -> Told:
    """Who waits for a person, the longest first; whom people speak with; what the assistant deals with alone."""
    now = time.time_ns() // 1000
    return {
        "waiting": supported.conversations("waiting"),
        "taken": supported.conversations("taken", limit=_SHOWN),
        "alone": supported.conversations("open", limit=_SHOWN),
        "closed": supported.conversations("closed", limit=_SHOWN),
        "waits": lambda one: span((now - one.changed) // 1_000_000, language),
    }


def conversation(supported: Supported, name: str, *, chosen: str = "", corrected: str = "", part: bool = False) -> Told:
    """A conversation, with what may be answered; ``chosen`` is the entry whose text stands in the field already.

    ``corrected`` is the assistant's turn that a person is about to correct; a ``part`` of the page has no suggestions.
    """
    found, turns = supported.conversation(name), supported.turns(name)
    suggestions = supported.suggestions(name) if not part and _asks(found, turns) else ()
    said = [turn for turn in turns if turn.role == "assistant"]
    taught = next((turn for turn in reversed(said) if turn.reply and turn.reply.decision not in _NO_ANSWERS), None)
    known = next((turn for turn in said if turn.id == corrected), None)
    return {
        "conversation": found,
        "turns": turns,
        "suggestions": suggestions,
        "taught": taught,
        "corrected": known,
        "question": _question(turns, known or taught),
        "draft": next((one.entry.text for one in suggestions if one.entry.id == chosen), ""),
        "part": part,
    }


def _question(turns: Sequence[Turn], said: Turn | None) -> str:
    """What the customer asked before the assistant said this."""
    before = [turn.text for turn in turns if said and turn.role == "user" and turn.index < said.index]
    return before[-1] if before else ""


def answers(supported: Supported, state: str, about: str, page: int) -> Told:
    """Stored answers in a state, those that say or answer what is searched for."""
    state = state if state in DECISIONS else "open"
    found = supported.answers(approved=DECISIONS[state], about=about, limit=_MOST)
    return {"listing": Listing.of(found, page, about), "state": state, "states": tuple(DECISIONS)}


def span(seconds: int, language: str) -> str:
    """A time that passed, in the largest unit that it fills."""
    t = translate(language)
    if seconds < _MINUTE:
        return t("{number} s").format(number=max(seconds, 0))
    if seconds < _HOUR:
        return t("{number} min").format(number=seconds // _MINUTE)
    if seconds < _DAY:
        return t("{number} h").format(number=seconds // _HOUR)
    return t("{number} d").format(number=seconds // _DAY)


def _asks(found: Conversation, turns: Sequence[Turn]) -> bool:
    return found.state != "closed" and any(turn.role == "user" for turn in turns)
