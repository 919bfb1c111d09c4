"""Topics that emerge are found among chatter, named in their own words, and keep their id from day to day."""

import json
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.opinion import HOUR
from argosy.data.words import words
from argosy.opinion.emerging.topics import Group, Text, emerging

NOW = 480_000 * HOUR
DAY = 24 * HOUR
ENGLISH = {
    "outage": (
        ["since this morning", "again", "in Berlin", "for hours", "and nobody answers", "what a mess", "tonight"],
        [
            "The mobile network is down",
            "No signal, network outage",
            "Network outage at my place",
            "Huge network outage",
        ],
    ),
    "strike": (
        ["next week", "at the airport", "says the union", "over pay", "on Monday", "for three days", "this summer"],
        ["Pilots go on strike", "The pilots strike hits flights", "Flights cancelled, pilots strike", "Pilots strike"],
    ),
}
CHINESE = {
    "refund": (
        ["客服不理人", "已经半个月", "太气人", "打电话没人接", "有同样情况的吗", "求助", "怎么办"],
        ["退款一直不到账", "申请退款失败", "退款不到账", "平台拖延退款"],
    ),
    "battery": (
        ["新买的手机", "才用一个月", "更新系统之后", "冬天更明显", "去售后检测", "充一次用半天", "发烫严重"],
        ["电池续航变差", "电池续航只有半天", "手机电池续航缩水", "电池续航太短"],
    ),
}


def said(language: str, kinds: dict[str, tuple[list[str], list[str]]], seed: int, *, days: float = 5) -> list[Text]:
    """Twenty texts of each kind and sixty of chatter, over some days, their kind in the id."""
    rng = Random(seed)
    mark = ", " if language == "en" else "，"
    texts = [
        (f"{kind}-{at}", mark.join((starts[at % len(starts)], rng.choice(ends), rng.choice(ends))))
        for kind, (ends, starts) in kinds.items()
        for at in range(20)
    ]
    texts += [(f"chatter-{at}", chatter(language, rng)) for at in range(60)]
    return [
        Text(id=f"{language}-{name}", text=text, language=language, at=NOW - int(rng.random() * days * DAY))
        for name, text in texts
    ]


def chatter(language: str, rng: Random) -> str:
    """Words by chance, of some hundred ones."""
    if language == "zh":
        return "".join(chr(0x5000 + 7 * rng.randrange(600)) for _ in range(8))
    return " ".join("".join(rng.choices("bdklmnrst", k=2)) + "ou" + rng.choice("bdklmnrst") for _ in range(4))


BOTH = [*said("en", ENGLISH, 1), *said("zh", CHINESE, 2)]


def kinds(group: Group) -> set[str]:
    """What the texts of a group are about."""
    return {member.split("-")[1] for member in group.members}


def test_each_topic_is_found_in_its_language_and_chatter_is_none() -> None:
    """Four topics among 120 texts about nothing."""
    groups = emerging(BOTH, now=NOW)
    found = {(one.language, *kinds(one)): len(one.members) for one in groups if len(kinds(one)) == 1}
    assert {("en", "outage"), ("en", "strike"), ("zh", "refund"), ("zh", "battery")} <= found.keys()
    assert sum(found[key] for key in found if "chatter" not in key) >= 64
    assert sum(member.split("-")[1] == "chatter" for one in groups for member in one.members) <= 12


def test_names_say_what_it_is_in_the_words_of_the_texts() -> None:
    """No stop word begins or ends a phrase, and none is part of another."""
    pytest.importorskip("rjieba", reason="without it Chinese phrases are runs of characters")
    names = {(one.language, *kinds(one)): one.name for one in emerging(BOTH, now=NOW)}
    assert "network outage" in names["en", "outage"]
    assert "pilots" in names["en", "strike"]
    assert "退款" in names["zh", "refund"]
    assert "电池续航" in names["zh", "battery"]
    for name in names.values():
        phrases = name.split(" · ")
        assert all(one not in other for one in phrases for other in phrases if one != other)


