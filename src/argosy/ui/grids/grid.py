"""The tables of the HTML report on candidates and engines: each function makes one, in words and formatted numbers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy.core.errors import ArgosyError
from argosy.report.ladder import Results, Rung, Translate, metric_name, rung_names, rungs, versus_words
from argosy.report.numbers import SHARES, brief, change, count, duration, figure, interval, percent, percents, rounded

NOTHING = "–"

Show = Callable[[Any], str]
Column = tuple[str, Show]
"""The head of a column, and what stands in it for an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: the first ``texts`` columns hold words, the rest numbers; ``marked`` rows stand out.

    Columns in ``quoted`` hold texts of users. What follows a line break in a cell is printed small. A ``compact`` one
    is narrow enough to stay a table on a phone; in others each row becomes a block there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1
    compact: bool = False
    marked: frozenset[int] = frozenset()
    quoted: frozenset[int] = frozenset()


def grid(
    items: Iterable[Any],
    columns: Sequence[Column],
    *,
    texts: int = 1,
    compact: bool = False,
    quoted: Iterable[int] = (),
    marked: Callable[[Any], bool] | None = None,
) -> Grid:
    """A row an item, a cell a column."""
    known = list(items)
    return Grid(
        head=tuple(head for head, _ in columns),
        rows=tuple(tuple(show(one) for _, show in columns) for one in known),
        texts=texts,
        compact=compact,
        quoted=frozenset(quoted),
        marked=frozenset(at for at, one in enumerate(known) if marked and marked(one)),
    )


def key(name: str, show: Show = str) -> Show:
    """What stands under a name in the record, shown so; a dash where nothing does."""
    return lambda one: NOTHING if one.get(name) is None else show(one[name])


def measured(t: Translate, *names: str) -> list[Column]:
    """What was measured of an engine."""
    known: dict[str, tuple[str, Show]] = {
        "agreement": (t("agreement"), percents),
        "texts_per_s": (t("texts/s"), speed),
        "tokens_per_s": (t("tokens/s"), speed),
        "p50_ms": (t("p50, ms"), rounded),
        "p99_ms": (t("p99, ms"), rounded),
        "size_mb": (t("MB"), brief),
    }
    return [(known[name][0], key(name, known[name][1])) for name in names]


def speed(value: float) -> str:
    """So many a second."""
    return rounded(value, 3)


def change_in(metric: str, t: Translate) -> str:
    """The head of a column of differences."""
    template = t("change, in points of {metric}") if metric in SHARES else t("change of {metric}")
    return template.format(metric=metric_name(metric, t))


def ladder(results: Results, t: Translate, language: str | None = None) -> Grid:
    """Every metric of every candidate, each with its difference to the best baseline."""
    steps = rungs(results, t, language)
    metrics = dict.fromkeys(name for rung in steps for name in rung.metrics)
    columns = [(metric_name(metric, t), _metric(metric, t)) for metric in metrics]
    return grid(steps, [(t("Candidate"), _name), *columns], marked=_is_served)


def _metric(metric: str, t: Translate) -> Show:
    """A figure with its interval, and below it the difference to the best baseline with its paired test."""

    def show(rung: Rung) -> str:
        found = rung.metrics.get(metric)
        if found is None:
            return NOTHING
        versus = versus_words(found["versus"], metric, t).replace(", p", "\np")
        return f"{figure(metric, found)}\n{versus}"

    return show


def _name(rung: Rung) -> str:
    return rung.name


def _is_served(rung: Rung) -> bool:
    return rung.served


def costs(results: Results, t: Translate) -> Grid:
    """What each candidate costs."""
    columns = [
        (t("Candidate"), _name),
        (t("training"), lambda rung: _or_nothing(rung.seconds, lambda seconds: duration(seconds, t))),
        (t("texts/s") if results.get("text", True) else t("rows/s"), lambda rung: _or_nothing(rung.texts_per_s, speed)),
        (t("MB"), lambda rung: _or_nothing(rung.size_mb, brief)),
    ]
    return grid(rungs(results, t), columns, compact=True, marked=_is_served)


