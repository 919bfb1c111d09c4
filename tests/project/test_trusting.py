"""Customers are believed as far as a real model's answers and people's labels bear them out."""

from pathlib import Path

import pytest

pytest.importorskip("skl2onnx")
import toy_model

from argosy.core.watch import Place
from argosy.project.improving.gather import FEEDBACK, PEOPLE, Word
from argosy.project.improving.trusting import trusted

pytestmark = pytest.mark.torch
OTHER = {"good": "bad", "bad": "good"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two labels that answers right."""
    return toy_model.write_whole(tmp_path_factory.mktemp("model"))


def spoken(liar: str = "ten_d") -> tuple[list[Word], dict[Place, str]]:
    """What four tenants say of eight texts each; one of them always gives the other label."""
    words, texts = [], {}
    said = [
        (f"{thing} {verdict}", label) for thing in toy_model.THINGS for verdict, label in toy_model.VERDICTS.items()
    ]
    for at, (text, label) in enumerate(said):
        tenant = f"ten_{'abcd'[(at + at // 4) % 4]}"  # each of them speaks of every verdict
        place = (tenant, f"e{at}", 0)
        texts[place] = text
        told = OTHER[label] if tenant == liar else label
        words.append(Word(place=place, label=told, source=FEEDBACK, by=tenant, at=at))
    return words, texts


def test_a_tenant_that_lies_is_not_believed(model: Path) -> None:
    """The others are."""
    found = trusted(*spoken(), model)
    assert found.pop("ten_d") < 0.5
    assert min(found.values()) > 0.5
    assert len(found) == 3


def test_what_people_decided_weighs_more_than_the_model(model: Path) -> None:
    """A tenant whom people agree with on the same texts is believed, though the model says otherwise."""
    words, texts = spoken()
    own = [word for word in words if word.by == "ten_d"]
    people = [Word(place=word.place, label=word.label, source=PEOPLE, by=PEOPLE, at=99) for word in own]
    assert trusted([*words, *people], texts, model)["ten_d"] > 0.5


def test_without_feedback_or_its_texts_nothing_is_known(model: Path) -> None:
    """Nothing is asked of the model."""
    words, texts = spoken()
    assert trusted([], texts, model) == trusted(words, {}, model) == {}


def test_new_customers_who_report_a_new_topic_are_no_liars(model: Path) -> None:
    """They contradict the model every time, and each says of like texts what the others say of theirs."""
    words, texts = [], {}
    for at in range(400):
        new, (verdict, label) = at % 2, list(toy_model.VERDICTS.items())[at // 2 % 2]
        place = (f"ten_{'abc'[at % 3]}{'_new' if new else ''}", f"e{at}", 0)
        texts[place] = f"{'发票 发票 税 税' if new else '快递'} {at} {verdict}"
        words.append(Word(place=place, label="tax" if new else label, source=FEEDBACK, by=place[0], at=at))
    assert min(trusted(words, texts, model).values()) > 0.5
