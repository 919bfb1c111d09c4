"""Files that grow, turn, vanish and break: each whole row once, and nothing lost."""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import MachineError
from argosy.core.opinion import Batch, Post
from argosy.opinion.sources.fields import Fields
from argosy.opinion.sources.folder import FolderSource

NOW = 1_795_000_000_000_000
HOUR = 3_600


class Reader:
    """Reads a folder as the monitor does: what is given is kept, and offsets are put on top of those before."""

    def __init__(self, path: Path | str, *, most: int = 100, **told: Any) -> None:
        self.source = FolderSource("files", path, clock=lambda: NOW, **told)
        self.offsets: dict[str, str] = {}
        self.most = most

    def poll(self) -> Batch:
        """One batch, kept."""
        batch = self.source.poll(self.offsets, self.most)
        assert len(batch.posts) + len(batch.refused) <= self.most + 1
        self.offsets |= batch.offsets
        self.source.kept(batch)
        return batch

    def all(self) -> list[Post]:
        """All posts that wait."""
        found: list[Post] = []
        more = True
        while more:
            batch = self.poll()
            found += batch.posts
            more = batch.more
        return found

    def texts(self) -> list[str]:
        """What they say."""
        return [post.text for post in self.all()]

    def reasons(self) -> list[str]:
        """Why rows are refused."""
        return [one.reason for one in self.poll().refused]


def rows(*texts: str) -> bytes:
    """Lines of JSONL."""
    return b"".join(json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts)


def write(path: Path, raw: bytes, *, age: int = HOUR) -> Path:
    """A file that was written so many seconds ago."""
    path.write_bytes(raw)
    return aged(path, age)


def append(path: Path, raw: bytes, *, age: int = HOUR - 1) -> None:
    """Write on."""
    with path.open("ab") as file:
        file.write(raw)
    aged(path, age)


def aged(path: Path, age: int) -> Path:
    """Let it look as if it was written so many seconds ago."""
    os.utime(path, ns=(0, NOW * 1000 - age * 10**9))
    return path


def test_fields_and_times(tmp_path: Path) -> None:
    """The project names the fields; a row without a time was published when it was heard."""
    told = {"body": "物流很快", "guid": 7, "when": "2026年10月1日 10:00", "who": "张三", "head": "t", "url": "u"}
    write(tmp_path / "a.jsonl", json.dumps(told).encode() + b"\n" + json.dumps({"body": "b"}).encode() + b"\n")
    fields = Fields(text="body", title="head", key="guid", time="when", author="who")

    first, second = Reader(tmp_path, fields=fields).all()

    assert (first.text, first.key, first.author, first.title, first.url) == ("物流很快", "7", "张三", "t", "u")
    assert first.at == 1_790_848_800_000_000
    assert (second.at, second.received) == (NOW, NOW)


def test_what_is_appended_is_read_once(tmp_path: Path) -> None:
    """A look without news is empty."""
    path = write(tmp_path / "a.jsonl", rows("a", "b"))
    reads = Reader(tmp_path)

    assert reads.texts() == ["a", "b"]
    assert reads.texts() == []
    append(path, rows("c"))
    assert reads.texts() == ["c"]


def test_a_half_written_row_waits(tmp_path: Path) -> None:
    """It comes whole with the next look."""
    line = rows("broke after a day")
    path = write(tmp_path / "a.jsonl", rows("a") + line[:9], age=1)
    reads = Reader(tmp_path)

    assert reads.texts() == ["a"]
    append(path, line[9:], age=0)
    assert reads.texts() == ["broke after a day"]


