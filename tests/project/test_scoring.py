"""Predictions in a file, scored for every task; what is wrong with them is told with its row and its mend."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import argosy
from argosy.core.errors import ArgosyError, DataError, ProjectError
from argosy.evaluate.tasks.measure import TASKS

Row = Mapping[str, object]
TAGS = [["B-PER", "I-PER", "O"], ["O", "B-LOC"], ["O"], ["B-LOC", "O", "B-PER"]]
ROWS: dict[str, list[Row]] = {
    "classify": [
        {"truth": label, "prediction": said, "other": {label: 0.7, "坏": 0.3} if label != "坏" else {"坏": 1}}
        for label, said in [("好", "好"), ("坏", "好"), ("好", "好"), ("坏", "坏")]
    ],
    "multi_label": [
        {"truth": ["a", "乙"], "prediction": ["a"], "other": {"a": 0.9, "乙": 0.8}},
        {"truth": [], "prediction": ["a"], "other": {"a": 0.1}},
        {"truth": ["乙"], "prediction": ["乙"], "other": {"乙": 0.7, "a": 0.6}},
    ],
    "tagging": [{"truth": tags, "prediction": ["O"] * len(tags), "other": tags} for tags in TAGS],
    "regress": [{"truth": n, "prediction": n + 1, "other": n + 0.5 * (-1) ** n} for n in range(1, 9)],
    "similarity": [{"truth": n / 8, "prediction": (n % 3) / 3, "other": n} for n in range(8)],
    "retrieval": [
        {"truth": [0, 2, 1], "prediction": [0.3, 0.2, 0.1], "other": [0.1, 0.9, 0.5]},
        {"truth": [1, 0, 0], "prediction": [0.3, 0.2, 0.1], "other": [0.9, 0.1, 0.5]},
        {"truth": [0, 0, 1], "prediction": [0.3, 0.2, 0.1], "other": [0.1, 0.2, 0.5]},
    ],
    "generation": [
        {"truth": "上海", "prediction": "北京", "other": "上海。"},
        {"truth": "the cat", "prediction": "a dog", "other": "Cat"},
        {"truth": "", "prediction": "x", "other": ""},
    ],
    "language_model": [{"truth": "好" * n, "prediction": 3.0 * n, "other": 2.0 * n + n % 2} for n in range(1, 8)],
}


def written(path: Path, rows: Sequence[Row]) -> Path:
    """The rows in a file, whose ending tells how: lists are JSON in either."""
    if path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
        return path
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(rows[0])
        for row in rows:
            cells = [
                json.dumps(one, ensure_ascii=False) if isinstance(one, list | dict) else one for one in row.values()
            ]
            writer.writerow(cells)
    return path


def scored(folder: Path, task: str, rows: Sequence[Row], **more: Any) -> argosy.Scores:
    """Both columns of predictions."""
    path = written(folder / "said.jsonl", rows)
    return argosy.score(task, path, predictions=["prediction", "other"], **more)


def refused(folder: Path, task: str, rows: Sequence[Row], name: str = "said.csv") -> str:
    """What is told of one column of predictions."""
    with pytest.raises(ArgosyError) as caught:
        argosy.score(task, written(folder / name, rows))
    return str(caught.value)


def with_row(task: str, **cells: object) -> list[Row]:
    """The rows of a task, the second of them altered."""
    first, second, *rest = ({**row} for row in ROWS[task])
    return [first, {**second, **cells}, *rest]


def test_every_task_has_rows_here() -> None:
    """A task that is added is scored too."""
    assert ROWS.keys() == TASKS.keys()


@pytest.mark.parametrize("task", sorted(TASKS))
def test_no_figure_stands_naked(tmp_path: Path, task: str) -> None:
    """Each has its interval; those of the second column have their paired test, and what the rows could show."""
    told = scored(tmp_path, task, ROWS[task]).to_json()
    assert (told["task"], told["units"], told["rows"]) == (task, TASKS[task].units, len(ROWS[task]))
    assert told["best"] == "prediction"
    both = told["predictions"]
    assert any(figure["versus"] for figure in both["other"]["metrics"].values())
    for name, column in both.items():
        assert column["metrics"].keys().isdisjoint(column["undefined"])
        for metric, figure in column["metrics"].items():
            assert figure["low"] <= figure["value"] <= figure["high"]
            assert figure["versus"] is None or figure["versus"].keys() == {"baseline", "difference", "low", "high", "p"}
            alone = name == "prediction" or metric not in both["prediction"]["metrics"]
            assert not (alone and figure["versus"])


@pytest.mark.parametrize("task", sorted(TASKS))
def test_csv_and_json_lines_say_the_same(tmp_path: Path, task: str) -> None:
    """A list in a cell of CSV is the list of JSON."""
    both = [
        argosy.score(task, written(tmp_path / name, ROWS[task]), predictions=["other"]).to_json()["predictions"]
        for name in ("said.csv", "said.jsonl")
    ]
    assert both[0] == both[1]


def test_known_figures(tmp_path: Path) -> None:
    """What one can count by hand."""

    def values(task: str) -> dict[str, dict[str, float]]:
        told = scored(tmp_path, task, ROWS[task]).to_json()["predictions"]
        return {name: {key: one["value"] for key, one in column["metrics"].items()} for name, column in told.items()}

    assert values("classify")["prediction"]["accuracy"] == 0.75
    assert values("tagging")["other"]["entity_f1"] == 1.0
    assert values("regress")["prediction"]["mae"] == 1.0
    assert values("retrieval")["prediction"]["mrr"] == pytest.approx((1 / 2 + 1 + 1 / 3) / 3)
    assert values("generation")["other"]["exact_match"] == 1.0
    assert values("multi_label")["prediction"]["subset_accuracy"] == pytest.approx(1 / 3)


def test_labels_alone_have_no_ranking(tmp_path: Path) -> None:
    """Probabilities have ROC-AUC; a column of labels says why it has none, and nothing is held against it there."""
    for task in ("classify", "multi_label"):
        told = scored(tmp_path, task, ROWS[task]).to_json()["predictions"]
        assert "not probabilities" in told["prediction"]["undefined"]["roc_auc"]
        assert told["other"]["metrics"]["roc_auc"]["versus"] is None
        assert "roc_auc" not in told["other"]["detectable"]


def test_spans_are_taken_for_tags(tmp_path: Path) -> None:
    """The same entities as [start, stop, kind] give the same figures; the accuracy of tokens is not known then."""
    spans = [[[0, 2, "PER"]], [[1, 2, "LOC"]], [], [[0, 1, "LOC"], [2, 3, "PER"]]]
    rows = [{"truth": one, "prediction": one[:1], "other": one} for one in spans]
    told = scored(tmp_path, "tagging", rows).to_json()["predictions"]
    assert told["prediction"]["metrics"]["entity_recall"]["value"] == 0.75
    assert "Spans were given" in told["other"]["undefined"]["token_accuracy"]


def test_one_class_leaves_a_metric_undefined(tmp_path: Path) -> None:
    """The rest is measured."""
    rows = [{"truth": "a", "prediction": {"a": 0.9, "b": 0.1}}] * 5
    told = argosy.score("classify", written(tmp_path / "said.jsonl", rows)).to_json()["predictions"]["prediction"]
    assert told["undefined"]["roc_auc"]
    assert told["metrics"]["accuracy"]["value"] == 1.0


def test_the_best_baseline_is_named(tmp_path: Path) -> None:
    """All others are held against it."""
    told = scored(tmp_path, "regress", ROWS["regress"], best="other").to_json()["predictions"]
    assert told["prediction"]["metrics"]["mae"]["versus"]["baseline"] == "other"
    assert told["prediction"]["metrics"]["mae"]["versus"]["difference"] == pytest.approx(0.5)
    assert told["other"]["metrics"]["mae"]["versus"] is None


@pytest.mark.parametrize(
    ("task", "cells", "words"),
    [
        ("classify", {"prediction": ""}, ["row 3", "empty on 1 rows", "such as none"]),
        ("classify", {"truth": " "}, ["row 3", "'truth'"]),
        ("multi_label", {"prediction": "a"}, ["row 3", "JSON list of labels", "'a'", '["a", "b"]']),
        ("multi_label", {"truth": ""}, ["row 3", "–", "[] where there is none"]),
        ("tagging", {"prediction": ["O"]}, ["row 3", "2 tokens", "1 tags"]),
        ("tagging", {"prediction": ["O", "PER"]}, ["row 3", "'PER'", "B- or S-"]),
        ("tagging", {"prediction": [[3, 1, "PER"]]}, ["row 3", "spans"]),
        ("regress", {"prediction": "NaN"}, ["row 3", "'NaN'", "finite number"]),
        ("regress", {"truth": "3,5"}, ["row 3", "3.5"]),
        ("similarity", {"prediction": ""}, ["row 3", "no number"]),
        ("retrieval", {"prediction": [0.1, 0.2]}, ["row 3", "3 documents", "2 scores"]),
        ("retrieval", {"truth": [0, 0, 0]}, ["row 3", "No document is relevant"]),
        ("retrieval", {"prediction": "[0.1, NaN, 1]"}, ["row 3", "finite numbers"]),
        ("language_model", {"prediction": -1}, ["row 3", "never below 0", "nats"]),
    ],
)
def test_a_bad_cell_is_told_with_its_row(
    tmp_path: Path, task: str, cells: Mapping[str, object], words: Sequence[str]
) -> None:
    """The file, the row as a spreadsheet counts it, what was found, and what to write."""
    told = refused(tmp_path, task, with_row(task, **cells))
    assert [word for word in ["said.csv", *words] if word not in told] == []
    assert "[data]" not in told


@pytest.mark.parametrize("score", [1.5, -0.1, "high", True, None])
def test_what_is_no_probability_is_told(tmp_path: Path, score: object) -> None:
    """Row 2 of JSON lines is its second line."""
    rows = [{"truth": "a", "prediction": {"a": 0.5}}, {"truth": "b", "prediction": {"a": 0.5, "b": score}}]
    told = refused(tmp_path, "classify", rows, "said.jsonl")
    assert "said.jsonl, row 2" in told
    assert "from 0 to 1" in told


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    """And the options that name columns."""
    path = written(tmp_path / "said.csv", ROWS["regress"])
    with pytest.raises(DataError, match="nearest is 'prediction'") as caught:
        argosy.score("regress", path, predictions=["predicton"])
    assert "--prediction" in str(caught.value)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"task": "clasify"}, "There is no 'clasify' among the tasks; the nearest name is 'classify'"),
        ({"truth": "other"}, "as the truth and as a prediction"),
        ({"best": "othr"}, "the nearest is 'other'"),
        ({"predictions": []}, "No column of predictions"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told(tmp_path: Path, wish: Mapping[str, Any], words: str) -> None:
    """Before the file is looked at."""
    given = {"task": "regress", "predictions": ["prediction", "other"], **wish}
    with pytest.raises(ProjectError, match=words):
        argosy.score(path=tmp_path / "none.csv", **given)
