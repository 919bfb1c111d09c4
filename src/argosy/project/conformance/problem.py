"""What a check finds wrong with one thing of an extension."""

from collections.abc import Callable, Iterator
from typing import Any

from argosy.core.errors import ArgosyError, ProjectError

Check = Callable[[str, Any], Iterator[ArgosyError]]
"""Yields what is wrong with the thing of a name; its own name says what it asks."""
SHOWN = 40  # characters of a text in a message


def shown(value: object) -> str:
    """A value in a message, cut where it is long."""
    told = repr(value)
    return told if len(told) <= SHOWN else told[: SHOWN - 1] + "…"


def failed(name: str, on: object, error: Exception) -> ProjectError:
    """The thing raised what is no error of Argosy's."""
    return ProjectError(
        "{name!r} fails on {found}: {reason}",
        mend="Let it work on whatever may come, or raise an error that says what to mend.",
        name=name,
        found=shown(on),
        reason=f"{type(error).__name__}: {error}",
    )
