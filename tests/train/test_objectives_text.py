"""The objectives that write: which tokens count, how texts are laid out, and what cannot be learnt from."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

from argosy.core.errors import DataError, MissingError, ProjectError
from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

END = 5
RECIPE = Recipe(max_length=32)
CHATML = """{%- for message in messages -%}
{{- '[CLS]' + message['role'] + ' ' + message['content'] + '[SEP]' -}}
{%- endfor -%}
{{- '[CLS]assistant ' if add_generation_prompt else '' -}}"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small decoder."""
    return tiny_bases.write_decoder(tmp_path_factory.mktemp("decoder"))


def _reader(base: Path, length: int = 32) -> Any:
    from argosy.train.objectives.reader import Reader

    return Reader.load(base, max_length=length)


def _read(text: str) -> list[int]:
    return list(tiny_bases.tokenizer().encode(text).ids)


def _by_hand(model: Any, ids: list[int], counted: list[int]) -> float:
    """The surprise of the tokens at some places, from the text alone."""
    shares = model(input_ids=torch.tensor([ids])).logits[0].double().log_softmax(dim=-1).detach().numpy()
    return -sum(float(shares[place - 1, ids[place]]) for place in counted)


def test_texts_follow_each_other_and_every_token_is_foretold_once(base: Path) -> None:
    """An end token stands after each text; contexts share one token, so that none is left out or counted twice."""
    from argosy.train.objectives.causal import Causal

    reader, rows = _reader(base, 6), ["the film was good", "电影很好。", "blue"]
    aim = Causal().fitted(rows, reader, RECIPE)
    items = aim.items(rows, reader, held_out=False)
    stream = [token for text in rows for token in (*_read(text), END)]
    assert [items[0].ids[0], *(token for item in items for token in item.ids[1:])] == stream
    tensors, units = aim.tensors(items, 0, [])
    assert units == len(stream) - 1
    model = aim.open(base, 0).model.eval().requires_grad_(False)
    expected = sum(_by_hand(model, list(item.ids), list(range(1, len(item.ids)))) for item in items)
    from argosy.train.batches import Batch

    loss = aim.loss(model, Batch(rows=(), tensors=tensors, units=units))
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_the_surprise_of_a_held_out_text_is_that_of_its_tokens(base: Path) -> None:
    """Given the token that begins a text; a long text is the sum of its contexts."""
    from argosy.train.objectives.causal import Causal
    from argosy.train.objectives.feed import Fed, answers

    reader, rows = _reader(base, 6), ["电影很好。电影很坏", "the film", ""]
    aim = Causal().fitted(rows, reader, RECIPE)
    model = aim.open(base, 0).model.eval().requires_grad_(False)
    items = aim.items(rows, reader, held_out=True)
    fed = Fed(aim=aim, items=items, batch_size=2, pad=0, seed=0)
    first = [END, *_read(rows[0])]
    expected = [
        _by_hand(model, first[:6], [1, 2, 3, 4, 5]) + _by_hand(model, first[5:], list(range(1, len(first) - 5))),
        _by_hand(model, [END, *_read(rows[1])], [1, 2]),
        0.0,
    ]
    assert answers(model, fed, rows, bf16=False) == pytest.approx(np.array(expected), rel=1e-5)


def test_a_corpus_shorter_than_the_context_is_refused(base: Path) -> None:
    """With a length that would do."""
    from argosy.train.objectives.causal import Causal

    reader = _reader(base)
    aim = Causal().fitted(["好"], reader, RECIPE)
    with pytest.raises(DataError, match=r"have 2 tokens, less than one context of 32"):
        aim.items(["好"], reader, held_out=False)


def test_an_encoder_cannot_foretell(tmp_path: Path) -> None:
    """It sees the token that it should tell."""
    from argosy.train.objectives.causal import Causal

    with pytest.raises(MissingError, match="reads ahead"):
        Causal().open(tiny_bases.write_encoder(tmp_path), 0)


def test_only_answers_count_in_a_dialogue(base: Path) -> None:
    """With the end token that closes them; both languages, several turns, the plain layout."""
    from argosy.train.objectives.answer import Dialogue

    reader = _reader(base)
    row = [("user", "where is ann ?"), ("assistant", "in rome"), ("user", "红在哪里？"), ("assistant", "北京")]
    aim = Dialogue().fitted([row], reader, RECIPE)
    (item,) = aim.items([row], reader, held_out=False)
    counted = [token for token, mark in zip(item.ids, item.target.marks, strict=True) if mark]
    assert counted == [*_read("in rome"), END, *_read("北京"), END]
    tensors, units = aim.tensors([item], 0, [])
    assert units == len(counted)
    model = aim.open(base, 0).model.eval().requires_grad_(False)
    places = [place for place, mark in enumerate(item.target.marks) if mark]
    from argosy.train.batches import Batch

    loss = aim.loss(model, Batch(rows=(0,), tensors=tensors, units=units))
    assert float(loss) == pytest.approx(_by_hand(model, list(item.ids), places), rel=1e-5)


