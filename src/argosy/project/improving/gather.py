"""New labelled rows: what customers and people said of captured texts, settled where they disagree, each text once.

A person who was asked is believed before customers, customers by how far each is trusted. What the champion learnt from
or is measured on is left out, so that nothing is learnt twice and nothing is learnt from what judges.
"""

import hashlib
import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from argosy.core.watch import Place
from argosy.data.clean import clean_text
from argosy.data.dedupe import codes_of, near_twins, twin_key
from argosy.data.labels.checks import is_void
from argosy.data.near import clusters, leaks
from argosy.data.sketch import sketches

FEEDBACK, PEOPLE = "feedback", "people"
"""Where a word comes from: ``/v1/feedback``, or somebody who was asked to label the text."""
FEWEST = 10
"""Rows that a label the champion does not know needs to be taken for a topic."""
_HALF = 0.5  # of the trust in all who spoke: no more than this is no majority; and the trust below which nobody counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A label that somebody gave a text: ``by`` is the tenant or the group of people, ``at`` microseconds."""

    place: Place
    label: str
    source: str
    by: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A text with its settled label; the place is that of the newest word for it."""

    text: str
    label: str
    source: str
    place: Place
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How texts are cleaned and compared, the labels known, and how far each source is trusted (1: as a rule)."""

    steps: Sequence[str]
    near: float
    labels: Sequence[str]
    trust: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The new rows in the order of their keys, and how many words were dropped for which reason."""

    rows: Sequence[Row]
    dropped: Mapping[str, int]

    @property
    def sources(self) -> dict[str, int]:
        """How many rows come from where."""
        return dict(Counter(row.source for row in self.rows))

    @property
    def digest(self) -> str:
        """The same for the same texts with the same labels."""
        told = sorted((row.key, row.label) for row in self.rows)
        return hashlib.sha256(json.dumps(told).encode("utf-8", "surrogatepass")).hexdigest()


def gather(words: Iterable[Word], texts: Mapping[Place, str], known: Sequence[str], rules: Rules) -> Gathered:
    """The rows that words (as ``spelt``) tell of; ``texts`` were captured, ``known`` are those the champion knows."""
    dropped: Counter[str] = Counter()
    told: defaultdict[str, list[tuple[Word, str]]] = defaultdict(list)
    for word in _newest(words, dropped):
        text = texts.get(word.place)
        if text is None or not text.strip():
            dropped["no_text"] += 1
        elif is_void(word.label) or not word.label:
            dropped["no_label"] += 1
        else:
            told[key_of(text, rules.steps)].append((word, text))
    settled = [row for key in sorted(told) if (row := _settled(key, told[key], rules.trust, dropped))]
    fresh = _unknown(settled, known, rules, dropped)
    alone = _apart(fresh, rules.near, dropped)
    return Gathered(rows=_of_topics(alone, rules.labels, dropped), dropped=dict(+dropped))


def spelt(words: Iterable[Word], labels: Sequence[str], rename: Mapping[str, str]) -> list[Word]:
    """The words with their labels as the champion spells them, or as they were first spelt.

    ``rename`` maps spellings; case, width and spaces do not count.
    """
    known = {sense(label): label for label in reversed(labels)}
    named = ((word, rename.get(word.label, word.label).strip()) for word in sorted(words, key=_in_time))
    return [replace(word, label=known.setdefault(sense(label), label)) for word, label in named]


def key_of(text: str, steps: Sequence[str]) -> str:
    """What two texts share that are one to a model."""
    cleaned = twin_key(clean_text(text, steps))
    return hashlib.blake2b(cleaned.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def held_out(key: str, share: float) -> bool:
    """Whether the row with this key judges challengers: the same whenever it is asked, so that none learns from it."""
    return int(key[:16], 16) < share * 2**64


def sense(label: str) -> str:
    """What spellings of a label share."""
    return "".join(unicodedata.normalize("NFKC", label).casefold().split())


def _in_time(word: Word) -> tuple[int, Place, str]:
    return word.at, word.place, word.label


def _newest(words: Iterable[Word], dropped: Counter[str]) -> list[Word]:
    """The last word of each source on each text."""
    last: dict[tuple[Place, str, str], Word] = {}
    for word in sorted(words, key=_in_time):
        name = (word.place, word.source, word.by)
        dropped["taken_back"] += name in last
        last[name] = word
    return list(last.values())


def _settled(
    key: str, told: Sequence[tuple[Word, str]], trust: Mapping[str, float], dropped: Counter[str]
) -> Row | None:
    """One row for a text: the label that most trust stands behind, of those who were asked where any was."""
    asked = [one for one in told if one[0].source == PEOPLE]
    heard = asked or told
    votes: defaultdict[str, float] = defaultdict(float)
    for word, _ in heard:
        votes[word.label] += trust.get(word.by, 1.0)
    best = max(sorted(votes), key=lambda label: votes[label])
    agreeing = [one for one in heard if one[0].label == best]
    surest = max(trust.get(word.by, 1.0) for word, _ in agreeing)
    if surest < _HALF or votes[best] <= _HALF * sum(votes.values()):
        dropped["distrusted" if surest < _HALF else "disputed"] += len(told)
        return None
    word, text = max(agreeing, key=lambda one: (one[0].at, one[0].place))
    dropped["outvoted"] += sum(other.label != best for other, _ in told)
    dropped["same_text"] += sum(other.label == best for other, _ in told) - 1
    return Row(text=text, label=best, source=word.source, place=word.place, key=key)


def _unknown(rows: Sequence[Row], known: Sequence[str], rules: Rules, dropped: Counter[str]) -> list[Row]:
    """The rows that neither stand among the known texts nor are near to one."""
    keys = {key_of(text, rules.steps) for text in known}
    new = [row for row in rows if row.key not in keys]
    close = {leak.training for leak in leaks(known, [row.text for row in new], rules.near)} if rules.near else set()
    kept = [row for at, row in enumerate(new) if at not in close]
    dropped["known"] += len(rows) - len(kept)
    return kept


def _apart(rows: Sequence[Row], near: float, dropped: Counter[str]) -> list[Row]:
    """Of rows that say the same the first of each label."""
    if not near or not rows:
        return list(rows)
    texts = [row.text for row in rows]
    first = clusters(sketches(texts), lambda places: [texts[place] for place in places], near)
    found, _ = near_twins(first, codes_of([row.label for row in rows], {}))
    kept = [rows[place] for place in np.flatnonzero(found == 0).tolist()]
    dropped["near_twin"] += len(rows) - len(kept)
    return kept


def _of_topics(rows: Sequence[Row], labels: Sequence[str], dropped: Counter[str]) -> list[Row]:
    """The rows without those of a new label that stands on too few."""
    counts = Counter(row.label for row in rows)
    kept = [row for row in rows if row.label in labels or counts[row.label] >= FEWEST]
    dropped["rare_label"] += len(rows) - len(kept)
    return kept
