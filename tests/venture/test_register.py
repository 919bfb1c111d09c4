"""A register of risks: what is overdue, what a course changes, what risks take and mitigations bring."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from argosy.config.venture.file import read
from argosy.config.venture.risk import register
from argosy.core.errors import Problems, ProjectError
from argosy.project.venturing.funding import money
from argosy.project.venturing.planning import model, whole
from argosy.venture.graph.model import Model
from argosy.venture.graph.reckon import sampled
from argosy.venture.risk.course import Course, changes, course, hold, left
from argosy.venture.risk.network import network
from argosy.venture.risk.register import Register, overdue, ownerless, rated

SOURCE = {"sourced": "made up", "date": date(2026, 11, 1)}


def share(value: float) -> dict[str, object]:
    """A probability."""
    return {"value": value, "unit": "share", **SOURCE}


def cash(value: int) -> dict[str, object]:
    """An amount."""
    return {"value": value, "unit": "CNY", **SOURCE}


def table(name: str, probability: float, **more: object) -> dict[str, object]:
    """A risk of the file."""
    return {
        "name": name,
        "kind": "market",
        "owner": "founders",
        "trigger": "a sign",
        "probability": share(probability),
        "months": ["2027-03", "2027-03"],
        **more,
    }


def against(name: str, risk: str, leaves: float, **more: object) -> dict[str, object]:
    """A mitigation of the file."""
    return {"name": name, "risk": risk, "owner": "founders", "leaves": share(leaves), "on": "2027-01", **more}


def written(risks: list[dict[str, object]], mitigations: list[dict[str, object]]) -> tuple[Register, Model]:
    """A plan of six months, ten customers who pay 100 a month, half of whom leave each month, and its risks."""
    venture = read(
        {
            "venture": {"name": "x", "start": "2027-01", "months": 6},
            "opening": cash(1000),
            "worth": {"discount": {"value": 1e-9, "unit": "percent/year", **SOURCE}},
            "segment": [
                {
                    "name": "shops",
                    "customers": {"value": 10, "unit": "customers", **SOURCE},
                    "churn": {"value": 50, "unit": "percent/month", **SOURCE},
                    "new": {"value": 5, "unit": "customers/month", **SOURCE},
                }
            ],
            "subscription": [
                {
                    "name": "desk",
                    "segment": "shops",
                    "price": {"value": 100, "unit": "CNY/customer/month", **SOURCE},
                }
            ],
            "risk": risks,
            "mitigation": mitigations,
        }
    )
    plan = model(venture, whole(venture, money(venture)))
    return register(venture.risk, venture.mitigation), plan


def happening(register: Register, plan: Model) -> dict[str, np.ndarray]:
    """The customers and the revenue if all risks happen in their first month."""
    found = course(network(register), register, plan.periods, 1, seed=1)
    sure = Course(happened={name: np.array([True]) for name in found.happened}, when=found.when)
    lines = ("shops.count", "revenue", "free_cash_flow", "cash", "balance_check")
    return {name: one[:, 0] for name, one in sampled(plan, {}, lines, changes(plan, register, sure)).items()}


def test_what_is_overdue_and_whose_owner_is_missing() -> None:
    """Mitigations that are not done by their day, and reviews whose day is over; what is done is never overdue."""
    register, _ = written(
        [table("rival", 0.1, review="2027-02"), table("law", 0.1, review="2027-06")],
        [against("a", "rival", 0.5), against("b", "rival", 0.5, done=True), against("c", "law", 0.5, on="2027-05")],
    )
    found = overdue(register, date(2027, 3, 15))
    assert [(one.name, one.what, one.day.month) for one in found] == [("a", "mitigation", 1), ("rival", "review", 2)]
    assert ownerless(register, ["founders"]) == []
    assert ownerless(register, ["sales"]) == ["rival", "law", "a", "b", "c"]


def test_risks_are_sorted_by_what_they_cost_on_average() -> None:
    """0.1 · 900 before 0.5 · 100; those without a cost by their probability."""
    register, _ = written(
        [table("often", 0.5, cost=cash(100)), table("free", 0.9), table("dear", 0.1, cost=cash(900))], []
    )
    found = rated(register, {"often": 0.5, "free": 0.9, "dear": 0.1})
    assert [(one.risk.name, one.loss) for one in found] == [
        ("dear", Decimal("90.0")),
        ("often", Decimal("50.0")),
        ("free", Decimal(0)),
    ]


def test_a_shock_begins_in_its_month_and_ends() -> None:
    """Nobody leaves for two months from March on; then half of the customers do again."""
    register, plan = written([table("calm", 0.1, shock={"shops.churn": 0}, lasts=2)], [])
    assert happening(register, plan)["shops.count"].tolist() == [15, 12.5, 17.5, 22.5, 16.25, 13.125]


def test_a_line_goes_on_as_before_after_a_shock() -> None:
    """New customers are counted on from the number that they would have had; a price falls for those months alone."""
    register, plan = written([table("rival", 0.1, shock={"shops.coming": "x0", "desk.rate": "-40"}, lasts=1)], [])
    found = happening(register, plan)
    assert found["shops.count"].tolist() == [15, 12.5, 6.25, 8.125, 9.0625, 9.53125]
    assert (found["revenue"] / found["shops.count"]).tolist() == [100, 100, 60, 100, 100, 100]
    assert not found["balance_check"].any()


def test_a_cost_is_paid_in_its_month_and_cash_follows() -> None:
    """The balance sheet still balances."""
    register, plan = written([table("law", 0.1, cost=cash(300))], [])
    calm = sampled(plan, {}, ("free_cash_flow", "cash"))
    found = happening(register, plan)
    assert (found["free_cash_flow"] - calm["free_cash_flow"][:, 0]).tolist() == [0, 0, -300, 0, 0, 0]
    assert (found["cash"] - calm["cash"][:, 0]).tolist() == [0, 0, -300, -300, -300, -300]
    assert not found["balance_check"].any()


def test_shocks_on_one_name_follow_each_other() -> None:
    """Twice the churn, and then a tenth less of it: 2 · 0.5 - 0.1 of the customers leave."""
    register, plan = written(
        [table("a", 0.1, shock={"shops.churn": "x1.2"}), table("b", 0.1, shock={"shops.churn": "-10"})], []
    )
    assert happening(register, plan)["shops.count"][2] == pytest.approx(12.5 * 0.5 + 5)


def test_an_effect_is_not_before_its_cause() -> None:
    """Its month is drawn from its own months, and moved behind that of a cause that happened."""
    register, plan = written(
        [
            table("leaver", 0.5, months=["2027-01", "2027-06"]),
            table("outage", 0.1, months=["2027-01", "2027-06"], causes={"leaver": share(0.9)}),
        ],
        [],
    )
    found = course(network(register), register, plan.periods, 500, seed=1)
    both = found.happened["leaver"] & found.happened["outage"]
    assert both.sum() > 100
    assert (found.when["outage"] >= found.when["leaver"])[both].all()
    assert (found.when["outage"] < found.when["leaver"])[~found.happened["leaver"]].any()


def test_a_mitigation_that_comes_late_prevents_what_is_left() -> None:
    """In force in the last two of six months: a third of the cases, all of which it prevents."""
    register, plan = written(
        [table("outage", 1, months=["2027-01", "2027-06"])], [against("m", "outage", 0, on="2027-05")]
    )
    assert left(register, plan.periods, register.mitigations) == {"outage": pytest.approx(2 / 3)}
    found = course(network(register), register, plan.periods, 900, seed=1, mitigations=register.mitigations)
    assert (found.happened["outage"] == (found.when["outage"] < 4)).all()


@pytest.mark.parametrize(
    ("risk", "said"),
    [
        ({"shock": {"shops.mood": "x2"}}, "'shops.mood': expected a figure"),
        ({"shock": {"cash": "x0"}}, "a line that is no stock"),
        ({"shock": {"shops.new": "x0"}}, "changes nothing from its first month on"),
        ({"shock": {"worth.discount": "x2"}}, "changes nothing"),
        ({"months": ["2027-03", "2030-01"]}, "outside of the plan"),
        ({"months": ["2027-03", "2027-02"]}, "end before they begin"),
        ({"cost": {"value": 1, "unit": "USD", **SOURCE}}, "expected CNY"),
    ],
)
def test_a_register_that_does_not_fit_its_plan_is_refused(risk: dict[str, object], said: str) -> None:
    """Each problem in words."""
    register, plan = written([table("a", 0.1, **risk)], [])
    with pytest.raises((ProjectError, Problems), match=said):
        hold(plan, register)


def test_a_mitigation_has_to_lie_in_the_plan() -> None:
    """As everything that is paid."""
    register, plan = written([table("a", 0.1)], [against("m", "a", 0, on="2031-01")])
    with pytest.raises((ProjectError, Problems), match="outside of the plan"):
        hold(plan, register)


@pytest.mark.parametrize("move", ["x", "1.5x", "*2", "x-1", "later"])
def test_a_shock_is_written_in_one_of_four_forms(move: str) -> None:
    """Anything else is an error of the file."""
    with pytest.raises((ProjectError, Problems), match="shock"):
        written([table("a", 0.1, shock={"shops.churn": move})], [])


def test_forms_of_a_shock() -> None:
    """Multiplied, more, less, a value instead; a dotted name stands as it is or in quotes."""
    register, _ = written(
        [table("a", 0.1, shock={"a": "x1.5", "b": "+10", "c": "-0.5", "d": 3, "shops": {"churn": 0.5}})], []
    )
    found = {one.name: (str(one.times), str(one.plus)) for one in register.risks[0].shocks}
    assert found.pop("shops.churn") == ("0", "0.5")
    assert found == {"a": ("1.5", "0"), "b": ("1", "10"), "c": ("1", "-0.5"), "d": ("0", "3")}
