# ruff: noqa: INP001 - beside the script that uses it
"""What each stored benchmark found, in one cell of a table, and the lists that do not fit one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import evidence_selling as selling
import evidence_speed as speed

from argosy.report.numbers import interval, p_value, points, share

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
    cells = {**_CELLS, **speed.CELLS, **selling.CELLS}
    special = next((tell for start, tell in cells.items() if name.startswith(start)), None)
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
    tables = {**_TABLES, **speed.TABLES, **selling.TABLES}
    if name in tables:
        title, head, rows = tables[name]
        return _table(title, head, rows(one))
    return ""


_MODELS = ("decoder", "Kneser-Ney", "xz")
_SIDES = ("clean", "spoilt", "attack")


def _table(title: str, head: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join([f"### {title}", "", *lines, ""])


def _texts(one: Found) -> Iterator[list[str]]:
    for text, found in one["quality"].items():
        training = found["training"]
        took = (
            f"{training['tokens']:,} tokens, {training['seconds']:.0f} s (foretold {training['predicted_seconds']:.0f})"
        )
        figures = [_bits(found["decoder"]), _bits(found["kneser_ney"]), f"{min(found['xz'].values()):.3f}"]
        yield [text, *figures, took]


def _bits(found: Found) -> str:
    return f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}]"


def _methods(one: Found) -> Iterator[list[str]]:
    for name, found in one["methods"].items():
        old, new = found["old"], found["new"]
        yield [name, interval(old["before"]), interval(old["after"]), _gap(found["forgetting"]), interval(new["after"])]


def _attacked(one: Found) -> Iterator[list[str]]:
    for texts, methods in one["settings"].items():
        for name, found in methods.items():
            versus = found.get("versus_plain", {})
            told = [interval(found[side]) + (f" ({_gap(versus[side])})" if side in versus else "") for side in _SIDES]
            yield [f"{texts}, {name}", *told, f"{found['times_plain']}"]


def _gap(found: Found) -> str:
    return f"{points(found['difference'])} [{points(found['low'])}, {points(found['high'])}]"


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


def _resume(one: Found) -> str:
    told = "equal" if one["passed"] else "NOT equal"
    return f"{', '.join(one['methods'])}: {one['kills']} kills each, all hashes {told}"


def _finetune(one: Found) -> str:
    gaps = "; ".join(f"{pair}: {_gap(gap)} points" for pair, gap in one["quality"].items() if one["chosen"] in pair)
    times = f"{one['ratio']} × defaults, {one['ratio_to_best']} × best settings"
    return f"{one['chosen']}: {times}; accuracy {gaps}"


def _pretrain(one: Found) -> str:
    quality = ", ".join(f"{name.rpartition('_')[2]} {value:.3f}" for name, value in one["quality"].items())
    return f"{one['ratio']} × {one['peer']}; validation bits per byte {quality}"


def _bits_per_byte(one: Found) -> str:
    beaten = "both beaten" if one["beats_both"] else "NOT both beaten"
    return f"size {one['size']}: {beaten}, the table is below"


def _adversarial(one: Found) -> str:
    told = ", ".join(f"{side} +{one[f'{side}_gains_shown']} −{one[f'{side}_losses_shown']}" for side in _SIDES)
    return f"{one['tried']} settings, {one['seeds']} seeds; gains and losses shown: {told}"


def _forgetting(one: Found) -> str:
    lost = "; ".join(f"{name} {_gap(found)}" for name, found in one["forgetting"].items())
    return f"points of accuracy forgotten: {lost}"


_CELLS: Mapping[str, Callable[[Found], str]] = {
    "redaction": _redaction,
    "near_duplicates": _near,
    "stream": _stream,
    "label_errors": _labels,
    "intervals": _intervals,
    "calibration": _calibration,
    "augmentation": _augmentation,
    "ladder": _ladder,
    "resume": _resume,
    "finetune": _finetune,
    "pretrain": _pretrain,
    "bits_per_byte": _bits_per_byte,
    "adversarial_training": _adversarial,
    "forgetting": _forgetting,
}
_TABLES: Mapping[str, tuple[str, tuple[str, ...], Callable[[Found], Iterable[list[str]]]]] = {
    "bits_per_byte": ("Bits per UTF-8 byte 每字节比特数", ("text", *_MODELS, "training"), _texts),
    "forgetting": ("Forgetting 遗忘", ("method", "old before", "old after", "forgotten", "new after"), _methods),
    "adversarial_training": ("Adversarial training 对抗训练", ("texts, method", *_SIDES, "× time"), _attacked),
}
