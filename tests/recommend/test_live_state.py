"""The state of a recommender: it is that of the log, however changes come; who is forgotten is in none of it."""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.recommend import Change, Event, Item, Wish
from argosy.recommend.folder import TEXT, Kept, alone
from argosy.recommend.interactions import Floats
from argosy.recommend.interest.model import Interest, untrained
from argosy.recommend.live.histories import Histories
from argosy.recommend.live.recommender import Recommender
from argosy.recommend.live.state import Embed, Meaning, State
from argosy.recommend.ranking.looking import Looking
from argosy.recommend.ranking.rules import Rules
from argosy.recommend.tidy import catalogue_of

SIZE, WIDTH, NOW = 6, 4, 1_000_000_000
HOUR = 3_600_000_000
ITEMS = [
    Item(id=f"i{number}", title=f"the first title of {number}", tags=(f"t{number % 2}",)) for number in range(SIZE)
]


def digest(user: str) -> str:
    """What the log knows a forgotten user as."""
    return f"digest of {user}"


def read(texts: Sequence[str]) -> Floats:
    """Vectors that tell texts apart."""
    told = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in enumerate(texts):
        told[row, sum(map(ord, text)) % WIDTH] = 1
    return told


class Log:
    """Changes in order, with the events of whom nobody forgot."""

    def __init__(self) -> None:
        self.changes: list[Change] = []

    def add(self, **said: Event | Item | str) -> Change:
        """Say one thing more."""
        self.changes.append(Change(turn=len(self.changes) + 1, **said))  # type: ignore[arg-type]  # one of the four
        return self.changes[-1]

    def history(self, user: str, most: int) -> list[Event]:
        """What a user did since being forgotten, oldest first."""
        since = max((one.turn for one in self.changes if one.forgotten == digest(user)), default=0)
        told = [one.event for one in self.changes if one.turn > since and one.event and one.event.user == user]
        return sorted(told, key=lambda event: event.at)[-most:]


def made(
    reads: Callable[[str, int], Sequence[Event]] = lambda user, most: [], *, embed: Embed | None = None, bots: int = 0
) -> State:
    """A state whose lists are made by what texts are like where something reads them, else by what is popular."""
    scorers = {TEXT: untrained(read([item.words for item in ITEMS]))} if embed else {}
    system = alone(TEXT, {}, scorers, Looking(candidates=20))
    return State(
        Kept(items=ITEMS, catalogue=catalogue_of(ITEMS), system=system),
        Meaning(weights={"like": 1.0, "look": 0.3}, wanted=frozenset({"like"})),
        Rules(),
        reads=reads,
        known_as=digest,
        embed=embed,
        bots=bots,
    )


def like(user: str, item: str, at: int = NOW - 10) -> Event:
    """That a user liked an item."""
    return Event(user=user, item=item, kind="like", at=at)


def told(state: State, users: Sequence[str]) -> list[object]:
    """All that lists are made of."""
    standing, text = state.standing, state.system.scorers.get(TEXT)
    return [
        state.turn,
        state.items,
        state.places,
        standing.gone[: len(standing)].tolist(),
        standing.events().round(6).tolist(),
        standing.popular(1).round(6).tolist(),
        text.vectors.tolist() if isinstance(text, Interest) else None,
        [(history.items.tolist(), history.times.tolist()) for history in (state.history(one, NOW) for one in users)],
    ]


_ID = st.sampled_from([item.id for item in ITEMS] + ["new", "newer"])
_USER = st.sampled_from(["ann", "bob"])
_CHANGES = st.lists(
    st.one_of(
        st.builds(lambda user, item, at: {"event": like(user, item, at)}, _USER, _ID, st.integers(0, 5)),
        st.builds(
            lambda item, title: {"item": Item(id=item, title=title, added=3)},
            _ID,
            st.sampled_from(["the first title of 1", "the first title of all", "ganz etwas anderes", ""]),
        ),
        st.builds(lambda item: {"gone": item}, _ID),
        st.builds(lambda user: {"forgotten": digest(user)}, _USER),
    ),
    max_size=25,
)


@given(_CHANGES, st.lists(st.integers(0, 25), max_size=6), st.lists(st.integers(0, 25), max_size=4), st.randoms())
@settings(max_examples=150, deadline=None)
def test_changes_may_come_in_any_pieces_again_and_late(
    said: list[dict[str, Event | Item | str]], cuts: list[int], asked: list[int], shuffled: Random
) -> None:
    """A state that follows piece by piece, is asked meanwhile and reads ahead is the one that follows all at once."""
    log = Log()
    for one in said:
        log.add(**one)
    whole, pieces = made(log.history, embed=read), made(log.history, embed=read)
    whole.apply(log.changes)
    for start, stop in pairwise([0, *sorted(cuts), len(log.changes)]):
        if start in asked:
            pieces.history("ann", NOW)  # reads what the changes to come will tell once more
        piece = log.changes[max(start - 2, 0) : stop]
        shuffled.shuffle(piece)
        pieces.apply(piece)
    assert told(pieces, ["ann", "bob"]) == told(whole, ["ann", "bob"])


