"""Forms of words, and how a question may follow another."""

import re
from typing import NamedTuple


class Form(NamedTuple):
    """How a question follows: ``instead`` of something in the earlier one, or about its topic, at ``at`` if named."""

    rest: str
    instead: bool = False
    at: tuple[int, int] | None = None


def any_of(*alternatives: str) -> re.Pattern[str]:
    """One form for several, whatever the case of their letters."""
    return re.compile("|".join(alternatives), re.IGNORECASE)


def first(form: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Where a form first stands."""
    found = form.search(text)
    return None if found is None else found.span()
