"""Every objective: the loss is what its definition says, halves of a batch add up to the whole, and it is learnt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_bases

from argosy.train.recipe import Recipe

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

NOUNS = [("film", "电影"), ("food", "菜"), ("one", "一"), ("two", "二"), ("red", "红"), ("blue", "蓝")]
TEXTS = [
    text
    for noun, zh in NOUNS
    for text in (f"the {noun} was good", f"{zh}很坏", f"the {noun} was very bad .", f"{zh}好。", f"{zh}的电影是好的")
]
GOOD = ["good" in text or "好" in text for text in TEXTS]
WHERE = [
    *[(f"{who} lives in {city} .", city, f"where is {who} ?") for who in ("ann", "bob") for city in ("paris", "rome")],
    *[(f"红在{city}。", city, "红在哪里？") for city in ("北京", "上海")],
    *[(f"the film was good . blue is in {city} . the food was bad .", city, "where is blue ?") for city in ("paris",)],
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An objective with rows of both languages, on an encoder or a decoder."""

    name: str
    aim: Callable[[], Any]
    rows: Sequence[Any]
    decoder: bool = False


def _classify() -> Any:
    from argosy.train.objectives.classify import Classify

    return Classify()


def _multi_label() -> Any:
    from argosy.train.objectives.multi_label import MultiLabel

    return MultiLabel()


def _regress() -> Any:
    from argosy.train.objectives.regress import Regress

    return Regress()


def _tag() -> Any:
    from argosy.train.objectives.tag import Tag

    return Tag()


def _mask() -> Any:
    from argosy.train.objectives.mask import Mask

    return Mask()


def _embed() -> Any:
    from argosy.train.objectives.embed import Embed

    return Embed()


def _span() -> Any:
    from argosy.train.objectives.span import Span

    return Span(stride=4)


def _causal() -> Any:
    from argosy.train.objectives.causal import Causal

    return Causal()


def _dialogue() -> Any:
    from argosy.train.objectives.answer import Dialogue

    return Dialogue()


def _prompt() -> Any:
    from argosy.train.objectives.answer import Prompt

    return Prompt(template="{text} :")


def _entity(text: str, city: str) -> tuple[str, list[tuple[int, int, str]]]:
    return text, [(text.index(city), text.index(city) + len(city), "LOC")]


