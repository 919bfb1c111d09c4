"""Requests and tokens a minute, and requests at once, for every tenant of one service.

The rule: whatever minute is looked at, no more than the limit was let in during it. A window slides; amounts are kept
by slices of 10 ms, and a slice leaves the window a minute after the last request in it, so a request comes in up to
10 ms later than it might, and never sooner. Tokens count by their upper bound at first, by what was used at the end.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from argosy.core.account import Limits
from argosy.serve.errors import RequestError

SECOND = 1_000_000_000  # nanoseconds
MINUTE = 60 * SECOND
SLICE = SECOND // 100
_AGAIN_SECONDS = 1.0  # when a request in flight ends is not known


@dataclass(slots=True, eq=False)
class _Slice:
    """``amount`` let in from ``first`` to ``last`` (nanoseconds of the monotonic clock)."""

    first: int
    last: int
    amount: int
    over: bool = False


class Window:
    """What was let in during the last minute."""

    def __init__(self) -> None:
        self._slices: deque[_Slice] = deque()
        self._used = 0

    def used(self, now: int) -> int:
        """What counts at ``now``."""
        while self._slices and now - self._slices[0].last >= MINUTE:
            gone = self._slices.popleft()
            gone.over = True
            self._used -= gone.amount
        return self._used

    def wait(self, now: int, amount: int, limit: int) -> float:
        """Nanoseconds until there is room for ``amount``: 0 when there is, infinity when there never is."""
        missing = self.used(now) + amount - limit
        if missing <= 0:
            return 0
        for part in self._slices:
            missing -= part.amount
            if missing <= 0 and amount <= limit:
                return part.last + MINUTE - now
        return math.inf

    def add(self, now: int, amount: int) -> _Slice:
        """Count ``amount``, and give what ``lower`` takes."""
        last = self._slices[-1] if self._slices else None
        if last is None or now - last.first >= SLICE:
            last = _Slice(now, now, 0)
            self._slices.append(last)
        last.last = now
        last.amount += amount
        self._used += amount
        return last

    def lower(self, part: _Slice, amount: int) -> None:
        """Count ``amount`` less than was added."""
        if not part.over:
            part.amount -= amount
            self._used -= amount

    def empty_in(self, now: int) -> int:
        """Nanoseconds until nothing counts."""
        return self._slices[-1].last + MINUTE - now if self.used(now) else 0


@dataclass(slots=True, eq=False)
class _Tenant:
    requests: Window = field(default_factory=Window)
    tokens: Window = field(default_factory=Window)
    at_once: int = 0


@dataclass(slots=True, eq=False)
class Taken:
    """A request that was let in, until it ends."""

    tenant: _Tenant
    request: _Slice
    part: _Slice
    tokens: int


class Limiter:
    """The limits of all tenants; for one thread."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._clock = clock
        self._tenants: dict[str, _Tenant] = {}

    def take(self, tenant: str, limits: Limits, tokens: int) -> Taken:
        """Let a request of at most ``tokens`` in; raises RequestError where a limit has no room."""
        state, now = self._tenants.setdefault(tenant, _Tenant()), self._clock()
        if limits.concurrent is not None and state.at_once >= limits.concurrent:
            raise _too_many(limits.concurrent)
        _check(state.requests.wait(now, 1, _or_endless(limits.requests_per_minute)), "requests", 1, limits)
        _check(state.tokens.wait(now, tokens, _or_endless(limits.tokens_per_minute)), "tokens", tokens, limits)
        state.at_once += 1
        return Taken(state, state.requests.add(now, 1), state.tokens.add(now, tokens), tokens)

    def end(self, taken: Taken, tokens: int | None = None) -> None:
        """A request has ended and used ``tokens``, or as many as it was let in for."""
        taken.tenant.at_once -= 1
        if tokens is not None:
            taken.tenant.tokens.lower(taken.part, taken.tokens - tokens)

    def undo(self, taken: Taken) -> None:
        """A request was refused after all: it counts for nothing."""
        self.end(taken, 0)
        taken.tenant.requests.lower(taken.request, 1)

    def head(self, tenant: str, limits: Limits) -> dict[str, str]:
        """The headers in which OpenAI tells a client what is left of each limit a minute, and when it is whole."""
        state, now, head = self._tenants.setdefault(tenant, _Tenant()), self._clock(), {}
        for name, window, limit in (
            ("requests", state.requests, limits.requests_per_minute),
            ("tokens", state.tokens, limits.tokens_per_minute),
        ):
            if limit is not None:
                head[f"x-ratelimit-limit-{name}"] = str(limit)
                head[f"x-ratelimit-remaining-{name}"] = str(max(0, limit - window.used(now)))
                head[f"x-ratelimit-reset-{name}"] = span(window.empty_in(now))
        return head


def tokens_of(quantities: Mapping[str, int]) -> int:
    """The tokens that count for a minute: read and written."""
    return quantities.get("prompt_tokens", 0) + quantities.get("completion_tokens", 0)


def span(nanoseconds: int) -> str:
    """A time as OpenAI's headers have it, rounded up to milliseconds.

    >>> span(59_123_000_000), span(60_000_000_000), span(20_000_000), span(0)
    ('59.123s', '1m0s', '20ms', '0s')
    """
    milliseconds = -(-nanoseconds // 1_000_000)
    if 0 < milliseconds < 1000:  # noqa: PLR2004 - of a second
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    return f"{minutes}m{seconds}" if minutes else seconds


def _or_endless(limit: int | None) -> int:
    return limit if limit is not None else 1 << 62


def _check(wait: float, unit: str, amount: int, limits: Limits) -> None:
    if not wait:
        return
    limit = limits.requests_per_minute if unit == "requests" else limits.tokens_per_minute
    if wait == math.inf:
        raise RequestError(
            "The request may take up to {amount} {unit}, and the limit is {limit} a minute.",
            code="rate_limited",
            mend="Send less at once, or ask for a higher limit.",
            retry=math.inf,
            amount=amount,
            unit=unit,
            limit=limit,
        )
    raise RequestError(
        "The limit of {limit} {unit} a minute is reached.",
        code="rate_limited",
        mend="Try again after the time in the header retry-after.",
        retry=wait / SECOND,
        unit=unit,
        limit=limit,
    )


def _too_many(limit: int) -> RequestError:
    return RequestError(
        "{limit} requests are in flight already, as many as may be at once.",
        code="too_many_concurrent",
        mend="Wait for one to be answered, then send the next.",
        retry=_AGAIN_SECONDS,
        limit=limit,
    )
