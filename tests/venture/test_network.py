"""Risks as a network: enumerated by hand, intervened on, sampled; and registers that are none."""

import sys
from datetime import date
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import MissingError, Problems, ProjectError
from argosy.venture.figures import Figure, Origin
from argosy.venture.risk.network import Network, Node, marginals, network, sample
from argosy.venture.risk.register import Case, Cause, Mitigation, Register, Risk
from argosy.venture.units import unit

FIRST, LAST = date(2027, 1, 1), date(2027, 12, 1)


def figure(name: str, value: str) -> Figure:
    """A probability."""
    origin = Origin(kind="assumed", where="made up")
    return Figure(name=name, value=Decimal(value), unit=unit("share"), origin=origin)


def risk(name: str, probability: str, causes: dict[str, str] | None = None, cases: tuple[Case, ...] = ()) -> Risk:
    """A risk with its causes' strengths."""
    return Risk(
        name=name,
        title=name,
        kind="market",
        owner="founders",
        trigger="a sign",
        probability=figure(f"{name}.probability", probability),
        first=FIRST,
        last=LAST,
        causes=tuple(
            Cause(risk=one, strength=figure(f"{name}.causes.{one}", strength))
            for one, strength in (causes or {}).items()
        ),
        cases=cases,
    )


def case(probability: str, *when: str) -> Case:
    """A line of a table."""
    return Case(when=frozenset(when), probability=figure("case", probability))


CHAIN = Register(
    risks=(
        risk("churn", "0.05", {"outage": "0.5", "rival": "0.3"}),
        risk("rival", "0.2"),
        risk("outage", "0.1", {"leaver": "0.4"}),
        risk("leaver", "0.15"),
        risk("round", "0.1", cases=(case("0.6", "churn"), case("0.3", "leaver"), case("0.8", "churn", "leaver"))),
    )
)


def enumerated(of: Network, fixed: dict[str, bool]) -> dict[str, float]:
    """The marginals by adding up all combinations; those of ``fixed`` are set, whatever their parents."""
    found = dict.fromkeys((node.name for node in of.nodes), 0.0)
    for each in product((False, True), repeat=len(of.nodes)):
        state = dict(zip(found, each, strict=True))
        whole = 1.0
        for node in of.nodes:
            if node.name in fixed:
                whole *= float(state[node.name] == fixed[node.name])
                continue
            line = int("0" + "".join(str(int(state[parent])) for parent in node.parents), 2)
            whole *= node.chances[line] if state[node.name] else 1 - node.chances[line]
        for name, happens in state.items():
            found[name] += whole * happens
    return found


def test_a_noisy_or_and_a_table_by_hand() -> None:
    """1 - 0.95 · 0.5 · 0.7 where both causes happen; the table as it was given."""
    by = {node.name: node for node in network(CHAIN).nodes}
    assert by["churn"].parents == ("outage", "rival")
    assert by["churn"].chances == pytest.approx((0.05, 1 - 0.95 * 0.7, 1 - 0.95 * 0.5, 1 - 0.95 * 0.5 * 0.7))
    assert by["round"].parents == ("churn", "leaver")
    assert by["round"].chances == pytest.approx((0.1, 0.3, 0.6, 0.8))


@pytest.mark.parametrize("done", [{}, {"outage": False}, {"outage": True}, {"churn": False, "leaver": True}])
def test_marginals_are_those_of_all_combinations(done: dict[str, bool]) -> None:
    """As they are, and where risks are made or kept from happening."""
    pytest.importorskip("pgmpy", reason="it reckons the marginals")
    of = network(CHAIN)
    assert marginals(of, done=done) == pytest.approx(enumerated(of, done))


def test_preventing_is_not_seeing() -> None:
    """Seeing no outage makes it likelier that nobody left; preventing outages does not bring anyone back."""
    pytest.importorskip("pgmpy", reason="it reckons the marginals")
    of = network(CHAIN)
    before = marginals(of)
    seen, done = marginals(of, seen={"outage": False}), marginals(of, done={"outage": False})
    outage = 0.15 * (1 - 0.9 * 0.6) + 0.85 * 0.1
    assert before["outage"] == pytest.approx(outage)
    assert done["leaver"] == pytest.approx(0.15)
    assert seen["leaver"] == pytest.approx(0.15 * 0.9 * 0.6 / (1 - outage))
    assert seen["round"] < done["round"] < before["round"]
    assert marginals(of, seen={"churn": True})["rival"] > before["rival"]


