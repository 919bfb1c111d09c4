"""What batches are made from, and how much of everything they may take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from argosy.core.account import Caller, Scope
from argosy.core.jobs import Jobs
from argosy.serve.jobs.shelf import Shelf

Service = Literal["clean", "redact", "dedupe", "augment"]
LINES: dict[str, Scope] = {
    "/v1/classify": "classify",
    "/v1/embeddings": "embed",
    "/v1/rerank": "rerank",
    "/v1/chat/completions": "generate",
    "/v1/completions": "generate",
}
"""The endpoints whose requests a batch holds line by line, and the right that each needs."""
ROWS: dict[str, Service] = {
    "/v1/data/clean": "clean",
    "/v1/data/redact": "redact",
    "/v1/data/dedupe": "dedupe",
    "/v1/data/augment": "augment",
}
"""The data services, each over the rows of one file; all need the right ``data``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Sizes in bytes, times in seconds.

    A file may have ``file_bytes``, all files of a tenant ``stored_bytes``; they are kept ``file_days``. ``lines`` and
    ``rows`` bound one batch. A process works on ``batches`` at once, ``in_flight`` lines of each, fewer while live
    requests are answered. Who works on a batch holds it for ``lease`` and says so anew all the while; ``poll`` is how
    often somebody looks for work. A line that finds no room is asked again after at most ``patience``. A data service
    may take ``memory``.
    """

    file_bytes: int = 200 * 1024 * 1024
    stored_bytes: int = 10 * 1024 * 1024 * 1024
    file_days: int = 30
    lines: int = 50_000
    rows: int = 1_000_000
    batches: int = 2
    in_flight: int = 8
    lease: float = 15.0
    poll: float = 2.0
    patience: float = 120.0
    memory: int = 4 * 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """The parts; ``caller`` tells who a key belongs to now, from memory, and None once it is over."""

    shelf: Shelf
    jobs: Jobs
    caller: Callable[[str], Caller | None]
    bounds: Bounds = field(default_factory=Bounds)
