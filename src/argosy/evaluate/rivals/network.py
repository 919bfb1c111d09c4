"""A Bayesian network over ranges of the columns: its edges by search, its tables by counting, with pgmpy.

The search climbs from the empty graph by adding, removing and turning edges while the Bayesian information criterion
rises (Koller & Friedman 2009, 18.4.3). An edge says that two columns are associated given the others; which of them is
the cause the rows alone cannot tell: graphs that differ only in the direction of some edges can fit equally well, and
a cause that is no column leaves edges between its effects. The support of an edge is the share of bootstrap samples in
which the search finds it again, in either direction and in this one (Friedman, Goldszmidt & Wyner 1999).
"""

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np

from argosy.core.errors import MissingError, ProjectError
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.tabular import Fitted, Rows, card_of
from argosy.infer.engines.network import Network, Table

RANGES = 4
PARENTS = 3
SAMPLES = 20
WIDEST = 30  # columns; the search takes the square of them
_FEW_VALUES = 5  # up to so many, each is a range of its own
_EQUIVALENT_ROWS = 5.0  # that the uniform prior of a table counts for
_SEARCH_ROWS = 20_000

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """An edge, and the shares of bootstrap samples whose search found it: so directed, and either way (None: given)."""

    parent: str
    child: str
    directed: float | None
    either: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Causes:
    """What the network says: each edge with its support, and whether the edges were given and not searched for."""

    edges: tuple[Support, ...]
    samples: int
    given: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def fit_network(rows: Rows, *, target: str, seed: int, edges: Sequence[Edge] = (), samples: int = SAMPLES) -> Fitted:
    """The network rung over at most WIDEST columns, those that tell most of the label; ``edges`` are taken as given.

    The answers need every column. Raises MissingError without pgmpy, ProjectError for edges that are no graph.
    """
    cuts = {column: cuts_of(rows.numbers[:, place]) for place, column in enumerate(rows.columns)}
    bare = Network(target=target, labels=rows.labels, cuts=cuts, tables=())
    codes = np.column_stack([bare.ranges(rows.numbers), rows.truth.astype(np.int64)])
    names = [*rows.columns, target]
    states = [*(len(inner) + 1 for inner in cuts.values()), len(rows.labels)]
    graph = _given(edges, names)
    used = sorted({*chain.from_iterable(graph), len(names) - 1}) if edges else _telling(codes, states)
    graph = graph or _search(codes, used, seed)
    model = _count(codes, states, used, graph)
    tables = tuple(_table(model, names, node) for node in used)
    network = replace(bare, tables=tables)
    causes = _causes(codes, used, graph, names=names, samples=0 if edges else samples, seed=seed)
    return Fitted(
        card=replace(card_of("network", rows), network=network),
        reference=lambda asked: _eliminate(model, network, asked, len(names) - 1),
        facts={"columns": len(used) - 1, "causes": causes.to_json()},
    )


def cuts_of(values: Floats) -> tuple[float, ...]:
    """The inner bounds of a column's ranges: quarters of the rows, or all its values where they are few.

    A bound lies halfway between two values, so that every range holds rows.

    >>> cuts_of(np.array([0.0, 1.0, 1.0])), cuts_of(np.arange(101.0))
    ((0.5,), (25.5, 50.5, 75.5))
    """
    known = np.unique(values)
    above = np.arange(1, len(known))
    if len(known) > _FEW_VALUES:
        quarters = np.quantile(values, np.arange(1, RANGES) / RANGES)
        above = np.unique(np.searchsorted(known, quarters, side="right"))
        above = above[above < len(known)]
    return tuple(((known[above - 1] + known[above]) / 2).tolist())


def information_criterion(codes: Integers, states: Sequence[int], child: int, parents: Sequence[int]) -> float:
    """The Bayesian information criterion of a column of codes given its parents (Koller & Friedman 2009, 18.3.5).

    Σ n_jk log(n_jk / n_j) - log(n) / 2 · (configurations of the parents) · (states - 1); larger is better.
    """
    configurations = math.prod(states[parent] for parent in parents)
    place = np.zeros(len(codes), dtype=np.int64)
    for node in (*parents, child):
        place = place * states[node] + codes[:, node]
    counts = np.bincount(place, minlength=configurations * states[child]).reshape(configurations, states[child])
    seen = counts > 0
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    fit = float(np.sum(counts[seen] * np.log(shares[seen])))
    return fit - math.log(len(codes)) / 2 * configurations * (states[child] - 1)


def _telling(codes: Integers, states: Sequence[int]) -> list[int]:
    """The target and the columns that tell most of it, by mutual information, in their order."""
    target = codes.shape[1] - 1
    shared = [
        _information(codes[:, column], codes[:, target], states[column], states[target]) for column in range(target)
    ]
    return [*sorted(sorted(range(target), key=lambda column: -shared[column])[:WIDEST]), target]


def _information(one: Integers, other: Integers, states: int, others: int) -> float:
    """Mutual information of two columns of codes, in nats."""
    joint = np.bincount(one * others + other, minlength=states * others).reshape(states, others) / len(one)
    apart = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    seen = joint > 0
    return float(np.sum(joint[seen] * np.log(joint[seen] / apart[seen])))


