"""How right a monitor is about whom a text is for or against, on a table that people labelled; nothing without one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from argosy.core.errors import DataError, raise_all
from argosy.core.opinion import SENTIMENTS, About
from argosy.data.files.header import missing_columns
from argosy.data.files.read import read_table
from argosy.data.language import detect
from argosy.infer.load import load
from argosy.opinion.analyst import chances_by
from argosy.opinion.entities.felt import felt
from argosy.opinion.entities.find import Entities, Named
from argosy.opinion.entities.validate import Told, validate
from argosy.stages.opinion import parts

_COLUMNS = ("text", "entity", "about")
_SHOWN = 40  # characters of a wrong word


def measure(table: Path | None, entities: Mapping[str, Any], folder: Path, languages: Sequence[str]) -> dict[str, Any]:
    """By language the figures of ``entities.validate`` as JSON; where no rows are labelled, that there are none.

    Raises DataError for a table without the columns text, entity and about, or with a sentiment that is none.
    """
    rows = _rows(table, languages) if table else []
    known = {language: {"rows": 0, "validated": False} for language in languages}
    if not rows:
        return known
    finder = Entities([Named(name=name, **told) for name, told in entities.items()])
    ask = chances_by(load(folder / parts.SENTIMENT / parts.MODEL))

    def read(texts: Sequence[str]) -> list[Sequence[About]]:
        return list(felt(texts, [finder.find(text) for text in texts], ask, ask(texts)))

    return known | {one.language: one.to_json() for one in validate(rows, read)}


def _rows(table: Path, languages: Sequence[str]) -> list[Told]:
    frame = read_table(table)
    raise_all(missing_columns(frame, list(_COLUMNS), str(table)))
    cells = [frame.get_column(name).cast(str).to_list() for name in _COLUMNS]
    whole = [(text, entity, said) for text, entity, said in zip(*cells, strict=True) if text and entity and said]
    strange = [said for _, _, said in whole if said not in SENTIMENTS]
    if strange:
        raise DataError(
            "{word!r} in the column 'about' is no sentiment.",
            where=str(table),
            mend="Expected one of: {known}.",
            word=strange[0][:_SHOWN],
            known=", ".join(SENTIMENTS),
        )
    spoken = detect([text for text, _, _ in whole], languages)
    return [
        Told(text=text, language=language, entity=entity, about=said)
        for (text, entity, said), language in zip(whole, spoken, strict=True)
    ]
