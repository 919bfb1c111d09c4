"""An encoder and a reranker learn from questions and their answers, and are kept where they help."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import tiny_bases

from argosy.compress.encoders import Origin
from argosy.core.knowledge import Entry
from argosy.infer.engines.cross import open_reranker
from argosy.infer.engines.embed import open_embedder
from argosy.stages.support import base, encoder, lines, reranker
from argosy.stages.support.base import Material, Started
from argosy.stages.support.lines import Row
from argosy.stages.support.pairs import (
    Corpus,
    Prefixes,
    Question,
    positives,
    scores,
    standing,
)
from argosy.train.recipe import Recipe

TOPICS = (("red", "红"), ("blue", "蓝"), ("one", "一"), ("two", "二"), ("three", "三"), ("four", "四"))
ENGLISH = ("where is the {}", "is the {} good", "what was {} ?", "the {} film", "not {} food", "who is very {}")
CHINESE = ("{}的电影", "{}在哪里", "不是{}的")
ASKED = [(frame.format(en), en) for frame in ENGLISH for en, _ in TOPICS]
ASKED += [(frame.format(zh), en) for frame in CHINESE for en, zh in TOPICS]
HELD = [(frame.format(zh), en) for frame in ("{}是谁", "很{}？", "电影很{}") for en, zh in TOPICS]


def entry(name: str, keys: Sequence[str], *, kind: Literal["answer", "piece"] = "answer") -> Entry:
    """An entry whose text is made of its id."""
    return Entry(id=name, kind=kind, text=f"{name} lives in paris", keys=tuple(keys), document="answers", title="")


ENTRIES = [entry(name, [frame.format(name) for frame in ENGLISH]) for name, _ in TOPICS]
pytestmark = pytest.mark.torch
RECIPE = Recipe(epochs=8, batch_size=24, learning_rate=5e-3, max_length=16, frozen_embeddings=False)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Started:
    """A small encoder that knows nothing yet."""
    folder = tiny_bases.write_encoder(tmp_path_factory.mktemp("base"), layers=2, pooler=False)
    origin = Origin(name="tiny", base="tiny", licence="MIT", non_commercial=False)
    return Started(folder=folder, origin=origin, longest=32)


def material_of(begun: Started, place: Path, *, held: Sequence[Question] = HELD) -> Material:
    """What is learnt from."""
    return Material(begun=begun, entries=ENTRIES, parts={"train": ASKED, "validation": held}, place=place)


def nobody(share: float, note: str) -> None:
    """Hears how far it is."""


@pytest.fixture(scope="module")
def made(begun: Started, tmp_path_factory: pytest.TempPathFactory) -> encoder.Made:
    """An encoder, trained once."""
    params = encoder.Params(recipe=RECIPE, rows=1_000, threads=1)
    return encoder.make(params, material_of(begun, tmp_path_factory.mktemp("encoder")), nobody)


@pytest.mark.slow
def test_a_trained_encoder_is_kept_where_it_helps(made: encoder.Made) -> None:
    """Questions that nobody asked before find their answers; both encoders' figures are told."""
    told = json.loads(json.dumps(made.facts))
    assert (told["kept"], told["why"]) == ("trained", "better")
    assert told["gain"]["low"] > 0
    assert told["figures"]["trained"]["mrr"]["value"] > 0.9 > told["figures"]["untrained"]["mrr"]["value"]
    assert told["questions"] == len(HELD)
    prefixes = Prefixes()
    corpus, embed = Corpus.of(ENTRIES, prefixes), open_embedder(made.folder, threads=1).embed
    found = standing(HELD, corpus, scores(HELD, corpus, prefixes, embed))["mrr"]
    assert found.value == pytest.approx(told["figures"]["trained"]["mrr"]["value"])  # type: ignore[union-attr]


@pytest.mark.slow
def test_what_serves_is_what_was_trained(made: encoder.Made) -> None:
    """The graph gives torch's vectors, 0.9999 or nearer."""
    from argosy.train.embed import Encoder

    texts = [question for question, _ in HELD]
    found = open_embedder(made.folder, threads=1).embed(texts)
    expected = Encoder(made.checkpoint, max_length=32).embed(texts)
    assert float((found * expected).sum(axis=1).min()) >= 0.9999


@pytest.mark.slow
def test_the_base_is_kept_where_training_cannot_be_judged(begun: Started, tmp_path: Path) -> None:
    """Without a validation question nothing is trained."""
    params = encoder.Params(recipe=RECIPE, rows=1_000, threads=1)
    made = encoder.make(params, material_of(begun, tmp_path, held=[("who ?", "nobody")]), nobody)
    assert (made.facts["kept"], made.facts["why"]) == ("untrained", "too_few")
    assert made.checkpoint == begun.folder


@pytest.mark.slow
def test_a_reranker_learns_to_tell_right_from_wrong(begun: Started, made: encoder.Made, tmp_path: Path) -> None:
    """Where people gave one answer to all questions, it stands first, whatever is nearer; twice the same bits."""
    embed = open_embedder(made.folder, threads=1).embed
    params = reranker.Params(
        recipe=replace(RECIPE, epochs=8, batch_size=16, learning_rate=2e-3), layers=2, rows=5_000, threads=1
    )
    parts = {
        "train": [(question, "red") for question, _ in ASKED],
        "validation": [
            (frame.format(name), "red") for frame in ("very {} food", "is {} film not") for name, _ in TOPICS
        ],
    }
    both = [replace(material_of(begun, tmp_path / name), parts=parts) for name in "ab"]
    for one in both:
        one.place.mkdir()
    told = [json.loads(json.dumps(reranker.make(params, one, embed, nobody))) for one in both]
    weights = [(one.place / "checkpoint" / "model.safetensors").read_bytes() for one in both]
    assert weights[0] == weights[1]
    assert told[0]["figures"]["encoder"]["mrr"]["value"] < 0.8 < told[0]["figures"]["reranker"]["mrr"]["value"]
    assert (told[0]["kept"], told[0]["why"]) == (True, "better")
    engine = open_reranker(both[0].place / reranker.RERANKER, threads=1)
    right, *wrong = engine.relevance("very blue food", [one.keys[0] for one in ENTRIES])
    assert right > max(wrong)


