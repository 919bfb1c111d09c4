"""Tags, spans, vectors and distillation: the definitions by hand, and what comes back."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

from argosy.core.errors import DataError
from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

RECIPE = Recipe(max_length=32)
LABELLED = [("the film was good", "good"), ("电影很坏", "bad"), ("the food was bad", "bad"), ("菜好。", "good")]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small encoder."""
    return tiny_bases.write_encoder(tmp_path_factory.mktemp("encoder"), layers=2)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wider and deeper classifier."""
    from argosy.models.checkpoint import load_classifier, save

    folder = tmp_path_factory.mktemp("teacher")
    source = tiny_bases.write_encoder(folder / "base", layers=4, width=48)
    save(load_classifier(source, ["bad", "good"], seed=2), source, folder / "model")
    return folder / "model"


def _reader(base: Path, length: int = 32) -> Any:
    from argosy.train.objectives.reader import Reader

    return Reader.load(base, max_length=length)


def _fed(aim: Any, rows: Any, reader: Any, *, held_out: bool = False) -> Any:
    from argosy.train.objectives.feed import Fed

    return Fed(aim=aim, items=aim.items(rows, reader, held_out=held_out), batch_size=4, pad=reader.pad, seed=1)


def test_pieces_inside_a_span_are_tagged(base: Path) -> None:
    """The first begins it; blanks and signs around it do not belong to it; the way back gives the spans."""
    from argosy.train.objectives.tag import Tag

    rows = [
        ("ann lives in rome .", [(0, 3, "PER"), (13, 17, "LOC")]),
        ("红在北京，上海。", [(2, 4, "LOC"), (5, 7, "LOC")]),
    ]
    reader = _reader(base)
    aim = Tag().fitted(rows, reader, RECIPE)
    assert aim.labels == ("B-LOC", "B-PER", "I-LOC", "I-PER", "O")
    items = aim.items(rows, reader, held_out=False)
    told = [[aim.labels[number] if number >= 0 else "-" for number in item.target[0]] for item in items]
    assert told[0] == ["-", "B-PER", "O", "O", "B-LOC", "O", "-"]
    assert told[1] == ["-", "O", "O", "B-LOC", "I-LOC", "O", "B-LOC", "I-LOC", "O", "-"]
    perfect = [np.array(item.target[0]) for item in items]
    assert aim.answers(rows, items, perfect) == aim.truth(rows)


def test_of_a_word_the_first_piece_counts(base: Path) -> None:
    """Words of several pieces, and words behind the longest length, which are answered with O."""
    from argosy.train.objectives.tag import Tag

    rows = [(["北京", "good", "film"], ["B-LOC", "O", "B-X"])]
    reader = _reader(base, 5)
    aim = Tag().fitted(rows, reader, RECIPE)
    (item,) = aim.items(rows, reader, held_out=False)
    assert item.target[1] == [None, 0, None, 1, None]
    _, units = aim.tensors([item], 0, [])
    assert units == 2
    assert aim.answers(rows, [item], [np.array(item.target[0])]) == [["B-LOC", "O", "O"]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("ann", [(0, 9, "PER")])], "lies outside of its text"),
        ([("ann lives", [(0, 5, "PER"), (4, 9, "PER")])], "over another span"),
        ([(["ann"], ["B-PER", "O"])], "1 words and 2 tags"),
        ([("ann", [(0, 3, "PER")]), (["ann"], ["B-PER"])], "Give one sort of rows"),
    ],
)
def test_tags_that_do_not_fit_are_refused(base: Path, rows: Any, message: str) -> None:
    """With the place."""
    from argosy.train.objectives.tag import Tag

    reader = _reader(base)
    with pytest.raises(DataError, match=message):
        Tag().fitted(rows, reader, RECIPE).items(rows, reader, held_out=False)


def test_an_answer_is_found_in_the_window_that_holds_it(base: Path) -> None:
    """Characters to tokens and back, in a context of several windows; the others point at their first token."""
    from argosy.train.objectives.span import Span

    context = "the film was good . the food was bad . ann lives in rome . 红在北京。"
    rows = [
        ("where is ann ?", context, "rome", context.index("rome")),
        ("红在哪里？", context, "北京", context.index("北")),
    ]
    reader = _reader(base, 20)
    aim = Span(stride=4).fitted(rows, reader, RECIPE)
    items = aim.items(rows, reader, held_out=False)
    assert len(items) > 2
    perfect = []
    for item in items:
        scores = np.zeros((2, len(item.ids)))
        scores[0, item.target.ends[0]] = scores[1, item.target.ends[1]] = 9.0
        perfect.append(scores)
    assert aim.answers(rows, items, perfect) == ["rome", "北京"] == aim.truth(rows)
    assert {item.target.ends for item in items} > {(0, 0)}
    assert all(item.types for item in items)


def test_a_question_may_have_no_answer(base: Path) -> None:
    """None is said only where training had such questions."""
    from argosy.train.objectives.span import Span

    reader = _reader(base)
    rows = [("where is ann ?", "the film was good .", "", 0)]
    aim = Span().fitted(rows, reader, RECIPE)
    items = aim.items(rows, reader, held_out=False)
    scores = np.zeros((2, len(items[0].ids)))
    scores[:, 0] = 1.0
    assert aim.answers(rows, items, [scores]) == [""]
    assert replace(aim, empty=False).answers(rows, items, [scores]) != [""]


def test_the_span_loss_is_the_mean_of_both_ends(base: Path) -> None:
    """By hand, each window alone."""
    from argosy.train.objectives.span import Span

    rows = [("where is ann ?", "ann lives in rome .", "rome", 13), ("红在哪里？", "红在北京", "北京", 2)]
    reader = _reader(base)
    aim = Span().fitted(rows, reader, RECIPE)
    fed, model = _fed(aim, rows, reader), aim.open(base, 1).model.eval().requires_grad_(False)
    expected = 0.0
    for item in fed.items:
        said = model(input_ids=torch.tensor([item.ids]), token_type_ids=torch.tensor([item.types]))
        for logits, place in zip((said.start_logits, said.end_logits), item.target.ends, strict=True):
            expected -= float(logits[0].double().log_softmax(dim=-1)[place]) / 2
    assert float(aim.loss(model, fed.batch((0, 1), 0))) == pytest.approx(expected, rel=1e-5)


def test_an_answer_that_does_not_stand_there_is_refused(base: Path) -> None:
    """The row is named."""
    from argosy.train.objectives.span import Span

    with pytest.raises(DataError, match="Row 2: the context does not have '上海' from character 1"):
        Span().items([("a", "好", "好", 0), ("b", "在北京", "上海", 1)], _reader(base), held_out=False)


def test_a_question_that_fills_the_window_is_refused(base: Path) -> None:
    """There would be no context."""
    from argosy.train.objectives.span import Span

    with pytest.raises(DataError, match="leaves no room"):
        Span(stride=4).items([("好 " * 30, "好", "好", 0)], _reader(base, 24), held_out=False)


def test_an_anchor_is_told_from_all_candidates_of_the_batch(base: Path) -> None:
    """By hand: positives and hard negatives are candidates, twins of the own positive and of the anchor's are not."""
    from argosy.train.objectives.embed import Embed, vectors

    rows = [
        ("good film", "电影好", "电影坏"),
        ("bad food", "菜坏", "菜好"),
        ("one", "电影好", "二"),
        ("good film", "红", "三"),
    ]
    reader = _reader(base)
    aim = Embed(temperature=0.1).fitted(rows, reader, RECIPE)
    fed, model = _fed(aim, rows, reader), aim.open(base, 1).model.eval().requires_grad_(False)
    batch = fed.batch((0, 1, 2, 3), 0)

    def vector(text: str) -> np.ndarray:
        ids = torch.tensor([reader.texts([text])[0].ids])
        return vectors(model, {"ids": ids, "mask": torch.ones_like(ids)})[0].double().numpy()

    candidates = [row[1] for row in rows] + [row[2] for row in rows]
    expected = 0.0
    for at, (anchor, own, _) in enumerate(rows):
        left = [
            (number, text)
            for number, text in enumerate(candidates)
            if number == at or not (text == own or (number < len(rows) and rows[number][0] == anchor))
        ]
        scores = np.array([vector(anchor) @ vector(text) / 0.1 for _, text in left])
        place = [number for number, _ in left].index(at)
        expected -= scores[place] - np.log(np.exp(scores).sum())
    assert batch.units == 4
    assert float(aim.loss(model, batch)) == pytest.approx(expected, rel=1e-4)


