"""Counts: what texts add to the cells, and what is heard of sources. One statement a table adds all of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from argosy.core.opinion import HOUR, Kept, Post
from argosy.store.opinion.tables import cells_table, heard_table

Key = tuple[int, str, str, str, str]
"""Start, topic, entity, language and sentiment of a cell."""
_KEY = ("start", "topic", "entity", "language", "sentiment")


def cells_of(kept: Iterable[Kept]) -> dict[Key, tuple[int, int, float]]:
    """Stories, reach and weight that these texts add to each cell.

    A text adds to the cell of its hour and topic, and to that of each entity with what is felt about it.
    """
    sums: dict[Key, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for one in kept:
        opinion = one.opinion
        start = hour(opinion.post.at)
        felt = {"": opinion.sentiment, **{about.entity: about.sentiment for about in opinion.about}}
        for entity, sentiment in felt.items():
            cell = sums[start, opinion.topic, entity, opinion.language, sentiment]
            cell[0] += one.first
            cell[1] += 1
            cell[2] += opinion.weight if one.first else 0.0
    return {key: (int(stories), int(reach), weight) for key, (stories, reach, weight) in sums.items()}


def add_cells(connection: sa.Connection, model: str, added: Iterable[Kept], removed: Iterable[Kept] = ()) -> None:
    """Count texts, and those that are ``removed`` no more."""
    gained, lost = cells_of(added), cells_of(removed)
    rows = []
    for key in sorted(gained.keys() | lost.keys()):
        more, less = gained.get(key, (0, 0, 0.0)), lost.get(key, (0, 0, 0.0))
        if more != less:
            sums = {"stories": more[0] - less[0], "reach": more[1] - less[1], "weight": more[2] - less[2]}
            rows.append({"model": model, **dict(zip(_KEY, key, strict=True)), **sums})
    _add(connection, cells_table, rows)


def add_heard(connection: sa.Connection, model: str, source: str, posts: Sequence[Post], now: int) -> None:
    """Note a poll, and the posts that it gave."""
    published = Counter(hour(post.at) for post in posts)
    heard = Counter(hour(post.received) for post in posts)
    polls = {hour(now): 1}
    rows = [
        {"model": model, "source": source, "start": start}
        | {"published": published[start], "heard": heard[start], "polls": polls.get(start, 0)}
        for start in sorted({*published, *heard, *polls})
    ]
    _add(connection, heard_table, rows)


def hour(at: int) -> int:
    """The start of a time's hour."""
    return at - at % HOUR


def _add(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(_adding(connection.dialect.name, table), [dict(row) for row in rows])


@cache
def _adding(dialect: str, table: sa.Table) -> sa.Insert:
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    keys = [column.name for column in table.primary_key]
    sums = {column.name: column + insert.excluded[column.name] for column in table.c if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=sums)
