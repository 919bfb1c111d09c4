"""Conversations and texts become the tokens that the model was trained on."""

import json
from pathlib import Path

import pytest
import tiny_llama
from tokenizers import processors

from argosy.core.errors import DataError, MissingError
from argosy.core.records import Message
from argosy.infer.chat import Script, Template

TALK = [
    Message(role="system", content="简短回答。"),
    Message(role="user", content="Is {{ 1 + 1 }} a cat?"),
    Message(role="assistant", content="Yes."),
    Message(role="user", content="猫?"),
]


def folder_with(folder: Path, **settings: object) -> Path:
    """The tiny tokenizer with these settings."""
    tiny_llama.tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return folder


@pytest.mark.torch
def test_conversations_are_written_as_transformers_writes_them(tiny_llama: Path) -> None:
    """The same text, the same tokens."""
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoTokenizer.from_pretrained(tiny_llama)
    script = Script.load(tiny_llama)
    talk = [{"role": message.role, "content": message.content} for message in TALK]
    assert script.template
    assert script.template.render(TALK) == theirs.apply_chat_template(talk, add_generation_prompt=True, tokenize=False)
    assert script.template.render(TALK, answer=False) == theirs.apply_chat_template(talk, tokenize=False)
    assert script.encode(TALK) == theirs.apply_chat_template(talk, add_generation_prompt=True)["input_ids"]


def test_what_templates_of_published_models_use_works() -> None:
    """Special tokens, loop controls, dates, JSON, marks of answers to train on; spaces are trimmed."""
    source = """
    {%- for message in messages %}
        {%- if loop.index > 1 %}{% break %}{% endif %}
        {% generation %}
        {{- bos_token + message.content | tojson }}
        {% endgeneration %}
    {%- endfor %}
    {{- strftime_now("%Y") | length }}{% if tools %}tools{% endif %}"""
    assert Template(source=source, tokens={"bos_token": "<s>"}).render(TALK).split() == ['<s>"简短回答。"', "4"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ raise_exception('no system message') }}", "no system message"),
        ("{{ messages.nothing.there }}", "nothing"),
        ("{% if %}", "refuses"),
        ("{{ messages.append(1) }}", "refuses"),
        ("{{ ''.__class__.__mro__ }}", "refuses"),
    ],
)
def test_a_template_that_refuses_or_reaches_out_is_an_error(source: str, said: str) -> None:
    """Templates come with models: they are run in a sandbox, and what they raise is told."""
    with pytest.raises(DataError, match=said):
        Template(source=source, tokens={}).render(TALK)


def test_the_template_is_found_where_models_keep_it(tmp_path: Path) -> None:
    """In a file of its own, in the settings, or there as one of several."""
    several = [{"name": "tools", "template": "T"}, {"name": "default", "template": "D"}]
    folder = folder_with(tmp_path, chat_template=several, bos_token={"content": "<|im_start|>"}, eos_token=None)
    template = Script.load(folder).template
    assert template == Template(source="D", tokens={"bos_token": "<|im_start|>"})
    (tmp_path / "chat_template.jinja").write_text("模板", encoding="utf-8")
    template = Script.load(tmp_path).template
    assert template is not None
    assert template.source == "模板"


def test_a_model_without_a_template_takes_texts_alone(tmp_path: Path) -> None:
    """A conversation is refused; a text is read, lone surrogates as question marks."""
    script = Script.load(folder_with(tmp_path))
    assert script.template is None
    assert script.decode(script.encode("猫 \ud800")) == "猫 ?"
    with pytest.raises(DataError, match="no chat template"):
        script.encode(TALK)


def test_tokens_that_close_a_text_are_left_out(tmp_path: Path) -> None:
    """A tokenizer that was made for encoders ends every text; to go on, the end must be open."""
    inner = tiny_llama.tokenizer()
    inner.post_processor = processors.TemplateProcessing(
        single="<|im_start|> $A <|im_end|>", special_tokens=[("<|im_start|>", 1), ("<|im_end|>", 2)]
    )
    inner.save(str(tmp_path / "tokenizer.json"))
    ids = Script.load(tmp_path).encode("cat")
    assert ids[0] == 1
    assert ids[-1] != 2
    assert Script.load(tmp_path).encode("cat<|im_end|>")[-1] == 2  # the user's own stays


def test_the_ends_are_gathered_from_every_file(tmp_path: Path) -> None:
    """One number or several, a token by its name, and the known ends of a turn."""
    folder_with(tmp_path, eos_token="<|im_start|>")  # noqa: S106 - no password
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [7, 8]}', encoding="utf-8")
    (tmp_path / "config.json").write_text('{"eos_token_id": 9}', encoding="utf-8")
    assert Script.load(tmp_path).ends == {0, 1, 2, 7, 8, 9}


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path) -> None:
    """Absent or damaged."""
    with pytest.raises(MissingError, match=r"tokenizer\.json"):
        Script.load(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MissingError, match="cannot be read"):
        Script.load(tmp_path)
