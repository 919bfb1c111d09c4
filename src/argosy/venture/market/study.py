"""A market studied: opportunities, segments, share of voice, the map, white spaces, positions, a statement, sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from argosy.venture.figures import Figure
from argosy.venture.market.corpus import Account
from argosy.venture.market.opportunity import Opportunity, Sentiment, opportunities, sentiments
from argosy.venture.market.perceptual import Map, perceptual
from argosy.venture.market.positions import Asked, Positions, positions
from argosy.venture.market.segments import Segmented, segmented
from argosy.venture.market.sensitivity import Sensitivity, sensitivity
from argosy.venture.market.share_of_voice import ShareOfVoice, share_of_voice
from argosy.venture.market.size import MarketSize
from argosy.venture.market.statement import Known, Statement, statement
from argosy.venture.market.voices import Mined
from argosy.venture.market.white_spaces import NO_FEELING, WhiteSpace, white_spaces

NO_POSITION = "There is no need to take a position on."
MOST = 12
"""Brands that are told one by one; share of voice tells all of them."""
FEW_BRANDS = "Of many brands the dozen most heard are compared; share of voice counts all."
NO_SIZE = "The market is not sized: [[market.size]] is missing."
_REASONS = (NO_POSITION, NO_SIZE, FEW_BRANDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a study is of: the venture, the day, the files and what was read of them, and what embedded the texts.

    ``figures`` are what the owner gave of needs: qualities and costs. ``encoder`` is ``words`` where nothing embedded.
    """

    name: str
    day: date
    files: tuple[str, ...]
    account: Account
    encoder: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What a market's texts tell, and what is known beside them.

    ``brands`` are those that are spoken of, the most heard first; of many, the first dozen, and the own one.
    ``sensitivity`` and ``statement`` are None where there is no position, ``size`` where none was asked for. ``notes``
    say on what it rests and what cannot be told.
    """

    mined: Mined
    brands: tuple[str, ...]
    own: str | None
    opportunities: tuple[Opportunity, ...]
    sentiments: tuple[Sentiment, ...]
    segmented: Segmented
    voice: ShareOfVoice
    map: Map
    spaces: tuple[WhiteSpace, ...]
    positions: Positions
    sensitivity: Sensitivity | None
    statement: Statement | None
    size: MarketSize | None
    notes: tuple[str, ...]


def studied(mined: Mined, asked: Asked, known: Known, size: MarketSize | None, *, seed: int = 7) -> Study:
    """The study of mined texts; ``asked`` and ``known`` are what the owner gives for positions and the statement."""
    voice = share_of_voice(mined, sorted({one.brand for one in mined.voices if one.brand}))
    heard = [one.brand for one in voice.brands]
    brands = tuple(one for at, one in enumerate(heard) if at < MOST or one == known.own)
    groups = segmented(mined, seed=seed)
    drawn = perceptual(mined, brands, seed=seed)
    spaces = white_spaces(mined, known.rivals or brands, seed=seed)
    found = positions(mined, groups, asked, seed=seed)
    best = found.candidates[0] if found.candidates else None
    unfelt = not any(one.score for one in spaces)
    notes = (*mined.notes, groups.why, voice.why, drawn.why, NO_FEELING if unfelt else "", *found.notes)
    ends = (FEW_BRANDS if len(brands) < len(heard) else "", "" if best else NO_POSITION, "" if size else NO_SIZE)
    return Study(
        mined=mined,
        brands=brands,
        own=known.own,
        opportunities=tuple(opportunities(mined, seed=seed)),
        sentiments=tuple(sentiments(mined, [None, *brands])),
        segmented=groups,
        voice=voice,
        map=drawn,
        spaces=tuple(spaces),
        positions=found,
        sensitivity=sensitivity(found.values, found.weights, seed=seed) if best else None,
        statement=statement(mined, groups, best, known, seed=seed) if best else None,
        size=size,
        notes=_once((*notes, *ends)),
    )


def _once(notes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in notes if one))
