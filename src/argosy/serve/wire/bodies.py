"""What goes over the wire: the bodies of requests and answers, and what is checked before any work."""

import asyncio
from collections.abc import Sequence
from difflib import get_close_matches
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from argosy.core.engine import Classifier, Embedder, Generator
from argosy.core.ledger import Quantities, Reply
from argosy.core.records import Prediction
from argosy.infer.recall import Answer
from argosy.serve.answers.catalogue import Served
from argosy.serve.answers.work import kind_of
from argosy.serve.errors import RequestError
from argosy.serve.settings import Settings

_SHOWN = 60  # characters of a client's own words that an error repeats
_ENDS = 8  # tokens that a model may put around a text


class ClassifyRequest(BaseModel):
    """One text or several, the model to ask (the served one when left out), and the ``user`` they are about."""

    # Unknown keys are let in here and refused by name in `parse`: "forbid" would build an error for each of a million.
    model_config = ConfigDict(strict=True, extra="allow", json_schema_extra={"additionalProperties": False})

    input: str | Annotated[list[str], Field(fail_fast=True)] = Field(examples=["broke after a day"])
    model: str | None = Field(default=None)
    user: str | None = Field(default=None)


class Classified(BaseModel):
    """The answer for one text: its place in the input, the likeliest label, and every label's probability.

    ``certain``: whether the answer may stand alone, at the error rate the model was built for; null when the model
    was built without one. ``truncated``: the text is longer than the model reads, and the answer is for its beginning.
    """

    index: int
    label: str
    probabilities: dict[str, float]
    certain: bool | None = None
    truncated: bool = False


class Usage(BaseModel):
    """What the request cost, in the tokens of the model."""

    prompt_tokens: int
    total_tokens: int


class ClassifyAnswer(BaseModel):
    """One entry a text, in the order of the input."""

    object: Literal["list"] = "list"
    model: str
    data: list[Classified]
    usage: Usage


class Model(BaseModel):
    """A model that can be asked for: its ``kind`` is ``classify``, ``embed``, ``generate`` or ``rerank``.

    ``labels`` are those of a classifier, ``dimensions`` those of an embedder's vectors, ``context`` the tokens that a
    generator's prompt and answer have together.
    """

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str = "argosy"
    kind: Literal["classify", "embed", "generate", "rerank"]
    labels: list[str]
    dimensions: int | None = None
    context: int | None = None
    engine: str


class ModelList(BaseModel):
    """The models that can be asked for, the one asked by default first."""

    object: Literal["list"] = "list"
    data: list[Model]


class State(BaseModel):
    """How the server is."""

    status: Literal["ok"] = "ok"


class ErrorDetail(BaseModel):
    """What was expected, what was found and what to do."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(BaseModel):
    """Every answer but 2xx has this body."""

    error: ErrorDetail


async def read_body(request: Request, settings: Settings) -> bytes:
    """The body of a JSON request; refused as soon as it is known to be too large, or when it is too slow in coming."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise RequestError(
            "The body must be JSON, and its content type is {kind!r}.",
            code="unsupported_media_type",
            mend="Send the header content-type: application/json.",
            kind=kind[:_SHOWN],
        )
    return await read_whole(request, settings)


