"""A market's texts mined: what is spoken of, by whom, and what is felt about it."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.data.words import words
from argosy.venture.market.anchors import anchored
from argosy.venture.market.clauses import Clause, clauses
from argosy.venture.market.naming import named
from argosy.venture.market.needs import COUNT, NONE, by_hand, found
from argosy.venture.market.sentiment import evened, learnt
from argosy.venture.market.vocabulary import praise, said
from argosy.venture.market.voices import Embed, Feel, Floats, Mined, Need, Voice

_SHOWN = 5  # ids of texts that show a need
_QUOTED = (12, 160)  # characters that a quote has
_SAYS = 40  # rated texts from which it is told whether anything is felt about what they say
_CHATTER = 0.12  # the correlation with ratings below which nothing is
_RARE = 0.005  # of the voices: a need that fewer speak of is none
NO_ENCODER = "No encoder was used: needs are told by shared words alone, and one need may stand under several names."
NO_RATINGS = "No text has a rating and no model of sentiment is given: what is felt is not told."
FEW_RATINGS = (
    "The ratings are too few or say too little to learn from: each text's own rating stands for all it speaks of."
)
BY_MODEL = "Sentiment is told by a model of the project."
BY_RATINGS = "Sentiment is learnt from the ratings, each text scored by models that did not see it."
NO_TEXTS = "There is no text to mine."
_REASONS = (NO_ENCODER, NO_RATINGS, FEW_RATINGS, BY_MODEL, BY_RATINGS, NO_TEXTS)
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an owner asks for.

    ``needs`` names needs by the words that speak of them; a need that is found and tells itself by one of these words
    is merged into it. ``count`` is how many more are found at most. ``brands`` are names of brands in all spellings.
    ``dropped`` are needs that are found and not wanted, by their names or telling words. ``scale`` is that of ratings.
    """

    needs: Mapping[str, Sequence[str]]
    count: int = COUNT
    brands: Sequence[str] = ()
    dropped: Sequence[str] = ()
    scale: tuple[float, float] | None = None
    seed: int = 7


def mine(
    voices: Sequence[Voice], embed: Embed | None = None, *, feel: Feel | None = None, wanted: Wanted | None = None
) -> Mined:
    """The needs of the voices, and what is felt about each; ``notes`` of what is returned say on what it rests.

    ``embed`` are vectors of an encoder, ``feel`` is a model of sentiment, which goes before ratings.
    """
    wanted = wanted or Wanted(needs={})
    texts = [one.text for one in voices]
    parts = clauses(texts)
    rated = evened([one.rating for one in voices], wanted.scale)
    scores, doubt, note = _felt(parts, texts, rated, feel, wanted.seed)
    notes = [note] if voices else [NO_TEXTS]
    brands = [*wanted.brands, *{one.brand for one in voices if one.brand}]
    besides = frozenset(word for name in brands for word in words(name) if word)
    cut = [said(one.text, besides) for one in parts]
    material = _Material(parts=parts, cut=cut, rated=rated, brands=brands, wanted=wanted)
    clusters, near = material.clusters(embed)
    if embed is None and wanted.count and voices:
        notes.append(NO_ENCODER)
    members = material.kept(clusters, scores)
    needs, spoken, held = material.needs(voices, members, near)
    return Mined(
        voices=tuple(voices),
        needs=tuple(needs),
        spoken=spoken,
        felt=_mean(held, scores, parts, spoken.shape),
        rated=rated,
        doubt=None if doubt is None else _mean(held, doubt, parts, spoken.shape),
        notes=tuple(notes),
    )


