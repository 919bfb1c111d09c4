"""Whether augmenting the training rows helps a linear model, by method: on clean rows and on rows with such noise.

    python -m benchmarks.data.augmentation [--quick]

Reviews (Chinese) and tweets (English), few and more training rows, one copy of each row by each method, three seeds.
The ablation is what a build runs on its validation rows: a method is applied where ``clean`` says that it helps.
``noisy`` shows the same models on validation rows under the same kind of change: what the method is made for. The
masked-model method needs a base with a masked-language head, which no packaged base has; it is not measured here.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks.measuring import arguments, note, tell
from benchmarks.texts.real_texts import draw

from argosy.core.records import Example
from argosy.data.augment import METHODS, augment
from argosy.data.perturb import PERTURBATIONS, perturb
from argosy.evaluate.ablation import ablate, linear

CHOSEN = {"reviews": ("noise", "homophone", "look_alike"), "tweets": ("noise", "look_alike", "typo")}
SIZES = (300, 1_500)
VALIDATION = 2_000
NOISE_SEED = 99

Told = Callable[[Sequence[str]], Sequence[str]]


def remembered() -> Callable[[Sequence[Example], int], Told]:
    """The linear fit, each set of rows once: the clean and the noisy rows are told by the same models."""
    known: dict[tuple[int, int], Told] = {}

    def fit(rows: Sequence[Example], seed: int) -> Told:
        key = hash(tuple(row.text for row in rows)), seed
        if key not in known:
            known[key] = linear(rows, seed)
        return known[key]

    return fit


def with_copies(base: Sequence[Example], method: str) -> Callable[[int], list[Example]]:
    """The rows with a copy of each by the method."""
    return lambda seed: [*base, *augment(base, [method], seed=seed)]


def noisy(rows: Sequence[Example], method: str) -> list[Example]:
    """The rows that the method's changes apply to, changed."""
    found: list[Example] = []
    for name in METHODS[method]:
        touched = [row for row in rows if PERTURBATIONS[name].applies(row.text)]
        texts = perturb(name, [row.text for row in touched], seed=NOISE_SEED)
        found += [replace(row, text=text) for row, text in zip(touched, texts, strict=True)]
    return found[:: len(METHODS[method])]


def figures(effects: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Each method's ablation, rounded."""
    return {
        one.method: {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in (asdict(one) | {"helps": one.helps}).items()
            if key not in {"method", "differences"}
        }
        for one in effects
    }


def main(*, quick: bool) -> None:
    """Every set, size and method."""
    table: dict[str, Any] = {}
    start = time.perf_counter()
    for name, methods in CHOSEN.items():
        for size in SIZES[:1] if quick else SIZES:
            rows = draw(name, size + VALIDATION, seed=1)
            base, validation = rows[:size], rows[size:]
            fit = remembered()
            variants = {method: with_copies(base, method) for method in methods}
            clean = ablate(fit, variants, base, validation, "accuracy")
            under = [
                one
                for method in methods
                for one in ablate(fit, {method: variants[method]}, base, noisy(validation, method), "accuracy")
            ]
            table[f"{name} {size}"] = {"clean": figures(clean), "noisy": figures(under)}
            note(f"{name} {size}: {table[f'{name} {size}']}")
    sides = [(side, one) for found in table.values() for side, part in found.items() for one in part.values()]
    tell(
        "augmentation",
        {
            "helps_on_clean": sum(one["helps"] for side, one in sides if side == "clean"),
            "helps_on_noisy": sum(one["helps"] for side, one in sides if side == "noisy"),
            "tried": len(sides) // 2,
            "validation_rows": VALIDATION,
            "seeds": 3,
            "seconds": round(time.perf_counter() - start, 1),
            "settings": table,
        },
        packages=("pypinyin", "scikit-learn"),
    )


if __name__ == "__main__":
    main(quick=arguments(__doc__).quick)
