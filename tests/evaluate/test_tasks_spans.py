"""Entities are counted as the CoNLL shared tasks do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.evaluate.metrics import Undefined
from argosy.evaluate.tasks.spans import spans, tagging

TAGS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-PER", "S-LOC"]), max_size=12)


def slow_spans(tags: list[str]) -> set[tuple[int, int, str]]:
    """The same one tag at a time, as the CoNLL scorer walks."""
    found, start = set(), None
    for place, tag in enumerate([*tags, "O"]):
        before = tags[place - 1] if place else "O"
        ends = start is not None and (tag == "O" or tag[0] in "BS" or before[0] in "ES" or tag[2:] != before[2:])
        if ends:
            found.add((start, place, before[2:]))
            start = None
        if tag != "O" and start is None:
            start = place
    return found


@given(TAGS)
def test_spans_are_those_of_a_walk_over_the_tags(tags: list[str]) -> None:
    """On any sequence, broken ones included."""
    assert spans(tags) == slow_spans(tags)


def test_entities_match_in_both_ends_and_in_kind() -> None:
    """Two of three are found (one cut short), one of three predictions is wrong; in both languages alike."""
    truth = [["B-PER", "I-PER", "O", "B-LOC"], ["S-ORG", "O"]]
    said = [["B-PER", "I-PER", "O", "B-ORG"], ["S-ORG", "O"]]
    found = tagging(truth, said)
    told = {name: one.value for name, one in found.items() if not isinstance(one, Undefined)}
    assert told == pytest.approx(
        {"entity_f1": 2 / 3, "entity_precision": 2 / 3, "entity_recall": 2 / 3, "token_accuracy": 5 / 6}
    )


def test_tags_and_spans_of_the_same_entities_give_the_same_figures() -> None:
    """Spans need no tokens, so the accuracy of tokens is undefined."""
    tags = [["B-人名", "I-人名", "O"], ["O", "O", "S-地名"]]
    told = tagging([spans(one) for one in tags], [[(0, 2, "人名")], []])
    f1, tokens = told["entity_f1"], told["token_accuracy"]
    assert not isinstance(f1, Undefined)
    assert f1.value == pytest.approx(2 / 3)
    assert isinstance(tokens, Undefined)


def test_what_has_no_entity_is_undefined() -> None:
    """Precision without a prediction, recall without an entity, F1 without either."""
    empty, one = [["O", "O"]], [["B-PER", "O"]]
    assert isinstance(tagging(one, empty)["entity_precision"], Undefined)
    assert not isinstance(tagging(one, empty)["entity_f1"], Undefined)
    assert isinstance(tagging(empty, one)["entity_recall"], Undefined)
    assert isinstance(tagging(empty, empty)["entity_f1"], Undefined)


@pytest.mark.parametrize(("said", "message"), [(["B_PER"], "B_PER"), (["O", "O"], "has 1 tokens")])
def test_a_broken_tag_or_sentence_is_told(said: list[str], message: str) -> None:
    """With what stands there."""
    with pytest.raises(DataError, match=message):
        tagging([["O"]], [said])
