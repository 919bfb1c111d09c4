"""What a venture's document and slides tell, put together from a studied plan, its draws, risks and cap table."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from argosy.config.venture.equity import Round, Safe
from argosy.config.venture.file import Venture
from argosy.config.venture.risk import register
from argosy.project.venturing.doubting import Doubted, doubt
from argosy.project.venturing.owning import stages
from argosy.project.venturing.risking import at_risk
from argosy.project.venturing.studying import Studied, study
from argosy.venture.deck.story import Course, Deal, Doubt, Returns, Risks, Story
from argosy.venture.figures import Figure
from argosy.venture.financing.ownership import Owned, ownership


def tell(folder: Path, today: date, owned: Sequence[Owned] = ()) -> Story:
    """The story of the plan in a folder, drawn and with its risks; ``owned`` stands instead of the plan's own deals.

    Raises what ``study``, ``doubt`` and ``at_risk`` raise. Without a discount rate risks are listed, not reckoned.
    """
    studied = study(folder)
    return story(studied, doubt(studied), owned, _risks(studied, today))


def story(
    studied: Studied, doubted: Doubted | None = None, owned: Sequence[Owned] = (), risks: Risks | None = None
) -> Story:
    """The story of a plan; what was not drawn, and who owns it where that is not known, is left out."""
    found, worth = studied.returns, studied.parts.worth
    after = () if owned else stages(studied.venture)
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
        owned=tuple(owned or (ownership(after[-1].register) if after else ())),
        deals=() if owned else tuple(_deals(studied.venture)),
        stages=after,
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


def _deals(venture: Venture) -> Iterator[Deal]:
    """SAFEs, notes and rounds with their figures, called as the plan calls them."""
    for one in () if venture.equity is None else sorted(venture.equity.events, key=lambda each: each.on):

        def figure(field: str, of: Safe | Round = one) -> Figure | None:
            given = getattr(of, field, None)
            return None if given is None else given.figure(f"{of.name}.{field}")

        paid = one.investors if isinstance(one, Round) else {"": one.amount}
        yield Deal(
            name=one.name,
            title=one.title or one.name,
            on=one.on,
            paid=tuple(
                given.figure(f"{one.name}.investors.{who}" if who else f"{one.name}.amount")
                for who, given in paid.items()
            ),
            valuation=figure("pre_money" if isinstance(one, Round) else "cap"),
            discount=figure("discount"),
            pool=figure("pool"),
            rate=figure("rate"),
        )


def _risks(studied: Studied, today: date) -> Risks | None:
    venture = studied.venture
    if not venture.risk:
        return None
    if studied.parts.worth is None:
        return Risks(register=register(venture.risk, venture.mitigation), effects=None)
    found = at_risk(studied, today)
    return Risks(register=found.register, effects=found.effects)
