"""Checkpoints of a running training: whole or not there, of this training and this arithmetic or refused.

A folder ``step-…`` is written aside, flushed, and renamed; the one before is removed only then. What was decided on
the way (a halved micro-batch, the number of threads) is a line of ``decisions.jsonl``, on the disk before it is acted
on, so that a training that goes on decides the same.
"""

import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from argosy.core.artifact import machine_error, write_atomically
from argosy.core.errors import DataError, MachineError, ProjectError
from argosy.train import parallel

_STATE, _TENSORS, _BEST, _DECISIONS = "state.json", "tensors.safetensors", "best.safetensors", "decisions.jsonl"
_ASIDE = ".aside-"
_OS_ERROR = re.compile(r"os error (\d+)")
_Value = TypeVar("_Value", bound=int | str | float)


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What a checkpoint holds: ``tensors`` by ``part/name``, the best weights so far, and plain facts."""

    step: int
    tensors: Mapping[str, Tensor]
    best: Mapping[str, Tensor]
    best_step: int
    facts: Mapping[str, Any]

    def part(self, name: str) -> dict[str, Tensor]:
        """The tensors of one part, without its name."""
        return {key.partition("/")[2]: value for key, value in self.tensors.items() if key.startswith(f"{name}/")}


@dataclass(slots=True)
class Checkpoints:
    """Where a training is kept, and when: before each evaluation, and every so many steps or ``seconds`` (0: not).

    ``config`` is the caller's description of the training (base model, data, objective); a checkpoint of another is
    refused. ``inexact`` goes on although the arithmetic differs, with a note in the state.
    """

    folder: Path
    every: int = 0
    seconds: float = 0
    inexact: bool = False
    config: Mapping[str, object] = field(default_factory=dict)
    _step: int = field(default=-1, init=False)
    _best_step: int = field(default=-1, init=False)
    _time: float = field(default_factory=time.monotonic, init=False)
    _decisions: dict[str, Any] | None = field(default=None, init=False)

    def due(self, step: int) -> bool:
        """Whether a checkpoint is wanted at ``step``, evaluations aside."""
        if step == self._step:
            return False
        late = 0 < self.seconds <= time.monotonic() - self._time
        return late or (self.every > 0 and step > 0 and step % self.every == 0)

    def save(self, saved: Saved, settings: Mapping[str, object], arithmetic: Mapping[str, object]) -> None:
        """Write a whole checkpoint and remove the one before; raises MachineError, with that one untouched."""
        if saved.step == self._step:
            return
        facts = {"settings": {**settings, **self.config}, "arithmetic": dict(arithmetic), "facts": dict(saved.facts)}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=self.folder))
            try:
                self._write(draft, saved, json.dumps(facts, ensure_ascii=False))
                self._replace(draft, saved.step)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except OSError as error:
            raise machine_error(error, self.folder) from error
        self._step, self._best_step, self._time = saved.step, saved.best_step, time.monotonic()

    def last(self, settings: Mapping[str, object], arithmetic: Mapping[str, object]) -> Saved | None:
        """The last whole checkpoint, or None.

        Raises ProjectError when it is of other settings, MachineError when it was computed otherwise (unless
        ``inexact``), DataError when it is damaged.
        """
        for aside in self.folder.glob(f"{_ASIDE}*"):
            shutil.rmtree(aside, ignore_errors=True)
        found = self._found()
        if not found:
            return None
        saved, told = _load(found[-1])
        now = json.loads(json.dumps([{**settings, **self.config}, arithmetic]))
        if different := differences(told["settings"], now[0]):
            raise ProjectError(
                "The checkpoint is of a training with other settings: {different}.",
                where=str(found[-1]),
                mend="Set them as they were to go on, or remove the folder to begin anew.",
                different=different,
            )
        if different := differences(told["arithmetic"], now[1]):
            if not self.inexact:
                raise MachineError(
                    "The checkpoint was computed otherwise, so going on would not give the same bits: {different}.",
                    where=str(found[-1]),
                    mend="Put back what differs, or go on all the same with --inexact.",
                    different=different,
                )
            saved.facts["notes"].append({"note": "inexact", "step": saved.step, "different": different})
        self._step, self._best_step = saved.step, saved.best_step
        return saved

    def decide(self, name: str, value: _Value) -> _Value:
        """Store what was decided; it is on the disk when this returns."""
        known = self._known()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / _DECISIONS).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"name": name, "value": value}, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
            _flush(self.folder)
        except OSError as error:
            raise machine_error(error, self.folder) from error
        known[name] = value
        return value

    def decided(self, name: str, default: _Value) -> _Value:
        """What was decided under ``name``, the last time; ``default`` where nothing was."""
        value: _Value = self._known().get(name, default)
        return value

    def once(self, name: str, choose: Callable[[], _Value]) -> _Value:
        """What was decided under ``name``, or what ``choose`` says now in the first of all processes, stored."""
        known = self._known()
        value: _Value = parallel.from_first(known[name] if name in known else choose())
        if name not in known and parallel.rank() == 0:
            self.decide(name, value)
        return value

    def remove(self) -> None:
        """Remove the folder, when what was trained is safe elsewhere."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _known(self) -> dict[str, Any]:
        """Every decision by its name; a last line that was cut by a fault counts as not decided."""
        if self._decisions is None:
            path = self.folder / _DECISIONS
            whole, _, cut = path.read_text(encoding="utf-8").rpartition("\n") if path.is_file() else ("", "", "")
            if cut:
                write_atomically(path, whole + "\n" if whole else "")
            self._decisions = {told["name"]: told["value"] for told in map(json.loads, whole.splitlines())}
        return self._decisions

    def _found(self) -> list[Path]:
        """The whole checkpoints, the last one last."""
        return sorted(self.folder.glob("step-*"))

    def _write(self, draft: Path, saved: Saved, facts: str) -> None:
        _store(saved.tensors, draft / _TENSORS)
        before = self._found()
        if before and self._best_step == saved.best_step:
            os.link(before[-1] / _BEST, draft / _BEST)
        else:
            _store(saved.best, draft / _BEST)
        (draft / _STATE).write_text(facts, encoding="utf-8")
        for path in draft.iterdir():
            _flush(path)
        _flush(draft)

    def _replace(self, draft: Path, step: int) -> None:
        before = self._found()
        os.replace(draft, self.folder / f"step-{step:09}")
        _flush(self.folder)
        for folder in before:
            shutil.rmtree(folder)


