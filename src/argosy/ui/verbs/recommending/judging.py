"""``argosy recommend numbers``, ``judge`` and ``trial``: what lists achieve, and what another model would."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.project.recommending import judging, trials
from argosy.report.numbers import count, interval, percents, share
from argosy.ui.speech import say, t
from argosy.ui.verbs.books import show_table
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.recommending.opening import opened


def numbers(folder: Path, days: int, *, as_json: bool) -> None:
    """Lists shown and acted on, by day and by model."""
    with opened(folder) as live:
        found = live.numbers(days)
    if as_json:
        say_json(dict(found))
        return
    heads = (t("day or model"), t("lists"), t("acted on"), t("share"))
    rows = [(one["day"], *_row(one)) for one in found["days"]]
    rows += [(_arm(one["arm"]), *_row(one)) for one in found["arms"]]
    show_table(heads, rows)
    explored = found["explored"]
    if explored["places"]:
        told = t("{places} places showed an item to learn about; {clicked} of them were acted on")
        say(told.format(places=count(explored["places"]), clicked=count(explored["clicked"])))


def judge(folder: Path, model: Path, days: int, *, as_json: bool) -> None:
    """What another model would have achieved with the first place of the lists that were shown."""
    with opened(folder) as live:
        found = judging.judge(live, model, days)
    if as_json:
        say_json(dict(found))
        return
    told = t("{lists} lists of {users} users; the share of first places that was acted on:")
    say(told.format(lists=count(found["lists"]), users=count(found["users"])))
    names = {"logged": t("as they were"), "ips": "IPS", "snips": t("IPS, normalised"), "doubly": t("doubly robust")}
    rows = [(names[name], interval(found[name])) for name in names if found.get(name)]
    show_table((t("estimate"), t("share")), rows)
    if gain := found.get("gain"):
        say(t("gain       {gain}").format(gain=interval(gain)))
    _overlap(found["overlap"])


def begin(folder: Path, model: Path, part: float, *, as_json: bool) -> None:
    """Begin a trial."""
    with opened(folder) as live:
        trial = trials.begin(live, model, part)
    if as_json:
        say_json({"model": trial.model, "share": trial.share})
        return
    said = t("A share of {share} of the users gets the lists of {model} from now on.")
    say(said.format(share=share(trial.share), model=trial.model))


def status(folder: Path, *, as_json: bool) -> None:
    """How the trial stands."""
    with opened(folder) as live:
        found = trials.status(live)
    if as_json:
        say_json(dict(found))
        return
    own, other = found["shares"]
    rows = [
        (name, count(units), "–" if one is None else share(one))
        for name, units, one in zip((_arm("first"), _arm("second")), found["units"], (own, other), strict=True)
    ]
    show_table((t("model"), t("users"), t("share of lists acted on")), rows)
    if found["difference"] is not None:
        told = {"value": found["difference"], "low": found["low"], "high": found["high"]}
        say(t("difference {difference}, at all times together").format(difference=percents(told)))
    won = {
        "": t("Nobody has won yet."),
        "first": t("The project's own model is better."),
        "second": t("The other one is better."),
    }
    say(won[found["winner"]])


def end(folder: Path, *, as_json: bool) -> None:
    """End it."""
    with opened(folder) as live:
        trial = trials.end(live)
    if as_json:
        say_json({"model": trial.model, "ended": True})
        return
    say(t("Ended: all users get the project's own model again."))


def _row(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return count(one["lists"]), count(one["clicked"]), interval({**one, "value": one["rate"]})


def _arm(arm: str) -> str:
    return {"first": t("the project's own model"), "second": t("the model on trial")}.get(arm, arm)


def _overlap(overlap: Mapping[str, Any]) -> None:
    """Why nothing can be said, where that is so."""
    said = {
        "nothing_explored": t("Nothing was shown to learn: set [recommend] explore above 0, and wait."),
        "too_few": t("The lists say too little of it: about {needed} more are needed."),
        "out_of_reach": t(
            "The other model would show what was never shown: let it learn from more exploration, or try it."
        ),
    }
    if overlap["refused"]:
        say(said.get(overlap["refused"], overlap["refused"]).format(needed=count(overlap["needed"])))
