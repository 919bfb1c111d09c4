"""What is lent and given, as amounts of a plan."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal

from argosy.config.venture.equity import Equity, Round, Safe
from argosy.config.venture.file import Venture
from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.financing import crowdfunding, grants, loans
from argosy.venture.graph.periods import periods
from argosy.venture.plan.parts import Dated, Money, Note, Raised


def money(venture: Venture) -> Money:
    """The money of a plan that is not from customers; raises ProjectError for loans in another currency."""
    lent = [one.loan() for one in venture.loan]
    given = [one.grant() for one in venture.grant]
    campaigns = [one.campaign() for one in venture.crowdfunding]
    parts: list[loans.Loan | grants.Grant | crowdfunding.Campaign] = [*lent, *given, *campaigns]
    behind = tuple(figure for part in parts for figure in _figures(part))
    _hold(behind, venture.venture.currency)
    payments = [payment for loan in lent for payment in loans.schedule(loan)]
    months = [month for grant in given for month in grants.months(grant)]
    moves = [month for campaign in campaigns for month in crowdfunding.months(campaign)]
    shares = venture.equity
    subsidies = tuple((one.subsidised, one.subsidy) for one in payments)
    return Money(
        opening=None if venture.opening is None else venture.opening.figure("opening"),
        received=_some(
            *((one.day, one.received) for one in months),
            *((one.day, one.collected - one.refunds) for one in moves),
            *subsidies,
        ),
        earned=_some(
            *((one.day, one.recognised) for one in months), *((one.day, one.earned) for one in moves), *subsidies
        ),
        cost=_some(*((one.day, one.fees + one.rewards) for one in moves)),
        drawn=_some(*((one.on, one.amount.base) for one in lent)),
        repaid=_some(*((one.day, one.principal) for one in payments)),
        raised=() if shares is None else tuple(_raised(venture, shares)),
        notes=() if shares is None else tuple(_notes(venture, shares)),
        interest=_some(*((one.day, one.interest) for one in payments)),
        behind=behind,
    )


def _raised(venture: Venture, shares: Equity) -> Iterator[Raised]:
    """What is paid in the plan's periods; what was paid before is in its opening cash."""
    paid: list[Safe | Round] = [*shares.safe, *shares.round]
    for one in paid:
        if not _inside(venture, one.on):
            continue
        given = one.investors if isinstance(one, Round) else {"": one.amount}
        names = {who: f"{one.name}.investors.{who}" if who else f"{one.name}.amount" for who in given}
        amounts = tuple(each.figure(names[who]) for who, each in given.items())
        _hold(amounts, venture.venture.currency)
        yield Raised(name=one.name, title=one.title or one.name, on=one.on, amounts=amounts)


def _notes(venture: Venture, shares: Equity) -> Iterator[Note]:
    """Notes until the first round after them; those that turned before the plan are left out."""
    for one in shares.note:
        turns = min((each.on for each in shares.round if each.on >= one.on), default=None)
        inside = _inside(venture, one.on) or (one.on < _bounds(venture)[0])
        if not inside or (turns is not None and turns < _bounds(venture)[0]):
            continue
        amount = one.amount.figure(f"{one.name}.amount")
        _hold((amount,), venture.venture.currency)
        rate = None if one.rate is None else one.rate.figure(f"{one.name}.rate")
        yield Note(name=one.name, title=one.title or one.name, on=one.on, amount=amount, rate=rate, turns=turns)


def _inside(venture: Venture, day: date) -> bool:
    start, end = _bounds(venture)
    return start <= day < end


def _bounds(venture: Venture) -> tuple[date, date]:
    head = venture.venture
    found = periods(head.start, head.months, head.calendar)
    return found[0].start, found[-1].end


def _some(*amounts: tuple[date, Decimal]) -> Dated:
    """Amounts that are not 0."""
    return tuple((day, amount) for day, amount in amounts if amount)


def _figures(part: loans.Loan | grants.Grant | crowdfunding.Campaign) -> Iterator[Figure]:
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, Figure):
            yield value


def _hold(behind: tuple[Figure, ...], currency: str) -> None:
    for figure in behind:
        codes = [name for name, _ in figure.unit.dimension.powers if name.isupper()]
        if any(code != currency for code in codes):
            raise ProjectError(
                "The figure {name!r} is in {found}, expected {expected}.",
                where="venture.toml",
                mend="Write what is lent or given in the plan's currency.",
                name=figure.name,
                found=figure.unit.text,
                expected=currency,
            )
