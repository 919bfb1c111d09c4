"""The rungs over columns: they learn what is there, answer the same from their files, and find planted edges."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from argosy.core.errors import ProjectError
from argosy.evaluate.rivals.network import cuts_of, fit_network, information_criterion
from argosy.evaluate.rivals.tabular import Fitted, Rows, fit_constant, fit_feedforward, fit_linear
from argosy.infer.engines.tabular import TabularModel

pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")

TEXTS = ("物流很快，包装也好", "broke after a day", "质量太差", "fast delivery, very good")


def bent(count: int, *, labels: tuple[str, ...] = (), seed: int = 0) -> Rows:
    """A target that bends with the first of three columns of very different sizes, in which a line sees nothing."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(0, 1, (count, 3)) * [1, 1e6, 1e-6] + [0, 1e9, 0]
    target = numbers[:, 0] ** 2 * 100 + 5_000
    truth = np.searchsorted(np.quantile(target, [1 / len(labels)]), target).astype(float) if labels else target
    return Rows(columns=("a", "b", "c"), numbers=numbers, truth=truth, labels=labels)


def straight(count: int, seed: int = 0) -> Rows:
    """A target that is a line of two columns and a word, with a little noise."""
    rng = np.random.default_rng(seed)
    numbers = rng.normal(50, 20, (count, 2))
    which = rng.integers(0, len(TEXTS), count)
    truth = 3 * numbers[:, 0] - numbers[:, 1] + 100 * (which % 2) + rng.normal(0, 1, count)
    return Rows(columns=("a", "b"), numbers=numbers, texts=tuple(TEXTS[one] for one in which), truth=truth)


def served(fitted: Fitted, folder: Path, rows: Rows) -> np.ndarray:
    """What the exported rung answers."""
    fitted.export(folder / "rung.json")
    return TabularModel(folder / "rung.json", threads=1).answers(rows.numbers, rows.texts)


def error(answers: np.ndarray, rows: Rows) -> float:
    """The mean absolute error."""
    return float(np.abs(answers[:, 0] - rows.truth).mean())


def test_a_number_is_predicted_from_columns_and_text(tmp_path: Path) -> None:
    """Ridge regression reads both; the mean is what it must beat."""
    train, test = straight(300), straight(100, seed=1)
    ridge = served(fit_linear(train, seed=7, text_steps=("space",)), tmp_path, test)
    assert error(ridge, test) < 3 < error(served(fit_constant(train), tmp_path, test), test)
    blind = replace(train, texts=())
    assert error(served(fit_linear(blind, seed=7), tmp_path, replace(test, texts=())), test) > 20


def test_the_net_bends_where_the_line_cannot(tmp_path: Path) -> None:
    """A square is learnt by the feed-forward net alone, whatever the sizes of the columns beside it."""
    train, test = bent(600), bent(200, seed=1)
    ridge, net = (served(fit(train, seed=7), tmp_path, test) for fit in (fit_linear, fit_feedforward))
    assert error(net, test) < error(ridge, test) / 2


@pytest.mark.parametrize("labels", [(), ("no", "yes"), ("a", "b", "c")])
@pytest.mark.parametrize("fit", [fit_linear, fit_feedforward])
def test_the_export_answers_as_the_fit(tmp_path: Path, fit: object, labels: tuple[str, ...]) -> None:
    """Two labels, three, and numbers; columns around a thousand million too; alone as among others."""
    rows = bent(80, labels=labels)
    if len(labels) == 3:
        rows = replace(rows, truth=np.arange(80.0) % 3)
    fitted = fit(rows, seed=7)  # type: ignore[operator]
    found = served(fitted, tmp_path, rows)
    unit = 1.0 if labels else rows.truth.std()
    np.testing.assert_allclose(found / unit, fitted.reference(rows) / unit, atol=1e-5)
    model = TabularModel(tmp_path / "rung.json")
    np.testing.assert_allclose(model.answers(rows.numbers[5:6]) / unit, found[5:6] / unit, atol=1e-6)


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    """Rungs are told apart by their rows and seed alone."""
    rows = bent(300, labels=("no", "yes"))
    for fit in (fit_linear, fit_feedforward):
        first, second = (served(fit(rows, seed=7), tmp_path, rows) for _ in range(2))
        np.testing.assert_array_equal(first, second)


