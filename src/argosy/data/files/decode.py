"""From a file's bytes to its text: byte order mark, strict UTF-8, GB18030 for Chinese, then charset-normalizer.

Statistics cannot tell the encodings of a few short Chinese rows apart, so Chinese is recognised here, by the share
of everyday characters; the library judges what is left. A file in two encodings is refused: half of it would be lost.
"""

import codecs
import re
import unicodedata
from contextlib import suppress
from pathlib import Path

from charset_normalizer import from_bytes

from argosy.core.errors import DataError

_BYTE_ORDER_MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = ["cp1252", "cp1250", "cp1251", "koi8_r", "big5", "big5hkscs", "cp932", "euc_jp", "cp949", "mac_roman"]
_BLOCK = 2**20  # bytes decoded at a time
_JUDGED = 2**27  # bytes by which the encoding of a file is judged
_SAMPLE = 64 * 1024  # bytes of lines that are not ASCII, enough to judge by
# Lead bytes of GB 2312: punctuation and wide forms, level 1 (by pinyin, nearly all running text), its later half.
_MARKS, _FIRST, _LATER, _LAST = 0xA3, 0xB0, 0xC9, 0xD7
_WESTERN = frozenset("àâäáãåçéèêëíìîïñóòôöõøúùûüÿœæßÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜŒÆ‘’“”–—…•€£§°©®™«»¡¿´·\u00a0")
_RUN = re.compile(rb"[\x80-\xff]+")
_FEW = 20  # characters too few to tell Chinese from Korean by
_PRIVATE = re.compile("[\ue000-\uf8ff]")  # characters of no script, which GB18030 makes of other encodings
_SAVE_AS_UTF8 = "Open the file in the program it came from and save it again as UTF-8."


def decode(raw: bytes, where: str, *, quoted: bool) -> str:
    """The text of a file without its byte order mark; raises DataError that names the first bad row.

    ``quoted`` says that double quotes may enclose line breaks, which then belong to one row.
    """
    encoding = encoding_of(raw, where, quoted=quoted)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            "The file is in {encoding}, but byte {position} is not.",
            where=f"{where}, row {_row_of(raw[: error.start], quoted=quoted)}",
            mend=_SAVE_AS_UTF8,
            encoding=encoding,
            position=error.start,
        ) from error
    if "\0" in text:
        raise DataError(
            "The file was damaged, or is not a text file: it holds NUL characters (here the first of {count}).",
            where=f"{where}, row {_row_of(text[: text.index(chr(0))].encode(), quoted=quoted)}",
            mend=_SAVE_AS_UTF8,
            count=text.count("\0"),
        )
    if encoding == "gb18030":
        _refuse_big5(raw, text, where, quoted=quoted)
    return text


