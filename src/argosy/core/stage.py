"""A stage: one step of a build, whose result stands as long as nothing that it depends on has changed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

Params = TypeVar("Params")
Inputs = Mapping[str, Path]
Tell = Callable[[float, str], None]
"""Hears how far a stage has come (0 to 1) and what it does just now."""
UNKEYED = MappingProxyType({"keyed": False})
"""Field metadata: this parameter does not count, since what it leads to is counted otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Generic[Params]):
    """``run(params, inputs, out, tell)`` writes files to ``out``; it may read ``params`` and ``inputs``, nothing else.

    ``inputs`` names earlier stages; ``files`` (name → path) are read from outside the build and count by name and
    digest; ``params`` is a frozen dataclass that counts but for its ``UNKEYED`` fields; ``packages`` count by their
    installed version; ``machine`` says that the processor's instruction set decides the bits. ``code`` names modules
    that count beside that of ``run``.
    """

    name: str
    params: Params
    run: Callable[[Params, Inputs, Path, Tell], None]
    inputs: tuple[str, ...] = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    machine: bool = False
    code: tuple[str, ...] = ()


def counted(params: Any) -> dict[str, object]:
    """The parameters that a result hangs on, by name."""
    unkeyed = {field.name for field in fields(params) if not field.metadata.get("keyed", True)}
    return {name: value for name, value in asdict(params).items() if name not in unkeyed}


def names(params: Any) -> Iterator[str]:
    """Every text among the parameters that count: some of them are names of what extensions bring."""
    waiting: list[object] = [counted(params)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, Sequence):
            waiting.extend(value)
