"""The one screen of a result in the terminal: data, ladder, verdict, doubts, parity, in the order of worry."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from argosy.config.places import STORE
from argosy.core.errors import ArgosyError
from argosy.report import findings, frontier_words, learning
from argosy.report.ladder import Results, Rung, Translate, metric_name, rungs, shown_metrics, versus_words
from argosy.report.numbers import brief, count, duration, figure, percent, percents, rounded, share
from argosy.report.verdict import verdict
from argosy.report.words import dropped

NOTHING = "–"
_KEY = "bold cyan"
_NAME = 23  # cells: an arrow and "multilingual-e5-small"
_WIDE = 104  # cells: room for a difference and its p-value side by side
_REVIEW = "suspects.csv"  # what stage *suspects* leaves for a person


def ladder(results: Results, t: Translate, report: Path | None = None) -> RenderableType:
    """The screen for ``results``; ``report`` is the HTML report's path, when it is to be named."""
    before = chain(_data(results["data"], t), _suspects(results, t, report), _licence(results, t))
    return Group(_head(results, t), _facts(before), _Ladder(results, t), _facts(_after(results, t, report)))


def data_lines(known: Results, t: Translate) -> RenderableType:
    """What is known before any training: the parts ``data`` and ``alarms`` of the results."""
    ringing = ((t("alarm"), line) for line in findings.alarms(known, t))
    return _facts(chain(_data(known["data"], t), _counts(known["data"], t), ringing))


def _head(results: Results, t: Translate) -> Table:
    head = Table.grid(expand=True, padding=(0, 2))
    head.add_column(ratio=1)
    head.add_column(justify="right", no_wrap=True)
    title = " · ".join(filter(None, (results["name"], results["task"], " + ".join(results["languages"]))))
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
    lost = [f"{count(rows)} {dropped(reason, t)}" for reason, rows in data["dropped"].items()]
    yield t("data"), words + (f"  ({', '.join(lost)})" if lost else "")
    private = findings.privacy(data, t)
    if private:
        yield t("privacy"), private
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
    if "stories" in data:
        template = t("{stories} stories; {languages}; named: {entities}")
        languages, entities = (
            ", ".join(f"{name} {count(rows)}" for name, rows in data[key].items()) or "–"
            for key in ("languages", "entities")
        )
        yield t("posts"), template.format(stories=count(data["stories"]), languages=languages, entities=entities)
        return
    template = t("{train} rows to learn from, {validation} to choose with, {test} to test on")
    yield t("parts"), template.format(**{part: count(splits[part]) for part in ("train", "validation", "test")})
    if data["labels"]:
        yield t("labels"), ", ".join(f"{label} {count(rows)}" for label, rows in data["labels"].items())


def _suspects(results: Results, t: Translate, report: Path | None) -> Iterator[tuple[str, str]]:
    """Labels that look wrong, what treating them does, and the file to review them in."""
    words = findings.suspects(results, t)
    if not words:
        return
    yield t("labels"), words
    effect = findings.suspects_effect(results, t)
    if effect:
        yield "", effect
    artifact = results.get("lineage", {}).get("suspects")
    if report is not None and artifact and results["suspects"]["rows"]:
        yield "", t("to review: {file}").format(file=report.parent / STORE / artifact / _REVIEW)


