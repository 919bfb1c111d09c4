"""What the examples of this folder share: a decoder from scratch, the nearest known answer, and the measuring."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import argosy
from argosy.evaluate.intervals import around
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.measure import measured
from argosy.models.byte_pairs import BytePairs
from argosy.models.scratch import SIZES, decoder, save
from argosy.train.objectives.answer import Prompt

Pair = tuple[str, str]
Item = TypeVar("Item")
SHAPE = replace(SIZES["tiny"], width=96, layers=3, heads=4, kv_heads=2, ffn=256, context=96, vocabulary=512)
RECIPE = argosy.Recipe(batch_size=16, learning_rate=4e-3, max_length=SHAPE.context, seed=7)


def parted(pairs: Sequence[Pair], seed: int = 7) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Training, validation and test pairs, 80 : 10 : 10 at random; no pair is in two of them."""
    return _cut(sorted(set(pairs)), seed)


def parted_by_answer(pairs: Sequence[Pair], seed: int = 7) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """The same, and no answer is in two of them: what is measured was never to be repeated."""
    answers = _cut(sorted({answer for _, answer in pairs}), seed)
    train, validation, test = ([pair for pair in sorted(set(pairs)) if pair[1] in part] for part in map(set, answers))
    return train, validation, test


def _cut(items: list[Item], seed: int) -> tuple[list[Item], list[Item], list[Item]]:
    random.Random(seed).shuffle(items)
    tenth = len(items) // 10
    return items[2 * tenth :], items[:tenth], items[tenth : 2 * tenth]


def scratch(pairs: Sequence[Pair], folder: Path) -> Path:
    """A decoder of half a million weights, drawn at random, with a tokenizer learnt from the training pairs alone."""
    texts = [text for pair in pairs for text in pair]
    tokenizer = BytePairs.train(texts, size=SHAPE.vocabulary)
    save(decoder(SHAPE, tokenizer, seed=7), tokenizer, folder)
    return folder


def fitted(parts: Sequence[Sequence[Pair]], folder: Path, *, template: str, epochs: int) -> list[str]:
    """Train, and report on pairs that were held out: the lines to print."""
    train, validation, test = parts
    base = scratch(train, folder / "base")
    recipe = replace(RECIPE, epochs=epochs)
    model = argosy.fit(Prompt(template=template), train, validation, out=folder / "model", base=base, recipe=recipe)
    asked, truth = [text for text, _ in test], [answer for _, answer in test]
    said = {"nearest known text": [nearest(text, train) for text in asked], "fitted": model.predict(asked)}
    weights = model.outcome.parameters
    return [
        f"{weights:,} weights, {len(train)} pairs, {model.outcome.tokens_per_second:,.0f} tokens/s",
        *(f"{name}: {told(truth, answers)}" for name, answers in said.items()),
        *(f"{text} → {answer}" for text, answer in zip(asked[:4], said["fitted"], strict=False)),
    ]


def nearest(text: str, known: Sequence[Pair]) -> str:
    """The answer of the known text that shares the most pairs of characters: what a look-up would say."""

    def shared(pair: Pair) -> float:
        one, other = set(pairwise(text)), set(pairwise(pair[0]))
        return len(one & other) / max(1, len(one | other))

    return max(known, key=shared)[1]


def told(truth: Sequence[str], said: Sequence[str]) -> str:
    """Exact matches and the F1 of tokens, each with its 95 % interval."""
    figures = []
    for name, found in measured("generation", truth, said, rung="model").items():
        if not isinstance(found, Undefined):
            ends = around(found, seed=7)
            figures.append(f"{name} {ends.value:.2f} [{ends.low:.2f}, {ends.high:.2f}]")
    return ", ".join(figures)
