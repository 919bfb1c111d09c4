"""A whole plan as a model: customers, income, spending, statements, metrics."""

from argosy.venture.graph.expression import total
from argosy.venture.graph.model import Heading, Model
from argosy.venture.graph.periods import Calendar, Period
from argosy.venture.plan.income import CUSTOMER, customers, streams
from argosy.venture.plan.parts import Parts
from argosy.venture.plan.recurring import margins, recurring
from argosy.venture.plan.spending import spending
from argosy.venture.plan.statements import balance, cash, financing, profit, revenue
from argosy.venture.plan.timeline import begin


def build(parts: Parts, found: tuple[Period, ...], kind: Calendar) -> Model:
    """The model of a plan; raises ProjectError for names, days or units that do not fit."""
    writing = begin(found, kind, parts.currency, parts.rates)
    count = writing.sheet.line(
        "customers",
        total([customers(writing, one) for one in parts.segments]),
        Heading(title="Customers", section="customers", dimension=CUSTOMER, kind="stock"),
    )
    earning = streams(writing, parts)
    earned = revenue(writing, earning)
    spent = spending(writing, parts, earning, count, earned)
    flows = financing(writing, parts)
    profit(writing, earned, spent, flows, writing.given(parts.tax))
    cash(writing, parts, earning, spent, flows)
    balance(writing, spent, flows)
    margins(writing, earning)
    recurring(writing, earning)
    if parts.worth is not None:
        for figure in (parts.worth.discount, parts.worth.reinvest, parts.worth.margin):
            writing.given(figure)
    return writing.sheet.model()