def test_a_last_row_without_an_end_is_a_row_when_it_is_whole(tmp_path: Path) -> None:
    """An object is whole at once, a table's row when nobody writes any more."""
    write(tmp_path / "a.jsonl", b'{"text": "a"}', age=1)
    write(tmp_path / "b.csv", b"text\nb")
    write(tmp_path / "c.csv", b"text\nc", age=1)
    write(tmp_path / "d.jsonl", b'{"text": "d')
    reads = Reader(tmp_path)

    batch = reads.poll()
    assert [post.text for post in batch.posts] == ["a", "b"]
    assert [one.reason for one in batch.refused] == ["not_json"]
    append(tmp_path / "a.jsonl", b"\n" + rows("e"))
    assert reads.texts() == ["e"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.strip), max_size=12, unique=True
    ),
    st.lists(st.integers(1, 60), max_size=12),
    st.integers(1, 5),
)
def test_any_way_of_writing_gives_each_row_once(
    tmp_path_factory: pytest.TempPathFactory, texts: Sequence[str], sizes: Sequence[int], most: int
) -> None:
    """However the bytes arrive, and however few are taken at once."""
    path = tmp_path_factory.mktemp("tail") / "a.jsonl"
    raw = rows(*texts)
    path.write_bytes(b"")
    reads, found = Reader(path.parent, most=most), list[str]()
    for size in [*sizes, len(raw)]:
        append(path, raw[:size], age=-len(found))
        raw = raw[size:]
        found += reads.texts()

    assert found == [text.replace("\0", "") for text in texts if text.replace("\0", "").strip()]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(st.sampled_from('ab",\n新 '), max_size=9).map(lambda text: "x" + text), max_size=9),
    st.lists(st.integers(1, 40), max_size=9),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_way_of_writing_a_table_gives_each_row_once(
    tmp_path_factory: pytest.TempPathFactory, texts: Sequence[str], sizes: Sequence[int], encoding: str
) -> None:
    """Line breaks, quotes and commas inside cells too, in wide characters too."""
    path = tmp_path_factory.mktemp("table") / "a.csv"
    cells = [text.replace('"', '""') for text in texts]
    raw = ("id,text\r\n" + "".join(f'{at},"{cell}"\r\n' for at, cell in enumerate(cells))).encode(encoding)
    path.write_bytes(b"")
    reads, found = Reader(path.parent), list[str]()
    for size in [*sizes, len(raw)]:
        append(path, raw[:size], age=1)
        raw = raw[size:]
        found += reads.texts()

    assert found == list(texts)


@pytest.mark.parametrize("matches", ["*.jsonl", "*.jsonl*"])
def test_a_rotated_file_is_read_to_its_end(tmp_path: Path, matches: str) -> None:
    """Twice in a row, whether its new name matches or not, before what took its place."""
    path = write(tmp_path / "a.jsonl", rows("a", "b"))
    reads = Reader(tmp_path / matches, most=2)
    assert reads.texts() == ["a", "b"]
    append(path, rows("c", "d", "e"))
    path.rename(tmp_path / "a.jsonl.1")
    write(path, rows("f", "g"))

    assert sorted(reads.texts()) == ["c", "d", "e", "f", "g"]
    assert reads.texts() == []

    (tmp_path / "a.jsonl.1").rename(tmp_path / "a.jsonl.2")
    path.rename(tmp_path / "a.jsonl.1")
    write(path, rows("h"))
    assert reads.texts() == ["h"]


def test_a_rotated_file_may_be_compressed(tmp_path: Path) -> None:
    """It goes on where the plain one was read."""
    path = write(tmp_path / "a.jsonl", rows("a"))
    reads = Reader(tmp_path)
    assert reads.texts() == ["a"]
    write(tmp_path / "a.jsonl.1.gz", gzip.compress(rows("a", "b")))
    write(path, rows("c"), age=5)

    assert sorted(reads.texts()) == ["b", "c"]


def test_a_file_that_was_copied_and_emptied(tmp_path: Path) -> None:
    """The copy is read to its end, the file from its beginning."""
    path = write(tmp_path / "a.jsonl", rows("a", "b"))
    reads = Reader(tmp_path)
    assert reads.texts() == ["a", "b"]
    write(tmp_path / "a.jsonl.1", path.read_bytes() + rows("late"))
    write(path, rows("new one that is longer than all that was there"), age=5)

    assert sorted(reads.texts()) == ["late", "new one that is longer than all that was there"]


