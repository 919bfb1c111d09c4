# ruff: noqa: S101 - pytest's assert
"""The plug-in's own test: what it declares holds, and a fresh project of it builds."""

import json
from pathlib import Path

from argosy_urgency import EXTENSION, PRODUCT

from argosy.config import file
from argosy.project.building.build import Built, build
from argosy.project.building.conform import faults
from argosy.project.building.templates import begin


def test_what_is_declared_holds(tmp_path: Path) -> None:
    """Stages, sample, numbers and alarms fit together."""
    assert faults("urgency", PRODUCT, tmp_path) == []


def test_a_fresh_project_builds(tmp_path: Path) -> None:
    """The sample is learnt better than by the mean, and the words of haste come first."""
    begin(tmp_path, EXTENSION.products["urgency"])
    built = build(file.load(tmp_path), tmp_path, lambda _: None)
    assert isinstance(built, Built)
    assert built.results["product"] == "urgency"
    assert built.results["choice"]["served"] != "mean"
    told = json.loads((built.model / "argosy.json").read_text(encoding="utf-8"))["product"]
    assert [page["path"] for page in told["pages"]] == ["/urgency"]
    assert told["numbers"][0]["low"] <= told["numbers"][0]["value"] <= told["numbers"][0]["high"]
    (table,) = (tmp_path / ".argosy" / "artifacts").glob("words-*/words.csv")
    assert any(word in table.read_text(encoding="utf-8")[:200] for word in ("down", "pay"))
