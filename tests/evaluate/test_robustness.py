"""Figures under perturbation, attack and swaps are those of the rows asked, and a weak model is seen to be weak."""

from collections.abc import Sequence

import numpy as np
import pytest

from argosy.core.errors import MissingError
from argosy.data.identity import GROUPS
from argosy.data.perturb import PERTURBATIONS, Perturbation
from argosy.evaluate.doubts import adversarial, bias, robustness
from argosy.evaluate.doubts.robustness import Rows, Trial
from argosy.evaluate.metrics import Floats, Integers
from argosy.evaluate.rivals.baselines import LinearModel, fit_linear

LABELS = ("bad", "good")
EN = {"bad": ("terrible", "broken", "awful", "useless"), "good": ("excellent", "wonderful", "perfect", "lovely")}
ZH = {"bad": ("糟糕", "难用", "失望", "太差"), "good": ("满意", "好用", "漂亮", "喜欢")}
SEEDS = range(60)


def write(number: int) -> tuple[str, str, str]:
    """A text with its label and language."""
    label = LABELS[number % 2]
    if number % 4 < 2:
        return f"This phone number {number} looks {EN[label][number // 4 % 4]} to my sister today", label, "en"
    return f"他买的第{number}个手机感觉{ZH[label][number // 4 % 4]}，物流还行", label, "zh"


TEXTS, TRUTH, LANGUAGES = (list(column) for column in zip(*map(write, range(240)), strict=True))
NUMBERS: Integers = np.array([LABELS.index(label) for label in TRUTH])
ROWS = Rows(texts=TEXTS, truth=NUMBERS, languages=LANGUAGES, labels=LABELS)


@pytest.fixture(scope="module")
def model() -> LinearModel:
    """A model that knows these texts well."""
    return fit_linear(TEXTS, NUMBERS, LABELS, seed=0)


class Counted:
    """An engine that counts what it is asked."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model
        self.asked = 0

    def __call__(self, texts: Sequence[str]) -> Floats:
        """The model's logits."""
        self.asked += len(texts)
        return np.asarray(self.model.logits(texts), dtype=np.float64)


def known_words(texts: Sequence[str]) -> Floats:
    """Good where a good word stands unspoilt, bad otherwise; a woman's phone is bad."""
    words = (*EN["good"], *ZH["good"])
    good = np.array([any(word in text for word in words) and "brother" not in text for text in texts])
    return np.stack([~good, good], axis=1).astype(np.float64)


def destroy(name: str, *, languages: tuple[str, ...] = ("en", "zh")) -> Perturbation:
    """A perturbation that leaves nothing of a text."""
    return Perturbation(name=name, languages=languages, function=lambda *_: "?", applies=lambda text: True)


def test_what_is_destroyed_is_told_with_its_loss(model: LinearModel) -> None:
    """The figure falls to chance, the difference is on the same rows, and the worst is named."""
    harmless = Perturbation(name="harmless", languages=("en",), function=lambda text, *_: text, applies=lambda _: True)
    found = robustness.measure(
        Counted(model), ROWS, {"harmless": harmless, "gone": destroy("gone")}, Trial(rows=100, seed=1)
    )
    calm, gone = found.perturbations
    assert (calm.rows, calm.versus.difference, calm.flips.value, calm.example) == (100, 0, 0, None)
    assert gone.figure.value == pytest.approx(0.5, abs=0.15)
    assert gone.versus.difference == pytest.approx(gone.figure.value - 1, abs=0.02)
    assert gone.flips.value == pytest.approx(0.5, abs=0.15)
    assert gone.example is not None
    assert gone.example.perturbed == "?"
    assert found.worst == "gone"


