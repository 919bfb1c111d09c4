"""``argosy generate``: continue a text or answer a question, word by word as the model finds them."""

import json
import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace

from argosy.core.errors import MissingError
from argosy.core.records import Delta, Message, Settings
from argosy.infer.text import Answer, whole
from argosy.project.using.text import open_generator
from argosy.ui.speech import note, say, t

_SEEDS = 2**31
_INTERRUPTED = 130


def generate(
    model: str, prompt: str | None, system: str | None, settings: Settings, named: str | None, *, as_json: bool
) -> None:
    """Write the answer as it comes; with ``as_json`` one object at the end, with the seed that gives it again.

    ``named`` is the engine, where not the one that serves.
    """
    text = sys.stdin.read() if prompt == "-" else prompt
    if text is None:
        raise MissingError("Nothing to go on from.", mend='Give a prompt in quotes, or "-" to read standard input.')
    if settings.seed is None:
        settings = replace(settings, seed=secrets.randbelow(_SEEDS))
    engine = open_generator(model, engine=named)
    given: str | Sequence[Message] = text
    if engine.chat or system:
        opening = [Message(role="system", content=system)] if system else []
        given = [*opening, Message(role="user", content=text)]
    with closing(engine.generate(given, settings)) as stream:
        if as_json:
            say(json.dumps({**asdict(whole(stream)), "seed": settings.seed, "engine": engine.name}, ensure_ascii=False))
            return
        try:
            told = whole(_shown(delta) for delta in stream)
        except KeyboardInterrupt:  # nothing is half done, so nothing is said
            sys.stdout.write("\n")
            raise SystemExit(_INTERRUPTED) from None
    _close_line(told)


def _shown(delta: Delta) -> Delta:
    """The same piece, once it is on standard output; in a terminal without the codes that would steer it."""
    text = delta.text
    if sys.stdout.isatty():
        text = "".join(letter for letter in text if letter in "\n\t" or letter.isprintable() or letter.isspace())
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    return delta


def _close_line(told: Answer) -> None:
    if not told.text.endswith("\n"):
        sys.stdout.write("\n")
    if told.finish == "length":
        note(t("Cut at {tokens} tokens; --max-tokens allows more.").format(tokens=told.tokens), style="dim")
