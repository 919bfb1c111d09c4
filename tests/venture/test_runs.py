"""Measured runs: kept beside the plan, and read by the figures that name them."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from planned import given, head

from argosy.config.venture.file import Venture, read
from argosy.core.errors import ArgosyError
from argosy.project.venturing.runs import Measure, beside, keep, reading

DAY = date(2026, 11, 20)
COST = Measure(value=Decimal("0.012"), unit="CNY/1k requests", low=Decimal("0.010"), high=Decimal("0.014"))


def asked(folder: Path, **fields: object) -> Venture:
    """A venture whose cost of a request is measured."""
    segment = {"name": "shops", "new": given("2", "customers/month"), "churn": given("1", "percent/month")}
    api = {
        "name": "answers",
        "segment": "shops",
        "price": given("6", "CNY/1k requests"),
        "uses": given("400", "requests/customer/month"),
        "cost": {"measured": "compute:cost_per_1k", **fields},
    }
    return read({"venture": head(), "segment": [segment], "api": [api]}, measured=reading(folder))


def test_a_figure_is_what_its_run_measured(tmp_path: Path) -> None:
    """With its interval, its day and its origin; in another unit where it names one."""
    keep(tmp_path, "compute", DAY, {"cost_per_1k": COST})
    figure = asked(tmp_path).api[0].cost.figure("answers.cost")
    assert (figure.value, figure.low, figure.high) == (COST.value, COST.low, COST.high)
    assert (figure.origin.kind, figure.origin.where, figure.origin.day) == ("measured", "compute:cost_per_1k", DAY)
    other = asked(tmp_path, unit="CNY/1M requests").api[0].cost.figure("answers.cost")
    assert (other.value, other.low, other.base) == (Decimal(12), Decimal(10), figure.base)


def test_a_later_run_replaces_an_earlier_one(tmp_path: Path) -> None:
    """Also where the plan is named by its file."""
    keep(tmp_path, "compute", DAY, {"cost_per_1k": COST, "old": COST})
    place = keep(
        tmp_path / "venture.toml", "compute", DAY, {"cost_per_1k": Measure(value=Decimal(3), unit="CNY/request")}
    )
    assert place == beside(tmp_path) / "compute.json"
    figure = asked(tmp_path).api[0].cost.figure("answers.cost")
    assert (figure.base, figure.low) == (Decimal(3), None)


@pytest.mark.parametrize(
    ("text", "fields", "said"),
    [
        (None, {}, "not measured yet"),
        ("{", {}, "cannot be read"),
        ('{"day": "2026-11-20", "measures": {"other": {}}}', {}, "Measured are: other"),
        (None, {"value": Decimal(1), "unit": "CNY/customer"}, "Expected a unit such as"),
    ],
)
def test_what_was_not_measured_is_told(text: str | None, fields: dict[str, object], said: str, tmp_path: Path) -> None:
    """With what to do; a value by hand is held to its unit as ever."""
    if text is not None:
        beside(tmp_path).mkdir()
        (beside(tmp_path) / "compute.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArgosyError, match=said):
        asked(tmp_path, **fields)


def test_units_of_another_kind_are_refused(tmp_path: Path) -> None:
    """A cost of a request is none of a row."""
    keep(tmp_path, "compute", DAY, {"cost_per_1k": COST})
    with pytest.raises(ArgosyError, match="is measured in CNY/1k requests, expected CNY/1k rows"):
        asked(tmp_path, unit="CNY/1k rows")


def test_an_assumption_has_no_interval(tmp_path: Path) -> None:
    """Its range says the same."""
    with pytest.raises(ArgosyError, match="interval"):
        asked(tmp_path, measured=None, value=1, unit="CNY/request", assumed=[1, 2], why="-", interval=[1, 2])


def test_the_quality_of_a_finished_model_is_read(tmp_path: Path) -> None:
    """From the model's folder, as a share with its interval."""
    (tmp_path / "desk" / "model").mkdir(parents=True)
    metrics = {"metrics": {"metrics": {"accuracy": {"value": 0.9, "low": 0.87, "high": 0.92, "rows": 400}}}}
    (tmp_path / "desk" / "model" / "argosy.json").write_text(json.dumps(metrics), encoding="utf-8")
    read_one = reading(tmp_path)
    found = read_one("desk/model:metrics.metrics.accuracy", "here")
    assert found == {"value": Decimal("0.9"), "unit": "share", "interval": [Decimal("0.87"), Decimal("0.92")]}
    with pytest.raises(ArgosyError, match="no measured share 'metrics'"):
        read_one("desk/model:metrics", "here")
