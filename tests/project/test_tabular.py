"""Projects over columns from files to answers: the worked examples, text beside numbers, and files with mistakes."""

import csv
import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from argosy.config import file
from argosy.core.errors import ArgosyError, DataError, GateError, MissingError
from argosy.project.building import build as building
from argosy.project.selling.allowed import refuse_columns
from argosy.project.using import columns

pytest.importorskip("skl2onnx", reason="an install that serves fits nothing")

ROOT = Path(__file__).parents[2]
WORDS = ("物流很快，包装也好", "broke after a day", "质量太差，退货", "very good, fast")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV file."""
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])


def built(folder: Path) -> dict[str, Any]:
    """The record of a build."""
    done = building.build(file.load(folder), folder, lambda news: None)
    return done.results


def example(name: str, folder: Path) -> Path:
    """A worked example in a folder of its own, with its data."""
    shutil.copy(ROOT / "examples" / name / "argosy.toml", folder)
    runpy.run_path(str(ROOT / "examples" / name / "prepare.py"))["main"](folder)
    return folder


def project(folder: Path, *lines: str, task: str = "regress", text: bool = False) -> Path:
    """A project file over a and b, with lines for its [data]."""
    named = ['text = "text"'] if text else []
    head = ['name = "toy"', f'task = "{task}"', *(['languages = ["zh", "en"]'] if text else []), "[data]"]
    (folder / "argosy.toml").write_text("\n".join([*head, 'label = "y"', *named, *lines]), encoding="utf-8")
    return folder


def problems(folder: Path) -> str:
    """What a build refuses with."""
    with pytest.raises(ArgosyError) as caught:
        built(folder)
    return str(caught.value)


def line(count: int, seed: int = 0) -> list[list[object]]:
    """Rows of a, b, y where y is a line with noise."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(10, 3, count), rng.normal(1, 1, count)
    y = 2 * a - b + rng.normal(0, 0.3, count)
    return [[round(one, 4) for one in row] for row in np.column_stack([a, b, y]).tolist()]


