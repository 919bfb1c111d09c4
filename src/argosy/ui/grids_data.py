"""The tables of the HTML report on the data: what was read, left out, taken out, and which labels look wrong."""

from argosy.report.ladder import Results, Translate, versus_words
from argosy.report.numbers import count, percent, share
from argosy.report.words import dropped_because, kind_name, language_name
from argosy.ui.grids import Grid, change_in

_LONG = 240  # characters of a text that are shown
_MOST = 12  # rows of a table of phrases or words


def dropped(results: Results, t: Translate) -> Grid:
    """Rows left out, by reason."""
    reasons = results["data"]["dropped"].items()
    rows = tuple((dropped_because(reason, t), reason, count(number)) for reason, number in reasons)
    return Grid(head=(t("Why"), t("name"), t("rows")), rows=rows, texts=2, compact=True)


def splits(results: Results, t: Translate) -> Grid:
    """Rows of each part, by language."""
    names = {
        "train": t("train, to learn from"),
        "validation": t("validation, to choose with"),
        "test": t("test, opened once"),
    }
    languages = results["languages"]
    by_part = results["data"].get("languages", {})
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


def steps(results: Results, t: Translate) -> Grid:
    """Rows that each step on the way kept and left out."""
    known = results["data"].get("steps") or {}
    names = {"read": t("read from the files"), "clean": t("cleaned"), "dedupe": t("freed of twins")}
    rows = tuple((names.get(name, name), count(step["kept"]), count(step["dropped"])) for name, step in known.items())
    return Grid(head=(t("Step"), t("rows kept"), t("left out")), rows=rows, compact=True)


def giveaways(results: Results, t: Translate) -> Grid:
    """What in a text gives its label away."""
    found = (results["data"].get("profile") or {}).get("giveaways", ())[:_MOST]
    rows = tuple((one["culprit"], one["label"], count(one["count"])) for one in found)
    return Grid(head=(t("In the text"), t("label"), t("rows")), rows=rows, texts=2, compact=True, quoted=frozenset({0}))


def redacted(results: Results, t: Translate) -> Grid:
    """Personal data that was taken out, by kind."""
    kinds = (results["data"].get("redacted") or {}).items()
    rows = tuple((kind_name(kind, t), f"[{kind.upper()}]", count(number)) for kind, number in kinds)
    return Grid(head=(t("Kind"), t("stands in its place"), t("found")), rows=rows, texts=2, compact=True)


def lengths(results: Results, t: Translate) -> Grid:
    """Characters of the texts of each part, or language, at some quantiles."""
    data = results["data"]
    profiled = (data.get("profile") or {}).get("lengths", {})
    known = {name: one["quantiles"] for name, one in profiled.items()} or data.get("lengths") or {}
    names = {"all": t("all"), "train": t("train"), "validation": t("validation"), "test": t("test")}
    shown = ("0", "0.25", "0.5", "0.75", "0.95", "1")
    rows = tuple(
        (names.get(name, language_name(name, t)), *(count(one[at]) for at in shown))
        for name, one in known.items()
        if one
    )
    head = (t("Characters"), t("least"), t("a quarter up to"), t("half"), t("three quarters"), "95 %", t("most"))
    return Grid(head=head, rows=rows)


def parts(results: Results, t: Translate) -> Grid:
    """Groups and times of each part, where the rows have them."""
    groups, times = results["data"].get("groups") or {}, results["data"].get("times") or {}
    rows = tuple(
        (name, count(groups.get(name, 0)), *(times.get(name) or ("", "")))
        for name in results["data"]["splits"]
        if groups.get(name) or times.get(name)
    )
    return Grid(head=(t("Part"), t("groups"), t("first"), t("last")), rows=rows)


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
    rows = tuple((names[name], f"{value:,.4g}") for name, value in known.items() if name in names)
    return Grid(head=(t("Target"), t("value")), rows=rows, compact=True)


def phrases(results: Results, t: Translate) -> Grid:
    """Phrases that stand in many texts."""
    found = (results["data"].get("profile") or {}).get("boilerplate", ())[:_MOST]
    rows = tuple((one["text"], count(one["count"])) for one in found)
    return Grid(head=(t("Phrase"), t("rows")), rows=rows, compact=True, quoted=frozenset({0}))


def suspects(results: Results, t: Translate) -> Grid:
    """The training rows whose label is most likely wrong."""
    found = (results.get("suspects") or {}).get("examples", ())
    rows = tuple(
        (short(str(one["text"])), str(one["given"]), str(one["suggested"]), share(one["score"], 2)) for one in found
    )
    head = (t("Text"), t("label given"), t("label suggested"), t("score"))
    return Grid(head=head, rows=rows, texts=3, quoted=frozenset({0}))


def effects(results: Results, t: Translate) -> Grid:
    """What dropping or relabelling the suspects does on the validation rows."""
    names = {"drop": t("drop them"), "relabel": t("relabel them")}
    metric = results["choice"]["metric"]
    rows = tuple(
        (
            names.get(name, name),
            count(effect["rows"]),
            versus_words(effect, metric, t),
            t("helps") if effect["helps"] else t("not shown to help"),
        )
        for name, effect in ((results.get("suspects") or {}).get("effects") or {}).items()
    )
    return Grid(head=(t("Treatment"), t("training rows"), change_in(metric, t), t("verdict")), rows=rows)


def short(text: str) -> str:
    """A text of a user's on one line, its middle left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _LONG else f"{line[: _LONG // 2]} … {line[-_LONG // 2 :]}"
