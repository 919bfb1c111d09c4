"""The conformance suite: what is built in keeps to it, what breaks it is told, and the command line says both."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from extending import MODULE, closing, write_module

from argosy.core.errors import DataError
from argosy.core.extension import KINDS
from argosy.data.files.sources import Source
from argosy.evaluate.metrics import Form, Metric, mean
from argosy.evaluate.tasks.measure import Task
from argosy.products.columns import PRODUCT as COLUMNS
from argosy.products.product import Route
from argosy.project.conformance import products
from argosy.project.extensions import BUILT_IN, CHECKS, ask
from argosy.ui.cli import main

FRAME = pl.DataFrame({"text": ["好", "bad"], "label": ["a", "b"]})
QUICK = [(kind, name) for kind in KINDS if kind != "compressors" for name in BUILT_IN.of(kind)]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    with closing():
        yield


def packed(end: str, folder: Path) -> bytes:
    """A sample of a form that is no text."""
    file = folder / f"sample{end}"
    (FRAME.write_parquet if end == ".parquet" else FRAME.write_excel)(file)
    return file.read_bytes()


@pytest.mark.parametrize(("kind", "name"), QUICK)
def test_what_is_built_in_keeps_to_what_is_asked(kind: str, name: str, tmp_path: Path) -> None:
    """Through the same suite as what others bring."""
    needed = {"redact": "phonenumbers", "simplified": "opencc", ".xlsx": "fastexcel", "support": "lxml"}
    if name in needed:
        pytest.importorskip(needed[name])
    value = BUILT_IN.of(kind)[name]
    if name in {".parquet", ".xlsx"}:
        value = Source(table=value.table, first=value.first, rows=value.rows, sample=packed(name, tmp_path))
    assert [problem.render() for problem in ask(kind, name, value, CHECKS[kind]).problems] == []


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("name", BUILT_IN.compressors)
def test_built_in_compressors_keep_to_what_is_asked(name: str) -> None:
    """Each of the models that they propose is made, opens without torch and knows the labels."""
    pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    checked = ask("compressors", name, BUILT_IN.compressors[name], CHECKS["compressors"])
    assert [problem.render() for problem in checked.problems] == []


@pytest.mark.slow
def test_a_built_in_product_builds_from_its_sample() -> None:
    """The one that takes seconds; the others are built by the tests of products."""
    pytest.importorskip("skl2onnx")
    checked = ask("products", "columns", BUILT_IN.products["columns"], products.BUILDS)
    assert [problem.render() for problem in checked.problems] == []


class Counting:
    """A step that remembers."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, text: str) -> str:
        """Another text each time."""
        self.calls += 1
        return f"{text}{self.calls}" if text else ""


def pairs(raw: bytes, columns: Any, name: str) -> pl.DataFrame:
    """Two columns, or an error that does not say where."""
    if b"|" not in raw:
        raise DataError("There is no bar.")
    return FRAME


def source(table: Callable[..., pl.DataFrame], sample: bytes = b"a|b\n") -> Source:
    """With a sample."""
    return Source(table=table, sample=sample)


def of_labels(value: Callable[[np.ndarray, np.ndarray], np.ndarray], **more: Any) -> Metric:
    """A metric with one value a row."""
    return Metric(task="classify", of=lambda truth, scores: mean(value(truth, scores)), **more)


