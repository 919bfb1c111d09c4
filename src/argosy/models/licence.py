"""What a model's licence is called and whether it forbids commercial use, as far as its card or package says."""

import re
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

UNKNOWN = "unknown"

_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n(.*?)\n---\s*$", re.DOTALL | re.MULTILINE)
_NON_COMMERCIAL = re.compile(r"\bnc\b|non[-_ ]?commercial|research[-_ ]only", re.IGNORECASE)
_OPEN = re.compile(
    r"""apache|mit\b|isc\b|bsd|0bsd|cc0|cc-by|pddl|unlicense|wtfpl|zlib|bsl-1|afl|artistic|ecl-2|epl|eupl|etalab
    |[al]?gpl|gfdl|lppl|mpl|ms-pl|ncsa|odbl|odc-by|ofl|osl|postgresql|mulan|psf|python-2""",
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A licence by name; ``unknown`` stands first in the name when nobody said, or its terms are its author's own."""

    name: str
    non_commercial: bool


def judge(name: str | None, title: str | None = None) -> Licence:
    """The licence called ``name``; ``title`` is what a card calls a licence of its author's own.

    >>> judge("cc-by-nc-4.0"), judge("other", "llama3").name, judge(None).name
    (Licence(name='cc-by-nc-4.0', non_commercial=True), 'unknown (llama3)', 'unknown')
    """
    said = title if title and (name or "other") == "other" else name
    if not said or said.lower() in {UNKNOWN, "other"}:
        return Licence(name=UNKNOWN, non_commercial=False)
    if _NON_COMMERCIAL.search(said):
        return Licence(name=said, non_commercial=True)
    return Licence(name=said if _OPEN.match(said) else f"{UNKNOWN} ({said})", non_commercial=False)


def of_card(folder: Path) -> Licence:
    """The licence that the front matter of ``README.md`` names."""
    card = folder / "README.md"
    if not card.is_file():
        return judge(None)
    matter = _FRONT_MATTER.match(card.read_text(encoding="utf-8", errors="replace"))
    if not matter:
        return judge(None)
    return judge(_value(matter[1], "license"), _value(matter[1], "license_name"))


def of_package(distribution: Distribution) -> Licence:
    """The licence that a package's metadata names: the expression, the field, or the classifier."""
    metadata = distribution.metadata
    classifiers = [
        line.rsplit(" :: ", 1)[-1] for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")
    ]
    fields = [*(metadata.get_all("License-Expression") or []), *(metadata.get_all("License") or []), *classifiers]
    names = [name for name in fields if name != "UNKNOWN" and len(name) <= _LONGEST_NAME and "\n" not in name]
    return judge(names[0] if names else None)


def _value(matter: str, key: str) -> str | None:
    """The value of a top-level key of the front matter, the first one of a list."""
    found = re.search(rf"^{key}:[ \t]*(?:\n?[ \t]*-[ \t]+|\[)?[\"']?([^\n\"',\]]+)", matter, re.MULTILINE)
    return found[1].strip() if found else None
