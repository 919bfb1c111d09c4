"""A convolutional classifier of texts: filters over 2, 3 and 4 neighbouring tokens, the strongest answer of each.

The model is Kim's ("Convolutional Neural Networks for Sentence Classification", 2014). What is often wrong: the maximum
over time is taken over the padding, too, whose answer is the bias and not 0; texts shorter than the filter crash; and a
softmax stands before the cross-entropy, which has one inside.

python examples/classics/text_cnn.py zh    # Chinese reviews; en: English tweets
"""

import sys

import torch
from reviews import LABELS, PAD, majority, parts, told, trained
from torch import Tensor, nn

SIZES = (2, 3, 4)


class TextCnn(nn.Module):
    """Logits [rows, labels] from token numbers and their mask [rows, tokens]."""

    def __init__(self, words: int, width: int = 64, filters: int = 64) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=PAD)
        self.filters = nn.ModuleList(nn.Conv1d(width, filters, size, padding=size - 1) for size in SIZES)
        self.dropout = nn.Dropout(0.5)
        self.out = nn.Linear(len(SIZES) * filters, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The strongest answer of each filter at any place that it reads a real token at."""
        states = (self.words(ids) * mask.unsqueeze(2)).transpose(1, 2)  # [rows, width, tokens]
        strongest = []
        for size, filtered in zip(SIZES, self.filters, strict=True):
            answer = filtered(states).relu()  # [rows, filters, tokens + size - 1]: edges are read with zeros beside
            real = torch.arange(answer.shape[2]) < mask.sum(dim=1, keepdim=True) + size - 1  # [rows, places]
            strongest.append(answer.masked_fill(~real.unsqueeze(1), 0).amax(dim=2))
        logits: Tensor = self.out(self.dropout(torch.cat(strongest, dim=1)))
        return logits


def main(language: str) -> None:
    """Train on 1,400 texts, measure on 300."""
    data = parts(language, 2_000)
    said = {"majority": majority(data), "CNN": trained(TextCnn, data, epochs=8)}
    print(*told(data, said), sep="\n")


if __name__ == "__main__":
    main((sys.argv[1:] or ["zh"])[0])