def engines(results: Results, t: Translate) -> Grid:
    """Agreement, speed and size of every engine."""
    names = {**rung_names(results, t), "http": t("HTTP server")}
    items = [{**engine, "name": names.get(name, name), "key": name} for name, engine in results["engines"].items()]
    columns = measured(t, "agreement", "texts_per_s", "p50_ms", "p99_ms", "size_mb")
    return grid(items, [(t("Engine"), key("name")), *columns], marked=_chosen(results, "key"))


def candidates(results: Results, t: Translate) -> Grid:
    """The compression points tried and why some were refused."""

    def gate(point: Mapping[str, Any]) -> str:
        return t("passed") if point["passed"] else t("; ").join(_told(point["reasons"], t)) or t("refused")

    columns = [(t("Point"), key("name")), (t("gate"), gate), *measured(t, "agreement", "texts_per_s", "size_mb")]
    return grid(results["candidates"], columns, texts=2, marked=_chosen(results, "name"))


def frontier(results: Results, t: Translate) -> Grid:
    """The points of the frontier, numbered as in its plots; why one was refused stands below its name."""
    record, metric = results["frontier"], results["choice"]["metric"]
    items = [{**one, "title": f"{number} · {one['name']}"} for number, one in enumerate(record["points"], 1)]
    columns = [
        (t("Point"), lambda one: "\n".join((one["title"], *_told(one["refused"], t)))),
        (metric_name(metric, t), lambda one: f"{interval(one['quality'])}\n{change(metric, _gain(one['loss']))}"),
        *measured(t, "texts_per_s", "p99_ms", "size_mb"),
        (t("{currency} for 1,000").format(currency=record["cost"]["currency"]), key("cost", rounded)),
    ]
    picked = (record["pick"] or {}).get("name")
    return grid(items, columns, marked=lambda one: one["name"] == picked)


def weights(results: Results, t: Translate) -> Grid:
    """What a language model loses, gains and weighs with its weights in fewer bits; why a kind was refused is below."""
    items = [{**one, "name": name} for name, one in results["engines"].items() if "bits_per_byte" in one]
    columns = [
        (t("Engine"), lambda one: "\n".join((one["name"], *_told(one.get("reasons", ()), t)))),
        (t("bits per byte"), lambda one: figure("bits_per_byte", one["bits_per_byte"])),
        (t("loss [95 %]"), key("loss", lambda loss: change("bits_per_byte", loss))),
        *measured(t, "agreement", "tokens_per_s", "size_mb"),
    ]
    return grid(items if len(items) > 1 else (), columns, marked=_chosen(results, "name"))