def chained(count: int) -> Rows:
    """weather → label → clothes, with a column that has to do with nothing."""
    rng = np.random.default_rng(0)
    weather = rng.normal(0, 1, count)
    label = (weather + rng.normal(0, 0.4, count) > 0).astype(float)
    clothes = label * 3 + rng.normal(0, 1, count)
    numbers = np.column_stack([weather, clothes, rng.normal(0, 1, count)])
    return Rows(columns=("weather", "clothes", "noise"), numbers=numbers, truth=label, labels=("cold", "warm"))


def test_planted_edges_are_found_with_their_support(tmp_path: Path) -> None:
    """The search joins what was joined, leaves the noise alone, and answers as the library's own elimination."""
    rows = chained(500)
    fitted = fit_network(rows, target="temperature", seed=7, samples=10)
    causes = fitted.facts["causes"]
    joined = {frozenset((edge["parent"], edge["child"])): edge for edge in causes["edges"]}
    assert {frozenset(("weather", "temperature")), frozenset(("temperature", "clothes"))} <= set(joined)
    assert not any("noise" in pair for pair in joined)
    assert all(0 <= edge["directed"] <= edge["either"] <= 1 for edge in causes["edges"])
    assert joined[frozenset(("weather", "temperature"))]["either"] == 1
    np.testing.assert_allclose(served(fitted, tmp_path, rows.first(50)), fitted.reference(rows.first(50)), atol=1e-12)


def test_a_direction_that_the_rows_leave_open_is_not_called_certain() -> None:
    """Of two joined columns either may be the cause: over the samples both directions are found."""
    edges = fit_network(chained(500), target="temperature", seed=7, samples=20).facts["causes"]["edges"]
    assert min(edge["directed"] for edge in edges) < 0.9


def test_given_edges_are_taken_as_given() -> None:
    """No search, no support; and a circle or an unknown name is told."""
    rows = chained(100)
    edges = [("weather", "temperature"), ("temperature", "clothes")]
    causes = fit_network(rows, target="temperature", seed=7, edges=edges).facts["causes"]
    assert [(edge["parent"], edge["child"], edge["either"]) for edge in causes["edges"]] == [(*e, None) for e in edges]
    assert causes["given"]
    with pytest.raises(ProjectError, match="circle"):
        fit_network(rows, target="temperature", seed=7, edges=[*edges, ("clothes", "weather")])
    with pytest.raises(ProjectError, match="'wether'"):
        fit_network(rows, target="temperature", seed=7, edges=[("wether", "temperature")])


def test_the_criterion_is_the_librarys() -> None:
    """Our faster count of the Bayesian information criterion gives pgmpy's figures."""
    pandas, score = pytest.importorskip("pandas"), pytest.importorskip("pgmpy.structure_score")
    codes = np.random.default_rng(0).integers(0, 3, (200, 4))
    theirs = score.BIC(pandas.DataFrame(codes, columns=list("abcd")).astype("category"))
    for parents in ([], [1], [1, 3], [1, 2, 3]):
        ours = information_criterion(codes, [3] * 4, 0, parents)
        assert ours == pytest.approx(theirs.local_score("a", tuple("abcd"[one] for one in parents)))


def test_ranges_of_few_and_of_many_values() -> None:
    """Every range holds rows, ties included."""
    assert cuts_of(np.array([0.0, 1.0, 1.0])) == (0.5,)
    assert cuts_of(np.zeros(9)) == ()
    mostly_zero = np.concatenate([np.zeros(90), np.arange(1, 11.0)])
    assert np.bincount(np.searchsorted(cuts_of(mostly_zero), mostly_zero, side="right")).tolist() == [90, 10]
    assert len(cuts_of(np.arange(100.0))) == 3