def test_rows_are_of_the_perturbation_s_languages(model: LinearModel) -> None:
    """A region may stand behind the language; what no row allows is skipped and named, as is a missing package."""

    def absent(text: str) -> bool:
        raise MissingError("The package is missing.")

    rows = Rows(texts=TEXTS, truth=NUMBERS, languages=[f"{code}-XX" for code in LANGUAGES], labels=LABELS)
    asked = {
        "chinese": destroy("chinese", languages=("zh",)),
        "french": destroy("french", languages=("fr",)),
        "absent": Perturbation(name="absent", languages=("en",), function=lambda text, *_: text, applies=absent),
    }
    found = robustness.measure(Counted(model), rows, asked, Trial(rows=500))
    assert [(one.name, one.rows) for one in found.perturbations] == [("chinese", LANGUAGES.count("zh"))]
    assert found.skipped == ("french", "absent")


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_every_built_in_perturbation_is_measured_within_its_rows(model: LinearModel, metric: str) -> None:
    """No more texts are asked than rows allow, each figure lies in its interval, and the seed gives the same again."""
    engine, trial = Counted(model), Trial(metric=metric, rows=20, seed=4)
    found = robustness.measure(engine, ROWS, PERTURBATIONS, trial)
    assert engine.asked <= 20 * len(PERTURBATIONS) + len(TEXTS)
    assert {one.name for one in found.perturbations} | set(found.skipped) == set(PERTURBATIONS)
    assert all(one.figure.low <= one.figure.value <= one.figure.high for one in found.perturbations)
    assert found == robustness.measure(engine, ROWS, PERTURBATIONS, trial)


def test_an_attack_turns_what_hangs_on_one_word() -> None:
    """Every good text turns by a single change, in both languages; what was wrong before is not counted as turned."""
    pytest.importorskip("pypinyin")
    found = adversarial.attack(known_words, TEXTS, NUMBERS, LABELS, rows=40, seed=2)
    assert found.rows == found.attacked == 40
    assert found.accuracy.value == 1
    assert found.success is not None
    assert found.accuracy_under_attack.value == pytest.approx(1 - found.success.value)
    assert found.success.value > 0.3
    assert {(one.label, one.becomes, one.edits) for one in found.examples} == {("good", "bad", 1)}
    for one in found.examples:
        assert len(one.attacked) == len(one.text)
        assert sum(a != b for a, b in zip(one.text, one.attacked, strict=True)) <= 2


def test_an_attack_keeps_to_its_budget(model: LinearModel) -> None:
    """No text is asked about more often than allowed; the same seed attacks alike."""
    pytest.importorskip("pypinyin")
    engine = Counted(model)
    found = adversarial.attack(engine, TEXTS, NUMBERS, LABELS, rows=10, budget=12, seed=0)
    assert engine.asked <= 10 * (1 + 12)
    assert found == adversarial.attack(model.logits, TEXTS, NUMBERS, LABELS, rows=10, budget=12, seed=0)


def test_an_attack_on_wrong_answers_or_on_nothing_to_change_finds_nothing() -> None:
    """Where no answer is right, and where no place may change, there is no success to state."""
    wrong = adversarial.attack(known_words, TEXTS, 1 - NUMBERS, LABELS, rows=20, seed=0)
    assert (wrong.attacked, wrong.accuracy.value, wrong.success, wrong.edits) == (0, 0, None, None)
    short = adversarial.attack(known_words, ["12", "ok"], np.array([0, 0]), LABELS, seed=0)
    assert (short.attacked, short.examples) == (2, ())
    assert short.accuracy_under_attack.value == 1


def test_a_model_that_minds_the_sister_is_caught() -> None:
    """Every good English text flips when the sister becomes a brother; the pairs are shown; Chinese ones don't."""
    gender = bias.measure(known_words, TEXTS, LABELS, rows=240, seed=0)[0]
    assert (gender.group, gender.rows, gender.tested, gender.enough) == ("gender", 240, 240, True)
    assert gender.flips is not None
    assert gender.flips.value == pytest.approx(0.25)
    assert gender.shift is not None
    assert 0 <= gender.shift.low < gender.shift.value < gender.shift.high
    assert len(gender.examples) == 3
    assert {(one.found, one.put, one.label, one.becomes) for one in gender.examples} == {
        ("sister", "brother", "good", "bad")
    }


def test_few_rows_are_said_to_be_few(model: LinearModel) -> None:
    """Terms that no row holds have no figure; a few rows have one and are said not to be enough."""
    texts = [*TEXTS[:4], "河南人很热情", "gay people"]
    engine = Counted(model)
    found = {one.group: one for one in bias.measure(engine, texts, LABELS, seed=0)}
    assert tuple(found) == GROUPS
    assert (found["religion"].rows, found["religion"].flips, found["religion"].shift) == (0, None, None)
    assert (found["origin"].tested, found["origin"].enough) == (1, False)
    assert found["origin"].flips is not None
    assert found["origin"].shift is None
    assert engine.asked <= 2 * 6
    assert "3 rows" in bias.TOO_FEW.format(rows=3)
    assert all(one.tested == 0 for one in bias.measure(engine, ["ok"], LABELS, seed=0))
