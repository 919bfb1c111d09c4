"""Training against the worst small change of the word vectors.

Each function takes an objective and gives another, so that they nest. A text's word vectors move within a ball of its
own, whose radius is ``epsilon`` times the root-mean-square length of its word vectors: the same number means the same
to every base, which is what Miyato et al. normalise the embeddings for. The push is added to what the embedding layer
gives, so that it needs no trainable embeddings; the token numbers of ``special`` (padding, begin, end) stay. All passes
over a batch share one draw of dropout: they differ in the push alone, and the random state moves on as by one pass.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor, nn

from argosy.train.batches import Batch
from argosy.train.loop import Objective

_WAY = 2.5  # radii that all ascents walk together, as Madry et al. did: enough to cross the ball
_TINY = 1e-30  # a length that shows no direction


def fgm(objective: Objective, *, epsilon: float, special: Sequence[int] = ()) -> Objective:
    """The mean of the loss and of the loss after one step of the radius up its gradient (Miyato et al. 2017).

    Their sum of both is halved, so that learning rate and clipping keep their meaning.
    """
    return pgd(objective, epsilon=epsilon, ascents=1, special=special)


def pgd(objective: Objective, *, epsilon: float, ascents: int, special: Sequence[int] = ()) -> Objective:
    """The mean of the loss and of the loss after ``ascents`` steps up, projected into the ball (Madry et al. 2018).

    The steps start from the text as it is; one alone is FGM.
    """

    def adversarial(model: nn.Module, batch: Batch) -> Tensor:
        push = _Push(objective, model, batch, epsilon=epsilon, stride=_stride(ascents), special=special)
        with push.at_work():
            clean = push.climb(trains=True)
            for _ in range(ascents - 1):
                push.climb(trains=False)
            return (clean + push.stay()) / 2

    return adversarial


def freelb(objective: Objective, *, epsilon: float, ascents: int, special: Sequence[int] = ()) -> Objective:
    """The mean of the losses at ``ascents`` points of a way up from a random start in the ball (Zhu et al. 2020)."""

    def adversarial(model: nn.Module, batch: Batch) -> Tensor:
        push = _Push(objective, model, batch, epsilon=epsilon, stride=_stride(ascents), special=special, random=True)
        with push.at_work():
            losses = [push.climb(trains=True) for _ in range(ascents - 1)]
            return torch.stack([*losses, push.stay()]).mean()

    return adversarial


def _stride(ascents: int) -> float:
    """The length of a step in radii."""
    return min(1.0, _WAY / ascents)


@dataclass(slots=True)
class _Push:
    """What is added to the word vectors, one shift for each call of the embedding layer that the objective makes."""

    objective: Objective
    model: nn.Module
    batch: Batch
    epsilon: float = field(kw_only=True)
    stride: float = field(kw_only=True)
    special: Sequence[int] = field(kw_only=True)
    random: bool = field(default=False, kw_only=True)
    balls: list["_Ball"] = field(default_factory=list, kw_only=True)
    shifts: list[Tensor] = field(default_factory=list, kw_only=True)
    calls: int = field(default=0, kw_only=True)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The embedding layer gives pushed vectors inside, and is as before afterwards."""
        encoder: Any = self.model
        hook = encoder.get_input_embeddings().register_forward_hook(self._add)
        try:
            yield
        finally:
            hook.remove()

    def climb(self, *, trains: bool) -> Tensor:
        """Move one stride up the loss and tell it, with what is drawn on the way to be drawn again afterwards.

        One pass back serves both: where the loss ``trains``, its gradient by the weights is kept in place of its graph.
        """
        with torch.random.fork_rng(devices=self._devices()):
            loss = self._loss(by_shifts=True)
        weights = [weight for weight in self.model.parameters() if trains and weight.requires_grad]
        slopes = torch.autograd.grad(loss, [*self.shifts, *weights], allow_unused=True)
        moved = zip(self.balls, self.shifts, slopes[: len(self.shifts)], strict=True)
        self.shifts = [shift if up is None else ball.step(shift, up, self.stride) for ball, shift, up in moved]
        kept: Tensor = _Kept.apply(loss.detach(), slopes[len(self.shifts) :], *weights)  # type: ignore[no-untyped-call]
        return kept

    def stay(self) -> Tensor:
        """The loss where the climb has led."""
        return self._loss(by_shifts=False)

    def _loss(self, *, by_shifts: bool) -> Tensor:
        self.calls = 0
        self.shifts = [shift.detach().requires_grad_(by_shifts) for shift in self.shifts]
        return self.objective(self.model, self.batch)

    def _add(self, layer: nn.Module, inputs: tuple[Tensor, ...], vectors: Tensor) -> Tensor:
        """The forward hook: token numbers [rows, length] in, vectors [rows, length, width] out."""
        del layer
        if self.calls == len(self.shifts):
            ball = _Ball.around(
                vectors.detach(), inputs[0], self.batch.tensors.get("texts"), self.special, self.epsilon
            )
            start = ball.drawn(vectors) if self.random else torch.zeros_like(vectors)
            self.balls.append(ball)
            self.shifts.append(start.requires_grad_())
        self.calls += 1
        return vectors + self.shifts[self.calls - 1]

    def _devices(self) -> set[int]:
        """The GPUs whose draws count."""
        return {one.device.index for one in self.batch.tensors.values() if one.device.type == "cuda"}


