"""Trims a multilingual vocabulary to what a project's texts and languages need.

Most of a small multilingual encoder is its table of embeddings, and most of that is for languages a project never
meets. A row of the table can go when its piece goes; the rows that stay are the same numbers, so a text all of whose
pieces are kept has the same tokens and the same hidden states as before. A text that loses a piece is cut into smaller
pieces, down to single characters, which are all kept for the scripts in use.

Pieces that the project's texts use come first, the most frequent ones before others. The room that is left goes to
those that such texts would use next: the tokenizer's own probability of a piece, times the probability that the piece,
read alone, is of one of the project's languages.
"""

import json
import math
import shutil
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

SIZE = 60_000
"""Pieces kept by default: for Chinese and English, all but a few in ten thousand of the Chinese ones that occur."""

REASONS: Mapping[str, str] = {
    "kind": "the tokenizer is not a Unigram",
    "small": "the vocabulary is small",
    "bf16": "the weights are in bf16",
}
"""Why a base is left as it is."""

_SCRIPT_SHARE = 0.001  # of all letters of the texts; rarer scripts are strays
_BATCH = 1_000
_COPIED = ("special_tokens_map.json", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimReport:
    """What was kept and what that does to held-out texts; ``reason`` says why nothing was trimmed, if so."""

    pieces_before: int
    pieces_after: int
    reason: str = ""
    texts: int = 0
    unknown_before: float = 0.0
    unknown_after: float = 0.0
    same_texts: float = 1.0
    kept_pieces: float = 1.0


def trim(
    base: Path,
    out: Path,
    *,
    texts: Iterable[str],
    languages: Sequence[str],
    held_out: Sequence[str] = (),
    size: int = SIZE,
) -> TrimReport:
    """Write ``base`` to ``out`` with ``size`` pieces, or more where special tokens and single characters need it.

    ``texts`` are the training texts, ``languages`` ISO 639 codes; ``held_out`` texts are for the report alone: the
    shares of unknown pieces before and after, of texts with the same tokens, and of their pieces that were kept.
    Tokenizers other than Unigram (their vocabularies are small) and weights in bf16 are copied as they are.
    """
    spec: dict[str, Any] = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    config: dict[str, Any] = json.loads((base / "config.json").read_text(encoding="utf-8"))
    before = Tokenizer.from_str(json.dumps(spec))
    reason = _reason_to_leave(base, spec, size)
    if reason:
        shutil.copytree(base, out, dirs_exist_ok=True)
        return TrimReport(pieces_before=before.get_vocab_size(), pieces_after=before.get_vocab_size(), reason=reason)
    counts, letters = _count(before, texts)
    kept = _choose(spec, counts, _scripts_of(letters), languages, size)
    out.mkdir(parents=True, exist_ok=True)
    _slice_weights(base, out, kept, int(config["vocab_size"]))
    places = {old: new for new, old in enumerate(kept)}
    _write(out / "tokenizer.json", _trimmed(spec, places))
    _write(out / "config.json", _moved(config, places))
    _settings(base, out, places)
    after = Tokenizer.from_file(str(out / "tokenizer.json"))
    return _measure(before, after, held_out, places, int(spec["model"]["unk_id"]))


def _settings(base: Path, out: Path, places: Mapping[int, int]) -> None:
    """Take over the tokenizer's settings, whose list of added tokens may be keyed by id, and the card."""
    path = base / "tokenizer_config.json"
    if path.is_file():
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if added := settings.get("added_tokens_decoder"):
            settings["added_tokens_decoder"] = {str(places[int(number)]): token for number, token in added.items()}
        _write(out / path.name, settings)
    for name in _COPIED:
        if (base / name).is_file():
            shutil.copyfile(base / name, out / name)


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")


def _reason_to_leave(base: Path, spec: Mapping[str, Any], size: int) -> str:
    from safetensors import safe_open

    model = spec["model"]
    if model.get("type") != "Unigram":
        return REASONS["kind"]
    if len(model["vocab"]) <= size:
        return REASONS["small"]
    for path in base.glob("*.safetensors"):
        with safe_open(path, framework="np") as file:
            if any(file.get_slice(name).get_dtype() == "BF16" for name in file.keys()):  # noqa: SIM118 - no mapping
                return REASONS["bf16"]
    return ""


def _count(tokenizer: Tokenizer, texts: Iterable[str]) -> tuple[Counter[int], Counter[str]]:
    """How often each piece and each character occurs in ``texts``."""
    pieces: Counter[int] = Counter()
    characters: Counter[str] = Counter()
    for batch in _batches(texts):
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            pieces.update(encoding.ids)
        characters.update("".join(batch))
    return pieces, characters


def _scripts_of(characters: Counter[str]) -> frozenset[str]:
    """The scripts that the texts are written in."""
    scripts: Counter[str] = Counter()
    for character, count in characters.items():
        scripts[_script(character)] += count
    scripts.pop("", None)
    return frozenset(script for script, count in scripts.items() if count >= _SCRIPT_SHARE * scripts.total())


@cache
def _script(character: str) -> str:
    """The script of a letter, as its Unicode name begins; empty for what is no letter.

    >>> _script("é"), _script("猫"), _script("7")
    ('LATIN', 'CJK', '')
    """
    if unicodedata.category(character)[0] not in "LM":
        return ""
    return unicodedata.name(character, "?").split()[0]


def _choose(
    spec: Mapping[str, Any], counts: Counter[int], scripts: frozenset[str], languages: Sequence[str], size: int
) -> list[int]:
    """The ids to keep, ascending."""
    vocabulary: list[tuple[str, float]] = spec["model"]["vocab"]
    words = [piece.replace("▁", " ").lower() for piece, _score in vocabulary]
    written = np.array([{_script(letter) for letter in word} - {""} <= scripts for word in words])
    single = np.array([len(word.strip()) <= 1 for word in words])
    rank = _prior(vocabulary, words, written, languages)  # each below 1, so that a piece in use outranks it
    for piece, count in counts.items():
        rank[piece] += count
    rank[written & single] = np.inf
    fixed = {int(token["id"]) for token in spec["added_tokens"]} | {int(spec["model"]["unk_id"])}
    rank[[number for number in fixed if number < len(rank)]] = np.inf
    chosen = np.argsort(-rank, kind="stable")[: max(size, int(np.isinf(rank).sum()))]
    useful = {int(number) for number in chosen if rank[number] > 0}
    return sorted(useful | fixed)


def _prior(
    vocabulary: Sequence[tuple[str, float]], words: Sequence[str], written: NDArray[np.bool_], languages: Sequence[str]
) -> NDArray[np.float64]:
    """The probability of each piece in text of the languages; 0 outside the scripts in use. Adds up to 1."""
    share = _language_share(languages)
    prior = np.zeros(len(vocabulary))
    for number in np.flatnonzero(written).tolist():
        word = words[number]
        of_languages = share(word) if any(letter.isalpha() for letter in word) else 1.0
        prior[number] = math.exp(vocabulary[number][1]) * of_languages
    return prior / (prior.sum() or 1.0)


def _language_share(languages: Sequence[str]) -> Callable[[str], float]:
    """The probability that a word, read alone, is of one of the languages; 1 when none of them is known."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wanted = {language.split("-")[0].lower() for language in languages} & set(identifier.labels)

    @cache
    def share(word: str) -> float:
        return float(sum(chance for language, chance in identifier.rank(word) if language in wanted))

    return share if wanted else lambda _word: 1.0


def _slice_weights(base: Path, out: Path, kept: Sequence[int], rows: int) -> None:
    """Keep the rows ``kept`` of every tensor that has one row a piece (embeddings, and a masked-model head's bias)."""
    from safetensors.numpy import load_file, save_file

    weights: dict[str, NDArray[Any]] = {}
    for path in sorted(base.glob("*.safetensors")):
        for name, values in load_file(path).items():
            weights[name] = values[kept] if values.shape[:1] == (rows,) else values
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)


def _trimmed(spec: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """``tokenizer.json`` with the kept pieces alone, every id moved to its new place."""
    model = spec["model"]
    vocabulary = [row for number, row in enumerate(model["vocab"]) if number in places]
    return {
        **spec,
        "added_tokens": [{**token, "id": places[token["id"]]} for token in spec["added_tokens"]],
        "padding": _moved(spec["padding"], places) if spec.get("padding") else None,
        "post_processor": _moved_specials(spec["post_processor"], places) if spec.get("post_processor") else None,
        "model": {**model, "unk_id": places[model["unk_id"]], "vocab": vocabulary},
    }


def _moved(settings: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """Settings whose ids of tokens (``pad_token_id``, ``pad_id`` and the like) point to the new places."""
    moved = {name: places.get(value) if _is_token(name, value) else value for name, value in settings.items()}
    return {**moved, "vocab_size": len(places)} if "vocab_size" in settings else moved


def _is_token(name: str, value: object) -> bool:
    return isinstance(value, int) and (name.endswith("_token_id") or name == "pad_id")


def _moved_specials(processor: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """A template, RoBERTa's or BERT's processor, or a sequence of these, with the special tokens' new ids."""
    moved = dict(processor)
    if "processors" in moved:
        moved["processors"] = [_moved_specials(one, places) for one in moved["processors"]]
    if "special_tokens" in moved:
        moved["special_tokens"] = {
            name: {**token, "ids": [places[number] for number in token["ids"]]}
            for name, token in moved["special_tokens"].items()
        }
    for name in ("sep", "cls"):
        if name in moved:
            moved[name] = [moved[name][0], places[moved[name][1]]]
    return moved


def _measure(
    before: Tokenizer, after: Tokenizer, texts: Sequence[str], places: Mapping[int, int], unknown: int
) -> TrimReport:
    """Compare the two tokenizers on held-out texts."""
    pieces = kept = unknown_before = unknown_after = pieces_after = same = 0
    for batch in _batches(texts):
        old = before.encode_batch_fast(batch, add_special_tokens=False)
        new = after.encode_batch_fast(batch, add_special_tokens=False)
        for one, other in zip(old, new, strict=True):
            moved = [places[number] for number in one.ids if number in places]
            same += moved == other.ids
            pieces += len(one.ids)
            pieces_after += len(other.ids)
            kept += len(moved)
            unknown_before += one.ids.count(unknown)
            unknown_after += other.ids.count(places[unknown])
    return TrimReport(
        pieces_before=before.get_vocab_size(),
        pieces_after=len(places),
        texts=len(texts),
        unknown_before=unknown_before / max(pieces, 1),
        unknown_after=unknown_after / max(pieces_after, 1),
        same_texts=same / max(len(texts), 1),
        kept_pieces=kept / max(pieces, 1),
    )


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    left = iter(texts)
    while batch := list(islice(left, _BATCH)):
        yield batch
