"""The perceptual map: brands and needs on one plane, by simple correspondence analysis.

Definitions are those of Greenacre ("Correspondence Analysis in Practice", 3rd edition 2017, appendix A): of the table
P = N / n with row masses r and column masses c, the standardised residuals S = Dr^-1/2 (P - r c') Dc^-1/2 have the
singular value decomposition S = U diag(s) V'. Standard coordinates are Dr^-1/2 U and Dc^-1/2 V, principal ones are
those times s; s^2 are the principal inertias, and their sum, chi^2 / n, is the total inertia.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy.venture.market.resamples import Numbers, resampled
from argosy.venture.market.voices import Mined

_NOTHING = 1e-12
_PLANE = 2
_MIXES = 500  # of brands among voices, for the chance of a map of nothing
_REACH = 5.991  # of two normal variables' squares, the 95th percentile (chi^2 of 2 degrees)
ONE_BRAND = "Fewer than two brands are spoken of: there is no map."
ONE_NEED = "Fewer than two needs are spoken of well: there is no map."
_REASONS = (ONE_BRAND, ONE_NEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """Points [points, axes] in standard and principal coordinates, their masses, and how well the plane shows them.

    ``quality`` is the share of a point's squared distance to the centre that its first two axes hold, ``contribution``
    [points, axes] the share of an axis' inertia that a point makes.
    """

    standard: Numbers
    principal: Numbers
    mass: Numbers
    quality: Numbers
    contribution: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Correspondence:
    """A table taken apart: the inertia of each axis, the largest first, and rows and columns on them."""

    inertias: Numbers
    rows: Coordinates
    columns: Coordinates

    @property
    def total(self) -> float:
        """The total inertia."""
        return float(self.inertias.sum())

    @property
    def explained(self) -> Numbers:
        """The share of the total inertia that each axis holds."""
        return np.asarray(self.inertias / (self.total or 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """Where a point may well lie: half axes, and the angle of the longer one to the first axis of the map, radians."""

    long: float
    short: float
    angle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A brand or a need on the map, in principal coordinates.

    ``ellipse`` holds 95 % of its resamples, as a normal law of their spread has it; ``quality`` is as of Coordinates.
    """

    name: str
    brand: bool
    x: float
    y: float
    quality: float
    ellipse: Ellipse | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """The map, or ``why`` there is none.

    ``explained`` are the shares of the inertia of its two axes, ``total`` is the total inertia, and ``chance`` how
    often brands that are shuffled among the voices make a table of at least as much.
    """

    places: tuple[Place, ...]
    explained: tuple[float, float]
    total: float
    chance: float
    why: str = ""


def correspondence(table: Numbers) -> Correspondence:
    """The correspondence analysis of a table of counts, none of whose rows and columns is empty.

    Signs are such that on each axis the column that makes most of it lies on the positive side.
    """
    share = table / table.sum()
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    residuals = (share - np.outer(rows, columns)) / np.sqrt(np.outer(rows, columns))
    left, singular, right = np.linalg.svd(residuals, full_matrices=False)
    axes = min(table.shape) - 1
    left, singular, right = left[:, :axes], singular[:axes], right[:axes].T
    sign = np.sign(right[np.abs(right).argmax(axis=0), np.arange(axes)]) if axes else np.empty(0)
    sign = np.where(sign == 0, 1, sign)
    return Correspondence(
        inertias=singular**2,
        rows=_coordinates(left * sign, rows, singular),
        columns=_coordinates(right * sign, columns, singular),
    )


def _coordinates(vectors: Numbers, mass: Numbers, singular: Numbers) -> Coordinates:
    standard = vectors / np.sqrt(mass)[:, None]
    principal = standard * singular
    squares = principal**2
    whole = squares.sum(axis=1)
    inertia = singular**2
    return Coordinates(
        standard=standard,
        principal=principal,
        mass=mass,
        quality=squares[:, :_PLANE].sum(axis=1) / np.where(whole > _NOTHING, whole, 1),
        contribution=mass[:, None] * squares / np.where(inertia > _NOTHING, inertia, 1),
    )


