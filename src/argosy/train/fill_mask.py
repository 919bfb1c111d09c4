"""What a masked language model would put in a place: words for augmentation, from any transformers folder with one."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch

from argosy.core.errors import MissingError
from argosy.data.augment import MASK
from argosy.models.quiet import quietly

TOP = 20
WORDS = 5
MAX_LENGTH = 128
_ROWS = 32
_PART, _STARTS = "##", "▁Ġ"


def fill_mask(
    folder: Path, *, seed: int, top: int = TOP, words: int = WORDS, max_length: int = MAX_LENGTH
) -> Callable[[Sequence[str]], list[list[str]]]:
    """A function from texts with one MASK to ``words`` words for it, drawn by probability from the ``top`` likeliest.

    Whole words alone (no word pieces, no special tokens, letters only). The draw of a text hangs on the seed and the
    text, not on its company; where the place lies beyond ``max_length`` tokens the list is empty. Raises MissingError
    when the folder has no masked-language head or no mask token.
    """
    model, tokenizer = _load(folder)
    marks = {piece[0] for piece in tokenizer.get_vocab() if piece[:1] in _STARTS}

    def fill(texts: Sequence[str]) -> list[list[str]]:
        own = [text.replace(MASK, tokenizer.mask_token) for text in texts]
        order = sorted(range(len(own)), key=lambda row: len(own[row]))
        found: dict[int, list[str]] = {}
        for start in range(0, len(order), _ROWS):
            rows = order[start : start + _ROWS]
            told = _likeliest(model, tokenizer, [own[row] for row in rows], top, max_length)
            for row, tokens in zip(rows, told, strict=True):
                candidates = [(_word(token, tokenizer, marks), share) for token, share in tokens]
                rng = Random(f"{seed}\n{texts[row]}")
                found[row] = _drawn([(word, share) for word, share in candidates if word], words, rng)
        return [found[row] for row in range(len(own))]

    return fill


def _load(folder: Path) -> tuple[Any, Any]:
    """The model in evaluation mode and its tokenizer."""
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    try:
        with quietly(), torch.random.fork_rng(devices=[]):
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model, loading = AutoModelForMaskedLM.from_pretrained(
                folder,
                dtype=torch.float32,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
    except Exception as error:  # the loader raises whatever its readers raise
        raise _without_head(folder, next(iter(str(error).strip().splitlines()), type(error).__name__)) from error
    if loading["missing_keys"]:
        raise _without_head(folder, f"no {min(loading['missing_keys'])}")
    if tokenizer.mask_token is None:
        raise _without_head(folder, "no mask token")
    return model.eval(), tokenizer


def _without_head(folder: Path, reason: str) -> MissingError:
    return MissingError(
        "The base model cannot fill in words, it has no masked-language head: {reason}",
        where=str(folder),
        mend="Name a base that was saved with its masked-language head, or leave the augmentation method 'mask' out.",
        reason=reason,
    )


@torch.inference_mode()
def _likeliest(
    model: Any, tokenizer: Any, texts: Sequence[str], top: int, max_length: int
) -> list[list[tuple[int, float]]]:
    """For the first mask of each text the likeliest tokens with their probabilities; nothing where it was cut off."""
    batch = tokenizer(list(texts), padding=True, truncation=True, max_length=max_length, return_tensors="pt")
    rows, columns = (batch["input_ids"] == tokenizer.mask_token_id).nonzero(as_tuple=True)
    shares = torch.softmax(model(**batch).logits[rows, columns].float(), dim=-1)
    values, tokens = shares.topk(min(top, shares.shape[-1]), dim=-1)
    found: list[list[tuple[int, float]]] = [[] for _ in texts]
    for row, own_tokens, own_values in zip(rows.tolist(), tokens.tolist(), values.tolist(), strict=True):
        found[row] = found[row] or list(zip(own_tokens, own_values, strict=True))
    return found


def _word(token: int, tokenizer: Any, marks: Collection[str]) -> str:
    """The word that a token is as a whole, or nothing: ``marks`` stand before whole words, ``##`` before parts."""
    piece = str(tokenizer.convert_ids_to_tokens(token))
    if piece in tokenizer.all_special_tokens or piece.startswith(_PART):
        return ""
    word = str(tokenizer.decode([token])).strip()
    whole = not marks or piece[:1] in marks or not word.isascii()
    return word if whole and word.isalpha() else ""


def _drawn(candidates: Sequence[tuple[str, float]], words: int, rng: Random) -> list[str]:
    """Different words drawn by probability, without putting back (Efraimidis and Spirakis 2006)."""
    keyed = [(rng.random() ** (1 / max(value, 1e-12)), word) for word, value in candidates]
    return list(dict.fromkeys(word for _, word in sorted(keyed, reverse=True)))[:words]
