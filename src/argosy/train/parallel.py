"""The one place that knows of other processes: each takes its share of a batch, and the gradients are summed.

Alone, every function says what is true of one process. Launched by ``torchrun`` or ``accelerate launch``, which tell
each process its rank, ``join`` connects them.
"""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from argosy.train.batches import Rows

_Value = TypeVar("_Value", bound=int | float | str)


def join() -> None:
    """Connect to the other processes that the launcher started; gloo on processors, NCCL on GPUs."""
    if not dist.is_initialized():
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")


def leave() -> None:
    """Part from them."""
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    """The number of this process; the first one saves, scores and speaks."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def share(rows: Rows) -> Rows:
    """The rows of a batch that this process takes: neighbours, as even as can be, and none where rows are fewer."""
    return _cut(rows, world())[rank()]


def pieces(rows: Rows, parts: int) -> list[tuple[Rows, bool]]:
    """The same share in at most ``parts`` pieces, as many in every process.

    A process without rows for a piece computes the batch's first row in its place, which does not count (False).
    """
    own = share(rows)
    count = min(parts, -(-len(rows) // world()))
    return [(piece or rows[:1], bool(piece)) for piece in _cut(own, count)]


def any_of(*flags: bool) -> tuple[bool, ...]:
    """Each flag, raised when it is raised in any process."""
    if world() == 1:
        return flags
    raised = torch.tensor(flags, dtype=torch.int32, device=_device())
    dist.all_reduce(raised, op=dist.ReduceOp.MAX)
    return tuple(bool(flag) for flag in raised.tolist())


def meet() -> None:
    """Wait until every process has come this far."""
    any_of(False)


def total(count: int) -> int:
    """The sum of a count over all processes."""
    return int(summed(torch.tensor(count, device=_device())).item()) if world() > 1 else count


def summed(value: Tensor) -> Tensor:
    """The sum of a tensor over all processes."""
    if world() > 1:
        dist.all_reduce(value)
    return value


def sum_gradients(weights: Iterable[nn.Parameter]) -> None:
    """Sum every gradient over all processes; shards were summed while they were computed."""
    if world() == 1:
        return
    held = [weight for weight in weights if not isinstance(weight, DTensor)]
    reached = any_of(*(weight.grad is not None for weight in held))
    for weight, anywhere in zip(held, reached, strict=True):
        if anywhere:
            weight.grad = torch.zeros_like(weight) if weight.grad is None else weight.grad
            dist.all_reduce(weight.grad)


def from_first(value: _Value) -> _Value:
    """The first process's figure or word."""
    told: _Value = json.loads(gathered(json.dumps(value).encode())[0])
    return told


def gathered(told: bytes) -> list[bytes]:
    """What each process tells, in the order of their ranks."""
    if world() == 1:
        return [told]
    sizes = [torch.zeros(1, dtype=torch.int64, device=_device()) for _ in range(world())]
    dist.all_gather(sizes, torch.tensor([len(told)], device=_device()))
    longest = max(int(size.item()) for size in sizes)
    padded = torch.frombuffer(bytearray(told.ljust(longest, b"\0")), dtype=torch.uint8).to(_device())
    all_told = [torch.zeros_like(padded) for _ in range(world())]
    dist.all_gather(all_told, padded)
    return [one.cpu().numpy().tobytes()[: int(size.item())] for one, size in zip(all_told, sizes, strict=True)]


def own_randomness() -> None:
    """Let each process but the first draw numbers of its own; the first draws what it would alone."""
    if rank() > 0:
        torch.manual_seed(torch.initial_seed() + rank())


def shard(model: nn.Module) -> None:
    """Let each process hold a part of every layer's weights, gathered while the layer computes (FSDP); before training.

    Its layers are the longest list of modules in the model.
    """
    lists = [module for module in model.modules() if isinstance(module, nn.ModuleList)]
    for module in [*(max(lists, key=len) if lists else ()), model]:
        fully_shard(module, reshard_after_forward=True)  # else the outermost one would keep an evaluation's weights
    for module in model.modules():
        if isinstance(module, FSDPModule):
            module.set_force_sum_reduction_for_comms(True)  # gloo has no reduction that scales
            module.set_gradient_divide_factor(1.0)  # a sum: the loop divides by the units of the whole batch


def sharded(model: nn.Module) -> bool:
    """Whether the processes hold parts of the model, and so must all take part in whatever it computes."""
    return isinstance(model, FSDPModule)


def whole(tensor: Tensor) -> Tensor:
    """A tensor gathered from its parts; all processes must call it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def placed(tensor: Tensor, like: Tensor) -> Tensor:
    """A whole tensor on the device of ``like``, and in parts where that is."""
    if isinstance(like, DTensor):
        return distribute_tensor(tensor.to(like.device), like.device_mesh, like.placements)
    return tensor.to(like.device)


def _cut(rows: Rows, parts: int) -> list[Rows]:
    """Neighbouring rows in ``parts`` pieces, the longer ones first."""
    size, longer = divmod(len(rows), parts)
    starts = [number * size + min(number, longer) for number in range(parts + 1)]
    return [rows[start:stop] for start, stop in pairwise(starts)]


def _device() -> torch.device:
    return torch.device("cuda" if dist.get_backend() == "nccl" else "cpu")
