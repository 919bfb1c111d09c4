"""Errors as the clients of OpenAI's API expect them: ``{"error": {"message", "type", "param", "code"}}``."""

import math
from collections.abc import Callable, Mapping
from functools import cache

from starlette.datastructures import Headers
from starlette.responses import JSONResponse

from argosy.core.errors import ArgosyError
from argosy.core.language import from_locale, translator

_translator = cache(translator)

# code -> HTTP status and type
CODES: Mapping[str, tuple[int, str]] = {
    "not_json": (400, "invalid_request_error"),
    "bad_request": (400, "invalid_request_error"),
    "missing_key": (401, "authentication_error"),
    "invalid_key": (401, "authentication_error"),
    "expired_key": (401, "authentication_error"),
    "budget_spent": (402, "insufficient_quota"),
    "wallet_empty": (402, "insufficient_quota"),
    "no_scope": (403, "permission_error"),
    "no_permission": (403, "permission_error"),
    "form_over": (403, "permission_error"),
    "model_forbidden": (403, "permission_error"),
    "origin_forbidden": (403, "permission_error"),
    "bad_signature": (403, "permission_error"),
    "suspended": (403, "permission_error"),
    "no_price": (403, "permission_error"),
    "not_found": (404, "invalid_request_error"),
    "model_not_found": (404, "invalid_request_error"),
    "method_not_allowed": (405, "invalid_request_error"),
    "body_too_slow": (408, "invalid_request_error"),
    "batch_expired": (408, "invalid_request_error"),
    "idempotency_in_flight": (409, "invalid_request_error"),
    "body_too_large": (413, "invalid_request_error"),
    "too_many_texts": (413, "invalid_request_error"),
    "text_too_long": (413, "invalid_request_error"),
    "storage_full": (413, "invalid_request_error"),
    "too_many_lines": (413, "invalid_request_error"),
    "unsupported_media_type": (415, "invalid_request_error"),
    "wrong_model": (422, "invalid_request_error"),
    "missing_field": (422, "invalid_request_error"),
    "unknown_field": (422, "invalid_request_error"),
    "unsupported_field": (422, "invalid_request_error"),
    "invalid_value": (422, "invalid_request_error"),
    "empty_input": (422, "invalid_request_error"),
    "empty_file": (422, "invalid_request_error"),
    "invalid_file": (422, "invalid_request_error"),
    "invalid_json_line": (422, "invalid_request_error"),
    "invalid_url": (422, "invalid_request_error"),
    "duplicate_custom_id": (422, "invalid_request_error"),
    "idempotency_mismatch": (422, "invalid_request_error"),
    "release_refused": (422, "invalid_request_error"),
    "rate_limited": (429, "rate_limit_error"),
    "too_many_concurrent": (429, "rate_limit_error"),
    "quota_spent": (429, "insufficient_quota"),
    "internal_error": (500, "server_error"),
    "overloaded": (503, "overloaded_error"),
    "not_ready": (503, "overloaded_error"),
    "ledger_slow": (503, "overloaded_error"),
    "ledger_unavailable": (503, "overloaded_error"),
    "storage_unavailable": (503, "overloaded_error"),
}
_AGAIN = frozenset({409, 429, 503})
_RETRY_SECONDS = 1.0
_SPENT = "insufficient_quota"


class RequestError(ArgosyError):
    """A request that is not answered; ``code`` is one of ``CODES``, ``param`` names the part of the body at fault.

    ``retry`` is the seconds after which the same request may be answered, where they are known; infinity: never.
    ``head`` are more headers of the answer.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        param: str | None = None,
        mend: str = "",
        retry: float = _RETRY_SECONDS,
        **values: object,
    ) -> None:
        super().__init__(message, where="", mend=mend, **values)
        self.code = code
        self.param = param
        self.retry = retry
        self.head: Mapping[str, str] = {}
        self.status, self.type = CODES[code]

    def headers(self) -> dict[str, str]:
        """What the answer's head says beside the body: when to come again, if it helps."""
        head = dict(self.head)
        if self.status in _AGAIN and self.retry < math.inf:
            head["retry-after"] = str(max(1, math.ceil(self.retry)))
        if self.type == _SPENT or self.retry == math.inf:
            head["x-should-retry"] = "false"  # OpenAI's clients would come again at once
        if self.type == "authentication_error":
            head["www-authenticate"] = "Bearer"
        return head


def said(error: ArgosyError, language: str) -> str:
    """An error in a language, for who reads it later."""
    return error.render(_translator(language))


def error_response(error: RequestError, headers: Headers) -> JSONResponse:
    """The answer to a request with ``headers``, in the language that it asks for."""
    translate: Callable[[str], str] = _translator(from_locale(headers.get("accept-language")))
    content = {
        "error": {"message": error.render(translate), "type": error.type, "param": error.param, "code": error.code}
    }
    return JSONResponse(content, status_code=error.status, headers=error.headers())
