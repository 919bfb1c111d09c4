"""The frontier in sentences: what was picked and why, what was refused, what was not tried, what the prices assume."""

from collections.abc import Iterator, Mapping
from typing import Any

from argosy.core.errors import ArgosyError
from argosy.report.ladder import Translate, amount
from argosy.report.numbers import rounded

Record = Mapping[str, Any]


def picked(record: Record, metric: str, t: Translate) -> list[str]:
    """Which point the target picks and why; nothing where there is no target."""
    pick = record.get("pick")
    if pick is None:
        return []
    wishes = t(", ").join(_wishes(record["target"], metric, t)) or t("no limit")
    if pick["name"] is None:
        template = t("No model keeps to {wishes}, so what is served is what would be without a target.")
        return [template.format(wishes=wishes), _nearest(pick, metric, t)]
    template = {
        "cheapest": t("{name} is picked: the cheapest that keeps to {wishes}."),
        "best": t("{name} is picked: the best that keeps to {wishes}."),
        "as_good": t("{name} is picked: not told apart from the best that keeps to {wishes}, and cheaper."),
    }[pick["reason"]]
    lines = [template.format(name=pick["name"], wishes=wishes)]
    if pick["shown"] is not None:
        shown = (
            t("The validation rows exclude a loss of more than {limit}.")
            if pick["shown"]
            else t("The validation rows do not exclude a loss of more than {limit}.")
        )
        lines.append(shown.format(limit=amount(metric, record["target"]["max_quality_loss"], t)))
    return lines


def refused(record: Record, t: Translate) -> Iterator[str]:
    """Each point that may not serve, and why."""
    for point in record["points"]:
        for reason in point["refused"]:
            told = ArgosyError.from_json(reason).render(t)
            yield t("Refused: {name}. {reason}").format(name=point["name"], reason=told)


def not_tried(record: Record, t: Translate) -> Iterator[str]:
    """Each model that was not made, and why."""
    reasons = {"budget": t("the minutes do not allow it."), "late": t("the time was up.")}
    for one in record["not_tried"]:
        failed = one.get("error")
        reason = ArgosyError.from_json(failed).render(t) if failed else reasons[one["reason"]]
        yield t("Not tried: {name}; {reason}").format(name=one["name"], reason=reason)


def prices(record: Record, t: Translate) -> str:
    """What the costs assume."""
    known = record["cost"]
    template = t("Costs assume {price} {currency} an hour for the machine, which answers {load} % of the time.")
    return template.format(
        price=rounded(known["machine_per_hour"]), currency=known["currency"], load=rounded(100 * known["load"])
    )


def _wishes(target: Record, metric: str, t: Translate) -> Iterator[str]:
    for wish in ("p99_ms", "size_mb", "max_quality_loss"):
        if target[wish] is not None:
            yield _wish(wish, target[wish], metric, t)


def _nearest(pick: Record, metric: str, t: Translate) -> str:
    template = t("{name} comes nearest: {found}, where {limit} is asked for.")
    sides = [
        t(", ").join(_wish(miss["wish"], miss[side], metric, t) for miss in pick["missed"])
        for side in ("found", "limit")
    ]
    return template.format(name=pick["nearest"], found=sides[0], limit=sides[1])


def _wish(wish: str, size: float, metric: str, t: Translate) -> str:
    template = {
        "p99_ms": t("a p99 of {size} ms"),
        "size_mb": t("{size} MB"),
        "max_quality_loss": t("a loss of {size}"),
    }[wish]
    return template.format(size=amount(metric, size, t) if wish == "max_quality_loss" else f"{size:.4g}")
