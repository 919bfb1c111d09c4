"""Risks as a Bayesian network: who brings about whom, how likely each is, and what changes when one is prevented.

Exact answers are pgmpy's (variable elimination; Pearl's do-operator as surgery on the graph); samples are drawn here,
with the same random numbers for each mitigation, so that two courses differ only by what the mitigation prevents.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import product
from types import SimpleNamespace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import MissingError, ProjectError, raise_all
from argosy.venture.figures import Figure
from argosy.venture.graph.reckon import Samples
from argosy.venture.risk.register import Register, Risk

Happened = NDArray[np.bool_]
_WHERE = "[[risk]]"
_MOST = 12  # causes of one risk: their table has 4,096 lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A risk, and its probability for each combination of its parents.

    ``chances`` [2 ** parents]: in the first none of them happens, in the second the last one alone, in the last all.
    """

    name: str
    parents: tuple[str, ...]
    chances: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Risks, each behind its parents."""

    nodes: tuple[Node, ...]

    def mitigated(self, left: Mapping[str, float]) -> "Network":
        """The network where of each risk of ``left`` only this share of its cases is left, whatever its causes.

        An intervention: with probability 1 − left the risk is kept from happening, do(risk = no), else all is as it
        was (Pearl 2009, "Causality", sections 3.2.3 and 4.2: policies that act now and then). Its parents are as likely
        as before, which they would not be if one merely saw that it did not happen.
        """
        return Network(
            nodes=tuple(
                replace(one, chances=tuple(left.get(one.name, 1.0) * chance for chance in one.chances))
                for one in self.nodes
            )
        )


def network(register: Register) -> Network:
    """The risks of a register as a network.

    Raises ProjectError, or Problems, for unknown causes, circles, missing cases and probabilities that are none.
    """
    known = {one.name: one for one in register.risks}
    problems = [problem for one in register.risks for problem in _problems(one, known)]
    problems += [
        _unknown(one.name, one.risk, known, "[[mitigation]]") for one in register.mitigations if one.risk not in known
    ]
    problems += [_no_chance(one.leaves) for one in register.mitigations if not 0 <= one.leaves.base <= 1]
    raise_all(problems)
    parents = {one.name: _parents(one) for one in register.risks}
    try:
        order = list(TopologicalSorter(parents).static_order())
    except CycleError as error:
        raise ProjectError(
            "These risks bring about each other: {names}.",
            where=_WHERE,
            mend="Leave out the weakest of these causes.",
            names=" → ".join(error.args[1]),
        ) from error
    return Network(nodes=tuple(Node(name=name, parents=parents[name], chances=_chances(known[name])) for name in order))


def marginals(
    of: Network, *, seen: Mapping[str, bool] | None = None, done: Mapping[str, bool] | None = None
) -> dict[str, float]:
    """The probability of each risk, exactly, by pgmpy.

    ``seen`` are risks of which it is known whether they happened: their causes become more or less likely, too.
    ``done`` are risks that are made or kept from happening (the do-operator): only what they bring about changes.
    Raises ProjectError for something seen that cannot be, MissingError without pgmpy.
    """
    seen, done = seen or {}, done or {}
    library = _pgmpy()
    model = _model(library, of, done)
    known = {name: int(value) for name, value in seen.items()}
    found = {name: float(value) for name, value in known.items()}
    solver = library.VariableElimination(model)
    if known and not float(solver.query(list(known), show_progress=False).get_value(**known)) > 0:
        raise ProjectError("What was seen of the risks cannot be: {names}.", names=", ".join(known))
    for node in of.nodes:
        if node.name not in found:
            answer = solver.query([node.name], evidence=known or None, show_progress=False)
            found[node.name] = float(answer.values[1])
    return {node.name: found[node.name] for node in of.nodes}


def sample(of: Network, draws: int, *, seed: int, left: Mapping[str, Samples] | None = None) -> dict[str, Happened]:
    """Which risks happen together; bool [draws] for each.

    ``left`` has for a risk the share of its cases that a mitigation leaves, by draw. A risk's random numbers come from
    the seed and its name: a mitigation, or another risk, changes none of them (common random numbers).
    """
    found: dict[str, Happened] = {}
    for node in of.nodes:
        combination = np.zeros(draws, dtype=np.int64)
        for parent in node.parents:
            combination = 2 * combination + found[parent]
        chance = np.asarray(node.chances)[combination]
        if left is not None and node.name in left:
            chance = chance * left[node.name]
        found[node.name] = np.random.default_rng([seed, crc32(node.name.encode())]).random(draws) < chance
    return found


def _parents(risk: Risk) -> tuple[str, ...]:
    if risk.cases:
        return tuple(sorted(set().union(*(one.when for one in risk.cases))))
    return tuple(one.risk for one in risk.causes)


def _chances(risk: Risk) -> tuple[float, ...]:
    """The noisy OR of its causes (Pearl 1988; with a leak: Henrion 1989), or the table that is given."""
    alone = float(risk.probability.base)
    if risk.cases:
        table = {frozenset[str](): alone, **{one.when: float(one.probability.base) for one in risk.cases}}
        return tuple(table[one] for one in _combinations(_parents(risk)))
    strengths = {one.risk: float(one.strength.base) for one in risk.causes}
    found = []
    for happening in _combinations(_parents(risk)):
        none = 1 - alone
        for name in happening:
            none *= 1 - strengths[name]
        found.append(1 - none)
    return tuple(found)


def _combinations(parents: Sequence[str]) -> list[frozenset[str]]:
    """Which of the parents happen, in the order of a node's ``chances``."""
    return [
        frozenset(name for name, happens in zip(parents, each, strict=True) if happens)
        for each in product((False, True), repeat=len(parents))
    ]