def divided(truth: np.ndarray, said: np.ndarray) -> Any:
    """It fails where no answer is wrong."""
    return mean(np.full(len(truth), 1 // int((truth != said).any())))


def noise(truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Chance decides."""
    return np.random.default_rng().random(len(truth)).round() * (truth == scores.argmax(axis=1))


BROKEN: list[tuple[str, str, Any, str]] = [
    ("steps", "a b", str, "not made of letters"),
    ("steps", "length", len, "makes 0 of ''"),
    ("steps", "encoded", lambda text: text.encode("ascii").decode(), "fails on"),
    ("steps", "longer", lambda text: text and f"{text}.", "changes what it made itself"),
    ("steps", "counting", Counting(), "the next time"),
    ("sources", "log", source(pairs), "not the end of a file's name"),
    ("sources", ".log", source(pairs, b""), "has no sample"),
    ("sources", ".log", source(lambda *_: FRAME.head(0)), "as 0 rows"),
    ("sources", ".log", source(lambda *_: pl.DataFrame({"a": [1]})), "Int64"),
    ("sources", ".log", source(pairs), "not in which"),
    ("sources", ".log", source(lambda raw, *_: FRAME.head(len(raw.decode()))), "UnicodeDecodeError"),
    ("products", "p", replace(COLUMNS, sources=()), "a template and a source at least"),
    ("products", "p", replace(COLUMNS, template=Path("/nowhere.toml")), "should be /nowhere.toml"),
    ("products", "p", replace(COLUMNS, routes=lambda project: project.nothing), "product of the product|'columns'"),
    ("products", "columns", replace(COLUMNS, routes=lambda project: project.nothing), "AttributeError"),
    ("products", "columns", replace(COLUMNS, routes=lambda _: (Route(path="/v1/x", ask="input"),)), "is asked with"),
    ("products", "columns", replace(COLUMNS, sources=(replace(COLUMNS.sources[0], columns=("a",)),)), "'a'"),
    ("metrics", "m", Metric(task="none", of=lambda *_: 0), "is for the task 'none'"),
    ("metrics", "m", Metric(task="classify", of=lambda *_: 0.5), "gives float on ordinary units"),
    ("metrics", "m", of_labels(lambda t, s: t == s.argmax(axis=1), lower=True), "no share in which more is better"),
    ("metrics", "m", of_labels(lambda t, s: s[np.arange(len(t)), t] / 2), "another when only labels are known"),
    ("metrics", "m", of_labels(lambda t, s: t != s.argmax(axis=1)), "Turn its sign"),
    ("metrics", "m", Metric(task="regress", of=divided), "fails on 'check_metric': ZeroDivisionError"),
    ("metrics", "m", Metric(task="regress", of=lambda *_: 1 / 0), "ZeroDivisionError"),
    ("metrics", "mae", Metric(task="regress", of=lambda t, s: mean(np.abs(t - s))), "has a metric 'mae' already"),
    ("metrics", "m", of_labels(noise), "another the second time|another when only labels"),
    (
        "metrics",
        "m",
        Metric(task="regress", of=lambda t, s: mean(np.arange(len(t)) * np.abs(t - s), Form.POSITIVE), lower=True),
        "in another order",
    ),
    ("tasks", "t", Task(name="t", units="rows", metrics=lambda *_: {}), "whose columns of answers"),
    ("tasks", "t", Task(name="t", units="rows", metrics=lambda *_: {}, like="regress"), "has the metrics -"),
    ("tasks", "t", Task(name="t", units="rows", metrics=lambda *_: {}[0], like="regress"), "KeyError"),
]


@pytest.mark.parametrize(("kind", "name", "value", "words"), BROKEN)
def test_what_breaks_a_rule_is_told(kind: str, name: str, value: Any, words: str) -> None:
    """In words that say what to mend."""
    problems = ask(kind, name, value, CHECKS[kind]).problems
    assert problems
    text = problems[0].render()
    assert any(word in text for word in words.split("|")), text
    assert problems[0].mend


def test_narrow_intervals_are_told() -> None:
    """A metric that counts every row as sixteen claims more than its rows show."""

    def doubled(truth: np.ndarray, said: np.ndarray) -> Any:
        errors = np.abs(truth - said)
        return mean(np.full(len(errors), errors.mean()) + 1e-6 * (errors - errors.mean()), Form.POSITIVE)

    checked = ask("metrics", "narrow", Metric(task="regress", of=doubled, lower=True), CHECKS["metrics"])
    assert "holds the true figure in" in checked.problems[0].render()


def test_the_command_line_lists_names_with_their_owners(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a project's folder: what is built in, and what its file names."""
    module = write_module(tmp_path)
    (tmp_path / "argosy.toml").write_text(
        f'name = "a"\ntask = "regress"\nextensions = ["{module}"]\n[data]\npath = "a.csv"\nnumeric = ["x"]\n',
        encoding="utf-8",
    )
    main(["extension", "list", str(tmp_path), "--json"])
    given = json.loads(capsys.readouterr().out)["given"]
    assert {"kind": "steps", "name": "nfc", "owner": "argosy"} in given
    assert {"kind": "metrics", "name": "kept", "owner": module} in given
    main(["extension", "list", str(tmp_path)])
    assert f"{module}\n" in capsys.readouterr().out


def test_the_extension_that_the_page_shows_keeps_to_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    """The file as it stands, checked by the command that the page tells to type."""
    assert main(["extension", "check", "our_things", str(Path(__file__).parents[2] / "examples" / "extension")]) == 0
    assert capsys.readouterr().out.count("checks hold") == 3


def test_the_command_line_checks_a_module(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that holds, and one that does not, with the exit code of a project's error."""
    module = write_module(tmp_path)
    main(["extension", "check", module, str(tmp_path)])
    assert capsys.readouterr().out.count("checks hold") == 5
    broken = write_module(tmp_path, MODULE.replace('.replace("！", "")', '+ "."'))
    with closing():
        assert main(["extension", "check", broken, str(tmp_path)]) == 3
    told = capsys.readouterr()
    assert "does not hold: check_any_text" in told.out
    assert "nothing for nothing" in told.err
