"""What redaction finds, what it leaves alone, and how it behaves on text made to break it."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.data.redact import KINDS, Span, find, fold_pseudonyms, mask, redact
from argosy.data.redact.tokens import canonical

PERSONAL = [
    ("身份证11010519491231002X请核实", "身份证[RESIDENT_ID]请核实"),
    ("ID 110105 19491231 002x.", "ID [RESIDENT_ID]."),
    ("我的身份证号１１０１０５１９４９１２３１００２Ｘ", "我的身份证号[RESIDENT_ID]"),
    ("老身份证：110105491231002", "老身份证：[RESIDENT_ID]"),
    ("打13800138000找我", "打[PHONE]找我"),
    ("１３８ ００１３ ８０００", "[PHONE]"),
    ("138-0013-8000、+86 138 0013 8000、008613800138000", "[PHONE]、[PHONE]、[PHONE]"),
    ("010-65529988转801，(021)65529988，0755-86529988", "[PHONE]，[PHONE]，[PHONE]"),
    ("电话：65529988", "电话：[PHONE]"),
    ("tel13800138000", "tel[PHONE]"),
    ("call (415) 555-2671 or 415.555.2671x12", "call [PHONE] or [PHONE]"),
    ("Call me on +44 20 7946 0958 at 10", "Call me on [PHONE] at 10"),
    ("my phone is 4155552671", "my phone is [PHONE]"),
    ("卡号6222 0212 3456 7890 128被扣款", "卡号[BANK_CARD]被扣款"),
    ("card 4111-1111-1111-1111 12/26", "card [BANK_CARD] 12/26"),
    ("amex 378282246310005", "amex [BANK_CARD]"),
    ("税号91110000600037341L", "税号[USCC]"),
    ("护照号E12345678，签证", "护照号[PASSPORT]，签证"),
    ("My passport number is 912345678.", "My passport number is [PASSPORT]."),
    ("京A·12345和粤BD12345挡路", "[PLATE]和[PLATE]挡路"),
    ("license plate 7ABC123 parked", "license plate [PLATE] parked"),
    ("发到zhang.san@163.com谢谢", "发到[EMAIL]谢谢"),
    ("https://bob:pa@ss1@host.com/x?lang=zh&token=abc123", "https://[CREDENTIALS]@host.com/x?lang=zh&token=[CREDENTIALS]"),
    ("密码：hunter2，别外传", "密码：[CREDENTIALS]，别外传"),
    ("mail o'neil@sub.example.co.uk", "mail [EMAIL]"),
    ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIi", "Authorization: Bearer [CREDENTIALS]"),
    ("0571 88157838 分机 203", "[PHONE]"),
    ("港澳通行证C12345678", "港澳通行证[PASSPORT]"),
    ("从192.168.1.23登录", "从[IP]登录"),
    ("IP：2001:0db8:85a3:0000:0000:8a2e:0370:7334。", "IP：[IP]。"),
    ("IBAN是GB29 NWBK 6016 1331 9268 19谢谢", "IBAN是[IBAN]谢谢"),
    ("SSN是536904399", "SSN是[SSN]"),
    ("it is 536-90-4399", "it is [SSN]"),
]  # fmt: skip
NOBODYS = [
    "订单号13800138000",
    "order no. 4111111111111111",
    "快递单号 4792-0469-4681-2375",
    "卡号6222021234567890123",
    "身份证110105194912310021",
    "2023-11-05 12:30:45下单，20231105123045付款",
    "时间戳1700000000000",
    "一共13800138000.00元",
    "￥13800138000",
    "版本1.2.3.4，升级到v10.20.30.40",
    "see section 1.2.3.4",
    "part no. 123-45-6789",
    "ISBN 978-7-111-12345-6",
    "新A股市场和川A级景区",
    "@united thanks, E12345678 is the flight",
    "0.13800138000",
    "SF1380013800012",
    "一盘 plate of 12 oysters",
    "A std::vector and 12:30:45",
    "密码是什么",
]


@pytest.mark.parametrize(("text", "redacted"), PERSONAL)
def test_personal_data_is_masked(text: str, redacted: str) -> None:
    """Every kind is found between Chinese characters, full-width, grouped, and in English sentences."""
    assert mask(text) == redacted


@pytest.mark.parametrize("text", NOBODYS)
def test_look_alikes_stay(text: str) -> None:
    """Orders, dates, amounts, versions and numbers with wrong check digits are nobody's."""
    assert mask(text) == text


