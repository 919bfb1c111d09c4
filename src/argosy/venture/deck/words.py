"""What figures and their units are called in a reader's language."""

import re
from collections.abc import Iterable

from argosy.venture.deck.story import Story, Translate

FIELD_MESSAGES = {
    "amount": "amount",
    "backers": "backers",
    "balloon": "paid back at the end",
    "cap": "cap on the valuation",
    "causes": "brought about by",
    "charges": "charges on wages",
    "churn": "churn",
    "contraction": "contraction",
    "converts": "of leads become customers",
    "cost": "unit cost",
    "costs": "costs of the work",
    "customers": "customers at the start",
    "discount": "discount",
    "expansion": "expansion",
    "failed": "payments that fail",
    "fixed": "fixed cost",
    "free": "free use",
    "given": "probability with its causes",
    "goal": "goal",
    "growth": "growth of new customers",
    "grows": "growth of sales",
    "investors": "what the investor gives",
    "leads": "leads",
    "leaves": "what happens all the same",
    "limit": "most that can be reached",
    "new": "new customers",
    "platform": "share of the platform",
    "pledge": "pledge of a backer",
    "pool": "pool after the round",
    "pre_money": "valuation before the new money",
    "price": "price",
    "probability": "probability",
    "provider": "share of the payment provider",
    "raises": "raises",
    "rate": "yearly interest",
    "refunded": "pledges paid back",
    "returned": "share returned",
    "reward": "cost of a reward",
    "service": "cost of service",
    "serves": "served by one person",
    "share": "share",
    "sold": "sold",
    "subsidy": "subsidy of the interest",
    "takes": "share of customers who take it",
    "uses": "use",
    "wage": "wage",
    "won": "projects won",
}
WHOLE_MESSAGES = {
    "opening": "cash at the start",
    "tax.profit": "tax on profit",
    "working.payable": "days until suppliers are paid",
    "working.prepaid": "months paid ahead",
    "working.receivable": "days until customers pay",
    "worth.discount": "discount rate",
    "worth.margin": "target margin",
    "worth.reinvest": "rate of reinvesting",
}
UNIT_MESSAGES = {  # in English units stay as they are written
    "customer": "unit customer",
    "day": "unit day",
    "device": "unit device",
    "hour": "unit hour",
    "lead": "unit lead",
    "minute": "unit minute",
    "month": "unit month",
    "parameter": "unit parameter",
    "person": "unit person",
    "project": "unit project",
    "quarter": "unit quarter",
    "request": "unit request",
    "row": "unit row",
    "second": "unit second",
    "share": "unit share",
    "times": "times",
    "token": "unit token",
    "unit": "unit unit",
    "week": "unit week",
    "year": "unit year",
}
_PLURAL = re.compile(r"(?<=[a-z]{3})s$")


def titled(story: Story, name: str, t: Translate) -> str:
    """What a figure is called: the founders' title of its part and what it is of it; its name where neither is known.

    ``desk.price`` is called "Desk plan: price", ``worth.discount`` "discount rate".
    """
    if name in WHOLE_MESSAGES:
        return t(WHOLE_MESSAGES[name])
    part, dot, field = name.partition(".")
    field = field.partition(".")[0]
    if not dot or field not in FIELD_MESSAGES:
        return name
    title = dict(_titles(story)).get(part, part)
    return t("{title}: {what}").format(title=title, what=t(FIELD_MESSAGES[field]))


def _titles(story: Story) -> Iterable[tuple[str, str]]:
    """The titles of all parts by their names."""
    parts, risks = story.parts, story.risks
    groups = (
        *(parts.segments, parts.subscriptions, parts.metered, parts.products, parts.work, parts.roles),
        *(parts.expenses, parts.once, parts.fees, parts.assets, parts.milestones),
        story.deals,
        *((risks.register.risks, risks.register.mitigations) if risks else ()),
    )
    return ((one.name, one.title) for group in groups for one in group)


def in_words(unit: str, t: Translate) -> str:
    """A unit as it is written, its words in the reader's language; percent as its sign.

    >>> in_words("CNY/1k requests", {"unit request": "请求"}.get)
    'CNY/1k 请求'
    """
    return "/".join(_one(part, t) for part in unit.split("/"))


def _one(part: str, t: Translate) -> str:
    count, space, name = part.rpartition(" ")
    if name == "percent":
        return "%"
    known = "person" if name == "people" else name if name in UNIT_MESSAGES else _PLURAL.sub("", name)
    if known not in UNIT_MESSAGES:
        return part
    said = t(UNIT_MESSAGES[known])
    return f"{count}{space}{name if said == UNIT_MESSAGES[known] else said}"
