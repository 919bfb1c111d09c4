"""Marks of possible sarcasm are seen, and plain praise and plain complaint bear none."""

import pytest

from argosy.opinion.sarcasm import sarcastic


@pytest.mark.parametrize(
    "text",
    [
        "Best airline ever /s",
        "love the new fees #sarcasm",
        "Yeah right, they care",
        "Great, another outage",
        "thanks for nothing",
        'their "service" desk hung up',
        "Thank you @air for cancelling, third time my flight is delayed",
        "呵呵，你们真行",
        "真是太“好”了",
        "可真行，退款要等一个月",
        "真好，App又崩了",
        "所谓的“优质”体验",
    ],
)
def test_marked(text: str) -> None:
    """By a tag, a turn of phrase, marks round praise, or praise beside a failure."""
    assert sarcastic(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A great phone, I love it",
        "My flight was delayed",
        "not cool #notcool",
        "either/south",
        "房间很好，服务周到",
        "软件又崩了，气死人",
        "很满意，呵呵",
        "感谢店家" + "，东西收到了，很喜欢，会再来" * 4 + "，就是盒子坏了",
    ],
)
def test_unmarked(text: str) -> None:
    """Nothing in these says that they mean the reverse."""
    assert not sarcastic(text)