@pytest.fixture(scope="module")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built project over a and b."""
    folder = tmp_path_factory.mktemp("toy")
    write(folder / "rows.csv", "aby", line(80))
    built(project(folder, 'path = "rows.csv"', 'numeric = ["a", "b"]'))
    return folder


def naked(value: object, path: str = "") -> list[str]:
    """Where a figure stands without its interval, or a metric without its comparison."""
    if isinstance(value, dict):
        known = {"value", "low", "high"} | ({"versus"} if "selective" not in path else set())
        here = [path] if "value" in value and not known <= set(value) else []
        return here + [found for key, one in value.items() for found in naked(one, f"{path}/{key}")]
    return []


def test_a_number_is_predicted_from_columns(tmp_path: Path) -> None:
    """The regression example: mean, ridge and net, each figure with interval and comparison; the file is answered."""
    record = built(example("progression", tmp_path))
    assert list(record["baselines"]) == ["mean", "ridge", "feedforward"]
    assert record["choice"]["served"] == "ridge"
    assert record["metrics"]["mae"]["high"] < record["baselines"]["mean"]["mae"]["low"]
    assert record["baselines"]["mean"]["mae"]["versus"]["baseline"] == "ridge"
    assert naked({key: record[key] for key in ("metrics", "baselines", "choice")}) == []
    assert record["data"]["splits"] == {"train": 308, "validation": 70, "test": 64}
    answered = columns.predict_file(tmp_path, tmp_path / "patients.csv")
    gaps = answered["predicted_progression"] - answered["progression"].cast(pl.Float64)
    assert gaps.abs().mean() < 45
    card = (tmp_path / "model" / "README.md").read_text()
    assert "ridge regression (served)" in card
    assert record["versus_best_baseline"]["rung"] == "feedforward"
    assert 0 < record["detectable"]["mae"] < 20


def test_a_second_build_does_nothing_and_gives_the_same(tmp_path: Path) -> None:
    """Stages whose keys stand are not run again; another seed runs all that depends on it."""
    write(tmp_path / "rows.csv", "aby", line(80))
    project(tmp_path, 'path = "rows.csv"', 'numeric = ["a", "b"]')
    first = building.build(file.load(tmp_path), tmp_path, lambda news: None)
    again = building.build(file.load(tmp_path), tmp_path, lambda news: None)
    assert not first.hits
    assert len(again.hits) == len(building.stages(file.load(tmp_path), tmp_path))
    other = building.build(file.load(tmp_path, ["seed=8"]), tmp_path, lambda news: None)
    assert other.hits == {"read", "clean"}


def test_labels_and_their_causes(tmp_path: Path) -> None:
    """The example of causes: four rungs, and edges with support, tables that add up to one, and the caveat."""
    pytest.importorskip("pgmpy")
    record = built(example("causes", tmp_path))
    assert list(record["baselines"]) == ["majority", "logistic", "feedforward", "network"]
    assert naked({key: record[key] for key in ("metrics", "baselines", "choice")}) == []
    assert record["selective"]["caveat"]
    assert record["calibration"]["ece_after"]["low"] <= record["calibration"]["ece_after"]["high"]
    described = json.loads((tmp_path / "model" / "argosy.json").read_text())
    assert described["engines"]["network"]["temperature"] != 1.0 == described["engines"]["majority"]["temperature"]
    causes = record["causes"]
    pairs = {frozenset((edge["parent"], edge["child"])) for edge in causes["edges"] if edge["either"] > 0.9}
    assert frozenset(("radius", "area")) in pairs
    assert "causes the other only if" in causes["caveat"]
    for table in causes["tables"]:
        assert np.shape(table["shares"]) == tuple(
            len(table["states"][one]) for one in (*table["parents"], table["node"])
        )
        np.testing.assert_allclose(np.sum(table["shares"], axis=-1), 1)
    for rung in ("network", None):
        found = columns.load(tmp_path, rung).predict(pl.read_csv(tmp_path / "tumours.csv"))
        truth = pl.read_csv(tmp_path / "tumours.csv")["diagnosis"].to_list()
        assert np.mean([one == true for one, true in zip(found, truth, strict=True)]) > 0.9


def test_a_number_is_predicted_from_text_and_columns(tmp_path: Path) -> None:
    """Words and numbers add up; personal data is gone from what is stored; the text is asked for when predicting."""
    rows = [
        [*row[:2], float(str(row[2])) + 40 * (at % 2), WORDS[at % 4] + f" {at} 13800138000"]
        for at, row in enumerate(line(200))
    ]
    write(tmp_path / "rows.csv", ["a", "b", "y", "text"], rows)
    record = built(project(tmp_path, 'path = "rows.csv"', 'numeric = ["a", "b"]', text=True))
    assert record["choice"]["served"] == "ridge"
    assert record["metrics"]["r2"]["low"] > 0.9
    stored = "".join(pl.read_parquet(path)["text"].str.join().item() for path in tmp_path.rglob("*.parquet"))
    assert "13800138000" not in stored
    model = columns.load(tmp_path)
    assert model.columns == ("a", "b", "text")
    good, bad = model.predict(pl.DataFrame({"text": [WORDS[1], WORDS[0]], "b": [1, 1], "a": [10, 10]}))
    assert float(good) - float(bad) > 30
    with pytest.raises(DataError, match="'text'"):
        model.predict(pl.DataFrame({"a": [1.0], "b": [1.0]}))


def test_a_number_is_predicted_from_text_alone(tmp_path: Path) -> None:
    """No numeric columns at all: the mean and ridge regression over TF-IDF."""
    rows = [[5 + 40 * (at % 2) + at / 100, f"{WORDS[at % 4]} {at}"] for at in range(120)]
    write(tmp_path / "rows.csv", ["y", "text"], rows)
    record = built(project(tmp_path, 'path = "rows.csv"', text=True))
    assert list(record["baselines"]) == ["mean", "ridge"]
    assert record["metrics"]["r2"]["low"] > 0.9


def test_groups_stay_whole_and_time_runs_forward(tmp_path: Path) -> None:
    """The rows of a group are in one part, and no training row is later than a test row."""
    rows = [
        [*row, f"patient {at // 4}", f"2026-{1 + at // 28:02}-{1 + at % 28:02}"] for at, row in enumerate(line(160))
    ]
    write(tmp_path / "rows.csv", ["a", "b", "y", "who", "when"], rows)
    for key in ("group", "time"):
        line_of = {"group": 'group = "who"', "time": 'time = "when"'}[key]
        record = built(project(tmp_path, 'path = "rows.csv"', 'numeric = ["a", "b"]', line_of))
        folder = tmp_path / ".argosy" / "artifacts" / record["lineage"]["split"]
        parts = {
            part: [
                json.loads(meta)[key]
                for path in (folder / part).glob("*.parquet")
                for meta in pl.read_parquet(path)["meta"]
            ]
            for part in ("train", "validation", "test")
        }
        if key == "group":
            assert not set(parts["train"]) & (set(parts["validation"]) | set(parts["test"]))
        else:
            assert max(parts["train"]) < min(parts["validation"]) <= max(parts["validation"]) < min(parts["test"])


@pytest.mark.parametrize(
    ("cell", "column", "words"),
    [
        ("12 kg", 0, "rows.csv, row 7: The column 'a' holds '12 kg'"),
        ("3,5", 1, "rows.csv, row 7: The column 'b' holds '3,5'"),
        ("", 1, "rows.csv, row 7: The column 'b' holds no number"),
        ("inf", 1, "rows.csv, row 7: The column 'b' holds 'inf'"),
        ("2026-11-22", 1, "the date or time '2026-11-22'"),
        ("¥3.5万", 2, "rows.csv, row 7: The column 'y' holds '¥3.5万'"),
        ("nan", 2, "rows.csv, row 7: The column 'y' holds 'nan'"),
        ("3,5", 2, "Write a point before the decimals"),
    ],
)
def test_bad_cells_are_told_with_their_line(tmp_path: Path, cell: str, column: int, words: str) -> None:
    """Of the columns and of the target alike."""
    rows = line(40)
    rows[5][column] = cell
    write(tmp_path / "rows.csv", "aby", rows)
    assert words in problems(project(tmp_path, 'path = "rows.csv"', 'numeric = ["a", "b"]'))


def test_bad_columns_are_told(tmp_path: Path) -> None:
    """A name that is not there (the nearest is), one that never varies, the target again, and one named twice."""
    rows = [[*row, 3, float(str(row[2])) * 2] for row in line(40)]
    write(tmp_path / "rows.csv", ["amount", "b", "y", "same", "twice_y"], rows)
    path = 'path = "rows.csv"'
    assert "nearest is 'amount'" in problems(project(tmp_path, path, 'numeric = ["amont"]'))
    told = problems(project(tmp_path, path, 'numeric = ["amount", "same", "twice_y"]'))
    assert "'same' is 3 on every row" in told
    assert "'twice_y' tells the target on every row" in told
    assert "'y' is named in numeric and again as label" in problems(project(tmp_path, path, 'numeric = ["b", "y"]'))
    assert "again as numeric" in problems(project(tmp_path, path, 'numeric = ["b", "b"]'))


def test_bad_targets_are_told(tmp_path: Path) -> None:
    """Classes for a regression, one class for a classifier, a test class that was never learnt."""
    rows = line(40)
    path, numeric = 'path = "rows.csv"', 'numeric = ["a", "b"]'
    write(tmp_path / "rows.csv", "aby", [[*row[:2], at % 2] for at, row in enumerate(rows)])
    assert 'task = "classify"' in problems(project(tmp_path, path, numeric))
    write(tmp_path / "rows.csv", "aby", [[*row[:2], "good"] for row in rows])
    assert "there must be two labels" in problems(project(tmp_path, path, numeric, task="classify"))
    write(tmp_path / "rows.csv", "aby", [[*row[:2], "good" if at % 2 else "bad"] for at, row in enumerate(rows)])
    write(tmp_path / "test.csv", "aby", [[1, 2, "goood"], [1, 3, "bad"]])
    told = problems(project(tmp_path, 'train = "rows.csv"', 'test = "test.csv"', numeric, task="classify"))
    assert "never in the training rows" in told


def test_test_rows_among_the_training_rows_stop_the_build(tmp_path: Path) -> None:
    """The first is named; `leaks = "drop"` learns without them."""
    rows = line(60)
    write(tmp_path / "train.csv", "aby", rows)
    write(tmp_path / "test.csv", "aby", [*rows[:5], *line(20, seed=1)])
    lines = ('train = "train.csv"', 'test = "test.csv"', 'numeric = ["a", "b"]')
    told = problems(project(tmp_path, *lines))
    assert "train.csv, row 2: 5 training rows stand in the test file too" in told
    record = built(project(tmp_path, *lines, 'leaks = "drop"'))
    assert record["data"]["dropped"] == {"in_test": 5}
    assert record["data"]["splits"]["test"] == 25


def test_a_model_is_asked_only_what_it_can_answer(toy: Path, tmp_path: Path) -> None:
    """Unknown rungs, bad cells, serving, a model that was tampered with, and one that is not there are told."""
    with pytest.raises(MissingError, match="no model"):
        columns.load(tmp_path)
    assert columns.is_tabular(toy)
    with pytest.raises(MissingError, match=r"no rung 'forest'; it has mean, ridge, feedforward"):
        columns.load(toy, "forest")
    with pytest.raises(DataError, match="row 2: The column 'b' holds '12 kg'"):
        columns.load(toy).predict(pl.DataFrame({"a": ["1", "2"], "b": ["3", "12 kg"]}))
    with pytest.raises(MissingError, match="argosy predict"):
        refuse_columns(toy / "model")
    model = tmp_path / "copy"
    shutil.copytree((toy / "model").resolve(), model)
    described = json.loads((model / "argosy.json").read_text())
    described["checks"][0]["answer"][0] += 1
    (model / "argosy.json").write_text(json.dumps(described))
    with pytest.raises(GateError, match="answers otherwise"):
        columns.load(model)


def test_asking_loads_nothing_that_fits(toy: Path) -> None:
    """A built model answers in a process that has imported neither torch nor scikit-learn nor any exporter."""
    code = (
        "import sys; from pathlib import Path; from argosy.project.using import columns; "
        "print(columns.predict_file(Path(sys.argv[1]), Path(sys.argv[2])).height); "
        "print(sorted({'torch', 'sklearn', 'skl2onnx', 'onnx', 'pgmpy', 'pandas'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(toy), str(toy / "rows.csv")]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.split("\n")[:2] == ["80", "[]"]
