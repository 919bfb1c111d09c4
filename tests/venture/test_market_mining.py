"""Needs, what is felt about them, and opportunities, where it is known what was planted."""

import runpy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from argosy.venture.market import mining
from argosy.venture.market.clauses import clauses
from argosy.venture.market.mining import Wanted, mine
from argosy.venture.market.needs import by_hand
from argosy.venture.market.opportunity import opportunities, sentiments
from argosy.venture.market.segments import segmented
from argosy.venture.market.sentiment import evened, learnt
from argosy.venture.market.vocabulary import praise
from argosy.venture.market.voices import Floats, Mined, Voice

SCRIPT = Path(__file__).parents[2] / "scripts" / "sample_market.py"
SAMPLE: Mapping[str, Any] = runpy.run_path(str(SCRIPT))
NEEDS = list(SAMPLE["SAID"])
WORDS = {
    "answers": ["answer", "accura", "回答", "答"],
    "speed": ["replies", "response", "reply speed", "回复速度", "响应", "秒回", "回复慢"],
    "price": ["price", "pricing", "plan", "价格", "套餐", "费", "性价比"],
    "setup": ["setup", "install", "developer", "安装", "配置", "接入"],
    "languages": ["language", "translation", "语言", "翻译", "语种"],
    "handover": ["handover", "agent", "to a person", "人工"],
    "privacy": ["privacy", "data", "audit", "隐私", "数据", "审计"],
}


def voices(count: int = 600) -> list[Voice]:
    """Reviews of the made-up products, by their English names."""
    names = {spelled: name for name, (_, spelled, _) in SAMPLE["PRODUCTS"].items()}
    return [
        Voice(
            id=row["id"],
            text=row["text"],
            brand=names.get(row["product"], row["product"]),
            rating=float(row["rating"]),
            time=datetime.fromisoformat(row["date"]),
            customer={key: row[key] for key in ("company size", "industry") if row[key]},
        )
        for row in SAMPLE["rows"](count)
    ]


def planted(said: Sequence[Voice]) -> NDArray[np.int64]:
    """What was planted in each text [voices, needs]: 1 met, -1 not met, 0 not spoken of."""
    found = np.zeros((len(said), len(NEEDS)), np.int64)
    for at, one in enumerate(said):
        for need, ways in enumerate(SAMPLE["SAID"].values()):
            for way, languages in ways.items():
                if any(phrase.lower() in one.text.lower() for some in languages for phrase in some):
                    found[at, need] = way
    return found


