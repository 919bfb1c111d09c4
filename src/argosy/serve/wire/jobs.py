"""The bodies of files, batches and feedback."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from argosy.core.feedback import Feedback
from argosy.core.jobs import Batch, File
from argosy.data.augment import MASK_METHOD, METHODS
from argosy.data.redact import KINDS
from argosy.serve.errors import RequestError
from argosy.serve.jobs.parts import LINES, ROWS
from argosy.serve.wire.parse import STRICT

_SECOND = 1_000_000  # microseconds
_LAST = 2**31 - 1
NO_NUL = r"^[^\x00]*$"  # which PostgreSQL does not store
_MOST_COPIES = 10
_METHODS = tuple(name for name in METHODS if name != MASK_METHOD)  # that one needs a model


class FileTold(BaseModel):
    """A file; times are seconds since the epoch."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: Literal["processed"] = "processed"


class FileList(BaseModel):
    """Files, the newest first unless asked otherwise."""

    object: Literal["list"] = "list"
    data: list[FileTold]
    first_id: str | None
    last_id: str | None
    has_more: bool


class Deleted(BaseModel):
    """That a file is gone."""

    id: str
    object: Literal["file"] = "file"
    deleted: bool = True


class BatchRequest(BaseModel):
    """A file to work through; ``metadata`` says what a data service should do.

    A batch that is not through after its window, such as ``24h`` or ``7d``, expires.
    """

    model_config = STRICT

    input_file_id: str = Field(pattern=NO_NUL)
    endpoint: str
    completion_window: str = "24h"
    metadata: dict[str, Annotated[str, Field(max_length=512)]] | None = Field(default=None, max_length=16)


class BatchProblem(BaseModel):
    """Why a batch was not taken, or stopped."""

    code: str
    message: str
    line: int | None
    param: str | None


class BatchProblems(BaseModel):
    """All of it."""

    object: Literal["list"] = "list"
    data: list[BatchProblem]


class BatchCounts(BaseModel):
    """Requests, or rows, by what became of them; a row that fails was dropped."""

    total: int
    completed: int
    failed: int


class BatchTold(BaseModel):
    """A batch; ``report`` is what a data service found."""

    id: str
    object: Literal["batch"] = "batch"
    endpoint: str
    input_file_id: str
    completion_window: str
    status: str
    created_at: int
    expires_at: int
    in_progress_at: int | None = None
    finalizing_at: int | None = None
    completed_at: int | None = None
    failed_at: int | None = None
    expired_at: int | None = None
    cancelling_at: int | None = None
    cancelled_at: int | None = None
    output_file_id: str | None
    error_file_id: str | None
    errors: BatchProblems | None
    request_counts: BatchCounts
    metadata: dict[str, str] | None
    report: dict[str, Any] | None


class BatchList(BaseModel):
    """Batches, the newest first."""

    object: Literal["list"] = "list"
    data: list[BatchTold]
    first_id: str | None
    last_id: str | None
    has_more: bool


class FeedbackRequest(BaseModel):
    """A word on an answer: ``request_id`` is what its header ``x-argosy-event`` said.

    ``index`` is the place of the text in the request, ``label`` the right one, ``rating`` 1 for good and -1 for bad.
    """

    model_config = STRICT

    request_id: str = Field(min_length=1, max_length=128, pattern=NO_NUL)
    index: int = Field(default=0, ge=0, le=_LAST)
    label: str | None = Field(default=None, max_length=256, pattern=NO_NUL)
    rating: Literal[1, -1] | None = None
    comment: str | None = Field(default=None, max_length=4000, pattern=NO_NUL)


class FeedbackTold(BaseModel):
    """That it was kept; the same words again have the same id."""

    id: str
    object: Literal["feedback"] = "feedback"
    request_id: str
    created_at: int


def file_told(file: File) -> FileTold:
    """A file as clients see it."""
    return FileTold(
        id=file.id,
        bytes=file.bytes,
        created_at=file.created // _SECOND,
        expires_at=file.expires // _SECOND,
        filename=file.name,
        purpose=file.purpose,
    )


