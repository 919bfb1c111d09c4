"""The verdict on a recommender in words: whether text helps, whether the whole beats a simple model, what leaks."""

from collections.abc import Iterator

from argosy.report.ladder import Results, Translate, amount, rung_names
from argosy.report.numbers import change, count, interval, p_value, percent, share

KIND = "recommend"  # of the record of such a project
SYSTEM = "system"
"""The candidate that is all parts together; the others go by the names of their models."""


def power(results: Results, t: Translate) -> str:
    """The smallest difference that the test's users could show, or nothing where it is unknown."""
    metric = results["choice"]["metric"]
    found = results.get("detectable", {}).get(metric)
    if found is None:
        return ""
    template = t("{users} test users can show a difference of {amount} (80 % power); a smaller one may go unseen.")
    return template.format(users=count(results["asked"]), amount=amount(metric, found, t))


def headline(results: Results, t: Translate) -> str:
    """Whether text helps, for items that users know and for new ones."""
    known = results["recommend"]["text"]
    if known is None:
        return t("No text model was built: items are ranked by what users do, and new ones by their age.")
    if not results["asked"]:
        return t("Nothing is known of how good the lists are: no user of the test did anything before it.")
    warm, cold = _helps(known["warm"]), known["cold"] and _helps(known["cold"]["versus_content"])
    if cold is None:
        return (
            t("Text helps to rank items that users know; too few new items are in the test to say more.")
            if warm
            else t(
                "Text is not shown to help with items that users know; too few new ones are in the test to say more."
            )
        )
    if warm:
        return (
            t("Text helps: with items that users know, and the trained model with new ones.")
            if cold
            else t("Text helps with items that users know; with new ones training it is not shown to help.")
        )
    return (
        t("Text is not shown to help with items that users know; with new ones the trained model does.")
        if cold
        else t("Text is not shown to help: not with items that users know, and training it not with new ones.")
    )


def details(results: Results, t: Translate) -> Iterator[str]:
    """The difference to the best simple model, and what a random split would have claimed."""
    names, metric = rung_names(results, t), results["choice"]["metric"]
    versus = results["versus_best_baseline"]
    if versus:
        template = t(
            "Against {baseline}, the best simple model on validation, for {users} users: {change} points, {p}."
        )
        yield template.format(
            baseline=names.get(versus["baseline"], versus["baseline"]),
            users=count(results["asked"]),
            change=change(metric, versus),
            p=p_value(versus["p"]),
        )
    served = results["choice"]["served"]
    if served != SYSTEM:
        template = t("{name} is served: on validation all parts together were no better.")
        yield template.format(name=names.get(served, served))
    audit = results["recommend"]["audit"]
    if audit:
        template = t(
            "A random split would have claimed {metric} {random} for it; honestly cut it is {honest}. {share} of the "
            "test events of such a split lie before training events of the same user."
        )
        yield template.format(
            metric="NDCG@10",
            random=share(audit["random"]),
            honest=share(audit["honest"]),
            share=percent(audit["before"]),
        )


def doubt(results: Results, t: Translate) -> str:
    """That the test speaks against what validation chose."""
    versus = results["versus_best_baseline"]
    if not versus or results["choice"]["served"] != SYSTEM or versus["high"] >= 0:
        return ""
    return t("On the test the best simple model is better, beyond chance: what users do has changed since validation.")


def found(results: Results, t: Translate) -> list[tuple[str, str]]:
    """What else was measured, as (title, line)."""
    known = results["recommend"]
    told = [(t("cut"), _cut(known, t))]
    if known["text"] and known["text"]["cold"]:
        told.append((t("new items"), _cold(known["text"]["cold"], t)))
    if known["shown"]:
        template = t("{share} of the items are in some test user's list")
        told.append((t("coverage"), template.format(share=percent(known["shown"]))))
    return told


def _helps(versus: Results | None) -> bool | None:
    return None if versus is None else bool(versus["low"] > 0)


def _cut(known: Results, t: Translate) -> str:
    users = {name: count(number) for name, number in known["users"].items()}
    if known["protocol"] == "last":
        return t("each user's last success is the test: {warm} users").format(**users)
    template = t("what happened from {at} on is the test: {warm} users with a past, {cold} without")
    return template.format(at=known["at"], **users)


def _cold(cold: Results, t: Translate) -> str:
    template = t(
        "among new items alone NDCG@10 is {text}, by their words {content}, at random {random} ({users} users)"
    )
    figures = {name: interval(cold[name]) for name in ("text", "content", "random")}
    return template.format(**figures, users=count(cold["users"]))


def slice_name(part: str, t: Translate) -> str:
    """What a group of users, or of items that they wanted, is called."""
    return {
        "warm": t("with a past"),
        "cold_users": t("without a past"),
        "short": t("with few events"),
        "long": t("with many events"),
        "cold_items": t("who wanted new items"),
        "head": t("who wanted popular items"),
        "middle": t("who wanted others"),
        "tail": t("who wanted rare items"),
    }.get(part, part)
