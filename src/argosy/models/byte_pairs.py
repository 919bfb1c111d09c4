"""A byte-fallback BPE tokenizer trained on the project's own texts, the same for English, Chinese and any other script.

Text is cut before pairs are merged: words with the blank before them, runs of Chinese characters, single digits, runs
of signs, line ends, blanks. Common characters are pieces; a rare one is written in the pieces of its bytes, so that
decoding gives back every text exactly. Nothing is normalised.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from argosy.core.errors import DataError

PAD, END, BEGIN, MASK = "<|pad|>", "<|end|>", "<|begin|>", "<|mask|>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
SPECIALS = (PAD, END, BEGIN, MASK, *ROLES)
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
LONGEST_HAN = 4  # characters in one piece: a sentence that occurs often stays several pieces
_RARE = 3  # a character seen less often is left to its bytes
_BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
_CUT = (
    r"'\p{L}{1,2}(?!\p{L})"  # isn't → isn, 't
    r"|\p{Han}+"
    r"| ?[\p{L}\p{M}&&[^\p{Han}]]+"
    r"|\p{N}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+"
    r"|\s*[\r\n]+"
    r"|[^\S\r\n]+(?=[^\S\r\n])"
    r"|\s"
)


@dataclass(frozen=True, slots=True)
class BytePairs:
    """A trained tokenizer: ``inner`` as `tokenizers` runs it."""

    inner: Tokenizer

    @classmethod
    def train(cls, texts: Sequence[str], *, size: int) -> Self:
        """At most ``size`` pieces: the special ones, 256 bytes, the common characters, then the commonest merges.

        Characters take at most 60 % of the size. Raises DataError when the texts hold no character.
        """
        counts = Counter[str]()
        for text in texts:
            counts.update(text)
        if not counts:
            raise DataError(
                "No text to train a tokenizer on: all {count} documents are empty.",
                mend="Check the column that the texts are read from.",
                count=len(texts),
            )
        inner, alphabet = _untrained(), _alphabet(counts, most=(size - len(SPECIALS) - len(_BYTES)) * 6 // 10)
        trainer = trainers.BpeTrainer(
            vocab_size=size,
            special_tokens=[*SPECIALS, *_BYTES],
            initial_alphabet=alphabet,
            limit_alphabet=len(alphabet),
            min_frequency=2,
            show_progress=False,
        )
        inner.train_from_iterator(texts, trainer, length=len(texts))
        return cls(_finished(inner))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The tokenizer of a folder that ``save`` wrote."""
        return cls(_plain(Tokenizer.from_file(str(folder / "tokenizer.json"))))

    @property
    def size(self) -> int:
        """The number of pieces, special ones included."""
        return self.inner.get_vocab_size()

    def number(self, piece: str) -> int:
        """The number of a special piece; every tokenizer trained here has all of them."""
        return {token.content: number for number, token in self.inner.get_added_tokens_decoder().items()}[piece]

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text, all texts in parallel; no special one is added, none is read from a text."""
        return [encoding.ids for encoding in self.inner.encode_batch_fast(list(texts), add_special_tokens=False)]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some numbers; special ones stand for nothing."""
        return str(self.inner.decode(list(ids), skip_special_tokens=True))

    def save(self, folder: Path, *, context: int, masked: bool = False) -> None:
        """Write ``tokenizer.json`` and ``tokenizer_config.json``, which transformers' AutoTokenizer loads.

        Texts are read behind ``<|end|>``, as a decoder is trained; ``masked``: between ``<|begin|>`` and ``<|end|>``,
        as an encoder is.
        """
        folder.mkdir(parents=True, exist_ok=True)
        inner = Tokenizer.from_str(self.inner.to_str())
        inner.post_processor = processors.TemplateProcessing(
            single=f"{BEGIN} $A {END}" if masked else f"{END} $A",
            pair=f"{BEGIN} $A {END} $B:1 {END}:1" if masked else f"{END} $A $B:1",
            special_tokens=[(piece, self.number(piece)) for piece in (BEGIN, END)],
        )
        inner.save(str(folder / "tokenizer.json"))
        settings = _settings(context, masked=masked)
        (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _settings(context: int, *, masked: bool) -> dict[str, object]:
    """What transformers is told."""
    shared: dict[str, object] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "pad_token": PAD,
        "clean_up_tokenization_spaces": False,
        "split_special_tokens": False,
    }
    if masked:
        return shared | {"cls_token": BEGIN, "sep_token": END, "mask_token": MASK}
    return shared | {"bos_token": END, "eos_token": END, "chat_template": CHAT_TEMPLATE}


def _untrained() -> Tokenizer:
    """The cuts and the way back; no merges yet."""
    inner = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=False))
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(_CUT), behavior="isolated")
    inner.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    return inner


def _alphabet(counts: Counter[str], *, most: int) -> list[str]:
    """The common characters, commonest first, equals in the order of their code points."""
    common = ((char, count) for char, count in counts.items() if count >= _RARE and not "\ud800" <= char <= "\udfff")
    return [char for char, _ in sorted(common, key=lambda pair: (-pair[1], pair[0]))[: max(most, 1)]]


def _finished(inner: Tokenizer) -> Tokenizer:
    """The trained tokenizer without pieces of many Chinese characters; only the special pieces stand apart."""
    told = json.loads(inner.to_str())
    model = told["model"]
    kept = [merge for merge in model["merges"] if not _long("".join(merge))]
    left = {*SPECIALS, *_BYTES, *(piece for piece in model["vocab"] if len(piece) == 1), *map("".join, kept)}
    pieces = sorted((piece for piece in model["vocab"] if piece in left), key=model["vocab"].__getitem__)
    model["vocab"], model["merges"] = {piece: number for number, piece in enumerate(pieces)}, kept
    told["added_tokens"] = []
    bare = Tokenizer.from_str(json.dumps(told))
    bare.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in SPECIALS])
    return _plain(bare)


def _plain(inner: Tokenizer) -> Tokenizer:
    """Special pieces that a text spells out are text like any other."""
    inner.encode_special_tokens = True
    return inner


def _long(piece: str) -> bool:
    return len(piece) > LONGEST_HAN and any(_is_han(char) for char in piece)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff"
