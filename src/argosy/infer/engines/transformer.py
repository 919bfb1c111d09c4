"""What every Transformer engine shares: raw texts, the stored text steps, tokens, batches, logits, predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from argosy.core.engine import Reading
from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.answers import AS_TRAINED, Calibration, answers
from argosy.infer.batches import TOKENS, Batch, Floats, run
from argosy.infer.tokens import Row, Tokenizer

_CHARACTERS = 32  # a token: of a very long text this much is cleaned and cut into tokens, if that is more than enough
_ENOUGH = 3  # rows: the row that is read then ends far before the place where the text was cut


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerClassifier:
    """A Staged classifier around ``forward``, which maps a batch to logits [rows, labels]; several threads may call it.

    ``tokenizer``, ``labels`` and ``text_steps`` are what the model was trained behind; ``calibration`` changes the
    probabilities of ``classify``, never its labels nor the logits. A batch has at most ``run_tokens`` tokens, padding
    included. Of a text with more than 32 characters for each token that the model reads, only those are looked at,
    unless they fill less than three rows of tokens.
    """

    name: str
    labels: tuple[str, ...]
    text_steps: tuple[str, ...]
    tokenizer: Tokenizer
    forward: Callable[[Batch], Floats]
    calibration: Calibration = AS_TRAINED
    run_tokens: int = TOKENS

    @property
    def longest(self) -> int:
        """The tokens that the model reads of a text at most."""
        return self.tokenizer.max_length

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """The cleaned texts as token numbers, cut where the model stops reading."""
        return [
            Reading(text=cleaned, ids=row.ids, tokens=len(row.ids), truncated=row.rows > 1, unknown=row.unknown)
            for cleaned, row in self._rows(texts)
        ]

    def score(self, readings: Sequence[Reading]) -> list[Prediction]:
        """One prediction a reading."""
        return answers(self._logits([reading.ids for reading in readings]), self.labels, self.calibration)

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts, in the order of ``texts``."""
        return self._logits([row.ids for _, row in self._rows(texts)])

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        return answers(self.logits(texts), self.labels, self.calibration)

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        ((_, row),) = self._rows([text])
        return len(row.ids)

    def _logits(self, rows: Sequence[Sequence[int]]) -> Floats:
        return run(self.forward, rows, pad=self.tokenizer.pad, width=len(self.labels), tokens=self.run_tokens)

    def _rows(self, texts: Sequence[str]) -> list[tuple[str, Row]]:
        most = _CHARACTERS * self.longest
        found = self._cleaned_rows([text[:most] for text in texts])
        short = [place for place, text in enumerate(texts) if len(text) > most and found[place][1].rows < _ENOUGH]
        for place, whole in zip(short, self._cleaned_rows([texts[place] for place in short]), strict=True):
            found[place] = whole
        return found

    def _cleaned_rows(self, texts: Sequence[str]) -> list[tuple[str, Row]]:
        cleaned = [clean_text(text, self.text_steps) for text in texts]
        return list(zip(cleaned, self.tokenizer.rows(cleaned), strict=True))
