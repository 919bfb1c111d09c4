"""The verdict on an assistant in words: whether it finds answers better than words alone, and keeps its promise."""

from collections.abc import Iterator

from argosy.report.ladder import Results, Translate, amount, rung_names
from argosy.report.numbers import change, count, p_value, percent, percents

ASSISTANT, WORDS, UNTUNED = "assistant", "bm25", "untuned"
"""The candidates: all parts together, words alone, and the base model as it came."""
KIND = "support"  # of the record of such a project


def power(results: Results, t: Translate) -> str:
    """The smallest difference that the test questions could show, or nothing where it is unknown."""
    metric = results["choice"]["metric"]
    found = results.get("detectable", {}).get(metric)
    if found is None:
        return ""
    template = t(
        "{questions} test questions can show a difference of {amount} (80 % power); a smaller one may go unseen."
    )
    return template.format(questions=count(results["data"]["splits"]["test"]), amount=amount(metric, found, t))


def headline(results: Results, t: Translate) -> str:
    """What it answers by itself and how often that is wrong, against what was promised."""
    known = results["guarantee"]
    if known["answered"] is None:
        return t("Nothing is known of how well the assistant answers: there are no questions to test it on.")
    if known["wrong"] is None:
        return t("The assistant answered none of the test questions by itself.")
    template = (
        t(
            "The assistant answers {answered} of the questions by itself; {wrong} of these answers are wrong, and at "
            "most {most} were promised."
        )
        if known["threshold"] is not None
        else t(
            "The assistant answers {answered} of the questions by itself; {wrong} of these answers are wrong. It is "
            "not shown that at most {most} will be."
        )
    )
    return template.format(
        answered=percents(known["answered"]), wrong=percents(known["wrong"]), most=percent(known["max_wrong"])
    )


def details(results: Results, t: Translate) -> Iterator[str]:
    """The difference to words alone, what the promise covers, and what is not known here."""
    names, metric = rung_names(results, t), results["choice"]["metric"]
    versus = results["versus_best_baseline"]
    if versus:
        template = t("Against {baseline}, on the {questions} test questions with an answer here: {change} points, {p}.")
        yield template.format(
            baseline=names.get(versus["baseline"], versus["baseline"]),
            questions=count(results["asked"]),
            change=change(metric, versus),
            p=p_value(versus["p"]),
        )
    known = results["guarantee"]
    if known["threshold"] is not None:
        template = t(
            "The promise holds with {confidence} confidence while at most {share} of the questions have no answer here."
        )
        yield template.format(confidence=percent(known["confidence"]), share=percent(known["out_of_scope"]))
    else:
        template = t(
            "{rows} validation questions are too few to show that: they could show {rate} at best. Until then it "
            "answers where its own chance of being right is {chance}."
        )
        rate, chance = percent(known["supported"]), percent(1 - known["max_wrong"])
        yield template.format(rows=count(known["rows"]), rate=rate, chance=chance)
    if results["later"]:
        template = t("{answers} answers that were given later only are served too; the figures are without them.")
        yield template.format(answers=count(results["later"]))


def doubt(results: Results, t: Translate) -> str:
    """That the promise was not kept on the test questions, beyond chance."""
    known = results["guarantee"]
    if known["threshold"] is None or known["wrong"] is None or known["wrong"]["low"] <= known["max_wrong"]:
        return ""
    return t(
        "On the test questions more answers are wrong than promised, beyond chance: later questions differ from those "
        "that the threshold was set on. Build again with recent dialogues, or lower max_wrong."
    )


def found(results: Results, t: Translate) -> list[tuple[str, str]]:
    """What else was measured, as (title, line)."""
    told = []
    if (one := results.get("consistency")) and one["groups"]:
        template = t(
            "{share} of {groups} groups of rewordings get no two different answers; {strict} get the same one "
            "throughout, or none ({how})"
        )
        how = t("seeded typing errors, small letters, spaces, no punctuation, courtesies")
        shares = {name: percents(one[name]) for name in ("share", "strict")}
        told.append((t("consistency"), template.format(**shares, groups=count(one["groups"]), how=how)))
    if one := results.get("cited"):
        template = t("{sentences} composed sentences, each word for word at its place in the source")
        told.append((t("citations"), template.format(sentences=count(one["sentences"]))))
    if results["data"]["conflicts"] or results["data"]["expired"]:
        template = t(
            "{conflicts} contradictions and {expired} expired answers wait for a person: argosy support answers"
        )
        told.append(
            (
                t("to review"),
                template.format(
                    conflicts=count(len(results["data"]["conflicts"])), expired=count(len(results["data"]["expired"]))
                ),
            )
        )
    return told
