"""From logits to a token: temperature, top-k, top-p and the repetition penalty, in numpy."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ArgosyError, MissingError, ProjectError, raise_all
from argosy.core.records import Settings

Floats = NDArray[np.float64]
_SEEDS = 2**31  # llama.cpp takes 32 bits and keeps the highest number for "any"


def check(settings: Settings) -> None:
    """Raise ProjectError for each value that is out of its range, all at once."""
    numbers = (
        ("max_tokens", settings.max_tokens, settings.max_tokens >= 1, "1 or more"),
        ("temperature", settings.temperature, 0 <= settings.temperature < math.inf, "0 or more"),
        ("top_k", settings.top_k, settings.top_k >= 0, "0 (off) or more"),
        ("top_p", settings.top_p, 0 < settings.top_p <= 1, "above 0, at most 1"),
        (
            "repetition_penalty",
            settings.repetition_penalty,
            0 < settings.repetition_penalty < math.inf,
            "above 0 (1 is off)",
        ),
        ("seed", settings.seed, settings.seed is None or 0 <= settings.seed < _SEEDS, "0 to 2147483647"),
    )
    problems: list[ArgosyError] = [
        ProjectError("{name} is {value}.", mend="Give {range}.", name=name, value=value, range=allowed)
        for name, value, fits, allowed in numbers
        if not fits
    ]
    if not all(settings.stop):
        problems.append(ProjectError("A stop string is empty.", mend="Leave it out, or give the words to stop at."))
    raise_all(problems)


def sampler(settings: Settings) -> Callable[[NDArray[np.float32], Sequence[int]], int]:
    """A function from the logits [vocabulary] and the tokens so far (prompt included) to the next token.

    It holds the request's own random state, so that other requests change nothing in this one. It raises MissingError
    when the logits are no numbers.
    """
    random = np.random.default_rng(settings.seed)

    def sample(logits: NDArray[np.float32], before: Sequence[int]) -> int:
        if not np.isfinite(logits.max()):
            raise MissingError("The model answers with numbers that are none (NaN).", mend="Use another checkpoint.")
        penalized = penalize(logits.astype(np.float64), before, settings.repetition_penalty)
        if settings.temperature == 0:
            return int(penalized.argmax())
        tokens, shares = kept(penalized, settings)
        sums = shares.cumsum()
        return int(tokens[np.searchsorted(sums, random.random() * sums[-1], side="right")])

    return sample


def penalize(logits: Floats, before: Sequence[int], penalty: float) -> Floats:
    """Make every token that came before less likely: positive logits are divided by ``penalty``, negative multiplied.

    Each such token counts once (Keskar et al. 2019, section 4.1).
    """
    if penalty == 1 or not before:
        return logits
    seen = np.unique(np.asarray(before))
    changed = logits.copy()
    changed[seen] = np.where(logits[seen] > 0, logits[seen] / penalty, logits[seen] * penalty)
    return changed


def kept(logits: Floats, settings: Settings) -> tuple[NDArray[np.int64], Floats]:
    """The tokens to draw from, likeliest first, with their probabilities: temperature (above 0), top-k, then top-p.

    Top-p keeps the likeliest tokens until their probabilities reach ``top_p`` (Holtzman et al. 2020).
    """
    scaled = (logits - logits.max()) / settings.temperature
    tokens = np.arange(len(logits))
    if 0 < settings.top_k < len(logits):
        tokens = np.argpartition(-scaled, settings.top_k - 1)[: settings.top_k]
    tokens = tokens[np.argsort(-scaled[tokens], kind="stable")]
    shares = np.exp(scaled[tokens])
    shares /= shares.sum()
    if settings.top_p < 1:
        count = int(np.searchsorted(shares.cumsum(), settings.top_p, side="left")) + 1
        tokens, shares = tokens[:count], shares[:count]
    return tokens, shares / shares.sum()
