"""The model card."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.report import card, data_card

Record = dict[str, Any]
HOSTILE = 'x |\n---\n# "<b>": `*_'


@pytest.fixture
def record() -> Record:
    """A result of two languages; the linear model is served."""
    path = Path(__file__).parents[1] / "ui" / "results.json"
    loaded: Record = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def front(text: str) -> Record:
    """The front matter as YAML reads it."""
    yaml = pytest.importorskip("yaml")
    loaded: Record = yaml.safe_load(text.split("---\n")[1])
    return loaded


def test_front_matter_says_what_hubs_ask(record: Record) -> None:
    """Languages, licence, base model and task stand in the front matter."""
    assert front(card.render(record)) == {
        "language": ["zh", "en"],
        "license": "mit",
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": ["argosy", "text-classification", "onnx", "reviews"],
        "metrics": ["accuracy", "f1", "roc_auc", "pr_auc"],
        "base_model": "intfloat/multilingual-e5-small",
        "base_model_relation": "finetune",
    }


@given(st.text())
def test_any_name_survives_yaml(name: str) -> None:
    """A name reads back from YAML as it was, whatever its characters."""
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(f"name: {card.scalar(name)}") == {"name": name}


def test_language_no_stays_a_language(record: Record) -> None:
    """A word that YAML takes for something else, such as `no`, stays a word."""
    record["languages"] = ["no", "1e3"]
    assert front(card.render(record))["language"] == ["no", "1e3"]


def test_folder_of_the_builder_is_not_published(record: Record) -> None:
    """A local folder is no base model that a hub knows."""
    record["base"]["origin"] = [{"what": "/srv/models/mine", "digest": "ab", "by": "a local folder"}]
    assert "base_model" not in front(card.render(record))


def test_figures_stand_with_intervals_against_baselines_and_by_language(record: Record) -> None:
    """Each candidate has its line on the whole and in each language."""
    text = card.render(record)
    best = "| frozen + linear | .852 [.82, .88]<br>best baseline | .832 [.79, .87]<br>best baseline |"
    assert best in text
    assert "| TF-IDF + linear (served) | .771 [.73, .81]<br>−8.1 [−12.3, −3.8], p = .0003 |" in text
    assert "Language zh, 213 test rows:" in text
    for title in ("Calibration", "Robustness", "Bias", "Limits"):
        assert f"\n## {title}\n" in text
    assert "## 中文摘要" in text
    assert record["base"]["digest"] in text
    assert record["lineage"]["train"] in text


def test_labels_cannot_break_the_pages(record: Record) -> None:
    """A label with bars, line breaks and markup stays on its line and in its cell, on both cards."""
    record["data"]["labels"] = {HOSTILE: 7, "b": 1}
    record["data"]["label_counts"] = {}
    shown = 'x \\| --- # "\\<b\\>": \\`\\*\\_'
    text, lines = card.render(record), data_card.render(record).splitlines()
    assert f"one of 2 labels: {shown}, b." in text
    assert f"| {shown} | 7 |" in lines
    assert "<b>" not in text + "\n".join(lines)
    assert sum(line == "---" for line in text.splitlines()) == 2


@pytest.mark.parametrize(
    ("reason", "english", "chinese"),
    [
        ("not_inferior", "so the simpler model is served", "较简单的模型不劣于较复杂的模型"),
        ("undecided", "is not shown to be better", "未能证明较复杂的模型优于较简单的模型"),
    ],
)
def test_small_model_that_is_served_is_told_in_both_languages(
    record: Record, reason: str, english: str, chinese: str
) -> None:
    """Both languages give the same reason, and transformers' users learn that theirs is not the one served."""
    choice = copy.deepcopy(record["choice"]) | {"served": "linear", "engine": "linear", "reason": reason}
    text = card.render(record | {"choice": choice})
    assert english in text
    assert chinese in text
    assert "which is not the one served" in text


def test_card_is_written_before_the_build_is_timed(record: Record) -> None:
    """What is known only after the last stage, its time and its folder, is not needed."""
    whole = card.render(record)
    assert card.render({key: value for key, value in record.items() if key not in {"timings", "artifact"}}) == whole


def test_unknown_licence_and_warnings(record: Record) -> None:
    """A licence without an identifier is `other` for hubs and named in full in the text."""
    record["base"] |= {"licence": "unknown (llama3)", "non_commercial": True}
    record["data"]["association"]["warn"] = True
    text = card.render(record)
    assert front(text)["license"] == "other"
    assert "The licence of the base model (unknown (llama3)) forbids commercial use." in text
    assert "The language alone gives the label away on 59.7 % of the rows" in text


def test_data_card_counts_by_step_part_label_length_and_kind(record: Record) -> None:
    """What was left out and why, the parts, labels, lengths, leaks, personal data, licence and origin."""
    text = data_card.render(record)
    for line in (
        "| dedupe | 1,313 | 7 |",
        "| split | 1,308 | 5 |",
        "| exact twins | 7 | the same text stands twice; one is kept |",
        "| test | 420 | 213 | 207 | – | – | – |",
        "| positive | 515 | 286 | 71 | 158 |",
        "| Chinese | 3 | 28 | 49 | 98 | 191 | 386 | 0 | 0 |",
        "151 of 711 training labels look wrong; they were kept.",
        "Taken out before anything was stored: phone numbers 1.",
        "Of the rows to learn from, 5 stood in given test rows too; such rows are taken out.",
        f"- stage read: `{record['lineage']['read']}`",
    ):
        assert line in text.splitlines(), line
    assert "Licence: MIT" in text
    assert "## 中文摘要" in text


@pytest.mark.parametrize("name", ["columns", "numbers"])
def test_projects_over_columns_have_both_cards(name: str) -> None:
    """Their metrics and rungs, and no word of texts or Transformers."""
    path = Path(__file__).parents[1] / "ui" / f"{name}.json"
    record: Record = json.loads(path.read_text(encoding="utf-8"))
    text = card.render(record)
    assert front(text)["pipeline_tag"] == {"columns": "tabular-classification", "numbers": "tabular-regression"}[name]
    assert "(served)" in text
    assert "transformers" not in text
    assert "No row stands in two parts." in data_card.render(record)
