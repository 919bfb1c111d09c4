"""The pages of the house say what the code is, and notice where it is something else."""

import pytest
from architecture import DRAWINGS, PAGES, SAID, House, about_the_same
from code_map import read_modules

both_languages = pytest.mark.parametrize("language", ["en", "zh"])


@pytest.fixture(scope="module")
def house() -> House:
    """The package as it is now."""
    return House(read_modules())


@both_languages
def test_the_page_is_what_the_code_is(house: House, language: str) -> None:
    """A room, a part, a public name or a step that comes or goes turns this red: python docs/architecture.py."""
    page = PAGES[language].read_text(encoding="utf-8")
    assert about_the_same(page, house.written(page, language)), "python docs/architecture.py writes the page anew"


@both_languages
def test_the_drawing_is_what_the_code_is(house: House, language: str) -> None:
    """So does an arrow between rooms that comes or goes."""
    drawn = DRAWINGS[language].read_text(encoding="utf-8")
    assert about_the_same(drawn, house.draw(language)), "python docs/architecture.py draws the rooms anew"


def test_every_arrow_points_down(house: House) -> None:
    """The drawing has its upper half alone because there is nothing to draw in the other."""
    floor = {room: place for place, rooms in enumerate(house.floors) for room in rooms}
    assert [(one, other) for one, other in house.arrows if floor[one] >= floor[other]] == []


def test_numbers_may_lag_a_little_and_words_may_not() -> None:
    """A new line makes no page wrong; a third more lines, or another word, does."""
    assert about_the_same("core 1,441 lines", "core 1,520 lines")
    assert not about_the_same("core 1,441 lines", "core 2,000 lines")
    assert not about_the_same("core 1,441 lines", "data 1,441 lines")


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("core.errors:swim", "is not there"),
        ("core.nowhere:run", "is not there"),
        ("serve.billing.money:half_even", "is called by no step"),
    ],
)
def test_a_step_that_is_none_is_told(house: House, place: str, why: str) -> None:
    """A way that leads through what is gone, or past everything before it, is no way."""
    first = SAID["flows"][0]["steps"][0]
    with pytest.raises(ValueError, match=f"{place} {why}"):
        list(house.steps({"steps": [first, {**first, "place": place}]}))
