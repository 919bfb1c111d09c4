"""The words of typer itself, on help pages and in errors of use, in the reader's language.

typer says them in English alone: what it has written is read phrase by phrase. A phrase not found here stays English.
"""

import re
from functools import partial
from io import StringIO
from typing import Any

from typer.core import TyperCommand, TyperGroup

from argosy.ui.speech import t

MESSAGES = (
    "Usage: {words}",
    "Arguments:",
    "Options:",
    "Commands:",
    "Show this message and exit.",
    "[required]",
    "[default: {value}]",
    "Try '{command}' for help.",
    "Error: {words}",
    "No such option: {name}",
    "(Possible options: {names})",
    "No such command {name}.",
    "Did you mean {names}?",
    "Missing argument {name}.",
    "Missing option {name}.",
    "Missing command.",
    "Option {name} requires an argument.",
    "Option {name} does not take a value.",
    "Got unexpected extra argument(s) ({words})",
    "Invalid value for {name}: {reason}",
    "Input should be greater than or equal to {limit}",
    "Input should be less than or equal to {limit}",
    "Input should be a valid integer, unable to parse string as an integer",
)


class Verb(TyperCommand):
    """A verb whose help page is all in the reader's language."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_words(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        """How the verb is called."""
        return in_words(super().get_usage(ctx))


class Verbs(TyperGroup):
    """A group of verbs whose help page is all in the reader's language."""

    def get_help(self, ctx: Any) -> str:
        """The help page."""
        return in_words(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        """How the group is called."""
        return in_words(super().get_usage(ctx))


def misuse(error: Any) -> str:
    """What typer says of a wrong command line (nothing when it showed a help page instead)."""
    said = StringIO()
    error.show(said)
    return in_words(said.getvalue().rstrip())


def in_words(text: str) -> str:
    """A text of typer with the phrases that are known put into the reader's language."""
    for message in MESSAGES:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(message))
        end = "(?=$|[ ]|[.])" if message.endswith("}") else ""
        text = re.sub(pattern + end, partial(_said, message), text, flags=re.MULTILINE)
    return text


def _said(message: str, found: re.Match[str]) -> str:
    return t(message).format(**found.groupdict())
