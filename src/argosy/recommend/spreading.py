"""The same work over many parts: in this process, in several, or on a Ray cluster. The results are equal."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from typing import Any, Literal, Self, TypeVar

from argosy.core.errors import MissingError

Part = TypeVar("Part")
Result = TypeVar("Result")
Where = Literal["here", "processes", "ray"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Where work is done: ``here``, one part after the other; in so many ``processes``; or on ``ray``.

    ``workers`` 0 is one for each core. ``address`` is that of a Ray cluster, empty for one of this machine alone, which
    lasts as long as this process.
    """

    where: Where = "here"
    workers: int = 0
    address: str = ""

    @classmethod
    def named(cls, name: str) -> Self:
        """``here``, ``processes``, ``ray``, or the address of a cluster, ``ray://HOST:10001``."""
        places: Mapping[str, Where] = {"here": "here", "processes": "processes"}
        return cls(where=places.get(name, "ray"), address=name if "://" in name else "")

    def map(self, work: Callable[[Part], Result], parts: Iterable[Part]) -> list[Result]:
        """The results, in the order of the parts.

        ``work`` stands at the top of a module, and all that goes in and out can be sent to another process. What it
        raises is raised here, of the first part in order that failed.
        """
        waiting = list(parts)
        if self.where == "here" or len(waiting) <= 1:
            return [work(part) for part in waiting]
        if self.where == "ray":
            return self._on_ray(work, waiting)
        workers = min(self.workers or os.cpu_count() or 1, len(waiting))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            return list(
                pool.map(work, waiting, chunksize=-(-len(waiting) // workers))
            )  # what it holds is sent once each

    def _on_ray(self, work: Callable[[Part], Result], parts: list[Part]) -> list[Result]:
        ray = _ray()
        with _connected(ray, self.workers, self.address):
            remote, sent = ray.remote(_done), ray.put(work)  # what the work holds is sent once
            try:
                found: list[Result] = ray.get([remote.remote(sent, part) for part in parts])
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error
            return found


def _done(work: Callable[[Part], Result], part: Part) -> Result:
    return work(part)


@contextmanager
def _connected(ray: Any, workers: int, address: str) -> Iterator[None]:
    """A connection, which is left as it was found."""
    if ray.is_initialized():
        yield
        return
    alone = {} if address else {"num_cpus": workers or None, "include_dashboard": False}
    ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", **alone)
    try:
        yield
    finally:
        ray.shutdown()


def _ray() -> Any:
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        raise MissingError(
            "Spreading work over machines needs the package {name!r}, which is not installed.",
            mend="pip install 'argosy[scale]'",
            name="ray",
        ) from error