def test_questions_of_one_answer_are_pairs() -> None:
    """Each question stands once before and once behind another of its answer, and once before the answer itself."""
    prefixes = Prefixes(query="q: ", passage="p: ")
    pairs = positives(ASKED, ENTRIES, prefixes, seed=1)
    answer_of = {f"q: {question}": answer for question, answer in ASKED}
    answer_of |= {f"p: {one.text}": one.id for one in ENTRIES}
    assert all(answer_of[one] == answer_of[other] for one, other in pairs)
    between = [pair for pair in pairs if pair[1].startswith("q: ")]
    assert sorted(one for one, _ in between) == sorted(other for _, other in between)
    assert len(pairs) == 2 * len(ASKED)


def test_a_question_of_two_answers_belongs_to_both() -> None:
    """So that it is told from the texts of neither."""
    entries = [entry("a", ["same", "one"]), entry("b", ["same", "two"]), entry("c", ["three"])]
    kin = Corpus.of(entries, Prefixes(query="q: ")).kin
    assert kin["q: same"] == {"a", "b"}
    assert kin["q: two"] == {"b"}


def test_rereading_learns_right_beside_wrong() -> None:
    """Each question with a text of its entry, never the question itself, and two of others, the nearest among them."""
    corpus = Corpus.of(ENTRIES, Prefixes())
    asked = ASKED[:6]
    near = np.random.default_rng(3).random((len(asked), len(corpus.texts))).astype(np.float32)
    for row, (question, _) in enumerate(asked):
        near[row, corpus.texts.index(question)] = -1.0
    rows = reranker.rows_of(asked, corpus, near, np.random.default_rng(0))
    own = {text: corpus.ids[owner] for text, owner in zip(corpus.bare, corpus.owners.tolist(), strict=True)}
    assert [label for _, label in rows] == [reranker.RIGHT, reranker.WRONG, reranker.WRONG] * len(asked)
    for number, ((question, text), label) in enumerate(rows):
        assert question == asked[number // 3][0] != text
        assert (own[text] == asked[number // 3][1]) == (label == reranker.RIGHT)


def test_documents_alone_give_pairs_too() -> None:
    """A piece's question or its headings stand before its text; an answer that nobody asked for gives none."""
    entries = [entry("p", ["how to pay ?"], kind="piece"), entry("a", [])]
    assert positives([], entries, Prefixes(), seed=1) == [("how to pay ?", entries[0].text)]


def test_without_a_base_nothing_is_learnt(tmp_path: Path) -> None:
    """Both stages say so, and later ones find no folder: questions are then found by their words."""
    (tmp_path / "base").mkdir()
    inputs = {"base": tmp_path / "base", "encoder": tmp_path / "encoder", "split": tmp_path / "split"}
    (tmp_path / "encoder").mkdir()
    (tmp_path / "reranker").mkdir()
    params = encoder.Params(recipe=RECIPE, rows=10, threads=1)
    encoder.run(params, inputs, tmp_path / "encoder", nobody)
    rereading = reranker.Params(recipe=RECIPE, layers=1, rows=10, threads=1)
    reranker.run(rereading, inputs, tmp_path / "reranker", nobody)
    assert encoder.facts(tmp_path / "encoder")["why"] == reranker.facts(tmp_path / "reranker")["why"] == "no_base"
    assert encoder.folder(tmp_path / "encoder") is None
    assert reranker.folder(tmp_path / "reranker") is None


def test_a_base_is_known_again_by_later_stages(begun: Started, tmp_path: Path) -> None:
    """Its name, its licence, its prefixes and how much it reads; questions come with the ids of their entries."""
    split, made = tmp_path / "split", tmp_path / "base"
    for folder in (split, made):
        folder.mkdir()
    row = Row(question="where is the film", answer="red", dialogue="1", at=None, language="en")
    for part in ("train", "validation"):
        lines.write(split / f"{part}.jsonl", [row.to_json()])
    lines.write(split / "entries.jsonl", [one.to_json() for one in ENTRIES])
    named = begun.folder.rename(tmp_path / "multilingual-e5-small")
    params = base.Params(
        model=str(named), digest="", languages=("en",), trim=True, folder=tmp_path, cache=tmp_path / "cache"
    )
    base.run(params, {"split": split}, made, nobody)
    named.rename(begun.folder)
    found = base.material({"split": split, "base": made}, tmp_path)
    assert found is not None
    assert found.begun.prefixes == Prefixes(query="query: ", passage="passage: ")
    assert (found.begun.origin.name, found.begun.longest) == ("multilingual-e5-small", 64)
    assert (found.begun.folder / "tokenizer.json").is_file()
    assert found.parts == {"train": [("where is the film", "red")], "validation": [("where is the film", "red")]}
    assert found.entries == ENTRIES
