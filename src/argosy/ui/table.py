"""The one screen of a result in the terminal: data, ladder, verdict, parity, in the order of worry."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from argosy.core.errors import ArgosyError
from argosy.project.ladder import Results, Rung, Translate, metric_name, rungs, verdict
from argosy.project.numbers import brief, count, duration, interval, percent, rounded, share

NOTHING = "–"
_KEY = "bold cyan"
_NAME = 23  # cells: an arrow and "multilingual-e5-small"


def ladder(results: Results, t: Translate, report: Path | None = None) -> RenderableType:
    """The screen for ``results``; ``report`` is the HTML report's path, when it is to be named."""
    before = _facts(chain(_data(results["data"], t), _licence(results["base"], t)))
    return Group(_head(results, t), before, _ladder(results, t), _facts(_after(results, t, report)))


def data_lines(data: Results, t: Translate) -> RenderableType:
    """What is known of the data before any training: the part ``data`` of the results."""
    return _facts(chain(_data(data, t), _counts(data, t)))


def _head(results: Results, t: Translate) -> Table:
    head = Table.grid(expand=True, padding=(0, 2))
    head.add_column(ratio=1)
    head.add_column(justify="right", no_wrap=True)
    title = f"{results['name']} · {results['task']} · {' + '.join(results['languages'])}"
    built = t("built in {duration}").format(duration=duration(results["timings"].get("total", 0), t))
    head.add_row(Text(title, style="bold"), Text(built, style="dim"))
    return head


def _facts(rows: Iterator[tuple[str, str]]) -> Table:
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style=_KEY, no_wrap=True, min_width=9)
    facts.add_column(overflow="fold")
    for key, words in rows:
        facts.add_row(Text(key), Text(words))
    return facts


def _data(data: Results, t: Translate) -> Iterator[tuple[str, str]]:
    words = t("{read} read → {kept} kept").format(read=count(data["read"]), kept=count(data["kept"]))
    names = {
        "exact_twin": t("exact twins"),
        "conflicting_label": t("conflicting labels"),
        "in_test": t("also held out"),
        "empty": t("without text"),
        "no_language": t("without a word"),
        "too_long": t("too long"),
        "unlabelled": t("unlabelled"),
    }
    dropped = [f"{count(rows)} {names.get(reason, reason)}" for reason, rows in data["dropped"].items()]
    yield t("data"), words + (f"  ({', '.join(dropped)})" if dropped else "")
    tie = data.get("association")
    if tie and tie["warn"]:
        template = t(
            "Language and label go together (V = {v}):"
            " the language alone is right on {by_language}, one label on {majority}."
        )
        yield (
            t("warning"),
            template.format(
                v=share(tie["cramers_v"], 2), by_language=percent(tie["by_language"]), majority=percent(tie["majority"])
            ),
        )


def _counts(data: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """Rows of each part and of each label."""
    splits = data["splits"]
    template = t("{train} rows to learn from, {validation} to choose with, {test} to test on")
    yield t("parts"), template.format(**{part: count(splits[part]) for part in ("train", "validation", "test")})
    yield t("labels"), ", ".join(f"{label} {count(rows)}" for label, rows in data["labels"].items())


def _licence(base: Results, t: Translate) -> Iterator[tuple[str, str]]:
    if base["non_commercial"]:
        template = t("The licence of the base model ({licence}) forbids commercial use.")
        yield t("warning"), template.format(licence=base["licence"])


def _ladder(results: Results, t: Translate) -> Table:
    steps = rungs(results, t)
    metrics = list(steps[0].metrics)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(Text(t("ladder"), style=_KEY), overflow="fold", min_width=_NAME)
    for metric in metrics:
        table.add_column(metric_name(metric, t), no_wrap=True)
    for name in (t("training"), t("texts/s"), t("MB")):
        table.add_column(name, justify="right", no_wrap=True)
    for rung in steps:
        table.add_row(
            _marked(rung),
            *(interval(rung.metrics[metric]) for metric in metrics),
            NOTHING if rung.seconds is None else t("{seconds} s").format(seconds=brief(rung.seconds)),
            NOTHING if rung.texts_per_s is None else rounded(rung.texts_per_s, 3),
            NOTHING if rung.size_mb is None else brief(rung.size_mb),
            style="bold" if rung.served else "",
        )
    return table


def _marked(rung: Rung) -> Table:
    """The rung's name behind its arrow; a long name goes on below itself."""
    name = Table.grid()
    name.add_column(width=2)
    name.add_column(overflow="fold")
    name.add_row(Text("→" if rung.served else ""), Text(rung.name))
    return name


def _after(results: Results, t: Translate, report: Path | None) -> Iterator[tuple[str, str]]:
    said = verdict(results, t)
    yield t("verdict"), said.headline
    yield from (("", line) for line in (*said.details, said.doubt) if line)
    yield from _slices(results, t)
    yield t("parity"), _parity(results, t)
    yield t("latency"), _latency(results, t)
    for tried in results["candidates"]:
        if not tried["passed"]:
            reasons = t("; ").join(ArgosyError.from_json(reason).render(t) for reason in tried["reasons"])
            yield t("refused"), f"{tried['name']}: {reasons}"
    yield t("model"), str(results["artifact"])
    if report is not None:
        yield t("report"), str(report)


def _slices(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """The deciding metric of the served model and of the linear one, language by language."""
    metric = results["choice"]["metric"]
    if len(results["slices"]) < 2:  # noqa: PLR2004 - one language is the whole
        return
    for language in results["slices"]:
        shown = [rung for rung in rungs(results, t, language) if rung.key in ("linear", "served")]
        figures = [f"{rung.name} {interval(rung.metrics[metric])}" for rung in shown]
        yield language, f"{metric_name(metric, t)}: {t('; ').join(figures)}"


def _latency(results: Results, t: Translate) -> str:
    """What one text takes, in the engine and over HTTP."""
    template = t("{engine} {p50} ms (p99 {p99} ms)")
    names = (results["choice"]["engine"], "http")
    measured = [(name, results["engines"][name]) for name in names if name in results["engines"]]
    return t("; ").join(
        template.format(engine=name, p50=brief(engine["p50_ms"]), p99=brief(engine["p99_ms"]))
        for name, engine in measured
    )


def _parity(results: Results, t: Translate) -> str:
    """How the engines agree with the model they were made from."""
    engine = results["choice"]["engine"]
    words = [t("{texts} texts").format(texts=count(results["parity"]["texts"]))]
    names = [name for name in dict.fromkeys(("onnx-fp32", engine, "http")) if name in results["engines"]]
    for name in names:
        agreement = results["engines"][name].get("agreement")
        if agreement is not None:
            shown = t("{engine} agrees on {share}").format(engine=name, share=percent(agreement))
            words.append(shown)
    return "; ".join(words)