def _licence(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    base = results.get("base")
    if base and base["non_commercial"]:
        template = t("The licence of the base model ({licence}) forbids commercial use.")
        yield t("warning"), template.format(licence=base["licence"])


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The table of the candidates, as wide as the terminal allows."""

    results: Results
    t: Translate

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield _ladder(self.results, self.t, wide=options.max_width >= _WIDE)


def _ladder(results: Results, t: Translate, *, wide: bool) -> Table:
    metrics = shown_metrics(results)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column(Text(t("ladder"), style=_KEY), overflow="fold", min_width=_NAME)
    for metric in metrics:
        table.add_column(metric_name(metric, t), no_wrap=True)
    speed = t("texts/s") if results.get("text", True) else t("rows/s")
    for name in (t("training"), speed, t("MB")) if wide else (t("cost"),):
        table.add_column(name, justify="right", no_wrap=True)
    for rung in rungs(results, t):
        style = "bold" if rung.served else ""
        table.add_row(
            _marked(rung, style),
            *(_figure(rung, metric, t, wide=wide) for metric in metrics),
            *(Text(words, style=style) for words in _costs(rung, t, wide=wide)),
        )
    return table


def _costs(rung: Rung, t: Translate, *, wide: bool) -> list[str]:
    """Training, speed and size, each in its column or all in one."""
    seconds = "" if rung.seconds is None else t("{seconds} s").format(seconds=brief(rung.seconds))
    speed = "" if rung.texts_per_s is None else rounded(rung.texts_per_s, 3)
    size = "" if rung.size_mb is None else brief(rung.size_mb)
    if wide:
        return [seconds or NOTHING, speed or NOTHING, size or NOTHING]
    rate, weight = t("{speed}/s").format(speed=speed), t("{size} MB").format(size=size)
    return ["\n".join((seconds, rate if speed else "", weight if size else ""))]


def _figure(rung: Rung, metric: str, t: Translate, *, wide: bool) -> Text:
    """A figure with its interval; below it, dim, the difference to the best baseline with its paired test."""
    measured = rung.metrics.get(metric)
    if measured is None:
        return Text(NOTHING)
    versus = versus_words(measured["versus"], metric, t)
    below = versus if wide else versus.replace(", p", "\np")
    return Text.assemble((figure(metric, measured), "bold" if rung.served else ""), "\n", (below, "dim"))


def _marked(rung: Rung, style: str) -> Table:
    """The rung's name behind its arrow; a long name goes on below itself."""
    name = Table.grid()
    name.add_column(width=2)
    name.add_column(overflow="fold")
    name.add_row(Text("→" if rung.served else "", style=style), Text(rung.name, style=style))
    return name


def _after(results: Results, t: Translate, report: Path | None) -> Iterator[tuple[str, str]]:
    others = findings.others(results, t, shown_metrics(results))
    if others:
        yield t("also"), others
    said = verdict(results, t)
    if said.power:
        yield t("power"), said.power
    yield t("verdict"), said.headline
    yield from (("", line) for line in (*said.details, said.doubt) if line)
    yield from _slices(results, t)
    yield from findings.found(results, t)
    if "parity" in results:
        yield t("parity"), _parity(results, t)
    yield from _latency(results, t)
    picked = frontier_words.picked(results.get("frontier") or {}, results["choice"]["metric"], t)
    yield from zip((t("target"), *[""] * len(picked)), picked, strict=False)
    yield from _training(results, t)
    for tried in results.get("candidates", ()):
        if not tried["passed"]:
            reasons = t("; ").join(ArgosyError.from_json(reason).render(t) for reason in tried["reasons"])
            yield t("refused"), f"{tried['name']}: {reasons}"
    if results["routes"]:
        yield t("served"), t("POST {routes} once `argosy serve` runs").format(routes=", ".join(results["routes"]))
    yield t("model"), str(results["artifact"])
    if report is not None:
        yield t("report"), str(report)


def _training(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """How the model learnt, from what, and what was tried besides."""
    if curve := learning.curve(results, t):
        yield t("training"), curve
        yield "", learning.learnt(results, t)
    if besides := learning.besides(results, t):
        yield t("besides"), besides
    if adapted := learning.adapted(results, t):
        yield t("adapted"), adapted
    for title, lines in ((t("tried"), learning.tried(results, t)), (t("memory"), learning.forgotten(results, t))):
        yield from zip((title, *[""] * len(lines)), lines, strict=False)


def _slices(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """The deciding metric of the served model and of the linear one, language by language."""
    metric = results["choice"]["metric"]
    if len(results["slices"]) < 2:  # noqa: PLR2004 - one language is the whole
        return
    for language in results["slices"]:
        shown = [rung for rung in rungs(results, t, language) if rung.served or rung.key in ("linear", "kneser_ney")]
        figures = [(rung.name, rung.metrics[metric]) for rung in shown if metric in rung.metrics]
        told = [f"{name} {figure(metric, one)} ({versus_words(one['versus'], metric, t)})" for name, one in figures]
        yield language, f"{metric_name(metric, t)}: {t('; ').join(told)}"


def _latency(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """What one text takes, in the engine and over HTTP, where that was measured."""
    template = t("{engine} {p50} ms (p99 {p99} ms)")
    names = (results["choice"]["engine"], "http")
    measured = [(name, results["engines"][name]) for name in names if "p50_ms" in results["engines"].get(name, {})]
    told = [template.format(engine=name, p50=brief(one["p50_ms"]), p99=brief(one["p99_ms"])) for name, one in measured]
    if told:
        yield t("latency"), t("; ").join(told)


def _parity(results: Results, t: Translate) -> str:
    """How the engines agree with the model they were made from."""
    engine = results["choice"]["engine"]
    words = [t("{texts} texts").format(texts=count(results["parity"]["texts"]))]
    names = [name for name in dict.fromkeys(("onnx-fp32", engine, "http")) if name in results["engines"]]
    for name in names:
        agreement = results["engines"][name].get("agreement")
        if agreement is not None:
            words.append(t("{engine} agrees on {share}").format(engine=name, share=percents(agreement)))
    return t("; ").join(words)