def test_a_mitigation_prevents_in_a_share_of_the_cases() -> None:
    """The mixture of do(no) and of nothing done; with nothing left it is pgmpy's do."""
    pytest.importorskip("pgmpy", reason="it reckons the marginals")
    of = network(CHAIN)
    before, never = marginals(of), marginals(of, done={"outage": False})
    assert marginals(of.mitigated({"outage": 0.0})) == pytest.approx(never)
    half = marginals(of.mitigated({"outage": 0.25}))
    assert half == pytest.approx({name: 0.75 * never[name] + 0.25 * before[name] for name in before})


def test_samples_agree_and_are_the_same_for_the_same_seed() -> None:
    """Within four standard errors; preventing one changes no draw in which it did not happen."""
    of = network(CHAIN)
    found = sample(of, 40_000, seed=3)
    for name, wanted in enumerated(of, {}).items():
        error = (wanted * (1 - wanted) / 40_000) ** 0.5
        assert abs(found[name].mean() - wanted) < 4 * error
    again = sample(of, 40_000, seed=3, left={"outage": np.zeros(40_000)})
    assert not again["outage"].any()
    untouched = ~found["outage"]
    assert all((found[name][untouched] == again[name][untouched]).all() for name in found)
    assert (found["churn"] >= again["churn"]).all()


def test_something_seen_that_cannot_be_is_said() -> None:
    """A risk of probability 0 that happened."""
    pytest.importorskip("pgmpy", reason="it reckons the marginals")
    of = Network(nodes=(Node(name="a", parents=(), chances=(0.0,)),))
    with pytest.raises(ProjectError, match="cannot be"):
        marginals(of, seen={"a": True})


@pytest.mark.parametrize(
    ("risks", "said"),
    [
        ((risk("a", "0.1", {"b": "0.5"}), risk("b", "0.1", {"a": "0.5"})), "a → b → a|b → a → b"),
        ((risk("a", "0.1", {"a": "0.5"}),), "a → a"),
        ((risk("a", "0.1", {"storm": "0.5"}),), "'storm', which is not there"),
        ((risk("a", "1.5"),), "from 0 to 1"),
        ((risk("a", "0.1"), risk("b", "0.1", {"a": "-0.1"})), "from 0 to 1"),
        ((risk("a", "0.1"), risk("b", "0.1"), risk("c", "0.1", cases=(case("0.3", "a", "b"),))), "0 probabilities"),
        ((risk("a", "0.1"), risk("b", "0.1", cases=(case("0.3", "a"), case("0.4", "a")))), "2 probabilities"),
        ((risk("a", "0.1"), risk("b", "0.1", {"a": "0.2"}, (case("0.3", "a"),))), "by `causes` or by `given`"),
    ],
)
def test_what_is_no_network_is_refused(risks: tuple[Risk, ...], said: str) -> None:
    """Circles, unknown causes, probabilities that are none, tables with holes."""
    with pytest.raises((ProjectError, Problems), match=said):
        network(Register(risks=risks))


def test_a_mitigation_of_an_unknown_risk_is_refused() -> None:
    """With the known ones."""
    one = Mitigation(name="m", title="m", risk="x", owner="o", leaves=figure("m.leaves", "0"), on=FIRST)
    with pytest.raises((ProjectError, Problems), match="Known: a"):
        network(Register(risks=(risk("a", "0.1"),), mitigations=(one,)))


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """How to install it."""
    monkeypatch.setitem(sys.modules, "pgmpy.models", None)
    with pytest.raises(MissingError, match=r"argosy\[venture\]"):
        marginals(network(CHAIN))


@given(st.lists(st.decimals(0, 1, places=3), min_size=1, max_size=4), st.decimals(0, 1, places=3))
@settings(deadline=None)
def test_more_causes_never_make_a_risk_less_likely(strengths: list[Decimal], alone: Decimal) -> None:
    """A noisy OR rises with each cause that happens, and is a probability."""
    names = [f"c{number}" for number in range(len(strengths))]
    risks = [risk(name, "0.5") for name in names]
    whole = risk("w", str(alone), {name: str(one) for name, one in zip(names, strengths, strict=True)})
    chances = next(node for node in network(Register(risks=(*risks, whole))).nodes if node.name == "w").chances
    assert all(0 <= one <= 1 for one in chances)
    for line in range(len(chances)):
        for bit in range(len(names)):
            assert chances[line | (1 << bit)] >= chances[line] - 1e-12