def encoding_of(raw: bytes, where: str, *, quoted: bool) -> str:
    """The name of the encoding; raises DataError for a mixture of two and for what nobody knows."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            return encoding
    proper = is_utf8(raw)
    if b"\0" in raw and (wide := _wide(raw, proper=proper)):
        return wide
    if proper:
        return "utf-8"
    lines = raw.split(b"\n")
    strange = [number for number, line in enumerate(lines) if not line.isascii()]
    _refuse_mixed(lines, strange, where, quoted=quoted)
    sample = b"\n".join(lines[number] for number in strange[:2000])[:_SAMPLE]
    if _reads_as_chinese(sample):
        return "gb18030"
    if western := _western(sample):
        return western
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    if best is None:
        raise DataError("The encoding of the file is not recognised.", where=where, mend=_SAVE_AS_UTF8)
    return best.encoding


def encoding_of_file(path: Path, where: str, *, quoted: bool) -> str:
    """The encoding in which the whole file reads, block by block; raises what ``decode`` raises.

    Without a byte order mark, another encoding than UTF-8 is judged by the first part of the file, unless lines in
    UTF-8 come later: then, and where a byte is wrong, the whole file is looked at in memory.
    """
    with path.open("rb") as file:
        head = file.read(4)
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS if head.startswith(mark)]
    encoding = marked[0] if marked else "utf-8"
    if _reads(path, encoding):
        return encoding
    with path.open("rb") as file:
        encoding = encoding_of(file.read(_JUDGED), where, quoted=quoted)
        mixed = any(
            not line.isascii() and is_utf8(line) and _is_everyday_chinese(line.decode(), least=2) for line in file
        )
    if mixed or not _reads(path, encoding):
        raw = path.read_bytes()
        encoding = encoding_of(raw, where, quoted=quoted)
        decode(raw, where, quoted=quoted)  # names the row
    return encoding


def _reads(path: Path, encoding: str) -> bool:
    """Whether every byte belongs to the encoding, no character is NUL, and none of GB18030 is of no script."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                text = decoder.decode(block)
                if "\0" in text or (encoding == "gb18030" and _PRIVATE.search(text)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def is_utf8(raw: bytes) -> bool:
    """Whether these bytes are strict UTF-8."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _wide(raw: bytes, *, proper: bool) -> str:
    """UTF-16 without its mark, or nothing: a stray NUL in another encoding must not pass for it."""
    if len(raw) % 2 or (proper and raw.count(0) * 10 < len(raw)):
        return ""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        head = text[:10_000]
        if "\n" in text and "\0" not in text and all(unicodedata.category(c) not in ("Cn", "Co") for c in head):
            return encoding
    return ""


def _refuse_mixed(lines: list[bytes], strange: list[int], where: str, *, quoted: bool) -> None:
    """Raise DataError when some lines beyond ASCII are surely UTF-8 in a file that is not."""
    texts = {number: lines[number].decode() for number in strange if is_utf8(lines[number])}
    # By chance a line of another encoding is UTF-8 too, but then neither everyday Chinese nor one of many Latin ones.
    latin = sum(all(c < "\u0250" for c in text) for text in texts.values())
    if not any(_is_everyday_chinese(text, least=2) for text in texts.values()) and latin * 5 < len(strange):
        return
    others = [number for number in strange if number not in texts]
    mend = "Open the file in an editor, type these rows anew and save the whole file as UTF-8."
    bad = others if len(texts) >= len(others) else list(texts)
    before = b"\n".join([*lines[: bad[0]], b""])
    place = f"{where}, row {_row_of(before, quoted=quoted)}"
    if bad is others:
        raise DataError(
            "The file mixes two encodings: most rows are in UTF-8, this one is not (rows that are not: {count}).",
            where=place,
            mend=mend,
            count=len(bad),
        )
    raise DataError(
        "The file mixes two encodings: most rows are not in UTF-8, this one is (rows that are: {count}).",
        where=place,
        mend=mend,
        count=len(bad),
    )


def _refuse_big5(raw: bytes, text: str, where: str, *, quoted: bool) -> None:
    """Raise DataError for a line that is no text in GB18030 but everyday Chinese in Big5, and names it."""
    if not _PRIVATE.search(text):
        return
    for number, line in enumerate(lines := raw.split(b"\n")):
        if not _PRIVATE.search(line.decode("gb18030")):
            continue
        with suppress(UnicodeDecodeError):
            found = [c for c in line.decode("big5") if not c.isascii()]
            if sum("\u3000" <= c <= "\u9fff" or c >= "\uff00" for c in found) == len(found):
                before = b"\n".join([*lines[:number], b""])
                raise DataError(
                    "The file mixes two encodings: most rows are in GB18030, this one is in Big5.",
                    where=f"{where}, row {_row_of(before, quoted=quoted)}",
                    mend="Save the files in UTF-8 one by one before they are joined.",
                )


def _western(sample: bytes) -> str:
    """The encoding of Windows or of the old Mac if it gives lone accents and curly quotes and nothing else, or none.

    The library needs more than the few such characters of an English file to tell these encodings apart.
    """
    runs = _RUN.findall(sample)
    if sum(len(run) > 2 for run in runs) * 10 > len(runs):  # noqa: PLR2004 - "é’" but no word
        return ""
    for encoding in ("cp1252", "mac_roman"):
        characters = {c for c in sample.decode(encoding, "replace") if not c.isascii()}
        if characters <= _WESTERN:
            return encoding
    return ""


def _reads_as_chinese(sample: bytes) -> bool:
    """Whether GB18030 turns the sample into everyday Chinese, or into English with Chinese punctuation.

    Korean in EUC-KR has its syllables on the lead bytes of level 1 before C9; Chinese needs those after it as well.
    """
    text = sample.decode("gb18030", "replace")
    common = [lead for lead in _leads(text) if _FIRST <= lead <= _LAST]
    both_halves = sum(lead >= _LATER for lead in common) >= 0.1 * len(common)
    return _is_everyday_chinese(text, least=0) and (both_halves or len(common) < _FEW)


def _is_everyday_chinese(text: str, *, least: int) -> bool:
    """Whether most characters beyond ASCII are frequent ones or punctuation, at least so many of them frequent."""
    leads = _leads(text)
    common = sum(_FIRST <= lead <= _LAST for lead in leads)
    known = common + sum(lead <= _MARKS for lead in leads)
    return common >= least and known >= 0.6 * sum("\x7f" < c <= "\uffff" for c in text)  # emoji do not count


def _leads(text: str) -> list[int]:
    """The lead byte in GB 2312 of every character beyond ASCII that is in it."""
    return [code[0] for c in text if len(code := c.encode("gb2312", "ignore")) > 1]


def _row_of(before: bytes, *, quoted: bool) -> int:
    """The row (the first is 1) that these bytes lead to, in an encoding that keeps quotes and line ends as they are."""
    parts = before.split(b'"')[::2] if quoted else [before]
    return sum(part.count(b"\n") for part in parts) + 1
