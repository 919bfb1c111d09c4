"""Stage *model* of a project over columns: the finished artifact: every rung, ``argosy.json`` and a model card."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argosy.core.stage import Inputs, Stage, Tell
from argosy.infer import folder as model_folder
from argosy.infer.tabular import TabularModel
from argosy.models.licence import judge
from argosy.project import numbers
from argosy.project.places import CARD
from argosy.project.stages import pack, report, tabular_select

FOLDER = "tabular"


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Nothing to set."""


def stage() -> Stage[Params]:
    """The stage."""
    inputs = ("rungs", "report")
    return Stage(name="model", params=Params(), run=run, inputs=inputs, packages=("onnxruntime",), machine=True)


def run(params: Params, inputs: Inputs, out: Path, tell: Tell) -> None:
    """Link the rungs, describe them, and write the card."""
    results = report.load(inputs["report"])
    (out / FOLDER).mkdir()
    for rung in results["rungs"]:
        for path in inputs["rungs"].glob(f"{rung['name']}.*"):
            pack.link(path, out / FOLDER / path.name)
    served = TabularModel(out / FOLDER / f"{results['choice']['served']}.json")
    pack.write_description(out, describe(results, served))
    (out / CARD).write_text(card(results), encoding="utf-8")


def describe(results: dict[str, Any], served: TabularModel) -> dict[str, Any]:
    """What ``argosy.json`` says: ``columns`` tells a model over columns from one over texts alone."""
    choice = results["choice"]
    files = {
        rung["name"]: {
            "file": f"{FOLDER}/{rung['name']}.json",
            "temperature": tabular_select.temperature(choice, rung["name"]),
        }
        for rung in results["rungs"]
    }
    keys = ("metrics", "baselines", "versus_best_baseline", "detectable")
    return {
        "format": model_folder.FORMAT,
        "name": results["name"],
        "task": results["task"],
        "columns": {"numeric": results["numeric"], "text": results["text"], "target": results["target"]},
        "labels": list(served.labels),
        "languages": results["languages"],
        "text_steps": list(served.card.text_steps),
        "max_length": 0,
        "served": choice["served"],
        "engines": files,
        "selective": choice.get("selective"),
        "data": asdict(judge(results["data"]["licence"])),
        "checks": _checks(served),
        "metrics": {key: results[key] for key in keys},
        "lineage": results["lineage"],
    }


def card(results: dict[str, Any]) -> str:
    """The model card in Markdown, with the front matter of the hubs."""
    front = {"tags": ["tabular", results["task"]], "license": results["data"]["licence"]}
    known = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in front.items() if value]
    names = list(results["metrics"])
    lines = [f"| {' | '.join(['candidate', *names])} |", f"|{' --- |' * (len(names) + 1)}"]
    for rung, figures in results["baselines"].items():
        served = " (served)" if rung == results["choice"]["served"] else ""
        lines.append(f"| {' | '.join([rung + served, *(_figure(figures.get(name)) for name in names)])} |")
    splits = ", ".join(f"{count:,} {name}" for name, count in results["data"]["splits"].items())
    return "\n".join(
        [
            "---",
            *known,
            "---",
            f"# {results['name']}",
            "",
            f"Predicts `{results['target']}` from {', '.join(f'`{name}`' for name in results['numeric']) or 'a text'}.",
            "",
            f"Rows: {splits}. On the test rows, opened once, with 95 % intervals:",
            "",
            *lines,
            "",
            *_versus(results),
            "Ask it with `argosy predict FOLDER FILE`; it answers rows like those it was fitted on, and no others.",
            "",
        ]
    )


def _versus(results: dict[str, Any]) -> list[str]:
    """The served rung, or the one it was held against, less the best baseline on the same rows."""
    found = results["versus_best_baseline"]
    if "baseline" not in found:
        return []
    gap, low, high = (numbers.rounded(found[end], 3) for end in ("difference", "low", "high"))
    told = f"{found['metric']} of {found['rung']} less that of {found['baseline']}: {gap} [{low}, {high}]"
    return [f"On the same rows, {told}, {numbers.p_value(found['p'])}.", ""]


def _figure(figure: dict[str, float] | None) -> str:
    if figure is None:
        return "–"
    value, low, high = (numbers.rounded(figure[end], 3) for end in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def _checks(served: TabularModel) -> list[dict[str, Any]]:
    """Rows at the means of the columns and a spread to either side, with their answers: none of the user's rows."""
    scale = served.card.scale
    means, spreads = np.array(scale.means), np.array(scale.spreads)
    asked = np.stack([means + spreads * step for step in (-1, 0, 1)])
    texts = ["ok 好", "", "ok"] if served.reads_text else []
    told = served.answers(asked, texts).tolist()
    return [
        {"numbers": row, "text": texts[at] if texts else "", "answer": told[at]}
        for at, row in enumerate(asked.tolist())
    ]