LABELLED = [(text, "good" if good else "bad") for text, good in zip(TEXTS, GOOD, strict=True)]
CASES = (
    Case(name="classify", aim=_classify, rows=LABELLED),
    Case(name="pair", aim=_classify, rows=[((text, label), label) for text, label in LABELLED]),
    Case(
        name="multi_label",
        aim=_multi_label,
        rows=[(text, [label, *(["zh"] if not text.isascii() else [])]) for text, label in LABELLED],
    ),
    Case(name="regress", aim=_regress, rows=[(text, 10.0 + 3 * good) for text, good in zip(TEXTS, GOOD, strict=True)]),
    Case(name="spans", aim=_tag, rows=[_entity(text, city) for text, city, _ in WHERE]),
    Case(
        name="tags",
        aim=_tag,
        rows=[
            (text.split(), ["B-LOC" if word == city else "O" for word in text.split()])
            for text, city, _ in WHERE
            if text.isascii()
        ]
        + [(["红", "在", "北京"], ["O", "O", "B-LOC"]), (["好"], ["O"])],
    ),
    Case(name="mask", aim=_mask, rows=TEXTS),
    Case(name="span", aim=_span, rows=[(asked, text, city, text.index(city)) for text, city, asked in WHERE]),
    Case(name="causal", aim=_causal, rows=TEXTS, decoder=True),
    Case(
        name="dialogue",
        aim=_dialogue,
        rows=[
            [("user", asked), ("assistant", city), ("user", text), ("assistant", "good")] for text, city, asked in WHERE
        ],
        decoder=True,
    ),
    Case(name="prompt", aim=_prompt, rows=[(text, city) for text, city, _ in WHERE], decoder=True),
)
RECIPE = Recipe(epochs=12, batch_size=4, learning_rate=5e-3, max_length=24, seed=3)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The decoder's folder (true) and the encoder's."""
    return {
        True: tiny_bases.write_decoder(tmp_path_factory.mktemp("decoder")),
        False: tiny_bases.write_encoder(tmp_path_factory.mktemp("encoder"), layers=2),
    }


def _prepared(case: Case, base: Path) -> tuple[Any, Any, Any]:
    """(objective, source, model in evaluation mode)."""
    from argosy.train.objectives.feed import Fed
    from argosy.train.objectives.reader import Reader

    reader = Reader.load(base, max_length=24)
    aim = case.aim().fitted(case.rows, reader, RECIPE)
    fed = Fed(aim=aim, items=aim.items(case.rows, reader, held_out=False), batch_size=4, pad=reader.pad, seed=3)
    return aim, fed, aim.open(base, 5).model.eval().requires_grad_(False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_halves_of_a_batch_add_up(case: Case, bases: dict[bool, Path]) -> None:
    """Losses and units both, so that parts of a batch and shares of processes give the same step."""
    aim, fed, model = _prepared(case, bases[case.decoder])
    rows = tuple(range(min(6, len(fed.items))))
    whole, parts = fed.batch(rows, 1), [fed.batch(rows[:2], 1), fed.batch(rows[2:], 1)]
    assert whole.units == sum(part.units for part in parts)
    losses = [float(aim.loss(model, part)) for part in parts]
    assert float(aim.loss(model, whole)) == pytest.approx(sum(losses), rel=1e-4)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_learnt(case: Case, bases: dict[bool, Path], tmp_path: Path) -> None:
    """The loss on its own rows falls by more than a quarter, whatever the objective."""
    from argosy.train.fit import fit

    rows = {"train": case.rows, "validation": case.rows}
    outcome = fit(case.aim(), bases[case.decoder], rows, tmp_path / "out", RECIPE)
    losses = [-score for _, score in outcome.history]
    assert min(losses) < 0.75 * losses[0]
    assert (tmp_path / "out" / "model.safetensors").is_file()


def _shares(logits: "torch.Tensor") -> np.ndarray:
    return np.asarray(logits.double().log_softmax(dim=-1).detach().numpy())


def test_cross_entropy_is_that_of_the_rows(bases: dict[bool, Path]) -> None:
    """Each row alone, without padding, weighted and smoothed by hand: the rarer label counts more, on the mean 1."""
    case = CASES[0]
    aim, fed, model = _prepared(case, bases[False])
    aim = replace(aim, weights=(1.5, 0.75), smoothing=0.1)
    expected = 0.0
    for row in range(5):
        shares = _shares(model(input_ids=torch.tensor([fed.items[row].ids])).logits[0])
        wanted = np.full(2, 0.05)
        wanted[fed.items[row].target] += 0.9
        expected -= float((wanted * np.array(aim.weights) * shares).sum())
    assert float(aim.loss(model, fed.batch(tuple(range(5)), 0))) == pytest.approx(expected, rel=1e-5)


def test_weights_of_classes_are_one_on_the_mean() -> None:
    """So that the learning rate keeps its meaning."""
    from argosy.train.objectives.labelled import balanced

    found = ["a"] * 6 + ["b"] * 2 + ["c"]
    weights = dict(zip("abcd", balanced(found, "abcd"), strict=True))
    assert weights == {"a": 0.5, "b": 1.5, "c": 3.0, "d": 0.0}
    assert np.mean([weights[label] for label in found]) == pytest.approx(1)


def test_labels_are_decided_one_by_one(bases: dict[bool, Path]) -> None:
    """Binary cross entropy by hand: the mean over the labels, a sum over the rows; a row may have no label."""
    from argosy.train.objectives.feed import Fed
    from argosy.train.objectives.multi_label import MultiLabel
    from argosy.train.objectives.reader import Reader

    reader = Reader.load(bases[False], max_length=24)
    rows = [("the film was good", ["a", "b"]), ("好", [])]
    aim = MultiLabel().fitted(rows, reader, Recipe(class_weights=True))
    assert aim.weights == (1.0, 1.0)
    model = aim.open(bases[False], 5).model.eval().requires_grad_(False)
    fed = Fed(aim=aim, items=aim.items(rows, reader, held_out=False), batch_size=2, pad=0, seed=0)
    expected = 0.0
    for item, marks in zip(fed.items, ([1, 1], [0, 0]), strict=True):
        shares = model(input_ids=torch.tensor([item.ids])).logits[0].double().sigmoid().detach().numpy()
        expected -= np.mean([np.log(p if mark else 1 - p) for p, mark in zip(shares, marks, strict=True)])
    assert float(aim.loss(model, fed.batch((0, 1), 0))) == pytest.approx(expected, rel=1e-5)
    assert aim.truth(rows).tolist() == [[True, True], [False, False]]


def test_a_figure_is_told_in_deviations(bases: dict[bool, Path]) -> None:
    """Squared error by hand, of figures at mean 0 and deviation 1."""
    case = next(case for case in CASES if case.name == "regress")
    aim, fed, model = _prepared(case, bases[False])
    figures = np.array([figure for _, figure in case.rows])
    scaled = (figures - figures.mean()) / figures.std()
    said = [float(model(input_ids=torch.tensor([fed.items[row].ids])).logits) for row in range(4)]
    expected = sum((one - other) ** 2 for one, other in zip(said, scaled, strict=False))
    assert float(aim.loss(model, fed.batch((0, 1, 2, 3), 0))) == pytest.approx(expected, rel=1e-4)


def test_only_drawn_places_count_in_masked_language(bases: dict[bool, Path]) -> None:
    """The loss by hand from the changed tokens; special tokens are never drawn, the rest of the text stays."""
    case = next(case for case in CASES if case.name == "mask")
    aim, fed, model = _prepared(case, bases[False])
    rows = tuple(range(8))
    batch = fed.batch(rows, 2)
    expected, drawn = 0.0, 0
    for at, row in enumerate(rows):
        true = fed.items[row].ids
        changed, targets = (batch.tensors[name][at, : len(true)] for name in ("ids", "targets"))
        shares = _shares(model(input_ids=changed[None]).logits[0])
        for place, target in enumerate(targets.tolist()):
            if target == -100:
                assert changed[place] == true[place]
                continue
            assert target == true[place] > 4
            expected, drawn = expected - shares[place, target], drawn + 1
    assert batch.units == drawn == sum(max(1, round(0.15 * (len(fed.items[row].ids) - 2))) for row in rows)
    assert float(aim.loss(model, batch)) == pytest.approx(expected, rel=1e-5)


def test_masks_are_drawn_by_seed_epoch_and_row(bases: dict[bool, Path]) -> None:
    """Alone or in company the same; another epoch or seed draws others; eight of ten become the mask."""
    _, fed, _ = _prepared(next(case for case in CASES if case.name == "mask"), bases[False])

    def ids(rows: tuple[int, ...], epoch: int, seed: int = 3) -> list[list[int]]:
        tensors = replace(fed, seed=seed).batch(rows, epoch).tensors
        return [row[mask.bool()].tolist() for row, mask in zip(tensors["ids"], tensors["mask"], strict=True)]

    rows = tuple(range(len(fed.items)))
    assert ids(rows, 0) == [ids((row,), 0)[0] for row in rows]
    assert ids(rows, 0) != ids(rows, 1)
    assert ids(rows, 0) != ids(rows, 0, seed=4)
    targets = [fed.batch(rows, epoch).tensors for epoch in range(60)]
    places = [one["ids"][one["targets"] != -100] for one in targets]
    true = [one["targets"][one["targets"] != -100] for one in targets]
    masked = torch.cat(places) == 4
    same = torch.cat(places) == torch.cat(true)
    assert float(masked.float().mean()) == pytest.approx(0.8, abs=0.03)
    assert float(same.float().mean()) == pytest.approx(0.1, abs=0.03)


def test_long_texts_are_masked_in_windows(bases: dict[bool, Path]) -> None:
    """No token is lost, and each window has its special tokens."""
    from argosy.train.objectives.reader import Reader

    reader = Reader.load(bases[False], max_length=8)
    aim = _mask().fitted(TEXTS, reader, RECIPE)
    items = aim.items(["好 " * 14, "  "], reader, held_out=False)
    assert [len(item.ids) for item in items] == [8, 8, 4]
    assert all((item.ids[0], item.ids[-1]) == (2, 3) for item in items)


def test_a_tokenizer_without_a_mask_is_refused(bases: dict[bool, Path], tmp_path: Path) -> None:
    """By name."""
    import json

    from argosy.core.errors import MissingError
    from argosy.train.objectives.reader import Reader

    base = tiny_bases.write_encoder(tmp_path)
    text = (base / "tokenizer.json").read_text(encoding="utf-8").replace("[MASK]", "[HOLE]")
    (base / "tokenizer.json").write_text(text, encoding="utf-8")
    (base / "tokenizer_config.json").write_text(json.dumps({}), encoding="utf-8")
    with pytest.raises(MissingError, match="no mask token"):
        _mask().fitted(TEXTS, Reader.load(base, max_length=8), RECIPE)
