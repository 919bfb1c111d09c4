"""Corrections become labelled rows of the projects that a monitor stands on."""

import csv
from pathlib import Path

import pytest

from argosy.config import file
from argosy.core.errors import ProjectError
from argosy.core.opinion import Correction
from argosy.products.catalogue import PRODUCTS
from argosy.project.building.templates import begin
from argosy.project.opining.teaching import FILE, refuse_words, teach


def said(id_: str, *, sentiment: str = "", topic: str = "", entity: str = "", at: int = 0) -> Correction:
    """What a person says of the text of this id."""
    return Correction(id=id_, text=f"text {id_}", language="en", sentiment=sentiment, topic=topic, entity=entity, at=at)


def rows(folder: Path) -> list[list[str]]:
    """The rows of a project that corrections wrote."""
    with (folder / FILE).open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_the_last_word_on_each_text_is_learnt_once(tmp_path: Path) -> None:
    """Sentiments and topics go to their own projects; what is felt about an entity is no label of the text."""
    begin(tmp_path, PRODUCTS["opinion"])
    project = file.load(tmp_path)
    teach(
        project,
        tmp_path,
        [
            said("a", sentiment="negative"),
            said("b", topic="price"),
            said("a", sentiment="neutral", at=1),
            said("a", topic="quality", at=2),
            said("c", sentiment="positive", entity="Luma"),
        ],
    )
    assert rows(tmp_path / "sentiment") == [["text", "label"], ["text a", "neutral"]]
    assert rows(tmp_path / "topic") == [["text", "label"], ["text a", "quality"], ["text b", "price"]]
    teach(project, tmp_path, [])
    assert rows(tmp_path / "sentiment") == [["text", "label"]], "what was taken back teaches no more"


def test_nothing_is_written_where_nothing_was_said(tmp_path: Path) -> None:
    """A project without corrections has no file of them."""
    begin(tmp_path, PRODUCTS["opinion"])
    teach(file.load(tmp_path), tmp_path, [])
    assert not (tmp_path / "sentiment" / FILE).exists()


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (said("a", sentiment="angry"), "angry"),
        (said("a", topic="weather"), "weather"),
        (said("a", sentiment="negative", entity="Nobody"), "Nobody"),
        (said("a"), "says nothing"),
    ],
)
def test_words_that_there_are_none_of_are_refused(wrong: Correction, word: str) -> None:
    """With those that there are."""
    with pytest.raises(ProjectError, match=word):
        refuse_words(wrong, ["price"], ["Luma"])


def test_what_was_corrected_joins_the_rows_of_the_next_build(tmp_path: Path) -> None:
    """The project reads its labels by the glob that people's labels use too."""
    begin(tmp_path, PRODUCTS["opinion"])
    teach(file.load(tmp_path), tmp_path, [said("a", sentiment="negative")])
    from argosy.project.building.build import check

    part = tmp_path / "sentiment"
    assert check(file.load(part), part, lambda news: None)["read"] == 601