def _felt(
    parts: Sequence[Clause], texts: Sequence[str], rated: Numbers, feel: Feel | None, seed: int
) -> tuple[Floats, Floats | None, str]:
    """The sentiment of each clause, NaN where it is not told, what it may be off, and where it comes from."""
    if feel is not None:
        distinct = list(dict.fromkeys(one.text for one in parts))
        told = dict(zip(distinct, feel(distinct) if distinct else (), strict=True))
        return np.clip(np.array([told[one.text] for one in parts], np.float32), -1, 1), None, BY_MODEL
    model = learnt(parts, texts, rated, seed=seed)
    if model is not None:
        return model.scores, model.doubt, BY_RATINGS
    own = rated[[one.voice for one in parts]].astype(np.float32) if parts else np.empty(0, np.float32)
    return own, None, NO_RATINGS if np.isnan(rated).all() else FEW_RATINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Material:
    """The clauses of all voices, what each says, and what is known of them."""

    parts: Sequence[Clause]
    cut: Sequence[Sequence[str]]
    rated: Numbers
    brands: Sequence[str]
    wanted: Wanted

    def clusters(self, embed: Embed | None) -> tuple[Integers, Floats]:
        """The found need of each clause (``NONE``: none), and how near it is."""
        if not self.wanted.count or not self.parts:
            return np.full(len(self.parts), NONE, np.int64), np.zeros(len(self.parts), np.float32)
        if embed is None:
            voices = np.array([one.voice for one in self.parts], np.int64)
            need = anchored(self.cut, voices, self.pleased(), self.wanted.count)
            return need, np.zeros(len(need), np.float32)
        return self._near(embed)

    def _near(self, embed: Embed) -> tuple[Integers, Floats]:
        needs, near = np.full(len(self.parts), NONE, np.int64), np.zeros(len(self.parts), np.float32)
        hidden = _hiding(self.brands)
        rows: dict[str, list[int]] = defaultdict(list)
        for at, (one, cut) in enumerate(zip(self.parts, self.cut, strict=True)):
            if any(word not in praise() for word in cut):
                rows[hidden.sub(" ", one.text).strip(" .。!！")].append(at)
        distinct = list(rows)
        if distinct:
            whose = self.rated[[one.voice for one in self.parts]]
            rated = np.array([_mean_rating(whose[at]) for at in rows.values()])
            model = found(distinct, embed, rated, self.wanted.count, seed=self.wanted.seed)
            for places, need, nearness in zip(rows.values(), *model.assign(distinct, embed), strict=True):
                needs[places], near[places] = need, nearness
        return needs, near

    def pleased(self) -> Numbers:
        """Of each clause, 1 where its voice rates above the mean, 0 where it does not, NaN where it does not rate."""
        rated = self.rated[[one.voice for one in self.parts]] if self.parts else np.empty(0)
        middle = _mean_rating(self.rated)
        return np.where(np.isnan(rated), np.nan, rated > middle)

    def kept(self, clusters: Integers, scores: Floats) -> list[list[int]]:
        """The clauses of each found need, those most spoken of first; rare ones and mere chatter are left out."""
        voices = np.array([one.voice for one in self.parts], np.int64)
        fewest = max(2, round(_RARE * len(self.rated)))
        groups = [np.flatnonzero(clusters == need) for need in range(int(clusters.max(initial=NONE)) + 1)]
        kept = [
            (len(np.unique(voices[group])), group)
            for group in groups
            if len(np.unique(voices[group])) >= min(fewest, len(self.rated)) and self._felt_about(group, voices, scores)
        ]
        return [group.tolist() for _, group in sorted(kept, key=lambda one: (-one[0], int(one[1][0])))]

    def _felt_about(self, group: Integers, voices: Integers, scores: Floats) -> bool:
        """Whether what is said there goes with ratings at all; where few are told, it may."""
        rated, felt = self.rated[voices[group]], scores[group]
        told = ~np.isnan(rated) & ~np.isnan(felt)
        if np.sum(told) < _SAYS or np.ptp(rated[told]) == 0:
            return True
        return bool(np.ptp(felt[told]) > 0 and np.corrcoef(rated[told], felt[told])[0, 1] >= _CHATTER)

    def needs(
        self, voices: Sequence[Voice], members: Sequence[Sequence[int]], near: Floats
    ) -> tuple[list[Need], NDArray[np.bool_], list[Sequence[int]]]:
        """The needs, named ones first; where they are spoken of [voices, needs]; and the clauses of each."""
        names = named(members, self.cut, self.pleased(), self.wanted.needs)
        held: dict[str, set[int]] = {name: set() for name in self.wanted.needs}
        told: dict[str, tuple[str, ...]] = {name: tuple(given) for name, given in self.wanted.needs.items()}
        for at, one in enumerate(self.parts):
            for name in by_hand(one.text, self.wanted.needs):
                held[name].add(at)
        for (name, telling), group in zip(names, members, strict=True):
            if by_hand(" ".join([name, *telling[:3]]), {"": self.wanted.dropped}):
                continue
            whose = by_hand(" ".join([name, *telling[:3]]), self.wanted.needs)
            target = whose[0] if whose else name
            held.setdefault(target, set()).update(group)
            told.setdefault(target, telling)
        lists = {name: sorted(group) for name, group in held.items()}
        spoken = np.zeros((len(voices), len(lists)), np.bool_)
        for at, group in enumerate(lists.values()):
            spoken[[self.parts[one].voice for one in group], at] = True
        needs = [self._need(name, told[name], group, near, voices) for name, group in lists.items()]
        return needs, spoken, list(lists.values())

    def _need(
        self, name: str, telling: tuple[str, ...], group: Sequence[int], near: Floats, voices: Sequence[Voice]
    ) -> Need:
        low, high = _QUOTED
        telling_words = set(telling)

        def last(at: int) -> tuple[bool, float, int]:
            hits = len(telling_words.intersection(self.cut[at])) / (len(self.cut[at]) + 1)
            return not low <= len(self.parts[at].text) <= high, -float(near[at]) - hits, at

        ranked = sorted(group, key=last)
        typical = {self.parts[at].text: voices[self.parts[at].voice].id for at in reversed(ranked)}
        shown = tuple(dict.fromkeys(reversed(typical.values())))[:_SHOWN]
        quote = self.parts[ranked[0]].text if ranked else ""
        return Need(name=name, words=telling, shown=shown, quote=quote, named=name in self.wanted.needs)


def _mean(held: Sequence[Sequence[int]], scores: Floats, parts: Sequence[Clause], shape: tuple[int, ...]) -> Floats:
    """The mean sentiment of each voice's clauses about each need [voices, needs]."""
    felt = np.full(shape, np.nan, np.float32)
    voices = np.array([one.voice for one in parts], np.int64)
    for need, group in enumerate(held):
        at = np.array(group, np.int64)
        at = at[~np.isnan(scores[at])]
        many = np.bincount(voices[at], minlength=shape[0])
        total = np.bincount(voices[at], weights=scores[at], minlength=shape[0])
        felt[many > 0, need] = total[many > 0] / many[many > 0]
    return felt


def _mean_rating(rated: Numbers) -> float:
    known = rated[~np.isnan(rated)]
    return float(known.mean()) if len(known) else float("nan")


def _hiding(brands: Sequence[str]) -> re.Pattern[str]:
    """What finds a brand in a text; none where there is no brand."""
    longest = sorted({re.escape(name) for name in brands if name}, key=lambda name: (-len(name), name))
    return re.compile("|".join(longest) or r"(?!)", re.IGNORECASE)
