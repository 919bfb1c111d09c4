"""Language models written as GGUF files: nothing moved, little lost, what cannot be written is told, and the gate."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import text_project
from hypothesis import given
from hypothesis import strategies as st

from argosy.compress import gguf, gguf_gate
from argosy.core.errors import ArgosyError, DataError, MissingError, ProjectError
from argosy.core.records import Message, Settings
from argosy.evaluate.paired import Difference
from argosy.infer.chat import Script
from argosy.infer.engines.gguf import GgufGenerator, open_gguf
from argosy.infer.text import whole

library = pytest.importorskip("gguf")
torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch
GREEDY = Settings(max_tokens=16, temperature=0)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A decoder as a project starts it, untrained, its tokenizer learnt from texts of both languages."""
    from argosy.models import scratch
    from argosy.models.byte_pairs import BytePairs

    folder = tmp_path_factory.mktemp("小 scratch")
    tokenizer = BytePairs.train(text_project.texts(40), size=500)
    scratch.save(scratch.decoder(scratch.fitted("tiny", 9_000), tokenizer, seed=1), tokenizer, folder)
    return folder


def weights(folder: Path) -> dict[str, Any]:
    """The numbers of a folder."""
    from safetensors.numpy import load_file

    return dict(load_file(folder / "model.safetensors"))


@pytest.mark.parametrize(
    ("kind", "error"), [("f16", 4e-4), ("q8_0", 6e-3), ("q5_0", 0.05), ("q4_1", 0.1), ("q4_0", 0.1)]
)
def test_every_kind_gives_back_the_weights(tiny_llama: Path, tmp_path: Path, kind: str, error: float) -> None:
    """Each weight stands where it stood, off by what its bits allow; fewer bits make a smaller file."""
    file = tmp_path / "猫.gguf"
    gguf.write(tiny_llama, file, kind)
    gguf.dequantised(file, tiny_llama, tmp_path / "back")
    before, after = weights(tiny_llama), weights(tmp_path / "back")
    assert set(before) == set(after)
    for name, values in before.items():
        assert np.linalg.norm(after[name] - values) <= error * np.linalg.norm(values), name
    assert (tmp_path / "back" / "tokenizer.json").is_file()
    assert file.stat().st_size < sum(values.nbytes for values in before.values())


@given(st.integers(0, 2**31), st.sampled_from(["Q4_0", "Q5_0"]))
def test_the_fitted_step_loses_no_more_than_the_packages_own(seed: int, name: str) -> None:
    """By errors that count by the size of their weight, whatever the weights: zeros and lone outliers included."""
    draw = np.random.default_rng(seed)
    values = draw.standard_t(3, size=(8, 64)).astype(np.float32) * np.float32(0.05)
    values[0], values[1, 1:] = 0, 0
    kind = library.GGMLQuantizationType[name]
    ours, theirs = (
        (np.abs(values) * np.square(library.dequantize(blocks, kind) - values)).sum()
        for blocks in (gguf._packed(values, kind), library.quantize(values, kind))
    )
    assert ours <= theirs * 1.001


@pytest.fixture(scope="module")
def engine(scratch: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GgufGenerator, Path]]:
    """The small decoder in blocks, opened, and the folder with the numbers that the blocks stand for."""
    pytest.importorskip("xllamacpp")
    place = tmp_path_factory.mktemp("blocks")
    gguf.write(scratch, place / "model.gguf", "q4_0")
    gguf.dequantised(place / "model.gguf", scratch, place / "same")
    opened = open_gguf(place / "model.gguf", threads=1, script=Script.load(scratch), name="gguf-q4_0")
    yield opened, place / "same"
    opened.close()


def test_llama_cpp_takes_the_tokens_that_torch_takes(engine: tuple[GgufGenerator, Path]) -> None:
    """A tokenizer of ours, both languages, texts and conversations; one process answers them all."""
    from argosy.infer.engines.torch_text import open_torch_text

    ours, theirs = engine[0], open_torch_text(engine[1])
    assert (ours.name, ours.chat, ours.context) == ("gguf-q4_0", True, theirs.context)
    for prompt in ("the grey cat", "小猫看见旧屋", "a ▁ b  c\n", [Message(role="user", content="猫?")]):
        ids = Script.load(engine[1]).encode(prompt)
        alike = gguf_gate.alike(theirs, ours, [ids], 16)
        assert sum(alike) >= 14, alike
        assert whole(ours.generate(prompt, GREEDY)).prompt_tokens == len(ids)
    assert ours.memory_mb > 1


LINEAR = {"rope_type": "linear", "factor": 2.0, "rope_theta": 5000.0}


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("Qwen2", {"tie_word_embeddings": False}),
        ("Llama", {"tie_word_embeddings": False, "rope_parameters": LINEAR}),
        ("Llama", {"tie_word_embeddings": True, "attention_bias": True, "head_dim": 32}),
        ("Llama", {"tie_word_embeddings": True, "intermediate_size": 136}),  # which no block divides
    ],
)
def test_every_architecture_computes_what_torch_does(tmp_path: Path, kind: str, settings: dict[str, Any]) -> None:
    """Biases, an output of its own, stretched positions, heads wider than their share, and rows that end in a block."""
    pytest.importorskip("xllamacpp")
    import tiny_llama
    import transformers

    from argosy.infer.engines.torch_text import open_torch_text

    inner = tiny_llama.tokenizer()
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    shape |= {"num_key_value_heads": 2, "vocab_size": inner.get_vocab_size() + 6, "max_position_embeddings": 128}
    ends = {"bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 0}
    config = getattr(transformers, f"{kind}Config")(**{**shape, **ends, "initializer_range": 0.3, **settings})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = getattr(transformers, f"{kind}ForCausalLM")(config)
        for name, weight in model.named_parameters():
            if name.endswith("bias"):
                torch.nn.init.normal_(weight, std=0.5)
    model.save_pretrained(tmp_path)
    transformers.PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=tiny_llama.SPECIALS[2]).save_pretrained(
        tmp_path
    )
    gguf.write(tmp_path, tmp_path / "model.gguf", "f16")
    script = Script.load(tmp_path)
    opened = open_gguf(tmp_path / "model.gguf", threads=1, script=script)
    alike = gguf_gate.alike(open_torch_text(tmp_path), opened, [script.encode("The cat"), script.encode("猫坐在")], 24)
    opened.close()
    assert sum(alike) >= 0.9 * len(alike)


