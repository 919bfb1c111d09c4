"""The versions of one model in this process: which answers whom, and until when each stays loaded."""

import asyncio
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect

from argosy.core.account import Caller
from argosy.core.engine import Classifier
from argosy.serve.answers.work import Embedding, Engine, Work, Works, work_of
from argosy.serve.errors import RequestError
from argosy.serve.releases.evidence import Evidence, Seen, Windows, together
from argosy.serve.releases.shadow import Copy, Mirror, Tapped
from argosy.serve.releases.versions import Line, goes_to_challenger, mirrored
from argosy.serve.running.edge import Visit

VERSION = "x-argosy-version"
"""The header that says which version answered."""
_FAILED = 500
_AFTER_SECONDS = 0.05  # the reply has gone out by then


@dataclass(frozen=True, slots=True)
class Served:
    """A model that answers: its public ``name``, which ``version`` of it, its engine, and how that is put to work."""

    name: str
    version: str
    engine: Engine
    work: Works | None = None


@dataclass(slots=True, eq=False)
class _Loaded:
    served: Served
    users: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)
    dropped: bool = False

    def leave(self) -> None:
        self.users -= 1
        if self.dropped and not self.users:
            self.free.set()


@dataclass(slots=True, eq=False)
class Turn:
    """One use of a version."""

    served: Served
    loaded: _Loaded
    second: bool
    seen: Seen | None = None
    tapped: Tapped | None = None
    visit: Visit | None = None


class Lane:
    """Belongs to the event loop: whatever changes it runs there, so a request sees the state before or after."""

    def __init__(self, name: str, engine: Engine, *, version: int, remembered: int) -> None:
        self.line = Line(model=name, champion=version)
        self.windows: Windows | None = None
        self.mirror: Mirror | None = None
        self.wanted: set[int] = set()  # by pins of accounts
        self._remembered = remembered
        self._loaded: dict[int, _Loaded] = {}
        self._counted = 0
        self.put(version, engine)

    @property
    def numbers(self) -> frozenset[int]:
        """The versions that are loaded."""
        return frozenset(self._loaded)

    def look(self) -> Served:
        """The champion."""
        return self._loaded[self.line.champion].served

    def put(self, number: int, engine: Engine) -> None:
        """A version is loaded and may answer; once is enough."""
        if number in self._loaded:
            return
        work = work_of(engine, remembered=self._remembered)
        self._loaded[number] = _Loaded(Served(self.line.model, str(number), engine, work))

    def follow(self, line: Line) -> None:
        """Send requests where ``line`` says from now on; its champion is loaded."""
        before, self.line = self.line, line
        if (before.rollout, before.phase, before.step) != (line.rollout, line.phase, line.step):
            self._start_step()
        self._mirror()

    async def drop(self, number: int) -> None:
        """Give no more requests to a version, and close it when the last one is answered."""
        loaded = self._loaded.pop(number)
        loaded.dropped = True
        if loaded.users:
            await loaded.free.wait()
        await _close(loaded.served)
        close = getattr(loaded.served.engine, "close", None)  # of engines in a process of their own
        if callable(close):
            await asyncio.to_thread(close)

    def begin(self, caller: Caller, visit: Visit | None) -> Turn:
        """Choose a version for a request; raises RequestError for a pinned one that is not loaded yet."""
        line = self.line
        self._counted += 1
        nonce = visit.event if visit else str(self._counted)
        pin = caller.account.pins.get(line.model) or line.pins.get(caller.account.tenant)
        if pin is not None:
            return self._turn(self._pinned(str(pin)), visit, second=False)
        by_chance = caller.account.tenant not in line.plan.tenants
        second = goes_to_challenger(line, caller, nonce) and line.challenger in self._loaded
        if second and by_chance and line.plan.by == "request" and self.windows:
            second = self.windows.room(line.share)
        turn = self._turn(line.challenger if second and line.challenger else line.champion, visit, second=second)
        if self.windows and by_chance and line.challenger in self._loaded:
            turn.seen = self.windows.begin(second=second)
        if self.mirror and isinstance(turn.served.work, Work) and mirrored(line, nonce):
            turn.tapped = Tapped(turn.served.work)
            turn.served = Served(turn.served.name, turn.served.version, turn.served.engine, turn.tapped)
        return turn

    def end(self, turn: Turn, error: BaseException | None) -> None:
        """The request is answered, or failed with ``error``."""
        turn.loaded.leave()
        if turn.seen and self.windows:
            status = error.status if isinstance(error, RequestError) else _FAILED
            stayed = isinstance(error, Exception) and not isinstance(error, ClientDisconnect)
            self.windows.end(turn.seen, failed=stayed and status >= _FAILED, left_out=stayed and status < _FAILED)
        if turn.tapped and turn.tapped.heard and self.mirror and error is None:
            texts, labels, seconds = turn.tapped.heard
            tenant, event = (turn.visit.tenant, turn.visit.event) if turn.visit else ("", "")
            copy = Copy(
                tenant=tenant, event=event, texts=texts, labels=labels, seconds=seconds, by_challenger=turn.second
            )
            asyncio.get_running_loop().call_later(_AFTER_SECONDS, self.mirror.offer, copy)

    def evidence(self) -> Evidence:
        """What this process counted of the step under way."""
        if self.windows:
            self.windows.close()
        parts = [part.evidence for part in (self.windows, self.mirror) if part]
        return together(parts)

    def forget(self) -> None:
        """Remember no answer given so far."""
        for loaded in self._loaded.values():
            if isinstance(loaded.served.work, Work | Embedding):
                loaded.served.work.forget()

    async def aclose(self) -> None:
        """Finish what was begun."""
        if self.mirror:
            self.mirror.close()
        for loaded in self._loaded.values():
            await _close(loaded.served)

    def _turn(self, number: int, visit: Visit | None, *, second: bool) -> Turn:
        loaded = self._loaded[number]
        loaded.users += 1
        if visit:
            visit.head[VERSION] = loaded.served.version
        return Turn(served=loaded.served, loaded=loaded, second=second, visit=visit)

    def _pinned(self, pin: str) -> int:
        number = int(pin) if pin.isdecimal() else 0
        self.wanted.add(number)
        if number not in self._loaded:
            raise RequestError(
                "Version {version} of {model}, to which you are pinned, is not loaded.",
                code="not_ready",
                mend="Try again later, or ask the operator to lift the pin.",
                version=pin,
                model=self.line.model,
            )
        return number

    def _start_step(self) -> None:
        line = self.line
        if self.mirror:
            self.mirror.close()
            self.mirror = None
        self.windows = Windows(line.plan.slack_ms / 1000) if line.phase == "canary" else None

    def _mirror(self) -> None:
        """Begin to copy requests once both versions are there."""
        line = self.line
        if self.mirror is None and line.phase != "steady" and line.challenger in self._loaded and line.plan.mirror:
            engines = [self._loaded[number].served.engine for number in (line.champion, line.challenger)]
            if isinstance(engines[0], Classifier) and isinstance(engines[1], Classifier):
                self.mirror = Mirror(engines[0], engines[1])


async def _close(served: Served) -> None:
    if served.work:
        await served.work.aclose()