def perceptual(mined: Mined, brands: Sequence[str], *, seed: int = 7) -> Map:
    """The map of brands and needs, by how many voices speak well of a need with a brand.

    Without any sentiment, all voices that speak of it count. Ellipses are of resamples of the voices whose profiles are
    put on the axes of the map as supplementary points, so that axes neither turn nor change places.
    """
    praised = mined.spoken & (mined.felt > 0) if not np.isnan(mined.felt).all() else mined.spoken
    of = np.array([[one.brand == brand for one in mined.voices] for brand in brands], np.float64)
    table = of @ praised if len(brands) else np.zeros((0, praised.shape[1]))
    kept_rows, kept = np.flatnonzero(table.sum(axis=1)), np.flatnonzero(table.sum(axis=0))
    if len(kept_rows) < _PLANE:
        return _none(ONE_BRAND)
    if len(kept) < _PLANE:
        return _none(ONE_NEED)
    of, some = of[kept_rows], praised[:, kept].astype(np.float64)
    found = correspondence(of @ some)
    drawn = _resampled(of, some, found, seed)
    names = [(brands[at], True) for at in kept_rows.tolist()] + [(mined.needs[at].name, False) for at in kept]
    points = np.concatenate([_plane(found.rows.principal), _plane(found.columns.principal)])
    quality = np.concatenate([found.rows.quality, found.columns.quality])
    shares = [*found.explained.tolist(), 0.0]
    return Map(
        places=tuple(
            Place(
                name=name,
                brand=brand,
                x=float(points[at, 0]),
                y=float(points[at, 1]),
                quality=float(quality[at]),
                ellipse=_ellipse(drawn[:, at]),
            )
            for at, (name, brand) in enumerate(names)
        ),
        explained=(shares[0], shares[1]),
        total=found.total,
        chance=_chance(of, some, found.total, seed),
    )


def _none(why: str) -> Map:
    return Map(places=(), explained=(0.0, 0.0), total=0.0, chance=1.0, why=why)


def _plane(points: Numbers) -> Numbers:
    """The first two axes; of two brands there is one, and the other is flat."""
    flat = np.zeros((len(points), max(0, _PLANE - points.shape[1])))
    return np.concatenate([points[:, :_PLANE], flat], axis=1)


def _resampled(of: Numbers, praised: Numbers, found: Correspondence, seed: int) -> Numbers:
    """The places of brands and needs in resamples [draws, points, 2], NaN where one has nothing to be placed by."""
    places = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for weight in resampled(of.shape[1], seed)[1:]:
            table = (of * weight) @ praised
            rows = table / table.sum(axis=1, keepdims=True) @ found.columns.standard
            columns = (table / table.sum(axis=0)).T @ found.rows.standard
            places.append(np.concatenate([_plane(rows), _plane(columns)]))
    return np.array(places)


def _ellipse(drawn: Numbers) -> Ellipse | None:
    known = drawn[~np.isnan(drawn).any(axis=1)]
    if len(known) <= _PLANE:
        return None
    sizes, directions = np.linalg.eigh(np.cov(known.T))
    short, long = np.sqrt(_REACH * np.clip(sizes, 0, None))
    return Ellipse(long=float(long), short=float(short), angle=float(np.arctan2(directions[1, 1], directions[0, 1])))


def _chance(of: NDArray[np.float64], praised: Numbers, total: float, seed: int) -> float:
    """How often shuffled brands make at least as much inertia (Monte-Carlo test: Davison and Hinkley 1997, 4.2)."""
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(of.sum(axis=0) * praised.sum(axis=1))
    of, praised = of[:, known], praised[known]
    reached = 0
    for _ in range(_MIXES):
        table = of[:, rng.permutation(of.shape[1])] @ praised
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        inertia = float(((table - expected) ** 2 / np.where(expected > 0, expected, 1)).sum() / table.sum())
        reached += inertia >= total - _NOTHING
    return (reached + 1) / (_MIXES + 1)