def differences(then: Mapping[str, object], now: Mapping[str, object]) -> str:
    """What is not the same, as ``name: then → now``; empty when all is."""
    names = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return ", ".join(f"{name}: {then.get(name, '–')} → {now.get(name, '–')}" for name in names)


def _load(folder: Path) -> tuple[Saved, dict[str, Any]]:
    try:
        told = json.loads((folder / _STATE).read_text(encoding="utf-8"))
        tensors, best = _read(folder / _TENSORS), _read(folder / _BEST)
    except (OSError, ValueError, SafetensorError) as error:
        raise DataError(
            "The checkpoint is damaged: {reason}.",
            where=str(folder),
            mend="Remove the folder to begin anew; Argosy itself leaves none half written, so look at the disk.",
            reason=error,
        ) from error
    facts = told["facts"]
    saved = Saved(step=facts["step"], tensors=tensors, best=best, best_step=facts["best_step"], facts=facts)
    return saved, told


def _read(path: Path) -> dict[str, Tensor]:
    """Tensors in memory of their own: those of safetensors may be mapped from the file, which will be removed."""
    return {name: tensor.clone() for name, tensor in load_file(path).items()}


def _store(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Write tensors, each with memory of its own; raises OSError when the system refuses."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        place = tensor.untyped_storage().data_ptr()
        apart[name] = tensor.clone() if place in seen else tensor.contiguous()
        seen.add(place)
    try:
        save_file(apart, path)
    except SafetensorError as error:
        found = _OS_ERROR.search(str(error))
        if found is None:
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from error


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