def recovered(mined: Mined, truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Mean precision and recall over planted needs; a found need stands for what most of its voices speak of."""
    meant = (mined.spoken.astype(int).T @ truth.astype(int)).argmax(axis=1)
    precision, recall = [], []
    for need in range(truth.shape[1]):
        said = mined.spoken[:, meant == need].any(axis=1)
        right = float(np.sum(said & truth[:, need]))
        precision += [right / said.sum()] if said.any() else []
        recall.append(right / truth[:, need].sum())
    return float(np.mean(precision)), float(np.mean(recall))


SAID = voices()
TRUTH = planted(SAID)
MINED = mine(SAID)


def meanings(texts: Sequence[str]) -> Floats:
    """A stand-in for an encoder, which knows what phrases mean: planted needs, the language, the feeling, and noise."""
    rows = []
    for text in texts:
        row = np.random.default_rng(sum(map(ord, text))).normal(0, 0.15, 24)
        plain = text.lower()
        for need, ways in enumerate(SAMPLE["SAID"].values()):
            for way, languages in ways.items():
                if any(plain in phrase.lower() or phrase.lower() in plain for some in languages for phrase in some):
                    row[need] += 1
                    row[20] += 0.8 * way
        row[21] += 2.0 * (not text.isascii())
        rows.append(row / np.linalg.norm(row))
    return np.array(rows, np.float32)


def test_the_sample_is_what_the_script_draws() -> None:
    """Seeded: nothing came in by hand."""
    assert SAMPLE["FILE"].read_text(encoding="utf-8") == SAMPLE["table"]()


def test_planted_needs_are_found_by_an_encoder_across_languages() -> None:
    """Language and feeling are taken out, so that praise and complaint in both languages stand together."""
    mined = mine(SAID, meanings)
    precision, recall = recovered(mined, TRUTH != 0)
    assert precision >= 0.85
    assert recall >= 0.8
    assert mining.NO_ENCODER not in mined.notes
    joined = {need for need, held in zip(mined.needs, mined.spoken.T, strict=True)
              if {SAID[at].text.isascii() for at in np.flatnonzero(held)} == {True, False}}  # fmt: skip
    assert len(joined) >= len(NEEDS) - 1


def test_planted_needs_are_found_by_words_alone_and_that_is_said() -> None:
    """What is found is right; what is called otherwise in other texts is missed."""
    precision, recall = recovered(MINED, TRUTH != 0)
    assert precision >= 0.8
    assert recall >= 0.3
    assert mining.NO_ENCODER in MINED.notes


def test_names_are_readable() -> None:
    """No stop words, no brands, no praise or blame; each name once; a quote that was said by one of those shown."""
    pytest.importorskip("rjieba", reason="it cuts Chinese into words, and tells what they are")
    names = [need.name for need in MINED.needs]
    assert len(set(names)) == len(names)
    brands = {name.lower() for name in SAMPLE["PRODUCTS"]}
    for need in MINED.needs:
        for word in need.name.split(" · "):
            assert word not in praise()
            assert word.lower() not in {"the", "and", "of", "的", "了", "很", *brands}
        assert need.words
        shown = {one.id: one.text for one in SAID if one.id in need.shown}
        assert any(need.quote in text for text in shown.values())
    assert any("price" in name for name in names)
    assert any("人工" in name for name in names)


def test_needs_named_by_hand_hold_and_found_ones_are_merged_into_them() -> None:
    """By words: Chinese ones anywhere, others where a word begins."""
    mined = mine(SAID, wanted=Wanted(needs=WORDS, count=0))
    assert [need.name for need in mined.needs] == NEEDS
    assert all(need.named for need in mined.needs)
    precision, recall = recovered(mined, TRUTH != 0)
    assert min(precision, recall) >= 0.9
    more = mine(SAID, wanted=Wanted(needs={"What it costs": ["price", "价格"]}))
    assert more.needs[0].name == "What it costs"
    assert not [need.name for need in more.needs[1:] if "price" in need.words[:3] or "价格" in need.words[:3]]
    assert by_hand("the underpriced one", {"price": ["price"]}) == []
    less = mine(SAID, wanted=Wanted(needs={}, dropped=("price",)))
    assert not [need.name for need in less.needs if "price" in need.name]


def test_what_is_felt_is_learnt_from_ratings_without_seeing_them() -> None:
    """Mixed texts are told apart by clause; a rating turned round does not change its own text's score."""
    mined = mine(SAID, wanted=Wanted(needs=WORDS, count=0))
    told = (TRUTH != 0) & mined.spoken
    assert np.mean(np.sign(mined.felt[told]) == TRUTH[told]) >= 0.9
    parts, texts = clauses([one.text for one in SAID]), [one.text for one in SAID]
    rated = evened([one.rating for one in SAID])
    turned = rated.copy()
    first = next(at for at, text in enumerate(texts) if texts.count(text) == 1 and abs(rated[at]) == 1)
    turned[first] *= -1
    before, after = learnt(parts, texts, rated, seed=7), learnt(parts, texts, turned, seed=7)
    assert before is not None
    assert after is not None
    own = [at for at, one in enumerate(parts) if one.voice == first]
    assert np.allclose(before.scores[own], after.scores[own], atol=0.03)  # the line of the scale moves a little


def test_feelings_by_brand_have_intervals_that_hold_the_truth() -> None:
    """Most of them; few voices have wide ones; a brand without voices has none."""
    mined = mine(SAID, wanted=Wanted(needs=WORDS, count=0))
    products = list(SAMPLE["PRODUCTS"])
    held, widths = [], []
    for one in sentiments(mined, products):
        assert one.felt is not None
        truth = 2 * SAMPLE["PRODUCTS"][one.brand][2][one.need] - 1
        held.append(one.felt.low - 0.05 <= truth <= one.felt.high + 0.05)
        widths.append((one.voices, one.felt.high - one.felt.low))
        assert -1 <= one.felt.low <= one.felt.value <= one.felt.high <= 1
    assert np.mean(held) >= 0.85
    few, many = (np.mean([width for count, width in widths if (count < 25) == small]) for small in (True, False))
    assert few > many
    (nobody,) = sentiments(replace(mined, needs=mined.needs[:1]), ["Nobody"])
    assert (nobody.voices, nobody.felt) == (0, None)


def test_a_model_of_sentiment_goes_before_ratings() -> None:
    """It is asked about clauses, each once."""
    asked: list[str] = []

    def feel(texts: Sequence[str]) -> Floats:
        asked.extend(texts)
        return np.array([0.5 if "price" in text.lower() else -0.5 for text in texts], np.float32)

    mined = mine(SAID, feel=feel, wanted=Wanted(needs={"price": ["price"]}, count=0))
    assert len(asked) == len(set(asked))
    assert mined.notes == (mining.BY_MODEL,)
    assert np.allclose(mined.felt[mined.spoken], 0.5)


def test_opportunities_follow_the_formula() -> None:
    """Importance + max(importance - satisfaction, 0), the largest first, within their intervals."""
    for derived in (False, True):
        found = opportunities(MINED, "Quillo", derived=derived)
        scores = [one.score.value for one in found if one.score]
        assert scores == sorted(scores, reverse=True)
        assert max(one.importance.value for one in found) == 10
        for one in found:
            if one.score is None or one.satisfaction is None:
                continue
            importance, satisfaction = one.importance.value, one.satisfaction.value
            assert one.score.value == pytest.approx(importance + max(importance - satisfaction, 0), abs=1e-6)
            assert one.score.low <= one.score.value <= one.score.high
            assert 0 <= satisfaction <= 10


def test_what_is_met_less_is_the_larger_opportunity() -> None:
    """Two needs that as many speak of: the unmet one comes first, and its effect on ratings is told."""
    said = [
        Voice(id=str(at), text=f"The {'lamp' if at % 2 else 'chair'} was {'good' if met else 'bad'} in room {at}",
              brand="A", rating=5.0 if met else 1.0)
        for at in range(400) for met in [at % 10 < 8 if at % 2 else at % 10 < 2]
    ]  # fmt: skip
    mined = mine(said, wanted=Wanted(needs={"Lamp": ["lamp"], "Chair": ["chair"]}, count=0))
    first, second = opportunities(mined)
    assert (first.need, second.need) == ("Chair", "Lamp")
    assert first.effect is not None
    assert first.effect.low > 0


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Good price"],
        ["👍👍", "😀", "!!!"],
        ["", " "],
        ["价格很好", "price ok", "贵"] * 3,
        ["same words here"] * 40,
    ],
    ids=["none", "one", "emoji", "blank", "mixed", "same"],
)
@pytest.mark.parametrize("encoder", [None, meanings], ids=["words", "encoder"])
@pytest.mark.parametrize("rating", [None, 3.0], ids=["unrated", "rated"])
def test_small_and_empty_markets(texts: list[str], encoder: Any, rating: float | None) -> None:
    """Nothing is made up, nothing breaks, and what cannot be told is said."""
    said = [Voice(id=str(at), text=text, brand="A", rating=rating) for at, text in enumerate(texts)]
    mined = mine(said, encoder)
    assert mined.spoken.shape == mined.felt.shape == (len(texts), len(mined.needs))
    assert mined.notes
    if rating is None:
        assert np.isnan(mined.felt).all()
    assert segmented(mined).why
    assert all(one.score is None or one.score.value <= 20 for one in opportunities(mined, "A"))
    assert len(sentiments(mined, ["A", None])) == 2 * len(mined.needs)


