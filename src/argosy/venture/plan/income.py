"""Customers and what they pay: segments, subscriptions, metered services, products, custom work."""

from collections.abc import Mapping
from dataclasses import dataclass

from argosy.core.errors import ProjectError
from argosy.venture.graph.expression import ONE, ZERO, Expression, Line, least, most, number
from argosy.venture.graph.model import Heading, Kind
from argosy.venture.plan.parts import Metered, Parts, Product, Segment, Subscription, Work
from argosy.venture.plan.timeline import MONTHS, Writing, begun, growing
from argosy.venture.units import Dimension, dimension

CUSTOMER = dimension("customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The lines of one revenue: what it earns and what that costs; for a recurring one also what moves it.

    ``rate`` is what a customer of ``segment`` pays a month, ``more`` and ``less`` by how much that rose and fell.
    """

    name: str
    title: str
    revenue: Line
    cost: Line
    segment: str | None = None
    rate: Line | None = None
    more: Line | None = None
    less: Line | None = None


def customers(writing: Writing, segment: Segment) -> Line:
    """The customers of a segment: those of before, without who left, with who came."""
    name, about, sheet = segment.name, segment.title, writing.sheet
    begins = begun(writing, name, segment.since, about)
    first = writing.given(segment.new)
    if segment.leads is not None and segment.converts is not None:
        leads = sheet.line(
            f"{name}.leads_now",
            growing(writing.given(segment.leads), begins, f"{name}.leads_now", writing.given(segment.growth)),
            _heading("{name}: trials a month", dimension("lead/month"), about, "ratio"),
        )
        coming: Expression = leads * writing.given(segment.converts)
    else:
        coming = sheet.line(
            f"{name}.coming",
            growing(first, begins, f"{name}.coming", writing.given(segment.growth)),
            _heading("{name}: new customers a month", dimension("customer/month"), about, "ratio"),
        )
    before = Line(f"{name}.count", 1)
    left = sheet.line(
        f"{name}.left",
        least(before * writing.given(segment.churn) * MONTHS, before),
        _heading("{name}: customers who left", CUSTOMER, about),
    )
    wanted = coming * MONTHS
    room = most(writing.given(segment.limit) - (before - left), ZERO)
    came = sheet.line(
        f"{name}.came",
        wanted if segment.limit is None else least(wanted, room),
        _heading("{name}: new customers", CUSTOMER, about),
    )
    return sheet.line(
        f"{name}.count",
        before - left + came + begins * writing.given(segment.customers),
        _heading("{name}: customers", CUSTOMER, about, "stock"),
    )


def streams(writing: Writing, parts: Parts) -> list[Stream]:
    """All that earns, in the order of the plan; raises ProjectError for a segment that nobody declared."""
    known = {one.name: one for one in parts.segments}
    recurring = [
        *(_subscription(writing, one, _segment(known, one.segment, one.name)) for one in parts.subscriptions),
        *(_metered(writing, one, _segment(known, one.segment, one.name)) for one in parts.metered),
    ]
    return [
        *recurring,
        *(_product(writing, one) for one in parts.products),
        *(_work(writing, one) for one in parts.work),
    ]


def _segment(known: Mapping[str, Segment], name: str, by: str) -> Segment:
    if name not in known:
        raise ProjectError(
            "{by!r} is sold to the segment {name!r}, which is not there.",
            where="venture.toml",
            mend="Declare it: [[segment]] with its name. Known: {known}.",
            by=by,
            name=name,
            known=", ".join(known) or "-",
        )
    return known[name]


def _subscription(writing: Writing, one: Subscription, segment: Segment) -> Stream:
    """What a customer pays grows by ``expansion`` and falls by ``contraction`` each month."""
    sheet, begins = writing.sheet, Line(f"{segment.name}.begins")
    before = Line(f"{one.name}.rate", 1)
    more = sheet.line(
        f"{one.name}.more",
        before * writing.given(one.expansion) * MONTHS,
        _heading("{name}: rise of what a customer pays", writing.rate, one.title, "ratio"),
    )
    less = sheet.line(
        f"{one.name}.less",
        before * writing.given(one.contraction) * MONTHS,
        _heading("{name}: fall of what a customer pays", writing.rate, one.title, "ratio"),
    )
    price = writing.given(one.takes, ONE) * writing.given(one.price)
    rate = sheet.line(
        f"{one.name}.rate",
        begins * price + before + more - less,
        _heading("{name}: a customer's price a month", writing.rate, one.title, "ratio"),
    )
    requests = writing.given(one.uses) * writing.given(one.cost) if one.uses and one.cost else ZERO
    service = writing.given(one.takes, ONE) * (requests + writing.given(one.service))
    return _recurring(writing, one.name, one.title, segment, (rate, more, less), service)


def _metered(writing: Writing, one: Metered, segment: Segment) -> Stream:
    """A customer's use grows each month; what is over the free part is paid."""
    sheet, begins = writing.sheet, Line(f"{segment.name}.begins")
    takes = writing.given(one.takes, ONE)
    use = sheet.line(
        f"{one.name}.use",
        growing(writing.given(one.uses), begins, f"{one.name}.use", writing.given(one.grows)),
        _heading("{name}: use of a customer a month", one.uses.unit.dimension, one.title, "ratio"),
    )
    paid = most(use - writing.given(one.free), ZERO) if one.free is not None else use
    rate = sheet.line(
        f"{one.name}.rate",
        takes * paid * writing.given(one.price),
        _heading("{name}: a customer's price a month", writing.rate, one.title, "ratio"),
    )
    change = rate - Line(f"{one.name}.rate", 1)
    more = sheet.line(
        f"{one.name}.more",
        most(change, ZERO) * (ONE - begins),
        _heading("{name}: rise of what a customer pays", writing.rate, one.title, "ratio"),
    )
    less = sheet.line(
        f"{one.name}.less",
        most(ZERO - change, ZERO),
        _heading("{name}: fall of what a customer pays", writing.rate, one.title, "ratio"),
    )
    return _recurring(writing, one.name, one.title, segment, (rate, more, less), takes * use * writing.given(one.cost))


def _recurring(
    writing: Writing, name: str, title: str, segment: Segment, moves: tuple[Line, Line, Line], cost: Expression
) -> Stream:
    """Revenue and cost of all customers of the segment over a period."""
    rate, more, less = moves
    count = Line(f"{segment.name}.count")
    return Stream(
        name=name,
        title=title,
        revenue=_revenue(writing, name, title, count * rate * MONTHS),
        cost=_cost(writing, name, title, count * cost * MONTHS),
        segment=segment.name,
        rate=rate,
        more=more,
        less=less,
    )


def _product(writing: Writing, one: Product) -> Stream:
    """Units sold, without the money of those that come back; what they cost is lost."""
    begins = begun(writing, one.name, one.since, one.title)
    sold = writing.sheet.line(
        f"{one.name}.sold_now",
        growing(writing.given(one.sold), begins, f"{one.name}.sold_now", writing.given(one.grows)),
        _heading("{name}: units a month", dimension("unit/month"), one.title, "ratio"),
    )
    kept = ONE - writing.given(one.returned)
    return Stream(
        name=one.name,
        title=one.title,
        revenue=_revenue(writing, one.name, one.title, sold * MONTHS * kept * writing.given(one.price)),
        cost=_cost(writing, one.name, one.title, sold * MONTHS * writing.given(one.cost)),
    )


def _work(writing: Writing, one: Work) -> Stream:
    """Projects in hand: a project earns and costs evenly from the month in which it is won."""
    begins = begun(writing, one.name, one.since, one.title)
    won = writing.sheet.line(
        f"{one.name}.won_now",
        growing(writing.given(one.won), begins, f"{one.name}.won_now", writing.given(one.grows)),
        _heading("{name}: projects won a month", dimension("project/month"), one.title, "ratio"),
    )
    done: Expression = won
    for back in range(1, one.months):
        done = done + Line(won.name, back)
    done = done * MONTHS / number(one.months)
    return Stream(
        name=one.name,
        title=one.title,
        revenue=_revenue(writing, one.name, one.title, done * writing.given(one.price)),
        cost=_cost(writing, one.name, one.title, done * writing.given(one.cost)),
    )


def _revenue(writing: Writing, name: str, title: str, earned: Expression) -> Line:
    return writing.sheet.line(
        f"{name}.revenue",
        earned,
        Heading(title="{name}: revenue", section="revenue", dimension=writing.money, about=title),
    )


def _cost(writing: Writing, name: str, title: str, spent: Expression) -> Line:
    return writing.sheet.line(
        f"{name}.spent",
        spent,
        Heading(title="{name}: what it costs to serve", section="costs", dimension=writing.money, about=title),
    )


def _heading(title: str, of: Dimension, about: str, kind: Kind = "flow") -> Heading:
    return Heading(title=title, section="customers", dimension=of, kind=kind, about=about)
