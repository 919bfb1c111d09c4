"""Measured runs that figures of ``venture.toml`` name: kept beside it, as ``venture/RUN.json``, or a finished model.

A model is named by its folder: ``../desk/model:metrics.metrics.accuracy`` is a share that its build measured.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from argosy.config.venture.file import Reading
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError

_PLACE = "venture"
_MODEL = "argosy.json"
_FIELDS = ("value", "unit", "low", "high", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What was measured, in ``unit``, with its 95 % interval where it has one.

    What a measurement and a price come to is no more certain than the price: ``why`` names the assumption that it rests
    on, and low to high is its range then.
    """

    value: Decimal
    unit: str
    low: Decimal | None = None
    high: Decimal | None = None
    why: str | None = None


def beside(folder: Path) -> Path:
    """Where results of the venture in a folder, or of a ``venture.toml``, are kept."""
    return _beside(folder) / _PLACE


def _beside(folder: Path) -> Path:
    return folder.parent if folder.suffix == ".toml" else folder


def keep(folder: Path, run: str, day: date, measures: Mapping[str, Measure]) -> Path:
    """Keep a run's measures for the figures that name them as ``RUN:KEY``; those of an earlier run are replaced."""
    told = {
        key: {
            name: str(value)
            for name in ("value", "unit", "low", "high", "why")
            if (value := getattr(one, name)) is not None
        }
        for key, one in measures.items()
    }
    place = beside(folder) / f"{run}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(place, json.dumps({"day": day.isoformat(), "measures": told}, indent=1, ensure_ascii=False) + "\n")
    return place


def reading(folder: Path) -> Reading:
    """What figures of the venture in a folder read of its runs; raises ProjectError for what was not measured."""

    def read(called: str, where: str) -> Mapping[str, object]:
        run, _, key = called.rpartition(":")
        model = _beside(folder) / run / _MODEL
        if run and model.is_file():
            return _of_model(model, key, where)
        measures, day = _kept(beside(folder) / f"{run}.json", called, where)
        if key not in measures:
            raise ProjectError(
                "The run {run!r} did not measure {key!r}.",
                where=where,
                mend="Measured are: {known}.",
                run=run,
                key=key,
                known=", ".join(measures) or "-",
            )
        one = measures[key]
        value = Decimal(one["value"])
        found: dict[str, object] = {"value": value, "unit": one["unit"], "date": day}
        ends = [Decimal(one[end]) for end in ("low", "high") if end in one]
        if "why" in one:
            return {"value": value, "unit": one["unit"], "assumed": ends or [value, value], "why": one["why"]}
        return {**found, "interval": ends} if ends else found

    return read


def _of_model(place: Path, key: str, where: str) -> Mapping[str, object]:
    """A share that a model's build measured, with its interval, by its path in the model's ``argosy.json``."""
    found: object = json.loads(place.read_text(encoding="utf-8"))
    for name in key.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not {"value", "low", "high"} <= found.keys():
        raise ProjectError(
            "The model has no measured share {key!r}.",
            where=where,
            mend="Name one of {file} that has value, low and high, such as metrics.metrics.accuracy.",
            key=key,
            file=str(place),
        )
    value, low, high = (Decimal(repr(found[name])) for name in ("value", "low", "high"))
    return {"value": value, "unit": "share", "interval": [low, high]}


def _kept(place: Path, called: str, where: str) -> tuple[Mapping[str, Mapping[str, str]], date]:
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return found["measures"], date.fromisoformat(found["day"])
    except FileNotFoundError as error:
        raise ProjectError(
            "{called!r} is not measured yet: there is no {file}.",
            where=where,
            mend="Measure it (argosy compute measure, argosy market and argosy plan board keep runs), or give a value.",
            called=called,
            file=f"{_PLACE}/{place.name}",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            "The measured run cannot be read.", where=str(place), mend="Measure it anew; that replaces the file."
        ) from error
