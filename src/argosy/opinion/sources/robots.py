"""What a site asks of programs in its robots.txt (RFC 9309), with the delay that many sites add."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

_LONGEST_DELAY = 86_400.0  # seconds
_NAME = re.compile(r"[A-Za-z_-]+|\*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """The rules (allowed, pattern) of one program, and the seconds between two visits that the site asks for."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float = 0.0

    @classmethod
    def read(cls, text: str, agent: str) -> Self:
        """The rules of the program ``agent``, a name such as ``argosy``; those of all programs where it has none.

        >>> Robots.read("User-agent: *" + chr(10) + "Disallow: /a", "argosy").allows("/a/b")
        False
        """
        groups: dict[str, list[tuple[str, str]]] = {}
        names: list[str] = []
        begun = False  # whether the group has rules: a further name then begins the next one
        for field, value in _fields(text):
            if field == "user-agent":
                names = [] if begun else names
                begun = False
                names.append(found[0].lower() if (found := _NAME.match(value)) else "")
                groups.setdefault(names[-1], [])
            elif field in ("allow", "disallow", "crawl-delay"):
                begun = True
                for name in names:
                    groups[name].append((field, value))
        mine = groups.get(agent.lower(), groups.get("*", []))
        rules = tuple((field == "allow", value) for field, value in mine if field != "crawl-delay" and value)
        return cls(
            rules=rules, delay=max((_seconds(value) for field, value in mine if field == "crawl-delay"), default=0)
        )

    def allows(self, path: str) -> bool:
        """Whether a path (with its query) may be read: the longest rule decides, of two alike the one that allows."""
        fitting = [(len(pattern), allowed) for allowed, pattern in self.rules if _fits(unquote(pattern), unquote(path))]
        return max(fitting, default=(0, True))[1]


def _fields(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        field, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield field.strip().lower(), value.strip()


def _fits(pattern: str, path: str) -> bool:
    """Whether a path begins as the pattern says; ``*`` stands for anything, ``$`` at the end for the path's end."""
    whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(others, start=1):
        if whole and number == len(others):
            return path.endswith(part) and len(path) - len(part) >= at
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not whole or at == len(path)


def _seconds(value: str) -> float:
    with suppress(ValueError):
        return max(0.0, min(float(value), _LONGEST_DELAY))
    return 0.0