class _Kept(torch.autograd.Function):
    """A loss whose graph is gone, with the gradients that it gave."""

    @staticmethod
    def forward(ctx: Any, loss: Tensor, slopes: Sequence[Tensor | None], *weights: Tensor) -> Tensor:
        """The loss, a number that hangs on nothing, as one that hangs on the weights."""
        del weights
        ctx.slopes = slopes
        return loss.clone()

    @staticmethod
    def backward(ctx: Any, *above: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients by the weights."""
        return (None, None, *(slope if slope is None else slope * above[0] for slope in ctx.slopes))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ball:
    """How far the vectors of each text may move: ``member`` [texts, tokens] is 1 where a token of the text may."""

    member: Tensor
    radii: Tensor  # [texts]

    @classmethod
    def around(cls, vectors: Tensor, ids: Tensor, texts: Tensor | None, special: Sequence[int], epsilon: float) -> Self:
        """The balls of the texts in a batch: one in each row, or those that ``texts`` [rows, length] numbers."""
        if texts is None:
            texts = torch.arange(len(ids), device=ids.device)[:, None].expand_as(ids)
        free = ~torch.isin(ids, torch.tensor(list(special), dtype=ids.dtype, device=ids.device))
        numbers = torch.arange(int(texts.max()) + 1, device=ids.device)
        member = ((texts.flatten() == numbers[:, None]) & free.flatten()).float()
        bare = cls(member=member, radii=torch.zeros(len(numbers)))
        return cls(member=member, radii=epsilon * bare.lengths(vectors) / member.sum(dim=1).clamp(min=1).sqrt())

    def lengths(self, shift: Tensor) -> Tensor:
        """The length of each text's part [texts] of a shift [rows, length, width]."""
        return (self.member * shift.float().square().sum(dim=-1).flatten()).sum(dim=1).sqrt()

    def scaled(self, shift: Tensor, factors: Tensor) -> Tensor:
        """Each text's part times its factor [texts]; 0 for tokens that may not move."""
        by_token = (self.member * factors[:, None]).sum(dim=0)  # sums, not products of matrices: those may be in bf16
        return shift * by_token.view(*shift.shape[:-1], 1).to(shift.dtype)

    def step(self, shift: Tensor, slope: Tensor, stride: float) -> Tensor:
        """The shift ``stride`` radii further up the slope, projected back."""
        moved = shift + self.scaled(slope, stride * self.radii / self.lengths(slope).clamp(min=_TINY))
        return self.scaled(moved, (self.radii / self.lengths(moved).clamp(min=_TINY)).clamp(max=1))

    def drawn(self, vectors: Tensor) -> Tensor:
        """Uniform in a cube that fits into the ball: each number at most the radius over the root of their count."""
        cube = 2 * torch.rand_like(vectors) - 1
        numbers = self.member.sum(dim=1) * vectors.shape[-1]
        return self.scaled(cube, self.radii / numbers.clamp(min=1).sqrt())
