# ruff: noqa: INP001 - beside the script that uses it
"""What each stored benchmark found, in one cell of a table, and the lists that do not fit one."""

from collections.abc import Callable, Mapping
from typing import Any

from argosy.project.numbers import interval, p_value, points, share

Found = Mapping[str, Any]
UNITS = {
    "seconds": "s",
    "peak_memory_gb": "GB at the peak",
    "texts_per_s": "texts/s",
    "kills": "kills",
    "peer_seconds": "s for the peer",
}


def cell(name: str, one: Found) -> str:
    """The figures of a benchmark that its claim is about."""
    special = next((tell for start, tell in _CELLS.items() if name.startswith(start)), None)
    if special:
        return special(one)
    said = [f"{one[key]:,} {unit}" for key, unit in UNITS.items() if key in one]
    if "ratio" in one:
        said.append(f"{one['ratio']} × {one['peer']}")
    if "passed" in one:
        said.append("all passed" if one["passed"] else "FAILED")
    return ", ".join(said)


def details(name: str, one: Found) -> str:
    """What stands below the table: every kind of personal data, and every interval that missed."""
    if name == "redaction":
        rows = [
            f"| `{kind}` | {interval(found['recall'])} | {interval(found['precision'])} | {found['rows']:,} |"
            for kind, found in one["kinds"].items()
        ]
        head = ["### Personal data 个人信息", "", "| kind | recall | precision | values |", "|---|---|---|---:|"]
        return "\n".join([*head, *rows, ""])
    if name == "intervals":
        told = (*one["misses"], *(f"false better {miss}" for miss in one["false_better_above_5"]))
        return "\n".join(["### Intervals that miss 94 to 96 % 未达标的区间", "", *(f"- {miss}" for miss in told), ""])
    return ""


def _redaction(one: Found) -> str:
    recall, precision = (
        min((found[figure] for found in one["kinds"].values()), key=lambda figure: figure["value"])
        for figure in ("recall", "precision")
    )
    return f"lowest of {len(one['kinds'])} kinds: recall {interval(recall)}, precision {interval(precision)}"


def _near(one: Found) -> str:
    large = one["large"]
    said = f"the worst kind is found with {share(one['worst'], 4)}"
    speed = f"{large['rows_per_second']:,} rows/s, {large['peak_memory_gb']} GB at the peak"
    return f"{said}; {large['rows']:,} rows: {speed}"


def _stream(one: Found) -> str:
    told = [
        f"{name}: {found['rows_per_s']:,.0f} rows/s, {found['peak_mb']:,} MiB" for name, found in one["formats"].items()
    ]
    return f"{one['rows']:,} rows; {'; '.join(told)}"


def _labels(one: Found) -> str:
    peers = ", ".join(f"{name} {share(value)}" for name, value in one["peer_quality"].items())
    return (
        f"mean AUPRC {share(one['quality'])} (cleanlab: {peers}); better than its best score in"
        f" {one['settings_better_than_best']} of {len(one['settings'])} settings, worse in"
        f" {one['settings_worse_than_best']}; {one['shared_suspects']:.1%} of the suspects are the same"
    )


def _intervals(one: Found) -> str:
    false, seeds = one["selection_false_better"], one["seeds"]
    return (
        f"{one['within']} of {one['settings']} settings within; the rule of choice calls equals better in"
        f" {false['accuracy']:.1%} (accuracy) and {false['macro_f1']:.1%} (macro F1); methods over three seeds in"
        f" {seeds['false_better_of_methods']:.1%}, by one seed's rows in {seeds['by_the_rows_of_one_seed']:.1%}"
    )


def _calibration(one: Found) -> str:
    low, high = one["coverage"]
    return f"coverage {low:.1%} to {high:.1%}; the stated rate is broken in {one['broken']:.1%} of draws at most"


def _augmentation(one: Found) -> str:
    return f"{one['helps_on_clean']} of {one['tried']} help on clean rows, {one['helps_on_noisy']} on noisy ones"


def _ladder(one: Found) -> str:
    metric = one["choice"]["metric"]
    rungs = {**one["baselines"], "tuned": one["model"], "served": one["metrics"]}
    said = "; ".join(f"{name} {interval(figures[metric])}" for name, figures in rungs.items())
    claim = one["seeds"]
    if claim:
        gap = f"{points(claim['difference'])} [{points(claim['low'])}, {points(claim['high'])}]"
        said += (
            f"; tuning less {claim['baseline']}, {claim['trainings']} trainings: {gap} points, {p_value(claim['p'])}"
        )
    return f"{metric}: {said}"


_CELLS: Mapping[str, Callable[[Found], str]] = {
    "redaction": _redaction,
    "near_duplicates": _near,
    "stream": _stream,
    "label_errors": _labels,
    "intervals": _intervals,
    "calibration": _calibration,
    "augmentation": _augmentation,
    "ladder": _ladder,
}
