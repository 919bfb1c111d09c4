"""Trims a multilingual vocabulary to what a project's texts and languages need.

Most of a small multilingual encoder is its table of embeddings, and most of that is for languages a project never
meets. A row of the table can go when its piece goes; the rows that stay are the same numbers, so a text all of whose
pieces are kept has the same tokens and the same hidden states as before: the best way to cut it (Unigram), or the
longest piece at each place (WordPiece), is the same without pieces that it does not use. A text that loses a piece is
cut into smaller pieces, down to single characters, which are all kept for the scripts in use where there is room.

The pieces of byte-level BPE are made of each other, so that rare ones stand on the way to frequent ones; these
vocabularies, and weights in bf16, are left as they are.
"""

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from tokenizers import Tokenizer

from argosy.compress.material import Material, Tell
from argosy.compress.pieces import KINDS, UNIGRAM, Pieces, batches, count, rank

SIZE = 60_000
"""Pieces of a base that is yet to be tuned: for Chinese and English, all but a few in ten thousand of the Chinese."""

KEPT = 0.99
"""Of the pieces that held-out texts use, what a student keeps where no size is asked for."""

REASONS: Mapping[str, str] = {
    "kind": "the tokenizer is neither Unigram nor WordPiece",
    "small": "the vocabulary is small",
    "bf16": "the weights are in bf16",
}
"""Why a base is left as it is."""

_TABLES = re.compile(r"((word|tok)_embeddings|embed_tokens|wte|lm_head|predictions|decoder|vocab_projector)\.\w+$")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """A step of compression: the classifier with ``size`` pieces, its head and layers untouched.

    Without a size, so many as keep KEPT of the pieces that the validation texts use.
    """

    size: int | None = None

    @property
    def name(self) -> str:
        """Such as ``20000 pieces``."""
        return f"{self.size} pieces" if self.size else "pieces in use"

    def __call__(self, model: Path, material: Material, out: Path, tell: Tell) -> None:
        """Write the trimmed classifier to ``out``."""
        texts = [*(text for text, _ in material.train), *material.unlabelled]
        held_out = [text for text, _ in material.validation]
        report = trim(model, out, texts=texts, languages=material.languages, held_out=held_out, size=self.size)
        tell(1.0, f"{report.pieces_after} of {report.pieces_before} pieces, {report.same_texts:.1%} of texts the same")


def trim(
    base: Path,
    out: Path,
    *,
    texts: Iterable[str],
    languages: Sequence[str],
    held_out: Sequence[str] = (),
    size: int | None = SIZE,
) -> TrimReport:
    """Write ``base`` to ``out`` with ``size`` pieces, fewer where the others are of no use.

    ``texts`` are the training texts, ``languages`` ISO 639 codes; ``held_out`` texts are for the report: the shares of
    unknown pieces before and after, of texts with the same tokens, and of their pieces that were kept. Without a size
    it is the smallest that keeps KEPT of their pieces. Tokenizers other than Unigram and WordPiece, and weights in
    bf16, are copied as they are.
    """
    spec: dict[str, Any] = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    before = _plain(base / "tokenizer.json")
    reason = _reason_to_leave(base, spec, size)
    if not reason:
        ranking = rank(spec, before, texts, languages)
        kept = ranking.first(size or ranking.enough(count(before, held_out)[0], KEPT))
        reason = "" if len(kept) < before.get_vocab_size() else REASONS["small"]
    if reason:
        shutil.copytree(base, out, dirs_exist_ok=True)
        return TrimReport(pieces_before=before.get_vocab_size(), pieces_after=before.get_vocab_size(), reason=reason)
    places = {old: new for new, old in enumerate(kept)}
    _write_all(base, out, spec, places)
    return measure(before, _plain(out / "tokenizer.json"), held_out, places, Pieces.of(spec).unknown)


def measure(
    before: Tokenizer, after: Tokenizer, texts: Sequence[str], places: Mapping[int, int], unknown: int
) -> TrimReport:
    """Compare two tokenizers on held-out texts; ``places`` has the new number of each piece that was kept."""
    pieces = kept = unknown_before = unknown_after = pieces_after = same = 0
    for batch in batches(texts):
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


def trimmed(spec: Mapping[str, Any], places: Mapping[int, int]) -> dict[str, Any]:
    """``tokenizer.json`` with the kept pieces alone, every number moved to its new place."""
    model = dict(spec["model"])
    if model["type"] == UNIGRAM:
        model["vocab"] = [row for number, row in enumerate(model["vocab"]) if number in places]
        model["unk_id"] = places[model["unk_id"]]
    else:
        model["vocab"] = {name: places[number] for name, number in model["vocab"].items() if number in places}
    return {
        **spec,
        "added_tokens": [{**token, "id": places[token["id"]]} for token in spec["added_tokens"]],
        "padding": _moved(spec["padding"], places) if spec.get("padding") else None,
        "post_processor": _moved_specials(spec["post_processor"], places) if spec.get("post_processor") else None,
        "model": model,
    }


def _write_all(base: Path, out: Path, spec: Mapping[str, Any], places: Mapping[int, int]) -> None:
    """The whole folder with the pieces that have a place."""
    config: dict[str, Any] = json.loads((base / "config.json").read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    _slice_weights(base, out, list(places), int(config["vocab_size"]))
    _write(out / "tokenizer.json", trimmed(spec, places))
    _write(out / "config.json", _moved(config, places))
    _settings(base, out, places)


def _plain(file: Path) -> Tokenizer:
    """The tokenizer, which neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


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


def _reason_to_leave(base: Path, spec: Mapping[str, Any], size: int | None) -> str:
    from safetensors import safe_open

    model = spec["model"]
    if model.get("type") not in KINDS:
        return REASONS["kind"]
    if size is not None and len(model["vocab"]) <= size:
        return REASONS["small"]
    for path in base.glob("*.safetensors"):
        with safe_open(path, framework="np") as file:
            if any(file.get_slice(name).get_dtype() == "BF16" for name in file.keys()):  # noqa: SIM118 - no mapping
                return REASONS["bf16"]
    return ""


def _slice_weights(base: Path, out: Path, kept: Sequence[int], rows: int) -> None:
    """Keep the rows ``kept`` of every tensor that has one row a piece (embeddings, and a masked-model head)."""
    from safetensors.numpy import load_file, save_file

    weights: dict[str, NDArray[Any]] = {}
    for path in sorted(base.glob("*.safetensors")):
        for name, values in load_file(path).items():
            sliced = values.shape[:1] == (rows,) and _TABLES.search(name)
            weights[name] = values[kept] if sliced else values
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)


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
