"""The models that a server answers for, by name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from argosy.core.account import Caller
from argosy.core.errors import MissingError
from argosy.serve.answers.work import Engine
from argosy.serve.errors import RequestError
from argosy.serve.releases.lane import Lane, Served
from argosy.serve.running.edge import Visit

__all__ = ["Catalogue", "Engine", "Served", "pick"]
_SHOWN = 60  # characters of a client's own words that an error repeats


class Catalogue:
    """Models by name, the first one by default; raises MissingError when there is none, unless it is ``idle``.

    Engines that are not ``released`` answer, as version 0, until a release does. Each version in use is in memory once:
    the champion, and while a release is under way or a tenant is pinned the versions that these ask for.
    """

    def __init__(
        self, engines: Mapping[str, Engine], *, remembered: int = 0, released: bool = True, idle: bool = False
    ) -> None:
        if not engines and not idle:
            raise MissingError("There is no model to serve.", mend="Build one first: argosy run")
        version = 1 if released else 0
        self._lanes = {
            name: Lane(name, engine, version=version, remembered=remembered) for name, engine in engines.items()
        }

    @property
    def names(self) -> Sequence[str]:
        """The public names."""
        return list(self._lanes)

    def lane(self, name: str) -> Lane:
        """The versions of a model that exists."""
        return self._lanes[name]

    def look(self, name: str) -> Served:
        """The model of a name that exists, to describe it."""
        return self._lanes[name].look()

    @contextmanager
    def use(self, name: str, caller: Caller, visit: Visit | None = None) -> Iterator[Served]:
        """The version of a model that answers this caller now; it stays loaded until the block ends.

        The answer to ``visit`` says which version that was. Call it on the event loop.
        """
        lane = self._lanes[name]
        turn = lane.begin(caller, visit)
        try:
            yield turn.served
        except BaseException as error:
            lane.end(turn, error)
            raise
        lane.end(turn, None)

    def forget(self) -> None:
        """Remember no answer given so far, since somebody was erased; call it on the event loop."""
        for lane in self._lanes.values():
            lane.forget()

    async def aclose(self) -> None:
        """Finish what was begun."""
        for lane in self._lanes.values():
            await lane.aclose()


def pick(models: Sequence[str], name: str | None) -> str:
    """The name of the model to ask among those that the caller may use; the first one by default."""
    wanted = models[0] if name is None and models else name or ""
    if wanted in models:
        return wanted
    near = get_close_matches(wanted[:_SHOWN], models, n=1, cutoff=0)
    raise RequestError(
        "There is no model {name!r} here.",
        code="model_not_found",
        param="model",
        mend="Ask for {near!r}, or see GET /v1/models for all.",
        name=wanted[:_SHOWN],
        near=near[0] if near else "",
    )
