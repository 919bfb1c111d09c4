"""Run a project: the stages that do not stand, one after the other, each whole or not at all."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from argosy.config.places import STORE
from argosy.core.artifact import Artifact, machine_error, sweep, writing
from argosy.core.errors import BusyError, ProjectError
from argosy.core.stage import Stage
from argosy.project.building.plan import Entry, digests, key, read_lock, standing, write_lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """News of a run: ``share`` goes from 0 to 1; ``seconds`` is set when the stage is done, ``hit`` when it stood."""

    stage: str
    share: float
    note: str = ""
    seconds: float | None = None
    hit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run leaves: the artifact of each stage, and the seconds that making it took (when it was made)."""

    artifacts: Mapping[str, Artifact]
    seconds: Mapping[str, float]
    hits: frozenset[str]


@contextmanager
def alone(folder: Path, wait: float = -1) -> Iterator[None]:
    """Hold the project, so that two runs never write at once; ``wait`` in seconds, below 0 for ever.

    Raises BusyError when another process still holds it. The lock goes with its process, so a killed run frees it.
    """
    try:
        (folder / ".argosy").mkdir(exist_ok=True)
        lock = FileLock(folder / ".argosy" / "run.lock")
        lock.acquire(timeout=wait)
    except Timeout as error:
        raise BusyError(
            "Another `argosy run` works on this project.",
            where=str(folder),
            mend="Wait for it, or start this one with --wait.",
        ) from error
    except OSError as error:
        raise machine_error(error, folder) from error
    try:
        yield
    finally:
        lock.release()


def run(folder: Path, stages: Sequence[Stage[Any]], tell: Callable[[Progress], None], until: str | None = None) -> Done:
    """Bring every stage (or those up to ``until``) up to date; call it while holding the project with ``alone``."""
    order = [stage.name for stage in stages]
    if until is not None and until not in order:
        raise ProjectError(
            "There is no stage {name!r}.", mend="The stages are: {order}.", name=until, order=", ".join(order)
        )
    store = folder / STORE
    sweep(store)
    lock = read_lock(folder)
    made: dict[str, Artifact] = {}
    hits: set[str] = set()
    for stage in stages[: order.index(until) + 1 if until else None]:
        stage_key = key(stage, {name: made[name].digest for name in stage.inputs})
        artifact = standing(folder, stage, stage_key, lock)
        if artifact is None:
            artifact, seconds = _make(stage, made, store, tell)
            lock[stage.name] = Entry(
                key=stage_key,
                artifact=artifact.path.name,
                digest=artifact.digest,
                seconds=round(seconds, 3),
                files=digests(stage),
            )
            write_lock(folder, lock, order)
            tell(Progress(stage=stage.name, share=1, seconds=seconds))
        else:
            hits.add(stage.name)
            tell(Progress(stage=stage.name, share=1, seconds=lock[stage.name].seconds, hit=True))
        made[stage.name] = artifact
    return Done(artifacts=made, seconds={name: lock[name].seconds for name in made}, hits=frozenset(hits))


def _make(
    stage: Stage[Any], made: Mapping[str, Artifact], store: Path, tell: Callable[[Progress], None]
) -> tuple[Artifact, float]:
    start = time.perf_counter()
    tell(Progress(stage=stage.name, share=0))
    inputs = {name: made[name].path for name in stage.inputs}
    with writing(store, stage.name) as draft:
        stage.run(
            stage.params,
            inputs,
            draft.path,
            lambda share, note: tell(Progress(stage=stage.name, share=share, note=note)),
        )
    return draft.artifact, time.perf_counter() - start