def _problems(risk: Risk, known: Mapping[str, Risk]) -> list[ProjectError]:
    parents = _parents(risk)
    figures = [risk.probability, *(one.strength for one in risk.causes), *(one.probability for one in risk.cases)]
    found = [_no_chance(one) for one in figures if not 0 <= one.base <= 1]
    found += [_unknown(risk.name, name, known, _WHERE) for name in parents if name not in known]
    if len(parents) > _MOST or len(set(parents)) < len(parents) or (risk.causes and risk.cases):
        found.append(
            ProjectError(
                "The causes of {name!r}: expected at most {most}, each once, by `causes` or by `given`.",
                where=_WHERE,
                name=risk.name,
                most=_MOST,
            )
        )
    elif risk.cases:
        there = [one.when for one in risk.cases]
        missing = [one for one in _combinations(parents) if one and there.count(one) != 1]
        found += [
            ProjectError(
                "The risk {name!r} has {count} probabilities for: {when}.",
                where=_WHERE,
                mend="Give one `given` for each combination of its causes.",
                name=risk.name,
                count=there.count(one),
                when=", ".join(sorted(one)),
            )
            for one in missing[:3]
        ]
    return found


def _no_chance(figure: Figure) -> ProjectError:
    return ProjectError(
        "{name!r} is {value} {unit}: expected a probability from 0 to 1.",
        where=_WHERE,
        name=figure.name,
        value=str(figure.value),
        unit=figure.unit.text,
    )


def _unknown(name: str, cause: str, known: Mapping[str, Risk], where: str) -> ProjectError:
    return ProjectError(
        "{name!r} names the risk {cause!r}, which is not there.",
        where=where,
        mend="Known: {known}.",
        name=name,
        cause=cause,
        known=", ".join(known) or "-",
    )


def _model(library: SimpleNamespace, of: Network, done: Mapping[str, bool]) -> object:
    """The network as pgmpy's, with those of ``done`` cut off from their parents and set."""
    model = library.DiscreteBayesianNetwork()
    model.add_nodes_from([node.name for node in of.nodes])
    model.add_edges_from([(parent, node.name) for node in of.nodes for parent in node.parents])
    for node in of.nodes:
        table = [[1 - chance for chance in node.chances], list(node.chances)]
        model.add_cpds(library.TabularCPD(node.name, 2, table, list(node.parents), [2] * len(node.parents)))
    if done:
        model = model.do(list(done))
        for name, value in done.items():
            model.add_cpds(library.TabularCPD(name, 2, [[1 - int(value)], [int(value)]]))
    model.check_model()
    return model


def _pgmpy() -> SimpleNamespace:
    """What is used of pgmpy; raises MissingError where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # its modules import each other by old names
            from pgmpy.factors.discrete import TabularCPD
            from pgmpy.inference import VariableElimination
            from pgmpy.models import DiscreteBayesianNetwork
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[venture]'", name="pgmpy"
        ) from error
    return SimpleNamespace(
        TabularCPD=TabularCPD,
        VariableElimination=VariableElimination,
        DiscreteBayesianNetwork=DiscreteBayesianNetwork,
    )
