"""A recommender at work: what it hears counts at once everywhere, and whoever is forgotten is a stranger."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from recommending import DAY, ITEMS, NOW, bought, build, home, live

from argosy.core.errors import MissingError, ProjectError
from argosy.core.recommend import Event, Item, Wish
from argosy.project.recommending import trials
from argosy.project.recommending.live import LiveRecommendations
from argosy.project.selling.shop import Shop


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built model."""
    return build(tmp_path_factory.mktemp("model") / "m")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A project."""
    return home(tmp_path / "shop")


@pytest.fixture
def running(shop: Shop, model: Path) -> Iterator[LiveRecommendations]:
    """It at work, some users known."""
    with live(shop, model) as made:
        made.hear([bought(f"u{number}", f"i{number % 3}", ago=2 + number) for number in range(9)])
        yield made


def listed(made: LiveRecommendations, user: str = "", **more: object) -> list[str]:
    """The items of a list of which nothing is kept."""
    return [one.item for one in made.made(Wish(user=user, n=8, explore=False, **more)).items]  # type: ignore[arg-type]


def test_what_a_user_buys_changes_the_list_and_is_not_shown_again(running: LiveRecommendations) -> None:
    """Odd ones like odd ones here; a stranger gets what is popular."""
    running.hear([bought("ann", "i5"), bought("ann", "i7")])
    after = listed(running, "ann")
    assert after != listed(running)
    assert {"i5", "i7"} & set(after) == set()
    assert [one.about for one in running.made(Wish(user="ann", n=3, explore=False)).items if one.about] != []


def test_a_stranger_is_served_by_what_they_did_just_now(running: LiveRecommendations) -> None:
    """As a user of the same events would be."""
    running.hear([Event(user="bob", item="i5", kind="buy", at=NOW)])
    assert listed(running, recent=("i5",)) == listed(running, "bob")


def test_a_forgotten_user_gets_a_strangers_list_in_every_process(
    running: LiveRecommendations, shop: Shop, model: Path
) -> None:
    """Here, in another process, and behind the old file; no byte of the store names them."""
    name = "somebody-with-a-long-name"
    with live(shop, model) as other:
        running.hear([bought(name, "i5"), bought(name, "i9")])
        other.caught_up()
        assert listed(other, name) == listed(running, name) != listed(running)
        kept = running.recommend(Wish(user=name, n=3))
        assert running.forget(name, "cli:0") == {"events": 2, "lists": 1}
        other.caught_up()
        assert listed(running, name) == listed(other, name) == listed(running, "never-met")
        assert running.hear([bought(name, "i5")]).refused == {"forgotten": 1}
        assert kept.id.startswith("rec_")
    assert name not in (shop.folder / "erased.jsonl").read_text(encoding="utf-8")
    running.database.close()
    for file in shop.folder.rglob("*.db*"):
        assert name.encode() not in file.read_bytes()


def test_who_was_forgotten_stays_so_in_a_restored_store(shop: Shop, model: Path) -> None:
    """The list of the erased outlives the store."""
    with live(shop, model) as before:
        before.hear([bought("ann", "i5")])
        before.forget("ann", "cli:0")
    for file in shop.folder.rglob("*.db*"):
        file.unlink()
    with live(shop, model) as restored:
        restored.log.hear([bought("ann", "i5")]).result()  # as a backup of before brings it
    with live(shop, model) as again:
        assert again.history("ann") == []


def test_events_that_cannot_be_are_refused_or_held_to_now(running: LiveRecommendations) -> None:
    """Times to come, items that never were, the same again."""
    told = running.hear(
        [bought("ann", "i5"), bought("ann", "i5"), bought("ann", "i6", ago=-3), bought("ann", "nothing")]
    )
    assert (told.new, told.again, told.refused) == (1, 1, {"future": 1, "unknown_item": 1})


def test_a_new_item_is_shown_and_a_removed_one_is_not(running: LiveRecommendations) -> None:
    """New ones are candidates for everybody; what is gone is in no list and cannot be asked for."""
    fresh = Item(id="fresh", title="Just in", added=NOW - DAY)
    assert running.put([fresh]) == 1
    assert running.item("fresh") == fresh
    wide = [one.item for one in running.made(Wish(n=31, explore=False)).items]
    assert "fresh" in wide
    running.remove(["fresh", "i0"])
    wide = [one.item for one in running.made(Wish(n=31, explore=False)).items]
    assert {"fresh", "i0"} & set(wide) == set()
    with pytest.raises(MissingError):
        running.item("i0")


def test_a_catalogue_can_be_replaced_overnight(running: LiveRecommendations) -> None:
    """Ids that are used again for other items begin anew; everything else is gone."""
    new = [Item(id=f"i{place}", title=f"Quite another thing {'abcdefghij'[place]}") for place in range(10)]
    running.put(new)
    running.remove([f"i{place}" for place in range(10, len(ITEMS))])
    found = [one.item for one in running.made(Wish(n=40, explore=False)).items]
    assert set(found) == {item.id for item in new}
    assert running.own.state.standing.popular()[running.own.state.places["i0"]] == 0


def test_filters_leave_what_was_asked_for(running: LiveRecommendations) -> None:
    """Tags, prices (an item without one is within no bounds) and exclusions."""
    running.put([replace(ITEMS[4], price=5.0), replace(ITEMS[6], price=50.0)])
    assert set(listed(running, tags=("t1",))) <= {item.id for item in ITEMS if item.tags == ("t1",)}
    assert listed(running, most=10.0) == ["i4"]
    assert "i2" not in listed(running, without=("i2",))
    assert listed(running, tags=("no such tag",)) == []


def test_lists_and_changes_at_the_same_time(running: LiveRecommendations) -> None:
    """Readers beside writers: no list has a removed item that was gone before it was asked for, and nobody fails."""
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(60):
                assert len(set(found := listed(running, "u1"))) == len(found)
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failures.append(error)

    readers = [threading.Thread(target=ask) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(60):
        running.put([Item(id=f"n{number}", title=f"New {number}", added=NOW)])
        running.hear([bought(f"u{number % 5}", f"n{number}", ago=0.1)])
        running.remove([f"n{number}"])
    for reader in readers:
        reader.join()
    assert failures == []
    assert not any(item.startswith("n") for item in listed(running))


def test_one_item_and_none(shop: Shop, tmp_path: Path) -> None:
    """A list of one, then of nothing."""
    only = [Item(id="only", title="")]
    with live(shop, build(tmp_path / "one", only), items=only) as made:
        assert listed(made) == ["only"]
        made.hear([bought("ann", "only")])
        assert listed(made, "ann") == []
        made.remove(["only"])
        assert listed(made) == []


def test_a_user_of_very_many_events_is_read_in_bounds(running: LiveRecommendations) -> None:
    """A state keeps the last ones of each alone."""
    events = [Event(user="big", item=f"i{number % 20}", kind="look", at=NOW - number) for number in range(20_000)]
    for begin in range(0, len(events), 5_000):
        running.log.hear(events[begin : begin + 5_000]).result()
    running.caught_up()
    assert len(running.own.state.history("big", NOW)) == 5_000
    assert listed(running, "big") == listed(running, "big") != []


def test_a_trial_divides_users_for_good(running: LiveRecommendations, model: Path) -> None:
    """Lists name their arm; strangers get the project's own; the end ends it."""
    trials.begin(running, model, 0.5)
    with pytest.raises(ProjectError, match="runs already"):
        trials.begin(running, model, 0.5)
    arms = {user: running.recommend(Wish(user=user, n=2)).arm for user in (f"u{number}" for number in range(40))}
    assert set(arms.values()) == {"first", "second"}
    assert all(running.made(Wish(user=user, n=2)).arm == arm for user, arm in arms.items())
    assert running.made(Wish(n=2)).arm == "first"
    assert trials.status(running)["lists"] == 40
    trials.end(running)
    assert {running.made(Wish(user=user)).arm for user in arms} == {"first"}


def test_numbers_are_those_of_the_lists_that_were_acted_on(running: LiveRecommendations) -> None:
    """An event counts for the list that it names, where it is of one of its items."""
    shown = [running.recommend(Wish(user=f"u{number}", n=2)) for number in range(4)]
    first = shown[0].items[0].item
    running.hear([replace(bought("u0", first, ago=0), shown=shown[0].id)])
    running.hear([replace(bought("u1", "i20", ago=0), shown=shown[1].id)])
    (day,) = running.numbers(2)["days"]
    assert (day["lists"], day["clicked"]) == (4, 1)
    assert day["low"] < 0.25 < day["high"]
