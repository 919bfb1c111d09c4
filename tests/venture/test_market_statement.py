"""The positioning statement: filled from evidence alone."""

from dataclasses import replace
from datetime import date

import numpy as np
from market_planted import market

from argosy.evaluate.intervals import Interval
from argosy.venture.figures import Origin
from argosy.venture.market.positions import Asked, positions
from argosy.venture.market.segments import segmented
from argosy.venture.market.statement import (
    NO_BENEFIT,
    NO_CATEGORY,
    NO_DIFFERENCE,
    NO_OWN,
    NO_RIVAL,
    NO_SEGMENT,
    Known,
    Statement,
    statement,
)
from argosy.venture.market.voices import Mined

WEIGHTS = dict.fromkeys(("need", "gap", "quality", "cost", "competition"), 1.0)
KNOWN = Known(name="Own", category="helper", own="Own", rivals=("Alpha", "Beta"), quality={})


def made(mined: Mined, known: Known = KNOWN) -> Statement:
    """The statement of the best position."""
    groups = segmented(mined)
    asked = Asked(rivals=known.rivals, own=known.own, quality={}, cost={}, weights=WEIGHTS)
    return statement(mined, groups, positions(mined, groups, asked).candidates[0], known)


def test_each_part_has_its_proof_and_quotes_are_what_was_said() -> None:
    """By the ids of the texts; praise of the own brand, complaints about the rival."""
    mined = market()
    texts = {one.id: one for one in mined.voices}
    found = made(mined)
    assert all(not claim.why for claim in found.claims.values())
    assert found.claims["who"].names == ("sells abroad",)
    assert "languages" in found.claims["benefit"].names
    for part, claim in found.claims.items():
        assert claim.proofs or part == "category"
        for quote in claim.quotes:
            assert quote.text.strip(".…") in texts[quote.id].text
            assert quote.brand == texts[quote.id].brand
    assert {one.brand for one in found.claims["benefit"].quotes} == {"Own"}
    assert all("fine" in one.text for one in found.claims["benefit"].quotes)
    assert {one.brand for one in found.claims["rival"].quotes} == set(found.claims["rival"].names)
    assert all("bad" in one.text for one in found.claims["rival"].quotes)
    assert found.claims["difference"].proofs[0].figure.low > 0


def test_what_is_not_shown_is_left_out_with_its_reason() -> None:
    """No category; the own brand unheard; a rival that is as good; nobody heard; no segment."""
    mined = market()
    assert made(mined, replace(KNOWN, category=None)).claims["category"].why == NO_CATEGORY
    alone = made(mined, replace(KNOWN, own=None)).claims
    assert alone["benefit"].why == NO_BENEFIT
    assert alone["difference"].why == NO_OWN
    twins = replace(
        mined, voices=tuple(replace(one, brand="Own" if at % 2 else "Alpha") for at, one in enumerate(mined.voices))
    )
    same = made(twins, replace(KNOWN, rivals=("Alpha",))).claims
    assert same["difference"].why == NO_DIFFERENCE
    assert same["rival"].names == ("Alpha",)
    assert made(mined, replace(KNOWN, rivals=())).claims["rival"].why == NO_RIVAL
    assert made(market(30)).claims["who"].why == NO_SEGMENT


def test_a_measured_quality_is_a_proof_with_its_origin() -> None:
    """Where no text speaks of the own brand."""
    origin = Origin(kind="measured", where="support:accuracy", day=date(2026, 11, 1))
    quality = {need: (Interval(value=0.9, low=0.8, high=0.95), origin) for need in ("languages", "privacy", "setup")}
    benefit = made(market(), replace(KNOWN, own=None, quality=quality)).claims["benefit"]
    assert benefit.names
    assert benefit.proofs[0].origin == origin


def test_what_several_say_in_the_same_words_is_quoted_once() -> None:
    """And nothing is quoted as praise where nothing is felt."""
    mined = market()
    for claim in made(mined).claims.values():
        assert len({one.text for one in claim.quotes}) == len(claim.quotes)
    mute = made(replace(mined, felt=np.full_like(mined.felt, np.nan))).claims
    assert mute["benefit"].quotes == ()
    assert mute["benefit"].why == NO_BENEFIT
