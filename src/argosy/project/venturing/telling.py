"""What a venture's document and slides tell, put together from a studied plan, its draws, risks and cap table."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from argosy.config.venture.risk import register
from argosy.project.venturing.doubting import Doubted, doubt
from argosy.project.venturing.risking import at_risk
from argosy.project.venturing.studying import Studied, study
from argosy.venture.deck.story import Course, Doubt, Returns, Risks, Story
from argosy.venture.financing.ownership import Owned


def tell(folder: Path, today: date, owned: Sequence[Owned] = ()) -> Story:
    """The story of the plan in a folder, drawn and with its risks.

    Raises what ``study``, ``doubt`` and ``at_risk`` raise. Without a discount rate risks are listed, not reckoned.
    """
    studied = study(folder)
    return story(studied, doubt(studied), owned, _risks(studied, today))


def story(
    studied: Studied, doubted: Doubted | None = None, owned: Sequence[Owned] = (), risks: Risks | None = None
) -> Story:
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
        risks=risks,
        pitch=studied.venture.pitch.pitch(),
    )


def _doubt(doubted: Doubted) -> Doubt:
    return Doubt(
        draws=doubted.draws,
        simulation=doubted.simulation,
        shares=doubted.shares,
        bars=doubted.bars,
        courses=tuple(Course(name=one.name, lowest=one.lowest, out=one.out, npv=one.npv) for one in doubted.scenarios),
    )


def _risks(studied: Studied, today: date) -> Risks | None:
    venture = studied.venture
    if not venture.risk:
        return None
    if studied.parts.worth is None:
        return Risks(register=register(venture.risk, venture.mitigation), effects=None)
    found = at_risk(studied, today)
    return Risks(register=found.register, effects=found.effects)
