"""What is lent and given, as amounts of a plan."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date
from decimal import Decimal

from argosy.config.venture.file import Venture
from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.financing import crowdfunding, grants, loans
from argosy.venture.plan.parts import Dated, Money


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
        interest=_some(*((one.day, one.interest) for one in payments)),
        behind=behind,
    )


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