def test_the_tokenizers_own_template_is_used(base: Path, tmp_path: Path) -> None:
    """What opens an answer does not count, what closes it does."""
    import shutil

    from argosy.train.objectives.answer import Dialogue

    folder = Path(shutil.copytree(base, tmp_path / "chat"))
    (folder / "chat_template.jinja").write_text(CHATML, encoding="utf-8")
    reader = _reader(folder)
    row = [("system", "good"), ("user", "好"), ("assistant", "the food"), ("user", "坏"), ("assistant", "二")]
    (item,) = Dialogue().fitted([row], reader, RECIPE).items([row], reader, held_out=False)
    counted = [token for token, mark in zip(item.ids, item.target.marks, strict=True) if mark]
    assert counted == [*_read("the food"), 3, *_read("二"), 3]


def test_the_plain_layout_stays_with_the_model(base: Path, tmp_path: Path) -> None:
    """Whoever serves the folder lays conversations out as they were learnt."""
    from transformers import AutoTokenizer

    from argosy.train.fit import fit
    from argosy.train.objectives.answer import Dialogue

    rows = [[("user", "好"), ("assistant", "good")]] * 4
    fit(Dialogue(), base, {"train": rows, "validation": rows}, tmp_path / "out", Recipe(epochs=1, max_length=32))
    said = AutoTokenizer.from_pretrained(tmp_path / "out").apply_chat_template(
        [{"role": "user", "content": "好"}], tokenize=False, add_generation_prompt=True
    )
    assert said == "User:\n好\nAssistant:\n"


@pytest.mark.parametrize("row", [[("user", "好")], [("human", "好"), ("assistant", "good")]])
def test_dialogues_that_teach_nothing_are_refused(base: Path, row: Any) -> None:
    """No answer, or a role that nobody knows."""
    from argosy.train.objectives.answer import Dialogue

    reader = _reader(base)
    with pytest.raises(DataError, match="Dialogue 1 has the roles"):
        Dialogue().fitted([row], reader, RECIPE).items([row], reader, held_out=False)


def test_only_the_answer_of_a_prompt_counts(base: Path) -> None:
    """Of a pair that is too long the end is read: the answer stays."""
    from argosy.train.objectives.answer import Prompt

    reader, rows = _reader(base, 6), [("where is ann ?", "in rome"), ("红", "red")]
    aim = Prompt(template="user : {text} .").fitted(rows, reader, RECIPE)
    first, second = aim.items(rows, reader, held_out=False)
    assert list(second.ids) == [*_read("user : 红 . red"), END]
    assert list(second.target.marks) == [False] * 4 + [True] * 2
    assert list(first.ids) == [*_read("ann ? . in rome"), END][-6:]
    assert sum(first.target.marks) == 3


def test_a_template_without_a_place_is_refused(base: Path) -> None:
    """The text would be left out."""
    from argosy.train.objectives.answer import Prompt

    with pytest.raises(ProjectError, match="no place for the text"):
        Prompt(template="Translate:").fitted([("a", "b")], _reader(base), RECIPE)


def test_a_tokenizer_without_an_end_is_refused(tmp_path: Path) -> None:
    """Answers could not be closed."""
    from argosy.train.objectives.answer import Prompt

    base = tiny_bases.write_decoder(tmp_path)
    for name in ("tokenizer.json", "config.json"):
        text = (base / name).read_text(encoding="utf-8").replace("</s>", "[STOP]").replace("[SEP]", "[THEN]")
        (base / name).write_text(text, encoding="utf-8")
    (base / "tokenizer_config.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(MissingError, match="no end token"):
        Prompt().fitted([("好", "good")], _reader(base), RECIPE)


def test_a_prompt_is_read_as_it_will_be_when_it_is_answered(tmp_path: Path) -> None:
    """A tokenizer that joins a blank with the word behind it must not join prompt and answer."""
    from argosy.infer.chat import Script
    from argosy.models.byte_pairs import BytePairs
    from argosy.train.objectives.answer import Prompt

    texts = ["red lamp lamp lamp lamp", "红灯 lamp lamp"] * 20
    tokenizer = BytePairs.train(texts, size=400)
    tokenizer.save(tmp_path, context=32)
    aim = Prompt(template="{text} → ").fitted([("红灯", "lamp")], _reader(tmp_path), RECIPE)
    (item,) = aim.items([("红灯", "lamp")], _reader(tmp_path), held_out=False)
    prompt = [token for token, counts in zip(item.ids, item.target.marks, strict=True) if not counts]
    assert prompt == Script.load(tmp_path).encode(aim.asked("红灯"))