def test_invisible_characters_hide_nothing() -> None:
    """A zero-width space between digits does not save a number from being found, and goes with it."""
    assert mask("打138\u200b0013\u200b8000吧") == "打[PHONE]吧"


def test_spans_are_those_of_the_original_text() -> None:
    """Folding to one width moves no position."""
    text = "\u200b电话１３８-００１３-８０００！"
    (span,) = find(text)
    assert text[span.start : span.end] == "１３８-００１３-８０００"


def test_only_the_wanted_kinds_are_found() -> None:
    """Kinds that were not asked for stay, those of an overlapping find too."""
    text = "a@b.com 13800138000"
    assert [span.kind for span in find(text, {"phone"})] == ["phone"]
    assert redact(text, lambda kind, value: f"<{kind}:{value}>", {"email"}) == "<email:a@b.com> 13800138000"


def test_names_come_from_a_recogniser_and_never_cut_a_rule_s_find() -> None:
    """What a recogniser says counts where no rule found anything, and not inside what is redacted already."""
    named = lambda text: [Span(start=0, end=2, kind="name"), Span(start=1, end=8, kind="name")]  # noqa: E731
    assert redact("张三13800138000", lambda kind, _: f"<{kind}>", recognise=named) == "<name><phone>"
    assert find("[NAME]来", recognise=named) == []


def test_tokens_are_left_alone() -> None:
    """Masks and pseudonyms are no data any more, and the words in them are no cue for a number beside them."""
    assert mask("[PHONE] 4155552671 [EMAIL:K7Q2M3XWPA4B]") == "[PHONE] 4155552671 [EMAIL]"
    assert fold_pseudonyms("[PHONE:K7Q2M3] [PHONE:x] [OTHER:K7Q2M3]") == "[PHONE] [PHONE:x] [OTHER:K7Q2M3]"


PIECES = st.sampled_from(
    [*(text for text, _ in PERSONAL), *NOBODYS, "[PHONE]", "[NAME:K7Q2M3]", "\u200b", " ", "-", "1", "@", "86", "："]
)


@settings(deadline=None, max_examples=300)
@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map("".join))
def test_masking_twice_changes_nothing(text: str) -> None:
    """The text step is idempotent, whatever stands beside what."""
    once = mask(text)
    assert mask(once) == once


@settings(deadline=None)
@given(st.lists(PIECES, max_size=6).map(" ".join))
def test_spans_are_in_order_and_apart(text: str) -> None:
    """Finds do not overlap, are not empty, and are of known kinds."""
    spans = find(text)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert all(0 <= span.start < span.end <= len(text) and span.kind in KINDS for span in spans)


HOSTILE = [
    "1",
    "1 ",
    "a@",
    "a.b@c.",
    "+1 ",
    "+86 1",
    "GB29 ",
    "://a:b",
    "1.1.1.1.",
    "1:2:3:",
    "token=",
    "6222-",
    "电话1",
    "[PHONE",
]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("piece", [*HOSTILE, "[PHONE", "a'", "passport E1234567 ", "13800138000 ", "a" * 64, "\u200b1"])
def test_the_longest_texts_take_no_more_than_their_length(piece: str) -> None:
    """Nothing repeated up to the longest text makes a pattern go back and forth (that would take minutes)."""
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    once = mask(text)
    assert mask(once) == once


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        ("phone", ["+86 138-0013-8000", "13800138000", "１３８００１３８０００", "0086 138 0013 8000"]),
        ("phone", ["(415) 555-2671", "+1 415.555.2671", "4155552671", "001-415-555-2671"]),
        ("phone", ["010-65529988", "+86 10 6552 9988", "(010)65529988"]),
        ("email", ["Ann@Example.org", "ann@example.org"]),
        ("ip", ["2001:db8::1", "2001:0DB8:0:0:0:0:0:1"]),
        ("plate", ["京A·12345", "京a12345"]),
        ("resident_id", ["11010519491231002x", "110105 19491231 002X"]),
    ],
)
def test_a_value_has_one_form(kind: str, ways: list[str]) -> None:
    """However a value is written, it is the same person's."""
    assert len({canonical(kind, way) for way in ways}) == 1