def batch_told(batch: Batch) -> BatchTold:
    """A batch as clients see it."""
    problems = [BatchProblem(code=p.code, message=p.message, line=p.line, param=p.param) for p in batch.problems]
    progress = batch.progress
    times = {f"{status}_at": at // _SECOND for status, at in batch.at.items() if status != "validating"}
    return BatchTold(
        id=batch.id,
        endpoint=batch.endpoint,
        input_file_id=batch.input,
        completion_window=batch.window,
        status=batch.status,
        created_at=batch.at["validating"] // _SECOND,
        expires_at=batch.expires // _SECOND,
        output_file_id=batch.output if batch.output in batch.files else None,
        error_file_id=batch.errors if batch.errors in batch.files else None,
        errors=BatchProblems(data=problems) if problems else None,
        request_counts=BatchCounts(total=progress.total, completed=progress.completed, failed=progress.failed),
        metadata=dict(batch.wishes) or None,
        report=dict(batch.report) or None,
        **times,
    )


def feedback_told(said: Feedback) -> FeedbackTold:
    """What was kept."""
    return FeedbackTold(id=said.id, request_id=said.event, created_at=said.at // _SECOND)


def check_endpoint(endpoint: str) -> None:
    """Raise RequestError for an endpoint that batches don't have."""
    known = [*LINES, *ROWS]
    if endpoint not in known:
        raise RequestError(
            "There is no batch for this endpoint; there is one for {names}.",
            code="invalid_value",
            param="endpoint",
            mend="Use one of these.",
            names=", ".join(known),
        )


def window_of(words: str) -> int:
    """A window such as ``24h`` or ``2d`` in microseconds."""
    unit = {"h": 3_600, "d": 86_400}.get(words[-1:], 0)
    count = int(words[:-1]) if words[:-1].isdecimal() and len(words) <= 4 else 0  # noqa: PLR2004 - digits of a week
    if not 0 < count * unit <= 7 * 86_400:
        raise RequestError(
            "The window must be hours or days, a week at most.",
            code="invalid_value",
            param="completion_window",
            mend="Send {example!r}.",
            example="24h",
        )
    return count * unit * _SECOND


def check_wishes(endpoint: str, wishes: Mapping[str, str]) -> None:
    """Raise RequestError for metadata that a data service cannot do; keys that it does not know are the client's."""
    if "column" not in wishes:
        raise RequestError(
            "The metadata do not say in which column the texts stand.",
            code="missing_field",
            param="metadata.column",
            mend="Add the key {key!r} to the metadata.",
            key="column",
        )
    for key, (valid, expected) in _WISHES.get(ROWS[endpoint], {}).items():
        if key in wishes and not valid(wishes[key]):
            raise RequestError(
                "The metadata ask for {found!r} as {key!r}; expected is {expected}.",
                code="invalid_value",
                param=f"metadata.{key}",
                mend="Correct it, or leave it out.",
                found=wishes[key][:60],
                key=key,
                expected=expected,
            )


def _among(names: tuple[str, ...]) -> tuple[Callable[[str], bool], str]:
    def valid(words: str) -> bool:
        found = [word.strip() for word in words.split(",")]
        return bool(found) and set(found) <= set(names)

    return valid, ", ".join(names)


def _between(low: int, high: int) -> tuple[Callable[[str], bool], str]:
    return lambda words: words.isdecimal() and len(words) <= 9 and low <= int(words) <= high, f"{low}…{high}"  # noqa: PLR2004 - fits 32 bits


def _is_share(words: str) -> bool:
    try:
        return 0 <= float(words) <= 1
    except ValueError:
        return False


_WISHES: Mapping[str, Mapping[str, tuple[Callable[[str], bool], str]]] = {
    "redact": {"kinds": _among(tuple(KINDS)), "mode": _among(("mask", "pseudonym"))},
    "dedupe": {"near": (_is_share, "0…1")},
    "augment": {
        "methods": _among(_METHODS),
        "copies": _between(1, _MOST_COPIES),
        "seed": _between(0, 999_999_999),
    },
}


BODIES = (BatchRequest, FeedbackRequest)
"""Bodies that the routes read themselves."""
