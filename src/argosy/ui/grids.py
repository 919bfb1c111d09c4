"""The tables of the HTML report on candidates and engines: each function makes one, in words and formatted numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy.core.errors import ArgosyError
from argosy.report.ladder import Results, Rung, Translate, metric_name, rung_names, rungs, versus_words
from argosy.report.numbers import SHARES, brief, change, count, duration, figure, interval, percent, percents, rounded

NOTHING = "–"


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


def ladder(results: Results, t: Translate, language: str | None = None) -> Grid:
    """Every metric of every candidate, each with its difference to the best baseline."""
    steps = rungs(results, t, language)
    metrics = list(dict.fromkeys(name for rung in steps for name in rung.metrics))
    head = (t("Candidate"), *(metric_name(metric, t) for metric in metrics))
    rows = tuple((rung.name, *(_figure(rung, metric, t) for metric in metrics)) for rung in steps)
    return Grid(head=head, rows=rows, marked=_served(steps))


def costs(results: Results, t: Translate) -> Grid:
    """What each candidate costs."""
    steps = rungs(results, t)
    rows = tuple(
        (
            rung.name,
            _or_nothing(rung.seconds, lambda seconds: duration(seconds, t)),
            _or_nothing(rung.texts_per_s, lambda value: rounded(value, 3)),
            _or_nothing(rung.size_mb, brief),
        )
        for rung in steps
    )
    speed = t("texts/s") if results.get("text", True) else t("rows/s")
    return Grid(head=(t("Candidate"), t("training"), speed, t("MB")), rows=rows, compact=True, marked=_served(steps))


def change_in(metric: str, t: Translate) -> str:
    """The head of a column of differences."""
    template = t("change, in points of {metric}") if metric in SHARES else t("change of {metric}")
    return template.format(metric=metric_name(metric, t))


def _figure(rung: Rung, metric: str, t: Translate) -> str:
    """A figure with its interval, and below it the difference to the best baseline with its paired test."""
    measured = rung.metrics.get(metric)
    if measured is None:
        return NOTHING
    versus = versus_words(measured["versus"], metric, t).replace(", p", "\np")
    return f"{figure(metric, measured)}\n{versus}"


def _served(steps: Sequence[Rung]) -> frozenset[int]:
    return frozenset(index for index, rung in enumerate(steps) if rung.served)


def engines(results: Results, t: Translate) -> Grid:
    """Agreement, speed and size of every engine."""
    served = results["choice"]["engine"]
    measured = results["engines"]
    names = {**rung_names(results, t), "http": t("HTTP server")}
    rows = tuple(
        (
            names.get(name, name),
            _or_nothing(engine.get("agreement"), percents),
            _or_nothing(engine.get("texts_per_s"), lambda value: rounded(value, 3)),
            _or_nothing(engine.get("p50_ms"), rounded),
            _or_nothing(engine.get("p99_ms"), rounded),
            _or_nothing(engine.get("size_mb"), brief),
        )
        for name, engine in measured.items()
    )
    head = (t("Engine"), t("agreement"), t("texts/s"), t("p50, ms"), t("p99, ms"), t("MB"))
    return Grid(head=head, rows=rows, marked=frozenset({list(measured).index(served)} if served in measured else ()))


def candidates(results: Results, t: Translate) -> Grid:
    """The compression points tried and why some were refused."""
    served = results["choice"]["engine"]
    tried = results["candidates"]
    rows = tuple(
        (
            point["name"],
            t("passed")
            if point["passed"]
            else t("; ").join(ArgosyError.from_json(reason).render(t) for reason in point["reasons"]) or t("refused"),
            _or_nothing(point.get("agreement"), percents),
            _or_nothing(point.get("texts_per_s"), lambda value: rounded(value, 3)),
            _or_nothing(point.get("size_mb"), brief),
        )
        for point in tried
    )
    head = (t("Point"), t("gate"), t("agreement"), t("texts/s"), t("MB"))
    marked = frozenset(index for index, point in enumerate(tried) if point["name"] == served)
    return Grid(head=head, rows=rows, texts=2, marked=marked)


def frontier(results: Results, t: Translate) -> Grid:
    """The points of the frontier, numbered as in its plots; why one was refused stands below its name."""
    record = results["frontier"]
    metric = results["choice"]["metric"]
    rows = tuple(
        (
            "\n".join(
                (f"{number} · {one['name']}", *(ArgosyError.from_json(reason).render(t) for reason in one["refused"]))
            ),
            f"{interval(one['quality'])}\n{change(metric, _gain(one['loss']))}",
            rounded(one["texts_per_s"], 3),
            rounded(one["p99_ms"]),
            brief(one["size_mb"]),
            rounded(one["cost"]),
        )
        for number, one in enumerate(record["points"], 1)
    )
    price = t("{currency} for 1,000").format(currency=record["cost"]["currency"])
    head = (t("Point"), metric_name(metric, t), t("texts/s"), t("p99, ms"), t("MB"), price)
    picked = (record["pick"] or {}).get("name")
    marked = frozenset(at for at, one in enumerate(record["points"]) if one["name"] == picked)
    return Grid(head=head, rows=rows, marked=marked)


def weights(results: Results, t: Translate) -> Grid:
    """What a language model loses, gains and weighs with its weights in fewer bits; why a kind was refused is below."""
    served = results["choice"]["engine"]
    measured = {name: one for name, one in results["engines"].items() if "bits_per_byte" in one}
    rows = tuple(
        (
            "\n".join((name, *(ArgosyError.from_json(reason).render(t) for reason in one.get("reasons", ())))),
            figure("bits_per_byte", one["bits_per_byte"]),
            _or_nothing(one.get("loss"), lambda loss: change("bits_per_byte", loss)),
            _or_nothing(one.get("agreement"), percents),
            rounded(one["tokens_per_s"], 3),
            brief(one["size_mb"]),
        )
        for name, one in measured.items()
    )
    head = (t("Engine"), t("bits per byte"), t("loss [95 %]"), t("agreement"), t("tokens/s"), t("MB"))
    marked = frozenset(at for at, name in enumerate(measured) if name == served)
    return Grid(head=head, rows=rows if len(rows) > 1 else (), marked=marked)


def _gain(loss: Mapping[str, float]) -> dict[str, float]:
    """A loss as the difference that the smaller model makes."""
    return {"difference": -loss["difference"], "low": -loss["high"], "high": -loss["low"]}


def epochs(results: Results, t: Translate) -> Grid:
    """Loss and validation score of each epoch; the one kept is marked."""
    training = results["training"]
    metric = metric_name(results["choice"]["metric"], t)
    rows = tuple(
        (str(index), f"{epoch['loss']:.3f}", interval(epoch["validation"]))
        for index, epoch in enumerate(training["history"], 1)
    )
    head = (t("Epoch"), t("training loss"), t("validation {metric}").format(metric=metric))
    return Grid(head=head, rows=rows, compact=True, marked=frozenset({training["best_epoch"] - 1}))


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
    rows = tuple((name, meanings.get(name, ""), _value(value)) for name, value in results["settings"].items())
    return Grid(head=(t("Setting"), t("meaning"), t("value")), rows=rows, texts=2, compact=True)


def trim(results: Results, t: Translate) -> Grid:
    """What trimming the vocabulary left."""
    facts = results["base"].get("trim") or {}
    known = (
        ("pieces_before", t("word pieces of the original"), count),
        ("pieces_after", t("word pieces kept"), count),
        ("texts", t("texts it was tried on, none of them learnt from"), count),
        ("same_texts", t("of these, read exactly as before"), percent),
        ("kept_pieces", t("of their pieces, still there"), percent),
        ("unknown_before", t("of their pieces, unknown before"), percent),
        ("unknown_after", t("of their pieces, unknown now"), percent),
    )
    rows = tuple((words, show(facts[name])) for name, words, show in known if facts.get(name) is not None)
    return Grid(head=(t("Trimming"), t("value")), rows=rows, compact=True)


def _or_nothing(value: Any, words: Callable[[Any], str]) -> str:
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
        (t("parity of the engines, speed and size"), "parity, engines", ("pack", "parity", "evaluate")),
    )
    return [
        {"what": what, "key": key, "stages": [stage for stage in stages if stage in timings]}
        for what, key, stages in groups
        if key.partition(",")[0] in results
    ]
