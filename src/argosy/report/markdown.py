"""Markdown that shows just what users wrote, and the environment in which the cards are filled in."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_MARKUP = re.compile(r"([\\`*_\[\]|~$<>&]|\A[#+=-])")


def plain(text: object) -> str:
    r"""Any text as Markdown that shows just that text, on one line.

    >>> print(plain("<b>|a*\nb"))
    \<b\>\|a\* b
    """
    return _MARKUP.sub(r"\\\1", " ".join(str(text).split()))


ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=False,  # noqa: S701 - Markdown, not HTML: `plain` escapes what users wrote
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
ENVIRONMENT.filters["plain"] = plain