async def read_whole(request: Request, settings: Settings) -> bytes:
    """The body of any request; refused as soon as it is known to be too large, or when it is too slow in coming."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > settings.max_body_bytes:
        raise _too_large(settings.max_body_bytes)
    try:
        async with asyncio.timeout(settings.read_seconds):
            return await _read_up_to(request, settings.max_body_bytes)
    except TimeoutError:
        raise RequestError(
            "The body did not come within {seconds} seconds.",
            code="body_too_slow",
            mend="Send it in one piece.",
            seconds=settings.read_seconds,
        ) from None


def parse(body: bytes) -> ClassifyRequest:
    """The request in a JSON body; raises RequestError for the first thing that is wrong with it."""
    if not body.strip():
        raise RequestError("The body is empty.", code="not_json", mend="Send JSON such as {example}.", example=_EXAMPLE)
    try:
        asked = ClassifyRequest.model_validate_json(body)
    except ValidationError as error:
        raise _explain(error) from None
    if asked.model_extra:
        raise _unknown_key(next(iter(asked.model_extra)))
    return asked


def texts_of(asked: ClassifyRequest, settings: Settings) -> list[str]:
    """The texts to classify; raises RequestError when they are too many, too long, or blank."""
    return checked(asked.input, "input", settings)


def checked(given: str | list[str], param: str, settings: Settings) -> list[str]:
    """The texts of the key ``param``; raises RequestError when they are none, too many, too long, or blank."""
    texts = [given] if isinstance(given, str) else given
    if not texts:
        raise RequestError("The input holds no text.", code="empty_input", param=param, mend="Send at least one text.")
    if len(texts) > settings.max_texts:
        raise RequestError(
            "The input holds {found} texts; a request may hold {limit}.",
            code="too_many_texts",
            param=param,
            mend="Split the texts over several requests.",
            found=len(texts),
            limit=settings.max_texts,
        )
    for index, text in enumerate(texts):
        _check_text(text, param if isinstance(given, str) else f"{param}[{index}]", settings.max_chars)
    return texts


def answer(model: str, answers: Sequence[Answer[Prediction]]) -> ClassifyAnswer:
    """The body of a good answer."""
    data = [
        Classified(
            index=index,
            label=given.prediction.label,
            probabilities=dict(given.prediction.probabilities),
            certain=given.prediction.certain,
            truncated=given.truncated,
        )
        for index, given in enumerate(answers)
    ]
    tokens = sum(given.tokens for given in answers)
    return ClassifyAnswer(model=model, data=data, usage=Usage(prompt_tokens=tokens, total_tokens=tokens))


def at_most(texts: Sequence[str], served: Served) -> Quantities:
    """What reading ``texts`` may use at most: no text has more tokens than bytes, and two for its ends."""
    longest = getattr(served.engine, "longest", None)
    tokens = [len(text.encode("utf-8", "surrogatepass")) + _ENDS for text in texts]
    most = sum(tokens) if longest is None else sum(min(count, longest + _ENDS) for count in tokens)
    return {"requests": 1, "texts": len(texts), "prompt_tokens": most}


def used(answer: ClassifyAnswer) -> Quantities:
    """What an answer used."""
    return {"requests": 1, "texts": len(answer.data), "prompt_tokens": answer.usage.prompt_tokens}


def kept(body: bytes, response: Response) -> Reply:
    """An answer as it is kept for a retry."""
    return Reply(
        asked=sha256(body).hexdigest(),
        status=response.status_code,
        media_type="application/json",
        body=bytes(response.body),
    )


def describe(served: Served, created: int) -> Model:
    """A model as ``GET /v1/models`` shows it."""
    engine = served.engine
    return Model(
        id=served.name,
        created=created,
        kind=kind_of(engine),
        labels=list(engine.labels) if isinstance(engine, Classifier) else [],
        dimensions=engine.dimensions if isinstance(engine, Embedder) else None,
        context=engine.context if isinstance(engine, Generator) else None,
        engine=engine.name,
    )


_EXAMPLE = '{"input": "a text"}'


async def _read_up_to(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise _too_large(limit)
    return bytes(body)


def _too_large(limit: int) -> RequestError:
    return RequestError(
        "The body is larger than {limit} bytes.",
        code="body_too_large",
        mend="Split the texts over several requests.",
        limit=limit,
    )


def _check_text(text: str, param: str, limit: int) -> None:
    if len(text) > limit:
        raise RequestError(
            "The text has {found} characters; it may have {limit}.",
            code="text_too_long",
            param=param,
            mend="Shorten it, or send its parts as texts of their own.",
            found=len(text),
            limit=limit,
        )
    if not text.strip():
        raise RequestError("The text is blank.", code="empty_input", param=param, mend="Leave it out.")


def _explain(error: ValidationError) -> RequestError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[-1]
    kind, path = first["type"], first["loc"]
    if kind == "json_invalid":
        return RequestError("The body is not JSON.", code="not_json", mend="Send {example}.", example=_EXAMPLE)
    if not path:
        return RequestError(
            "The body must be a JSON object.", code="invalid_value", mend="Send {example}.", example=_EXAMPLE
        )
    if kind == "missing":
        return RequestError(
            "The key {key!r} is missing.",
            code="missing_field",
            param=str(path[0]),
            mend="Send {example}.",
            key=path[0],
            example=_EXAMPLE,
        )
    if path[0] == "model":
        return RequestError(
            "The model must be named by a text.", code="invalid_value", param="model", mend="Leave it out."
        )
    if path[0] == "user":
        return RequestError(
            "The user must be named by a text.", code="invalid_value", param="user", mend="Leave it out."
        )
    place = f"input[{path[-1]}]" if isinstance(path[-1], int) else "input"
    return RequestError(
        "The input must be a text or a list of texts.",
        code="invalid_value",
        param=place,
        mend="Send {example}.",
        example=_EXAMPLE,
    )


def _unknown_key(key: str) -> RequestError:
    near = get_close_matches(key[:_SHOWN], list(ClassifyRequest.model_fields), n=1, cutoff=0)
    return RequestError(
        "The key {key!r} is not known.",
        code="unknown_field",
        param=key[:_SHOWN],
        mend="Did you mean {near!r}?",
        key=key[:_SHOWN],
        near=near[0],
    )