def _chosen(results: Results, name: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether it is the engine that serves."""
    return lambda one: bool(one[name] == results["choice"]["engine"])


def _told(reasons: Iterable[Mapping[str, Any]], t: Translate) -> Sequence[str]:
    return [ArgosyError.from_json(reason).render(t) for reason in reasons]


def _gain(loss: Mapping[str, float]) -> dict[str, float]:
    """A loss as the difference that the smaller model makes."""
    return {"difference": -loss["difference"], "low": -loss["high"], "high": -loss["low"]}


def samples(results: Results, t: Translate) -> Grid:
    """What a language model writes behind openings."""
    columns = [(t("opening"), key("opening")), (t("what it writes"), key("text")), (t("seed"), key("seed"))]
    return grid(results["samples"]["shown"], columns, texts=2, quoted={0, 1})


def epochs(results: Results, t: Translate) -> Grid:
    """Loss and validation score of each epoch; the one kept is marked."""
    training, metric = results["training"], metric_name(results["choice"]["metric"], t)
    columns: list[Column] = [
        (t("Epoch"), lambda one: str(one[0])),
        (t("training loss"), lambda one: f"{one[1]['loss']:.3f}"),
        (t("validation {metric}").format(metric=metric), lambda one: interval(one[1]["validation"])),
    ]
    return grid(
        enumerate(training["history"], 1), columns, compact=True, marked=lambda one: one[0] == training["best_epoch"]
    )


def settings(results: Results, t: Translate) -> Grid:
    """The values that the dial came to, each with its meaning."""
    meanings = {
        "epochs": t("passes over the training rows"),
        "batch_size": t("rows a step"),
        "learning_rate": t("peak learning rate"),
        "max_length": t("tokens of a text that are read; the rest is cut"),
        "frozen": t("share of the lower layers that stay as they are"),
        "rows": t("training rows at most"),
    }
    columns: list[Column] = [
        (t("Setting"), lambda one: one[0]),
        (t("meaning"), lambda one: meanings.get(one[0], "")),
        (t("value"), lambda one: _value(one[1])),
    ]
    return grid(results["settings"].items(), columns, texts=2, compact=True)


def trim(results: Results, t: Translate) -> Grid:
    """What trimming the vocabulary left."""
    facts = results["base"].get("trim") or {}
    known: tuple[tuple[str, str, Show], ...] = (
        ("pieces_before", t("word pieces of the original"), count),
        ("pieces_after", t("word pieces kept"), count),
        ("texts", t("texts it was tried on, none of them learnt from"), count),
        ("same_texts", t("of these, read exactly as before"), percent),
        ("kept_pieces", t("of their pieces, still there"), percent),
        ("unknown_before", t("of their pieces, unknown before"), percent),
        ("unknown_after", t("of their pieces, unknown now"), percent),
    )
    items = [(words, show(facts[name])) for name, words, show in known if facts.get(name) is not None]
    return grid(items, pairs(t("Trimming"), t("value")), compact=True)


def pairs(*heads: str) -> list[Column]:
    """Columns of items that are the cells themselves."""
    return [(head, _part(at)) for at, head in enumerate(heads)]


def _part(at: int) -> Show:
    return lambda one: str(one[at])


def _or_nothing(value: Any, words: Show) -> str:
    return NOTHING if value is None else words(value)


def _value(value: object) -> str:
    """A setting as it would be typed, whole numbers with separators."""
    if isinstance(value, int) and not isinstance(value, bool):
        return count(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def origins(results: Results, timings: Mapping[str, float], t: Translate) -> Sequence[Mapping[str, Any]]:
    """Each group of figures: what it is, its key in the results, and the stages that it came from."""
    groups = (
        (t("rows read, kept and dropped"), "data", ("read", "clean", "dedupe", "split")),
        (t("labels that look wrong"), "suspects", ("suspects",)),
        (t("altered copies of training rows"), "augmentation", ("augment",)),
        (t("base model, licence and origin"), "base", ("base",)),
        (t("training"), "training", ("train",)),
        (t("which candidate is served"), "choice", ("baselines", "frozen", "rungs", "select")),
        (t("compression points"), "candidates", ("export", "quantise")),
        (t("metrics on the test rows"), "metrics, baselines, model, slices, seeds", ("evaluate",)),
        (t("calibration and certain answers"), "calibration, selective", ("calibrate", "evaluate")),
        (t("weak spots and errors"), "weak_spots, errors", ("evaluate",)),
        (t("robustness, attacks and bias"), "robustness, adversarial, bias", ("stress",)),
        (t("explanations"), "explanations", ("explain",)),
        (t("learning curve"), "curve", ("curve",)),
        (t("the promise and what it does on the test questions"), "guarantee", ("calibrate", "evaluate")),
        (t("parity of the engines, speed and size"), "parity, engines", ("pack", "parity", "evaluate")),
    )
    return [
        {"what": what, "key": key, "stages": [stage for stage in stages if stage in timings]}
        for what, key, stages in groups
        if key.partition(",")[0] in results
    ]
