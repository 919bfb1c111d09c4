"""Memory that runs out is told from other faults, on every device."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from argosy.core.errors import MachineError

_SIGNS = ("DefaultCPUAllocator", "out of memory", "bad_alloc", "could not create a memory")


def out_of_memory(error: BaseException) -> bool:
    """Whether the fault is an allocation that was refused."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(sign in str(error) for sign in _SIGNS)


@contextmanager
def refusing(words: MachineError) -> Iterator[None]:
    """Raise ``words`` when memory runs out in the block."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if out_of_memory(error):
            raise words from error
        raise


def in_shards(step: int) -> MachineError:
    """The words for a model whose processes must compute alike, so that none can take a batch in smaller parts."""
    return MachineError(
        "Memory ran out at step {step}, and a model in shards cannot change how a batch is computed on the way.",
        mend="Raise accumulate, so that each batch is computed in more parts from the start.",
        step=step,
    )


def too_large(step: int, rows: tuple[int, ...]) -> MachineError:
    """The words for a batch that cannot be cut any smaller."""
    return MachineError(
        "Memory does not suffice for a single row at step {step} (training row {row}).",
        mend="Lower max_length, freeze more layers, train LoRA adapters, or take a smaller base model.",
        step=step,
        row=rows[0],
    )