def _given(edges: Sequence[Edge], names: Sequence[str]) -> list[tuple[int, int]]:
    """The numbers of the edges' ends; raises ProjectError where one is no column, or where they run in a circle."""
    for name in sorted({end for edge in edges for end in edge} - set(names)):
        raise ProjectError(
            "An edge names {name!r}, which is neither a numeric column nor the label.",
            where="[data] edges",
            mend="The names are: {names}.",
            name=name,
            names=", ".join(names),
        )
    try:
        order = TopologicalSorter({child: [] for child in names})
        for parent, child in edges:
            order.add(child, parent)
        order.prepare()
    except CycleError as error:
        raise ProjectError(
            "The edges run in a circle: {circle}.",
            where="[data] edges",
            mend="Take one of them out.",
            circle=" → ".join(reversed(error.args[1])),
        ) from error
    return [(names.index(parent), names.index(child)) for parent, child in edges]


def _search(codes: Integers, used: Sequence[int], seed: int) -> list[tuple[int, int]]:
    """The edges of the graph that the climb ends at, by the numbers of their ends.

    Equal scores are told apart by chance, a millionth for each edge: the order in which the library meets the edges
    changes from process to process, and a direction that the rows leave open shall differ between samples.
    """
    pgmpy = _library()
    sample = codes[np.sort(np.random.default_rng(seed).permutation(len(codes))[:_SEARCH_ROWS])]
    states = (codes.max(axis=0) + 1).tolist()
    nudges = np.random.default_rng(seed).random((codes.shape[1], codes.shape[1])) * 1e-6

    class Criterion(pgmpy.BIC):  # type: ignore[misc, name-defined]
        def _local_score(self, variable: str, parents: tuple[str, ...]) -> float:
            child, others = int(variable), [int(parent) for parent in parents]
            return information_criterion(sample, states, child, others) + float(nudges[child, others].sum())

    frame = _frame(sample[:, used], used).astype("category")
    climb = pgmpy.HillClimbSearch(
        scoring_method=Criterion(frame), max_indegree=PARENTS, return_type="dag", show_progress=False
    )
    return sorted((int(parent), int(child)) for parent, child in climb.fit(frame).causal_graph_.edges())


def _count(codes: Integers, states: Sequence[int], used: Sequence[int], graph: Sequence[tuple[int, int]]) -> Any:
    """The library's model of a graph, its tables counted with a uniform prior (BDeu)."""
    pgmpy = _library()
    model = pgmpy.DiscreteBayesianNetwork([(str(parent), str(child)) for parent, child in graph])
    model.add_nodes_from([str(node) for node in used])
    names = {str(node): list(range(states[node])) for node in used}
    counter = pgmpy.DiscreteBayesianEstimator(state_names=names, equivalent_sample_size=_EQUIVALENT_ROWS)
    model.add_cpds(*counter.fit(model, _frame(codes[:, used], used)).parameters_)
    return model


def _table(model: Any, names: Sequence[str], node: int) -> Table:
    found = model.get_cpds(str(node))
    parents = tuple(names[int(parent)] for parent in found.variables[1:])
    return Table(node=names[node], parents=parents, shares=np.moveaxis(np.asarray(found.values), 0, -1))


def _eliminate(model: Any, network: Network, asked: Rows, target: int) -> Floats:
    """P(label | columns) [rows, labels] by the library's variable elimination, row by row."""
    engine = _library().VariableElimination(model)
    known = [int(node) for node in model.nodes() if int(node) != target]
    shares = []
    for row in network.ranges(asked.numbers):
        evidence = {str(node): int(row[node]) for node in known}
        shares.append(engine.query([str(target)], evidence=evidence, show_progress=False).values)
    return np.array(shares)


def _causes(
    codes: Integers,
    used: Sequence[int],
    graph: Sequence[tuple[int, int]],
    *,
    names: Sequence[str],
    samples: int,
    seed: int,
) -> Causes:
    """The edges with their support in bootstrap samples of the rows."""
    rng = np.random.default_rng(seed)
    found: Counter[tuple[int, int]] = Counter()
    for number in range(samples):
        found.update(_search(codes[rng.integers(0, len(codes), len(codes))], used, seed + 1 + number))
    edges = [
        Support(
            parent=names[parent],
            child=names[child],
            directed=found[parent, child] / samples if samples else None,
            either=(found[parent, child] + found[child, parent]) / samples if samples else None,
        )
        for parent, child in graph
    ]
    return Causes(edges=tuple(edges), samples=samples, given=not samples)


def _frame(codes: Integers, used: Sequence[int]) -> Any:
    """The codes as the table that the library reads, its columns named by their numbers."""
    import pandas as pd

    return pd.DataFrame(codes, columns=[str(node) for node in used])


def _library() -> SimpleNamespace:
    """What is used of pgmpy; raises MissingError where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library's parts warn of each other
            from pgmpy.causal_discovery import HillClimbSearch
            from pgmpy.inference import VariableElimination
            from pgmpy.models import DiscreteBayesianNetwork
            from pgmpy.parameter_estimator import DiscreteBayesianEstimator
            from pgmpy.structure_score import BIC
    except ImportError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[tabular]'", name=error.name
        ) from error
    return SimpleNamespace(
        BIC=BIC,
        HillClimbSearch=HillClimbSearch,
        DiscreteBayesianNetwork=DiscreteBayesianNetwork,
        DiscreteBayesianEstimator=DiscreteBayesianEstimator,
        VariableElimination=VariableElimination,
    )