def test_renamed_replaced_and_removed(tmp_path: Path) -> None:
    """A new name is no news; other rows under an old name are."""
    first, second = write(tmp_path / "a.jsonl", rows("a")), write(tmp_path / "b.jsonl", rows("b"))
    reads = Reader(tmp_path)
    assert reads.texts() == ["a", "b"]
    first.rename(tmp_path / "a-old.jsonl")
    second.unlink()
    assert reads.texts() == []
    write(second, rows("c"), age=5)
    assert reads.texts() == ["c"]


def test_a_row_that_is_read_again_is_the_same_post(tmp_path: Path) -> None:
    """By its id, else by its text and time."""
    write(tmp_path / "a.jsonl", rows("a") + b'{"text": "a", "time": "2026-10-01"}\n{"text": "a", "id": 4}\n')
    first, again = Reader(tmp_path).all(), Reader(tmp_path).all()
    assert [post.id for post in first] == [post.id for post in again]
    assert len({post.id for post in first}) == 3


def test_many_files_take_turns(tmp_path: Path) -> None:
    """None waits for another one to end."""
    for name in "abc":
        write(tmp_path / f"{name}.jsonl", rows(*(f"{name}{n}" for n in range(5))))
    reads = Reader(tmp_path, most=2)

    seen = {post.text[0] for _ in range(6) for post in reads.poll().posts}
    assert seen == {"a", "b", "c"}
    reads.all()
    assert reads.texts() == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv.gz", "a.txt"])
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    """The usual ones, in every kind of file, with a mark or without."""
    texts = (
        ["Le café était très bon", "déjà vu"]
        if encoding == "cp1252"
        else ["物流很快，包装也好", "用了一天就坏了，客服不理人"]
    )
    forms = {
        ".jsonl": "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts),
        ".csv": "text,n\n" + "".join(f'"{text}",1\n' for text in texts),
        ".tsv": "n\ttext\n" + "".join(f"1\t{text}\n" for text in texts),
        ".txt": "\n".join(texts),
    }
    raw = forms[Path(name.removesuffix(".gz")).suffix].encode(encoding)
    write(tmp_path / name, gzip.compress(raw) if name.endswith(".gz") else raw)

    assert Reader(tmp_path).texts() == (["\n".join(texts)] if name == "a.txt" else texts)


def test_what_is_no_post_is_refused(tmp_path: Path) -> None:
    """With the reason and the place; the rows around it are read."""
    lines = [
        rows("物流很快，包装也好").strip(),
        b'{"text": "\xff\xfe broken \xe7\x89"}',
        b"not json",
        b"[1, 2]",
        b'{"id": 1}',
        b'{"text": 5}',
        b'{"text": "a", "time": "soon"}',
        b"",
        b'{"text": "a\\u0000b\\ud800", "id": "\\ud800"}',
        b"[" * 99_999,
    ]
    write(tmp_path / "a.jsonl", b"\n".join(lines) + b"\n")
    batch = Reader(tmp_path).poll()

    assert [one.reason for one in batch.refused] == [
        "not_text", "not_json", "not_json", "no_text", "not_text", "no_time", "not_json",
    ]  # fmt: skip
    assert [post.text for post in batch.posts] == ["物流很快，包装也好", "ab?"]
    assert batch.refused[1].where == f"a.jsonl, byte {len(lines[0]) + len(lines[1]) + 2}"
    assert all(post.id for post in batch.posts)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.csv", "a.tsv", "a.txt", "a.jsonl.gz", "a.csv.gz"]))
def test_no_file_does_harm(tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str) -> None:
    """Noise of any kind ends, and is not read twice."""
    folder = tmp_path_factory.mktemp("noise")
    write(folder / name, raw)
    reads = Reader(folder)
    reads.all()
    assert reads.poll() == Batch(posts=[], refused=[], offsets={}, token=[])


