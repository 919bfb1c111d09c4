"""What is known of an opinion monitor in words: its errors by language, what is not validated, whom it names."""

from collections.abc import Iterator

from argosy.report.ladder import Results, Translate
from argosy.report.numbers import count, percents

KIND = "opinion"  # of the record of such a project


def found(results: Results, t: Translate) -> Iterator[tuple[str, str]]:
    """What was measured beside the sentiment model's own figures, as (title, line)."""
    known = results["opinion"]
    for language, one in known["sentiment"].items():
        yield t("sentiment, {language}").format(language=_languages(t)[language]), _sentiment(one, t)
    if marked := known["sarcasm"]["marked"]:
        template = t("of {rows} test texts that look sarcastic {share} are read right; of the others {others}")
        others = known["sarcasm"]["others"]
        shown = percents(others) if others else "–"
        yield t("sarcasm"), template.format(rows=count(marked["rows"]), share=percents(marked), others=shown)
    else:
        yield t("sarcasm"), t("no test text looks sarcastic: nothing is known of how such texts are read")
    for language, told in known["entities"].items():
        yield t("entities, {language}").format(language=_languages(t)[language]), _entities(told, t)
    if topic := known["topic"]:
        figure = topic["served"]["macro_f1"]
        yield (
            t("topics"),
            t("{labels}: macro F1 {share}").format(labels=", ".join(topic["labels"]), share=percents(figure)),
        )
    posts = known["posts"]
    template = t("{kept} of {read} posts in files, in {stories} stories")
    yield t("posts"), template.format(**{name: count(posts[name]) for name in ("kept", "read", "stories")})


def _sentiment(one: Results, t: Translate) -> str:
    """How many test texts of a language are read right, and the classes of which too few are known."""
    if not one["rows"]:
        return t("unvalidated: no test text is in this language")
    said = t("{share} of {rows} test texts are read right").format(
        share=percents(one["accuracy"]), rows=count(one["rows"])
    )
    names = {"negative": t("negative"), "neutral": t("neutral"), "positive": t("positive")}
    missing = [name for key, name in names.items() if key not in one["validated"]]
    if missing:
        said += t("; unvalidated, for want of labelled texts: {labels}").format(labels=", ".join(missing))
    return said


def _entities(one: Results, t: Translate) -> str:
    """How right the sentiment about an entity is, where labelled rows tell."""
    if not one["validated"]:
        template = t("unvalidated: {rows} labelled mentions; name a table in [opinion] validated")
        return template.format(rows=count(one["rows"]))
    template = t("{share} of {rows} labelled mentions are read right")
    return template.format(share=percents(one["accuracy"]), rows=count(one["rows"]))


def _languages(t: Translate) -> dict[str, str]:
    return {"zh": t("Chinese"), "en": t("English")}