def test_texts_of_one_group_are_never_told_from_each_other(base: Path) -> None:
    """By hand, both ways: a positive of the anchor's group does not count, and neither does an anchor of its group."""
    from argosy.train.objectives.embed import Embed, vectors

    rows = [("good film", "电影好"), ("very good", "好的"), ("bad food", "菜坏")]
    liked = frozenset({"liked"})
    kin = {text: liked for row in rows[:2] for text in row}
    reader = _reader(base)
    aim = Embed(temperature=0.1, kin=kin, both=True).fitted(rows, reader, RECIPE)
    fed, model = _fed(aim, rows, reader), aim.open(base, 1).model.eval().requires_grad_(False)

    def vector(text: str) -> np.ndarray:
        ids = torch.tensor([reader.texts([text])[0].ids])
        return vectors(model, {"ids": ids, "mask": torch.ones_like(ids)})[0].double().numpy()

    scores = np.array([[vector(one) @ vector(other) / 0.1 for _, other in rows] for one, _ in rows])
    scores[0, 1] = scores[1, 0] = -np.inf
    there, back = (np.log(np.exp(table).sum(axis=1)) - np.diag(scores) for table in (scores, scores.T))
    loss = float(aim.loss(model, fed.batch((0, 1, 2), 0)))
    assert loss == pytest.approx((there.sum() + back.sum()) / 2, rel=1e-4)


