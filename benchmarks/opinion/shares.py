"""How often the corrected share of negative holds the true one, and how wide its interval is.

    python -m benchmarks.opinion.shares [--quick]

Traffic with a known truth: shares of negative of 2 to 50 %, cells of 5 to 5,000 texts, classifiers of three qualities
whose errors are counted on 200 to 5,000 test rows, balanced and not. Every method gets the same cells and the same
rows. ``raw`` is the share as the classifier says it with Wilson's interval. ``inverse`` solves for the share by the
inverse matrix and counts the texts' chance alone; ``draws`` does so for 400 draws of matrix and texts each. ``em`` is
the likeliest mixture (Saerens 2002) of 100 such draws. ``rectified`` adds the mean error of the test rows, as
prediction-powered inference does (Angelopoulos 2023). Beside it: cells of two languages, each with errors of its own;
the change between two cells; and the number of negatives among the very texts of a cell.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from benchmarks.measuring import arguments, note, tell
from numpy.typing import NDArray

from argosy.opinion.counting.errors import Errors
from argosy.opinion.counting.shares import changes, combined, corrected_many, numbers

Floats = NDArray[np.float64]
Method = Callable[[Floats, Floats, np.random.Generator], tuple[Floats, Floats, Floats]]
SEED = 11
QUALITIES: Mapping[str, Floats] = {
    "good": np.array([[0.88, 0.08, 0.04], [0.07, 0.85, 0.08], [0.02, 0.06, 0.92]]),
    "fair": np.array([[0.75, 0.18, 0.07], [0.15, 0.7, 0.15], [0.05, 0.15, 0.8]]),
    "weak": np.array([[0.6, 0.25, 0.15], [0.25, 0.5, 0.25], [0.15, 0.25, 0.6]]),
}
MIXES: Mapping[str, Floats] = {"balanced": np.full(3, 1 / 3), "skewed": np.array([0.15, 0.25, 0.6])}
ROWS = (200, 1_000, 5_000)
SHARES = (0.02, 0.05, 0.1, 0.25, 0.5)
SIZES = (5, 20, 100, 1_000, 5_000)
MATRICES, CELLS = 100, 4  # drawn of each setting, and cells of each matrix
_DRAWS, _FEW_DRAWS, _ROUNDS, _OFTEN = 400, 100, 60, 4
_Z = 1.96


def main(matrices: int) -> None:
    """Draw, correct, compare."""
    rng = np.random.default_rng(SEED)
    held: dict[str, list[Floats]] = {name: [] for name in METHODS}
    for quality, rates in QUALITIES.items():
        for rows in ROWS:
            for mix in MIXES.values():
                for turn in range(matrices):
                    truth, sizes, said = cells(rng, rates)
                    table = test_rows(rng, rates, rows, mix)
                    for name, method in METHODS.items():
                        if name == "em" and turn % _OFTEN:
                            continue
                        value, low, high = method(said, table, rng)
                        where = np.broadcast_to([list(QUALITIES).index(quality), rows], (len(said), 2)).T
                        held[name].append(np.stack([truth[:, 0], sizes, *where, value, low, high], axis=1))
            note(f"{quality}, {rows} test rows")
    by = {name: told(np.concatenate(found)) for name, found in held.items()}
    tell(
        "shares",
        {
            "seed": SEED,
            "settings": len(QUALITIES) * len(ROWS) * len(MIXES) * len(SHARES) * len(SIZES),
            "by": by,
            "lowest": min(one["coverage"] for part in by["ours"]["parts"].values() for one in part.values()),
            "joined": joined(np.random.default_rng(SEED + 1), matrices),
            "per_second": speed(),
        },
        packages=("numpy", "scipy"),
    )


def cells(rng: np.random.Generator, rates: Floats) -> tuple[Floats, Floats, Floats]:
    """Some cells of every share and size: true mixtures [cells, 3], sizes [cells], and what was said [cells, 3]."""
    share, size = (one.ravel().repeat(CELLS) for one in np.meshgrid(SHARES, SIZES, indexing="ij"))
    truth = mixtures(rng, share)
    return truth, size, rng.multinomial(size.astype(int), truth @ rates).astype(float)


def mixtures(rng: np.random.Generator, share: Floats) -> Floats:
    """Mixtures with this share of negative, the rest parted by chance."""
    part = rng.uniform(0.2, 0.8, len(share))
    return np.stack([share, (1 - share) * part, (1 - share) * (1 - part)], axis=1)


def test_rows(rng: np.random.Generator, rates: Floats, rows: int, mix: Floats) -> Floats:
    """The counted errors of a draw of test rows."""
    return np.stack([rng.multinomial(many, row) for many, row in zip(rng.multinomial(rows, mix), rates, strict=True)])


def raw(said: Floats, _table: Floats, _rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """As the classifier says."""
    texts = said.sum(axis=1)
    value, shrink = said[:, 0] / texts, 1 + _Z**2 / texts
    half = _Z * np.sqrt(value * (1 - value) / texts + _Z**2 / (4 * texts**2)) / shrink
    middle = (value + _Z**2 / (2 * texts)) / shrink
    return value, middle - half, middle + half


def inverse(said: Floats, table: Floats, _rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """By the inverse matrix, as if it were known."""
    texts = said.sum(axis=1)
    weights = np.linalg.pinv(_smooth(table))[:, 0]
    share = said / texts[:, None]
    value = share @ weights
    half = _Z * np.sqrt(np.maximum(share @ weights**2 - value**2, 0) / texts)
    return np.clip(value, 0, 1), np.clip(value - half, 0, 1), np.clip(value + half, 0, 1)


def draws(said: Floats, table: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """By the inverses of drawn matrices, of drawn texts."""
    weights = np.linalg.pinv(_drawn_rates(table, rng, _DRAWS))[:, :, 0]
    return _middle(np.clip(np.einsum("cds,ds->cd", _drawn_said(said, rng, _DRAWS), weights), 0, 1))


def em(said: Floats, table: Floats, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """The likeliest mixtures of drawn texts by drawn matrices."""
    rates, share = _drawn_rates(table, rng, _FEW_DRAWS), _drawn_said(said, rng, _FEW_DRAWS)
    mixture = np.full(share.shape, 1 / 3)
    for _ in range(_ROUNDS):
        expected = np.einsum("cdt,dts->cds", mixture, rates)
        mixture = mixture * np.einsum("cds,dts->cdt", share / expected, rates)
    return _middle(mixture[:, :, 0])


def rectified(said: Floats, table: Floats, _rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """The share said, plus the mean error of the test rows."""
    texts, rows = said.sum(axis=1), table.sum()
    missed, wrong = table[0, 1:].sum() / rows, table[1:, 0].sum() / rows
    share = said[:, 0] / texts
    value = share + missed - wrong
    half = _Z * np.sqrt(share * (1 - share) / texts + (missed + wrong - (missed - wrong) ** 2) / rows)
    return np.clip(value, 0, 1), np.clip(value - half, 0, 1), np.clip(value + half, 0, 1)


def ours(said: Floats, table: Floats, _rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
    """As the monitor counts."""
    return corrected_many(said, table.astype(float))


METHODS: Mapping[str, Method] = {
    "ours": ours,
    "raw": raw,
    "inverse": inverse,
    "draws": draws,
    "em": em,
    "rectified": rectified,
}


def told(found: Floats) -> dict[str, Any]:
    """Coverage, mean width and bias of rows of truth, size, quality, rows, value, low, high; whole and by parts."""
    columns = {"share": (0, SHARES), "texts": (1, SIZES), "quality": (2, range(len(QUALITIES))), "rows": (3, ROWS)}
    names = {"quality": list(QUALITIES)}
    parts = {
        part: {
            str(names[part][int(one)] if part in names else one): _figures(found[found[:, column] == one])
            for one in values
        }
        for part, (column, values) in columns.items()
    }
    return {**_figures(found), "parts": parts}


def joined(rng: np.random.Generator, matrices: int) -> dict[str, Any]:
    """Coverage over two languages, of changes, and of numbers of negatives among the very texts."""
    kept: dict[str, list[bool]] = {"languages": [], "change": [], "unchanged": [], "number": []}
    for _ in range(2 * matrices):
        rates = {"en": QUALITIES["good"], "zh": QUALITIES["weak"]}
        tables = {name: test_rows(rng, one, 500, MIXES["balanced"]).tolist() for name, one in rates.items()}
        errors = Errors(counts=tables)
        sides = [_both(rng, rates, rng.choice(SHARES, 20)) for _ in range(2)]
        same = _both(rng, rates, sides[0][2])
        kept["languages"] += [
            one.low <= true <= one.high for one, true in _pairs(combined, sides[0][0], errors, sides[0][1])
        ]
        for name, other in (("change", sides[1]), ("unchanged", same)):
            found = changes(sides[0][0], other[0], errors)
            moved = sides[0][1] - other[1]
            kept[name] += [one.low <= true <= one.high for one, true in zip(found, moved, strict=True)]
        kept["number"] += [
            one.low <= true <= one.high for one, true in _pairs(numbers, sides[0][0], errors, sides[0][3])
        ]
    return {name: round(float(np.mean(one)), 4) for name, one in kept.items()}


def _pairs(work: Callable[..., Any], said: Any, errors: Errors, truth: Floats) -> Any:
    return zip(work(said, errors), truth, strict=True)


def _both(rng: np.random.Generator, rates: Mapping[str, Floats], shares: Floats) -> tuple[Any, Floats, Floats, Floats]:
    """Cells of both languages: said, the true share over both, that of each, and how many texts are truly negative."""
    said, negative, true, texts = {}, np.zeros(len(shares)), np.zeros(len(shares)), np.zeros(len(shares))
    sizes = np.random.default_rng(SEED).choice([20, 200, 2_000], (len(rates), len(shares)))
    for (name, table), size in zip(rates.items(), sizes, strict=True):
        kinds = rng.multinomial(size, mixtures(rng, shares))
        said[name] = sum(rng.multinomial(kinds[:, at], table[at]) for at in range(3)).astype(float)
        negative += kinds[:, 0]
        true += size * shares
        texts += size
    return said, true / texts, shares, negative


def speed() -> int:
    """Cells a second, a thousand at once."""
    rng = np.random.default_rng(SEED)
    said = rng.multinomial(200, [0.2, 0.3, 0.5], size=1_000).astype(float)
    table = test_rows(rng, QUALITIES["fair"], 1_000, MIXES["balanced"]).astype(float)
    begun = time.perf_counter()
    for _ in range(5):
        corrected_many(said, table)
    return round(5 * len(said) / (time.perf_counter() - begun))


def _figures(found: Floats) -> dict[str, float]:
    truth, value, low, high = found[:, 0], *found[:, 4:].T
    inside = (low <= truth + 1e-9) & (truth <= high + 1e-9)
    return {
        "coverage": round(float(inside.mean()), 4),
        "width": round(float(np.mean(high - low)), 4),
        "bias": round(float(np.mean(value - truth)), 4),
        "error": round(float(np.sqrt(np.mean((value - truth) ** 2))), 4),
        "cells": len(found),
    }


def _smooth(table: Floats) -> Floats:
    return (table + 0.5) / (table + 0.5).sum(axis=1, keepdims=True)


def _drawn_rates(table: Floats, rng: np.random.Generator, count: int) -> Floats:
    return np.stack([rng.dirichlet(row + 0.5, count) for row in table], axis=1)


def _drawn_said(said: Floats, rng: np.random.Generator, count: int) -> Floats:
    drawn = rng.standard_gamma(np.repeat(said[:, None] + 0.5, count, axis=1))
    return drawn / drawn.sum(axis=2, keepdims=True)


def _middle(found: Floats) -> tuple[Floats, Floats, Floats]:
    low, value, high = np.quantile(found, [0.025, 0.5, 0.975], axis=1)
    return value, low, high


if __name__ == "__main__":
    main(4 if arguments(__doc__).quick else MATRICES)
