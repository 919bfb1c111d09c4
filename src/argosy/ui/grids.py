"""The tables of the HTML report: each function makes one, in words and formatted numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy.core.errors import ArgosyError
from argosy.project.ladder import Results, Translate, metric_name, rung_names, rungs
from argosy.project.numbers import brief, count, duration, interval, percent, percents, rounded

NOTHING = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: the first ``texts`` columns hold words, the rest numbers; ``marked`` rows stand out.

    A ``compact`` one is narrow enough to stay a table on a phone; in others each row becomes a block there.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int = 1
    compact: bool = False
    marked: frozenset[int] = frozenset()


def dropped(results: Results, t: Translate) -> Grid:
    """Rows left out, by reason."""
    known = {
        "exact_twin": t("the same text stands twice; one is kept"),
        "conflicting_label": t("the same text stands with different labels; none is kept"),
        "in_test": t("the text is also in a held-out part; it must not be learnt"),
        "empty": t("no text"),
        "no_language": t("no word in it: digits, signs or symbols only"),
        "too_long": t("far too long for a text"),
        "unlabelled": t("no label yet"),
    }
    reasons = results["data"]["dropped"].items()
    rows = tuple((known.get(reason, reason.replace("_", " ")), reason, count(number)) for reason, number in reasons)
    return Grid(head=(t("Why"), t("name"), t("rows")), rows=rows, texts=2, compact=True)


def splits(results: Results, t: Translate) -> Grid:
    """Rows of each part, by language."""
    names = {
        "train": t("train, to learn from"),
        "validation": t("validation, to choose with"),
        "test": t("test, opened once"),
    }
    languages = results["languages"]
    by_part = results["data"]["languages"]
    rows = tuple(
        (
            names.get(part, part),
            count(number),
            *(count(by_part.get(part, {}).get(language, 0)) for language in languages),
        )
        for part, number in results["data"]["splits"].items()
    )
    head = (t("Part"), t("rows"), *(language_name(language, t) for language in languages))
    return Grid(head=head, rows=rows, compact=True)


def labels(results: Results, t: Translate) -> Grid:
    """Rows of each label."""
    counts = results["data"]["labels"]
    whole = sum(counts.values()) or 1
    rows = tuple((label, count(number), percent(number / whole)) for label, number in counts.items())
    return Grid(head=(t("Label"), t("rows"), t("share")), rows=rows, compact=True)


def ladder(results: Results, t: Translate, language: str | None = None) -> Grid:
    """The candidates with their metrics, and on the whole with what they cost."""
    steps = rungs(results, t, language)
    metrics = list(steps[0].metrics)
    head = [t("Candidate"), *(metric_name(metric, t) for metric in metrics)]
    rows = [[rung.name, *(interval(rung.metrics[metric]) for metric in metrics)] for rung in steps]
    if language is None:
        head += [t("training"), t("texts/s"), t("MB")]
        for row, rung in zip(rows, steps, strict=True):
            row.append(_or_nothing(rung.seconds, lambda seconds: duration(seconds, t)))
            row.append(_or_nothing(rung.texts_per_s, lambda value: rounded(value, 3)))
            row.append(_or_nothing(rung.size_mb, brief))
    marked = frozenset(index for index, rung in enumerate(steps) if rung.served)
    return Grid(head=tuple(head), rows=tuple(map(tuple, rows)), marked=marked)


def engines(results: Results, t: Translate) -> Grid:
    """Agreement, speed and size of every engine."""
    served = results["choice"]["engine"]
    measured = results["engines"]
    names = {"http": t("HTTP server"), "linear": rung_names(results, t)["linear"]}
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


def language_name(language: str, t: Translate) -> str:
    """A language's name in the reader's language."""
    return {"zh": t("Chinese"), "en": t("English")}.get(language, language)


def _or_nothing(value: Any, words: Callable[[Any], str]) -> str:
    return NOTHING if value is None else words(value)


def _value(value: object) -> str:
    """A setting as it would be typed, whole numbers with separators."""
    if isinstance(value, int) and not isinstance(value, bool):
        return count(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def origins(results: Results, t: Translate) -> Sequence[Mapping[str, str | Sequence[str]]]:
    """Each group of figures: what it is, its key in the results, and the stages that it came from."""
    groups = (
        (t("rows read, kept and dropped"), "data", ("read", "clean", "dedupe", "split")),
        (t("base model, licence and origin"), "base", ("base",)),
        (t("training"), "training", ("train",)),
        (t("which candidate is served"), "choice", ("baselines", "select")),
        (t("compression points"), "candidates", ("export", "quantise")),
        (t("accuracy and macro F1 on the test rows"), "metrics, baselines, model, slices", ("evaluate",)),
        (t("parity of the engines, speed and size"), "parity, engines", ("pack", "parity")),
    )
    ran = results["timings"]
    return [
        {"what": what, "key": key, "stages": [stage for stage in stages if stage in ran]}
        for what, key, stages in groups
    ]
