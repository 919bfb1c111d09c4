"""A stream of tokens becomes whole characters, without a trace of a stop string."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_llama import TEXT, tokenizer
from tokenizers import Tokenizer, decoders, models

from argosy.core.errors import DataError
from argosy.core.records import Delta, Message
from argosy.infer.text import Answer, Characters, Ending, Pieces, Stops, check_prompt, deltas, whole

INNER = tokenizer([TEXT])  # some of its tokens end one character and begin the next
TEXTS = st.text(st.sampled_from("ab c.中文字猫😀🎉é\n�"), max_size=30)


def streamed(inner: Tokenizer, ids: list[int]) -> list[str]:
    """What each token adds."""
    characters = Characters(lambda some: inner.decode(list(some), skip_special_tokens=True))
    return [characters.push(number) for number in ids]


@given(TEXTS)
def test_tokens_become_the_same_text_one_by_one(text: str) -> None:
    """Chinese and emoji, whose bytes are spread over several tokens, come out whole and nothing else does."""
    parts = streamed(INNER, INNER.encode(text).ids)
    assert "".join(parts) == text.rstrip("�")
    if "�" not in text:
        assert "�" not in "".join(parts)


def test_half_a_character_is_held_back() -> None:
    """The three bytes of a character come at once, at the last of its tokens."""
    ids = INNER.encode("语").ids
    assert len(ids) == 3
    assert streamed(INNER, ids) == ["", "", "语"]
    assert streamed(INNER, ids[:2]) == ["", ""]


@given(TEXTS.filter(lambda text: "�" not in text))
def test_byte_fallback_tokens_become_characters(text: str) -> None:
    """Tokenizers that spell unknown characters as bytes <0xE4>, with ``▁`` for spaces, as Llama's do."""
    known = {"▁": 0, "a": 1, "b": 2, "c": 3, ".": 4, "中": 5}
    inner = Tokenizer(models.BPE(known | {f"<0x{byte:02X}>": 6 + byte for byte in range(256)}, []))
    inner.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    ids = [0]
    for letter in text.replace(" ", "▁"):
        ids += [known[letter]] if letter in known else [6 + byte for byte in letter.encode()]
    assert "".join(streamed(inner, ids)) == text


def test_bytes_that_make_no_character_do_not_pile_up() -> None:
    """A model that writes broken bytes forever is told as it goes, with the sign for a broken character."""
    broken = INNER.token_to_id("Ģ")  # the byte 0x80 alone
    parts = streamed(INNER, [broken] * 40)
    assert any(parts)
    assert set("".join(parts)) == {"�"}
    assert "".join(streamed(INNER, [*[broken] * 40, *INNER.encode("猫").ids])).endswith("猫")


@given(st.text("abc", max_size=30), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3), st.data())
def test_a_stop_string_cuts_wherever_the_pieces_are_cut(text: str, stop: list[str], data: st.DataObject) -> None:
    """The text before the first stop string, the same however the text arrives; never a part of the stop string."""
    stops = Stops(stop)
    shown, rest = "", text
    while rest and not stops.found:
        size = data.draw(st.integers(1, len(rest)))
        shown, rest = shown + stops.push(rest[:size]), rest[size:]
        assert not any(word in shown for word in stop)
    shown += stops.flush()
    found = [place for place in (text.find(word) for word in stop) if place >= 0]
    ends = [place + len(word) for word in stop if (place := text.find(word)) >= 0]
    assert stops.found == bool(found)
    if not found:
        assert shown == text
    elif len(found) == 1:
        assert shown == text[: found[0]]
    else:  # two that overlap: whichever is whole first
        assert text.startswith(shown)
        assert len(shown) < min(ends)


class Engine:
    """Gives pieces, and remembers whether it was closed."""

    def __init__(self, pieces: list[str], ending: Ending = "length") -> None:
        self.given = pieces
        self.ending = ending
        self.told = 0
        self.closed = False

    def pieces(self) -> Pieces:
        """One token a piece."""
        try:
            for piece in self.given:
                self.told += 1
                yield piece, 1
            return self.ending
        finally:
            self.closed = True


def test_the_last_delta_alone_has_a_finish() -> None:
    """Tokens add up, those of held-back text too, and the prompt is counted at the end."""
    told = list(deltas(Engine(["你", "", "好", ""]).pieces(), (), 7))
    assert [delta.finish for delta in told] == [None, None, "length"]
    assert whole(told) == Answer(text="你好", finish="length", prompt_tokens=7, tokens=4)
    assert whole(deltas(Engine([], "stop").pieces(), (), 7)).finish == "stop"


def test_a_stop_string_ends_the_work() -> None:
    """The engine is asked for nothing more."""
    engine = Engine(["one ", "tw", "o th", "ree", " four"])
    answer = whole(deltas(engine.pieces(), ("two",), 1))
    assert answer == Answer(text="one ", finish="stop", prompt_tokens=1, tokens=3)
    assert (engine.told, engine.closed) == (3, True)


def test_what_was_held_back_comes_when_no_stop_string_follows() -> None:
    """The beginning of a stop string is text when the model ends there."""
    told = list(deltas(Engine(["so ", "tw"], "stop").pieces(), ("two",), 1))
    assert told[-1] == Delta(text="tw", tokens=1, finish="stop", prompt_tokens=1)


def test_a_client_that_leaves_closes_the_engine() -> None:
    """After the first piece nothing more is computed."""
    engine = Engine(["a", "b", "c"])
    stream = deltas(engine.pieces(), (), 1)
    next(stream)
    stream.close()
    assert (engine.told, engine.closed) == (1, True)


@pytest.mark.parametrize(
    ("prompt", "chat", "said"),
    [
        ("", True, "prompt is empty"),
        ([], True, "no words"),
        ([Message(role="system", content="简短。")], True, "no words"),
        ([Message(role="user", content=" \n")], True, "no words"),
        ([Message(role="user", content="你好")], False, "no chat template"),
    ],
)
def test_a_prompt_that_cannot_be_answered_is_told(prompt: str | list[Message], chat: object, said: str) -> None:
    """Before any work."""
    with pytest.raises(DataError, match=said):
        check_prompt(prompt, chat=bool(chat), model="m")
