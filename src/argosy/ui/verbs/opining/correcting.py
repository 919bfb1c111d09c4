"""``argosy opinion correct`` and ``export``: what people say of texts, one by one or in a table."""

import time
from dataclasses import dataclass
from pathlib import Path

from argosy.core.errors import ArgosyError, DataError, ProjectError, raise_all
from argosy.core.opinion import HOUR
from argosy.project.opining.sheet import drawn, read_sheet, write_sheet
from argosy.ui.speech import note, t
from argosy.ui.verbs.books import actor
from argosy.ui.verbs.build import say_json
from argosy.ui.verbs.opining.opening import opened

_MOST = 100_000  # texts among which is drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which texts are to be labelled; ``entity`` empty: by what they feel on the whole."""

    count: int
    days: int
    doubtful: bool
    entity: str
    seed: int


def correct(folder: Path, text: str, sentiment: str, topic: str, entity: str, *, as_json: bool) -> None:
    """Say what one text really says."""
    if not (sentiment or topic):
        raise ProjectError(
            "It is not said what is right.",
            where="argosy opinion correct",
            mend="Say it: --sentiment negative|neutral|positive, or --topic NAME",
        )
    with opened(folder) as live:
        live.correct(text, actor(), sentiment=sentiment, topic=topic, entity=entity)
    if as_json:
        say_json({"id": text, "sentiment": sentiment, "topic": topic, "entity": entity})
        return
    note(t("Counted so from now on; the next argosy run learns from it."))


def take(folder: Path, source: Path, *, as_json: bool) -> bool:
    """Take the corrections of a filled table; whether all rows could be read.

    What is wrong with rows is told after the others were taken, at the terminal as DataError, or Problems.
    """
    with opened(folder) as live:
        filled = read_sheet(source)
        problems = list(filled.problems)
        for one in filled.said:
            try:
                live.correct(one.id, actor(), sentiment=one.sentiment, topic=one.topic, entity=one.entity)
            except ArgosyError as error:
                problems.append(DataError(error.message, where=one.where, mend=error.mend, **error.values))
    taken = len(filled.said) - (len(problems) - len(filled.problems))
    if as_json:
        say_json({"corrected": taken, "wrong": [problem.render(t) for problem in problems]})
        return not problems
    said = t("{taken} texts corrected, {wrong} rows passed over; the next argosy run learns from them.")
    note(said.format(taken=taken, wrong=len(problems)))
    raise_all(problems)
    return True


def export(folder: Path, target: Path, wish: Wish, *, as_json: bool) -> None:
    """Write texts to be labelled, of each story only the first; those that were corrected are left out."""
    end = time.time_ns() // 1000
    with opened(folder) as live:
        texts = live.log.between(end - 24 * HOUR * wish.days, end, first=True, most=_MOST)
        corrected = {one.id for one in live.log.corrections() if one.entity == wish.entity}
    left = (one for one in texts if one.id not in corrected)
    rows = write_sheet(
        drawn(left, wish.count, doubtful=wish.doubtful, entity=wish.entity, seed=wish.seed), target, wish.entity
    )
    if as_json:
        say_json({"rows": rows, "file": str(target)})
        return
    said = t(
        "{rows} texts in {path}: fill the columns sentiment and topic, then\n"
        "  argosy opinion correct --from {path} --in {folder}"
    )
    note(said.format(rows=rows, path=target, folder=folder))
