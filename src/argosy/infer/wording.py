"""Stemming and stop words: what a linear model may do to a folded text before its n-grams are read.

The stop words travel with the model, and so do the versions of the packages that cut and stem, since another version
may cut and stem otherwise: a model is never read through other words than it was fitted and measured on.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType
from typing import Any, Self

from argosy.core.errors import MissingError

STEMMER = "snowballstemmer"  # English
SEGMENTER = "rjieba"  # Chinese
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_PIECES = re.compile(rf"[{_HAN}]+|[a-z]+(?:['’][a-z]+)*")

Change = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Which words are left out, whether English ones are stemmed, and the version of each package that does it."""

    stop_words: frozenset[str] = frozenset()
    stem: bool = False
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, *, stop_words: frozenset[str], stem: bool) -> Self:
        """The wording by the packages installed here; raises MissingError when one is not."""
        names = ((SEGMENTER,) if stop_words else ()) + ((STEMMER,) if stem else ())
        return cls(stop_words=stop_words, stem=stem, versions={name: _installed(name) for name in names})

    def apply(self, texts: Sequence[str]) -> list[str]:
        """The folded texts behind the wording; raises MissingError when a package is another one than at the fit."""
        if not self.versions:
            return list(texts)
        change = self._change()
        return [" ".join(_PIECES.sub(lambda piece: change(piece[0]), text).split()) for text in texts]

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads."""
        return {"stop_words": sorted(self.stop_words), "stem": self.stem, "versions": dict(self.versions)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The wording that ``to_json`` wrote."""
        return cls(stop_words=frozenset(kept["stop_words"]), stem=kept["stem"], versions=dict(kept["versions"]))

    def _change(self) -> Change:
        """The change of one piece: a run of Chinese characters, or an English word; it is for one thread alone."""
        for name, expected in self.versions.items():
            _check(name, expected)
        stem = _stemmer() if self.stem else str
        cut = _segmenter() if self.stop_words else None

        def change(piece: str) -> str:
            if piece[0] > "z":
                return piece if cut is None else " ".join(word for word in cut(piece) if word not in self.stop_words)
            return "" if piece in self.stop_words else stem(piece)

        return change


PLAIN = Wording()


def _stemmer() -> Change:
    from snowballstemmer.english_stemmer import EnglishStemmer

    return lru_cache(maxsize=None)(EnglishStemmer().stemWord)


def _segmenter() -> Callable[[str], list[str]]:
    import rjieba

    cut: Callable[[str], list[str]] = rjieba.cut
    return cut


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError as error:
        raise MissingError(
            "The package {name!r} is not installed.", mend="pip install 'argosy[words]'", name=name
        ) from error


def _check(name: str, expected: str) -> None:
    found = _installed(name)
    if found != expected:
        raise MissingError(
            "The linear model was fitted with {name} {expected}; installed is {found}, which may cut words otherwise.",
            mend="pip install '{name}=={expected}', or build the model again.",
            name=name,
            expected=expected,
            found=found,
        )
