"""An answer for those who read plain text: with marks where its sentences stand, and the sources at its end."""

from collections.abc import Mapping, Sequence

from argosy.core.knowledge import STORED
from argosy.core.support import Citation, Turn

_SOURCES: Mapping[str, str] = {"en": "Sources:", "zh": "来源："}


def sources_of(turn: Turn) -> Sequence[Citation]:
    """The citations that a customer is shown; the title of a stored answer is another customer's question."""
    citations = turn.reply.citations if turn.reply else ()
    return [one for one in citations if not one.document.startswith(STORED)]


def place(cited: Citation) -> str:
    """Where it stands, in words."""
    return ", ".join(part for part in (cited.title or cited.document, cited.where) if part)


def plain(turn: Turn) -> str:
    """The text with marks such as ``[1]`` and the places that they stand for."""
    cited = sorted(sources_of(turn), key=lambda one: one.stop)
    if turn.reply is None or not cited:
        return turn.text
    places = list(dict.fromkeys(place(one) for one in cited))
    text, end = "", 0
    for one in cited:
        text += f"{turn.text[end : one.stop]}[{places.index(place(one)) + 1}]"
        end = one.stop
    listed = "\n".join(f"[{number}] {name}" for number, name in enumerate(places, start=1))
    return f"{text}{turn.text[end:]}\n\n{_SOURCES.get(turn.reply.language[:2], _SOURCES['en'])}\n{listed}"
