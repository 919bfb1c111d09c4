"""What compressed weights of a language model cost and give: agreement, tokens a second, and which kind is to serve."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from argosy.core.errors import ArgosyError, GateError
from argosy.evaluate.paired import Difference

AGREEMENT = 0.9  # of greedy tokens; near-ties fall otherwise, since llama.cpp rounds what flows to 8 bits too


class Follower(Protocol):
    """An engine that goes on greedily from tokens."""

    def follow(self, tokens: Sequence[int], count: int) -> list[int]:
        """At most ``count`` tokens; fewer where the model ends."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One kind of weights: size in MB, share of greedy tokens that are as in torch, bits per byte lost to fp32."""

    name: str
    size_mb: float
    agreement: float
    loss: Difference


def alike(reference: Follower, engine: Follower, prompts: Sequence[Sequence[int]], count: int) -> list[bool]:
    """Of each of the reference's ``count`` greedy tokens behind each prompt: whether the engine finds it likeliest too.

    Behind a token that differs the engine goes on from the reference's, so that one near-tie is one miss.
    """
    found: list[bool] = []
    for prompt in prompts:
        truth, place = reference.follow(prompt, count), 0
        while place < len(truth):
            said = engine.follow([*prompt, *truth[:place]], len(truth) - place)
            same = next((at for at, (a, b) in enumerate(zip(truth[place:], said, strict=False)) if a != b), len(said))
            run = [True] * min(same, len(truth) - place)
            found += [*run, False] if place + len(run) < len(truth) else run
            place += len(run) + 1
    return found


def speeds(
    engines: Mapping[str, Follower], prompts: Sequence[Sequence[int]], count: int, rounds: int
) -> dict[str, list[float]]:
    """Tokens a second of each engine, one text at a time, a figure a round; the engines take turns."""
    found: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(rounds + 1):  # the first one warms up
        for name, engine in engines.items():
            start = time.perf_counter()
            written = sum(len(engine.follow(prompt, count)) for prompt in prompts)
            if number:
                found[name].append(written / (time.perf_counter() - start))
    return found


def refusals(candidate: Candidate, limit: float) -> list[ArgosyError]:
    """Why a candidate may not serve; nothing where it may. ``limit`` is in bits per byte."""
    problems: list[ArgosyError] = []
    if candidate.agreement < AGREEMENT:
        problems.append(
            GateError(
                "of the tokens of torch with the same weights {engine} gives {share} %, fewer than {least} %",
                engine=candidate.name,
                share=round(100 * candidate.agreement, 1),
                least=round(100 * AGREEMENT),
            )
        )
    if candidate.loss.high > limit:
        problems.append(
            GateError(
                "it may lose {loss} bits per byte, more than {limit}",
                loss=round(candidate.loss.high, 4),
                limit=round(limit, 4),
            )
        )
    return problems


def smallest(candidates: Sequence[Candidate], limit: float) -> Candidate | None:
    """The smallest candidate that may serve."""
    allowed = [one for one in candidates if not refusals(one, limit)]
    return min(allowed, key=lambda one: one.size_mb, default=None)
