"""The models that a server answers for, by name."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar

from argosy.core.account import Caller
from argosy.core.errors import MissingError
from argosy.serve.errors import RequestError
from argosy.serve.work import Engine, Works, work_of

E = TypeVar("E", bound=Engine)
_SHOWN = 60  # characters of a client's own words that an error repeats


@dataclass(frozen=True, slots=True)
class Served:
    """A model that answers: its public ``name``, which ``version`` of it, its engine, and how that is put to work."""

    name: str
    version: str
    engine: Engine
    work: Works | None = None


class Catalogue:
    """Models by name, the first one by default; raises MissingError when there is none."""

    def __init__(self, engines: Mapping[str, Engine], *, remembered: int = 0) -> None:
        if not engines:
            raise MissingError("There is no model to serve.", mend="Build one first: argosy run")
        self._served = {
            name: Served(name, "1", engine, work_of(engine, remembered=remembered)) for name, engine in engines.items()
        }

    @property
    def names(self) -> Sequence[str]:
        """The public names."""
        return list(self._served)

    def look(self, name: str) -> Served:
        """The model of a name that exists, to describe it."""
        return self._served[name]

    @contextmanager
    def use(self, name: str, caller: Caller) -> Iterator[Served]:
        """The version of a model that answers this caller now; it stays loaded until the block ends."""
        yield self._served[name]

    async def aclose(self) -> None:
        """Finish what was begun."""
        for served in self._served.values():
            if served.work:
                await served.work.aclose()


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