def test_chinese_is_named_without_its_segmenter_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """By runs of characters."""
    monkeypatch.setattr("argosy.data.words._cutter", lambda: list)
    for module in ("data.words", "opinion.emerging.naming"):
        monkeypatch.setattr(f"argosy.{module}.segmented", lambda: False)
    names = " ".join(one.name for one in emerging(said("zh", CHINESE, 2), now=NOW))
    assert "退款" in names
    assert "电池续航" in names


def test_a_group_keeps_its_id_while_it_goes_on() -> None:
    """Later some of the texts are gone and others have come; its beginning is remembered."""
    first = emerging(BOTH, now=NOW)
    later = [one for one in BOTH if one.at > NOW - 4 * DAY]
    later += [
        Text(id=one.id + "+", text=one.text, language=one.language, at=one.at + 3 * DAY)
        for one in said("en", ENGLISH, 9, days=2)
        if "chatter" not in one.id
    ]
    second = emerging(later, now=NOW + 2 * DAY, earlier=first)
    before, after = (
        {key: one for one in sorted(groups, key=lambda one: len(one.members)) for key in kinds(one)}
        for groups in (first, second)
    )
    for kind in ("outage", "strike", "refund", "battery"):
        assert after[kind].id == before[kind].id
        assert after[kind].first == before[kind].first
    ids = [one.id for one in second]
    assert len(ids) == len(set(ids))


def test_the_order_of_the_texts_changes_nothing() -> None:
    """Nor does running it again."""
    assert emerging(BOTH, now=NOW) == emerging(BOTH[::-1], now=NOW)


def test_what_known_topics_say_names_nothing_new() -> None:
    """A word that stands in every known text weighs less in a name."""
    usual = [
        Text(id=f"u{at}", text=f"network {word}", language="en", at=NOW) for at in range(40) for word in ("a", "b")
    ]
    plain = {one.name for one in emerging(said("en", ENGLISH, 1), now=NOW) if "outage" in kinds(one)}
    told = {one.name for one in emerging(said("en", ENGLISH, 1), now=NOW, usual=usual) if "outage" in kinds(one)}
    assert plain
    assert told
    assert all(name.split(" · ")[0] != "network" for name in told)


def test_growth_tells_a_new_thing_from_an_old_one() -> None:
    """Texts of today alone grow; those of days ago do not."""
    fresh = [
        Text(
            id=one.id,
            text=one.text,
            language="en",
            at=NOW - (at % 20) * HOUR // 2 - (4 * DAY if "strike" in one.id else 0),
        )
        for at, one in enumerate(said("en", ENGLISH, 4))
    ]
    growth = {kind: one.growth for one in emerging(fresh, now=NOW) for kind in kinds(one)}
    assert growth["outage"] > 5
    assert growth["strike"] < 0.5


@pytest.mark.parametrize(
    "texts", [[], ["one"], [""] * 9, ["!!! ???"] * 12, ["same words here"] * 9, ["一"] * 9, ["7 7 7", "8"] * 9]
)
def test_few_and_odd_texts_fail_nowhere(texts: list[str]) -> None:
    """None, one, empty ones, equal ones."""
    given = [Text(id=str(at), text=text, language="en", at=NOW - at) for at, text in enumerate(texts)]
    groups = emerging(given, now=NOW)
    assert all(one.name for one in groups)
    assert len(groups) == (texts[:1] == ["same words here"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=30))
def test_any_text_is_taken(texts: list[str]) -> None:
    """Every member is a text that was given, and in one group."""
    given = [Text(id=str(at), text=text, language="zh", at=NOW - at) for at, text in enumerate(texts)]
    members = [member for one in emerging(given, now=NOW, least=2) for member in one.members]
    assert len(members) == len(set(members))
    assert set(members) <= {one.id for one in given}


def test_a_group_is_kept_as_json() -> None:
    """And is the same when it comes back."""
    for group in emerging(BOTH, now=NOW):
        assert Group.from_json(json.loads(json.dumps(group.to_json()))) == group
        assert np.isfinite(group.growth)


def test_links_and_names_of_accounts_are_no_words() -> None:
    """Half a surrogate is none either."""
    assert words("@ann see https://t.co/x Card\ud800 fees!") == ["see", "card", "fees", ""]