def test_a_user_who_is_forgotten_while_being_read_stays_forgotten() -> None:
    """What was read before is thrown away; a second look finds nothing, and the list is that of a stranger."""
    log = Log()

    def reads(user: str, most: int) -> list[Event]:
        found = log.history(user, most)
        if found:
            state.apply([log.add(forgotten=digest(user))])
        return found

    state = made(reads)
    state.apply([log.add(event=like("ann", "i1"))])
    assert len(state.history("ann", NOW)) == 0
    maker = Recommender(state=state, explore=0.3)
    ann, stranger = (maker.lists(Wish(user=user, n=4), NOW, np.random.default_rng(3)) for user in ("ann", "nobody"))
    assert ann == stranger


def test_an_event_heard_while_its_user_is_read_is_there() -> None:
    """Though the log was read before it came."""
    log = Log()

    def reads(user: str, most: int) -> list[Event]:
        found = log.history(user, most)
        state.apply([log.add(event=like(user, "i2"))])
        return found

    state = made(reads)
    state.apply([log.add(event=like("ann", "i1", NOW - 20))])
    assert state.history("ann", NOW).items.tolist() == [1, 2]


def test_many_readers_of_one_user_beside_changes_see_what_the_log_says() -> None:
    """Threads that begin together, each with its own time of reading; afterwards nothing is lost or twice."""
    log, start = Log(), threading.Barrier(5)
    state = made(log.history)
    failures: list[BaseException] = []

    def look() -> None:
        try:
            start.wait()
            for _ in range(60):
                times = state.history("ann", NOW).times.tolist()
                assert times == sorted(set(times))
        except BaseException as error:  # noqa: BLE001 - told in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    start.wait()
    for number in range(200):
        more = {"forgotten": digest("ann")} if number % 50 == 49 else {"event": like("ann", "i1", number)}
        state.apply([log.add(**more)])
        state.apply([log.add(event=like("ann", "i2", 1_000 + number))])
    for thread in threads:
        thread.join()
    assert not failures
    assert state.history("ann", NOW).times.tolist() == [one.at for one in log.history("ann", 10_000)]


def test_reading_that_fails_leaves_nothing_behind() -> None:
    """The next one who asks reads again."""
    answers: list[list[Event] | None] = [None, [like("ann", "i1")]]

    def reads(user: str, most: int) -> list[Event]:
        answer = answers.pop(0)
        if answer is None:
            raise OSError("the store is away")
        return answer

    state = made(reads)
    with pytest.raises(OSError, match="away"):
        state.history("ann", NOW)
    state.apply([Change(turn=1, event=like("ann", "i2"))])
    assert state.history("ann", NOW).items.tolist() == [1]  # the log is asked, which is what counts


def test_histories_stay_in_their_room() -> None:
    """Of all users together; of one user the last events are kept, also of those heard later."""
    asked: list[str] = []

    def reads(user: str, most: int) -> list[Event]:
        asked.append(user)
        return [like(user, f"i{number}", number) for number in range(50)][-most:]

    kept = Histories(reads, digest, most=10, room=30)
    for user in ("ann", "bob", "eve", "eve", "bob", "ann"):
        assert [one.at for one in kept.of(user)] == list(range(40, 50))
    assert asked == ["ann", "bob", "eve", "ann"]  # two have room; who was asked for last stays
    kept.hear(digest("ann"), like("ann", "i1", 60))
    assert [one.at for one in kept.of("ann")] == [*range(41, 50), 60]


def test_lists_are_made_while_texts_are_read() -> None:
    """Whoever follows the log reads new texts before anybody has to wait."""
    lists: list[int] = []

    def slow(texts: Sequence[str]) -> Floats:
        thread = threading.Thread(
            target=lambda: lists.append(len(maker.lists(Wish(n=3), NOW, np.random.default_rng(1))))
        )
        thread.start()
        thread.join(10)
        return read(texts)

    state = made(embed=slow)
    maker = Recommender(state=state, explore=0.0)
    state.apply(
        [Change(turn=1, item=Item(id="new", title="new")), Change(turn=2, item=Item(id="newer", title="newer"))]
    )
    assert lists == [3]  # both texts at once
    assert [state.places[item] for item in ("new", "newer")] == [SIZE, SIZE + 1]


