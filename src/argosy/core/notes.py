"""What is noted on the way, to be said in the reader's language: a name, and the values it is told with."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

Told = str | int | float
Note = Mapping[str, Told]
"""``note`` names the message; the other keys are its values."""

NOTE_MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "halved": "Memory ran out at step {step}: batches are computed in {parts} parts from there.",
        "inexact": "It went on inexactly from step {step}: {different}.",
        "drawn": "Made anew, since the base lacks them: {weights}.",
    }
)


def say(note: Note, translate: Callable[[str], str] = str) -> str:
    """The note in the reader's language.

    >>> say({"note": "halved", "step": 3, "parts": 2})
    'Memory ran out at step 3: batches are computed in 2 parts from there.'
    """
    return translate(NOTE_MESSAGES[str(note["note"])]).format(**note)
