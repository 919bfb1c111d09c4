"""What people say of texts: their word stands for the model's wherever a text is read or counted."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from argosy.core.opinion import About, Correction, Kept
from argosy.store.opinion.tables import corrections_table, stories_table
from argosy.store.writing import put

_SOME = 2_000  # values of a statement


def corrected(kept: Kept, said: Sequence[Correction]) -> Kept:
    """A text as people say that it is."""
    opinion = kept.opinion
    for one in said:
        if one.topic:
            opinion = replace(opinion, topic=one.topic, sure=1.0)
        if one.sentiment and one.entity:
            opinion = replace(opinion, about=tuple(_about(about, one) for about in opinion.about))
        elif one.sentiment:
            opinion = replace(opinion, chances={one.sentiment: 1.0})
    return replace(kept, opinion=opinion)


def of_texts(connection: sa.Connection, model: str, ids: Sequence[str]) -> Mapping[str, list[Correction]]:
    """What was said of these texts, by id."""
    found: dict[str, list[Correction]] = {}
    for start in range(0, len(ids), _SOME):
        some = corrections_table.c.id.in_(ids[start : start + _SOME])
        for one in selected(connection, model, some):
            found.setdefault(one.id, []).append(one)
    return found


def selected(connection: sa.Connection, model: str, *wanted: sa.ColumnElement[bool]) -> list[Correction]:
    """Those that are wanted, the oldest first."""
    table = corrections_table
    columns = [column for column in table.c if column.name != "model"]
    query = sa.select(*columns).where(table.c.model == model, *wanted).order_by(table.c.at, table.c.id, table.c.entity)
    return [Correction(**row) for row in connection.execute(query).mappings()]


def keep(connection: sa.Connection, model: str, said: Correction, before: Sequence[Correction]) -> list[Correction]:
    """Write a correction over those ``before`` it; what stands of the text then.

    Where it says nothing of the topic or the sentiment, what was said before stays. There is one topic of a text, so
    an earlier one that came with another entity is taken back.
    """
    old = next((one for one in before if one.entity == said.entity), None)
    if old is not None:
        said = replace(said, sentiment=said.sentiment or old.sentiment, topic=said.topic or old.topic)
    others = [one for one in before if one.entity != said.entity]
    if said.topic:
        others = [replace(one, topic="") for one in others]
    after = [*others, said]
    put(connection, corrections_table, [{"model": model, **_row(one)} for one in after])
    return after


def tell_story(connection: sa.Connection, model: str, kept: Kept) -> None:
    """A story is of the topic and sentiment of the text that began it."""
    if kept.first:
        table = stories_table
        mine = (table.c.model == model) & (table.c.id == kept.story)
        told = {"topic": kept.opinion.topic, "sentiment": kept.opinion.sentiment}
        connection.execute(sa.update(table).where(mine).values(told))


def _about(about: About, said: Correction) -> About:
    return replace(about, chances={said.sentiment: 1.0}) if about.entity == said.entity else about


def _row(one: Correction) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in corrections_table.c if column.name != "model"}
