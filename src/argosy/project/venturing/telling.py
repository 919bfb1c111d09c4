"""What a venture's document and slides tell, put together from a studied plan, its draws and its cap table."""

from collections.abc import Sequence

from argosy.project.venturing.doubting import Doubted
from argosy.project.venturing.studying import Studied
from argosy.venture.deck.story import Course, Doubt, Returns, Story
from argosy.venture.financing.ownership import Owned


def story(studied: Studied, doubted: Doubted | None = None, owned: Sequence[Owned] = ()) -> Story:
    """The story of a plan; what was not drawn, and who owns it where that is not known, is left out."""
    found, worth = studied.returns, studied.parts.worth
    returns = None
    if found is not None and worth is not None:
        returns = Returns(discount=worth.discount, npv=found.npv, rates=found.irr.rates, mirr=found.mirr)
    return Story(
        name=studied.venture.venture.name,
        parts=studied.parts,
        model=studied.model,
        values=studied.values,
        cash=studied.cash,
        break_even=studied.break_even,
        returns=returns,
        milestones=studied.milestones,
        floors=studied.floors,
        doubt=None if doubted is None else _doubt(doubted),
        owned=tuple(owned),
    )


def _doubt(doubted: Doubted) -> Doubt:
    return Doubt(
        draws=doubted.draws,
        simulation=doubted.simulation,
        shares=doubted.shares,
        bars=doubted.bars,
        courses=tuple(Course(name=one.name, lowest=one.lowest, out=one.out, npv=one.npv) for one in doubted.scenarios),
    )
