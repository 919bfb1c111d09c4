"""Which pieces of a tokenizer a project needs most: what its texts use, then what such texts would use next."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

UNIGRAM = "Unigram"
WORD_PIECE = "WordPiece"
KINDS = (UNIGRAM, WORD_PIECE)

_RESERVED = re.compile(r"\[\w+\]$")  # [unused7] and the like
_SCRIPT_SHARE = 0.001  # of all letters of the texts; rarer scripts are strays
_BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """The pieces of a tokenizer by number: as it writes them, what of a text they stand for, and how likely they are.

    ``unknown`` is the number of the piece that stands for what no other does.
    """

    names: Sequence[str]
    words: Sequence[str]
    chances: NDArray[np.float64]
    unknown: int

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> "Pieces":
        """The pieces of a ``tokenizer.json`` of one of the KINDS.

        A WordPiece knows no probabilities; its numbers fall with frequency, so Zipf's law (1949) gives them.
        """
        model = spec["model"]
        if model["type"] == UNIGRAM:
            names = [name for name, _score in model["vocab"]]
            words = [name.replace("▁", " ").lower() for name in names]
            chances = np.array([math.exp(score) for _name, score in model["vocab"]])
            return cls(names=names, words=words, chances=chances, unknown=int(model["unk_id"]))
        names = sorted(model["vocab"], key=lambda name: int(model["vocab"][name]))
        words = [name.removeprefix(model["continuing_subword_prefix"]).lower() for name in names]
        chances = 1 / np.arange(1, len(names) + 1)
        chances[[bool(_RESERVED.match(name)) for name in names]] = 0
        return cls(names=names, words=words, chances=chances, unknown=int(model["vocab"][model["unk_token"]]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Numbers of pieces: ``fixed`` ones that stay whatever happens; single ``characters`` and all, most useful first.

    ``used`` is how many pieces of more than one character the texts use.
    """

    fixed: Sequence[int]
    characters: Sequence[int]
    order: Sequence[int]
    used: int

    def first(self, size: int) -> list[int]:
        """The ``size`` most useful ones, ascending.

        All characters are among them if that leaves room for all pieces in use; if not, they get half of the room.
        """
        room = max(size - len(self.fixed), 0)
        characters = self.characters[: max(room // 2, room - self.used)]
        chosen = dict.fromkeys([*self.fixed, *characters, *self.order])
        return sorted(islice(chosen, max(size, len(self.fixed))))

    def enough(self, counts: Mapping[int, int], share: float) -> int:
        """The smallest size that keeps ``share`` of the pieces that other texts use, so often as ``counts`` says."""
        wanted = share * sum(counts.values())
        most = len(self.fixed) + len(self.characters) + len(self.order)
        return bisect_left(
            range(most), wanted, key=lambda size: sum(counts.get(piece, 0) for piece in self.first(size))
        )


def rank(spec: Mapping[str, Any], tokenizer: Tokenizer, texts: Iterable[str], languages: Sequence[str]) -> Ranking:
    """The pieces in use come first, the most frequent ones before others.

    Then come those of the texts' scripts by their own probability times that of the ``languages`` (ISO 639). Special
    tokens and the unknown piece must stay.
    """
    pieces = Pieces.of(spec)
    counts, characters = count(tokenizer, texts)
    scripts = _scripts_of(characters)
    written = np.array([{_script(letter) for letter in word} - {""} <= scripts for word in pieces.words])
    weight = _prior(pieces, written, languages)  # each below 1: a piece in use outranks it
    for piece, found in counts.items():
        if piece < len(weight):  # tokens that were added may have higher numbers
            weight[piece] += found
    ranked = np.argsort(-weight, kind="stable").tolist()
    single = [len(word.strip()) <= 1 for word in pieces.words]
    return Ranking(
        fixed=sorted({*(int(token["id"]) for token in spec["added_tokens"]), pieces.unknown}),
        characters=[number for number in ranked if single[number] and written[number]],
        order=[number for number in ranked if weight[number] > 0],
        used=sum(1 for piece in counts if piece < len(single) and not single[piece]),
    )


def count(tokenizer: Tokenizer, texts: Iterable[str]) -> tuple[Counter[int], Counter[str]]:
    """How often each piece and each character occurs in ``texts``."""
    pieces: Counter[int] = Counter()
    characters: Counter[str] = Counter()
    for batch in batches(texts):
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            pieces.update(encoding.ids)
        characters.update("".join(batch))
    return pieces, characters


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts, a thousand at a time."""
    left = iter(texts)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _scripts_of(characters: Counter[str]) -> frozenset[str]:
    """The scripts that the texts are written in."""
    scripts: Counter[str] = Counter()
    for character, found in characters.items():
        scripts[_script(character)] += found
    scripts.pop("", None)
    return frozenset(script for script, found in scripts.items() if found >= _SCRIPT_SHARE * scripts.total())


@cache
def _script(character: str) -> str:
    """The script of a letter, as its Unicode name begins; empty for what is no letter.

    >>> _script("é"), _script("猫"), _script("7")
    ('LATIN', 'CJK', '')
    """
    if unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "?").split()[0]


def _prior(pieces: Pieces, written: NDArray[np.bool_], languages: Sequence[str]) -> NDArray[np.float64]:
    """The probability of each piece in text of the languages; 0 outside the scripts in use. Adds up to 1."""
    share = _language_share(languages)
    prior = np.zeros(len(pieces.names))
    for number in np.flatnonzero(written).tolist():
        word = pieces.words[number]
        of_languages = share(word) if any(letter.isalpha() for letter in word) else 1.0
        prior[number] = pieces.chances[number] * of_languages
    return prior / (prior.sum() or 1.0)


def _language_share(languages: Sequence[str]) -> Callable[[str], float]:
    """The probability that a word, read alone, is of one of the languages; 1 when none of them is known."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wanted = {language.split("-")[0].lower() for language in languages} & set(identifier.labels)

    @cache
    def share(word: str) -> float:
        return float(sum(chance for language, chance in identifier.rank(word) if language in wanted))

    return share if wanted else lambda _word: 1.0
