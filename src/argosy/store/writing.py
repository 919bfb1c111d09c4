"""Rows that replace what stood under their key, alike on both databases."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


def put(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], *, replace: bool = True) -> None:
    """Insert rows; those with the same key are replaced (but for columns that the table keeps), or stay as they are."""
    if rows:
        connection.execute(_put(connection.dialect.name, table, replace), [dict(row) for row in rows])


@cache
def _put(dialect: str, table: sa.Table, replace: bool) -> sa.Insert:  # noqa: FBT001 - a key of the cache
    """The statement, made once, so that its compiled text is found again."""
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    keys = {column.name for column in table.primary_key}
    if not replace:
        return insert.on_conflict_do_nothing(index_elements=sorted(keys))
    kept = {*keys, *table.info.get("kept", ())}
    changed = {column.name: insert.excluded[column.name] for column in table.c if column.name not in kept}
    return insert.on_conflict_do_update(index_elements=sorted(keys), set_=changed)
