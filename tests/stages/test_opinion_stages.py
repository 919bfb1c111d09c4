"""The stages of an opinion monitor: what is read of its posts, and what is known of its models' errors."""

import json
from pathlib import Path

import pytest

from argosy.config import file
from argosy.config.schema import Project
from argosy.core.errors import MissingError, ProjectError
from argosy.products.catalogue import PRODUCTS
from argosy.project.building.site import site_of
from argosy.project.building.templates import begin
from argosy.stages.opinion import measure, parts, posts

ROWS = [
    *[("it broke at once", "negative", "negative")] * 25,
    *[("what a great, great day, another failure /s", "negative", "positive")] * 5,
    *[("it is due on Thursday", "neutral", "neutral")] * 30,
    *[("works perfectly", "positive", "positive")] * 30,
    *[("真是太差了", "negative", "negative")] * 40,
    *[("非常好用", "positive", "positive")] * 40,
]


def nothing(share: float, note: str) -> None:
    """Hear how far a stage has come."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh project of the product, in ``tmp_path / "watch"``."""
    begin(tmp_path / "watch", PRODUCTS["opinion"])
    return file.load(tmp_path / "watch")


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """What the stage of the models left, but for the models: test rows of the one of sentiments."""
    place = tmp_path / "parts" / parts.SENTIMENT
    place.mkdir(parents=True)
    lines = [
        json.dumps({"id": str(at), "text": f"{text} {at}", "label": true, "engine": said, "linear": "neutral"})
        for at, (text, true, said) in enumerate(ROWS)
    ]
    (place / "predictions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (place / "results.json").write_text(json.dumps({"choice": {"served": "transformer"}}), encoding="utf-8")
    return place.parent


def test_errors_are_counted_by_language_and_of_sarcasm_apart(project: Project, measured: Path, tmp_path: Path) -> None:
    """Those of the model that serves; a class without enough rows in a language is not claimed there."""
    stage = measure.stage(project, site_of(tmp_path / "watch"))
    stage.run(stage.params, {"parts": measured}, tmp_path, nothing)
    told = measure.read(tmp_path)
    assert told["sentiment"]["en"]["validated"] == ["negative", "neutral", "positive"]
    assert told["sentiment"]["zh"]["validated"] == ["negative", "positive"]
    assert told["sentiment"]["zh"]["recall"]["neutral"] is None
    assert told["sentiment"]["en"]["accuracy"]["value"] == pytest.approx(85 / 90)
    assert told["errors"]["counts"]["en"] == [[25, 0, 5], [0, 30, 0], [0, 0, 30]]
    assert told["sarcasm"]["marked"]["rows"] == 5
    assert told["sarcasm"]["marked"]["value"] == 0
    assert told["sarcasm"]["others"]["value"] == 1
    assert not any(one["validated"] for one in told["entities"].values())


def test_the_linear_model_is_measured_where_it_serves(measured: Path) -> None:
    """What answers is what is known."""
    file = measured / parts.SENTIMENT / "results.json"
    file.write_text(json.dumps({"choice": {"served": "linear"}}), encoding="utf-8")
    assert {said for _, _, said in parts.predictions(measured, parts.SENTIMENT)} == {"neutral"}


def test_a_model_that_was_not_built_is_asked_for(project: Project, tmp_path: Path) -> None:
    """With the folder and the word that builds it."""
    stage = parts.stage(project, site_of(tmp_path / "watch"))
    with pytest.raises(MissingError, match="sentiment"):
        stage.run(stage.params, {}, tmp_path, nothing)


def test_labels_that_are_no_sentiments_are_refused(tmp_path: Path) -> None:
    """With how they are mapped."""
    (tmp_path / "argosy.json").write_text(json.dumps({"labels": ["bad", "positive"]}), encoding="utf-8")
    with pytest.raises(ProjectError, match="bad") as refused:
        parts.refuse_labels(tmp_path, tmp_path)
    assert 'bad = "negative"' in str(refused.value)


def test_posts_are_counted_by_what_they_hold(project: Project, tmp_path: Path) -> None:
    """Empty ones and unreadable times are told; equal ones are one story."""
    folder = tmp_path / "watch"
    rows = [
        {"text": "Luma broke my kettle after two days", "time": "2026-11-01T10:00:00Z"},
        {"text": "RT @u: Luma broke my kettle after two days", "time": "2026-11-01T11:00:00Z"},
        {"text": "露玛的客服很热情", "time": "2026-11-01T11:00:00Z"},
        {"text": " ", "time": "2026-11-01T11:00:00Z"},
        {"text": "when?", "time": "soon"},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "posts.jsonl").write_text(lines, encoding="utf-8")
    stage = posts.stage(project, site_of(folder))
    stage.run(stage.params, {}, tmp_path, nothing)
    told = posts.read(tmp_path)
    assert (told["read"], told["kept"], told["dropped"]) == (5, 3, {"empty": 1, "no_time": 1})
    assert told["stories"] == 2
    assert told["entities"] == {"Luma": 3, "Tarn": 0, "Ostrea": 0}
    assert told["languages"] == {"en": 2, "zh": 1}
