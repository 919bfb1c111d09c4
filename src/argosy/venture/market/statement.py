"""The positioning statement: filled from evidence alone, in the form that Moore gave it.

"For WHO who NEED, NAME is a CATEGORY that BENEFIT. Unlike RIVAL, it DIFFERENCE." (Moore, "Crossing the Chasm", 1991.)
Each part is a claim with figures and with texts that show it, by their ids. A part for which there is no evidence is
left out, and it is said why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from argosy.evaluate.intervals import Interval
from argosy.venture.figures import Origin
from argosy.venture.market.clauses import clauses
from argosy.venture.market.positions import Position
from argosy.venture.market.resamples import Numbers, around, resampled
from argosy.venture.market.segments import Segmented, Trait
from argosy.venture.market.voices import Mined

Part = Literal["who", "need", "category", "benefit", "rival", "difference"]
PARTS: tuple[Part, ...] = ("who", "need", "category", "benefit", "rival", "difference")
_QUOTES, _LONGEST = 2, 220  # quotes of a need, and their characters
_HEARD = 8  # voices of a brand about the needs, below which it is compared with nobody
_CLEAR = 0.2  # of a clause's sentiment, from which a quote praises or complains

NO_SEGMENT = "no segment tells who they are: all customers are meant"
NO_TRAITS = "nothing that is known of customers tells the segment apart"
NO_CATEGORY = "no category is given: [market] category"
NO_BENEFIT = "no own quality is measured, and too few texts praise the own brand for it"
NO_OWN = "the own brand is not in the texts: no difference to a rival is shown"
NO_RIVAL = "no rival is heard enough about it"
NO_DIFFERENCE = "the texts do not show the own brand to be better than this rival: the interval holds 0"
_REASONS = (NO_SEGMENT, NO_TRAITS, NO_CATEGORY, NO_BENEFIT, NO_OWN, NO_RIVAL, NO_DIFFERENCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A clause that was said, with the id of its text and the brand that it is about."""

    id: str
    text: str
    brand: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A figure behind a claim: what it is of, its value with its interval if it has one, and where it comes from.

    ``what`` is ``share of customers``, ``share of mentions``, ``satisfaction`` (0 to 10), ``quality`` (0 to 1) or
    ``difference`` (of satisfactions); ``of`` names the need, the brand or the trait.
    """

    what: str
    of: str
    figure: Interval
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A part of the statement: the names that fill it, with figures and quotes; or ``why`` it is left out."""

    part: Part
    names: tuple[str, ...]
    proofs: tuple[Proof, ...] = ()
    quotes: tuple[Quote, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the owner says: the product's name and category, the own brand, its rivals, and measured qualities."""

    name: str
    category: str | None
    own: str | None
    rivals: Sequence[str]
    quality: Mapping[str, tuple[Interval, Origin]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The claims by part, and the product's name."""

    name: str
    claims: Mapping[Part, Claim]


def statement(mined: Mined, segmented: Segmented, position: Position, known: Known, *, seed: int = 7) -> Statement:
    """The statement of a position."""
    evidence = _Evidence(
        mined=mined, segmented=segmented, position=position, weights=resampled(len(mined.voices), seed)
    )
    rival, difference = _against(evidence, known)
    claims = (_who(evidence), _need(evidence, known), _category(known), _benefit(evidence, known), rival, difference)
    return Statement(name=known.name, claims={one.part: one for one in claims})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """The texts, and whom a position is for."""

    mined: Mined
    segmented: Segmented
    position: Position
    weights: Numbers

    @property
    def needs(self) -> list[int]:
        return list(self.position.needs)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.mined.needs[at].name for at in self.needs)

    @property
    def members(self) -> Numbers:
        """How likely each voice is of the segment."""
        at = self.position.segment
        return np.ones(len(self.mined.voices)) if at is None else self.segmented.of[:, at]

    def satisfaction(self, brand: str) -> Numbers | None:
        """The satisfaction with a brand in the needs, all customers, 0 to 10 [draws]; None where too few say."""
        of = np.array([one.brand == brand for one in self.mined.voices])
        felt = self.mined.felt[:, self.needs].astype(np.float64)
        told = ~np.isnan(felt) & of[:, None]
        if told.any(axis=1).sum() < _HEARD:
            return None
        over = self.weights @ np.where(told, (felt + 1) * 5, 0).sum(axis=1)
        return np.asarray(over / np.maximum(self.weights @ told.sum(axis=1), 1e-12))

    def heard(self, brand: str) -> float:
        """How much the segment speaks of a brand about the needs."""
        of = np.array([one.brand == brand for one in self.mined.voices])
        return float((self.members * of) @ self.mined.spoken[:, self.needs].any(axis=1))

    def quotes(self, brands: Sequence[str] | None, sign: int) -> tuple[Quote, ...]:
        """The clearest praise (sign 1) or complaint (-1) about each need, of those likeliest in the segment.

        What several say in the same words is quoted once.
        """
        felt = self.mined.felt[:, self.needs].astype(np.float64)
        clear = np.nan_to_num(felt * sign, nan=-1.0)
        of = np.array([brands is None or one.brand in brands for one in self.mined.voices])
        found: dict[str, Quote] = {}
        for column, need in enumerate(self.needs):
            rank = np.where(of & (clear[:, column] >= _CLEAR), clear[:, column] + self.members, -np.inf)
            most = len(found) + _QUOTES
            for at in np.argsort(-rank, kind="stable").tolist():
                if rank[at] == -np.inf or len(found) == most:
                    break
                quote = self._quote(at, need)
                found.setdefault(quote.text, quote)
        return tuple(found.values())

    def _quote(self, at: int, need: int) -> Quote:
        """The clause of a text that tells of the need, or its beginning."""
        voice, words = self.mined.voices[at], self.mined.needs[need].words
        parts = [one.text for one in clauses([voice.text])]
        telling = max(parts, key=lambda part: sum(word in part.casefold() for word in words), default=voice.text)
        text = telling if len(telling) <= _LONGEST else telling[: _LONGEST - 1] + "…"
        return Quote(id=voice.id, text=text, brand=voice.brand)


def _who(evidence: _Evidence) -> Claim:
    at = evidence.position.segment
    if at is None:
        return Claim(part="who", names=(), why=NO_SEGMENT)
    segment = evidence.segmented.segments[at]
    size = Proof(what="share of customers", of="", figure=segment.size)
    traits = leading(segment.traits)
    if not traits:
        return Claim(part="who", names=(), proofs=(size,), why=NO_TRAITS)
    proofs = (size, *(Proof(what="share of segment", of=f"{one.attribute} {one.value}", figure=_exactly(one.here))
                      for one in traits))  # fmt: skip
    return Claim(part="who", names=tuple(f"{one.attribute} {one.value}" for one in traits), proofs=proofs)


def leading(traits: Sequence[Trait]) -> list[Trait]:
    """The most telling value of each of the two attributes that tell a segment apart best."""
    first: dict[str, Trait] = {}
    for one in traits:
        first.setdefault(one.attribute, one)
    return list(first.values())[:2]


def _need(evidence: _Evidence, known: Known) -> Claim:
    spoken = evidence.members @ evidence.mined.spoken
    proofs = tuple(
        Proof(what="share of mentions", of=name, figure=_exactly(float(spoken[at] / max(spoken.sum(), 1e-12))))
        for at, name in zip(evidence.needs, evidence.names, strict=True)
    )
    quotes = evidence.quotes(known.rivals or None, -1)
    if not quotes:
        quotes = tuple(
            Quote(id=need.shown[0], text=need.quote, brand=_brand(evidence.mined, need.shown[0]))
            for need in (evidence.mined.needs[at] for at in evidence.needs)
            if need.shown
        )
    return Claim(part="need", names=evidence.names, proofs=proofs, quotes=quotes)


def _brand(mined: Mined, of: str) -> str | None:
    return next((one.brand for one in mined.voices if one.id == of), None)


def _category(known: Known) -> Claim:
    if not known.category:
        return Claim(part="category", names=(), why=NO_CATEGORY)
    return Claim(part="category", names=(known.category,))


def _benefit(evidence: _Evidence, known: Known) -> Claim:
    """What is measured of the needs, or said by customers of the own brand: a satisfaction above 5 in all resamples."""
    measured = {name: known.quality[name] for name in evidence.names if name in known.quality}
    proofs = [
        Proof(what="quality", of=name, figure=figure, origin=origin) for name, (figure, origin) in measured.items()
    ]
    quotes: tuple[Quote, ...] = ()
    names = list(measured)
    if known.own is not None:
        for at, name in zip(evidence.needs, evidence.names, strict=True):
            figure = _alone(evidence, at, known.own)
            if figure is not None and figure.low > 5:  # noqa: PLR2004 - half of ten
                proofs.append(Proof(what="satisfaction", of=name, figure=figure))
                names += [] if name in names else [name]
        quotes = evidence.quotes([known.own], 1)
    if not names:
        return Claim(part="benefit", names=(), why=NO_BENEFIT)
    return Claim(part="benefit", names=tuple(names), proofs=tuple(proofs), quotes=quotes)


def _alone(evidence: _Evidence, need: int, brand: str) -> Interval | None:
    one = Position(segment=evidence.position.segment, needs=(need,), criteria={}, score=evidence.position.score)
    drawn = _Evidence(
        mined=evidence.mined, segmented=evidence.segmented, position=one, weights=evidence.weights
    ).satisfaction(brand)
    return None if drawn is None else around(drawn)


def _against(evidence: _Evidence, known: Known) -> tuple[Claim, Claim]:
    """The rival of whom the segment speaks most about the needs, and how much better the own brand does."""
    met = {brand: found for brand in known.rivals if (found := evidence.satisfaction(brand)) is not None}
    if not met:
        nobody = Claim(part="rival", names=(), why=NO_RIVAL)
        return nobody, Claim(part="difference", names=(), why=NO_RIVAL)
    rival = max(met, key=lambda brand: (evidence.heard(brand), brand))
    own = None if known.own is None else evidence.satisfaction(known.own)
    theirs = around(met[rival])
    named = Claim(
        part="rival",
        names=(rival,),
        proofs=() if theirs is None else (Proof(what="satisfaction", of=rival, figure=theirs),),
        quotes=evidence.quotes([rival], -1),
    )
    if own is None:
        return named, Claim(part="difference", names=(), why=NO_OWN)
    lead = around(own - met[rival])
    if lead is None or lead.low <= 0:
        proofs = () if lead is None else (Proof(what="difference", of=rival, figure=lead),)
        return named, Claim(part="difference", names=(), proofs=proofs, why=NO_DIFFERENCE)
    proof = Proof(what="difference", of=rival, figure=lead)
    return named, Claim(
        part="difference", names=evidence.names, proofs=(proof,), quotes=evidence.quotes([str(known.own)], 1)
    )


def _exactly(value: float) -> Interval:
    return Interval(value=value, low=value, high=value)
