"""Plans as they stand in the project file."""

import tomllib

import pytest
from projects import SHOP

from argosy.config.file import parse
from argosy.config.plans import plans_of
from argosy.core.errors import ProjectError
from argosy.products.catalogue import PRODUCTS
from argosy.serve.billing.plan import Plan


def _plans(text: str) -> dict[str, Plan]:
    project = parse(tomllib.loads(SHOP + text))
    return {f"{plan.name}:{plan.currency}": plan for plan in plans_of(project.plans)}


def test_the_plan_that_init_offers_is_one() -> None:
    """A thousand texts are free, then a thousand cost two yuan."""
    template = PRODUCTS["classify"].template.read_text(encoding="utf-8")
    plan = _plans(template[template.index("[plans.standard]") :])["standard:CNY"]
    price = plan.price("any", "texts")
    assert price is not None
    assert [price.amount(texts) for texts in (1000, 2000)] == [0, 2_000_000]
    assert plan.tax is not None
    assert (plan.tax.rate, plan.tax.inclusive) == (60_000, True)


def test_a_plan_with_amounts_in_several_currencies_is_one_plan_in_each() -> None:
    """Prices by currency; each has an id of its own."""
    plans = _plans("""
    [plans.p]
    monthly = {CNY = "99.00", USD = "15"}
    [[plans.p.prices]]
    unit = "minutes"
    price = {CNY = "0.30", USD = "0.05"}
    """)
    assert {name: plan.monthly for name, plan in plans.items()} == {"p:CNY": 99_000_000, "p:USD": 15_000_000}
    assert len({plan.id for plan in plans.values()}) == 2


def test_an_amount_that_lacks_a_currency_of_the_plan_is_an_error() -> None:
    """Nothing is converted by a rate that nobody stated."""
    with pytest.raises(ProjectError, match=r"missing in USD.*\n.*USD = "):
        _plans("""
        [plans.p]
        monthly = "99.00"
        commitment = {CNY = "500.00", USD = "70.00"}
        """)


def test_a_plan_extends_another_and_its_own_prices_replace_those() -> None:
    """A custom price for one tenant names only what differs."""
    own = _plans("""
    [plans.standard]
    monthly = "99.00"
    [[plans.standard.prices]]
    unit = "texts"
    price = "0.002"
    [[plans.standard.prices]]
    unit = "tokens"
    per = 1000
    price = "0.01"
    [plans.acme]
    extends = "standard"
    [[plans.acme.prices]]
    unit = "texts"
    price = "0.001"
    """)["acme:CNY"]
    texts, tokens = own.price("m", "texts"), own.price("m", "completion_tokens")
    assert (own.name, own.monthly) == ("acme", 99_000_000)
    assert texts is not None
    assert tokens is not None
    assert (texts.amount(1), tokens.amount(1000), len(own.prices)) == (1000, 10_000, 2)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("[plans.p]\nmonthly = 99", "[plans.p] monthly", 'in quotes such as "2.00", found 99'),
        ('[plans.p]\nmonthly = "-1"', "[plans.p] monthly", "found '-1'"),
        ('[plans.p]\ncurrency = "RMB"', "[plans.p] currency", "ISO 4217"),
        ('[plans.p.tax]\nrate = "0.06"', "[plans.p.tax] rate", "6%"),
        ('[plans.p]\nmonthy = "1"', "[plans.p] monthy", "'monthly'"),
        ('[[plans.p.prices]]\nunit = "texts"\npricee = "1"', "[plans.p.prices.0] pricee", "'price'"),
        ('[[plans.p.prices]]\nunit = "words"\nprice = "1"', "[plans.p.prices.0] unit", "'texts'"),
        ('[[plans.p.prices]]\nunit = "texts"', "[plans.p.prices] 0", "either `price` or `tiers`"),
        (
            '[[plans.p.prices]]\nunit = "texts"\ntiers = [{price = "1"}, {up_to = 5, price = "1"}]',
            "[plans.p.prices] 0",
            "Every tier but the last",
        ),
        (
            '[[plans.p.prices]]\nunit = "tokens"\nprice = "1"\n[[plans.p.prices]]\nunit = "prompt_tokens"\nprice = "1"',
            "[plans] p",
            "prompt_tokens of the model '*' has two prices",
        ),
        ('[plans.p]\nextends = "q"', "[plans.p] extends", "no plan 'q'"),
        ('[plans.p]\nextends = "p"', "[plans.p] extends", "no plan 'p'"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, said: str) -> None:
    """Every mistake names its key and what was expected."""
    with pytest.raises(ProjectError) as wrong:
        _plans(text)
    assert place in str(wrong.value)
    assert said in str(wrong.value)