def test_texts_that_belong_together_come_near(tmp_path: Path) -> None:
    """Retrieval over the positives of all anchors is learnt; no pooler is stored that the base lacks."""
    from argosy.evaluate.tasks.measure import measured
    from argosy.train.fit import Watch, fit
    from argosy.train.objectives.embed import Embed

    base = tiny_bases.write_encoder(tmp_path / "base", layers=2, pooler=False)
    words = [
        ("one", "一"),
        ("two", "二"),
        ("three", "三"),
        ("four", "四"),
        ("red", "红"),
        ("blue", "蓝"),
        ("good", "好"),
    ]
    rows = [(f"the {en} {noun}", f"{zh}的") for en, zh in words for noun in ("film", "food")]
    hits = lambda truth, said: measured("retrieval", truth, said, rung="model")["hit@1"].value  # noqa: E731 - in a word
    recipe = Recipe(epochs=10, batch_size=14, learning_rate=5e-3, max_length=16, frozen_embeddings=False)
    outcome = fit(Embed(), base, {"train": rows, "validation": rows}, tmp_path / "out", recipe, Watch(score=hits))
    assert outcome.history[outcome.best_epoch - 1][1] > 0.9
    stored = (tmp_path / "out" / "model.safetensors").read_bytes()
    assert b"encoder.layer.0" in stored
    assert b"pooler" not in stored


def test_a_student_learns_what_the_teacher_says(base: Path, teacher: Path) -> None:
    """The loss by hand: temperature² · KL at the temperature, cross entropy for the rest."""
    from transformers import AutoModelForSequenceClassification

    from argosy.train.objectives.distil import Distil

    reader = _reader(base)
    aim = Distil(teacher=teacher, temperature=3.0, share=0.7).fitted(LABELLED, reader, RECIPE)
    fed, model = _fed(aim, LABELLED, reader), aim.open(base, 1).model.eval().requires_grad_(False)
    master = AutoModelForSequenceClassification.from_pretrained(teacher).eval().requires_grad_(False)
    expected = 0.0
    for item, (_, label) in zip(fed.items, LABELLED, strict=True):
        own, other = (one(input_ids=torch.tensor([item.ids])).logits[0].double() for one in (model, master))
        p, q = (other / 3).softmax(dim=-1), (own / 3).softmax(dim=-1)
        expected += 0.7 * 9 * float((p * (p / q).log()).sum())
        expected -= 0.3 * float(own.log_softmax(dim=-1)[["bad", "good"].index(label)])
    assert float(aim.loss(model, fed.batch((0, 1, 2, 3), 0))) == pytest.approx(expected, rel=1e-4)


