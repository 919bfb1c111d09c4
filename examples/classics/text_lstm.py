"""A recurrent classifier of texts: an LSTM reads forwards and backwards, and its states are averaged.

The cell is that of Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al. (2000), which starts open
here, so that early words are not forgotten before anything is learnt (Jozefowicz et al. 2015). What is often wrong: the
"last state" of a padded batch is a state of the padding; the backward reader starts in it; and the hidden state of one
batch is handed to the next, where other texts stand.

python examples/classics/text_lstm.py zh    # Chinese reviews; en: English tweets
"""

import sys

from reviews import LABELS, PAD, majority, parts, told, trained
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class TextLstm(nn.Module):
    """Logits [rows, labels] from token numbers and their mask [rows, tokens]."""

    def __init__(self, words: int, width: int = 64, hidden: int = 48) -> None:
        super().__init__()
        self.words = nn.Embedding(words, width, padding_idx=PAD)
        self.reader = nn.LSTM(width, hidden, batch_first=True, bidirectional=True)
        for name, weight in self.reader.named_parameters():
            if name.startswith("bias_ih"):
                nn.init.ones_(weight[hidden : 2 * hidden].data)  # gates in torch's order: input, forget, cell, output
        self.dropout = nn.Dropout(0.5)
        self.out = nn.Linear(2 * hidden, len(LABELS))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Packed, so that both readers begin and end at real tokens; the mean over these."""
        lengths = mask.sum(dim=1)
        packed = pack_padded_sequence(self.words(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(
            self.reader(packed)[0], batch_first=True
        )  # [rows, tokens, 2 · hidden], 0 behind
        logits: Tensor = self.out(self.dropout(states.sum(dim=1) / lengths.unsqueeze(1)))
        return logits


def main(language: str) -> None:
    """Train on 1,400 texts, measure on 300."""
    data = parts(language, 2_000)
    said = {"majority": majority(data), "LSTM": trained(TextLstm, data, epochs=8)}
    print(*told(data, said), sep="\n")


if __name__ == "__main__":
    main((sys.argv[1:] or ["zh"])[0])
