"""Where the vectors of an assistant are searched: in memory, or in PostgreSQL where there are very many."""

import logging

from argosy.assist.retrieval.snapshot import OpenVectors
from argosy.assist.retrieval.vectors import MANY, in_memory
from argosy.core.errors import MissingError
from argosy.core.knowledge import Vectors
from argosy.store.database import Database
from argosy.store.support.vectors import PgVectors

error_log = logging.getLogger("argosy.error")


def vectors_in(database: Database) -> OpenVectors:
    """What opens them: beyond MANY a table of the database, if it is PostgreSQL and has pgvector."""

    def opened(name: str, width: int, expected: int) -> Vectors:
        if expected > MANY and not database.sqlite:
            try:
                return PgVectors(database, name, width)
            except MissingError as error:
                error_log.warning("vectors: %s", " ".join(str(error).split()))
        return in_memory(name, width, expected)

    return opened
