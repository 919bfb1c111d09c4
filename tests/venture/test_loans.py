"""Loans against numpy-financial's documented values, and to the cent."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure, Origin
from argosy.venture.financing.loans import Loan, owed, payment, schedule
from argosy.venture.units import unit

DAY = date(2027, 1, 31)


def figure(value: object, of: str) -> Figure:
    """An assumed figure."""
    return Figure(name="x", value=Decimal(str(value)), unit=unit(of), origin=Origin(kind="assumed", where="a test"))


def loan(amount: object = 1200, rate: object = 6, months: int = 12, **more: object) -> Loan:
    """A loan of 1,200 at 6 % over a year, but for what is given."""
    amounts = {name: figure(more.pop(name), "CNY") for name in ("balloon",) if name in more}
    rates = {name: figure(more.pop(name), "percent/year") for name in ("subsidy",) if name in more}
    return Loan(
        name="bank",
        amount=figure(amount, "CNY"),
        rate=figure(rate, "percent/year"),
        on=DAY,
        months=months,
        **amounts,
        **rates,
        **more,  # type: ignore[arg-type]  # a test's keywords
    )


def test_payment_is_what_numpy_financial_documents() -> None:
    """numpy_financial.pmt(0.075/12, 12*15, 200000) is printed as -1854.0247200054619 in its documentation."""
    found = payment(Decimal("0.075") / 12, 12 * 15, Decimal(200_000))
    assert float(found) == pytest.approx(-1854.0247200054619, rel=1e-14)


@pytest.mark.parametrize("rate", ["0", "0.01", "0.35", "-0.02", "-1"])
@pytest.mark.parametrize("begin", [False, True])
def test_payment_equals_the_package(rate: str, *, begin: bool) -> None:
    """Rates of 0, below 0 and of -100 % included."""
    package = pytest.importorskip("numpy_financial")
    if rate == "-1" and begin:
        pytest.skip("nothing is left to pay from: the formula divides by 0")
    found = payment(Decimal(rate), 7, Decimal(1000), Decimal(-50), begin=begin)
    assert float(found) == pytest.approx(float(package.pmt(float(rate), 7, 1000, -50, int(begin))), rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(
    amount=st.decimals("0.01", "9999999", places=2),
    rate=st.decimals(0, 40, places=2),
    months=st.integers(1, 90),
    kind=st.sampled_from(["annuity", "equal", "interest_only"]),
    data=st.data(),
)
def test_every_schedule_pays_back_what_was_lent(
    amount: Decimal, rate: Decimal, months: int, kind: str, data: st.DataObject
) -> None:
    """To the cent, whatever the kind, with every payment in whole cents."""
    grace = data.draw(st.integers(0, months - 1))
    balloon = data.draw(st.decimals(0, amount, places=2))
    found = schedule(loan(amount, rate, months, kind=kind, grace=grace, balloon=balloon))
    assert len(found) == months
    assert sum(one.principal for one in found) == amount
    assert found[-1].closing == 0
    assert all(one.principal >= 0 and one.interest >= 0 for one in found)
    assert all(one.paid == one.paid.quantize(Decimal("0.01")) for one in found)
    assert all(a.closing == b.opening for a, b in pairwise(found))


def test_an_annuity_is_level_but_for_the_last_cents() -> None:
    """200,000 at 7.5 % over 15 years."""
    found = [one.paid for one in schedule(loan(200_000, "7.5", 180))]
    assert set(found[:-1]) == {Decimal("1854.02")}
    assert abs(found[-1] - Decimal("1854.02")) < 2


def test_equal_principal_interest_only_balloon_and_grace() -> None:
    """Each kind by hand."""
    assert [one.principal for one in schedule(loan(100, 12, 3, kind="equal"))] == [
        Decimal("33.33"),
        Decimal("33.34"),
        Decimal("33.33"),
    ]
    bullet = schedule(loan(1000, 12, 3, kind="interest_only"))
    assert [(one.interest, one.principal) for one in bullet] == [(10, 0), (10, 0), (10, 1000)]
    balloon = schedule(loan(1000, 12, 3, balloon=1000))
    assert [one.paid for one in balloon] == [10, 10, 1010]
    assert [one.principal for one in schedule(loan(1000, 0, 4, grace=2))] == [0, 0, 500, 500]


def test_interest_that_an_office_pays_back() -> None:
    """Two of six points come back three months later, never more than the whole rate."""
    found = schedule(loan(1200, 6, 2, kind="interest_only", subsidy=2, late=3))
    assert [(one.interest, one.subsidy) for one in found] == [(6, 2), (6, 2)]
    assert (found[0].day, found[0].subsidised) == (date(2027, 2, 28), date(2027, 5, 28))
    assert schedule(loan(1200, 1, 2, subsidy=5))[0].subsidy == 1


def test_without_interest_only_the_principal_is_paid() -> None:
    """Rate 0, and what is owed on a day."""
    found = schedule(loan(1200, 0, 12))
    assert {one.paid for one in found} == {Decimal(100)}
    assert owed(found, date(2027, 6, 30)) == 700
    assert owed(found, date(2030, 1, 1)) == 0


def test_what_cannot_be_paid_is_refused() -> None:
    """No month for the principal; a balloon above the loan."""
    with pytest.raises(ProjectError, match="without principal"):
        schedule(loan(months=3, grace=3))
    with pytest.raises(ProjectError, match="more to its last payment"):
        schedule(loan(amount=10, balloon=11))
