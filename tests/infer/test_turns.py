"""Whose turn it is."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from argosy.core.engine import Reading
from argosy.infer.turns import Request, Turns

LENGTHS = st.lists(st.integers(1, 200), min_size=1, max_size=20)


def request(turns: Turns, lengths: list[int]) -> Request:
    """A request of texts of these lengths, all of them in line."""
    made = Request(texts=["x" * length for length in lengths], came=turns.clock, done=asyncio.Future(loop=LOOP))
    for place, text in enumerate(made.texts):
        turns.add(made, place, Reading(text=text, tokens=len(text)))
    return made


LOOP = asyncio.new_event_loop()
LOOP.close()  # nothing runs here


@given(requests=st.lists(LENGTHS, max_size=8), run_tokens=st.sampled_from([8, 64, 512]))
def test_every_text_is_taken_once_and_no_run_is_too_large(requests: list[list[int]], run_tokens: int) -> None:
    """Padded to the longest, a run of several texts keeps to its size; each text is taken once, and then none is."""
    turns = Turns(run_tokens)
    made = [request(turns, lengths) for lengths in requests]
    taken = []
    while run := turns.take():
        lengths = [waiting.reading.tokens for waiting in run]
        assert len(run) == 1 or len(run) * -(-max(lengths) // 8) * 8 <= run_tokens
        assert -(-max(lengths) // 8) <= 4 * -(-min(lengths) // 8)
        taken += [(made.index(waiting.request), waiting.place) for waiting in run]
    assert sorted(taken) == [(number, place) for number, one in enumerate(requests) for place in range(len(one))]
    assert len(turns) == 0


def test_small_ones_never_wait_for_a_large_one_and_never_starve_it() -> None:
    """While small requests keep coming, each is in the next runs, and the large one gets its eighth all the same."""
    turns = Turns(512)
    large = request(turns, [128] * 100)
    for_large = 0
    for _ in range(400):
        small = request(turns, [16])
        runs = [turns.take()]
        while small not in [waiting.request for waiting in runs[-1]]:
            runs.append(turns.take())
        assert len(runs) <= 2
        for_large += sum(len(run) for run in runs if run[0].request is large)
    assert for_large >= 400 * 16 // 128 // 8


def test_who_is_gone_is_not_taken() -> None:
    """Texts that nobody waits for are dropped from the line."""
    turns = Turns(512)
    gone, here = request(turns, [5, 50, 500]), request(turns, [5])
    gone.gone = True
    assert [waiting.request for waiting in turns.take()] == [here]
    assert turns.take() == []
