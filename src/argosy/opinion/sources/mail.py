"""Mail: a maildir, a folder of ``.eml`` files or an mbox; what its sender wrote, without what is quoted and signed."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import cast

from argosy.core.errors import DataError, MachineError
from argosy.core.opinion import Batch, Post, Refused
from argosy.data.files.decode import encoding_of
from argosy.opinion.sources.clock import published
from argosy.opinion.sources.fields import MOST_CHARACTERS, key_of, now, sound
from argosy.opinion.sources.lines import ends_of_messages
from argosy.opinion.sources.markup import shown
from argosy.opinion.sources.tail import Place, Record, continues, mark, opened, records, stamp

_LARGEST = 10 << 20  # bytes of a message
_SETTLED = 60_000_000  # microseconds after which nobody goes on writing a last message
_MALFORMED = (ValueError, LookupError, AttributeError, TypeError, RecursionError)  # by the parser of the library
_CUT = re.compile(
    r"^(?:-- ?|_{10,}|-{2,} ?(?:Original Message|Forwarded message|原始邮件|转发邮件|转发的邮件) ?-{2,}.*|"
    r"(?:From|发件人) ?[:：].*\n(?:.*\n){0,3}(?:Sent|Date|To|发送时间|日期|收件人) ?[:：].*|"
    r"(?:Sent from my|Get Outlook for|发自我的|来自我的) ?\S.{0,40})$",
    re.MULTILINE,
)
_ASKED = re.compile(r"^(?:On\b.{0,200}(?:\n.{0,200})?\bwrote:|在?.{0,200}(?:\n.{0,100})?写道[:：])\s*$", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]?>.*(?:\n|\Z)", re.MULTILINE)
_QUOTE = re.compile(r"<blockquote\b|<div[^>]{0,200}\b(?:gmail_quote|yahoo_quoted|divRplyFwdMsg)\b", re.IGNORECASE)
_FORWARDED = re.compile(r"\s*(?:fwd?|wg|转发|轉寄)\s*[:：]", re.IGNORECASE)
_MAILDIR = ("new", "cur")
Found = Post | Refused


class MailSource:
    """The messages of a maildir, of the ``.eml`` files of a folder, or of an mbox, each known by its Message-ID.

    Of a folder nothing is noted: after a start all of it is read again, and the log knows what it has.
    """

    def __init__(self, name: str, path: str | Path, *, clock: Callable[[], int] = now) -> None:
        self._name, self._path, self._clock = name, Path(path), clock
        self._seen: set[str] = set()

    @property
    def name(self) -> str:
        """Its name in the project file."""
        return self._name

    def poll(self, offsets: Mapping[str, str], most: int) -> Batch:
        """The next messages."""
        found: list[Found] = []
        places: dict[str, str] = {}
        given: list[str] = []
        try:
            if self._path.is_dir():
                more = self._from_folder(found, given, most)
            else:
                more = self._from_mbox(offsets, places, found, most)
        except OSError as error:
            raise MachineError(
                "The mail cannot be read: {reason}.",
                where=str(self._path),
                mend="It is tried again; see that the path is right and may be read.",
                reason=error.strerror or type(error).__name__,
            ) from error
        return Batch(
            posts=[one for one in found if isinstance(one, Post)],
            refused=[one for one in found if isinstance(one, Refused)],
            offsets=places,
            more=more,
            token=given,
        )

    def kept(self, batch: Batch) -> None:
        """Do not look at its messages again."""
        self._seen.update(batch.token)

    def close(self) -> None:
        """No file is held open."""

    def _from_folder(self, found: list[Found], given: list[str], most: int) -> bool:
        """Add messages that each have a file of their own; whether others wait."""
        for path in _messages(self._path):
            if (known := _known(path)) in self._seen:
                continue
            if len(found) >= most:
                return True
            try:
                large = path.stat().st_size > _LARGEST
                found.append(self._refused(known, "too_large") if large else self._post(path.read_bytes(), known))
            except FileNotFoundError:
                continue  # it was read and moved meanwhile
            except PermissionError:
                found.append(self._refused(known, "unreadable"))
            given.append(known)
        return False

    def _from_mbox(self, offsets: Mapping[str, str], places: dict[str, str], found: list[Found], most: int) -> bool:
        """Add the next messages of an mbox, and its place; whether others wait."""
        part, before = str(self._path), stamp(self._path)
        place = Place.read(offsets.get(part, ""))
        if place.stamp == before:
            return False
        at = place.at if continues(self._path, place) else 0
        settled = self._clock() - self._path.stat().st_mtime_ns // 1000 > _SETTLED
        full = False
        with opened(self._path) as file:
            for record in records(file, at, ends_of_messages):
                if not record.whole and not settled:
                    break
                if full := len(found) >= most:
                    break
                found.append(self._of_mbox(record))
                at = record.end
            places[part] = str(Place(at=at, mark=mark(file, at), stamp=before if settled and not full else ""))
        return full

    def _of_mbox(self, record: Record) -> Found:
        where = f"{self._path.name}, byte {record.begin}"
        if record.raw is None or len(record.raw) > _LARGEST:
            return self._refused(where, "too_large")
        head, _, rest = record.raw.lstrip().partition(b"\n")
        raw = rest if head.startswith(b"From ") else record.raw
        return self._post(re.sub(rb"(?m)^>(>*From )", rb"\1", raw), where)

    def _post(self, raw: bytes, where: str) -> Found:
        try:
            message = email.message_from_bytes(raw, policy=email.policy.default)
            text = sound(_written(message)).strip()
        except _MALFORMED:
            return self._refused(where, "not_text")
        if not text or len(text) > MOST_CHARACTERS:
            return self._refused(where, "too_large" if text else "no_text")
        received, title, date = self._clock(), _header(message, "Subject"), _header(message, "Date")
        return Post(
            source=self._name,
            key=_header(message, "Message-ID") or key_of(text, date),
            text=text,
            at=published(_time(date), received),
            received=received,
            title=title,
            author=parseaddr(_header(message, "From"))[1],
            again=bool(_FORWARDED.match(title)),
        )

    def _refused(self, where: str, reason: str) -> Refused:
        return Refused(source=self._name, where=where, reason=reason)


def written(text: str) -> str:
    """What the sender of a message wrote: without quotes, what stands above them, and signatures.

    All of it where nothing else is left, as of a message that was passed on.
    """
    text = text.replace("\r\n", "\n")
    told = text[: found.start()] if (found := _CUT.search(text)) else text
    while asked := _ASKED.search(told):
        below = told[asked.end() :].lstrip("\n")
        told = told[: asked.start()] + (below if _QUOTED.match(below) else "")
    return _QUOTED.sub("", told).strip() or text.strip()


def _written(message: EmailMessage) -> str:
    """The text of a message; its page as text where it has no other one."""
    body = cast("EmailMessage | None", message.get_body(preferencelist=("plain", "html")))
    if body is None:
        return ""
    text = _content(body)
    if len(text) > MOST_CHARACTERS:
        return text
    if body.get_content_subtype() != "html":
        return written(text)
    own = text[: found.start()] if (found := _QUOTE.search(text)) else text
    return written(shown(own)) or written(shown(text))


def _content(body: EmailMessage) -> str:
    """The text of a part; in an encoding that it does not name rightly, as any text is decoded."""
    raw = cast("bytes | None", body.get_payload(decode=True)) or b""
    for encoding in (body.get_content_charset("utf-8"), "utf-8"):
        with suppress(LookupError, UnicodeDecodeError):
            return raw.decode("gb18030" if encoding in ("gb2312", "gbk") else encoding)
    try:
        return raw.decode(encoding_of(raw, "", quoted=False), "replace")
    except DataError:
        return raw.decode("utf-8", "replace")


def _header(message: EmailMessage, name: str) -> str:
    """A header as text; empty for none, and for one that the library cannot read."""
    with suppress(*_MALFORMED):
        return sound(" ".join(str(message[name] or "").split()))
    return ""


def _time(date: str) -> int | None:
    with suppress(ValueError, OverflowError):
        return round(parsedate_to_datetime(date).timestamp() * 1_000_000)
    return None


def _known(path: Path) -> str:
    """What a message's file is called as long as it is there; in a maildir its reader moves it and marks it."""
    return path.name.partition(":2,")[0] if path.parent.name in _MAILDIR else str(path)


def _messages(folder: Path) -> Iterator[Path]:
    """The files of the messages in a maildir (and the maildirs in it), and those named ``.eml``."""
    for path in sorted(folder.rglob("*")):
        if (path.suffix.lower() == ".eml" or path.parent.name in _MAILDIR) and path.is_file():
            yield path