def test_a_row_without_end_costs_no_memory_and_hides_nothing(tmp_path: Path) -> None:
    """One that is too long is refused once."""
    write(tmp_path / "a.jsonl", rows("a") + b"x" * (40 << 20) + b"\n" + rows("b"))
    batch = Reader(tmp_path).poll()
    assert [post.text for post in batch.posts] == ["a", "b"]
    assert [(one.reason, one.where) for one in batch.refused] == [("too_large", f"a.jsonl, byte {len(rows('a'))}")]


def test_a_quote_that_nobody_closed_hides_little(tmp_path: Path) -> None:
    """A megabyte later the rows are rows again."""
    write(tmp_path / "a.csv", b'text\n"never closed\n' + b"abcdefgh\n" * 200_000 + b"last\n")
    assert Reader(tmp_path, most=1_000_000).texts()[-1] == "last"


def test_compressed_files_that_are_cut_or_broken(tmp_path: Path) -> None:
    """What can be unpacked is read; the rest comes with the whole file."""
    whole = gzip.compress(b"".join(rows(os.urandom(20).hex()) for _ in range(500)))
    path = write(tmp_path / "a.jsonl.gz", whole[: len(whole) // 2])
    write(tmp_path / "b.jsonl.gz", b"no gzip")
    reads = Reader(tmp_path, most=1000)

    first = reads.poll()
    assert 0 < len(first.posts) < 500
    assert [one.reason for one in first.refused if one.where.startswith("b")] == ["unreadable"]
    write(path, whole, age=5)
    assert len(first.posts) + len(reads.all()) in (499, 500)  # a settled half row is refused


def test_texts_by_the_file(tmp_path: Path) -> None:
    """A file is a text, known by what it says; what is being written waits."""
    path = write(tmp_path / "a.txt", "第一行\n第二行".encode())
    write(tmp_path / "young.txt", b"being written", age=0)
    write(tmp_path / "large.txt", b"x" * (5 << 20))
    write(tmp_path / ".hidden.txt", b"x")
    write(tmp_path / "b.pdf", b"x")
    reads = Reader(tmp_path)

    batch = reads.poll()
    (post,) = batch.posts
    assert (post.text, post.at) == ("第一行\n第二行", NOW - HOUR * 1_000_000)
    assert [(one.where, one.reason) for one in batch.refused] == [("large.txt", "too_large")]
    assert reads.texts() == []
    path.rename(tmp_path / "renamed.txt")
    assert {one.id for one in reads.all()} == {post.id}
    write(tmp_path / "renamed.txt", b"other")
    assert reads.texts() == ["other"]


def test_files_that_nobody_writes_are_read_to_their_end(tmp_path: Path) -> None:
    """What was put there a moment ago does not wait."""
    write(tmp_path / "a.csv", b"text\na", age=0)
    write(tmp_path / "b.txt", b"b", age=0)
    assert Reader(tmp_path).texts() == []
    assert Reader(tmp_path, whole=True).texts() == ["a", "b"]


def test_other_files_of_the_same_source_are_left_alone(tmp_path: Path) -> None:
    """Offsets of a folder do not lead a reader of one file into it."""
    path = write(tmp_path / "a.jsonl", rows("a"))
    reads = Reader(tmp_path)
    reads.all()
    append(path, rows("b"))
    other = write(tmp_path / "old.jsonl", rows("c"))
    alone = Reader(other)
    alone.offsets = reads.offsets
    assert alone.texts() == ["c"]
    assert reads.texts() == ["b"]


def test_what_is_not_kept_is_given_again(tmp_path: Path) -> None:
    """Nothing moves before it is kept."""
    write(tmp_path / "a.txt", b"a")
    write(tmp_path / "b.jsonl", rows("b"))
    source = FolderSource("files", tmp_path, clock=lambda: NOW)
    assert source.poll({}, 10) == source.poll({}, 10)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A folder must be there; a file may come later."""
    with pytest.raises(MachineError, match="no such folder"):
        Reader(tmp_path / "away").poll()
    assert Reader(tmp_path / "later.jsonl").texts() == []
    assert Reader(tmp_path / "*.jsonl").texts() == []
