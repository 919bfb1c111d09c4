"""The loss of a language model's output layer in slices of tokens: its logits are never held all at once."""

from typing import Any

import torch
from torch import Tensor, nn

_LOGITS = 1 << 21  # of one slice, so that they stay in the processor's cache


def projected_loss(states: Tensor, matrix: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy of ``states`` [tokens, width] · ``matrix``ᵀ [vocabulary, width] with ``targets`` [tokens], summed.

    Under autocast products are in its type, the softmax and the sum always in fp32.
    """
    device = states.device.type
    kind = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else states.dtype
    if not torch.is_grad_enabled():
        return nn.functional.cross_entropy(nn.functional.linear(states, matrix).float(), targets, reduction="sum")
    with torch.autocast(device, enabled=False):
        return _Projected.apply(states.to(kind), matrix, targets)  # type: ignore[no-untyped-call,no-any-return]


class _Projected(torch.autograd.Function):
    """Computes the gradients on the way forward, slice by slice, while the logits are at hand."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, matrix: Tensor, targets: Tensor) -> Tensor:
        """The sum, fp32."""
        rows = max(1, _LOGITS // len(matrix))
        to_states, to_matrix = torch.empty_like(states), torch.zeros_like(matrix)
        matrix = matrix.to(states.dtype)
        total = torch.zeros((), dtype=torch.float32, device=states.device)
        for start in range(0, len(states), rows):
            part, wanted = states[start : start + rows], targets[start : start + rows, None]
            share = torch.softmax(nn.functional.linear(part, matrix), dim=-1, dtype=torch.float32)
            total -= share.gather(1, wanted).clamp_min(1e-30).log().sum()
            share.scatter_add_(1, wanted, torch.full_like(wanted, -1, dtype=torch.float32))
            slope = share.to(states.dtype)
            torch.mm(slope, matrix, out=to_states[start : start + rows])
            to_matrix += slope.t() @ part
        ctx.save_for_backward(to_states, to_matrix)
        return total

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, None]:
        """Both gradients times the slope of the sum."""
        to_states, to_matrix = ctx.saved_tensors
        return to_states * slopes[0].to(to_states.dtype), to_matrix * slopes[0], None