def test_the_file_alone_knows_its_tokenizer(engine: tuple[GgufGenerator, Path], scratch: Path) -> None:
    """Other programs that read the file cut texts as it was trained to, where pairs do not meet across cuts."""
    alone = open_gguf(engine[0]._file, threads=1)
    script = Script.load(scratch)
    for text in ("the grey cat sees 12 times.", "小猫看见青山，春风走过。\n", "é😀"):
        assert alone._encode(text) == script.encode(text)
    alone.close()


def test_a_prompt_longer_than_the_context_is_refused(engine: tuple[GgufGenerator, Path]) -> None:
    """By its tokens, before any work."""
    with pytest.raises(DataError, match="reads 128"):
        engine[0].generate("小猫" * 200, GREEDY)
    with pytest.raises(DataError, match="reads 128"):
        engine[0].follow([3] * 128, 1)


def changed(folder: Path, out: Path, **config: object) -> Path:
    """A copy with another configuration."""
    shutil.copytree(folder, out)
    told = json.loads((out / "config.json").read_text(encoding="utf-8"))
    (out / "config.json").write_text(json.dumps(told | config), encoding="utf-8")
    return out


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"architectures": ["MambaForCausalLM"]}, "MambaForCausalLM.*(\n.*)*Qwen3ForCausalLM"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "rope_type = yarn"),
        ({"hidden_act": "gelu"}, "hidden_act = gelu"),
    ],
)
def test_what_cannot_be_written_is_told(scratch: Path, tmp_path: Path, config: dict[str, object], said: str) -> None:
    """Another architecture with the names of those that can, and settings that such a file would lose."""
    with pytest.raises(DataError, match=said):
        gguf.write(changed(scratch, tmp_path / "model", **config), tmp_path / "model.gguf", "q8_0")


def test_other_tokenizers_kinds_and_a_missing_package_are_told(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written."""
    with pytest.raises(ProjectError, match="q4_0"):
        gguf.write(scratch, tmp_path / "model.gguf", "q3")
    folder = changed(scratch, tmp_path / "model")
    told = {"version": "1.0", "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}
    (folder / "tokenizer.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(DataError, match="WordLevel"):
        gguf.write(folder, tmp_path / "model.gguf", "q8_0")
    monkeypatch.setattr(gguf, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match=r"argosy\[gguf\]"):
        gguf.write(scratch, tmp_path / "model.gguf", "q8_0")


class Line:
    """A Follower whose tokens count up from the last one, and go wrong where they would be in ``wrong``."""

    def __init__(self, *wrong: int, end: int = 99) -> None:
        self._wrong = wrong
        self._end = end

    def follow(self, tokens: Sequence[int], count: int) -> list[int]:
        """As said."""
        found = list(range(tokens[-1] + 1, min(tokens[-1] + 1 + count, self._end)))
        return [0 if token in self._wrong else token for token in found]


def test_a_near_tie_is_one_miss() -> None:
    """Behind a token that differs the comparison goes on from the reference's."""
    assert gguf_gate.alike(Line(), Line(), [[1], [10]], 4) == [True] * 8
    assert gguf_gate.alike(Line(), Line(3, 5), [[1]], 4) == [True, False, True, False]
    assert gguf_gate.alike(Line(), Line(end=4), [[1]], 4) == [True, True, False, False]
    assert gguf_gate.alike(Line(end=3), Line(), [[1]], 4) == [True]


def candidate(name: str, size: float, high: float, agreement: float = 1.0) -> gguf_gate.Candidate:
    """With its loss between 0 and ``high``."""
    loss = Difference(difference=high / 2, low=0.0, high=high, p=0.01)
    return gguf_gate.Candidate(name=name, size_mb=size, agreement=agreement, loss=loss)


def test_the_smallest_that_passes_serves() -> None:
    """A loss whose interval reaches beyond the limit refuses, and so do other tokens than torch's."""
    tried = [candidate("f16", 20, 0), candidate("q8", 10, 0.001), candidate("q5", 7, 0.01), candidate("q4", 6, 0.03)]
    chosen = gguf_gate.smallest([*tried, candidate("bad", 1, 0.0, agreement=0.4)], 0.02)
    assert chosen is not None
    assert chosen.name == "q5"
    assert gguf_gate.smallest(tried[2:], 0.005) is None
    said: list[ArgosyError] = gguf_gate.refusals(candidate("bad", 1, 0.03, agreement=0.4), 0.02)
    assert [str(one) for one in said] == [
        "of the tokens of torch with the same weights bad gives 40.0 %, fewer than 90 %",
        "it may lose 0.03 bits per byte, more than 0.02",
    ]
