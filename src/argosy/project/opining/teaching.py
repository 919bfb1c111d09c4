"""Corrections that teach: what people said of texts, as labelled rows of the projects that the monitor stands on.

The log is what is known; each file of rows is written anew from it as a whole, so that nothing is taught twice. They
join the rows that those projects are built from, at the next `argosy run`.
"""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from argosy.config import file
from argosy.config.schema import Project
from argosy.core.artifact import write_atomically
from argosy.core.errors import ProjectError
from argosy.core.opinion import SENTIMENTS, Correction

FILE = "labels/corrected.csv"
_SHOWN = 40  # characters of a wrong word that are repeated


def teach(project: Project, folder: Path, corrections: Iterable[Correction]) -> None:
    """Write the rows of both projects; the last word on a text counts, and what is said of an entity is no label."""
    latest: dict[str, Correction] = {}
    for one in corrections:
        if not one.entity:
            latest[one.id] = _joined(latest.get(one.id), one)
    wish = project.opinion
    _write(folder / wish.sentiment, [(one.text, one.sentiment) for one in latest.values() if one.sentiment])
    if wish.topic:
        _write(folder / wish.topic, [(one.text, one.topic) for one in latest.values() if one.topic])


def refuse_words(correction: Correction, topics: Iterable[str], entities: Iterable[str]) -> None:
    """Raise ProjectError for a sentiment, topic or entity that there is none of, and for a correction of nothing."""
    choices = (
        ("sentiment", correction.sentiment, SENTIMENTS),
        ("topic", correction.topic, tuple(topics)),
        ("entity", correction.entity, tuple(entities)),
    )
    for name, word, known in choices:
        if word and word not in known:
            raise ProjectError(
                "There is no {name} {word!r}.",
                mend="Expected one of: {known}.",
                name=name,
                word=word[:_SHOWN],
                known=", ".join(known) or "–",
            )
    if not (correction.sentiment or correction.topic):
        raise ProjectError("The correction says nothing.", mend="Give a sentiment, a topic, or both.")


def _joined(before: Correction | None, after: Correction) -> Correction:
    if before is None:
        return after
    return Correction(
        id=after.id,
        text=after.text,
        language=after.language,
        sentiment=after.sentiment or before.sentiment,
        topic=after.topic or before.topic,
        by=after.by,
        at=after.at,
    )


def _write(folder: Path, rows: list[tuple[str, str]]) -> None:
    """The rows by the columns that the project names; nothing is written where there is no such project or row."""
    place = folder / FILE
    if not folder.is_dir() or not (rows or place.exists()):
        return
    data = file.load(folder).data
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow((data.text, data.label))
    writer.writerows(rows)
    place.parent.mkdir(exist_ok=True)
    write_atomically(place, lines.getvalue())
