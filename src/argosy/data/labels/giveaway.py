"""Giveaways: labels that leak into the text, so that a model learns to read them instead of the rest.

Two things raise alarm. A label's own name marked off at the start or end of its texts ("[positive]", "标签：好评"),
which nobody writes by chance. And one word or pair of characters that stands in nearly all texts of a label and in
hardly another, if labels of half the rows have such a word, or if it is the label's name at the start or end: a topic's
own word ("passcode" under passcode_forgotten) is an honest sign, and no alarm as long as most labels lack one.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from argosy.data.boilerplate import units

_PRECISION, _COVERAGE = 0.95, 0.9  # of a word that says its label as well as the label itself
_MARKED = 0.01  # of a label's texts that carry its name in marks
_FEWEST = 5  # texts
_MAJOR = 0.5  # of the rows
_EXAMPLES, _SHOWN = 3, 120
_LOOKED = 200  # characters at each end
_Z = 1.96
_OPEN, _CLOSE = r"[\[(<{【（《「|]\s*", r"\s*[\])>}】）》」|]"
_NAMED = r"[^\W_]+\s*[:：=]\s*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Giveaway:
    """What gives a label away: the share of the texts with it that have the label, of the label's texts that have it.

    ``place`` is start, end or anywhere; ``examples`` are the beginnings or ends of some texts.
    """

    culprit: str
    label: str
    place: str
    precision: float
    coverage: float
    count: int
    examples: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """As a mapping."""
        return asdict(self) | {"examples": list(self.examples)}


def giveaways(texts: Sequence[str], labels: Sequence[str]) -> list[Giveaway]:
    """Every giveaway that raises alarm, by label; none for fewer than two labels."""
    totals = Counter(labels)
    if len(totals) < 2:  # noqa: PLR2004 - one label cannot be told from another
        return []
    marked = _marked(texts, labels, totals)
    words = _telling(texts, labels, totals)
    major = sum(totals[found.label] for found in words) >= _MAJOR * len(texts)
    named = {found.label for found in marked}
    return [*marked, *(found for found in words if found.label not in named and (major or found.place != "anywhere"))]


def _marked(texts: Sequence[str], labels: Sequence[str], totals: Counter[str]) -> list[Giveaway]:
    """The labels' own names in marks at the start or the end."""
    known = {label.strip().casefold(): label for label in totals if label.strip()}
    name = "(?P<{}>" + "|".join(re.escape(label) for label in sorted(known, key=len, reverse=True)) + ")"
    marked = rf"{_OPEN}(?:{_NAMED})?{name.format('one')}{_CLOSE}|{_NAMED}{name.format('other')}(?!\w)"
    start, end = re.compile(rf"\s*(?:{marked})"), re.compile(rf"(?:{marked})\W*\Z")
    found = []
    for place, looked in (("start", start.match), ("end", end.search)):
        hits: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for at, text in enumerate(texts):
            if hit := looked((text[:_LOOKED] if place == "start" else text[-_LOOKED:]).casefold()):
                hits[known[hit["one"] or hit["other"]]].append((at, hit[0].strip()))
        found += [_named(label, place, hits[label], texts, labels, totals) for label in sorted(hits)]
    return [one for one in found if one is not None]


def _named(
    label: str,
    place: str,
    hits: Sequence[tuple[int, str]],
    texts: Sequence[str],
    labels: Sequence[str],
    totals: Counter[str],
) -> Giveaway | None:
    """A label's marked name, if it stands with enough of its texts and says more than chance."""
    right = [at for at, _ in hits if labels[at] == label]
    enough = len(right) >= max(_FEWEST, _MARKED * totals[label])
    if not enough or _low(len(right), len(hits)) <= totals[label] / len(texts):
        return None
    culprit = Counter(text for _, text in hits).most_common(1)[0][0]
    return _giveaway(culprit, label, place, right, len(hits), totals, texts)


def _telling(texts: Sequence[str], labels: Sequence[str], totals: Counter[str]) -> list[Giveaway]:
    """For each label the word that says it best, if it says it almost perfectly."""
    rows = [units(text) for text in texts]
    words = [set(row) | _pairs(row) for row in rows]
    least = _COVERAGE * max(_FEWEST, min(totals.values()))
    frequent = {word: count for word, count in Counter(word for row in words for word in row).items() if count >= least}
    holding: defaultdict[tuple[str, str], int] = defaultdict(int)
    for row, label in zip(words, labels, strict=True):
        for word in row & frequent.keys():
            holding[word, label] += 1
    best: dict[str, tuple[int, str]] = {}
    for (word, label), right in holding.items():
        enough = right >= max(_FEWEST, _COVERAGE * totals[label]) and _low(right, frequent[word]) >= _PRECISION
        if enough and right > best.get(label, (0, ""))[0]:
            best[label] = (right, word)
    found = []
    for label, (_, word) in sorted(best.items()):
        right_rows = [at for at, row in enumerate(words) if labels[at] == label and word in row]
        place = _place(label, word, right_rows, rows)
        found.append(_giveaway(word, label, place, right_rows, frequent[word], totals, texts))
    return found


def _pairs(row: Sequence[str]) -> set[str]:
    """Neighbouring Chinese characters, which are what comes nearest to a word without a dictionary."""
    return {one + two for one, two in pairwise(row) if not (one + two).isascii()}


def _place(label: str, word: str, holding: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    """Where the label's own name stands, if the word is (of) it and it stands there nearly always."""
    name = "".join(units(label))
    if word not in name:
        return "anywhere"
    starts = sum("".join(rows[at][: len(name)]).startswith(name) for at in holding)
    ends = sum("".join(rows[at][-len(name) :]).endswith(name) for at in holding)
    needed = _COVERAGE * len(holding)
    return "end" if ends >= needed else "start" if starts >= needed else "anywhere"


def _low(right: int, total: int) -> float:
    """The lower end of the 95 % score interval of a share (Wilson 1927)."""
    share, shrink = right / total, 1 + _Z * _Z / total
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z * _Z / (4 * total * total))
    return (share + _Z * _Z / (2 * total) - spread) / shrink


def _giveaway(
    culprit: str, label: str, place: str, right: Sequence[int], hits: int, totals: Counter[str], texts: Sequence[str]
) -> Giveaway:
    cut = slice(-_SHOWN, None) if place == "end" else slice(_SHOWN)
    return Giveaway(
        culprit=culprit,
        label=label,
        place=place,
        precision=len(right) / hits,
        coverage=len(right) / totals[label],
        count=hits,
        examples=tuple(texts[at][cut] for at in right[:_EXAMPLES]),
    )