def test_a_changed_text_is_read_and_lists_at_work_keep_the_old_one() -> None:
    """The vectors that a list began with do not change under it."""
    state = made(embed=read)
    before = state.system.scorers[TEXT]
    assert isinstance(before, Interest)
    old = before.vectors.copy()
    state.apply([Change(turn=1, item=Item(id="i0", title="the first title of 0", text="and more of it"))])
    after = state.system.scorers[TEXT]
    assert isinstance(after, Interest)
    assert np.array_equal(before.vectors, old)
    assert np.array_equal(after.vectors[1:], old[1:])
    assert np.array_equal(after.vectors[:1], before.embed_new([state.items[0].words], read))


def test_an_item_that_comes_back_is_shown() -> None:
    """Also where it went and came in one piece of the log, and not where it came and went."""
    state = made()
    there, gone = Item(id="i0", title=ITEMS[0].title), Item(id="i1", title=ITEMS[1].title)
    state.apply(
        [Change(turn=1, gone="i0"), Change(turn=2, item=there), Change(turn=3, item=gone), Change(turn=4, gone="i1")]
    )
    assert state.standing.gone[:2].tolist() == [False, True]


def test_an_id_used_again_brings_no_history_of_the_old_item() -> None:
    """What was done with the old item says nothing of the new one, which counts from when it was added."""
    events = [like("ann", "i0", 5), like("ann", "i0", 60)]
    state = made(lambda user, most: events)
    state.apply([Change(turn=1, item=Item(id="i0", title="ganz etwas anderes", added=50))])
    state.apply([Change(turn=2 + number, event=event) for number, event in enumerate(events)])
    history = state.history("ann", NOW)
    assert (history.items.tolist(), history.times.tolist()) == ([SIZE], [60])
    assert state.standing.events()[SIZE] == pytest.approx(1)


def test_tags_filter_by_what_items_are_now() -> None:
    """By any of very many tags of an item, and not by one that it lost; an unknown tag leaves nothing."""
    state = made()

    def found(*tags: str) -> list[int]:
        may = state.filtered(tags, (), None, None)
        assert may is not None
        return np.flatnonzero(may).tolist()

    assert (found("t0"), found("t0", "t1"), found("none")) == ([0, 2, 4], [0, 1, 2, 3, 4, 5], [])
    many = tuple(f"one of {number}" for number in range(20))
    state.apply([Change(turn=1, item=Item(id="i0", title=ITEMS[0].title, tags=many))])
    assert (found("t0"), found("one of 19")) == ([2, 4], [0])
    state.apply([Change(turn=2, item=Item(id="i0", title=ITEMS[0].title)), Change(turn=3, item=ITEMS[1])])
    assert (found("one of 19"), found("t1")) == ([], [1, 3, 5])
    assert state.filtered((), (), None, None) is None


@pytest.mark.parametrize("bots", [0, 300])
def test_machines_do_not_make_things_popular(bots: int) -> None:
    """What counted until one was found out is taken back; the next hour counts again, as do others."""
    state = made(bots=bots)
    changes = [like(f"u{number}", "i1", NOW + number) for number in range(20)]
    changes += [like("bot", "i5", NOW + number) for number in range(1_500)]
    changes += [like("bot", "i4", NOW + 2 * HOUR), like("u1", "i1", NOW + 2 * HOUR)]
    state.apply([Change(turn=number + 1, event=event) for number, event in enumerate(changes)])
    assert state.standing.events().round(6).tolist() == [0, 21, 0, 0, 1, 0]


def test_who_does_as_much_as_others_is_no_machine() -> None:
    """In a shop where everybody does much, much is not far beyond the others."""
    state = made()
    users = [f"u{number}" for number in range(4)]
    changes = [like(user, "i2", NOW + number) for number in range(300) for user in users]
    state.apply([Change(turn=number + 1, event=event) for number, event in enumerate(changes)])
    assert state.standing.events()[2] == pytest.approx(1_200)


def test_nothing_of_a_forgotten_user_is_in_memory() -> None:
    """Neither the history nor what machines are found by; sums over all users stay."""
    state = made(lambda user, most: [like(user, "i1")])
    state.apply([Change(turn=1, event=like("ann", "i1")), Change(turn=2, event=like("bob", "i2"))])
    state.history("ann", NOW)
    state.apply([Change(turn=3, forgotten=digest("ann"))])
    kept = [*state._histories._kept, *state._histories._heard, *state._machines._users]
    assert kept == [digest("bob")]
    assert state._machines._busiest.tolist()[:3] == [0, 1, 0]
