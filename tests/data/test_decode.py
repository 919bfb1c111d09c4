"""Bytes become the text that was meant, or an error names the first bad row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argosy.core.errors import DataError
from argosy.data.files.decode import decode

CHINESE = "text,label\n物流很快，包装也好,好评\n质量太差了，再也不买,差评\n"


def _decoded(raw: bytes) -> str:
    return decode(raw, "a.csv", quoted=True)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_chinese_is_read_in_every_encoding_of_its_users(encoding: str) -> None:
    """A short Chinese table reads the same in UTF-8, GB18030 and UTF-16, with a byte order mark or without."""
    assert _decoded(CHINESE.encode(encoding)) == CHINESE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("文本,标签\n好,1\n差,0\n", "gbk"),
        ("text,label\n好😀,pos\n", "gb18030"),
        ("text,label\n这個品質很好，包裝也漂亮,pos\n", "gbk"),
        ("text,label\nIt’s great,pos\n", "gbk"),
        ("text,label\nIt’s a great café,pos\n", "cp1252"),
        ("text,label\nC'est très élégant,pos\nje suis déçu,neg\n", "mac_roman"),
        (
            "text,label\n이 제품은 정말 좋아요,pos\n다시는 사지 않을 거예요,neg\n배송이 빠르고 포장도 좋습니다,pos\n",
            "euc_kr",
        ),
        ("text,label\nこの製品は本当に良いです,pos\n二度と買いません,neg\n", "cp932"),
        ("text,label\n物流很快，包裝也好,好評\n品質太差了，不會再來買,差評\n", "big5"),
        ("text,label\nОчень хорошо,pos\nПлохое качество,neg\n", "cp1251"),
    ],
)
def test_short_files_of_other_origin_are_told_apart(text: str, encoding: str) -> None:
    """One to three rows are enough for the encodings that Excel writes around the world."""
    assert _decoded(text.encode(encoding)) == text


@given(
    st.lists(
        st.sampled_from(
            "的一是不了在有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后"
        ),
        min_size=12,
    )
)
def test_everyday_chinese_in_gb18030_is_always_recognised(characters: list[str]) -> None:
    """Twelve common characters in any order are never taken for another encoding."""
    text = "".join(characters)
    assert _decoded(text.encode("gb18030")) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")))
def test_utf8_always_wins(text: str) -> None:
    """Whatever is strict UTF-8 is read as UTF-8."""
    assert _decoded(text.encode()) == text


def test_rows_in_gbk_within_utf8_are_named() -> None:
    """The first row in another encoding is named as a spreadsheet counts, line breaks in quotes aside."""
    raw = 'text,label\n"第一行\n第二行",好评\n质量很好,好评\n'.encode() + "质量太差,差评\n".encode("gbk")
    with pytest.raises(DataError, match=r"a\.csv, row 4: .* in UTF-8, this one is not"):
        _decoded(raw)


def test_rows_in_utf8_within_gbk_are_named() -> None:
    """A row pasted in UTF-8 into a GB18030 file would be read as nonsense; it is named instead."""
    raw = CHINESE.encode("gbk") + "非常满意的一次购物,好评\n".encode()
    with pytest.raises(DataError, match=r"a\.csv, row 4: .* not in UTF-8, this one is"):
        _decoded(raw)


def test_lone_accents_in_another_encoding_are_named() -> None:
    """Mixed Western encodings are found as well."""
    raw = "text,label\ntrès bien,pos\ndéçu,neg\n".encode() + "café,pos\n".encode("cp1252")
    with pytest.raises(DataError, match="row 4"):
        _decoded(raw)


def test_a_damaged_byte_in_gb18030_is_named() -> None:
    """A byte that GB18030 does not know names its row instead of being replaced."""
    with pytest.raises(DataError, match=r"a\.csv, row 3: The file is in gb18030"):
        _decoded(CHINESE.encode("gbk")[:-8] + b"\xff\xff,x\n")


def test_nul_characters_are_refused_with_their_row() -> None:
    """NUL bytes in an otherwise whole file are damage, not UTF-16."""
    with pytest.raises(DataError, match=r"b\.jsonl, row 2: .* first of 2"):
        decode(b'{"text": "good"}\n{"text": "b\0a\0d"}\n', "b.jsonl", quoted=False)


def test_noise_is_no_text() -> None:
    """Bytes in no encoding at all raise an error, not an exception of the library."""
    with pytest.raises(DataError):
        _decoded(bytes(range(256)) * 40)