def test_logits_may_come_with_the_rows(base: Path, teacher: Path) -> None:
    """Then no teacher is needed, and the loss is the same."""
    from argosy.train.objectives.distil import Distil

    reader = _reader(base)
    told = Distil(teacher=teacher).fitted(LABELLED, reader, RECIPE)
    fed = _fed(told, LABELLED, reader)
    rows = [(*row, item.target[1].tolist()) for row, item in zip(LABELLED, fed.items, strict=True)]
    alone = Distil().fitted(rows, reader, RECIPE)
    model = told.open(base, 1).model.eval().requires_grad_(False)
    losses = [
        float(aim.loss(model, _fed(aim, some, reader).batch((0, 1), 0)))
        for aim, some in ((told, LABELLED), (alone, rows))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    with pytest.raises(DataError, match="There is no teacher"):
        Distil().fitted(LABELLED, reader, RECIPE)


@pytest.mark.parametrize("trains", ["full", "lora"])
def test_hidden_states_cross_to_another_width(base: Path, teacher: Path, tmp_path: Path, trains: Any) -> None:
    """Two layers of 32 learn from four of 48; what stood between is not saved, and the loss falls."""
    from transformers import AutoModelForSequenceClassification

    from argosy.train.fit import fit
    from argosy.train.objectives.distil import Distil

    rows = {"train": LABELLED * 4, "validation": LABELLED}
    recipe = Recipe(epochs=8, batch_size=4, learning_rate=5e-3, max_length=16, trains=trains)
    outcome = fit(Distil(teacher=teacher, hidden=1.0), base, rows, tmp_path / "out", recipe)
    losses = [loss for loss, _ in outcome.history]
    assert losses[-1] < 0.75 * losses[0]
    _, loading = AutoModelForSequenceClassification.from_pretrained(tmp_path / "out", output_loading_info=True)
    assert not loading["unexpected_keys"]
    assert not loading["missing_keys"]


def test_a_teacher_of_other_labels_is_refused(base: Path, teacher: Path) -> None:
    """Their columns would be mixed up."""
    from argosy.train.objectives.distil import Distil

    with pytest.raises(DataError, match="tells bad, good apart, the rows up, very"):
        Distil(teacher=teacher).fitted([("好", "up"), ("坏", "very")], _reader(base), RECIPE)


def test_a_text_without_a_label_is_learnt_from_the_teacher_alone(base: Path) -> None:
    """Its loss is temperature² · KL, whatever the share; the labels of the others are known without it."""
    from argosy.train.objectives.distil import Distil

    reader = _reader(base)
    rows = [("好 film", None, [0.5, -1.0]), *((text, label, [1.0, 0.0]) for text, label in LABELLED)]
    aim = Distil(temperature=3.0, share=0.7).fitted(rows, reader, RECIPE)
    assert aim.labels == ("bad", "good")
    fed, model = _fed(aim, rows, reader), aim.open(base, 1).model.eval().requires_grad_(False)
    own = (model(input_ids=torch.tensor([fed.items[0].ids])).logits[0].double() / 3).softmax(dim=-1)
    taught = (torch.tensor([0.5, -1.0]).double() / 3).softmax(dim=-1)
    expected = 9 * float((taught * (taught / own).log()).sum())
    assert float(aim.loss(model, fed.batch((0,), 0))) == pytest.approx(expected, rel=1e-4)
    labelled = aim.loss(model, fed.batch((1, 2), 0))
    assert float(aim.loss(model, fed.batch((0, 1, 2), 0))) == pytest.approx(expected + float(labelled), rel=1e-4)
