"""Elements of SVG as text."""

from collections.abc import Mapping
from html import escape

Attributes = Mapping[str, str | float]
_WIDE = 0x2E80  # from here on characters are about as wide as they are high


def element(tag: str, attributes: Attributes, *inside: str) -> str:
    """An element; numbers to a tenth, text escaped, what is ``inside`` taken as the markup that it is.

    >>> element("line", {"class": "tick", "x1": 1.26, "x2": 330.0})
    '<line class="tick" x1="1.3" x2="330"/>'
    """
    head = "".join(f' {name}="{_value(value)}"' for name, value in attributes.items())
    return f"<{tag}{head}>{''.join(inside)}</{tag}>" if inside else f"<{tag}{head}/>"


def words(tag: str, text: str, attributes: Attributes | None = None) -> str:
    """An element that holds text."""
    return element(tag, attributes or {}, escape(text))


def width(text: str, size: float) -> float:
    """About how wide a text is when set in ``size``."""
    return size * sum(1 if ord(one) >= _WIDE else 0.56 for one in text)


def cut(text: str, most: float, size: float) -> str:
    """A text that is at most so wide, its end left out where it is wider.

    >>> cut("opening hours", 60, 11)
    'opening…'
    """
    if width(text, size) <= most:
        return text
    while text and width(f"{text}…", size) > most:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{round(value, 1):g}"
