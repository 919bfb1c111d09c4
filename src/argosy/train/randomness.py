"""Every random state that a training may draw from, taken and put back as one."""

import json
import random
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Randomness:
    """The states of torch on the processor and on every GPU, of numpy's global generator and of Python's own."""

    cpu: Tensor
    cuda: tuple[Tensor, ...]
    numpy: dict[str, Any]
    python: tuple[Any, ...]

    @classmethod
    def now(cls) -> Self:
        """The states as they are."""
        return cls(
            cpu=torch.get_rng_state(),
            cuda=tuple(torch.cuda.get_rng_state_all()) if torch.cuda.is_initialized() else (),  # type: ignore[no-untyped-call]
            numpy=np.random.get_state(legacy=False),  # noqa: NPY002 - the global state is what libraries draw from
            python=random.getstate(),
        )

    def restore(self) -> None:
        """Put the states back."""
        torch.set_rng_state(self.cpu)
        if self.cuda:
            torch.cuda.set_rng_state_all(self.cuda)
        np.random.set_state(self.numpy)  # noqa: NPY002 - as above
        random.setstate(self.python)

    def to_bytes(self) -> bytes:
        """JSON in UTF-8."""
        version, words, gauss = self.python
        told = {
            "cpu": self.cpu.numpy().tobytes().hex(),
            "cuda": [state.numpy().tobytes().hex() for state in self.cuda],
            "numpy": {**self.numpy, "state": {**self.numpy["state"], "key": self.numpy["state"]["key"].tolist()}},
            "python": [version, list(words), gauss],
        }
        return json.dumps(told).encode()

    @classmethod
    def from_bytes(cls, told: bytes) -> Self:
        """What ``to_bytes`` told."""
        states = json.loads(told)
        drawn = states["numpy"]
        key = np.array(drawn["state"]["key"], dtype=np.uint32)
        version, words, gauss = states["python"]
        return cls(
            cpu=_bytes(states["cpu"]),
            cuda=tuple(_bytes(state) for state in states["cuda"]),
            numpy={**drawn, "state": {**drawn["state"], "key": key}},
            python=(version, tuple(words), gauss),
        )


def _bytes(told: str) -> Tensor:
    return torch.frombuffer(bytearray.fromhex(told), dtype=torch.uint8)
