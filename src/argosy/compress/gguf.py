"""Language models as GGUF files, their weights in blocks of 4, 5, 8 or 16 bits: what llama.cpp runs, and reads back.

The container and the blocks are those of the package ``gguf``. Blocks of 4 and 5 bits get the scale that least squares
find for each: the package's own is that of the largest weight alone.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfile
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from argosy.compress.gguf_words import add_tokens
from argosy.core.errors import DataError, MissingError, ProjectError

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFWriter

Floats = NDArray[np.float32]
PACKAGES = ("gguf", "xllamacpp")
_BLOCK = 32  # weights that share a scale
_SHARES = (0.8, 0.85, 0.9, 0.95, 1.0)  # of the step that takes in the widest weight
_ARCHITECTURES = MappingProxyType(
    {
        "LlamaForCausalLM": "llama",
        "MistralForCausalLM": "llama",
        "Qwen2ForCausalLM": "qwen2",
        "Qwen3ForCausalLM": "qwen3",
    }
)
_PLAIN_ROPE = ("default", "linear", None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """The blocks of the matrices, and those of the embedding (and of the output, which is often the same matrix)."""

    matrices: str
    words: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "f16": Kind(matrices="F16", words="F16"),
        "q8_0": Kind(matrices="Q8_0", words="Q8_0"),
        "q5_0": Kind(matrices="Q5_0", words="Q8_0"),
        "q4_1": Kind(matrices="Q4_1", words="Q8_0"),
        "q4_0": Kind(matrices="Q4_0", words="Q8_0"),
    }
)
_LOWEST = MappingProxyType({"Q4_0": -8, "Q5_0": -16})  # numbers that a block's scale multiplies


def missing_packages() -> list[str]:
    """What is not installed of that which writes and runs GGUF files."""
    return [name for name in PACKAGES if find_spec(name) is None]


def write(folder: Path, out: Path, kind: str) -> None:
    """Write the decoder in ``folder``, a transformers folder, to the GGUF file ``out``, its weights as ``kind`` says.

    Raises MissingError without the package gguf, ProjectError for a kind that is none, DataError for a model that
    cannot be written.
    """
    _require()
    if kind not in KINDS:
        raise ProjectError(
            "There is no kind of weights {kind!r}.",
            mend="Take one of these: {kinds}",
            kind=kind,
            kinds=", ".join(KINDS),
        )
    import gguf

    model = _Model.of(folder)
    writer = gguf.GGUFWriter(out, model.architecture)
    _add_shape(writer, model)
    add_tokens(writer, folder, model.config)
    with _weights(folder) as weights:
        for name, values in weights:
            place, wished = model.place(name), _blocks(name, values, KINDS[kind])
            writer.add_tensor(place, _packed(model.to_gguf(name, values), wished), raw_dtype=wished)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    writer.close()


def dequantised(file: Path, folder: Path, out: Path) -> None:
    """Write a transformers folder with the weights of ``file``, as fp32 numbers; the rest is that of ``folder``.

    ``file`` was written from ``folder``: so what its blocks lost can be measured in torch.
    """
    _require()
    import gguf
    from safetensors.numpy import save_file

    model = _Model.of(folder)
    blocks = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
    read: dict[str, Floats] = {}
    with _weights(folder) as weights:
        for name, values in weights:
            tensor = blocks[model.place(name)]
            flat = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32, copy=False)
            read[name] = np.ascontiguousarray(model.from_gguf(name, flat.reshape(values.shape)))
    out.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_file() and ".safetensors" not in path.name:
            copyfile(path, out / path.name)
    save_file(read, out / "model.safetensors", metadata={"format": "pt"})


def _require() -> None:
    if find_spec("gguf") is None:
        raise MissingError("The package {name!r} is not installed.", mend="pip install 'argosy[gguf]'", name="gguf")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """A decoder's configuration, and how its weights are named and ordered in a GGUF file."""

    architecture: str
    config: Mapping[str, Any]
    names: Any  # a gguf.TensorNameMap
    folder: Path

    @classmethod
    def of(cls, folder: Path) -> "_Model":
        """The model in ``folder``; raises DataError for one that cannot be written."""
        import gguf

        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        named = next(iter(config.get("architectures") or ()), "none")
        if named not in _ARCHITECTURES:
            raise DataError(
                "A model of the architecture {name} cannot be written as GGUF.",
                where=str(folder / "config.json"),
                mend="These can: {known}. Every other model is served in torch.",
                name=named,
                known=", ".join(_ARCHITECTURES),
            )
        _check_plain(folder, config)
        architecture = gguf.MODEL_ARCH[_ARCHITECTURES[named].upper()]
        names = gguf.get_tensor_name_map(architecture, config["num_hidden_layers"])
        return cls(architecture=_ARCHITECTURES[named], config=config, names=names, folder=folder)

    @property
    def head(self) -> int:
        """The width of an attention head."""
        return int(self.config.get("head_dim") or self.config["hidden_size"] // self.config["num_attention_heads"])

    def place(self, name: str) -> str:
        """The name of a weight in the file; raises DataError for one that has no place there."""
        found: str | None = self.names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise DataError(
                "The weight {name} has no place in a GGUF file of the kind {kind}.",
                where=str(self.folder),
                mend="Every other model is served in torch.",
                name=name,
                kind=self.architecture,
            )
        return found

    def to_gguf(self, name: str, values: Floats) -> Floats:
        """In Llama's files the two halves of each rotary pair lie side by side."""
        heads = self._turned(name)
        if not heads:
            return values
        turned = values.reshape(heads, 2, len(values) // heads // 2, *values.shape[1:]).swapaxes(1, 2)
        return np.ascontiguousarray(turned.reshape(values.shape))

    def from_gguf(self, name: str, values: Floats) -> Floats:
        """The other way round."""
        heads = self._turned(name)
        if not heads:
            return values
        halves = values.reshape(heads, len(values) // heads // 2, 2, *values.shape[1:]).swapaxes(1, 2)
        return halves.reshape(values.shape)

    def _turned(self, name: str) -> int:
        """The heads of a weight whose rows are reordered, or 0."""
        if self.architecture != "llama":
            return 0
        queries = int(self.config["num_attention_heads"])
        keys = int(self.config.get("num_key_value_heads") or queries)
        return {"q_proj": queries, "k_proj": keys}.get(name.split(".")[-2], 0)


def _check_plain(folder: Path, config: Mapping[str, Any]) -> None:
    """Raise DataError for what these architectures may also have, and the file would say otherwise."""
    rope = _rope(config)
    odd = {
        "rope_type": rope.get("rope_type") if rope.get("rope_type") not in _PLAIN_ROPE else None,
        "sliding_window": config.get("sliding_window") if config.get("use_sliding_window", True) else None,
        "hidden_act": config.get("hidden_act") if config.get("hidden_act", "silu") != "silu" else None,
    }
    found = ", ".join(f"{name} = {value}" for name, value in odd.items() if value is not None)
    if found:
        raise DataError(
            "The model cannot be written as GGUF: {found}.",
            where=str(folder / "config.json"),
            mend="It is served in torch.",
            found=found,
        )


def _rope(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rotary embedding's settings, wherever this version of the configuration has them."""
    found: Mapping[str, Any] = config.get("rope_parameters") or config.get("rope_scaling") or {}
    return {"rope_theta": config.get("rope_theta", 10_000.0), **found}


def _add_shape(writer: "GGUFWriter", model: _Model) -> None:
    import gguf

    config, rope = model.config, _rope(model.config)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config.get("num_key_value_heads") or config["num_attention_heads"])
    writer.add_key_length(model.head)
    writer.add_value_length(model.head)
    writer.add_layer_norm_rms_eps(config.get("rms_norm_eps", 1e-6))
    writer.add_rope_dimension_count(model.head)
    writer.add_rope_freq_base(float(rope["rope_theta"]))
    if rope.get("rope_type") == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))
    writer.add_vocab_size(config["vocab_size"])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


@contextmanager
def _weights(folder: Path) -> Iterator[Iterator[tuple[str, Floats]]]:
    """Every weight by name, fp32, one after the other; an output that is the embedding again is left out."""
    from safetensors import safe_open

    tied = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("tie_word_embeddings", False)

    def read() -> Iterator[tuple[str, Floats]]:
        for file in sorted(folder.glob("*.safetensors")):
            with safe_open(file, "pt") as tensors:  # numpy has no bf16
                for name in tensors.keys():  # noqa: SIM118 - no mapping: it has keys alone
                    if not (tied and name == "lm_head.weight"):
                        yield name, tensors.get_tensor(name).float().numpy()

    yield read()


def _blocks(name: str, values: Floats, kind: Kind) -> "GGMLQuantizationType":
    """The type of a weight in the file: norms and biases stay numbers, and so does what blocks do not divide."""
    import gguf

    if values.ndim == 1:
        return gguf.GGMLQuantizationType.F32
    if values.shape[-1] % _BLOCK:
        return gguf.GGMLQuantizationType.F16
    words = name.startswith(("model.embed_tokens", "lm_head"))
    return gguf.GGMLQuantizationType[kind.words if words else kind.matrices]


def _packed(values: Floats, wished: "GGMLQuantizationType") -> NDArray[Any]:
    import gguf

    lowest = _LOWEST.get(wished.name)
    packed: NDArray[Any] = gguf.quantize(_on_grid(values, lowest) if lowest else values, wished)
    return packed


def _on_grid(values: Floats, lowest: int) -> Floats:
    """Each block of weights on the whole multiples of one step, from ``lowest`` up, with the least squared error.

    For several widths of the step the multiples are chosen, then the step is fitted to them; an error counts by the
    size of its weight. The widest weight is always ``lowest`` steps, by which the package finds the same step again.
    """
    blocks = values.reshape(-1, _BLOCK)
    size = np.abs(blocks)
    widest = np.take_along_axis(blocks, size.argmax(1)[:, None], 1)
    best, least = np.zeros_like(blocks), np.full((len(blocks), 1), np.inf, dtype=np.float32)
    for share in _SHARES:
        step = widest * np.float32(share / lowest)
        turns = np.divide(blocks, step, out=np.zeros_like(blocks), where=step != 0)
        grid = np.clip(np.rint(turns), lowest, -lowest - 1)
        known = (size * grid * grid).sum(1, keepdims=True)
        fitted = np.divide(
            (size * blocks * grid).sum(1, keepdims=True), known, out=np.zeros_like(step), where=known > 0
        )
        grid *= fitted.astype(np.float16).astype(np.float32)
        error = (size * (blocks - grid) ** 2).sum(1, keepdims=True)
        best, least = np.where(error < least, grid, best), np.minimum(error, least)
    return best.reshape(values.shape)
