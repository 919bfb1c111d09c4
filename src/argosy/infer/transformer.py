"""What every Transformer engine shares: raw texts, the stored text steps, tokens, batches, logits, predictions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from argosy.core.records import Prediction
from argosy.data.clean import clean_text
from argosy.infer.answers import AS_TRAINED, Calibration, answers
from argosy.infer.batches import Batch, Floats, run
from argosy.infer.tokens import Tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformerClassifier:
    """A Classifier around ``forward``, which maps a batch to logits [rows, labels]; several threads may call it.

    ``tokenizer``, ``labels`` and ``text_steps`` are what the model was trained behind; ``calibration`` changes the
    probabilities of ``classify``, never its labels nor the logits.
    """

    name: str
    labels: tuple[str, ...]
    text_steps: tuple[str, ...]
    tokenizer: Tokenizer
    forward: Callable[[Batch], Floats]
    calibration: Calibration = AS_TRAINED

    def logits(self, texts: Sequence[str]) -> Floats:
        """Float32 [texts, labels] of raw texts, in the order of ``texts``."""
        tokens = self.tokenizer.encode([clean_text(text, self.text_steps) for text in texts])
        return run(self.forward, tokens, pad=self.tokenizer.pad, width=len(self.labels))

    def classify(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in the order of ``texts``."""
        return answers(self.logits(texts), self.labels, self.calibration)

    def count(self, text: str) -> int:
        """The number of tokens that the model reads of ``text``."""
        return self.tokenizer.count(clean_text(text, self.text_steps))
