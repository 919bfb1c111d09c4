"""Loans: what is paid when, to the cent, with interest that somebody else pays in part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.financing.cents import cents, later, split

Kind = Literal["annuity", "equal", "interest_only"]
"""Level payments; level principal; or interest alone until the whole is paid back at the end."""
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loan:
    """An amount lent on a day and paid back over ``months``.

    ``rate`` is the nominal rate, a twelfth of the yearly one each month. In the first ``grace`` months interest alone
    is paid. ``balloon`` is what level payments leave to the last one. ``subsidy`` is the part of the rate that is paid
    back to the borrower, ``late`` months after the interest was paid; never more than the rate.
    """

    name: str
    amount: Figure
    rate: Figure
    on: date
    months: int
    kind: Kind = "annuity"
    grace: int = 0
    balloon: Figure | None = None
    subsidy: Figure | None = None
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One month's payment: interest on what was owed (``opening``), and principal; ``closing`` is still owed then.

    ``subsidy`` is the part of the interest that comes back on ``subsidised``.
    """

    day: date
    opening: Decimal
    interest: Decimal
    principal: Decimal
    subsidy: Decimal
    subsidised: date

    @property
    def paid(self) -> Decimal:
        """Interest and principal."""
        return self.interest + self.principal

    @property
    def closing(self) -> Decimal:
        """What is owed after it."""
        return self.opening - self.principal


def payment(rate: Decimal, periods: int, present: Decimal, future: Decimal = _ZERO, *, begin: bool = False) -> Decimal:
    """The level payment (Excel's and numpy-financial's PMT), not rounded; paid money is negative.

    It solves present·(1+r)ⁿ + payment·(1+r·begin)·((1+r)ⁿ-1)/r + future = 0, where ``begin`` is paying at the start of
    a period; at rate 0 present + payment·n + future = 0.
    """
    if not rate:
        return -(present + future) / periods
    grown = (1 + rate) ** periods
    return -(present * grown + future) * rate / ((1 + rate * begin) * (grown - 1))


def schedule(loan: Loan) -> tuple[Payment, ...]:
    """Every payment of a loan in whole cents; the principal paid adds up to what was lent.

    Interest of a month is what was owed times a twelfth of the yearly rate, rounded; the last payment settles what
    rounding left. Raises ProjectError for a loan that has no months left after grace, or a balloon above the amount.
    """
    _hold(loan)
    rate, subsidy = loan.rate.base, min(loan.subsidy.base if loan.subsidy else _ZERO, loan.rate.base)
    owed, found = cents(loan.amount.base), []
    principal = _principal(loan, owed)
    for month in range(1, loan.months + 1):
        interest = cents(owed * rate)
        back = owed if month == loan.months else min(principal(month, interest), owed)
        day = later(loan.on, month)
        found.append(
            Payment(
                day=day,
                opening=owed,
                interest=interest,
                principal=back,
                subsidy=min(cents(owed * subsidy), interest),
                subsidised=later(day, loan.late),
            )
        )
        owed -= back
    return tuple(found)


def owed(payments: Sequence[Payment], day: date) -> Decimal:
    """What is still owed at the end of a day, of a loan drawn before it."""
    open_ = [one.opening for one in payments if one.day > day]
    return open_[0] if open_ else _ZERO


def _principal(loan: Loan, amount: Decimal) -> Callable[[int, Decimal], Decimal]:
    """What of the principal is paid in a month, given that month's interest."""
    count = loan.months - loan.grace
    balloon = loan.balloon.base if loan.balloon else _ZERO
    level = cents(-payment(loan.rate.base, count, amount, -balloon))
    equal = split(amount - cents(balloon), [Decimal(1)] * count)

    def paid(month: int, interest: Decimal) -> Decimal:
        if month <= loan.grace or loan.kind == "interest_only":
            return _ZERO
        return equal[month - loan.grace - 1] if loan.kind == "equal" else max(level - interest, _ZERO)

    return paid


def _hold(loan: Loan) -> None:
    if loan.months <= loan.grace:
        raise ProjectError(
            "The loan {name!r} has {months} months, of which {grace} are without principal.",
            mend="Give more `months` than `grace`.",
            name=loan.name,
            months=loan.months,
            grace=loan.grace,
        )
    if loan.balloon is not None and loan.balloon.base > loan.amount.base:
        raise ProjectError(
            "The loan {name!r} leaves more to its last payment than was lent.",
            mend="Give a `balloon` of at most the `amount`.",
            name=loan.name,
        )
