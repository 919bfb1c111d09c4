"""The perceptual map: the authority's worked example, and maps of little or nothing."""

from dataclasses import replace

import numpy as np
import pytest
from market_planted import BRANDS, market

from argosy.venture.market.perceptual import ONE_BRAND, correspondence, perceptual

SMOKERS = np.array([[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]], np.float64)
"""Staff of a firm by how much they smoke: Greenacre, "Theory and Applications of Correspondence Analysis", 1984."""


def test_the_smokers_come_out_as_the_authority_prints_them() -> None:
    """To the six places that R's package ca (Nenadic and Greenacre) prints of ``ca(smoke)``; total inertia 0.0852."""
    found = correspondence(SMOKERS)
    assert found.inertias.round(6).tolist() == [0.074759, 0.010017, 0.000414]
    assert round(found.total, 4) == 0.0852
    assert (100 * found.explained).round(2).tolist() == [87.76, 11.76, 0.49]
    assert found.rows.mass.round(6).tolist() == [0.056995, 0.093264, 0.264249, 0.455959, 0.129534]
    distances = np.linalg.norm(found.rows.principal, axis=1)
    assert distances.round(6).tolist() == [0.216559, 0.356921, 0.380779, 0.240025, 0.216169]
    inertia = found.rows.mass * distances**2
    assert inertia.round(6).tolist() == [0.002673, 0.011881, 0.038314, 0.026269, 0.006053]
    assert (1000 * found.rows.quality).round().tolist() == [893, 991, 1000, 1000, 999]


def test_coordinates_hold_what_defines_them() -> None:
    """Standard ones have mean 0 and variance 1 by mass; rows are barycentres of columns; chi squared is n times."""
    found = correspondence(SMOKERS)
    for points in (found.rows, found.columns):
        assert np.allclose(points.mass @ points.standard, 0)
        assert np.allclose(points.mass @ points.standard**2, 1)
        assert np.allclose(points.contribution.sum(axis=0), 1)
    profiles = SMOKERS / SMOKERS.sum(axis=1, keepdims=True)
    assert np.allclose(profiles @ found.columns.standard, found.rows.principal)
    expected = np.outer(SMOKERS.sum(axis=1), SMOKERS.sum(axis=0)) / SMOKERS.sum()
    assert found.total * SMOKERS.sum() == pytest.approx(((SMOKERS - expected) ** 2 / expected).sum())


def test_brands_lie_with_what_they_are_praised_for() -> None:
    """Each brand's nearest need by direction is the one in which it does best beside the others."""
    found = perceptual(market(), BRANDS)
    places = {one.name: np.array([one.x, one.y]) for one in found.places}
    for brand, need in (("Own", "languages"), ("Alpha", "price"), ("Beta", "setup")):
        others = [other for other in ("price", "setup", "languages", "privacy") if other != need]
        assert places[brand] @ places[need] > max(places[brand] @ places[other] for other in others) - 1e-9
    assert sum(found.explained) == pytest.approx(1, abs=1e-9)
    assert found.chance < 0.01
    assert all(one.ellipse is not None and one.ellipse.long >= one.ellipse.short > 0 for one in found.places)


def test_brands_that_are_one_and_the_same_make_a_map_of_chance() -> None:
    """Names given by lot tell nothing apart."""
    mined = market(400)
    rng = np.random.default_rng(5)
    voices = tuple(replace(one, brand=str(rng.choice(BRANDS))) for one in mined.voices)
    assert perceptual(replace(mined, voices=voices), BRANDS).chance > 0.05


def test_two_brands_lie_on_a_line_and_one_has_no_map() -> None:
    """And nobody's texts have none either."""
    found = perceptual(market(brands=("Own", "Alpha")), ("Own", "Alpha"))
    assert {one.y for one in found.places} == {0.0}
    assert found.explained == pytest.approx((1.0, 0.0))
    for brands in (("Own",), ()):
        assert perceptual(market(200, brands=("Own",)), brands).why == ONE_BRAND


def test_without_feelings_what_is_spoken_of_is_mapped() -> None:
    """All voices count then."""
    mined = market()
    found = perceptual(replace(mined, felt=np.full_like(mined.felt, np.nan)), BRANDS)
    assert len(found.places) == 7
