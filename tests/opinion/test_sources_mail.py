"""Mail as it comes: what its sender wrote, by Message-ID, whatever else is in it."""

import mailbox
import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argosy.core.errors import MachineError
from argosy.core.opinion import Batch
from argosy.opinion.sources.mail import MailSource, written

NOW = 1_795_000_000_000_000


def mail(text: str = "Broke after a day.", *, key: str = "1", subject: str = "投诉") -> EmailMessage:
    """A message."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "张三 <zhang@example.com>", "us@example.com", subject
    message["Date"], message["Message-ID"] = "Thu, 01 Oct 2026 10:00:00 +0800", f"<{key}@example.com>"
    message.set_content(text)
    return message


def source(path: Path) -> MailSource:
    """A source of it."""
    return MailSource("mail", path, clock=lambda: NOW)


def one(path: Path, raw: bytes) -> Batch:
    """What becomes of one file."""
    (path / "a.eml").write_bytes(raw)
    return source(path).poll({}, 10)


def test_a_message_becomes_a_post(tmp_path: Path) -> None:
    """Title, author, id and time; one that was passed on is marked."""
    (post,) = one(tmp_path, mail("物流很快。").as_bytes()).posts
    assert (post.text, post.title, post.author, post.key) == (
        "物流很快。",
        "投诉",
        "zhang@example.com",
        "<1@example.com>",
    )
    assert (post.at, post.received, post.again) == (1_790_820_000_000_000, NOW, False)
    assert one(tmp_path, mail(subject="Fwd: see").as_bytes()).posts[0].again


def test_the_plain_text_is_preferred_and_attachments_are_not_read(tmp_path: Path) -> None:
    """One text of several."""
    message = mail("plain")
    message.add_alternative("<p>page</p>", subtype="html")
    message.add_attachment(b"secret text", maintype="text", subtype="plain", filename="a.txt")
    assert [post.text for post in one(tmp_path, message.as_bytes()).posts] == ["plain"]


def test_a_page_is_read_as_text(tmp_path: Path) -> None:
    """What a browser shows, without what is quoted."""
    pytest.importorskip("lxml")
    message = mail()
    quote = "<div class='gmail_quote'>On Monday:<blockquote>old</blockquote></div>"
    page = f"<style>p{{}}</style><p>Broke &amp; late.</p>{quote}"
    message.set_content(page, subtype="html")
    assert [post.text for post in one(tmp_path, message.as_bytes()).posts] == ["Broke & late."]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Mine.\n\nOn Mon, 1 Oct 2026 at 10:00, A <a@b.c>\nwrote:\n> old\n> older\n", "Mine."),
        ("我的。\n\n在 2026年10月1日，张三 <a@b.c> 写道：\n\n> 旧的\n", "我的。"),
        ("On Monday Ann wrote:\n> a question\n\nMy answer.\n", "My answer."),
        ("> a\nYes.\n> b\nNo.\n", "Yes.\nNo."),
        ("Mine.\n-- \nAnn\nHead of things", "Mine."),
        ("Mine.\n\nSent from my iPhone", "Mine."),
        ("我的。\n发自我的iPhone", "我的。"),
        ("Mine.\n-----Original Message-----\nFrom: a\nold", "Mine."),
        ("我的。\n------------------ 原始邮件 ------------------\n发件人: a\n旧", "我的。"),
        ("Mine.\n\nFrom: Ann\nSent: Monday\nTo: us\nSubject: x\n\nold", "Mine."),
        ("> only quoted", "> only quoted"),
        ("From: my point of view it is bad.", "From: my point of view it is bad."),
        ("a -- b\n-- not a signature", "a -- b\n-- not a signature"),
    ],
)
def test_quotes_and_signatures_are_cut(text: str, left: str) -> None:
    """As mail programs write them in both languages."""
    assert written(text) == left


@settings(deadline=None)
@given(st.text(st.sampled_from("ab>\n -On wrote:写道：From:")))
def test_cutting_never_loses_all(text: str) -> None:
    """What has a text keeps one."""
    assert bool(written(text)) == bool(text.strip())


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; charset=gb2312",
        "Content-Type: text/plain; charset=no-such",
        "Content-Type: text/plain; charset=us-ascii",
        "Content-Type: text/plain",
        "Content-Type: nonsense",
    ],
)
def test_charsets_that_lie(tmp_path: Path, head: str) -> None:
    """GB18030 is read, whatever is said of it."""
    raw = f"Message-ID: <1>\r\n{head}\r\n\r\n".encode() + "物流很快，包装也好".encode("gb18030")
    assert [post.text for post in one(tmp_path, raw).posts] == ["物流很快，包装也好"]


def test_without_an_id_text_and_date_tell_it(tmp_path: Path) -> None:
    """The same message is the same post."""
    raw = b"Date: Thu, 01 Oct 2099 10:00:00 +0800\n\nhello"
    (post,) = one(tmp_path, raw).posts
    assert post.at == NOW
    assert post.id == one(tmp_path, raw).posts[0].id != one(tmp_path, raw + b"!").posts[0].id


def test_large_and_empty_messages_are_refused(tmp_path: Path) -> None:
    """Twenty megabytes are not read."""
    assert [told.reason for told in one(tmp_path, mail().as_bytes() + b"x" * (20 << 20)).refused] == ["too_large"]
    assert [told.reason for told in one(tmp_path, b"Subject: none\n\n").refused] == ["no_text"]
    assert [told.reason for told in one(tmp_path, b"").refused] == ["no_text"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.text(st.sampled_from('multipart/;=" \r\n<>@:,mixed-boundary?Qgb'), max_size=60))
def test_no_message_does_harm(tmp_path_factory: pytest.TempPathFactory, raw: bytes, head: str) -> None:
    """Any bytes are a post or are refused."""
    told = f"From: {head}\nSubject: {head}\nContent-Type: {head}\nDate: {head}\nMessage-ID: {head}\n\n".encode() + raw
    batch = one(tmp_path_factory.mktemp("mail"), told)
    assert len(batch.posts) + len(batch.refused) == 1
    assert all(post.id for post in batch.posts)


def test_a_maildir_is_read_once_while_its_reader_moves_mail(tmp_path: Path) -> None:
    """A new name in another folder is the same message."""
    box = mailbox.Maildir(tmp_path / "box")
    for number in range(3):
        box.add(mailbox.MaildirMessage(mail(key=str(number))))
    hears = source(tmp_path / "box")

    first = hears.poll({}, 2)
    assert (len(first.posts), first.more) == (2, True)
    assert hears.poll({}, 2) == first  # nobody kept it
    hears.kept(first)
    for path in (tmp_path / "box" / "new").iterdir():
        path.rename(tmp_path / "box" / "cur" / f"{path.name}:2,S")
    second = hears.poll({}, 2)
    hears.kept(second)

    assert len({post.key for post in (*first.posts, *second.posts)}) == 3
    assert not hears.poll({}, 2).posts


def test_files_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    """By their folder."""
    for number in range(2):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a.eml").write_bytes(mail(key=str(number)).as_bytes())
    hears = source(tmp_path)
    first = hears.poll({}, 1)
    hears.kept(first)
    assert len({post.key for post in (*first.posts, *hears.poll({}, 1).posts)}) == 2


def test_an_mbox_grows_and_is_rewritten(tmp_path: Path) -> None:
    """The last message waits until nobody writes; after a removal nothing is lost."""
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    for number in range(3):
        box.add(mail(f"text {number}\n\nFrom here on it broke.", key=str(number)))
    box.close()
    os.utime(path, ns=(0, (NOW - 1_000_000) * 1000))  # a second ago: the last one may not be whole
    hears = source(path)

    first = hears.poll({}, 10)
    assert [post.text for post in first.posts] == [f"text {n}\n\nFrom here on it broke." for n in range(2)]
    os.utime(path, ns=(0, 0))
    second = hears.poll(first.offsets, 10)
    assert [post.key for post in second.posts] == ["<2@example.com>"]
    assert not hears.poll(second.offsets, 10).posts

    box = mailbox.mbox(path)
    box.remove(0)
    box.add(mail(key="new"))
    box.close()
    os.utime(path, ns=(0, 10**9))
    assert [post.key for post in hears.poll(second.offsets, 10).posts][-1] == "<new@example.com>"


def test_an_mbox_in_small_batches(tmp_path: Path) -> None:
    """One by one, each once."""
    path = tmp_path / "box"
    box = mailbox.mbox(path)
    for number in range(3):
        box.add(mail(key=str(number)))
    box.close()
    os.utime(path, ns=(0, 0))
    hears, offsets, keys, more = source(path), dict[str, str](), list[str](), True
    while more:
        batch = hears.poll(offsets, 1)
        offsets |= batch.offsets
        keys += [post.key for post in batch.posts]
        more = batch.more
    assert keys == ["<0@example.com>", "<1@example.com>", "<2@example.com>"]


def test_mail_that_is_not_there(tmp_path: Path) -> None:
    """It is told, and looked for again."""
    with pytest.raises(MachineError, match="cannot be read"):
        source(tmp_path / "away").poll({}, 10)