def test_without_ratings_or_with_few_it_is_said_what_is_felt_rests_on() -> None:
    """Without ratings nothing is felt; of few, each text's own rating stands."""
    bare = mine([replace(one, rating=None, time=None, brand=None, customer={}) for one in SAID])
    assert mining.NO_RATINGS in bare.notes
    assert np.isnan(bare.felt).all()
    assert bare.needs
    found = opportunities(bare)
    assert {one.satisfaction for one in found} == {one.score for one in found} == {None}
    few = mine(SAID[:10], wanted=Wanted(needs=WORDS, count=0))
    assert mining.FEW_RATINGS in few.notes
    at, need = np.argwhere(few.spoken)[0]
    assert few.felt[at, need] == few.rated[at]


def test_the_same_seed_gives_the_same() -> None:
    """And whoever asks twice is told the same twice."""
    again = mine(SAID)
    assert again.needs == MINED.needs
    assert np.array_equal(again.spoken, MINED.spoken)
    assert opportunities(again) == opportunities(MINED)


def test_clauses_part_what_is_said_of_two_things() -> None:
    """At sentences, contrasts and commas, and not inside lists and short calls."""
    said = ["Fast, cheap, nice. The price is fair, but setup took weeks", "速度快，但是价格太贵；客服不错"]
    assert [one.text for one in clauses(said)] == [
        "Fast, cheap, nice.", "The price is fair", "setup took weeks", "速度快", "价格太贵", "客服不错",
    ]  # fmt: skip
    assert {one.voice for one in clauses(["🙂", "好", "", "ok"])} == {1, 3}


def test_chinese_is_mined_without_its_segmenter_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """By pairs of characters."""
    monkeypatch.setattr("argosy.data.words._cutter", lambda: list)
    monkeypatch.setattr("argosy.venture.market.vocabulary.segmented", lambda: False)
    mined = mine([one for one in SAID if not one.text.isascii()])
    assert any("人工" in need.name for need in mined.needs)
