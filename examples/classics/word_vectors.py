"""A word-vector classifier: the average of the words' vectors, learnt with the labels, then one linear layer.

This is fastText's classifier (Joulin, Grave, Bojanowski and Mikolov, "Bag of Tricks for Efficient Text Classification",
2017): the order of words counts only through pairs of neighbours. What is often wrong: padding is averaged in, so that
a text's answer changes with the longest text beside it; and rarely a word is said about how close it comes to more.

python examples/classics/word_vectors.py zh    # Chinese reviews; en: English tweets
"""

import sys

from reviews import LABELS, PAD, majority, parts, told, trained
from torch import Tensor, nn

BUCKETS = 20_000  # pairs of neighbours share so many vectors, by a hash (as fastText does)


class WordVectors(nn.Module):
    """Logits [rows, labels] from token numbers and their mask [rows, tokens]."""

    def __init__(self, words: int, width: int = 64) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=PAD)
        self.pairs = nn.Embedding(BUCKETS, width)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.zeros_(self.pairs.weight)  # a pair says nothing before it has been learnt
        self.dropout = nn.Dropout(0.3)
        self.out = nn.Linear(width, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """The vectors of tokens and of neighbours, averaged where there are any; padding counts for nothing."""
        hashed = (ids[:, :-1] * 1_000_003 + ids[:, 1:]) % BUCKETS
        real = mask.unsqueeze(2)  # [rows, tokens, 1]; a pair is real where its second token is
        summed = (self.words(ids) * real).sum(dim=1) + (self.pairs(hashed) * real[:, 1:]).sum(dim=1)
        count = mask.sum(dim=1, keepdim=True) * 2 - 1  # tokens, and one pair less
        logits: Tensor = self.out(self.dropout(summed / count))
        return logits


def main(language: str) -> None:
    """Train on 1,400 texts, measure on 300."""
    data = parts(language, 2_000)
    said = {"majority": majority(data), "word vectors": trained(WordVectors, data, epochs=12, rate=1e-2)}
    print(*told(data, said), sep="\n")


if __name__ == "__main__":
    main((sys.argv[1:] or ["zh"])[0])
