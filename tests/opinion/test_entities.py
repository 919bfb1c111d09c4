"""Entities are found by whatever they go by, and nowhere else."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.opinion.entities.find import Entities, Named

KNOWN = Entities(
    [
        Named(name="Apple", aliases=["苹果公司"], tickers=["AAPL"], unless=["Apple Bank", "Big Apple", "apple pie"]),
        Named(name="Facebook", tickers=["META"], renamed={"2021-10-28": "Meta"}),
        Named(name="腾讯", aliases=["Tencent", "腾讯控股"], tickers=["0700.HK"]),
        Named(name="腾讯音乐"),
        Named(name="贵州茅台", aliases=["茅台"], tickers=["600519.SH"]),
        Named(name="平安银行", tickers=["000001"]),
        Named(name="Ford", tickers=["F"]),
        Named(name="GE"),
        Named(name="AT&T"),
        Named(name="Nestlé"),
    ]
)


def named(text: str) -> dict[str, list[str]]:
    """What is found, each with the words by which it stands there."""
    return {entity: [text[begin:end] for begin, end in spans] for entity, spans in KNOWN.find(text)}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Apple's new phone, and apples", {"Apple": ["Apple", "apple"]}),
        ("a pineapple and Applebee", {}),
        ("用Apple手机，苹果公司的", {"Apple": ["Apple", "苹果公司"]}),
        ("Apple Bank in the Big Apple sells apple pie", {}),
        ("Apple Banking? Apple.", {"Apple": ["Apple", "Apple"]}),
        ("腾讯音乐不是腾讯控股", {"腾讯音乐": ["腾讯音乐"], "腾讯": ["腾讯控股"]}),
        ("ＴＥＮＣＥＮＴ（00700）", {"腾讯": ["ＴＥＮＣＥＮＴ", "（00700）"]}),
        ("GE and ge", {"GE": ["GE"]}),
        ("at&t, AT&T's", {"AT&T": ["at&t", "AT&T"]}),
        ("Nestle\u0301 and NESTLÉ", {"Nestlé": ["Nestle\u0301", "NESTLÉ"]}),
        ("Facebook, now Meta", {"Facebook": ["Facebook", "Meta"]}),
        ("", {}),
    ],
)
def test_names(text: str, found: dict[str, list[str]]) -> None:
    """The longest match, at word boundaries where the script has words, and none of what means something else."""
    assert named(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$AAPL up, $aapl down, AAPL flat, aapl not", {"Apple": ["$AAPL", "$aapl", "AAPL"]}),
        ("买0700.HK、700.hk 和 00700.HK", {"腾讯": ["0700.HK", "00700.HK"]}),
        ("腾讯控股（00700）、(0700)", {"腾讯": ["腾讯控股", "（00700）", "(0700)"]}),
        ("600519.SH, SH600519, 600519.SS, 600519", {"贵州茅台": ["600519.SH", "SH600519", "600519.SS"]}),
        ("000700.SZ and 600519.SZ", {}),
        ("000001.SZ 与 （000001）", {"平安银行": ["000001.SZ", "（000001）"]}),
        ("grade F, $F, NYSE: F, F.N", {"Ford": ["$F", "NYSE: F", "F.N"]}),
        ("in the year (0700) not (2021)", {"腾讯": ["(0700)"]}),
        ("METAL and METAs", {"Facebook": ["META"]}),
    ],
)
def test_tickers(text: str, found: dict[str, list[str]]) -> None:
    """Where they are written as tickers are; a number alone is a number, and an exchange tells two codes apart."""
    assert named(text) == found


def test_traditional_characters() -> None:
    """A simplified name is found in them, at its place."""
    pytest.importorskip("opencc")
    assert named("騰訊控股與貴州茅臺") == {"腾讯": ["騰訊控股"]} | (
        {"贵州茅台": ["貴州茅臺"]} if named("貴州茅臺") else {}
    )
    assert named("貴州茅台") == {"贵州茅台": ["貴州茅台"]}


def test_an_alias_of_two_is_each_ones() -> None:
    """Nobody is left out where a name says both."""
    both = Entities([Named(name="Delta Air", aliases=["Delta"]), Named(name="Delta Faucet", aliases=["Delta"])])
    assert [entity for entity, _ in both.find("Delta is late")] == ["Delta Air", "Delta Faucet"]


def test_made_of_the_tables_of_a_project_file() -> None:
    """By name, with the same keys."""
    tables = {"Apple": {"aliases": ["苹果"], "tickers": [], "unless": ["苹果派"], "renamed": {}}}
    assert Entities.of(tables).find("苹果派，苹果") == [("Apple", ((4, 6),))]


def test_what_a_renamed_one_is_called() -> None:
    """By the day; the entity stays one."""
    assert KNOWN.called("Facebook", date(2021, 10, 27)) == "Facebook"
    assert KNOWN.called("Facebook", date(2021, 10, 28)) == "Meta"
    assert KNOWN.called("unknown", date(2021, 10, 28)) == "unknown"


@given(st.text(alphabet="Aaple 腾讯音乐騰訊ＴTenct$0.HK('s’\u0301İß\t\n(（", max_size=40))
@settings(max_examples=200, deadline=None)
def test_spans_lie_in_the_text(text: str) -> None:
    """Whatever the normal form does to its length, in order and apart for each entity."""
    for _, spans in KNOWN.find(text):
        flat = [place for span in spans for place in span]
        assert flat == sorted(flat)
        assert all(0 <= begin < end <= len(text) for begin, end in spans)
