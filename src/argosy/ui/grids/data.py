"""The tables of the HTML report on the data: what was read, left out, taken out, and which labels look wrong."""

from argosy.report.ladder import Results, Translate
from argosy.report.numbers import count, percent, share
from argosy.report.words import dropped_because, kind_name, language_name
from argosy.ui.grids.grid import Column, Grid, Show, grid, key, pairs

_LONG = 240  # characters of a text that are shown
_MOST = 12  # rows of a table of phrases or words


def dropped(results: Results, t: Translate) -> Grid:
    """Rows left out, by reason."""
    items = [(dropped_because(why, t), why, count(rows)) for why, rows in results["data"]["dropped"].items()]
    return grid(items, pairs(t("Why"), t("name"), t("rows")), texts=2, compact=True)


def splits(results: Results, t: Translate) -> Grid:
    """Rows of each part, by language."""
    names = {
        "train": t("train, to learn from"),
        "validation": t("validation, to choose with"),
        "test": t("test, opened once"),
    }
    by_part = results["data"].get("languages", {})

    def rows_in(language: str) -> Show:
        return lambda one: count(by_part.get(one[0], {}).get(language, 0))

    columns: list[Column] = [
        (t("Part"), lambda one: names.get(one[0], one[0])),
        (t("rows"), lambda one: count(one[1])),
        *((language_name(language, t), rows_in(language)) for language in results["languages"]),
    ]
    return grid(results["data"]["splits"].items(), columns, compact=True)


def labels(results: Results, t: Translate) -> Grid:
    """Rows of each label."""
    counts = results["data"]["labels"]
    whole = sum(counts.values()) or 1
    items = [(label, count(rows), percent(rows / whole)) for label, rows in counts.items()]
    return grid(items, pairs(t("Label"), t("rows"), t("share")), compact=True)


def steps(results: Results, t: Translate) -> Grid:
    """Rows that each step on the way kept and left out."""
    names = {"read": t("read from the files"), "clean": t("cleaned"), "dedupe": t("freed of twins")}
    known = results["data"].get("steps") or {}
    items = [(names.get(name, name), count(one["kept"]), count(one["dropped"])) for name, one in known.items()]
    return grid(items, pairs(t("Step"), t("rows kept"), t("left out")), compact=True)


def giveaways(results: Results, t: Translate) -> Grid:
    """What in a text gives its label away."""
    found = (results["data"].get("profile") or {}).get("giveaways", ())[:_MOST]
    columns = [(t("In the text"), key("culprit")), (t("label"), key("label")), (t("rows"), key("count", count))]
    return grid(found, columns, texts=2, compact=True, quoted={0})


def redacted(results: Results, t: Translate) -> Grid:
    """Personal data that was taken out, by kind."""
    kinds = results["data"].get("redacted") or {}
    items = [(kind_name(kind, t), f"[{kind.upper()}]", count(found)) for kind, found in kinds.items()]
    return grid(items, pairs(t("Kind"), t("stands in its place"), t("found")), texts=2, compact=True)


def lengths(results: Results, t: Translate) -> Grid:
    """Characters of the texts of each part, or language, at some quantiles."""
    data = results["data"]
    profiled = (data.get("profile") or {}).get("lengths", {})
    known = {name: one["quantiles"] for name, one in profiled.items()} or data.get("lengths") or {}
    names = {"all": t("all"), "train": t("train"), "validation": t("validation"), "test": t("test")}
    quantiles = {
        "0": t("least"),
        "0.25": t("a quarter up to"),
        "0.5": t("half"),
        "0.75": t("three quarters"),
        "0.95": "95 %",
        "1": t("most"),
    }
    items = [
        (names.get(name, language_name(name, t)), *(count(one[at]) for at in quantiles))
        for name, one in known.items()
        if one
    ]
    return grid(items, pairs(t("Characters"), *quantiles.values()))


def parts(results: Results, t: Translate) -> Grid:
    """Groups and times of each part, where the rows have them."""
    groups, times = results["data"].get("groups") or {}, results["data"].get("times") or {}
    items = [
        (name, count(groups.get(name, 0)), *(times.get(name) or ("", "")))
        for name in results["data"]["splits"]
        if groups.get(name) or times.get(name)
    ]
    return grid(items, pairs(t("Part"), t("groups"), t("first"), t("last")))


def target(results: Results, t: Translate) -> Grid:
    """What the number to predict is like."""
    known = results["data"].get("target") or {}
    names = {
        "min": t("least"),
        "q1": t("a quarter up to"),
        "median": t("half"),
        "q3": t("three quarters"),
        "max": t("most"),
        "mean": t("mean"),
        "sd": t("standard deviation"),
    }
    items = [(names[name], f"{value:,.4g}") for name, value in known.items() if name in names]
    return grid(items, pairs(t("Target"), t("value")), compact=True)


def phrases(results: Results, t: Translate) -> Grid:
    """Phrases that stand in many texts."""
    found = (results["data"].get("profile") or {}).get("boilerplate", ())[:_MOST]
    columns = [(t("Phrase"), key("text")), (t("rows"), key("count", count))]
    return grid(found, columns, compact=True, quoted={0})


def suspects(results: Results, t: Translate) -> Grid:
    """The training rows whose label is most likely wrong."""
    columns = [
        (t("Text"), key("text", short)),
        (t("label given"), key("given")),
        (t("label suggested"), key("suggested")),
        (t("score"), key("score", lambda score: share(score, 2))),
    ]
    return grid((results.get("suspects") or {}).get("examples", ()), columns, texts=3, quoted={0})


def conflicts(results: Results, t: Translate) -> Grid:
    """Answers to one question that contradict each other."""
    columns = [
        (t("Question"), key("question", short)),
        (t("the newer answer"), key("kept_text", short)),
        (t("the older answer"), key("dropped_text", short)),
        (t("they differ in"), key("difference", lambda kind: _difference(kind, t))),
    ]
    return grid(results["data"]["conflicts"][:_MOST], columns, texts=4, quoted={0, 1, 2})


def expired(results: Results, t: Translate) -> Grid:
    """Answers that hold no more."""
    why = {
        "superseded": t("a newer answer came"),
        "past_date": t("it names a day that is over"),
        "not_given": t("nobody gave it for long"),
    }
    columns = [
        (t("Answer"), key("text", short)),
        (t("why"), key("reason", lambda reason: why.get(reason, str(reason)))),
    ]
    return grid(results["data"]["expired"][:_MOST], columns, texts=2, quoted={0})


def _difference(kind: str, t: Translate) -> str:
    return {
        "number": t("a number"),
        "amount": t("an amount"),
        "date": t("a date"),
        "negation": t("yes and no"),
        "different": t("all of it"),
    }.get(kind, kind)


def short(text: object) -> str:
    """A text of a user's on one line, its middle left out where it is long."""
    line = " ".join(str(text).split())
    return line if len(line) <= _LONG else f"{line[: _LONG // 2]} … {line[-_LONG // 2 :]}"
