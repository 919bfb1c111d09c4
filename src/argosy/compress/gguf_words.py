"""A tokenizer in the words of a GGUF file: its pieces, merges and special tokens, and the chat template."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy.core.errors import DataError
from argosy.infer.chat import Script

if TYPE_CHECKING:
    from gguf import GGUFWriter

_NORMAL, _CONTROL, _USER, _UNUSED, _BYTE = 1, 3, 4, 5, 6  # llama.cpp's kinds of tokens
_BLANK = "\N{LOWER ONE EIGHTH BLOCK}"  # how such files write a blank where bytes have pieces of their own
_CUTS = {  # how texts are cut before pairs are merged, by a mark in the tokenizer's own rule
    r"\p{N}{1,3}": "llama-bpe",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|": "qwen2",
    '"Digits"': "smollm",
}


def add_tokens(writer: "GGUFWriter", folder: Path, config: Mapping[str, Any]) -> None:
    """Tell ``writer`` the tokenizer of a transformers folder; raises DataError for a kind that has no place there."""
    script = Script.load(folder)
    told = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    model = told["model"]
    if model["type"] != "BPE":
        raise DataError(
            "A tokenizer of the kind {kind} cannot be written as GGUF.",
            where=str(folder / "tokenizer.json"),
            mend="Tokenizers of byte pairs (BPE) can. The model is served in torch.",
            kind=model["type"],
        )
    pieces, kinds = _pieces(told, int(config["vocab_size"]))
    if model.get("byte_fallback"):
        _add_fallback(writer, pieces, kinds, model["merges"])
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_cut(told))
        writer.add_token_list(pieces)
        writer.add_token_types(kinds)
        writer.add_token_merges([" ".join(_pair(merge)) for merge in model["merges"]])
    _add_specials(writer, script, config)


def _pieces(told: Mapping[str, Any], rows: int) -> tuple[list[str], list[int]]:
    """The piece and the kind of every row of the embedding, rows that no piece has included."""
    added = {one["id"]: one for one in told["added_tokens"]}
    named = {number: piece for piece, number in told["model"]["vocab"].items()}
    named |= {number: one["content"] for number, one in added.items()}
    pieces, kinds = [], []
    for number in range(rows):
        pieces.append(named.get(number, f"[PAD{number}]"))
        one = added.get(number)
        if one is not None:
            kinds.append(_CONTROL if one["special"] else _USER)
        else:
            kinds.append(_NORMAL if number in named else _UNUSED)
    return pieces, kinds


def _add_fallback(writer: "GGUFWriter", pieces: list[str], kinds: list[int], merges: list[Any]) -> None:
    """Pieces of characters, and a piece for each byte: merges become scores, the earlier the higher."""
    ranks: dict[str, int] = {}
    for rank, merge in enumerate(merges, start=1):
        ranks.setdefault("".join(_pair(merge)), rank)
    scores = [float(-ranks.get(piece, 0)) for piece in pieces]
    written, taken = [], set(pieces)
    for number, (piece, kind) in enumerate(zip(pieces, kinds, strict=True)):
        if len(piece) == len("<0x00>") and piece.startswith("<0x") and piece.endswith(">"):
            kinds[number] = _BYTE
        blanks = piece.replace(" ", _BLANK) if kind == _NORMAL else piece
        same = blanks == piece or blanks not in taken  # a text may have this sign itself
        written.append(blanks if same else piece)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(written)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_add_space_prefix(False)


def _add_specials(writer: "GGUFWriter", script: Script, config: Mapping[str, Any]) -> None:
    first = config.get("eos_token_id")
    ends = [*(first if isinstance(first, list) else [] if first is None else [first]), *sorted(script.ends)]
    for number, add in zip(dict.fromkeys(ends), (writer.add_eos_token_id, writer.add_eot_token_id), strict=False):
        add(number)
    begin = config.get("bos_token_id")
    if begin is not None:
        writer.add_bos_token_id(begin)
    if config.get("pad_token_id") is not None:
        writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(script.inner.encode("a").ids[:1] == [begin])
    if script.template is not None:
        writer.add_chat_template(script.template.source)


def _cut(told: Mapping[str, Any]) -> str:
    """The name that llama.cpp has for how this tokenizer cuts texts; Argosy cuts them itself, by ``tokenizer.json``."""
    rule = json.dumps(told.get("pre_tokenizer"), ensure_ascii=False).replace("\\\\", "\\")
    return next((name for mark, name in _CUTS.items() if mark in rule), "gpt-2")


def _pair(merge: "str | list[str]") -> list[str]:
    return merge.split(" ") if isinstance(merge, str) else merge
