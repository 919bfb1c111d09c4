"""More training rows from those there are, each a small change of its parent under the same label.

Which method helps is measured (``argosy.evaluate.ablation``); nothing is augmented because it might. Only training
rows may be augmented: a changed copy of a validation or test row in the training rows would be a leak.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType

from argosy.core.errors import ProjectError
from argosy.core.records import Example
from argosy.data.dedupe import twin_key
from argosy.data.perturb import NEGATIONS, PERTURBATIONS, RATE, places

MASK = "[MASK]"
MASK_METHOD = "mask"
AUGMENTED, PARENT = "augmented", "parent"  # what meta tells of a copy: the method, the id of the row it was made from
METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "noise": ("swap", "drop", "insert"),
        "homophone": ("homophone",),
        "look_alike": ("look_alike",),
        "typo": ("typo",),
        MASK_METHOD: (),
    }
)
_BATCH = 256  # examples

Fill = Callable[[Sequence[str]], list[list[str]]]
"""For each text with one MASK the words (or characters) that a masked language model would put there, best first."""


def augment(
    examples: Sequence[Example],
    methods: Sequence[str],
    *,
    copies: int = 1,
    seed: int,
    rate: float = RATE,
    fill: Fill | None = None,
) -> Iterator[Example]:
    """The new examples alone: up to ``copies`` of each example by each of METHODS, none a twin of any other text.

    A copy has its parent's label and meta, and ``meta["augmented"]`` (the method) and ``meta["parent"]`` (the id). A
    text that a method cannot change gives none. Raises ProjectError for an unknown method, or for ``mask`` without
    ``fill``, MissingError when a method's package is not installed.
    """
    _check(methods, fill)
    seen = {twin_key(example.text) for example in examples}
    for method in methods:
        for copy in range(1, copies + 1):
            for parent, text in _changed(examples, method, copy, seed, rate, fill):
                key = twin_key(text)
                if key not in seen:
                    seen.add(key)
                    meta = {**parent.meta, AUGMENTED: method, PARENT: parent.id}
                    yield replace(parent, id=f"{parent.id}+{method}{copy}", text=text, meta=meta)


def _check(methods: Sequence[str], fill: Fill | None) -> None:
    for method in methods:
        if method not in METHODS:
            raise ProjectError(
                "There is no augmentation method {name!r}; there are {names}.",
                mend="Use one of these names.",
                name=method,
                names=", ".join(METHODS),
            )
    if MASK_METHOD in methods and fill is None:
        raise ProjectError(
            "The augmentation method {name!r} needs a masked language model.",
            mend="Name a base model with a masked-language head, or leave the method out.",
            name=MASK_METHOD,
        )


def _changed(
    examples: Sequence[Example], method: str, copy: int, seed: int, rate: float, fill: Fill | None
) -> Iterator[tuple[Example, str]]:
    """Each example with its changed text; the change of one does not hang on the others."""
    if method == MASK_METHOD and fill is not None:
        for start in range(0, len(examples), _BATCH):
            yield from _filled(examples[start : start + _BATCH], copy, seed, rate, fill)
        return
    for example in examples:
        rng = _rng(seed, method, copy, example)
        names = [name for name in METHODS[method] if PERTURBATIONS[name].applies(example.text)]
        if names:
            yield example, PERTURBATIONS[rng.choice(names)].function(example.text, rng, rate)


def _filled(
    examples: Sequence[Example], copy: int, seed: int, rate: float, fill: Fill
) -> Iterator[tuple[Example, str]]:
    """Each example with some of its words replaced by what the model puts there, each seen with the others whole.

    Words of negation stay.
    """
    chosen = [_places(example, _rng(seed, MASK_METHOD, copy, example), rate) for example in examples]
    masked = [
        example.text[:start] + MASK + example.text[end:]
        for example, spans in zip(examples, chosen, strict=True)
        for start, end in spans
    ]
    answers = iter(fill(masked))
    for example, spans in zip(examples, chosen, strict=True):
        rng = _rng(seed, f"{MASK_METHOD} word", copy, example)
        text, told = example.text, [next(answers) for _ in spans]
        for (start, end), words in sorted(zip(spans, told, strict=True), key=lambda one: one[0], reverse=True):
            others = [word for word in words if _fits(word, text[start:end])]
            text = text[:start] + rng.choice(others) + text[end:] if others else text
        if spans:
            yield example, text


def _places(example: Example, rng: Random, rate: float) -> list[tuple[int, int]]:
    text = example.text
    found = [(start, end) for start, end in places(text) if text[start:end].lower() not in NEGATIONS]
    return rng.sample(found, min(len(found), max(1, round(rate * len(found)))))


def _fits(word: str, replaced: str) -> bool:
    """Whether it is another word of the same script."""
    return word.casefold() != replaced.casefold() and word.isascii() == replaced.isascii()


def _rng(seed: int, method: str, copy: int, example: Example) -> Random:
    return Random(f"{seed}\n{method}\n{copy}\n{example.id}")
