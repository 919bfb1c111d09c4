"""Redaction as a step over examples."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace

from argosy.core.personal import KINDS
from argosy.core.records import Example
from argosy.data.redact.find import redact
from argosy.data.redact.spans import Recognise
from argosy.data.redact.tokens import mask_of


class Redaction:
    """Redacts an example's text and its raw text; ``counts`` says how many of each kind were found in texts.

    ``replace(kind, value)`` makes what is put in: masks by default, ``Pseudonyms`` or a vault's ``replace`` otherwise.
    """

    def __init__(
        self,
        replace: Callable[[str, str], str] | None = None,
        kinds: Collection[str] = KINDS,
        recognise: Recognise | None = None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._put = replace or (lambda kind, _: mask_of(kind))
        self._kinds = kinds
        self._recognise = recognise

    def __call__(self, example: Example) -> Example:
        """The example without personal data; itself where there is none."""
        text = redact(example.text, self._counted, self._kinds, self._recognise)
        raw = example.meta.get("raw")
        clean = redact(raw, self._put, self._kinds, self._recognise) if isinstance(raw, str) else raw
        if text == example.text and clean == raw:
            return example
        return replace(
            example, text=text, meta={**example.meta, "raw": clean} if isinstance(raw, str) else example.meta
        )

    def _counted(self, kind: str, value: str) -> str:
        self.counts[kind] += 1
        return self._put(kind, value)
