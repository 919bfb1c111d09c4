"""Training: floating-point operations, the loss that so much of it is expected to reach, time, and memory."""

import math
from dataclasses import dataclass
from decimal import Decimal

from argosy.core.errors import ProjectError

_FORWARD, _BACKWARD = 2, 4  # operations for each parameter and token
_IRREDUCIBLE, _OF_SIZE, _OF_TOKENS = 1.69, 406.4, 410.7
_SIZE_POWER, _TOKENS_POWER = 0.34, 0.28
_TOKENS_OF_A_PARAMETER = 20
_MIXED = 16  # bytes of a trained parameter: weight 2, gradient 2, and float32 weight, mean and variance 12
_FULL = 16  # in float32: weight, gradient, mean and variance


def flops(parameters: int, tokens: int) -> int:
    """6 · N · D operations: 2 forward and 4 backward for each parameter and token.

    Kaplan and others, "Scaling Laws for Neural Language Models" (2020); attention over the context is not counted.
    """
    return (_FORWARD + _BACKWARD) * parameters * tokens


def loss(parameters: float, tokens: float) -> float:
    """The loss in nats a token that Chinchilla's fit expects: 1.69 + 406.4 / N^0.34 + 410.7 / D^0.28.

    Hoffmann and others, "Training Compute-Optimal Large Language Models" (2022), approach 3. The constants are of that
    paper's text and tokens: for other data the fit says what grows by how much, not where it ends.
    """
    if parameters <= 0 or tokens <= 0:
        raise ProjectError(
            "A model of {parameters} parameters and {tokens} tokens learns nothing.",
            mend="Give both above 0.",
            parameters=parameters,
            tokens=tokens,
        )
    return _IRREDUCIBLE + _OF_SIZE / math.pow(parameters, _SIZE_POWER) + _OF_TOKENS / math.pow(tokens, _TOKENS_POWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A model's parameters, the tokens it is trained on, and the loss that the fit expects of them."""

    parameters: float
    tokens: float
    loss: float


def optimal(operations: float) -> Size:
    """The size and the tokens of least loss by the fit for so many operations, 6 · N · D of them.

    N = G · (C / 6)^a and D = (C / 6)^b / G, with a = β / (α + β), b = α / (α + β), G = (α · A / (β · B))^(1 / (α + β)).
    """
    whole = _SIZE_POWER + _TOKENS_POWER
    ratio = (_SIZE_POWER * _OF_SIZE / (_TOKENS_POWER * _OF_TOKENS)) ** (1 / whole)
    base = operations / (_FORWARD + _BACKWARD)
    parameters, tokens = ratio * base ** (_TOKENS_POWER / whole), base ** (_SIZE_POWER / whole) / ratio
    return Size(parameters=parameters, tokens=tokens, loss=loss(parameters, tokens))


def twenty(operations: float) -> Size:
    """The size with 20 tokens for each parameter, the rule that is usually taken from the same paper's approach 1."""
    parameters = math.sqrt(operations / ((_FORWARD + _BACKWARD) * _TOKENS_OF_A_PARAMETER))
    tokens = _TOKENS_OF_A_PARAMETER * parameters
    return Size(parameters=parameters, tokens=tokens, loss=loss(parameters, tokens))


def hours(operations: int, peak: Decimal, utilisation: Decimal, devices: int = 1) -> Decimal:
    """Hours on devices of ``peak`` operations an hour each, of which the share ``utilisation`` is reached (MFU)."""
    if peak <= 0 or utilisation <= 0 or devices < 1:
        raise ProjectError(
            "A machine of {peak} operations an hour, {utilisation} of them used, never ends.",
            mend="Give the peak and the measured utilisation, both above 0.",
            peak=peak,
            utilisation=utilisation,
        )
    return Decimal(operations) / (peak * utilisation * devices)


def state_bytes(parameters: int, trained: int, *, mixed: bool) -> int:
    """Memory of weights, gradients and Adam's two moments, without activations; ``trained`` below all for adapters.

    A trained parameter takes 16 bytes, in mixed precision (Rajbhandari and others, "ZeRO", 2020) as in float32; a
    frozen one 2 or 4.
    """
    frozen = 2 if mixed else 4
    return (parameters - trained) * frozen + trained * (_MIXED if mixed else _FULL)
