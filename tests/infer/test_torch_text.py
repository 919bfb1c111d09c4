"""The torch engine gives transformers' own tokens, and the same with and without its cache."""

import json
import shutil
from pathlib import Path

import pytest
from tiny_llama import CONTEXT, TEXT

from argosy.core.engine import Generator
from argosy.core.errors import DataError, MissingError
from argosy.core.records import Message, Settings
from argosy.infer.text import whole

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

GREEDY = Settings(max_tokens=40, temperature=0)
PROMPTS = ["The cat", "猫坐在", "。😀", "dog 一只 mat"]


@pytest.fixture(scope="module")
def engine(tiny_llama: Path) -> Generator:
    """The tiny model, opened."""
    from argosy.infer.engines.torch_text import open_torch_text

    return open_torch_text(tiny_llama)


def test_it_goes_on_as_it_has_learnt(engine: Generator) -> None:
    """The rest of the text, Chinese and emoji whole, and the tokens add up."""
    assert isinstance(engine, Generator)
    pieces = list(engine.generate("The cat", GREEDY))
    answer = whole(pieces)
    assert "The cat" + answer.text in TEXT * 2
    assert "猫坐在垫子上" in answer.text
    assert (answer.finish, answer.tokens, answer.prompt_tokens) == ("length", 40, engine.count("The cat"))
    assert len(pieces) > 15  # it streams


@pytest.mark.parametrize("prompt", PROMPTS)
def test_greedy_tokens_are_those_of_transformers(engine: Generator, tiny_llama: Path, prompt: str) -> None:
    """What ``generate(do_sample=False)`` of the library gives."""
    from transformers import AutoModelForCausalLM

    from argosy.infer.chat import Script

    script = Script.load(tiny_llama)
    model = AutoModelForCausalLM.from_pretrained(tiny_llama)
    ids = torch.tensor([script.encode(prompt)])
    theirs = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=40)[0]
    assert whole(engine.generate(prompt, GREEDY)).text == script.decode(theirs[ids.shape[1] :].tolist()).rstrip("�")


@pytest.mark.parametrize("settings", [GREEDY, Settings(max_tokens=40, seed=4, repetition_penalty=1.2)])
def test_the_cache_changes_no_token(tiny_llama: Path, settings: Settings) -> None:
    """One token a step gives what reading everything anew gives."""
    from transformers import AutoModelForCausalLM

    from argosy.infer.chat import Script
    from argosy.infer.engines.torch_text import TorchGenerator

    model, script = AutoModelForCausalLM.from_pretrained(tiny_llama), Script.load(tiny_llama)
    with_cache, without = TorchGenerator(model, script), TorchGenerator(model, script, cached=False)
    for prompt in PROMPTS:
        assert whole(with_cache.generate(prompt, settings)) == whole(without.generate(prompt, settings))


def test_a_seed_gives_the_same_text(engine: Generator) -> None:
    """Also when another request is under way; another seed gives another text."""
    hot = Settings(max_tokens=30, temperature=2.0, top_k=0, top_p=1.0, seed=9)
    first, beside = engine.generate("The", hot), engine.generate("猫", hot)
    mixed = [(one, two) for one, two in zip(first, beside, strict=False)]
    beside.close()
    told = "".join(one.text for one, _ in mixed) + "".join(delta.text for delta in first)
    assert whole(engine.generate("The", hot)).text.startswith(told[:10])
    assert whole(engine.generate("The", hot)) == whole(engine.generate("The", hot))
    other = Settings(max_tokens=30, temperature=2.0, top_k=0, top_p=1.0, seed=10)
    assert whole(engine.generate("The", hot)) != whole(engine.generate("The", other))


def test_a_stop_string_in_the_middle_of_tokens(engine: Generator) -> None:
    """The text ends before it, in either language."""
    for stop, ends in (("mat.", " sat on the "), ("很", " sat on the mat. 猫坐在垫子上，")):
        answer = whole(engine.generate("The cat", Settings(max_tokens=60, temperature=0, stop=(stop,))))
        assert (answer.text, answer.finish) == (ends, "stop")


def test_a_conversation_is_answered(engine: Generator) -> None:
    """It is read through the model's template."""
    assert engine.chat
    answer = whole(engine.generate([Message(role="user", content="猫?")], GREEDY))
    assert (answer.text, answer.finish) == ("A dog, 一只狗。", "stop")
    assert answer.prompt_tokens > engine.count("猫?")


def test_the_context_is_a_limit(engine: Generator) -> None:
    """A text ends where the context is full; a prompt that fills it is refused before any work."""
    assert engine.context == CONTEXT
    settings = Settings(max_tokens=10_000, temperature=0)
    answer = whole(engine.generate("The cat", settings))
    assert (answer.finish, answer.tokens + answer.prompt_tokens) == ("length", CONTEXT)
    with pytest.raises(DataError, match=rf"the model reads {CONTEXT}"):
        engine.generate("猫" * CONTEXT, settings)


def test_leaving_stops_the_work(engine: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ``close`` the model is not asked again."""
    from argosy.infer.engines.torch_text import TorchGenerator

    steps = []
    step = TorchGenerator._step
    monkeypatch.setattr(TorchGenerator, "_step", lambda *given: steps.append(1) or step(*given))
    stream = engine.generate("The cat", GREEDY)
    assert steps == []
    next(stream)
    taken = len(steps)
    stream.close()
    assert list(stream) == []
    assert len(steps) == taken


def test_a_tokenizer_of_another_model_is_told(tiny_llama: Path, tmp_path: Path) -> None:
    """More tokens than the model has embeddings."""
    from argosy.infer.engines.torch_text import open_torch_text

    folder = tmp_path / "mixed"
    shutil.copytree(tiny_llama, folder)
    described = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    size = len(described["model"]["vocab"])
    described["model"]["vocab"]["zzz"] = size
    (folder / "tokenizer.json").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(MissingError, match=f"{size + 1} tokens, {size} embeddings"):
        open_torch_text(folder)


def test_a_model_that_does_not_generate_is_told(tmp_path: Path) -> None:
    """An encoder is refused by the name of its architecture."""
    import tiny_bert

    from argosy.infer.engines.torch_text import open_torch_text

    with pytest.raises(MissingError, match="BertForSequenceClassification"):
        open_torch_text(tiny_bert.write(tmp_path / "bert"))
