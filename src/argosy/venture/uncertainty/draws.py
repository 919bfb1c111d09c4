"""What figures may be: a distribution of each, drawn together with the rank correlations that are given."""

from collections.abc import Callable, Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from argosy.core.errors import ProjectError
from argosy.venture.figures import Figure
from argosy.venture.graph.reckon import Samples

Quantile = Callable[[Samples], Samples]
"""The values of a figure, in base units, that shares of its distribution lie below."""
Correlation = tuple[str, str, float]
"""Two figures and their rank correlation (Spearman's), from -1 to 1."""
_Z = 1.959963984540054  # the normal's 97.5 % point
_PERT = 4  # the weight of the likeliest value
_SHARES = ("share", "percent")
_ROUNDING = 1e-9


def quantiles(figures: Mapping[str, Figure]) -> dict[str, Quantile]:
    """The distribution of each figure that varies; those without a range, or with one of no width, are left out.

    Assumptions, and sources that tell a range, are PERT; a measurement is a normal whose middle 95 % is its interval,
    cut at 0 for what has no other sign, and at 1 for shares. Raises ProjectError for a range that is out of order.
    """
    found = {}
    for name, figure in figures.items():
        if figure.spread is None:
            continue
        low, high = (float(end) for end in figure.spread)
        measured = figure.origin.kind == "measured"
        if low > high or not (measured or low <= float(figure.base) <= high):
            raise ProjectError(
                "The range of {name!r} is from {low} to {high}, its value {value}.",
                mend="Give the range from low to high, with the value between them.",
                name=name,
                low=str(figure.low),
                high=str(figure.high),
                value=str(figure.value),
            )
        if low < high:
            found[name] = _normal(figure, low, high) if measured else pert(low, float(figure.base), high)
    return found


def pert(low: float, likely: float, high: float) -> Quantile:
    """The PERT distribution: a beta from low to high whose mean is (low + 4 · likely + high) / 6.

    Malcolm, Roseboom, Clark and Fazar (1959); its two parameters as in Vose (2008), "Risk Analysis".
    """
    from scipy.special import betaincinv

    below = 1 + _PERT * (likely - low) / (high - low)
    above = 1 + _PERT * (high - likely) / (high - low)
    return lambda shares: low + (high - low) * betaincinv(below, above, shares)


def draw(
    figures: Mapping[str, Figure], count: int, *, seed: int, correlations: Sequence[Correlation] = ()
) -> dict[str, Samples]:
    """``count`` values, in base units, of each figure that varies; float64 [count].

    Each figure has a stream of its own from the seed and its name: another figure changes none of its values. Raises
    ProjectError for ranges out of order and for correlations that cannot be.
    """
    from scipy.special import ndtr

    known = quantiles(figures)
    normal = {name: np.random.default_rng([seed, crc32(name.encode())]).standard_normal(count) for name in known}
    normal |= _together(normal, figures, correlations)
    return {name: known[name](ndtr(values)) for name, values in normal.items()}


def _normal(figure: Figure, low: float, high: float) -> Quantile:
    from scipy.special import ndtr, ndtri

    centre, error = (low + high) / 2, (high - low) / (2 * _Z)
    least = 0.0 if low >= 0 else -np.inf
    most = 1.0 if figure.unit.text in _SHARES and float(figure.base) <= 1 and high <= 1 else np.inf
    most = 0.0 if high <= 0 else most
    below, above = ndtr((least - centre) / error), ndtr((most - centre) / error)
    return lambda shares: np.clip(centre + error * ndtri(below + shares * (above - below)), least, most)


def _together(
    normal: Mapping[str, Samples], figures: Mapping[str, Figure], correlations: Sequence[Correlation]
) -> dict[str, Samples]:
    """Normal values of the correlated figures: a Gaussian copula, whose rank correlations are those given."""
    for pair in correlations:
        _hold(pair, normal, figures)
    names = sorted({name for first, second, _ in correlations for name in (first, second)})
    if not names:
        return {}
    values, vectors = np.linalg.eigh(_matrix(names, correlations))
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    return dict(zip(names, root @ np.stack([normal[name] for name in names]), strict=True))


def _matrix(names: Sequence[str], correlations: Sequence[Correlation]) -> NDArray[np.float64]:
    """The normal's correlations, 2 · sin(π · rank correlation / 6) (Pearson 1907); ProjectError for what cannot be."""
    whole = np.eye(len(names))
    for first, second, rank in correlations:
        one, other = names.index(first), names.index(second)
        if whole[one, other]:
            raise ProjectError(
                "The correlation of {first!r} and {second!r} is given twice.",
                where="[simulation] correlations",
                first=first,
                second=second,
            )
        whole[one, other] = whole[other, one] = 2 * np.sin(np.pi * rank / 6)
    _semidefinite(names, whole)
    return whole


def _semidefinite(names: Sequence[str], whole: NDArray[np.float64]) -> None:
    """Hold correlations to each other: the pair named is that which takes most from the least eigenvalue."""
    values, vectors = np.linalg.eigh(whole)
    if values[0] >= -_ROUNDING:
        return
    taken = np.triu(np.outer(vectors[:, 0], vectors[:, 0]) * whole, 1)
    one, other = divmod(int(taken.argmin()), len(names))
    raise ProjectError(
        "The correlation of {first!r} and {second!r} contradicts the others: no figures have all of them.",
        where="[simulation] correlations",
        mend="Weaken it; or all of them, to about {share} of what they are.",
        first=names[one],
        second=names[other],
        share=f"{1 / (1 - values[0]):.2f}",
    )


def _hold(pair: Correlation, normal: Mapping[str, Samples], figures: Mapping[str, Figure]) -> None:
    first, second, rank = pair
    for name in (first, second):
        if name not in figures:
            raise ProjectError(
                "The plan has no figure {name!r}.",
                where="[simulation] correlations",
                mend="`argosy plan --figures` lists them.",
                name=name,
            )
        if name not in normal:
            raise ProjectError(
                "The figure {name!r} has no range, so that nothing goes along with it.",
                where="[simulation] correlations",
                mend="Give its range, or leave the correlation out.",
                name=name,
            )
    if first == second or not -1 <= rank <= 1:
        raise ProjectError(
            "{first!r}, {second!r}, {given}: expected two figures and a correlation from -1 to 1.",
            where="[simulation] correlations",
            first=first,
            second=second,
            given=f"{rank:g}",
        )
