"""Crowdfunding with rewards: money that is owed as rewards until they are delivered, less fees and refunds."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from argosy.venture.figures import Figure
from argosy.venture.financing.cents import cents, later
from argosy.venture.financing.grants import by_month

_ZERO = Decimal(0)
Model = Literal["all_or_nothing", "keep_it_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Pledges of ``backers`` until the day ``ends``, paid out ``late`` months after it.

    All-or-nothing pays nothing below the ``goal``. ``failed`` is the share of pledges whose payment fails. The platform
    takes ``platform`` of what was collected, the payment provider ``provider`` of it and ``fixed`` for each backer. A
    reward costs ``reward`` to make and ship, on the day ``delivers``; ``refunded`` is the share of money that backers
    ask back before that.
    """

    name: str
    goal: Figure
    backers: Figure
    pledge: Figure
    ends: date
    delivers: date
    model: Model = "all_or_nothing"
    late: int = 0
    failed: Figure | None = None
    platform: Figure | None = None
    provider: Figure | None = None
    fixed: Figure | None = None
    reward: Figure | None = None
    refunded: Figure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignMonth:
    """A month of a campaign: cash in and out, what was earned, and what is owed as rewards at its end.

    The revenue is earned when rewards are delivered (IFRS 15, 31); fees are kept by platforms on refunds.
    """

    day: date
    collected: Decimal
    fees: Decimal
    refunds: Decimal
    rewards: Decimal
    earned: Decimal
    owed: Decimal

    @property
    def cash(self) -> Decimal:
        """What the month adds to cash."""
        return self.collected - self.fees - self.refunds - self.rewards


def reached(campaign: Campaign) -> bool:
    """Whether the pledges are paid out: the goal is reached, or whatever comes is kept."""
    return campaign.model == "keep_it_all" or _pledged(campaign) >= campaign.goal.base


def months(campaign: Campaign) -> tuple[CampaignMonth, ...]:
    """The months in which a campaign moves money or earns it, in whole cents; none where the goal is not reached.

    Refunds are paid, and rewards made, in the month of delivery; what was refunded is neither made nor earned.
    """
    if not reached(campaign):
        return ()
    paying = campaign.backers.base * (1 - _of(campaign.failed))
    collected = cents(paying * campaign.pledge.base)
    kept = 1 - _of(campaign.refunded)
    fees = cents(collected * (_of(campaign.platform) + _of(campaign.provider)) + paying * _of(campaign.fixed))
    refunds = cents(collected * _of(campaign.refunded))
    payout = later(campaign.ends, campaign.late)
    delivery = max(campaign.delivers, payout)
    into = by_month([(payout, collected)])
    charged = by_month([(payout, fees)])
    out = by_month([(delivery, refunds)])
    made = by_month([(delivery, cents(paying * kept * _of(campaign.reward)))])
    found, owed = [], _ZERO
    for day in sorted({*into, *out}):
        earned = collected - refunds if day in out else _ZERO
        owed += into.get(day, _ZERO) - out.get(day, _ZERO) - earned
        found.append(
            CampaignMonth(
                day=day,
                collected=into.get(day, _ZERO),
                fees=charged.get(day, _ZERO),
                refunds=out.get(day, _ZERO),
                rewards=made.get(day, _ZERO),
                earned=earned,
                owed=owed,
            )
        )
    return tuple(found)


def _pledged(campaign: Campaign) -> Decimal:
    return campaign.backers.base * campaign.pledge.base


def _of(figure: Figure | None) -> Decimal:
    return _ZERO if figure is None else figure.base
