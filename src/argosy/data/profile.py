"""What to know about rows before anything is learnt from them: counts, lengths, balance, scripts, phrases, giveaways.

Counts are of all rows; phrases, scripts and giveaways are looked for in a seeded sample of them, so that a stream of
any length is profiled in bounded memory.
"""

import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from argosy.core.records import Example
from argosy.data.boilerplate import SHARE, Phrase, boilerplate
from argosy.data.labels.giveaway import Giveaway, giveaways
from argosy.data.script import Scripts, scripts

SAMPLE = 10_000  # rows
_KEPT = 2_000  # characters of a sampled text at each end
_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_OUTLYING = 3.5  # modified z-scores
_NORMAL_MAD = 0.6745  # of a standard deviation, where values are normal
_EVEN, _UNEVEN = 1.5, 10.0  # the largest label's rows for each row of the smallest


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths in characters: quantiles by share, rows by powers of two (lower bound → rows), and the outliers.

    An outlier's logarithm lies more than 3.5 modified z-scores (by the median absolute deviation; Iglewicz and Hoaglin
    1993) from the median's: shorter than ``shortest`` or longer than ``longest``, the last lengths that are none.
    """

    mean: float
    quantiles: Mapping[float, int]
    histogram: Mapping[int, int]
    shortest: int
    longest: int
    too_short: int
    too_long: int

    def to_json(self) -> dict[str, object]:
        """As a mapping whose keys are strings."""
        told = asdict(self)
        return told | {name: {f"{key:g}": value for key, value in told[name].items()} for name in _KEYED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How evenly rows fall on labels; ``verdict`` is even, uneven or skewed.

    ``ratio`` is the largest label's rows over the smallest's, ``effective`` the number of equally frequent labels that
    would have the same entropy.
    """

    largest: str
    smallest: str
    ratio: float
    effective: float
    labels: int
    verdict: str

    def to_json(self) -> dict[str, object]:
        """As a mapping, with the sentence that says what is done about it."""
        return {**asdict(self), "advice": ADVICE[self.verdict]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is known about the rows; ``sampled`` is how many of them phrases, scripts and giveaways were looked for in.

    ``lengths`` are by language, those of all rows under ``all``; ``scripts`` is None where they were not asked for.
    """

    rows: int
    labels: Mapping[str, int]
    languages: Mapping[str, int]
    labels_by_language: Mapping[str, Mapping[str, int]]
    lengths: Mapping[str, Lengths]
    balance: Balance | None
    sampled: int
    boilerplate: tuple[Phrase, ...]
    scripts: Scripts | None
    giveaways: tuple[Giveaway, ...]

    def to_json(self) -> dict[str, object]:
        """As nested mappings and lists."""
        return {
            "rows": self.rows,
            "labels": dict(self.labels),
            "languages": dict(self.languages),
            "labels_by_language": {name: dict(counts) for name, counts in self.labels_by_language.items()},
            "lengths": {name: lengths.to_json() for name, lengths in self.lengths.items()},
            "balance": self.balance.to_json() if self.balance else None,
            "sampled": self.sampled,
            "boilerplate": [phrase.to_json() for phrase in self.boilerplate],
            "scripts": self.scripts.to_json() if self.scripts else None,
            "giveaways": [found.to_json() for found in self.giveaways],
        }


_KEYED = ("quantiles", "histogram")
ADVICE = {
    "even": "The labels are about equally frequent; nothing needs to be done.",
    "uneven": "Some labels are rarer than others: macro F1, in which every label counts the same, stands by accuracy.",
    "skewed": "Some labels are much rarer than others. Rows are not weighted, and each split keeps the labels' shares. "
    "Look at macro F1, in which every label counts the same, before accuracy; more rows of the rare labels help most.",
}


def profile(
    examples: Iterable[Example],
    *,
    seed: int = 0,
    sample: int = SAMPLE,
    share: float = SHARE,
    with_scripts: bool = False,
) -> Profile:
    """Look at every row once; phrases that stand in at least ``share`` of the sample are told.

    Raises MissingError where scripts are wanted and OpenCC is not installed.
    """
    pairs: Counter[tuple[str, str]] = Counter()  # label, language
    lengths: dict[str, Counter[int]] = {"all": Counter()}
    drawn = _Reservoir(sample, seed)
    for example in examples:
        language = str(example.meta.get("language", ""))
        pairs[example.label or "", language] += 1
        lengths["all"][len(example.text)] += 1
        if language:
            lengths.setdefault(language, Counter())[len(example.text)] += 1
        drawn.offer(example)
    texts = [text for text, _ in drawn.held]
    labelled = [(text, label) for text, label in drawn.held if label is not None]
    labels = _totals((label, count) for (label, _), count in pairs.items())
    languages = _totals((language, count) for (_, language), count in pairs.items())
    return Profile(
        rows=pairs.total(),
        labels=labels,
        languages=languages,
        labels_by_language={
            name: _totals((label, count) for (label, language), count in pairs.items() if language == name)
            for name in languages
        },
        lengths={name: measured(counts) for name, counts in lengths.items() if counts},
        balance=balance(labels),
        sampled=len(texts),
        boilerplate=tuple(boilerplate(texts, share)),
        scripts=scripts(texts) if with_scripts else None,
        giveaways=tuple(giveaways([text for text, _ in labelled], [label for _, label in labelled])),
    )


def measured(counts: Mapping[int, int]) -> Lengths:
    """The lengths' quantiles, histogram and outliers from how many rows have each length; exact."""
    values = sorted(counts)
    total = sum(counts.values())
    middle = math.log1p(_quantile(values, counts, 0.5))
    spread = sorted((abs(math.log1p(value) - middle), counts[value]) for value in values)
    reach = _OUTLYING * _weighted_median(spread) / _NORMAL_MAD
    usual = [value for value in values if not reach or abs(math.log1p(value) - middle) <= reach]
    histogram: Counter[int] = Counter()
    for value in values:
        histogram[1 << (value.bit_length() - 1) if value else 0] += counts[value]
    return Lengths(
        mean=sum(value * count for value, count in counts.items()) / total,
        quantiles={share: _quantile(values, counts, share) for share in _QUANTILES},
        histogram=dict(histogram),
        shortest=usual[0],
        longest=usual[-1],
        too_short=sum(counts[value] for value in values if value < usual[0]),
        too_long=sum(counts[value] for value in values if value > usual[-1]),
    )


def balance(labels: Mapping[str, int]) -> Balance | None:
    """How evenly rows fall on labels; None for fewer than two."""
    counts = {label: count for label, count in labels.items() if label and count}
    if len(counts) < 2:  # noqa: PLR2004 - balance is between labels
        return None
    largest, smallest = max(counts, key=counts.__getitem__), min(counts, key=counts.__getitem__)
    total, ratio = sum(counts.values()), counts[largest] / counts[smallest]
    entropy = -sum(count / total * math.log(count / total) for count in counts.values())
    return Balance(
        largest=largest,
        smallest=smallest,
        ratio=ratio,
        effective=math.exp(entropy),
        labels=len(counts),
        verdict="even" if ratio <= _EVEN else "uneven" if ratio <= _UNEVEN else "skewed",
    )


class _Reservoir:
    """A seeded sample of a stream, every row with the same chance (Vitter 1985)."""

    def __init__(self, size: int, seed: int) -> None:
        self.held: list[tuple[str, str | None]] = []
        self._size = size
        self._seen = 0
        self._chance = random.Random(seed)

    def offer(self, example: Example) -> None:
        """Keep the row, or not."""
        self._seen += 1
        at = len(self.held) if self._seen <= self._size else self._chance.randrange(self._seen)
        if at >= self._size:
            return
        text = example.text
        kept = text if len(text) <= 2 * _KEPT else f"{text[:_KEPT]}\n{text[-_KEPT:]}"
        self.held[at : at + 1] = [(kept, example.label)]


def _totals(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The sums by name, the largest first."""
    sums: Counter[str] = Counter()
    for name, count in pairs:
        sums[name] += count
    return dict(sums.most_common())


def _quantile(values: Sequence[int], counts: Mapping[int, int], share: float) -> int:
    """The least value that at least this share of the rows does not exceed."""
    needed = share * sum(counts.values())
    seen = 0
    for value in values:
        seen += counts[value]
        if seen >= needed:
            return value
    return values[-1]


def _weighted_median(pairs: Sequence[tuple[float, int]]) -> float:
    """The median of sorted values that stand so many times each."""
    half, seen = sum(count for _, count in pairs) / 2, 0
    for value, count in pairs:
        seen += count
        if seen >= half:
            return value
    return 0.0
