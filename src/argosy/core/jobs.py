"""Work that is done later: files that were handed in, batches of requests or rows over them, and who keeps both."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal, Protocol

Purpose = Literal["batch", "data", "batch_output"]
Status = Literal["validating", "in_progress", "finalizing", "completed", "failed", "expired", "cancelling", "cancelled"]
ENDED: frozenset[Status] = frozenset({"completed", "failed", "expired", "cancelled"})
OPEN: frozenset[Status] = frozenset({"validating", "in_progress", "finalizing", "cancelling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of a tenant under an opaque id; times are microseconds since the epoch."""

    id: str
    tenant: str
    purpose: Purpose
    name: str
    bytes: int
    created: int
    expires: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a batch was not taken, or stopped: a stable code, words, and the line of the input where there is one."""

    code: str
    message: str
    line: int | None = None
    param: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is: the first ``done`` lines are answered, ``completed`` of them well.

    What was written stands in the first bytes of the two files named after the claim ``by`` which wrote them.
    """

    total: int = 0
    done: int = 0
    completed: int = 0
    failed: int = 0
    output_bytes: int = 0
    error_bytes: int = 0
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch; ``output`` and ``errors`` are the ids that its two files get when it ends.

    ``at`` is when it came to each status, ``wishes`` is what its metadata says, ``language`` that of its messages.
    ``claim`` names who works on it now; ``claims`` counts those who began since something was last achieved.
    """

    id: str
    tenant: str
    key: str
    endpoint: str
    input: str
    output: str
    errors: str
    window: str
    expires: int
    language: str
    wishes: Mapping[str, str] = field(default_factory=dict)
    status: Status = "validating"
    at: Mapping[str, int] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    problems: Sequence[Problem] = ()
    report: Mapping[str, object] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    claim: str | None = None
    claims: int = 0


class Files(Protocol):
    """What is known of files; the bytes are elsewhere."""

    def add(self, file: File) -> "Future[None]":
        """Know a file."""
        ...

    def get(self, tenant: str, file: str) -> File | None:
        """A file of this tenant."""
        ...

    def page(
        self, tenant: str, *, purpose: str | None = None, after: str | None = None, limit: int, newest: bool = True
    ) -> list[File]:
        """At most ``limit`` files that follow the file ``after``, by the time of their creation."""
        ...

    def drop(self, tenant: str, file: str) -> "Future[bool]":
        """Forget a file; whether there was one."""
        ...

    def stored(self, tenant: str) -> int:
        """The bytes of all files of a tenant."""
        ...

    def expired(self, now: int, limit: int) -> list[File]:
        """Files whose time is over, of all tenants."""
        ...


class Jobs(Protocol):
    """What is known of batches; several processes work on them, each batch one process at a time."""

    def add(self, batch: Batch) -> "Future[None]":
        """Know a batch, which waits to be claimed."""
        ...

    def get(self, tenant: str, batch: str) -> Batch | None:
        """A batch of this tenant."""
        ...

    def page(self, tenant: str, *, after: str | None = None, limit: int) -> list[Batch]:
        """At most ``limit`` batches older than the batch ``after``, the newest first."""
        ...

    def cancel(self, tenant: str, batch: str, at: int) -> "Future[Batch | None]":
        """Ask a batch to stop: it is ``cancelling`` until who holds it, or claims it next, ends it. None: no such."""
        ...

    def waits(self, now: int) -> bool:
        """Whether there is a batch to claim; asks nothing of who writes."""
        ...

    def claim(self, now: int, until: int) -> "Future[Batch | None]":
        """A batch that waits, or whose claim is over, now claimed until the given time; tenants take turns."""
        ...

    def keep(self, batch: Batch, until: int) -> "Future[Batch | None]":
        """Store how far a claimed batch is and hold it longer; the batch as it stands then, None: the claim is lost.

        A batch that was asked to stop meanwhile is told so by its status. ``until`` 0 gives the claim back.
        """
        ...

    def finish(self, batch: Batch, files: Sequence[File]) -> "Future[bool]":
        """Store the end of a claimed batch and its files, together; False: the claim is lost, and nothing is stored."""
        ...
